"""Splitting by regency, and borders for the map: nothing lost, nothing torn."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from batch_world import QUICK, SIZE, SOUND, boundaries, make, villages

from coverage import assumptions
from coverage.batch import Inputs, split
from coverage.batch.outline import LIMIT_BYTES, clean, mosaic, outline
from coverage.batch.rasters import cut, grown
from coverage.errors import InputError
from coverage.region import Region
from coverage.region.importer import Choices, Files, import_region

USED = assumptions.load().override(QUICK)
EXTENT = {side: USED[f"region.country_{side}_deg"] for side in ("west", "south", "east", "north")}


def imported(files: Files, code: str = "") -> Region:
    return import_region(files, Choices(code=code), USED)[0]


def test_a_part_imports_as_the_whole_file_would(tmp_path: Path) -> None:
    world = make(tmp_path, awkward=False, with_layers=True)
    parts = split(Inputs(**world), tmp_path / "parts", QUICK["region.margin_m"], EXTENT)
    assert {part.code: part.villages for part in parts} == {code: where[2] for code, where in SOUND.items()}
    for part in parts:
        folder = tmp_path / "parts" / part.code
        tile = tmp_path / f"{part.code}.tif"
        tile.write_bytes(cut(world["terrain"][0], grown(part.box, 1.05 * QUICK["region.margin_m"])) or b"")
        roads, fibre = folder / "roads" / "roads.parquet", folder / "fibre" / "fibre.csv"
        mine = imported(Files(folder / "boundaries.parquet", (folder / "cells" / "510.csv",), roads=roads, fibre=fibre))
        kept = {name: world[name] for name in ("roads", "fibre")}
        whole = imported(Files(world["boundaries"][0], world["cells"], **kept), part.code)
        assert len(mine.roads) == len(mine.fibre_points) == 1
        for layer in ("villages", "settlements", "sites", "cells", "providers", "roads", "fibre_points"):
            pd.testing.assert_frame_equal(pd.DataFrame(getattr(mine, layer)), pd.DataFrame(getattr(whole, layer)))
        assert mine.completeness == whole.completeness
        assert mine.layers["cells"].date == whole.layers["cells"].date
        low = imported(Files(folder / "boundaries.parquet", (), (tile,))).terrain
        high = imported(Files(world["boundaries"][0], (), world["terrain"]), part.code).terrain
        assert low is not None
        assert high is not None
        # Resampling may shift a pixel by an eighth (GDAL's tolerance), differently for a cut tile.
        np.testing.assert_allclose(low.values, high.values, atol=60 / 8 * 2)
        assert abs(low.values - high.values).mean() < 60 / 8
    # The tower between the two stands in 33.27 and is heard in 33.28; the farther one is not.
    assert len(imported(Files(tmp_path / "parts" / "33.28" / "boundaries.parquet",
                              (tmp_path / "parts" / "33.28" / "cells" / "510.csv",))).sites) == 2  # fmt: skip


def test_towers_beyond_reach_stay_out(tmp_path: Path) -> None:
    world = make(tmp_path, awkward=False)
    split(Inputs(**world), tmp_path / "parts", 500.0, EXTENT)
    rows = pd.read_csv(tmp_path / "parts" / "33.28" / "cells" / "510.csv")
    box = SOUND["33.28"]
    near = rows["lon"].between(box[0] - 0.006, box[0] + SIZE * box[2] + 0.006)
    # Beside what is near only the newest row of each network, which dates the list.
    assert near.sum() == 1 + rows["lon"].duplicated().sum()
    assert len(rows) <= 1 + 2


def test_parts_are_kept_until_a_file_changes(tmp_path: Path) -> None:
    world = make(tmp_path, awkward=False)
    folder = tmp_path / "parts"
    split(Inputs(**world), folder, 5e3, EXTENT)
    made = (folder / "33.27" / "boundaries.parquet").stat().st_mtime_ns
    split(Inputs(**world), folder, 5e3, EXTENT)
    assert (folder / "33.27" / "boundaries.parquet").stat().st_mtime_ns == made
    boundaries(world["boundaries"][0], villages("33.27", 109.4, -7.0, 1))
    assert [part.villages for part in split(Inputs(**world), folder, 5e3, EXTENT)] == [1]


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "shp"])
def test_every_kind_of_file_splits_alike(tmp_path: Path, suffix: str) -> None:
    rows = [row for code, where in SOUND.items() for row in villages(code, *where)]
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=4326)
    path = tmp_path / f"all.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    parts = split(Inputs((path,)), tmp_path / "parts", 5e3, EXTENT)
    assert [(part.code, part.villages) for part in parts] == [("33.27", 3), ("33.28", 2)]
    kept = gpd.read_parquet(tmp_path / "parts" / "33.28" / "boundaries.parquet")
    assert kept.crs == frame.crs
    assert kept.union_all().equals(frame[frame["kode"].str.startswith("33.28")].union_all())


def test_what_cannot_be_split_is_refused_by_name(tmp_path: Path) -> None:
    rows = villages("33.27", 109.4, -7.0, 2)
    bps = boundaries(tmp_path / "bps.geojson", [{**row, "kode": f"332701000{k}"} for k, row in enumerate(rows)])
    broken = tmp_path / "broken.geojson"
    broken.write_text('{"type": "FeatureCollection", "features": [')
    sound = boundaries(tmp_path / "sound.geojson", rows)
    no_places = tmp_path / "no_places.csv"
    no_places.write_text("site_id,operator\nA,Telkomsel\n")
    for name, inputs in {
        "bps.geojson": Inputs((bps,)),
        "broken.geojson": Inputs((broken,)),
        "absent.geojson": Inputs((tmp_path / "absent.geojson",)),
        "no_places.csv": Inputs((sound,), cells=(no_places,)),
    }.items():
        with pytest.raises(InputError, match=name):
            split(inputs, tmp_path / "parts", 5e3, EXTENT)
    with pytest.raises(InputError, match=r"99\.99"):
        split(Inputs((sound,)), tmp_path / "parts", 5e3, EXTENT, ("99.99",))


def torn(count: int) -> np.ndarray:
    """A grid of wavy squares whose common borders were each drawn twice, a little apart."""
    random = np.random.default_rng(3)
    shapes = []
    for row in range(count):
        for col in range(count):
            ring = shapely.get_coordinates(shapely.segmentize(shapely.box(col, row, col + 1, row + 1), 0.05))
            wave = 0.1 * np.sin(6 * ring[:, ::-1])
            shapes.append(shapely.polygons((ring + wave + random.uniform(-0.003, 0.003, ring.shape)) * 0.1))
    return np.asarray(shapely.make_valid(np.array(shapes, dtype=object)), dtype=object)


@pytest.mark.parametrize("limit", [LIMIT_BYTES, 20_000])
def test_borders_meet_without_gaps_and_fit(limit: int) -> None:
    raw = torn(8)
    assert not shapely.coverage_is_valid(raw)
    made = mosaic(clean(raw), [{"code": str(k)} for k in range(len(raw))], limit)
    assert len(made) <= limit
    features = json.loads(made)["features"]
    shapes = np.array([shapely.from_geojson(json.dumps(f["geometry"])) for f in features], dtype=object)
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.union_all(shapes)
    parts = shapely.get_parts(whole)
    assert not any(len(part.interiors) for part in parts)
    assert shapely.area(parts).max() > 0.999 * whole.area
    assert whole.area == pytest.approx(shapely.union_all(raw).area, rel=0.02)


def test_outline_has_no_slivers_inside() -> None:
    frame = gpd.GeoDataFrame(geometry=list(torn(4)), crs=4326)
    border = outline(frame).geometry.iloc[0]
    assert sum(len(part.interiors) for part in shapely.get_parts(border)) == 0


def test_a_needle_does_not_cost_a_village_its_place_on_the_map() -> None:
    """Rounding folds a narrow part of a border into a line; what is left of the village stays."""
    point = 0.000_03
    needle = shapely.Polygon(
        [(0, 0), (0.1, 0), (0.1, 0.05), (0.2, 0.05 + point / 9), (0.1, 0.05 + point / 5), (0.1, 0.1), (0, 0.1)]
    )
    isle = shapely.Polygon([(0.15, 0.08), (0.15 + point / 9, 0.08), (0.15, 0.08 + point / 9)])
    village = shapely.MultiPolygon([needle, isle, shapely.box(0, 0.2, 0.1, 0.3)])
    features = json.loads(mosaic(np.array([village], dtype=object), [{"code": "a"}]))["features"]
    assert shapely.from_geojson(json.dumps(features[0]["geometry"])).area == pytest.approx(0.02, rel=0.01)


def test_a_new_village_is_seen_on_the_ground_of_its_old_one() -> None:
    old, new = shapely.box(0, 0, 0.1, 0.1), shapely.box(0.05, 0, 0.1, 0.1)
    old_now, new_now = clean(np.array([old, new], dtype=object))
    assert new_now.equals(new)
    assert old_now.equals(old - new)


@pytest.mark.shared
def test_real_regency_fits_a_slow_link(shared: Path) -> None:
    frame = gpd.read_file(shared / "data" / "real" / "desa_3327_pemalang_kemendagri.geojson")
    made = mosaic(clean(frame.geometry.to_numpy()), [{"code": code} for code in frame.iloc[:, 0]])
    shapes = np.array(
        [shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(made)["features"]], dtype=object
    )
    assert len(made) <= LIMIT_BYTES
    assert shapely.coverage_is_valid(shapes)
    assert not len(shapely.union_all(shapes).interiors)
