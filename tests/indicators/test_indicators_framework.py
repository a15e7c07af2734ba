import numpy as np
import pandas as pd
import pytest
from indicator_world import FRAMEWORK

from coverage.errors import AssumptionError
from coverage.indicators import (
    DIMENSIONS,
    PILLARS,
    changed_framework,
    label,
    load_framework,
    make_framework,
    schemes,
)
from coverage.indicators.response import RESPONSES, check_parameters, response
from coverage.language import using


def test_the_framework_covers_what_the_ministry_asks():
    table = FRAMEWORK.indicators
    assert len(table) >= 24
    assert set(table["dimension"]) == set(DIMENSIONS)
    assert set(table["pillar"]) == set(PILLARS)
    assert set(table["response"]) <= set(RESPONSES)
    assert table["id"].is_unique
    assert (table[["name_id", "name_en", "programme_id", "programme_en", "unit"]] != "").all(axis=None)
    assert sum(FRAMEWORK.weights.values()) == pytest.approx(1)
    assert {"0.1", "0.2", "0.3"} <= {str(round(w, 6)) for w in FRAMEWORK.weights.values()}


def test_a_driver_enters_a_dimension_once():
    assert not FRAMEWORK.indicators.duplicated(["dimension", "driver"]).any()
    doubled = pd.concat([FRAMEWORK.indicators, FRAMEWORK.indicators.iloc[[0]].assign(id="X")])
    with pytest.raises(AssumptionError, match="X"):
        make_framework(doubled, FRAMEWORK.drivers, FRAMEWORK.weights)


def test_the_published_weights_of_each_year():
    table = schemes()
    for scheme, rows in table.groupby("scheme"):
        assert list(rows["dimension"]) == list(DIMENSIONS)
        assert load_framework(scheme=scheme).weights["outcome"] == pytest.approx(0.3)
        assert (rows["source"] != "").all()
    assert load_framework(scheme="kominfo_other").weights["quick_wins"] == pytest.approx(0.1)
    own = load_framework(weights={**dict.fromkeys(DIMENSIONS, 1), "impact": 4})
    assert (own.scheme, own.weights["impact"]) == ("own", pytest.approx(0.5))
    with pytest.raises(AssumptionError, match="1999"):
        load_framework(scheme="1999")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("dimension", "happiness"),
        ("pillar", "smart_cats"),
        ("driver", "luck"),
        ("response", "magic"),
        ("weight", "-1"),
        ("weight", "many"),
        ("target", "nan"),
        ("target", "inf"),
        ("low", "5"),
        ("floor", "2"),
        ("parameters", "0.5;9"),
    ],
)
def test_every_fault_of_an_edited_table_is_named(column, value):
    table = FRAMEWORK.indicators.astype(str)
    table.loc[0, column] = value
    table.loc[3, "pillar"] = "nowhere"
    with pytest.raises(AssumptionError) as caught:
        make_framework(table, FRAMEWORK.drivers, FRAMEWORK.weights)
    assert table["id"][0] in caught.value.todo
    assert table["id"][3] in caught.value.todo  # all problems at once


@pytest.mark.parametrize("weights", [{}, dict.fromkeys(DIMENSIONS, 0), {**dict.fromkeys(DIMENSIONS, 1), "x": 1}])
def test_own_weights_are_checked(weights):
    with pytest.raises(AssumptionError):
        load_framework(weights=weights)


def test_a_missing_file_or_column_is_told(tmp_path):
    with pytest.raises(AssumptionError, match=r"indicators\.csv"):
        load_framework(tmp_path)
    with pytest.raises(AssumptionError, match="driver"):
        make_framework(FRAMEWORK.indicators.drop(columns="driver"), FRAMEWORK.drivers, FRAMEWORK.weights)


@pytest.mark.parametrize(
    ("shape", "parameters"), [("linear", ""), ("logistic", "0.6;8"), ("logistic", "0.2;3"), ("steps", "0.5:0.25;0.9:1")]
)
def test_responses_rise_from_nothing_to_everything_and_no_further(shape, parameters):
    assert check_parameters(shape, parameters) == ""
    values = response(shape, parameters, np.linspace(-1, 2, 301))
    assert (np.diff(values) >= 0).all()
    assert values[0] == 0
    assert values[-1] == 1
    assert response(shape, parameters, [0.0, 1.0]).tolist() == [0, 1]


def test_responses_by_hand():
    assert response("linear", "", [0.25]).tolist() == [0.25]
    assert response("steps", "0.5:0.25;0.9:1", [0.49, 0.5, 0.9 - 1e-15, 0.95]).tolist() == [0, 0.25, 1, 1]
    low, middle, high = 1 / (1 + np.exp(4)), 0.5, 1 / (1 + np.exp(-4))
    assert response("logistic", "0.5;8", [0.5])[0] == pytest.approx((middle - low) / (high - low))


@pytest.mark.parametrize(
    ("shape", "parameters"),
    [("linear", "1"), ("logistic", ""), ("logistic", "0.5"), ("logistic", "2;8"), ("logistic", "0.5;0"),
     ("steps", ""), ("steps", "0.5:0.5"), ("steps", "0.9:0.2;0.5:1"), ("steps", "0.5:0.9;0.9:0.1;1:1"),
     ("steps", "a:b")],
)  # fmt: skip
def test_bad_parameters_are_told(shape, parameters):
    assert check_parameters(shape, parameters)


def test_names_in_both_languages():
    with using("en"):
        assert label("quick_wins") == "Quick wins"
        assert FRAMEWORK.names["B1"] == "People with usable 4G"
    with using("id"):
        assert FRAMEWORK.names["B1"] == "Warga dengan 4G yang cukup"
    assert label("<i>") == "<i>"


def test_a_user_changes_numbers_and_the_source_no_longer_stands_for_them():
    base = load_framework()
    changed = changed_framework(base, {"B1": {"target": 0.97}, "O1": {"weight": 9}}, {**base.weights, "impact": 5.0})
    before, after = (f.indicators.set_index("id") for f in (base, changed))
    assert (after.loc["B1", "target"], after.loc["O1", "weight"]) == (0.97, 9)
    assert before.loc["B1", "source"]
    assert after.loc["B1", "source"] == ""
    assert after.loc["O1", "source"] == before.loc["O1", "source"]
    assert changed.scheme == "own"
    assert sum(changed.weights.values()) == pytest.approx(1)
    assert base.indicators.equals(load_framework().indicators)


def test_no_change_is_no_change():
    base = load_framework()
    same = changed_framework(base, {}, {})
    assert same.indicators.equals(base.indicators)
    assert (same.scheme, dict(same.weights)) == (base.scheme, dict(base.weights))


@pytest.mark.parametrize(
    ("changes", "weights", "said"),
    [
        ({"B1": {"target": 0.1}, "O1": {"weight": -1}}, None, ["B1", "O1"]),
        ({"X9": {"weight": 1}, "B1": {"source": 1}}, None, ["X9", "B1.source"]),
        ({"B1": {"weight": float("nan")}}, {"baseline": 1}, ["B1", "output", "impact"]),
    ],
)
def test_all_faults_of_a_change_are_told_at_once(changes, weights, said):
    with pytest.raises(AssumptionError) as found:
        changed_framework(load_framework(), changes, weights)
    assert all(word in found.value.todo for word in said)
