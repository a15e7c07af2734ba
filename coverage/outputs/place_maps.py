"""Maps of provinces, regencies or villages side by side: classes, colours and words from a table of places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from coverage.language import _, mark, number, percent, rupiah_short
from coverage.outputs.maps import (
    AMBER,
    BLUE,
    GREEN,
    MORE,
    NEED_LIMITS,
    NO_DATA,
    ORANGE,
    PLAIN,
    WORSE,
    LegendItem,
    MapLayer,
    class_limits,
    class_ranges,
    gain_digits,
    told,
)

#: What places can be compared by → its title.
_TITLES = {
    "berikut": mark("Next billion"),
    "kebutuhan": mark("Need"),
    "terlayani": mark("Served"),
    "tersisa": mark("Left out"),
    "jatah": mark("Budget share"),
}
MEASURES = tuple(_TITLES)
#: Upper limits of the classes of the share of people served.
_SERVED_LIMITS = (0.25, 0.5, 0.75, 0.9)
_UNITS = {
    "people": mark("People newly reached by the next Rp 1 billion"),
    "villages": mark("Villages newly served by the next Rp 1 billion"),
    "index_gain": mark("Index points from the next Rp 1 billion"),
}


def title(measure: str) -> str:
    """The measure's name in the reader's language."""
    return _(_TITLES[measure])


def next_unit(objective: str, *, villages: bool = False) -> str:
    """What the next billion is counted in."""
    if villages:
        return _("Index points per Rp 1 billion")
    return _(_UNITS.get(objective, _UNITS["index_gain"]))


def layer(table: pd.DataFrame, measure: str, objective: str, *, villages: bool) -> MapLayer:
    """Places graded by a measure.

    Parameters
    ----------
    table : DataFrame
        One row per place, in the order of the map: ``need, served_share, population,
        population_left_out, next_per_billion, public_idr``; villages also ``access_class`` and ``in_plan``.
    measure : str
        One of :data:`MEASURES`; another means the first.
    objective : str
        What ``next_per_billion`` counts: ``people, villages, index_gain``.
    villages : bool
        Whether the places are villages.
    """
    makers: dict[str, Callable[[], MapLayer]] = {
        "kebutuhan": lambda: _need(table),
        "terlayani": lambda: _served(table, villages=villages),
        "tersisa": lambda: _amounts(
            table["population_left_out"], "tersisa", _("People without a usable 4G signal"), number, WORSE
        ),
        "jatah": lambda: _planned(table) if villages else _amounts(
            table["public_idr"], "jatah", _("Public money from the shared budget"), rupiah_short, MORE
        ),
    }  # fmt: skip
    return makers.get(measure, lambda: _next(table, objective, villages=villages))()


def _amounts(
    values: pd.Series[float], name: str, legend_title: str, write: Callable[[float], str], colours: tuple[str, ...],
    digits: int = 0,
) -> MapLayer:  # fmt: skip
    """Classes of about the same number of places; nothing is a class of its own."""
    known = values[values > 0]
    limits = class_limits(known.to_numpy(dtype=float), digits, min(len(colours), known.nunique()))
    labels = class_ranges(limits, write)
    # few classes take colours that lie far apart
    steps = np.linspace(0, len(colours) - 1, len(labels)).round().astype(int)
    legend = [LegendItem(label, colours[step]) for label, step in zip(labels, steps, strict=True)]
    classes = [int(np.searchsorted(limits[1:-1], v, side="right")) if v > 0 else len(legend) for v in values]
    legend.append(LegendItem(_("nothing"), PLAIN))
    texts = [write(v) if v > 0 else legend[-1].label for v in values]
    return _made(name, legend_title, legend, classes, texts)


def _next(table: pd.DataFrame, objective: str, *, villages: bool) -> MapLayer:
    values = table["next_per_billion"].astype(float)
    digits = gain_digits(values)

    def write(value: float) -> str:
        return "+" + number(value, digits)

    return _amounts(values, "berikut", next_unit(objective, villages=villages), write, MORE, digits)


def _need(table: pd.DataFrame) -> MapLayer:
    need = table["need"].to_numpy(dtype=float)
    known = ~np.isnan(need)
    labels = class_ranges([0.0, *NEED_LIMITS, 100.0], number)
    legend = [LegendItem(label, colour) for label, colour in zip(labels, WORSE, strict=True)]
    legend.append(LegendItem(_("not known: no data"), NO_DATA, hatched=True))
    classes = np.where(known, np.searchsorted(NEED_LIMITS, np.nan_to_num(need), side="right"), len(legend) - 1)
    texts = [number(n, 1) if k else legend[-1].label for n, k in zip(need, known, strict=True)]
    return _made("kebutuhan", _("Need, 0 to 100"), legend, [int(c) for c in classes], texts, _unknown(table))


def _served(table: pd.DataFrame, *, villages: bool) -> MapLayer:
    share = table["served_share"].to_numpy(dtype=float)
    labels = class_ranges([0.0, *_SERVED_LIMITS, 1.0], percent)
    legend = [LegendItem(label, colour) for label, colour in zip(labels, MORE, strict=True)]
    legend.append(LegendItem(_("not known: no data"), NO_DATA, hatched=True))
    nothing = np.isnan(share) | ((share == 0) & np.array(_unknown(table)))
    classes = np.where(nothing, len(legend) - 1, np.searchsorted(_SERVED_LIMITS, np.nan_to_num(share), side="right"))
    texts = [legend[-1].label if n else percent(s) for s, n in zip(share, nothing, strict=True)]
    said = _("People served with enough capacity") if villages else _("People served, as a share of all")
    return _made("terlayani", said, legend, [int(c) for c in classes], texts, _unknown(table))


def _planned(table: pd.DataFrame) -> MapLayer:
    legend = [
        LegendItem(_("paid from the shared budget"), GREEN),
        LegendItem(_("served already"), BLUE),
        LegendItem(_("weakly served, not in the plan"), AMBER),
        LegendItem(_("not served, not in the plan"), ORANGE),
        LegendItem(_("not known: no data"), NO_DATA, hatched=True),
    ]
    order = {"served": 1, "weak": 2, "none": 3}
    classes = [0 if paid else order.get(c, 4) for paid, c in zip(table["in_plan"], table["access_class"], strict=True)]
    return _made("jatah", _("Plan within the shared budget"), legend, classes, [legend[c].label for c in classes])


def _unknown(table: pd.DataFrame) -> list[bool]:
    if "access_class" not in table:
        return [False] * len(table)
    return list(table["access_class"] == "unknown")


def _made(
    name: str, legend_title: str, legend: list[LegendItem], classes: list[int], values: list[str],
    uncertain: list[bool] | None = None,
) -> MapLayer:  # fmt: skip
    hatched = uncertain or [False] * len(classes)
    return MapLayer(name, title(name), legend_title, "", tuple(legend), tuple(classes), tuple(values), tuple(hatched))


def paint(shown: MapLayer, place: str, selected: str, mark_text: str) -> dict[str, Any]:
    """Colours and words for ``jangkau.paint``.

    Parameters
    ----------
    place : str
        What the map shows.
    mark_text : str
        Stands on pictures of made-up data; empty where they are real.
    """
    return {
        "name": shown.name,
        "legend": [{"label": i.label, "colour": i.colour, "hatched": i.hatched} for i in shown.legend],
        "legendTitle": shown.legend_title,
        "showLegend": True,
        "classes": list(shown.classes),
        "values": list(shown.values),
        "uncertain": [i for i, unsure in enumerate(shown.uncertain) if unsure],
        "selected": selected,
        "show": [],
        "words": {
            "map": _("Map of {place}: {layer}. The table holds the same.").format(place=place, layer=shown.title),
            "told": told(shown, _("{title}. Places by class: {counts}.")),
            "measure": _("Measure"),
            "picture": _("Picture"),
            "kinds": {},
        },
        "title": f"{shown.title} – {place}",
        "mark": mark_text,
    }
