"""The map to take along: one HTML page, a GeoPackage that opens styled, KML for Google Earth."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import shapely

from coverage.language import _
from coverage.outputs import geometry, leaflet, maps, styles, tables, words

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_KML = "http://www.opengis.net/kml/2.2"


def file(analysis: Analysis, layer: str, kind: str) -> bytes:
    """The map as a file, the same bytes for the same analysis and language.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    layer : str
        Which layer is shown (one of :data:`coverage.outputs.maps.LAYERS`).
    kind : str
        ``html``, ``gpkg`` or ``kml``.
    """
    if kind == "html":
        return leaflet.standalone(analysis, layer).encode()
    if kind == "kml":
        return kml(analysis, layer)
    with tempfile.TemporaryDirectory() as folder:
        return tables.write_geopackage(analysis, Path(folder) / "jangkau.gpkg").read_bytes()


def kml(analysis: Analysis, name: str) -> bytes:
    """The villages of a layer and the towers as KML; what comes from data is text, never markup."""
    layer = maps.layer(analysis, name)
    root = ElementTree.Element("kml", xmlns=_KML)
    document = ElementTree.SubElement(root, "Document")
    mark = f" – {words.WATERMARK}" if analysis.region.is_sample else ""
    _text(document, "name", f"Jangkau – {analysis.region.name}: {layer.title}{mark}")
    _text(document, "description", f"{layer.legend_title}. {layer.note}")
    for number, item in enumerate(layer.legend):
        style = ElementTree.SubElement(document, "Style", id=f"c{number}")
        line = ElementTree.SubElement(style, "LineStyle")
        _text(line, "color", "ffffffff")
        _text(line, "width", "1")
        _text(ElementTree.SubElement(style, "PolyStyle"), "color", styles.kml_colour(item))
    features = geometry.village_features(analysis.region.villages)["features"]
    for feature, number, value in zip(features, layer.classes, layer.values, strict=True):
        place = ElementTree.SubElement(document, "Placemark")
        _text(place, "name", feature["properties"]["name"])
        _text(place, "description", _plain(f"{feature['properties']['district']}: {value}{mark}"))
        _text(place, "styleUrl", f"#c{number}")
        _polygons(place, feature["geometry"])
    folder = ElementTree.SubElement(document, "Folder")
    _text(folder, "name", _("Towers"))
    points = analysis.region.sites.geometry
    for x, y, site in zip(points.x, points.y, analysis.region.sites["site_id"], strict=True):
        place = ElementTree.SubElement(folder, "Placemark")
        _text(place, "name", str(site))
        _text(ElementTree.SubElement(place, "Point"), "coordinates", _corner(x, y))
    return bytes(ElementTree.tostring(root, "utf-8", xml_declaration=True))


def _text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text


def _plain(text: str) -> str:
    """Google Earth reads a description as HTML: names from files must not become markup there."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _polygons(place: ElementTree.Element, shape: dict[str, Any]) -> None:
    many = ElementTree.SubElement(place, "MultiGeometry")
    found = shapely.from_geojson(json.dumps(shape))
    for part in shapely.get_parts(found):
        if part.geom_type != "Polygon":
            continue
        polygon = ElementTree.SubElement(many, "Polygon")
        for tag, ring in [("outerBoundaryIs", part.exterior), *(("innerBoundaryIs", r) for r in part.interiors)]:
            holder = ElementTree.SubElement(ElementTree.SubElement(polygon, tag), "LinearRing")
            _text(holder, "coordinates", " ".join(_corner(x, y) for x, y, *_rest in ring.coords))


def _corner(x: float, y: float) -> str:
    return f"{geometry.rounded(x)},{geometry.rounded(y)}"
