"""Gains by need, remoteness and income."""

import geopandas as gpd
import pytest
from shapely import box

from coverage.indicators import by_group

CODES = [f"33.27.01.{2001 + i}" for i in range(9)]


def villages(**more):
    squares = [box(109 + 0.1 * i, -7, 109.1 + 0.1 * i, -6.9) for i in range(9)]
    data = {"village_code": CODES, "district_code": "33.27.01", "population": 1000.0, **more}
    return gpd.GeoDataFrame(data, geometry=squares, crs=4326)


def test_thirds_hold_everybody_once_and_follow_the_measure():
    need = {code: 10.0 * i for i, code in enumerate(CODES)}
    table = by_group(villages(), need, dict.fromkeys(CODES[6:], 0.01))
    rows = table[table["grouping"] == "need"].set_index("level")
    assert rows["villages"].tolist() == [3, 3, 3]
    assert rows["gain"].tolist() == pytest.approx([0, 0, 0.03])
    assert rows.loc["high", "per_person"] == pytest.approx(0.03 / 3000 * 1e6)
    for _name, group in table.groupby("grouping"):
        assert group["gain"].sum() == pytest.approx(0.03)
        assert group[["gain_share", "population_share"]].sum().tolist() == pytest.approx([1, 1])


def test_remote_villages_are_those_at_the_edge():
    table = by_group(villages(), dict.fromkeys(CODES, 1.0), {CODES[0]: 1.0, CODES[8]: 1.0, CODES[4]: 5.0})
    rows = table[table["grouping"] == "remoteness"].set_index("level")["gain"]
    assert rows.to_dict() == {"low": 5.0, "middle": 0.0, "high": 2.0}


def test_income_is_told_only_where_it_is_known():
    need = dict.fromkeys(CODES, 1.0)
    assert "income" not in set(by_group(villages(), need, {})["grouping"])
    known = by_group(villages(income_idr_month=[1e6, 2e6, 3e6] + [None] * 6), need, {CODES[0]: 1.0})
    rows = known[known["grouping"] == "income"].set_index("level")
    assert rows["villages"].tolist() == [1, 1, 1]
    assert rows.loc["low", "gain"] == 1.0
