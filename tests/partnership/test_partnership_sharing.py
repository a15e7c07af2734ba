"""Sharing formulae of the published cost models, and the village network that was measured."""

from __future__ import annotations

import pandas as pd
import pytest
from partnership_world import A

from coverage.errors import InputError
from coverage.options.costs import Line, bill, bill_frame
from coverage.partnership import Offer, check_offer, sharing_costs

TOWER = bill_frame(
    bill(
        "t",
        [
            Line("cost.tower_metre", 32),
            Line("cost.tower_radio", 1),
            Line("cost.tower_maintenance", 1),
            Line("cost.tower_energy", 1),
            Line("cost.transit", 50),
        ],
        A,
    )
)
BACKHAUL = bill_frame(bill("l", [Line("cost.fibre_metre", 1000), Line("cost.fibre_upkeep", 1000)], A))


def amount(item: str, frame: pd.DataFrame = TOWER) -> float:
    return float(frame.loc[frame["item"] == item, "amount_idr"].sum())


def test_each_way_divides_what_it_shares():
    told = sharing_costs(TOWER, BACKHAUL, 3).set_index("sharing")
    mast, radio, fibre = amount("cost.tower_metre"), amount("cost.tower_radio"), amount("cost.fibre_metre", BACKHAUL)
    assert told.loc["alone", "operator_capex_idr"] == pytest.approx(mast + radio + fibre)
    assert told.loc["passive", "operator_capex_idr"] == pytest.approx((mast + fibre) / 3 + radio)
    assert told.loc["moran", "operator_capex_idr"] == pytest.approx((mast + fibre + radio) / 3)
    core = amount("cost.transit")
    moran, one = told.loc["moran"], told.loc["single_rural_network"]
    assert moran["operator_opex_idr_per_year"] - one["operator_opex_idr_per_year"] == pytest.approx(core * 2 / 3)
    assert told["total_capex_idr"].is_monotonic_decreasing
    assert "single_rural_network" not in set(sharing_costs(TOWER, BACKHAUL, 3, rural=False)["sharing"])


def test_one_operator_shares_with_nobody():
    told = sharing_costs(TOWER, BACKHAUL, 1)
    assert (told["operator_capex_idr"] == told["operator_capex_idr"].iloc[0]).all()
    with pytest.raises(InputError):
        sharing_costs(TOWER, BACKHAUL, 0)


def test_the_reported_village_network_pays_back():
    """RT/RW-Net (munir23): 50 customers, Rp 35 m to build, Rp 5.5 m a month of which 4 m is bandwidth."""
    offer = Offer(
        35e6,
        4e6,
        165_000,
        50,
        5,
        village_capex_share=1,
        village_opex_share=1,
        village_revenue_share=1,
        village_owns=True,
    )
    village = check_offer(offer, A).sides.loc["village"]
    assert village["npv_idr"] > 0
    assert 1 < village["payback_years"] < 5
