"""What the access room returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Access:
    """What people can use.

    Attributes
    ----------
    operators : DataFrame
        ``OperatorAccess``: what the model says per settlement, operator and technology.
    settlements : DataFrame
        ``SettlementAccess``, in the order of the settlements.
    villages : DataFrame
        ``VillageAccess``, in the order of the villages.
    facilities : DataFrame
        ``FacilityAccess``, in the order of the facilities.
    place_covered : ndarray of bool, shape (places,)
        Whether anyone's usable 4G or 5G reaches the place, accepted evidence included.
    towers : DataFrame
        Per village the nearest site to the people left out (to everyone where nobody is):
        ``village_code, site_id, distance_m``.
    """

    operators: pd.DataFrame
    settlements: pd.DataFrame
    villages: pd.DataFrame
    facilities: pd.DataFrame
    place_covered: NDArray[np.bool_]
    towers: pd.DataFrame
