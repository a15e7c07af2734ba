"""Styles that QGIS finds inside a GeoPackage: the table ``layer_styles``, one style per map layer.

QGIS opens a layer with its default style and offers the others under *Styles*.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

from coverage.outputs.maps import LegendItem, MapLayer

#: Columns as QGIS itself makes them (QgsOgrProvider, "layer_styles").
_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)
"""
_OUTLINE = "#ffffff"


def column(layer: str) -> str:
    """Column of the villages that holds a layer's class in words."""
    return f"map_{layer}"


def add_styles(path: Path, layers: list[MapLayer], date: str) -> None:
    """Write the styles of the villages into a GeoPackage, the first as default.

    Parameters
    ----------
    path : Path
        The GeoPackage; its table ``villages`` has a :func:`column` per layer.
    layers : list of MapLayer
        What can be shown.
    date : str
        ISO date written as the time of change, so that the same input gives the same bytes.
    """
    moment = f"{date}T00:00:00.000Z"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (moment,),
        )
        for position, layer in enumerate(layers):
            database.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, "
                "styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time) "
                "VALUES ('', '', 'villages', 'geom', ?, ?, '', ?, ?, '', ?)",
                (layer.title[:30], qml(layer), position == 0, layer.note, moment),
            )


def qml(layer: MapLayer) -> str:
    """A QGIS style that fills polygons by the class in words."""
    root = ElementTree.Element("qgis", version="3.28.0", styleCategories="Symbology")
    renderer = ElementTree.SubElement(root, "renderer-v2", type="categorizedSymbol", attr=column(layer.name))
    categories = ElementTree.SubElement(renderer, "categories")
    symbols = ElementTree.SubElement(renderer, "symbols")
    for number, item in enumerate(layer.legend):
        ElementTree.SubElement(
            categories, "category", symbol=str(number), value=item.label, label=item.label, render="true", type="string"
        )
        symbol = ElementTree.SubElement(symbols, "symbol", type="fill", name=str(number), alpha="0.85")
        _fill(symbol, item.colour, "solid")
        if item.hatched:
            _fill(symbol, "#6b6b6b", "b_diagonal")
    return '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n' + ElementTree.tostring(root, "unicode")


def _fill(symbol: ElementTree.Element, colour: str, style: str) -> None:
    layer = ElementTree.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})
    options = ElementTree.SubElement(layer, "Option", type="Map")
    values = {"color": _rgba(colour), "style": style, "outline_color": _rgba(_OUTLINE), "outline_width": "0.2"}
    for name, value in values.items():
        ElementTree.SubElement(options, "Option", type="QString", name=name, value=value)


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)) + ",255"


def kml_colour(item: LegendItem) -> str:
    """``aabbggrr``, as KML writes colours."""
    red, green, blue = item.colour[1:3], item.colour[3:5], item.colour[5:7]
    return f"cc{blue}{green}{red}"
