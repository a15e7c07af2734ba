"""Together is cheaper: on a fibre chain the shares are known by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from partnership_world import CODES, A, option_set, providers, villages

from coverage.partnership import deals
from coverage.partnership.clusters import clusters, cost_game, prices_together
from coverage.partnership.routes import link_costs


@pytest.fixture(scope="module")
def ftth() -> pd.DataFrame:
    table = deals(option_set(), villages(), None, providers(), A)
    mine = table[table["option_id"].str.contains("ftth") & (table["business_model"] == "public_subsidy")]
    return mine.reset_index(drop=True)


def costs() -> dict[str, float]:
    options = option_set()
    return dict(zip(options.links["link_id"], link_costs(options, A), strict=True))


def test_links_are_shared_by_those_who_use_them(ftth):
    (cluster,) = clusters(option_set(), ftth, A)
    cost = costs()
    shared = (cost["fibre:1"] + cost["fibre:2"]) / 2
    share = dict(zip(cluster.village_codes, cluster.split.shares, strict=True))
    assert share[CODES[0]] == pytest.approx(cost[f"fibre:{CODES[0]}:ftth"] + cost["fibre:0"] + shared)
    assert share[CODES[1]] == pytest.approx(cost[f"fibre:{CODES[1]}:ftth"] + shared)
    assert cluster.split.method == "shapley"
    assert cluster.split.stable
    assert sum(share.values()) == pytest.approx(cluster.together_idr)
    assert (cluster.split.shares <= cluster.alone_idr).all()
    assert cluster.invite_first(CODES[0]) == (CODES[1],)


def test_every_coalition_is_priced_by_its_own_cheapest_network(ftth):
    game = cost_game(option_set(), ftth["option_id"].tolist(), A)
    (cluster,) = clusters(option_set(), ftth, A)
    alone = dict(zip(cluster.option_ids, cluster.alone_idr, strict=True))
    assert game[0] == 0
    assert game[1] == pytest.approx(alone[ftth["option_id"][0]])
    assert game[2] == pytest.approx(alone[ftth["option_id"][1]])
    assert game[3] < game[1] + game[2]


def test_together_the_subsidy_falls_and_no_price_rises(ftth):
    (cluster,) = clusters(option_set(), ftth, A)
    told = prices_together(cluster, option_set(), villages(), providers(), A)
    assert (told["subsidy_together_idr"] < told["subsidy_alone_idr"]).all()
    assert (told["price_together_idr_month"] <= told["price_alone_idr_month"] + 1).all()
    assert told["backhaul_together_idr"].sum() == pytest.approx(cluster.together_idr)


def test_those_who_share_nothing_are_no_cluster():
    table = deals(option_set(), villages(), None, providers(), A)
    wifi = table[table["option_id"].str.contains("satellite")].drop_duplicates("village_code")
    assert clusters(option_set(), wifi, A) == []
    assert clusters(option_set(), wifi.iloc[:0], A) == []


def test_a_large_group_divides_its_own_routes_exactly(ftth):
    (large,) = clusters(option_set(), ftth, A, exact_up_to=1)
    (priced,) = clusters(option_set(), ftth, A)
    assert (large.every_network, priced.every_network) == (False, True)
    assert np.allclose(large.split.shares, priced.split.shares, rtol=1e-6)
    assert large.together_idr == pytest.approx(priced.together_idr)
    assert large.split.stable
