"""What the evaluation report says: the same blocks for the sheet of paper and the workbook.

A cell keeps its number and its kind, so that paper shows it in words and a spreadsheet can reckon
with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from coverage.indicators import DIMENSIONS, by_dimension, by_pillar, by_programme, label
from coverage.language import _, language, ngettext, number, percent, rupiah_short
from coverage.outputs import maps, words

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Kinds of cell: text, a share of 1, a score of 0 to 4, points of the index, a whole count, a plain measure.
KINDS = ("text", "share", "score", "gain", "count", "measure")
_GROWTH = ("indicators.growth_world_bank", "indicators.growth_itu_fixed", "indicators.growth_itu_mobile")


@dataclass(frozen=True)
class Cell:
    """One value of a table: ``value`` is ``None`` where it is not known."""

    value: str | float | None
    kind: str = "text"


@dataclass(frozen=True)
class Column:
    """Head of a column; ``width`` shares the free room of the page, 0 takes what it needs."""

    label: str
    width: int = 0


@dataclass(frozen=True)
class Block:
    """A heading, what must be known to read it, and its table."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Report:
    """Everything that the report says, in the language in force."""

    title: str
    subtitle: str
    warning: str
    headline: str
    figures: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    blocks: tuple[Block, ...]
    sources: tuple[str, ...]
    method: tuple[str, ...]
    side_note: str
    watermark: str
    gain_digits: int


def report(analysis: Analysis, now: Mapping[str, float] | None = None) -> Report:
    """Gather the report.

    Parameters
    ----------
    analysis : Analysis
        What the chain found.
    now : mapping, optional
        The ministry's scores of today per dimension, where the regency has them.
    """
    scores, digits = analysis.scores, maps.gain_digits(pd.Series([analysis.scores.gain]))
    numbers = _source_numbers(analysis)
    name = analysis.region.name
    return Report(
        title=_("What connectivity adds to the smart-city evaluation"),
        subtitle=_("{region} · annex to the yearly self-assessment").format(region=name),
        warning=_("Indicative, not the ministry's score"),
        headline=_("The plan of {budget} lifts the achievement index from {before} to {after}").format(
            budget=rupiah_short(analysis.scenario.budget_idr),
            before=number(scores.index_before, 2),
            after=number(scores.index_after, max(2, digits)),
        ),
        figures=(
            ("+" + number(scores.gain, digits), _("index points within the plan")),
            (f"{number(scores.gain_low, digits)} – {number(scores.gain_high, digits)}", _("plausible range")),
            (percent(scores.judgement_share), _("of the gain rests on indicators that are judgement")),
            (number(int(scores.indicators["included"].sum())), _("indicators that connectivity moves")),
        ),
        sentences=_sentences(analysis),
        blocks=(
            _dimensions(analysis, now),
            *(_indicators(analysis, code, numbers) for code in DIMENSIONS),
            _pillars(analysis),
            _programmes(analysis),
            _districts(analysis),
            _published(analysis),
            _excluded(analysis),
            _parameters(analysis),
            _layers(analysis),
        ),
        sources=tuple(numbers),
        method=_method(analysis),
        side_note=_side_note(analysis),
        watermark=words.WATERMARK if analysis.region.is_sample else "",
        gain_digits=maps.gain_digits(scores.indicators["gain"]),
    )


def said(cell: Cell, digits: int) -> str:
    """A cell as people read it; ``digits`` are the decimals of index points."""
    if cell.value is None or cell.value != cell.value:  # only NaN differs from itself
        return "–"
    if isinstance(cell.value, str):
        return cell.value
    if cell.kind == "share":
        return percent(cell.value)
    if cell.kind == "gain":
        return number(cell.value, digits)
    return number(cell.value, {"score": 2, "measure": 1}.get(cell.kind, 0))


def _in_words(table: pd.DataFrame, stem: str) -> pd.Series[str]:
    """The column ``<stem>_id`` or ``<stem>_en``."""
    return table[f"{stem}_{'id' if language() == 'id' else 'en'}"]


def _sentences(analysis: Analysis) -> tuple[str, ...]:
    scores = analysis.scores
    total = scores.gain
    best = scores.indicators.sort_values(["gain", "id"], ascending=[False, True]).head(3)
    names = analysis.framework.names
    said_best = [
        _("{name} ({share})").format(name=names[i], share=percent(g / total))
        for i, g in zip(best["id"], best["gain"], strict=True)
        if total > 0 and g > 0
    ]
    evidence = analysis.access.villages["evidence"].value_counts()
    parts = [
        _("{count} {kind}").format(count=number(int(count)), kind=words.evidence(str(kind)))
        for kind, count in evidence.sort_index().items()
    ]
    lines = [
        _('"Achieved" is what the region\'s own data show today; "projected" is what holds once the plan is built.'),
        _("How villages are served today is known as: {parts}.").format(parts=", ".join(parts)),
    ]
    if said_best:
        lines.insert(0, _("Most of the gain comes from: {names}.").format(names="; ".join(said_best)))
    return tuple(lines)


def _source_numbers(analysis: Analysis) -> dict[str, int]:
    """Number of every source, in the order in which the report names them."""
    table = analysis.scores.indicators
    ordered = [s for d in DIMENSIONS for s in table.loc[table["dimension"] == d, "source"] if s]
    return {source: i for i, source in enumerate(dict.fromkeys(ordered), start=1)}


def _dimensions(analysis: Analysis, now: Mapping[str, float] | None) -> Block:
    table = by_dimension(analysis.scores, analysis.framework, analysis.assumptions, now)
    columns = [
        Column(_("Dimension"), 3), Column(_("Weight")), Column(_("Moved by connectivity")), Column(_("Indicators")),
        Column(_("Change of its score")), Column(_("Index gain")), Column(_("from")), Column(_("to")),
    ]  # fmt: skip
    rows = [
        [
            Cell(label(row["dimension"])), Cell(row["weight"], "share"), Cell(row["connectivity_share"], "share"),
            Cell(row["indicators"], "count"), Cell(row["change"], "gain"), Cell(row["gain"], "gain"),
            Cell(row["gain_low"], "gain"), Cell(row["gain_high"], "gain"),
        ]
        for row in table.to_dict("records")
    ]  # fmt: skip
    note = _("The ministry's scores per dimension are not public, so only changes are told.")
    if now is not None:
        columns += [Column(_("Today")), Column(_("With the plan"))]
        for cells, row in zip(rows, table.to_dict("records"), strict=True):
            cells += [Cell(row["now"], "score"), Cell(row["after"], "gain")]
        note = _("Today's scores were entered by the user.")
    note += " " + _("Weights of the evaluation: {scheme}.").format(
        scheme=_("own") if analysis.framework.scheme == "own" else analysis.framework.scheme
    )
    return Block("dimensions", _("The five dimensions"), note, tuple(columns), tuple(map(tuple, rows)))


def _indicators(analysis: Analysis, dimension: str, numbers: Mapping[str, int]) -> Block:
    table = analysis.scores.indicators
    table = table[(table["dimension"] == dimension) & table["included"]]
    drivers = analysis.framework.drivers.set_index("driver")
    measured = _in_words(drivers, "name")
    rows = []
    for row, name in zip(table.to_dict("records"), _in_words(table, "name"), strict=True):
        kind = "share" if row["unit"] == "share" else "measure"
        basis = _("judgement") if row["judgement"] else _("source [{number}]").format(number=numbers[row["source"]])
        rows.append(
            (
                Cell(row["id"]), Cell(name), Cell(str(measured.get(row["driver"], row["driver"]))),
                Cell(row["before"], kind), Cell(row["after"], kind), Cell(row["target"], kind),
                Cell(row["score_before"], "score"), Cell(row["score_after"], "score"),
                Cell(row["gain"], "gain"), Cell(basis),
            )
        )  # fmt: skip
    columns = (
        Column(""), Column(_("Indicator"), 5), Column(_("Measured by"), 4), Column(_("Achieved")),
        Column(_("Projected")), Column(_("Target")), Column(_("Score")), Column(_("Score then")),
        Column(_("Index gain")), Column(_("Basis")),
    )  # fmt: skip
    return Block(dimension, label(dimension), "", columns, tuple(rows))


def _moves(key: str, title: str, head: str, names: list[str], table: pd.DataFrame) -> Block:
    columns = (
        Column(head, 3), Column(_("Indicators")), Column(_("Score")), Column(_("Score then")), Column(_("Index gain")),
        Column(_("from")), Column(_("to")),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(name), Cell(row["indicators"], "count"), Cell(row["score_before"], "score"),
            Cell(row["score_after"], "score"), Cell(row["gain"], "gain"),
            Cell(row["gain_low"], "gain"), Cell(row["gain_high"], "gain"),
        )
        for name, row in zip(names, table.to_dict("records"), strict=True)
    )  # fmt: skip
    note = _("The same gain, divided another way: do not add it to the dimensions.")
    return Block(key, title, note, columns, rows)


def _pillars(analysis: Analysis) -> Block:
    table = by_pillar(analysis.scores)
    return _moves("pillars", _("The six pillars"), _("Pillar"), [label(p) for p in table["pillar"]], table)


def _programmes(analysis: Analysis) -> Block:
    table = by_programme(analysis.scores)
    return _moves("programmes", _("Programmes"), _("Programme"), list(_in_words(table, "programme")), table)


def _districts(analysis: Analysis) -> Block:
    villages = analysis.region.villages[["village_code", "district_code", "district_name"]]
    table = analysis.gain.merge(villages, on="village_code").groupby(["district_code", "district_name"], as_index=False)
    sums = table.agg(villages=("in_plan", "sum"), gain=("index_gain_plan", "sum"))
    others = int((sums["gain"] <= 0).sum())
    sums = sums[sums["gain"] > 0].sort_values(["gain", "district_code"], ascending=[False, True])
    rows = tuple(
        (Cell(row["district_name"]), Cell(float(row["villages"]), "count"), Cell(row["gain"], "gain"))
        for row in sums.to_dict("records")
    )
    columns = (Column(_("District"), 3), Column(_("Villages in the plan")), Column(_("Index gain")))
    note = (
        ngettext("{count} other district gains nothing.", "{count} other districts gain nothing.", others).format(
            count=number(others)
        )
        if others
        else ""
    )
    return Block("districts", _("Where the gain arises"), note, columns, rows)


def _published(analysis: Analysis) -> Block:
    """Indicators that start from a published value, with who says so."""
    framework = analysis.framework
    table = framework.published
    units = framework.indicators.set_index("id")["unit"]
    rows = tuple(
        (
            Cell(str(row["id"])), Cell(str(framework.names[row["id"]])),
            Cell(float(row["value"]), "share" if units[row["id"]] == "share" else "measure"),
            Cell(str(round(row["year"]))), Cell(str(row["source"])),
            Cell(_("mean of {count} villages").format(count=number(row["villages"])) if row["villages"]
                 else _("whole area")),
        )
        for row in table.to_dict("records")
    )  # fmt: skip
    columns = (
        Column(""), Column(_("Indicator"), 3), Column(_("Value")), Column(_("Year")), Column(_("Source"), 4),
        Column(_("Speaks of"), 2),
    )  # fmt: skip
    note = _("These start from what was published; all others start from what is calculated here.")
    return Block("published", _("Published baselines in use"), note if rows else _("None."), columns, rows)


def _excluded(analysis: Analysis) -> Block:
    table = analysis.scores.indicators
    table = table[~table["included"]]
    measured = _in_words(analysis.framework.drivers.set_index("driver"), "name")
    rows = tuple(
        (Cell(i), Cell(name), Cell(str(measured.get(driver, driver))))
        for i, name, driver in zip(table["id"], _in_words(table, "name"), table["driver"], strict=True)
    )
    columns = (Column(""), Column(_("Indicator"), 3), Column(_("Data that are missing"), 3))
    note = _("Left out because the region has no data for them; they do not count as zero.")
    return Block("excluded", _("Indicators left out"), note if rows else _("None."), columns, rows)


def _parameters(analysis: Analysis) -> Block:
    found = analysis.assumptions
    rows = tuple(
        (
            Cell(row.note), Cell(row.value, "share"), Cell(row.low, "share"), Cell(row.high, "share"),
            Cell(_("judgement") if row.is_judgement else row.source),
        )
        for row in (found.row(f"indicators.share_{d}") for d in DIMENSIONS)
    )  # fmt: skip
    columns = (
        Column(_("Assumption"), 4),
        Column(_("Value")),
        Column(_("from")),
        Column(_("to")),
        Column(_("Basis"), 2),
    )
    note = _("All gains grow and shrink with these shares; other assumptions stand on the page Assumptions.")
    return Block("parameters", _("How much of each dimension connectivity moves"), note, columns, rows)


def _layers(analysis: Analysis) -> Block:
    layers = [layer for _name, layer in sorted(analysis.region.layers.items())]
    rows = tuple(
        (
            Cell(words.layer(layer.name)), Cell(words.layer_kind(layer.kind)), Cell(layer.source_said),
            Cell(layer.date or None),
        )
        for layer in layers
    )  # fmt: skip
    columns = (Column(_("Data"), 2), Column(_("Kind"), 2), Column(_("Source"), 6), Column(_("Date")))
    return Block("layers", _("Evidence: the data behind the figures"), "", columns, rows)


def _method(analysis: Analysis) -> tuple[str, ...]:
    return (
        _("index after = min(4, before + sum of: weight of the dimension × share moved by connectivity × "
          "part of the indicator in the dimension × change of its score)"),
        _("Calculated, not measured: the signal over the terrain, who is served, what new towers, fibre and Wi-Fi "
          "would reach, and the scores that follow."),
        _("Judgement: every indicator marked so, the response curves, the effects of each technology and the shares "
          "moved by connectivity. {share} of the gain rests on indicators without a source.").format(
            share=percent(analysis.scores.judgement_share)
        ),
        _("The range takes the ends of the shares and targets; at its low end villages of which too little is known "
          "gain nothing."),
        _("A driver moves each dimension once, and in each hamlet only the best of several options counts."),
    )  # fmt: skip


def _side_note(analysis: Analysis) -> str:
    rows = [analysis.assumptions.row(name) for name in _GROWTH]
    parts = "; ".join(f"{words.value(r.value)} {r.unit} ({r.source})" for r in rows)
    return _(
        "Side note, not part of any figure above: studies of whole countries link broadband to growth, from {low} to "
        "{high} per 10 points of penetration: {parts}. They are often misquoted and say nothing about one regency."
    ).format(low=words.value(min(r.value for r in rows)), high=words.value(max(r.value for r in rows)), parts=parts)
