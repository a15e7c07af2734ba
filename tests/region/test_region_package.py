"""A region folder keeps what was put in, and refuses what is missing, damaged or wrong."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from shapely.geometry import Point, box

from coverage import region as room
from coverage.errors import RegionError
from coverage.raster import Raster
from coverage.region import Layer, QualityError, Region, empty

SAMPLE = Path(__file__).parents[2] / "data" / "pemalang"


def made(**changes: object) -> Region:
    """Two villages, a hamlet each, one tower, terrain with a hole."""
    villages = gpd.GeoDataFrame(
        {
            "village_code": ["33.10.01.2001", "33.10.01.1002"],
            "village_name": ["NA", "<img src=x onerror=alert(1)>"],
            "kind": ["desa", "kelurahan"],
            "district_code": ["33.10.01"] * 2,
            "district_name": ["Moga"] * 2,
            "population": [1000.0, 2000.0],
            "households": [250.0, 500.0],
        },
        geometry=[box(109.30, -7.10, 109.34, -7.05), box(109.34, -7.10, 109.38, -7.05)],
        crs="EPSG:4326",
    )
    settlements = gpd.GeoDataFrame(
        {
            "settlement_id": ["a", "b"],
            "village_code": list(villages["village_code"]),
            "settlement_name": ["A", "B"],
            "population": [1000.0, 2000.0],
            "radius_m": [300.0, 400.0],
        },
        geometry=[Point(109.32, -7.07), Point(109.36, -7.07)],
        crs="EPSG:4326",
    )
    sites = gpd.GeoDataFrame(
        {"site_id": ["s1"], "owner": [None], "height_m": [42.0], "position_uncertainty_m": [50.0]},
        geometry=[Point(109.33, -7.08)],
        crs="EPSG:4326",
    )
    cells = pd.DataFrame(
        {
            "cell_id": ["c1"],
            "site_id": ["s1"],
            "operator": ["Operator A"],
            "technology": ["4g"],
            "frequency_mhz": [1800.0],
            "bandwidth_mhz": [10.0],
            "tx_power_dbm": [46.0],
            "antenna_gain_dbi": [17.0],
            "azimuth_deg": [np.nan],
            "downtilt_deg": [4.0],
        }
    )
    heights = np.linspace(0, 900, 600, dtype=np.float32).reshape(20, 30)
    heights[3, 4] = np.nan
    terrain = Raster(heights, Affine(0.005, 0, 109.27, 0, -0.005, -7.03), "EPSG:4326")
    layer = Layer("", "estimated", "Test https://example.org/x", "CC BY 4.0; Ketentuan BPS", "2024-05-06", "note")
    completeness = {"Operator A": "partial"}
    layers = {name: replace(layer, name=name) for name in ("villages", "settlements", "sites", "terrain")}
    layers["cells"] = replace(layer, name="cells", completeness=completeness)
    parts: dict[str, object] = {name: empty(name) for name in ("roads", "fibre_points", "facilities")}
    parts |= {"providers": empty("providers"), "evidence": empty("evidence")}
    region = Region(
        code="33.10",
        name="Uji",
        villages=villages,
        settlements=settlements,
        terrain=terrain,
        sites=sites,
        cells=cells,
        layers=layers,
        **parts,  # type: ignore[arg-type]
    )
    return replace(region, **changes)  # type: ignore[arg-type]


def test_round_trip_keeps_every_layer(tmp_path: Path) -> None:
    saved = room.save(made(), tmp_path / "r")
    back = room.load(tmp_path / "r")
    assert back.code == "33.10"
    for name in ("villages", "settlements", "sites", "cells", "roads", "providers"):
        pd.testing.assert_frame_equal(pd.DataFrame(getattr(back, name)), pd.DataFrame(getattr(saved, name)))
    np.testing.assert_array_equal(back.terrain.values, saved.terrain.values)  # type: ignore[union-attr]
    assert back.layers == saved.layers
    assert back.completeness == {"Operator A": "partial"}
    assert back.villages.crs == "EPSG:4326"


def test_same_region_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "xy":
        room.save(made(), tmp_path / name)
    files = sorted(p.name for p in (tmp_path / "x").iterdir())
    layers = ["cells.csv", "settlements.parquet", "sites.parquet", "terrain.tif", "villages.parquet"]
    assert files == sorted([*layers, "datapackage.json"])
    for name in files:
        assert (tmp_path / "x" / name).read_bytes() == (tmp_path / "y" / name).read_bytes()


def test_package_follows_the_standard(tmp_path: Path) -> None:
    room.save(made(), tmp_path / "r")
    package = json.loads((tmp_path / "r" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["created"] == "2024-05-06T00:00:00Z"
    cells = next(r for r in package["resources"] if r["name"] == "cells")
    assert cells["sources"] == [{"title": "Test https://example.org/x", "path": "https://example.org/x"}]
    assert cells["licenses"] == [
        {"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/", "title": "CC BY 4.0"},
        {"name": "other-closed", "title": "Ketentuan BPS"},
    ]
    assert {"name": "bandwidth_mhz", "type": "number", "description": "carrier width", "unit": "MHz"} in cells[
        "schema"
    ]["fields"]
    assert cells["hash"].startswith("sha256:")


_TYPES = {"string", "number", "integer", "boolean", "any"}


def test_every_value_is_one_that_the_standard_allows(tmp_path: Path) -> None:
    """The rules of the profiles of Data Package 2.0 (datapackage.org/profiles) for what is written here."""
    path = re.compile(r"^(?=^[^./~])(^((?!\.{2}).)*$).*$")
    room.save(made(), tmp_path / "r")
    for folder in (tmp_path / "r", SAMPLE):
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        assert package["$schema"].startswith("https://datapackage.org/profiles/2.0/")
        assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", package["created"])
        names = [resource["name"] for resource in package["resources"]]
        assert len(names) == len(set(names)) >= 1
        for resource in package["resources"]:
            assert re.fullmatch(r"[-a-z0-9._/]+", resource["name"])
            assert path.match(resource["path"])
            assert (folder / resource["path"]).is_file()
            assert re.fullmatch(r".+/.+", resource["mediatype"])
            digest = hashlib.sha256((folder / resource["path"]).read_bytes()).hexdigest()
            assert resource["hash"] == f"sha256:{digest}"
            assert resource["sources"]
            for source in resource["sources"]:
                assert source["title"]
                assert path.match(source.get("path", "x"))
            assert resource["licenses"]
            for licence in resource["licenses"]:
                assert "name" in licence or "path" in licence
                assert re.fullmatch(r"[-a-zA-Z0-9._]+", licence.get("name", "x"))
            fields = resource.get("schema", {"fields": []})["fields"]
            assert all(field["name"] and field["type"] in _TYPES for field in fields)
            if resource["format"] == "csv":
                header = (folder / resource["path"]).read_text(encoding=resource["encoding"]).splitlines()[0]
                assert [field["name"] for field in fields] == header.split(",")


@pytest.mark.parametrize("damage", ["missing", "changed"])
def test_missing_or_damaged_layers_are_named_together(tmp_path: Path, damage: str) -> None:
    room.save(made(), tmp_path / "r")
    for name in ("cells.csv", "terrain.tif"):
        path = tmp_path / "r" / name
        if damage == "missing":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(QualityError) as caught:
        room.load(tmp_path / "r")
    wanted = "missing_file_of_layer" if damage == "missing" else "damaged_layer"
    assert sorted((p.layer, p.code) for p in caught.value.report) == [("cells", wanted), ("terrain", wanted)]


def test_path_outside_the_folder_is_refused(tmp_path: Path) -> None:
    room.save(made(), tmp_path / "r")
    path = tmp_path / "r" / "datapackage.json"
    (tmp_path / "secret.csv").write_text("x")
    path.write_text(path.read_text(encoding="utf-8").replace('"cells.csv"', '"../secret.csv"'), encoding="utf-8")
    with pytest.raises(QualityError):
        room.load(tmp_path / "r")


@pytest.mark.parametrize("content", [None, "", "{", '{"name": "x"}'])
def test_folder_that_is_no_region(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "datapackage.json").write_text(content)
    with pytest.raises(RegionError):
        room.load(tmp_path)


def test_nothing_is_written_where_a_table_is_wrong(tmp_path: Path) -> None:
    bad = made()
    bad.settlements["village_code"] = ["33.10.01.2001", "33.10.01.2999"]
    with pytest.raises(QualityError) as caught:
        room.save(bad, tmp_path / "r")
    assert [p.code for p in caught.value.report] == ["unknown_village"]
    assert list(tmp_path.iterdir()) == []


def test_existing_folder_is_kept_unless_asked(tmp_path: Path) -> None:
    room.save(made(), tmp_path / "r")
    with pytest.raises(RegionError):
        room.save(made(name="Lain"), tmp_path / "r")
    assert room.load(tmp_path / "r").name == "Uji"
    room.save(made(name="Lain"), tmp_path / "r", overwrite=True)
    assert room.load(tmp_path / "r").name == "Lain"
    assert [p.name for p in tmp_path.iterdir()] == ["r"]


def test_metric_terrain_covers_the_region_without_holes() -> None:
    region = made()
    grid = region.metric_terrain(90.0, 500.0)
    assert region.metric_crs == grid.crs == "EPSG:32749"
    assert np.isfinite(grid.values).all()
    west, south, east, north = region.villages.to_crs(grid.crs).total_bounds
    assert grid.bounds[0] <= west - 500
    assert grid.bounds[1] <= south - 500
    assert grid.bounds[2] >= east + 500
    assert grid.bounds[3] >= north + 500
    flat = made(terrain=None).metric_terrain(90.0, 500.0)
    assert flat.shape == grid.shape
    assert not flat.values.any()
