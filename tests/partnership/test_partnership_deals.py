"""Deals: who may offer what to whom, and whether their numbers hang together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from partnership_world import CODES, A, option_set, providers, villages

from coverage.errors import InputError
from coverage.partnership import best_deals, by_party, cash_flow, deal, deals, responsibilities, routes
from coverage.tables import Deals


def made(assumptions=A, who=None, options=None) -> pd.DataFrame:
    return deals(options or option_set(), villages(), None, providers() if who is None else who, assumptions)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return made()


def test_table_is_what_the_contract_says(table):
    Deals.validate(table)
    assert np.allclose(
        table["npv_idr"], table["income_pv_idr"] - table["access_cost_pv_idr"] - table["backhaul_cost_pv_idr"]
    )
    assert np.allclose(table["subsidy_idr"], np.maximum(0, -table["npv_idr"]))
    assert (table.loc[table["business_model"] == "provider_alone", "npv_idr"] >= -1).all()


def test_each_provider_only_offers_its_own_technology(table):
    offered = table.assign(technology=table["option_id"].str.split(":").str[1]).groupby("provider_id")["technology"]
    assert offered.agg(set).to_dict() == {
        "mobile_a": {"light_tower"},
        "isp_b": {"ftth", "satellite_wifi"},
        "sat_c": {"satellite_wifi"},
        "bumdes": {"satellite_wifi"},
    }


def test_satellite_terms_that_forbid_resale_cannot_be_resold(table):
    resale = table[table["business_model"] == "bumdes_resale"]
    assert set(resale["provider_id"]) == {"isp_b"}
    who = providers()
    who["resale_allowed"] = False
    assert not made(who=who)["business_model"].eq("bumdes_resale").any()


def test_a_kelurahan_has_no_village_enterprise(table):
    kelurahan = table[table["village_code"] == CODES[1]]
    assert len(kelurahan)
    assert not kelurahan["business_model"].eq("bumdes_resale").any()
    assert not kelurahan["provider_id"].eq("bumdes").any()


def test_the_universal_service_fund_only_where_the_law_allows(table):
    assert not table["business_model"].eq("uso_subsidised").any()
    allowed = made(A.override({"funding.uso_eligible": 1}))
    uso = allowed[allowed["business_model"] == "uso_subsidised"]
    assert len(uso)
    assert not uso["option_id"].str.contains("ftth").any()


def test_a_village_without_households_gets_no_deal(table):
    assert CODES[2] not in set(table["village_code"])


def test_subsidised_prices_are_what_the_village_can_bear(table):
    held = table[(table["business_model"] == "public_subsidy") & ~table["option_id"].str.contains("light_tower")]
    assert (held["price_idr_month"] <= held["affordable_idr_month"] + 1e-6).all()
    household = A["market.household_income"]
    ftth = table[table["option_id"].str.contains("ftth")]
    assert np.allclose(ftth["affordable_idr_month"], 0.02 * household)


def test_income_known_for_a_village_moves_its_line():
    richer = villages()
    richer["income_idr_month"] = [2e6, np.nan, np.nan]
    told = deals(option_set(), richer, None, providers(), A)
    line = told[told["option_id"].str.contains("ftth")].groupby("village_code")["affordable_idr_month"].first()
    assert line[CODES[0]] == pytest.approx(0.02 * 2e6 * A["market.household_size"])
    assert line[CODES[1]] == pytest.approx(0.02 * A["market.household_income"])


def test_backhaul_is_the_cheapest_way_of_its_own(table):
    found = routes(option_set(), A)
    assert found[f"{CODES[0]}:ftth:x"].links == (f"fibre:{CODES[0]}:ftth", "fibre:0", "fibre:1", "fibre:2")
    assert found[f"{CODES[0]}:satellite_wifi:x"].links == (f"satellite:{CODES[0]}",)
    cost = table[table["option_id"].str.contains("ftth") & (table["business_model"] == "public_subsidy")]
    cost = cost.set_index("village_code")["backhaul_cost_pv_idr"]
    assert cost[CODES[0]] > cost[CODES[1]]


def test_a_route_too_thin_for_the_traffic_is_not_taken():
    options = option_set()
    options.links.loc[options.links["link_id"] == "fibre:1", "capacity_mbps"] = 250.0
    found = routes(options, A)
    assert f"{CODES[0]}:ftth:x" not in found
    assert f"{CODES[0]}:light_tower:x" in found
    assert not made(options=options)["option_id"].eq(f"{CODES[0]}:ftth:x").any()


def test_a_row_can_be_opened_into_its_cash_flow(table):
    for row in table.to_dict("records"):
        opened = deal(row["deal_id"], option_set(), villages(), providers(), A)
        money = opened.project.finance
        net = by_party(cash_flow(opened.project, opened.terms), money.horizon_years)
        provider = net["provider"].to_numpy() @ money.discount(money.hurdle_rate)
        assert provider - opened.terms.subsidy_idr == pytest.approx(row["npv_idr"], rel=1e-9, abs=1)
        assert opened.terms.subsidy_idr == pytest.approx(row["subsidy_idr"], rel=1e-9, abs=1)
        assert -net["public"].sum() == pytest.approx(row["subsidy_idr"], rel=1e-9, abs=1)
    with pytest.raises(InputError):
        deal("nothing|here|at_all", option_set(), villages(), providers(), A)


def test_dearer_fibre_raises_only_what_hangs_on_it(table):
    options = option_set()
    fibre = options.links["kind"] == "fibre"
    options.links.loc[fibre, "capex_idr"] *= 2
    dearer = made(options=options).set_index("deal_id")
    both = dearer.join(table.set_index("deal_id"), how="inner", suffixes=("_new", ""))
    wifi = both.index.str.contains("satellite_wifi")
    assert (both.loc[~wifi, "backhaul_cost_pv_idr_new"] > both.loc[~wifi, "backhaul_cost_pv_idr"]).all()
    assert np.allclose(both.loc[wifi, "npv_idr_new"], both.loc[wifi, "npv_idr"])
    assert np.allclose(both["access_cost_pv_idr_new"], both["access_cost_pv_idr"])


def test_best_deal_per_village_least_subsidy_or_highest_gain(table):
    best = best_deals(table)
    assert best["village_code"].tolist() == [CODES[1], CODES[0]]
    least = table.groupby("village_code")["subsidy_idr"].min()
    assert np.allclose(best.set_index("village_code")["subsidy_idr"], least)
    options = sorted(set(table["option_id"]))
    benefit = pd.DataFrame({"option_id": options, "index_gain": [1.0 if "light_tower" in o else 1e-9 for o in options]})
    assert best_deals(table, benefit)["option_id"].str.contains("light_tower").all()


@pytest.mark.parametrize(
    ("column", "value"),
    [("hurdle_rate", -0.1), ("market_share", 2.0), ("capital_limit_idr", -1.0), ("kind", "friend")],
)
def test_impossible_providers_are_refused_with_their_column(column, value):
    who = providers()
    who[column] = who[column].astype(object)
    who.loc[0, column] = value
    with pytest.raises(InputError, match=column):
        made(who=who)


def test_missing_columns_are_all_told_at_once():
    with pytest.raises(InputError) as caught:
        made(who=providers().drop(columns=["hurdle_rate", "technologies"]))
    assert "hurdle_rate" in str(caught.value)
    assert "technologies" in str(caught.value)


def test_no_provider_no_deal():
    empty = made(who=providers().iloc[:0])
    assert empty.empty
    assert best_deals(empty).empty


def test_same_input_same_table_whatever_the_order_of_providers(table):
    again = made(who=providers().iloc[::-1])
    pd.testing.assert_frame_equal(again, table)


def test_responsibilities_name_one_party_per_duty():
    told = responsibilities("bumdes_resale").set_index("duty")["party"]
    assert told["sell"] == "village_enterprise"
    assert told["build"] == "provider"


def test_options_without_route_are_left_out():
    options = option_set()
    cut = replace(options, links=options.links[options.links["kind"] != "satellite"])
    assert not made(options=cut)["option_id"].str.contains("satellite_wifi").any()
