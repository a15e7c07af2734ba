"""The model is set right by evidence: by how much, how surely, and only when there is enough of it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from access_world import CRS, TRANSFORM, cell_table

from coverage import assumptions as assumption_files
from coverage.access import calibrate, calibrated
from coverage.access.evidence import judged
from coverage.radio import Signal, SignalLayer

GIVEN = assumption_files.load().topic("access", "radio")
SHAPE = (200, 200)


def signal() -> Signal:
    """Operator A falls from -70 dBm in the north to -130 dBm in the south; B is everywhere -90."""
    fall = np.repeat(np.linspace(-70, -130, SHAPE[0], dtype=np.float32)[:, None], SHAPE[1], axis=1)
    cell = np.zeros(SHAPE, dtype=np.int32)
    layers = {
        ("Operator A", "4g"): SignalLayer("Operator A", "4g", fall, cell),
        ("Operator B", "4g"): SignalLayer("Operator B", "4g", np.full(SHAPE, -90, np.float32), cell),
    }
    return Signal(TRANSFORM, CRS, SHAPE, cell_table([("A4", "T1", "Operator A", "4g", 1800, 10)]), layers)


def hamlets(count: int) -> gpd.GeoDataFrame:
    dice = np.random.default_rng(3)
    rows, cols = dice.integers(5, 195, (2, count))
    xy = [TRANSFORM @ (c + 0.5, r + 0.5) for r, c in zip(rows, cols, strict=True)]
    return gpd.GeoDataFrame(
        {
            "settlement_id": [f"S{i}" for i in range(count)],
            "village_code": [f"33.27.01.20{i % 8:02d}" for i in range(count)],
            "row": rows,
        },
        geometry=gpd.points_from_xy(*zip(*xy, strict=True), crs=CRS),
    )


def statements(places: gpd.GeoDataFrame, **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "evidence_id": [f"E{i:03d}" for i in range(len(places))],
            "village_code": places["village_code"],
            "settlement_id": places["settlement_id"],
            "evidence": "measured",
            "method": "drive_test",
            "access_class": "served",
            "date": "2025-06-01",
            "source": "survey",
            "samples": 20.0,
            "operator": "Operator A",
        }
    )
    return frame.assign(**columns)


def truth(places: gpd.GeoDataFrame, offset: float, noise: float = 6.0) -> np.ndarray:
    modelled = np.linspace(-70, -130, SHAPE[0])[places["row"]]
    return modelled + offset + np.random.default_rng(5).normal(0, noise, len(places))


@pytest.mark.parametrize("offset", [-9.0, 0.0, 7.0])
def test_a_known_offset_is_found_within_its_uncertainty(offset: float) -> None:
    places = hamlets(60)
    found = calibrate(signal(), places, statements(places, rsrp_dbm=truth(places, offset)), GIVEN).set_index("operator")
    row = found.loc["Operator A"]
    assert row["applied"]
    assert abs(row["offset_db"] - offset) < 3 * row["uncertainty_db"]
    assert 0.5 < row["uncertainty_db"] < 2
    assert (row["readings"], row["villages"]) == (59, 8)  # two stand within one place
    assert found.loc["Operator B", "reason"] == "few_places"
    assert not found.loc["Operator B", "applied"]


def test_wild_readings_move_it_little() -> None:
    places = hamlets(60)
    power = truth(places, 5.0)
    power[:9] = -40.0
    found = calibrate(signal(), places, statements(places, rsrp_dbm=power), GIVEN).set_index("operator")
    assert abs(found.loc["Operator A", "offset_db"] - 5.0) < 3


def test_classes_alone_find_it_too_with_more_doubt() -> None:
    places = hamlets(80)
    power = truth(places, -8.0)
    said = np.select([power >= -105, power >= -115], ["served", "weak"], "none")
    found = calibrate(signal(), places, statements(places, method="survey", access_class=said), GIVEN)
    row = found.set_index("operator").loc["Operator A"]
    assert row["applied"]
    assert row["offset_db"] == pytest.approx(-8.0, abs=4)
    assert row["uncertainty_db"] > 1


@pytest.mark.parametrize(
    ("count", "columns", "reason"),
    [
        (5, {}, "few_places"),
        (60, {"village_code": "33.27.01.2001"}, "few_villages"),
        (60, {"date": "2019-01-01"}, "few_places"),
        (60, {"operator": ""}, "few_places"),
    ],
)
def test_it_is_applied_only_with_enough_recent_representative_evidence(
    count: int, columns: dict[str, object], reason: str
) -> None:
    places = hamlets(60)
    rows = statements(places, rsrp_dbm=truth(places, 6.0), **columns).head(count)
    found = calibrate(signal(), places, rows, GIVEN).set_index("operator").loc["Operator A"]
    assert (found["applied"], found["reason"]) == (False, reason)


def test_tests_where_people_have_signal_do_not_lift_the_model() -> None:
    places = hamlets(60)
    rows = statements(places, method="speed_test").head(25)
    found = calibrate(signal(), places, rows, GIVEN).set_index("operator").loc["Operator A"]
    assert (found["applied"], found["reason"]) == (False, "presence_only")


def test_readings_at_one_place_count_once() -> None:
    places = hamlets(1)
    many = pd.concat([statements(places, rsrp_dbm=-60.0)] * 50, ignore_index=True)
    many["evidence_id"] = [f"E{i}" for i in range(50)]
    found = calibrate(signal(), places, many, GIVEN).set_index("operator").loc["Operator A"]
    assert found["readings"] == 1
    assert not found["applied"]


def test_only_applied_offsets_shift_only_their_operator() -> None:
    given = signal()
    table = pd.DataFrame({"operator": ["Operator A", "Operator B"], "offset_db": [4.0, 9.0], "applied": [True, False]})
    moved = calibrated(given, table)
    np.testing.assert_allclose(
        moved.layers["Operator A", "4g"].rsrp, given.layers["Operator A", "4g"].rsrp + np.float32(4)
    )
    assert moved.layers["Operator B", "4g"] is given.layers["Operator B", "4g"]
    assert calibrated(given, table.assign(applied=False)) is given


def test_no_signal_of_one_operator_is_not_no_signal() -> None:
    places = hamlets(2)
    rows = statements(places, method="survey", access_class="none")
    told = judged(rows, places, GIVEN)
    assert told["refused"].tolist() == ["one_operator"] * 2
    assert judged(rows.assign(operator=""), places, GIVEN)["refused"].tolist() == ["", ""]
    assert judged(rows.assign(access_class="served"), places, GIVEN)["refused"].tolist() == ["", ""]
