"""The embedded region: facts kept, people conserved, borders tight, ground and network as in Pemalang."""

from __future__ import annotations

import hashlib
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage import assumptions
from coverage import region as room
from coverage.region import LAYERS, Region, load, save
from coverage.region.sample import build
from coverage.region.sample.__main__ import main
from coverage.region.sample.build import CREATED
from coverage.region.sample.villages import FACTS, METRIC_CRS, read_regency, shared_out

ROOM = Path(room.__file__).parent
#: :func:`made_of` when ``data/pemalang`` was last built and found the same.
BUILT_FROM = "c9e2d929dcb98e16"
FOLDER = Path(__file__).parents[2] / "data" / "pemalang"
HILLS = ("Moga", "Pulosari", "Belik", "Watukumpul")
COAST = ("Pemalang", "Taman", "Petarukan", "Comal", "Ulujami")


@pytest.fixture(scope="module")
def region() -> Region:
    return load(FOLDER)  # checks every table, every reference and every fingerprint


@pytest.fixture(scope="module")
def facts() -> pd.DataFrame:
    frame = pd.read_csv(FACTS / "pemalang_villages.csv", dtype={"code": str})
    return frame.sort_values("code", ignore_index=True)


@pytest.fixture(scope="module")
def borders(region: Region) -> np.ndarray:
    return region.villages.to_crs(METRIC_CRS).geometry.to_numpy()


def by_district(region: Region, districts: tuple[str, ...]) -> pd.Index:
    return pd.Index(region.villages.loc[region.villages["district_name"].isin(districts), "village_code"])


def made_of() -> str:
    """Digest of what the sample is built from: its code, the published facts, its assumptions."""
    digest = hashlib.sha256(repr(assumptions.load().topic("sample").values_key()).encode())
    for path in sorted([*(ROOM / "sample").glob("*.py"), *FACTS.glob("pemalang_*.csv"), ROOM.parent / "raster.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def same_files(made: Path) -> None:
    files = sorted(p.name for p in FOLDER.iterdir())
    assert files == sorted(p.name for p in made.iterdir())
    for name in files:
        assert (made / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_it_is_the_same_on_every_build(tmp_path: Path, long_run: bool) -> None:
    """Whole in the long run; else it is enough that nothing has changed of which it was built."""
    if long_run or made_of() != BUILT_FROM:
        build(tmp_path / "again", assumptions.load())
        same_files(tmp_path / "again")
    assert made_of() == BUILT_FROM, f"the build is the same: set BUILT_FROM to {made_of()}"


def test_it_is_the_same_when_saved_again(region: Region, tmp_path: Path) -> None:
    save(region, tmp_path / "again", created=CREATED)
    same_files(tmp_path / "again")


def test_it_is_small_and_every_layer_tells_where_it_is_from(region: Region) -> None:
    assert sum(p.stat().st_size for p in FOLDER.iterdir()) < 3_000_000
    assert set(region.layers) == {name for name, spec in LAYERS.items() if not spec.optional}
    assert region.is_sample
    assert region.layers["villages"].kind == "estimated"
    for layer in region.layers.values():
        assert layer.source
        assert layer.licence
        assert layer.note
        assert layer.date
    assert region.completeness == dict.fromkeys((f"Operator {c}" for c in "ABCD"), "complete")


def test_the_command_wants_one_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "OUT" in capsys.readouterr().err


def test_villages_keep_the_published_facts(region: Region, facts: pd.DataFrame) -> None:
    villages = region.villages
    assert villages["village_code"].tolist() == facts["code"].tolist()
    assert villages["village_name"].tolist() == facts["name"].tolist()
    assert villages["kind"].value_counts().to_dict() == {"desa": 212, "kelurahan": 11}
    assert villages["district_code"].nunique() == 14
    assert villages["population"].sum() == read_regency()["population_2022"]
    assert villages["population"].min() > 0


def test_people_follow_the_written_rule(region: Region) -> None:
    regency = read_regency()
    published = pd.read_csv(FACTS / "pemalang_districts.csv").set_index("district")
    people = region.villages.groupby("district_name")["population"].sum()
    growth = regency["population_2022"] / regency["population_2010"]
    known = published["population_2010"].dropna()
    assert np.allclose(people[known.index], known * growth, atol=1.0)
    density = people / published["area_km2"]
    assert density["Ulujami"] / density["Moga"] == pytest.approx(2.0, rel=1e-3)
    moga = region.villages[region.villages["district_name"] == "Moga"].set_index("village_name")
    dense = moga["population"] / moga["area_km2"]
    assert dense["Moga"] / dense["Sima"] == pytest.approx(2.0, rel=1e-2)
    assert region.villages["households"].sum() == pytest.approx(people.sum() / 3.9, rel=1e-4)


def test_shares_sum_to_the_total() -> None:
    assert shared_out(10, np.array([1.0, 1.0, 1.0])).tolist() == [4, 3, 3]
    assert shared_out(0, np.array([2.0, 5.0])).tolist() == [0, 0]


def test_borders_leave_no_gap_and_no_overlap(borders: np.ndarray) -> None:
    assert shapely.is_valid(borders).all()
    assert (shapely.get_type_id(borders) == shapely.GeometryType.POLYGON).all()
    whole = shapely.union_all(borders)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert whole.area == pytest.approx(shapely.area(borders).sum(), rel=1e-9)


def test_areas_and_extent_are_the_published_ones(region: Region, borders: np.ndarray, facts: pd.DataFrame) -> None:
    error = shapely.area(borders) / 1e6 / facts["area_km2"].to_numpy() - 1
    assert np.sqrt(np.mean(error**2)) < 0.04
    assert np.abs(error).max() < 0.2
    regency = read_regency()
    extent = [regency[f"extent_{side}"] for side in ("west", "south", "east", "north")]
    assert np.abs(np.subtract(region.bounds, extent)).max() < 0.03
    centres = gpd.GeoSeries.from_xy(facts["lon"], facts["lat"], crs="EPSG:4326").to_crs(METRIC_CRS)
    away = shapely.distance(borders, centres.to_numpy())
    assert (away == 0).mean() > 0.95
    assert away.max() < 600


def test_the_ground_is_flat_at_the_coast_and_rugged_in_the_south(region: Region, facts: pd.DataFrame) -> None:
    terrain = region.terrain
    assert terrain is not None
    height = terrain.sample(facts["lon"], facts["lat"])
    assert np.abs(height - facts["elevation_m"]).max() <= 20
    assert terrain.sample([109.3], [-6.7])[0] == 0  # the Java Sea
    regency = read_regency()
    top = terrain.sample([regency["slamet_lon"]], [regency["slamet_lat"]])[0]
    assert top == pytest.approx(regency["slamet_elevation"], abs=60)
    # Heights within 1.2 km of each centre, above it.
    angle = np.arange(24) * (np.pi / 12)
    rings = np.stack([(r * np.cos(angle), r * np.sin(angle)) for r in (0.004, 0.008, 0.011)]).transpose(1, 0, 2)
    lon = facts["lon"].to_numpy()[:, None] + rings[0].ravel()
    lat = facts["lat"].to_numpy()[:, None] + rings[1].ravel()
    rise = terrain.sample(lon, lat).max(axis=1) - height
    hills, coast = facts["district"].isin(HILLS), facts["district"].isin(COAST)
    assert np.median(rise[hills]) > 100
    assert np.median(rise[coast]) < 15


def test_ridges_stand_between_hill_villages(region: Region, facts: pd.DataFrame) -> None:
    assert region.terrain is not None
    hills = facts[facts["district"].isin(HILLS)].reset_index(drop=True)
    pairs = 0
    for pair in combinations(hills.index, 2):
        ends = hills.loc[list(pair)]
        if np.ptp(ends["lon"]) + np.ptp(ends["lat"]) > 0.05:
            continue
        along = np.linspace(0, 1, 60)
        ground = region.terrain.sample(*(np.interp(along, [0, 1], ends[c]) for c in ("lon", "lat")))
        sight = np.interp(along, [0, 1], [ground[0], ground[-1]])
        pairs += float((ground - sight).max()) > 100
    assert pairs > 60


def test_hamlets_hold_exactly_the_people_of_their_village(region: Region) -> None:
    people = region.settlements.groupby("village_code")["population"].sum()
    expected = region.villages.set_index("village_code")["population"]
    pd.testing.assert_series_equal(people, expected, check_names=False)
    count = region.settlements["village_code"].value_counts()
    assert count.between(3, 7).all()
    assert not region.settlements.duplicated(["village_code", "settlement_name"]).any()


def test_everything_stands_in_its_village(region: Region) -> None:
    polygons = region.villages.set_index("village_code").geometry
    for layer in (region.settlements, region.facilities):
        home = polygons[layer["village_code"]].to_numpy()
        assert shapely.covers(home, layer.geometry.to_numpy()).all()
    whole = shapely.union_all(polygons.to_numpy())
    assert shapely.covers(whole, region.sites.geometry.to_numpy()).all()


def test_towers_are_dense_on_the_plain_and_thin_in_the_hills(region: Region) -> None:
    people = region.villages["population"].sum()
    assert people / len(region.sites) == pytest.approx(3000, rel=0.05)
    placed = region.sites.sjoin(region.villages[["village_code", "geometry"]], predicate="within")
    population = region.villages.set_index("village_code")["population"]

    def people_per_site(districts: tuple[str, ...]) -> float:
        codes = by_district(region, districts)
        return float(population[codes].sum() / placed["village_code"].isin(codes).sum())

    assert people_per_site(HILLS) > 4 * people_per_site(COAST)
    tenants = region.cells.groupby("site_id")["operator"].nunique()
    assert set(region.sites["site_id"]) == set(tenants.index)
    assert (tenants > 1).mean() > 0.5
    assert region.sites["height_m"].between(32, 52).all()
    reach = region.cells.drop_duplicates(["site_id", "operator"])["operator"].value_counts()
    assert reach.index.tolist() == [f"Operator {c}" for c in "ABCD"]


def test_only_a_desa_has_a_village_enterprise_and_a_village_election(region: Region) -> None:
    kind = region.villages.set_index("village_code")["kind"]
    for facility in ("enterprise", "polling_place"):
        at = region.facilities.loc[region.facilities["kind"] == facility, "village_code"]
        assert sorted(at) == sorted(kind.index[kind == "desa"])
    halls = region.facilities[region.facilities["kind"] == "village_hall"]
    assert sorted(halls["village_code"]) == sorted(kind.index)


def test_as_many_village_halls_are_away_from_homes_as_reported(region: Region) -> None:
    halls = region.facilities[region.facilities["kind"] == "village_hall"].to_crs(METRIC_CRS)
    hamlets = region.settlements.to_crs(METRIC_CRS)
    away = [
        hamlets.geometry[hamlets["village_code"] == code].distance(hall).min()
        for code, hall in zip(halls["village_code"], halls.geometry, strict=True)
    ]
    assert int((np.array(away) > 500).sum()) == read_regency()["village_halls_away"]


def test_roads_join_every_hamlet_and_fibre_point(region: Region) -> None:
    ends = [(line.coords[0], line.coords[-1]) for line in region.roads.geometry]
    graph = nx.Graph(ends)
    assert nx.is_connected(graph)
    on_road = {(round(x, 6), round(y, 6)) for x, y in graph}
    for layer in (region.settlements, region.fibre_points):
        assert {(round(p.x, 6), round(p.y, 6)) for p in layer.geometry} <= on_road
    assert set(region.roads["road_class"]) == {"primary", "secondary", "tertiary", "local"}


def test_providers_are_of_every_kind_and_shares_are_whole(region: Region) -> None:
    assert set(region.providers["kind"]) == {"mobile", "isp", "tower", "bumdes", "satellite"}
    assert region.providers["market_share"].sum() == pytest.approx(1.0)
    satellite = region.providers[region.providers["kind"] == "satellite"]
    assert sorted(satellite["resale_allowed"]) == [False, True]
    assert region.evidence.empty
