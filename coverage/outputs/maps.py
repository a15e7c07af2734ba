"""What each map layer says: classes, colours, legend.

No folium here: the app, the standalone map and the summaries draw from the same data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.kept import kept
from coverage.language import _, mark, number
from coverage.outputs import words
from coverage.tables import OPTION_TECHNOLOGIES

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: From little to much, light to dark: viridis, its darkest end left out so that it stands out from dark paper.
MORE = ("#fde725", "#73d056", "#1f9e89", "#31688e", "#472f7d")
#: From little to much of what is bad, so that nobody takes need for gain.
WORSE = ("#ffec8b", "#fdb93f", "#f07818", "#c0410a", "#7f2704")
#: Okabe and Ito's colours for classes, again safe for every kind of colour vision.
ORANGE, AMBER, BLUE, GREEN, PINK = "#d55e00", "#e69f00", "#0072b2", "#009e73", "#cc79a7"
NO_DATA = "#bdbdbd"
PLAIN = "#e8e8e4"

#: Name of a layer in the address of the page → its function below.
LAYERS = ("manfaat", "layanan", "operator", "kebutuhan", "kesepakatan", "rencana")
_TITLES = {
    "manfaat": mark("Benefit"),
    "layanan": mark("Service"),
    "operator": mark("Operators"),
    "kebutuhan": mark("Need"),
    "kesepakatan": mark("Deal"),
    "rencana": mark("Plan"),
}


#: What may be drawn over a layer: towers, the backhaul of the plan, facilities, relief, signal.
OVERLAYS = ("menara", "jaringan", "fasilitas", "relief", "sinyal")
_OVERLAYS = {
    "menara": mark("Towers"),
    "jaringan": mark("Backhaul"),
    "fasilitas": mark("Facilities"),
    "relief": mark("Relief"),
    "sinyal": mark("Signal"),
}


@dataclass(frozen=True)
class LegendItem:
    """One class of a layer: ``hatched`` marks what is not known."""

    label: str
    colour: str
    hatched: bool = False


@dataclass(frozen=True)
class MapLayer:
    """A layer ready to be drawn: ``classes`` and ``values`` follow the order of the villages table.

    ``classes`` index into ``legend``; ``values`` are short texts for the hover label; ``legend_title``
    carries the unit. ``uncertain`` villages are hatched over their colour: their access is not known,
    so what is shown holds only if they are as badly served as the known towers say.
    """

    name: str
    title: str
    legend_title: str
    note: str
    legend: tuple[LegendItem, ...]
    classes: tuple[int, ...]
    values: tuple[str, ...]
    uncertain: tuple[bool, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of villages in each class of the legend."""
        return tuple(self.classes.count(i) for i in range(len(self.legend)))


def title(name: str) -> str:
    """The layer's name in the reader's language."""
    return _(_TITLES[name])


def overlay_title(name: str) -> str:
    """The overlay's name in the reader's language."""
    return _(_OVERLAYS[name])


def told(layer: MapLayer, sentence: str = "") -> str:
    """The map in one sentence, for those who cannot see it: how many villages are in each class.

    ``sentence`` is another one with ``{title}`` and ``{counts}``, where the map shows no villages.
    """
    counts = [
        _("{label}: {count}").format(label=item.label, count=number(count))
        for item, count in zip(layer.legend, layer.counts, strict=True)
        if count
    ]
    said = sentence or _("{title}. Villages by class: {counts}.")
    return said.format(title=layer.legend_title, counts="; ".join(counts))


def layer(analysis: Analysis, name: str, *, like: Analysis | None = None) -> MapLayer:
    """The layer called ``name``: one of :data:`LAYERS` or of :mod:`coverage.outputs.gain_maps`.

    Another name means the first layer. Where classes follow the numbers, they are those of ``like``, so
    that two maps beside each other have the same colours for the same numbers.
    """
    return _own_layer(analysis, name) if like is None else _layer(analysis, name, like)


@kept
def _own_layer(analysis: Analysis, name: str) -> MapLayer:
    return _layer(analysis, name, None)


def _layer(analysis: Analysis, name: str, like: Analysis | None) -> MapLayer:
    from coverage.outputs import gain_maps  # it draws with this module

    if (choice := gain_maps.choice(name)) is not None:
        return gain_maps.layer(analysis, choice)
    makers: dict[str, Callable[[Analysis], MapLayer]] = {
        "manfaat": partial(_gain, like=like),
        "layanan": _service,
        "operator": _operators,
        "kebutuhan": _need,
        "kesepakatan": _deal,
        "rencana": _plan,
    }
    return makers.get(name, makers["manfaat"])(analysis)


def gain_digits(values: pd.Series) -> int:
    """Decimals that show two meaningful digits of the largest value."""
    largest = float(values.max()) if len(values) and values.notna().any() else 0.0
    return int(np.clip(2 - np.floor(np.log10(largest)) - 1, 0, 8)) if largest > 0 else 2


def _aligned(analysis: Analysis, table: pd.DataFrame) -> pd.DataFrame:
    """The table in the order of the villages, one row per village."""
    return table.set_index("village_code").reindex(analysis.region.villages["village_code"])


def _gain(analysis: Analysis, like: Analysis | None = None) -> MapLayer:
    return graded(
        analysis,
        _aligned(analysis, analysis.gain)["gain_per_billion"],
        "manfaat",
        title("manfaat"),
        _("Index points per Rp 1 billion"),
        _("Each village by its best deal alone; do not add. Indicative, not the ministry's score."),
        None if like is None else like.gain["gain_per_billion"],
    )


def graded(
    analysis: Analysis,
    gains: pd.Series[float],
    name: str,
    said: str,
    legend_title: str,
    note: str,
    scale: pd.Series[float] | None = None,
) -> MapLayer:
    """A layer that grades villages by a gain, in five classes of about the same number of villages.

    Parameters
    ----------
    analysis : Analysis
        Whose villages and access they are.
    gains : Series
        Index points per village, in the order of the villages; missing or 0 where nothing is gained.
    name, said, legend_title, note : str
        As in :class:`MapLayer`; ``said`` is the title.
    scale : Series, optional
        Gains that set the classes instead.
    """
    measure = gains if scale is None else scale
    known = measure[measure > 0]
    digits = gain_digits(known)
    breaks = class_limits(known.to_numpy(dtype=float), digits, len(MORE))
    labels = class_ranges(breaks, partial(number, digits=digits))
    # Where rounding leaves fewer classes, the best one is still the darkest.
    colours = MORE[len(MORE) - len(labels) :]
    legend = [LegendItem(label, colour) for label, colour in zip(labels, colours, strict=True)]
    inner, nothing, unknown = breaks[1:-1], len(legend), len(legend) + 1
    legend.append(LegendItem(_("nothing to gain"), PLAIN))
    legend.append(LegendItem(_("not known: no data"), NO_DATA, hatched=True))
    found = _aligned(analysis, analysis.access.villages)["access_class"].fillna("unknown")
    without = np.where(found == "unknown", unknown, nothing)
    classes = [
        int(np.searchsorted(inner, v, side="right")) if v > 0 else int(w) for v, w in zip(gains, without, strict=True)
    ]
    values = ["+" + number(v, digits) if v > 0 else legend[c].label for v, c in zip(gains, classes, strict=True)]
    return MapLayer(
        name,
        said,
        legend_title,
        note,
        tuple(legend),
        tuple(classes),
        tuple(values),
        tuple(found == "unknown"),
    )


def class_limits(values: np.ndarray, digits: int, classes: int) -> list[float]:
    """Class limits at quantiles, rounded to what is shown; equal limits are merged."""
    if not len(values):
        return [0.0]
    limits = np.quantile(values, np.linspace(0, 1, classes + 1))
    inner = sorted({round(float(v), digits) for v in limits[1:-1]} - {0.0})
    return [float(limits[0]), *inner, float(limits[-1])]


def class_ranges(breaks: list[float], write: Callable[[float], str]) -> list[str]:
    """Names of the classes between limits, as ``write`` writes a value."""
    inner = [write(v) for v in breaks[1:-1]]
    if len(breaks) < 2:
        return []
    if not inner:
        return [write(breaks[-1])]
    middle = [f"{low} – {high}" for low, high in pairwise(inner)]
    return [
        _("less than {value}").format(value=inner[0]),
        *middle,
        _("{value} or more").format(value=inner[-1]),
    ]


def _service(analysis: Analysis) -> MapLayer:
    found = _aligned(analysis, analysis.access.villages)["access_class"].fillna("unknown")
    order = ("none", "weak", "served", "unknown")
    colours = (ORANGE, AMBER, BLUE, NO_DATA)
    legend = tuple(
        LegendItem(
            words.access_class(code) if code != "unknown" else _("not known: no data"), colour, code == "unknown"
        )
        for code, colour in zip(order, colours, strict=True)
    )
    return MapLayer(
        "layanan",
        title("layanan"),
        _("How well people are served"),
        _("By the people who get a usable 4G signal."),
        legend,
        tuple(order.index(code) for code in found),
        tuple(words.access_class(code) for code in found),
        tuple(found == "unknown"),
    )


def _operators(analysis: Analysis) -> MapLayer:
    access = _aligned(analysis, analysis.access.villages)
    found = access["access_class"].fillna("unknown")
    count = access["operators"].fillna(0).astype(int).clip(upper=3).to_numpy()
    legend = (
        LegendItem(_("no operator"), ORANGE),
        LegendItem(_("one operator: no choice"), AMBER),
        LegendItem(_("two operators"), "#7fb8d8"),
        LegendItem(_("three or more"), BLUE),
        LegendItem(_("not known: no data"), NO_DATA, hatched=True),
    )
    # what a partial list of towers says is a lower bound: only a village without any stays unknown
    classes = tuple(len(legend) - 1 if a == "unknown" and n == 0 else int(n) for n, a in zip(count, found, strict=True))
    return MapLayer(
        "operator",
        title("operator"),
        _("Operators to choose from"),
        _("Operators whose usable 4G signal reaches most people of the village."),
        legend,
        classes,
        tuple(legend[c].label for c in classes),
        tuple(found == "unknown"),
    )


#: Upper limits of the classes of need, which runs from 0 to 100.
NEED_LIMITS = (20, 40, 60, 80)


def _need(analysis: Analysis) -> MapLayer:
    access = _aligned(analysis, analysis.access.villages)
    need = access["need"].to_numpy(dtype=float)
    graded_labels = zip(class_ranges([0, *NEED_LIMITS, 100], number), WORSE, strict=True)
    legend = (
        *(LegendItem(label, colour) for label, colour in graded_labels),
        LegendItem(_("not known: no data"), NO_DATA, hatched=True),
    )
    known = ~np.isnan(need)
    classes = np.where(known, np.searchsorted(NEED_LIMITS, np.nan_to_num(need), side="right"), len(legend) - 1)
    return MapLayer(
        "kebutuhan",
        title("kebutuhan"),
        _("Need, 0 to 100"),
        _("From people left out, facilities offline, price and lack of choice."),
        legend,
        tuple(int(c) for c in classes),
        tuple(number(n) if k else legend[-1].label for n, k in zip(need, known, strict=True)),
        tuple(access["access_class"].fillna("unknown") == "unknown"),
    )


#: One colour for each technology, whichever of them a map shows.
_TECHNOLOGY_COLOURS = dict(
    zip(OPTION_TECHNOLOGIES, (BLUE, "#f0e442", AMBER, "#56b4e9", ORANGE, GREEN, PINK), strict=True)
)


def _deal(analysis: Analysis) -> MapLayer:
    best = _aligned(analysis, analysis.gain)["best_deal_id"]
    found = _aligned(analysis, analysis.access.villages)["access_class"].fillna("unknown")
    technology = best.map(deal_technology(analysis))
    order = [t for t in OPTION_TECHNOLOGIES if (technology == t).any()]
    order += sorted(set(technology.dropna()) - set(order))
    legend = [LegendItem(words.technology(t), _TECHNOLOGY_COLOURS.get(t, ORANGE)) for t in order]
    nothing, unknown = len(legend), len(legend) + 1
    legend.append(LegendItem(_("nothing to gain"), PLAIN))
    legend.append(LegendItem(_("not known: no data"), NO_DATA, hatched=True))
    classes = [
        order.index(t) if isinstance(t, str) else unknown if a == "unknown" else nothing
        for t, a in zip(technology, found, strict=True)
    ]
    return MapLayer(
        "kesepakatan",
        title("kesepakatan"),
        _("Best deal"),
        _("Advice, not an award: several providers can be invited."),
        tuple(legend),
        tuple(classes),
        tuple(legend[c].label for c in classes),
        tuple(found == "unknown"),
    )


def _plan(analysis: Analysis) -> MapLayer:
    gain = _aligned(analysis, analysis.gain)
    built = set(analysis.plan.chosen["village_code"])
    states = [
        "built" if c in built else "reached" if p else "out" for c, p in zip(gain.index, gain["in_plan"], strict=True)
    ]
    found = _aligned(analysis, analysis.access.villages)["access_class"]
    states = [
        "served" if s == "out" and a == "served" else "unknown" if s == "out" and a == "unknown" else s
        for s, a in zip(states, found, strict=True)
    ]
    shown = {
        "built": LegendItem(_("built in the plan"), GREEN),
        "reached": LegendItem(_("reached from a neighbour"), "#8fd3bd"),
        "out": LegendItem(_("not yet in the plan"), AMBER),
        "served": LegendItem(_("served already"), PLAIN),
        "unknown": LegendItem(_("not known: no data"), NO_DATA, hatched=True),
    }
    order = [s for s in shown if s in states or s in ("built", "out")]
    return MapLayer(
        "rencana",
        title("rencana"),
        _("Plan within the budget"),
        _("Lines are the new links of the plan, dots its new equipment."),
        tuple(shown[s] for s in order),
        tuple(order.index(s) for s in states),
        tuple(shown[s].label for s in states),
        tuple(a == "unknown" for a in found),
    )


@kept
def deal_technology(analysis: Analysis) -> pd.Series:
    """Option technology of every deal, indexed by ``deal_id``."""
    technology = analysis.option_set.options.set_index("option_id")["technology"]
    return analysis.deals.set_index("deal_id")["option_id"].map(technology)
