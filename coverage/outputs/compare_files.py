"""The comparison to take along: workbook, GeoPackage and a PDF summary; the same plans give the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import xlsxwriter

from coverage.language import _, date, language, ngettext
from coverage.outputs import compare_map, words
from coverage.outputs.compare import Comparison, cell, headline, said
from coverage.outputs.folder import written
from coverage.outputs.tables import data_date, dated, geometry_type
from coverage.outputs.typeset import typeset
from coverage.region.text import harmless

_TEMPLATE = Path(__file__).with_name("compare.typ")
#: Stands for "now" wherever a file must hold a time.
_CREATED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_FORMATS = {"money": "#,##0", "budget": "#,##0", "count": "#,##0", "share": "0.0%"}
#: Villages that the PDF lists; the workbook has all.
_LISTED = 40


def write(comparison: Comparison, out: Path) -> list[Path]:
    """Write ``compare.xlsx``, ``compare.gpkg`` and ``compare.pdf`` into a folder, all or nothing."""

    def make(folder: Path) -> list[Path]:
        made = []
        for name, content in (("compare.xlsx", workbook(comparison)), ("compare.pdf", pdf(comparison))):
            path = folder / name
            path.write_bytes(content)
            made.append(path)
        return [*made, geopackage(comparison, folder / "compare.gpkg")]

    return written(Path(out), make)


def workbook(comparison: Comparison) -> bytes:
    """Sheets: totals, villages, and the settings of the scenarios; numbers as numbers."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False}) as book:
        book.set_properties({"title": _("Comparison of plans"), "created": _CREATED.replace(tzinfo=None)})
        formats = {**_FORMATS, "gain": "0." + "0" * (comparison.gain_digits + 1)}
        styles = {kind: book.add_format({"num_format": form}) for kind, form in formats.items()}
        styles |= {
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E3EEEA"}),
            "warning": book.add_format({"bold": True, "font_color": "#7A2E00"}),
        }
        _totals_sheet(book, comparison, styles)
        _villages_sheet(book, comparison, styles)
        _settings_sheet(book, comparison, styles)
    return stream.getvalue()


def _sheet(
    book: Any, comparison: Comparison, title: str, heads: list[str], styles: Mapping[str, Any]
) -> tuple[Any, int]:
    """A sheet with its warning and heads; the first free row."""
    sheet = book.add_worksheet(title)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sample = words.WATERMARK if comparison.analyses[0].region.is_sample else ""
    sheet.write_string(0, 0, " · ".join(t for t in (_warning(), sample) if t), styles["warning"])
    for position, head in enumerate(heads):
        sheet.write_string(2, position, harmless(head), styles["head"])
    sheet.freeze_panes(3, 1)
    return sheet, 3


def _totals_sheet(book: Any, comparison: Comparison, styles: Mapping[str, Any]) -> None:
    sheet, row = _sheet(book, comparison, _("Totals"), [_("What"), *comparison.names], styles)
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, len(comparison.names), 22)
    group = ""
    for line in comparison.rows:
        if line.group != group:
            group = line.group
            sheet.write_string(row, 0, group, styles["head"])
            row += 1
        sheet.write_string(row, 0, line.label, styles["text"])
        for position, value in enumerate(line.values, start=1):
            if line.kind == "budget" and said(line, value, 0) == _("as much as it takes"):
                sheet.write_string(row, position, said(line, value, 0))
            elif not math.isnan(value):
                sheet.write_number(row, position, value, styles[line.kind])
        row += 1


def _villages_sheet(book: Any, comparison: Comparison, styles: Mapping[str, Any]) -> None:
    heads = [_("Code"), _("Village"), _("District"), _("Differs"), *comparison.names]
    sheet, row = _sheet(book, comparison, _("Villages"), heads, styles)
    sheet.set_column(0, 2, 18)
    sheet.set_column(4, 3 + len(comparison.names), 38)
    for _position, village in comparison.villages.iterrows():
        texts = [village["village_code"], village["village_name"], village["district_name"]]
        texts.append(_("yes") if village["differs"] else _("no"))
        texts += [cell(comparison, village, letter) for letter in comparison.letters]
        for position, text in enumerate(texts):
            sheet.write_string(row, position, harmless(str(text)), styles["text"])
        row += 1


def _settings_sheet(book: Any, comparison: Comparison, styles: Mapping[str, Any]) -> None:
    sheet, row = _sheet(book, comparison, _("Settings"), [_("What"), *comparison.names], styles)
    sheet.set_column(0, len(comparison.names), 34)
    for label, texts in settings(comparison):
        for position, text in enumerate([label, *texts]):
            sheet.write_string(row, position, harmless(text), styles["text"])
        row += 1


def settings(comparison: Comparison) -> list[tuple[str, list[str]]]:
    """What each scenario asks for, as text: label and one text per plan."""
    scenarios = [a.scenario for a in comparison.analyses]
    none = "–"
    return [
        (_("Aim"), [words.objective(s.objective) for s in scenarios]),
        (_("What may be built"), [", ".join(words.technology(t) for t in s.technologies) for s in scenarios]),
        (
            _("Business models"),
            [", ".join(words.business_model(m) for m in s.business_models) or _("all") for s in scenarios],
        ),
        (_("Villages that must be served"), [", ".join(s.must) or none for s in scenarios]),
        (_("Villages that stay out"), [", ".join(s.never) or none for s in scenarios]),
        (_("Villages of which too little is known"), [_("yes") if s.include_unknown else _("no") for s in scenarios]),
        (
            _("Changed assumptions"),
            ["\n".join(f"{n} = {v:g}" for n, v in sorted(s.assumptions.items())) or none for s in scenarios],
        ),
    ]


def geopackage(comparison: Comparison, path: Path) -> Path:
    """Layers ``villages`` (each plan's columns, class and difference) and ``plan_a`` … (the deals at their sites)."""
    first = comparison.analyses[0]
    sample = first.region.is_sample
    villages = first.region.villages[["village_code", "village_name", "district_name", "geometry"]]
    table = comparison.villages.drop(columns=["village_name", "district_name"])
    for letter in comparison.letters:
        table[f"class_{letter}"] = table["village_code"].map(compare_map.village_classes(comparison, letter))
    wide = villages.merge(table, on="village_code", how="left")
    for column in ["differs", *[f"in_{letter}" for letter in comparison.letters]]:
        wide[column] = wide[column].eq(True)
    layers: dict[str, gpd.GeoDataFrame] = {"villages": gpd.GeoDataFrame(wide, geometry="geometry", crs=villages.crs)}
    for letter, analysis in zip(comparison.letters, comparison.analyses, strict=True):
        options = analysis.option_set.options[["option_id", "technology", "lon", "lat", "height_m"]]
        deals = analysis.plan.chosen.merge(options, on="option_id")
        layers[f"plan_{letter}"] = gpd.GeoDataFrame(
            deals.drop(columns=["lon", "lat"]), geometry=gpd.points_from_xy(deals["lon"], deals["lat"]), crs="EPSG:4326"
        )
    with dated(data_date(first)):
        for position, (name, frame) in enumerate(layers.items()):
            stamped = frame.assign(watermark=words.WATERMARK) if sample else frame
            pyogrio.write_dataframe(
                stamped, path, layer=name, driver="GPKG", append=position > 0, geometry_type=geometry_type(frame)
            )
    return path


def pdf(comparison: Comparison) -> bytes:
    """The comparison on A4: sentence, maps, table of totals, villages that differ, settings."""
    first = comparison.analyses[0]
    digits = comparison.gain_digits
    rows: list[list[str]] = []
    group = ""
    for line in comparison.rows:
        if line.group != group:
            group = line.group
            rows.append([group, *[""] * len(line.values)])
        rows.append([line.label, *[said(line, value, digits) for value in line.values]])
    differing = comparison.differing
    villages = [
        [f"{v['village_name']} ({v['district_name']})", *[cell(comparison, v, letter) for letter in comparison.letters]]
        for _position, v in differing.head(_LISTED).iterrows()
    ]
    data = {
        "language": language(),
        "title": _("Comparison of plans"),
        "region": first.region.name,
        "warning": _warning(),
        "watermark": words.WATERMARK if first.region.is_sample else "",
        "headline": headline(comparison),
        "names": list(comparison.names),
        "maps": compare_map.side_maps(comparison),
        "legend": [[compare_map.COLOURS[c], compare_map.class_label(c)] for c in compare_map.CLASSES],
        "rows": rows,
        "villages": villages,
        "settings": [[label, *texts] for label, texts in settings(comparison)],
        "say": {
            "what": _("What"),
            "villages": _("Villages where the plans differ, and why"),
            "village": _("Village"),
            "settings": _("What each scenario asks for"),
            "page": _("page"),
            "border": _("dark border: the plans differ here"),
            "more": ngettext(
                "{count} more village is in the workbook.",
                "{count} more villages are in the workbook.",
                max(len(differing) - _LISTED, 0),
            ).format(count=len(differing) - _LISTED)
            if len(differing) > _LISTED
            else "",
            "none": _("All plans serve the same villages in the same way."),
        },
        "date": _("Data of {date}").format(date=date(dt.date.fromisoformat(data_date(first)))),
    }
    return typeset(_TEMPLATE, data)


def _warning() -> str:
    return _("Index gains are indicative, not the ministry's score. A match is advice, not an award to a provider.")
