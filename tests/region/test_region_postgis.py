"""PostgreSQL with PostGIS as source and target, on a real server; passwords are never told."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import sqlalchemy
from fake_analysis import make_analysis
from postgres_server import postgis_url, postgres_server, postgres_url  # noqa: F401 - fixtures
from region_files import village_frame
from shapely.geometry import Point

from coverage import region as room
from coverage.cli import main
from coverage.errors import InputError
from coverage.language import using
from coverage.outputs import postgis as target
from coverage.outputs.words import WATERMARK
from coverage.region.postgis import is_database, place

SECRET = "s3cret"  # noqa: S105 - of no server


def address(url: str) -> str:
    """As a user writes it."""
    return url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def filled(postgis_url: str) -> str:  # noqa: F811
    """A database as a regency's GIS has it: villages in UTM with columns of BIG, towers, a plain table."""
    engine = sqlalchemy.create_engine(postgis_url)
    villages = village_frame().rename(columns={"kode": "KDEPUM", "nama": "WADMKD", "kec_nama": "WADMKC"})
    towers = gpd.GeoDataFrame(
        {"id_menara": ["M1", "M2"], "operator": ["Telkomsel", "XL"], "teknologi": ["4G", "4G"]},
        geometry=[Point(109.32, -7.07), Point(109.36, -7.08)],
        crs=4326,
    )
    people = pd.DataFrame({"kode_desa": ["33.27.01.2001"], "penduduk": [4000]})
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE SCHEMA batas"))
        villages.to_crs(32749).rename_geometry("geom").to_postgis("Desa", connection, schema="batas")
        towers.to_postgis("menara", connection)
        people.to_sql("penduduk", connection, index=False)
    engine.dispose()
    return address(postgis_url)


@pytest.mark.postgres
def test_boundaries_sites_and_people_come_from_tables(
    filled: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["import", str(tmp_path / "r"), "--lang", "en", "--boundaries", f"{filled}#batas.Desa"]
    words += ["--cells", f"{filled}#menara", "--population", f"{filled}#public.penduduk"]
    assert main(words) == 0, capsys.readouterr().err
    made = room.load(tmp_path / "r")
    assert made.villages["village_name"].tolist() == ["Walangsanga", "Plakaran", "Mandiraja"]
    assert made.villages.total_bounds[0] == pytest.approx(109.30, abs=1e-6)
    assert sorted(made.cells["operator"]) == ["Telkomsel", "XLSmart"]
    assert 4000 in made.villages["population"].tolist()
    assert "postgresql" not in (tmp_path / "r" / "datapackage.json").read_text()


@pytest.mark.postgres
def test_what_is_not_there_is_told_without_the_password(
    filled: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    secret = filled.replace("jangkau@", f"jangkau:{SECRET}@")
    for given, expected in (
        (f"{secret}#batas.none", 'relation "batas.none" does not exist'),
        (secret, "names no table"),
        (f"{secret}#a.b.c", "not the name of a table"),
        (f'{secret}#x"; DROP TABLE menara; --', "not the name of a table"),
    ):
        assert main(["import", str(tmp_path / "r"), "--lang", "en", "--boundaries", given]) == 2
        told = capsys.readouterr().err
        assert expected in told
        assert SECRET not in told + caplog.text
    assert not (tmp_path / "r").exists()


def test_a_server_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = f"postgresql://user:{SECRET}@127.0.0.1:1/db#t"
    assert main(["import", str(tmp_path / "r"), "--lang", "en", "--boundaries", nowhere]) == 2
    told = capsys.readouterr().err
    assert "postgresql://127.0.0.1:1/db#public.t" in told
    assert SECRET not in told
    assert SECRET not in repr(place(nowhere))
    assert is_database(nowhere)
    assert not is_database(Path("villages.geojson"))


@pytest.mark.postgres
def test_results_are_written_whole_and_again(postgis_url: str) -> None:  # noqa: F811
    analysis = make_analysis()
    where = place(f"{address(postgis_url)}#hasil")
    first = target.write(analysis, where)
    assert target.write(analysis, where) == first
    engine = sqlalchemy.create_engine(postgis_url)
    back = gpd.read_postgis("SELECT * FROM hasil.villages ORDER BY village_code", engine, geom_col="geometry")
    plan = pd.read_sql("SELECT * FROM hasil.plan", engine)
    about = pd.read_sql("SELECT obj_description('hasil.villages'::regclass) AS about", engine)["about"][0]
    engine.dispose()
    assert "hasil.layers" in first
    assert back["village_code"].tolist() == sorted(analysis.region.villages["village_code"])
    assert back.crs.to_epsg() == 4326
    assert set(back["watermark"]) == {WATERMARK}
    assert WATERMARK in about
    assert len(plan) == len(analysis.plan.chosen)


@pytest.mark.postgres
def test_a_table_of_somebody_else_is_never_replaced(postgis_url: str) -> None:  # noqa: F811
    engine = sqlalchemy.create_engine(postgis_url)
    with engine.begin() as connection:
        pd.DataFrame({"mine": [1]}).to_sql("links", connection, index=False)
    with using("en"), pytest.raises(InputError, match="did not write"):
        target.write(make_analysis(), place(f"{address(postgis_url)}#public"))
    with engine.begin() as connection:
        names = connection.execute(sqlalchemy.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
        assert {"links"} == set(names.scalars()) - {"spatial_ref_sys"}
        assert pd.read_sql("SELECT * FROM links", connection)["mine"].tolist() == [1]
    engine.dispose()


@pytest.mark.postgres
def test_without_postgis_nothing_is_written(postgres_url: str) -> None:  # noqa: F811
    with using("en"), pytest.raises(InputError, match="no PostGIS"):
        target.write(make_analysis(), place(address(postgres_url)))
