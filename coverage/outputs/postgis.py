"""Results as tables of a PostgreSQL database with PostGIS, for the regency's own GIS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from coverage.errors import InputError
from coverage.language import _
from coverage.outputs import tables, words
from coverage.region.postgis import Place, connected

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from coverage.analysis import Analysis

#: Where results go unless the address names a schema.
SCHEMA = "jangkau"
_MARK = "Jangkau"


def write(analysis: Analysis, where: Place) -> list[str]:
    """Write layers and tables into a schema, in one transaction: all of them, or none.

    Tables of the same name are replaced where Jangkau wrote them; any other is left alone and
    refused. Sample data carry the column ``watermark`` and say so in the table's comment.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    where : Place
        ``postgresql://host/database#schema``; the schema is made if it does not exist.

    Returns
    -------
    list of str
        Names of the tables, with their schema, in order.

    Raises
    ------
    InputError
        Where the database refuses, has no PostGIS, or a table of that name is somebody else's.
    """
    from sqlalchemy import text

    schema = where.table or where.schema or SCHEMA  # a single name after # is read as a table
    layers = tables.geopackage_layers(analysis)
    plain = {name: frame for name, frame in tables.all_tables(analysis).items() if name not in layers}
    with connected(where) as connection:
        if not connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")).scalar():
            raise InputError(
                _("The database has no PostGIS"),
                where=where.shown,
                todo=_("Have its administrator run: CREATE EXTENSION postgis"),
            )
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
        for name, frame in {**layers, **plain}.items():
            _refuse_foreign(connection, schema, name, where)
            _put(connection, schema, name, frame, sample=analysis.region.is_sample)
    return sorted(f"{schema}.{name}" for name in {**layers, **plain})


def _refuse_foreign(connection: Connection, schema: str, name: str, where: Place) -> None:
    from sqlalchemy import text

    found = connection.execute(
        text(
            "SELECT coalesce(obj_description(c.oid), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = :schema AND c.relname = :name"
        ),
        {"schema": schema, "name": name},
    ).scalar()
    if found is not None and not str(found).startswith(_MARK):
        raise InputError(
            _("A table {name} that Jangkau did not write stands there already").format(name=f"{schema}.{name}"),
            where=where.shown,
            todo=_("Name another schema after #, or rename the table"),
        )


def _put(connection: Connection, schema: str, name: str, frame: pd.DataFrame, *, sample: bool) -> None:
    """One table, with its comment; integers and text keep their kind."""
    from sqlalchemy import text

    ready = frame.assign(watermark=words.WATERMARK) if sample else frame
    if isinstance(frame, gpd.GeoDataFrame):
        gpd.GeoDataFrame(ready, geometry=frame.geometry, crs=frame.crs).to_postgis(
            name, connection, schema=schema, if_exists="replace", index=False
        )
    else:
        ready.to_sql(name, connection, schema=schema, if_exists="replace", index=False)
    comment = f"{_MARK} · {words.WATERMARK}" if sample else _MARK
    connection.execute(text(f'COMMENT ON TABLE "{schema}"."{name}" IS \'{comment}\''))
