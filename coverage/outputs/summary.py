"""The summary of an analysis in the reader's language: Markdown, and the same as one HTML page."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from coverage.kept import kept
from coverage.language import _, language, ngettext, number, percent, rupiah_short
from coverage.outputs import maps, words

if TYPE_CHECKING:
    from coverage.analysis import Analysis

_ACCESS_ORDER = ("none", "weak", "served", "unknown")
_TOP = 10


@dataclass(frozen=True)
class Section:
    """A heading with sentences and, where it has one, a table (header and rows of text)."""

    title: str
    sentences: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Totals:
    """What a plan adds up to."""

    villages: int
    population_gained: float
    index_gain: float
    subsidy_idr: float
    cost_pv_idr: float
    gap: float


@kept
def totals(analysis: Analysis) -> Totals:
    """The totals of the plan; persons are counted once."""
    chosen = analysis.plan.chosen
    return Totals(
        int(analysis.gain["in_plan"].sum()),
        float(chosen["population_gained"].sum()),
        float(analysis.gain["index_gain_plan"].sum()),
        float(chosen["subsidy_idr"].sum()),
        float(chosen["access_cost_pv_idr"].sum() + chosen["backhaul_cost_pv_idr"].sum()),
        float(analysis.plan.gap),
    )


@kept
def next_best(analysis: Analysis) -> str | None:
    """Code of the village where the next billion does the most; ``None`` where nothing gains.

    Villages whose access is not known count only where the scenario includes them.
    """
    gain = _useful(analysis)
    if gain.empty:
        return None
    return str(gain.sort_values(["gain_per_billion", "village_code"], ascending=[False, True])["village_code"].iloc[0])


def _useful(analysis: Analysis) -> pd.DataFrame:
    """Rows of the gain table that a plan of this scenario may count on."""
    gain = analysis.gain[analysis.gain["gain_per_billion"] > 0]
    if analysis.scenario.include_unknown:
        return gain
    found = analysis.access.villages
    unknown = set(found.loc[found["access_class"] == "unknown", "village_code"])
    return gain[~gain["village_code"].isin(unknown)]


@kept
def answer(analysis: Analysis) -> str:
    """The answer line: where the next billion rupiah is most useful; sample data say so first."""
    code = next_best(analysis)
    if code is None:
        sentence = _("With what is known, no village gains from an option")
    else:
        village = analysis.region.villages.set_index("village_code").loc[code]
        sentence = _("The next Rp 1 billion is most useful in {village} ({district})").format(
            village=village["village_name"], district=village["district_name"]
        )
    if not analysis.region.is_sample:
        return sentence
    return _("Example: {answer}").format(answer=sentence[0].lower() + sentence[1:] if code is None else sentence)


def sections(analysis: Analysis) -> tuple[Section, ...]:
    """The summary as data: plan, access, the most useful villages, assumptions changed, sources."""
    return (_plan(analysis), _access(analysis), _best(analysis), _changed(analysis), _sources(analysis))


def _plan(analysis: Analysis) -> Section:
    sums, plan = totals(analysis), analysis.plan
    digits = maps.gain_digits(analysis.gain["index_gain_plan"])
    rows = (
        (_("Budget of public money"), rupiah_short(analysis.scenario.budget_idr)),
        (_("Objective"), words.objective(analysis.scenario.objective)),
        (_("Villages in the plan"), number(sums.villages)),
        (_("People newly reached"), number(sums.population_gained)),
        (_("Index gain"), "+" + number(sums.index_gain, digits)),
        (_("Public money used"), rupiah_short(sums.subsidy_idr)),
        (_("Cost over the lifetime, all funds"), rupiah_short(sums.cost_pv_idr)),
        (_("Proven gap to the best possible plan"), percent(sums.gap, 1)),
    )
    note = _("Index gains are indicative, not the ministry's score. A match is advice, not an award to a provider.")
    if plan.status not in ("optimal", "gap_reached"):
        note += " " + words.plan_status(plan.status)
    return Section(_("The plan"), (note,), (_("What"), _("How much")), rows)


def _access(analysis: Analysis) -> Section:
    access = analysis.access.villages
    rows = []
    for code in _ACCESS_ORDER:
        mine = access[access["access_class"] == code]
        rows.append((words.access_class(code), number(len(mine)), number(mine["population"].sum())))
    left = number(access.loc[access["access_class"] != "unknown", "population_left_out"].sum())
    return Section(
        _("Who is served"),
        (_("{people} people are left out in the villages that we know enough of.").format(people=left),),
        (_("Service"), _("Villages"), _("People")),
        tuple(rows),
    )


def _best(analysis: Analysis) -> Section:
    gain = _useful(analysis)
    gain = gain.sort_values(["gain_per_billion", "village_code"], ascending=[False, True]).head(_TOP)
    names = analysis.region.villages.set_index("village_code")
    technology = maps.deal_technology(analysis)
    digits = maps.gain_digits(analysis.gain["gain_per_billion"])
    rows = tuple(
        (
            str(names.loc[row["village_code"], "village_name"]),
            str(names.loc[row["village_code"], "district_name"]),
            words.technology(technology.get(row["best_deal_id"], "")),
            number(row["gain_per_billion"], digits),
            _("yes") if row["in_plan"] else _("no"),
        )
        for row in gain.to_dict("records")
    )
    return Section(
        _("Where the next billion is most useful"),
        (_("Each village by its best deal alone; do not add."),),
        (_("Village"), _("District"), _("Best deal"), _("Index points per Rp 1 billion"), _("In the plan")),
        rows,
    )


def _changed(analysis: Analysis) -> Section:
    changed = analysis.scenario.assumptions
    rows = tuple(
        (row.note, row.name, words.value(changed[row.name], row.unit), row.unit)
        for row in (analysis.assumptions.row(name) for name in sorted(changed))
    )
    sentence = ngettext("{count} assumption was changed.", "{count} assumptions were changed.", len(rows)).format(
        count=len(rows)
    )
    header = (_("Assumption"), _("Name"), _("Value"), _("Unit")) if rows else ()
    return Section(_("Assumptions changed"), (sentence,), header, rows)


def _sources(analysis: Analysis) -> Section:
    rows = tuple(
        (words.layer(name), words.layer_kind(layer.kind), layer.source_said, layer.date, layer.licence)
        for name, layer in sorted(analysis.region.layers.items())
    )
    header = (_("Layer"), _("Kind"), _("Source"), _("Date"), _("Licence"))
    return Section(_("Where the data come from"), (), header, rows)


def _heading(analysis: Analysis) -> str:
    return _("Jangkau: {region}").format(region=analysis.region.name)


def markdown(analysis: Analysis) -> str:
    """The summary as Markdown; text from files stays text."""
    parts = [f"# {_literal(_heading(analysis))}", ""]
    if analysis.region.is_sample:
        parts += [f"**{words.WATERMARK}**", ""]
    parts += [_literal(answer(analysis)) + ".", ""]
    for section in sections(analysis):
        parts += [f"## {section.title}", ""]
        for sentence in section.sentences:
            parts += [_literal(sentence), ""]
        if section.header:
            parts.append("| " + " | ".join(section.header) + " |")
            parts.append("|" + " --- |" * len(section.header))
            parts += ["| " + " | ".join(_literal(cell) for cell in row) + " |" for row in section.rows]
            parts.append("")
    return "\n".join(parts)


def _literal(text: str) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, no line breaks."""
    escaped = "".join("\\" + c if c in "\\`*_{}[]<>#|$~!" else c for c in str(text))
    return " ".join(escaped.split())


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #ddd; }
.mark { display: inline-block; padding: .2rem .6rem; border-radius: 6px; }
.mark { background: #7a2e00; color: #fff; font-weight: 600; }
.answer { font-size: 1.2rem; }
"""


def page(analysis: Analysis) -> str:
    """The summary as one HTML page without scripts or outside files."""
    title = html.escape(_heading(analysis))
    parts = [
        f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>",
    ]
    if analysis.region.is_sample:
        parts.append(f'<p><span class="mark">{words.WATERMARK}</span></p>')
    parts.append(f'<p class="answer">{html.escape(answer(analysis))}.</p>')
    for section in sections(analysis):
        parts.append(f"<h2>{html.escape(section.title)}</h2>")
        parts += [f"<p>{html.escape(sentence)}</p>" for sentence in section.sentences]
        if section.header:
            parts.append("<table><thead>" + _html_row(section.header, "th") + "</thead><tbody>")
            parts += [_html_row(row, "td") for row in section.rows]
            parts.append("</tbody></table>")
    parts.append("</body></html>\n")
    return "\n".join(parts)


def _html_row(cells: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"
