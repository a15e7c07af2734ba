"""Who may offer what, how operators share a tower, and what each then pays, earns and owns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from partnership_world import CODES, A, option_set, providers, villages

from coverage.language import using
from coverage.options import OptionSet
from coverage.options.costs import Line, bill, bill_frame
from coverage.partnership import (
    DUTY_LABELS,
    MODELS,
    PARTY_LABELS,
    by_party,
    cash_flow,
    deal,
    deals,
    licence,
    offered,
    refusals,
    responsibilities,
    sharing_costs,
)

TOWER = f"{CODES[0]}:light_tower:x"
LINES = (
    Line("cost.tower_metre", 32),
    Line("cost.tower_site_build", 1),
    Line("cost.tower_radio", 1),
    Line("cost.tower_maintenance", 1),
    Line("cost.tower_energy", 1),
    Line("cost.transit", 20),
)


def operators(*more: tuple[str, str, float]) -> pd.DataFrame:
    """The world's providers and further mobile operators (id, name, share)."""
    rows = [
        {**providers().iloc[0].to_dict(), "provider_id": i, "provider_name": n, "market_share": s} for i, n, s in more
    ]
    return pd.concat([providers(), pd.DataFrame(rows)], ignore_index=True)


TWO = operators(("mobile_b", "Operator B", 0.25), ("mobile_c", "Operator C", 0.1))


def with_bill() -> OptionSet:
    """The world with the bill of its towers; the option's cost is the sum of its lines."""
    made = option_set()
    towers = made.options["technology"] == "light_tower"
    rows = [row for option in made.options.loc[towers, "option_id"] for row in bill(option, LINES, A)]
    frame = bill_frame(rows)
    sums = frame.groupby(["item_of", "kind"])["amount_idr"].sum().reset_index()
    options = made.options.copy()
    options.loc[towers, "capacity_mbps"] = 200.0
    for kind, column in (("capex", "capex_idr"), ("opex", "opex_idr_per_year")):
        amount = sums[sums["kind"] == kind].set_index("item_of")["amount_idr"]
        options.loc[towers, column] = options.loc[towers, "option_id"].map(amount)
    return replace(made, options=options, bill=frame)


def table(assumptions=A, who=TWO, options=None) -> pd.DataFrame:
    return deals(options or with_bill(), villages(), None, who, assumptions)


def of(told: pd.DataFrame, model: str, option: str = TOWER) -> pd.DataFrame:
    return told[(told["option_id"] == option) & (told["business_model"] == model)]


def test_operators_who_share_pay_the_published_formula_together():
    allowed = A.override({"funding.single_rural_network": 1, "market.sharing_operators": 3})
    told = table(allowed)
    frame = with_bill().bill
    formula = sharing_costs(frame[frame["item_of"] == TOWER], frame.iloc[:0], 3).set_index("sharing")
    for model, sharing in (("passive_sharing", "passive"), ("moran", "moran"), ("single_rural_network",) * 2):
        (row,) = of(told, model).to_dict("records")
        made = deal(row["deal_id"], with_bill(), villages(), TWO, allowed).project.assets[0]
        assert made.capex_idr == pytest.approx(formula.loc[sharing, "total_capex_idr"])
        assert made.opex_idr_per_year == pytest.approx(formula.loc[sharing, "total_opex_idr_per_year"])
        assert row["provider_id"] == "mobile_a"  # the largest leads
        assert row["partners"] == "Operator B;Operator C"
    capital = [
        of(told, model)["access_cost_pv_idr"].iloc[0] for model in ("passive_sharing", "moran", "single_rural_network")
    ]
    assert capital == sorted(capital, reverse=True)


def test_sharing_brings_the_users_who_stay_with_an_absent_operator():
    alone, shared = (of(table(), model).iloc[0]["subscribers"] for model in ("public_subsidy", "moran"))
    most = alone / A["market.share_where_alone"]
    assert alone < shared < most
    everyone = table(A.override({"market.sharing_operators": 4}), operators(("mobile_b", "Operator B", 0.6)))
    assert of(everyone, "moran").iloc[0]["subscribers"] == pytest.approx(most)


def test_what_is_not_allowed_or_has_no_partner_is_not_offered():
    assert of(table(), "single_rural_network").empty
    assert of(table(A.override({"funding.moran_allowed": 0})), "moran").empty
    lonely = table(who=providers())
    assert not lonely["business_model"].isin(["passive_sharing", "moran"]).any()
    assert not of(lonely, "tower_company").empty  # one tenant is enough for a tower company


def test_a_tower_company_builds_for_operators_and_sells_nothing_itself():
    (row,) = of(table(), "tower_company").to_dict("records")
    assert row["provider_id"] == "tower_d"
    assert row["partners"] == "Operator A;Operator B"
    assert set(table().query("provider_id == 'tower_d'")["business_model"]) == {"tower_company"}
    duties = responsibilities("tower_company").set_index("duty")["party"]
    assert duties["own"] == duties["rent"] == "tower_company"
    assert duties["radios"] == duties["sell"] == "every_operator"
    nobody = table(who=TWO[TWO["kind"] != "mobile"])
    assert nobody[nobody["provider_id"] == "tower_d"].empty


@pytest.mark.parametrize("code", sorted(MODELS))
def test_every_model_says_who_builds_owns_sells_earns_and_fills_the_gap(code):
    told = responsibilities(code)
    assert {"build", "own", "maintain", "sell", "earn", "fill_gap"} <= set(told["duty"])
    assert not told["duty"].duplicated().any()
    assert set(told["party"]) <= set(PARTY_LABELS)
    assert set(told["duty"]) <= set(DUTY_LABELS)
    if MODELS[code].sharing:
        assert "radios" in set(told["duty"])


def test_a_share_of_the_sales_goes_to_the_village_and_parties_still_sum_to_the_project():
    cheap = with_bill()
    cheap.options.loc[cheap.options["technology"] == "ftth", ["capex_idr", "opex_idr_per_year"]] = [1e8, 1e7]
    told = table(options=cheap)
    fibre = f"{CODES[0]}:ftth:x"
    (row,), (alone,) = (of(told, model, fibre).to_dict("records") for model in ("revenue_share", "provider_alone"))
    assert row["npv_idr"] < alone["npv_idr"]
    assert row["enterprise_npv_idr"] > 0
    opened = deal(row["deal_id"], cheap, villages(), TWO, A)
    flow = cash_flow(opened.project, opened.terms)
    share = flow[(flow["item"] == "revenue_share") & (flow["party"] == "village_enterprise")]["amount_idr"].sum()
    sales = flow[(flow["item"] == "sales") & (flow["party"] == "provider")]["amount_idr"].sum()
    assert share == pytest.approx(A["market.village_share"] * sales / (1 + A["market.ppn"]))
    years = opened.project.finance.horizon_years
    outside = flow[~flow["transfer"]].groupby("year")["amount_idr"].sum()
    assert np.allclose(by_party(flow, years).sum(axis=1), outside.reindex(range(years + 1), fill_value=0.0))
    kelurahan = told[told["village_code"] == CODES[1]]
    assert not kelurahan["business_model"].isin(["revenue_share", "bumdes_resale"]).any()


def radio_set(**columns: object) -> OptionSet:
    """One new radio on a tower of Menara D, 100 m of whose running cost is rent."""
    made = with_bill()
    options = made.options[made.options["option_id"] == TOWER].assign(
        technology="new_radio", site_owner="Menara D", rent_idr_per_year=1e8, operators_there="", tenants="", **columns
    )
    return replace(made, options=options)


WHO = TWO.assign(
    technologies=[
        t + ";new_radio;repeater" if k == "mobile" else t for t, k in zip(TWO["technologies"], TWO["kind"], strict=True)
    ]
)


def cost(made: OptionSet, who: pd.DataFrame = WHO) -> pd.Series:
    return table(who=who, options=made).groupby("provider_id")["access_cost_pv_idr"].first()


def test_rent_is_paid_by_newcomers_in_part_by_tenants_and_not_by_the_owner():
    new = cost(radio_set())
    made = radio_set()
    made.options["tenants"] = "Operator B"
    made.options["site_owner"] = "Operator C"
    told = cost(made)
    assert told["mobile_a"] == pytest.approx(new["mobile_a"])
    assert told["mobile_c"] < told["mobile_b"] < told["mobile_a"]
    saved = (told["mobile_a"] - told["mobile_b"]) / (told["mobile_a"] - told["mobile_c"])
    assert saved == pytest.approx(1 - A["market.rent_share_tenant"])


def test_who_has_the_radio_already_adds_none_and_only_the_donor_repeats_its_signal():
    made = radio_set()
    made.options["operators_there"] = "Operator A;Operator C"
    assert set(cost(made).index) == {"mobile_b"}
    repeater = radio_set(only_operator="Operator C")
    repeater.options["technology"] = "repeater"
    assert set(cost(repeater).index) == {"mobile_c"}


def test_no_licence_no_deal_and_it_is_said():
    who = TWO.assign(technologies=TWO["technologies"].where(TWO["provider_id"] != "isp_b", "ftth;light_tower;balloon"))
    isp = who.set_index("provider_id").loc["isp_b"].to_dict()
    with using("en"):
        told = refusals(isp)
    assert len(told) == 2
    assert "no licence for light_tower" in told[0]
    assert "balloon" in told[1]
    made = table(who=who)
    assert not made[made["provider_id"] == "isp_b"]["option_id"].str.contains("light_tower").any()
    with using("id"):
        assert "61994" in licence("fixed_wireless", "bumdes")
        assert licence("ftth", "tower") == ""


def test_presence_and_list_prices_of_a_provider_count():
    isp = TWO["provider_id"] == "isp_b"
    elsewhere = TWO.assign(presence=["33.27.09" if one else None for one in isp])
    assert "isp_b" not in set(table(who=elsewhere)["provider_id"])
    here = TWO.assign(presence=["33.27.09; 33.27.01" if one else None for one in isp])
    assert "isp_b" in set(table(who=here)["provider_id"])
    listed = TWO.assign(price_home_idr_month=[175_000.0 if one else np.nan for one in isp])
    mine = table(who=listed).query("provider_id == 'isp_b'")
    fibre = mine["option_id"].str.contains("ftth")
    assert (mine.loc[fibre, "price_idr_month"] == 175_000).all()
    assert not (mine.loc[~fibre, "price_idr_month"] == 175_000).any()


def test_satellite_terms_that_forbid_resale_leave_a_share_but_no_resale():
    option = {"technology": "satellite_wifi"}
    village = {"kind": "desa", "district_code": "33.27.01"}
    provider = {
        "provider_name": "Satelit C", "kind": "satellite", "technologies": "satellite_wifi", "resale_allowed": False,
    }  # fmt: skip
    assert "bumdes_resale" not in offered(option, village, provider, A)
    assert "bumdes_resale" in offered(option, village, {**provider, "resale_allowed": True}, A)
    assert offered(option, {**village, "kind": "kelurahan"}, {**provider, "kind": "bumdes"}, A) == []
