"""A card per layer of the region: what it is, whence, how good; and the problems found in it."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage.errors import RegionError
from coverage.language import _, date, ngettext, number
from coverage.outputs import words
from coverage.outputs.tables import defused
from coverage.region.layers import LAYERS
from coverage.ui import theme
from coverage.ui.import_words import report_on_page
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.region import Layer, Region, Report


def made_up(region: Region) -> int:
    """Number of synthetic layers."""
    return sum(layer.kind == "synthetic" for layer in region.layers.values())


def cards(region: Region) -> None:
    """One card per layer, two beside each other."""
    from coverage.region import grades

    columns = st.columns(2, gap="medium")
    known = [name for name in LAYERS if name in region.layers]
    graded = grades(region.layers, _report(region)).set_index("layer")["grade"]
    for position, name in enumerate(known):
        with columns[position % 2].container(border=True):
            _card(region, name, region.layers[name], str(graded[name]))


def _card(region: Region, name: str, layer: Layer, letter: str) -> None:
    kind = f":{theme.KIND_COLOUR.get(layer.kind, 'gray')}-badge[{literal(words.layer_kind(layer.kind))}]"
    graded = _("grade {letter}").format(letter=letter)
    mark = f":gray-badge[{literal(graded)}]"
    st.markdown(f"**{literal(words.layer(name))}** {kind} {mark}")
    rows = [
        (_("Contains"), _contents(region, name)),
        (_("Source"), layer.source_said or "–"),
        (_("Date"), _date(layer.date)),
        (_("Licence"), layer.licence or "–"),
    ]
    if layer.completeness:
        told = ", ".join(f"{k}: {words.completeness(v)}" for k, v in sorted(layer.completeness.items()))
        rows.append((_("Completeness"), told))
    if layer.note:
        rows.append((_("Note"), layer.note_said))
    st.markdown("  \n".join(f"{literal(label)}: {literal(value)}" for label, value in rows))


def _contents(region: Region, name: str) -> str:
    found = getattr(region, name, None)
    if LAYERS[name].form == "raster":
        if found is None:
            return "–"
        rows, columns = found.shape
        return _("{rows} × {columns} pixels").format(rows=number(rows), columns=number(columns))
    count = 0 if found is None else len(found)
    return ngettext("{count} row", "{count} rows", count).format(count=number(count))


def _date(text: str) -> str:
    try:
        return date(dt.date.fromisoformat(text))
    except ValueError:
        return text or "–"


def problems(region: Region) -> None:
    """What the import found; layers that are missing count as a problem too."""
    found = _report(region).frame()
    missing = [name for name, spec in LAYERS.items() if not spec.optional and name not in region.layers]
    if missing:
        names = ", ".join(words.layer(name) for name in missing)
        st.warning(literal(_("Missing layers: {names}. What depends on them stays unknown.").format(names=names)))
    if found.empty and not missing:
        st.success(_("No problems were found in the files."), icon=":material/check_circle:")
    elif not found.empty:
        report_table(found)
        st.download_button(
            _("Report as CSV"),
            defused(found).to_csv(index=False).encode("utf-8-sig"),
            "quality.csv",
            "text/csv",
            icon=":material/download:",
        )


def report_table(found: pd.DataFrame) -> None:
    """A quality report as a table, in the columns of ``Report.frame()``."""
    found = report_on_page(found)
    st.dataframe(
        found.assign(severity=found["severity"].map(_severity), layer=found["layer"].map(words.layer)),
        hide_index=True,
        column_order=[
            "severity",
            "layer",
            "what",
            "todo",
            "row",
            "value",
            *(["column"] if found["column"].any() else []),
        ],
        column_config={
            "severity": _("Severity"),
            "layer": _("Layer"),
            "what": st.column_config.TextColumn(_("What is wrong"), width="large"),
            "todo": st.column_config.TextColumn(_("What to do"), width="large"),
            "row": _("Row"),
            "column": _("Column"),
            "value": _("Value"),
        },
    )


def _severity(code: str) -> str:
    return {"error": _("error"), "warning": _("warning"), "info": _("note")}.get(code, code)


def _report(region: Region) -> Report:
    """What the import found, and which providers name technologies for which they have no licence."""
    from coverage.partnership import provider_problems
    from coverage.region import Report, load_report

    report = Report()
    if region.folder is not None:
        with contextlib.suppress(OSError, RegionError):
            report = load_report(region.folder)
    report.extend(provider_problems(region.providers, words.technology))
    return report
