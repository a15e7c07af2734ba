"""How sure the plan is: what holds over many draws of the assumptions, and what matters most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd
import streamlit as st

from coverage import cache
from coverage.language import _, number, percent, rupiah_short
from coverage.outputs import maps, words
from coverage.ui import bench, charts, scenarios, state, theme
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.planning.uncertainty import Uncertainty

_GREEN, _PURPLE, _GREY = theme.ACCENT, theme.OTHER, "#8a8a86"
_SEED = 1
_SHOWN = 12


def show(here: state.Here, analysis: Analysis) -> None:
    """Draw the assumptions from their ranges and tell what survives."""
    draws = st.segmented_control(
        _("Draws"), [200, 1000], format_func=number, default=1000, key="uncertain_draws", required=True
    )

    def make(progress: Any) -> Uncertainty:
        from coverage.planning.uncertainty import uncertainty

        return uncertainty(analysis.plan, analysis, analysis.scenario, draws=draws, seed=_SEED, progress=progress)

    found: Uncertainty | None = bench.result(
        "uncertainty",
        cache.key("uncertainty", here.analysis_key, int(draws), _SEED),
        _("Try other assumptions"),
        make,
        _(
            "Draws every assumption from its range, {count} times, and scores all options and the plan anew; "
            "about half a minute. The signal is shifted, not computed again."
        ).format(count=number(draws)),
    )
    if found is None:
        return
    _sentences(found, analysis)
    _robust(found, analysis)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("**" + _("Assumptions that move the gain most") + "**")
        _tornado(found, analysis)
    with right:
        st.markdown("**" + _("What the spread comes from") + "**")
        _sobol(found)
    st.markdown("**" + _("How sure each village is") + "**")
    _villages(found, analysis)
    st.caption(
        _("Latin hypercube of {count} draws, seed {seed}; towers and their sites stay as planned.").format(
            count=number(found.draws), seed=found.seed
        )
    )


def _sentences(found: Uncertainty, analysis: Analysis) -> None:
    totals = {str(row["what"]): row for row in found.totals.to_dict("records")}
    worth, money = totals["worth"], totals["public_idr"]
    index = analysis.scenario.measure in ("index_gain", "equity")
    digits = maps.gain_digits(pd.Series([worth["low"], worth["nominal"]])) if index else 0
    sure = int((found.villages["in_plan"] & (found.villages["top_share"] >= 0.9)).sum())
    with st.container(horizontal=True):
        st.metric(
            words.measure(analysis.scenario.measure).capitalize(),
            f"{number(worth['low'], digits)} – {number(worth['high'], digits)}",
            help=_("Within the budget, in 8 of 10 draws; the plan says {value}").format(
                value=number(worth["nominal"], digits)
            ),
            width="content",
        )
        st.metric(
            _("Public money for all of the plan"),
            f"{rupiah_short(money['low'])} – {rupiah_short(money['high'])}",
            help=_("In 8 of 10 draws; the plan says {value}").format(value=rupiah_short(money["nominal"])),
            width="content",
        )
        st.metric(_("The budget is enough in"), percent(found.within_budget), width="content")
        st.metric(_("Villages that stay among the first {top}").format(top=found.top), number(sure), width="content",
                  help=_("In at least 9 of 10 draws, and in the plan"))  # fmt: skip


def _robust(found: Uncertainty, analysis: Analysis) -> None:
    robust, table = found.robust, found.robust.candidates
    rows: dict[str, Any] = {_("This plan"): table.iloc[0]}
    if not robust.is_nominal:
        rows[_("Robust plan")] = table.loc[robust.best]
    frame = pd.DataFrame(
        {
            name: [
                percent(float(row["within"])),
                percent(float(row["regret_mean"]), 1),
                percent(float(row["regret_90"]), 1),
                number(int(row["villages"])),
                rupiah_short(float(row["public_90_idr"])),
            ]
            for name, row in rows.items()
        },
        index=[
            _("Draws in which it loses at most {share} against the best plan").format(
                share=percent(analysis.assumptions["uncertainty.regret_allowed"])
            ),
            _("Mean loss"),
            _("Loss that 1 draw in 10 exceeds"),
            _("Villages in the plan"),
            _("Public money that 1 draw in 10 exceeds"),
        ],
    )
    if robust.is_nominal:
        told = _("No plan that was tried is more robust than this one.")
    else:
        new = sorted(set(robust.plan.chosen["village_code"]) - set(analysis.plan.chosen["village_code"]))
        names = scenarios.village_names(analysis.region)
        told = _("Another plan holds up better. It adds: {names}.").format(
            names=", ".join(names.get(c, c).split(" · ")[0] for c in new) or "–"
        )
    if not robust.holds:
        told += " " + _("No plan keeps a loss of {share} in {needed} of the draws.").format(
            share=percent(analysis.assumptions["uncertainty.regret_allowed"]),
            needed=percent(analysis.assumptions["uncertainty.regret_share"]),
        )
    st.markdown(literal(told))
    st.table(frame.map(literal))


def _tornado(found: Uncertainty, analysis: Analysis) -> None:
    table = found.tornado[found.tornado["swing"] > 0].head(_SHOWN)
    if table.empty:
        st.info(_("No assumption alone moves the gain."))
        return
    rows = [analysis.assumptions.row(name) for name in table["name"]]
    index = analysis.scenario.measure in ("index_gain", "equity")
    digits = maps.gain_digits(table["worth_high"]) if index else 0
    frame = table.assign(
        what=[row.note for row in rows],
        least=table[["worth_low", "worth_high"]].min(axis=1),
        most=table[["worth_low", "worth_high"]].max(axis=1),
        at_low=[
            f"{words.value(row.low, row.unit)} → {number(w, digits)}"
            for row, w in zip(rows, table["worth_low"], strict=True)
        ],
        at_high=[
            f"{words.value(row.high, row.unit)} → {number(w, digits)}"
            for row, w in zip(rows, table["worth_high"], strict=True)
        ],
    )
    nominal = float(found.totals.loc[found.totals["what"] == "worth", "nominal"].iloc[0])
    bars = (
        alt.Chart(frame)
        .mark_bar(color=_GREEN, height=12)
        .encode(
            y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=270)),
            x=alt.X("least:Q", title=words.measure(analysis.scenario.measure).capitalize(),
                    scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4)),
            x2="most:Q",
            tooltip=[
                alt.Tooltip("what:N", title=" "),
                alt.Tooltip("at_low:N", title=_("Low end")),
                alt.Tooltip("at_high:N", title=_("High end")),
            ],
        )
    )  # fmt: skip
    line = alt.Chart(pd.DataFrame({"x": [nominal]})).mark_rule(color=_GREY, strokeDash=[3, 3]).encode(x="x:Q")
    charts.show((bars + line).properties(height=26 * len(frame) + 40))


def _sobol(found: Uncertainty) -> None:
    from coverage.planning.factors import GROUPS

    if found.sobol.empty:
        st.info(_("There is nothing to divide."))
        return
    table = found.sobol.assign(
        what=[_(GROUPS[group][0]) for group in found.sobol["group"]],
        share=found.sobol["total"].clip(lower=0.0),
        said=[percent(max(v, 0.0)) for v in found.sobol["total"]],
    )
    base = alt.Chart(table).encode(y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=190)))
    value = alt.X("share:Q", title=None, axis=alt.Axis(labels=False, ticks=False, grid=False))
    chart = base.mark_bar(color=_PURPLE, height=12).encode(x=value)
    chart += base.mark_text(align="left", dx=5, color=theme.INK).encode(x=value, text="said:N")
    charts.show(chart.properties(height=26 * len(table) + 20))
    st.caption(_("Share of the spread (Sobol, total)"))


def _villages(found: Uncertainty, analysis: Analysis) -> None:
    names = scenarios.village_names(analysis.region)
    technology = analysis.option_set.options.set_index("option_id")["technology"]
    table = found.villages
    frame = pd.DataFrame(
        {
            "village": [names.get(c, c) for c in table["village_code"]],
            "rank": table["rank"],
            "top": 100 * table["top_share"],
            "best": [words.technology(str(technology.get(o, ""))) for o in table["best_option_id"]],
            "stays": 100 * table["best_share"],
            "plan": table["in_plan"],
            "robust": table["in_robust"],
        }
    )
    bar: dict[str, Any] = {"min_value": 0, "max_value": 100, "format": "%.0f %%"}
    st.dataframe(
        frame,
        hide_index=True,
        height=420,
        column_config={
            "village": st.column_config.TextColumn(_("Village"), pinned=True),
            "rank": st.column_config.NumberColumn(_("Rank"), help=_("By gain per rupiah of its best deal, as assumed")),
            "top": st.column_config.ProgressColumn(_("Among the first {top}").format(top=found.top), **bar),
            "best": _("Best option"),
            "stays": st.column_config.ProgressColumn(_("It stays the best in"), **bar),
            "plan": st.column_config.CheckboxColumn(_("In the plan")),
            "robust": st.column_config.CheckboxColumn(_("In the robust plan")),
        },
    )
