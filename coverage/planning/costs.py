"""Present value of what is built and run over the horizon of a plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy_financial as npf
from numpy.typing import ArrayLike, NDArray


def present_value(
    capex_idr: ArrayLike, opex_idr_per_year: ArrayLike, lifetime_years: ArrayLike, assumptions: Mapping[str, float]
) -> NDArray[np.float64]:
    """Present value of building, running and renewing, in Rp.

    Built at the start of year 1, paid for at the end of every year, renewed whenever its life
    ends within the horizon.

    Parameters
    ----------
    capex_idr, opex_idr_per_year, lifetime_years : array_like
        One per thing.
    assumptions : mapping
        ``funding.social_rate`` (1/year) and ``funding.horizon_years``.
    """
    capex, opex, life = (np.asarray(a, dtype=float) for a in (capex_idr, opex_idr_per_year, lifetime_years))
    rate, years = assumptions["funding.social_rate"], assumptions["funding.horizon_years"]
    value = capex + opex * -float(npf.pv(rate, years, 1.0))
    renewals = int(np.ceil(years / life.min())) if life.size else 0
    for k in range(1, renewals):
        value = value + np.where(k * life < years, capex / (1 + rate) ** (k * life), 0.0)
    return np.asarray(value, dtype=float)
