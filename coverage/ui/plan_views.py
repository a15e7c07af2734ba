"""What each budget buys, the next billion, the years, and why a village is in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from coverage import cache
from coverage.errors import JangkauError
from coverage.language import _, language, number, percent, rupiah_short
from coverage.outputs import maps, words
from coverage.ui import bench, charts, scenarios, state, theme
from coverage.ui.main import show_error
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.planning import Frontier, Package, Schedule, Why

_BILLION = 1e9
_GREEN, _ORANGE, _GREY = theme.ACCENT, "#d55e00", "#8a8a86"
_POINTS = 8


# ---------------------------------------------------------------- what each budget buys


def frontier(here: state.Here, analysis: Analysis) -> None:
    """The best plan for each of several budgets: curve, knee, who enters when."""
    most = max(30, round(2 * min(analysis.scenario.budget_idr, 60 * _BILLION) / _BILLION))
    low, high = st.slider(
        _("Budgets from … to …"), 0, 2 * most, (0, most), key="frontier_range", format=_("Rp %d billion")
    )
    budgets = tuple(float(b) * _BILLION for b in np.linspace(low, max(high, low + 1), _POINTS))
    scenario = analysis.scenario.maximised()

    def make(progress: Any) -> Frontier:
        from coverage.planning import frontier as plan_all

        return plan_all(analysis, scenario, budgets, progress)

    found: Frontier | None = bench.result(
        "frontier",
        cache.key("frontier", here.analysis_key, list(budgets)),
        _("Plan for {count} budgets").format(count=_POINTS),
        make,
        _("Makes the best plan for every budget in the range; it takes half a minute or so."),
    )
    if found is None:
        return
    points = found.points
    knee = points[points["knee"]]
    if len(knee):
        budget = float(knee["budget_idr"].iloc[0])
        st.markdown(
            literal(
                _("Up to {budget} every rupiah buys most; beyond it, more money buys less.").format(
                    budget=rupiah_short(budget)
                )
            )
        )
    charts.show(_curve(points, analysis.scenario.measure, analysis.scenario.budget_idr))
    _points_table(points)
    st.markdown("**" + _("In which order villages enter") + "**")
    _rollout(found.rollout, analysis)


def _curve(points: pd.DataFrame, measure: str, now_idr: float) -> Any:
    digits = maps.gain_digits(points["benefit"]) if measure in ("index_gain", "equity") else 0
    table = points.assign(
        billion=points["budget_idr"] / _BILLION,
        said=[rupiah_short(b) for b in points["budget_idr"]],
        worth=[number(b, digits) for b in points["benefit"]],
        people=[number(p) for p in points["population_gained"]],
        mark=np.where(points["knee"], _("bend"), ""),
    )
    axis = alt.X("billion:Q", title=_("Budget of public money (Rp billion)"), axis=alt.Axis(grid=False, tickCount=6))
    height = alt.Y("benefit:Q", title=words.measure(measure).capitalize(), axis=alt.Axis(tickCount=5))
    tip = [
        alt.Tooltip("said:N", title=_("Budget")),
        alt.Tooltip("worth:N", title=words.measure(measure).capitalize()),
        alt.Tooltip("people:N", title=_("People newly reached")),
        alt.Tooltip("villages:Q", title=_("Villages")),
    ]
    base = alt.Chart(table)
    chart = base.mark_line(color=_GREEN, strokeWidth=2).encode(x=axis, y=height)
    chart += base.mark_circle(size=80, opacity=1).encode(
        x=axis, y=height, tooltip=tip, color=alt.condition("datum.knee", alt.value(_ORANGE), alt.value(_GREEN))
    )
    chart += base.mark_text(dy=-14, color=_ORANGE, fontWeight="bold").encode(x=axis, y=height, text="mark:N")
    if now_idr <= float(points["budget_idr"].max()):
        here = pd.DataFrame({"billion": [now_idr / _BILLION], "told": [_("your budget")]})
        rule = alt.Chart(here)
        chart += rule.mark_rule(strokeDash=[4, 4], color=_GREY).encode(x="billion:Q")
        chart += rule.mark_text(align="left", dx=5, baseline="top", color=_GREY).encode(
            x="billion:Q", y=alt.value(2), text="told:N"
        )
    return chart.properties(height=280)


def _points_table(points: pd.DataFrame) -> None:
    gains = maps.gain_digits(points["index_gain"])
    frame = pd.DataFrame(
        {
            _("Budget"): [rupiah_short(v) for v in points["budget_idr"]],
            _("Villages"): [number(v) for v in points["villages"]],
            _("People newly reached"): [number(v) for v in points["population_gained"]],
            _("Index gain"): ["+" + number(v, gains) for v in points["index_gain"]],
            _("Per billion more"): [_marginal(v, points) for v in points["marginal_per_billion"]],
            _("Proven gap"): [percent(v, 1) for v in points["gap"]],
        }
    )
    st.dataframe(frame, hide_index=True)


def _marginal(value: float, points: pd.DataFrame) -> str:
    if np.isnan(value):
        return "–"
    most = float(points["marginal_per_billion"].abs().max())
    digits = maps.gain_digits(points["marginal_per_billion"].dropna()) if most < 1 else 0
    return "+" + number(value, digits)


def _rollout(rollout: pd.DataFrame, analysis: Analysis) -> None:
    if rollout.empty:
        st.info(_("No village enters within these budgets."))
        return
    names = scenarios.village_names(analysis.region)
    frame = pd.DataFrame(
        {
            "place": np.arange(1, len(rollout) + 1),
            "village": [names.get(c, c) for c in rollout["village_code"]],
            "from": [
                rupiah_short(e) if np.isfinite(e) else _("{budget}, drops out again").format(budget=rupiah_short(f))
                for e, f in zip(rollout["enters_idr"], rollout["first_idr"], strict=True)
            ],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "place": st.column_config.NumberColumn("#", width="small"),
            "village": _("Village"),
            "from": st.column_config.TextColumn(
                _("In every plan from"), help=_("Smallest budget from which on it stays in")
            ),
        },
    )


# ---------------------------------------------------------------- the next billion


def next_billion(here: state.Here, analysis: Analysis) -> None:
    """The best that a little more money buys: what it adds and what it really costs."""
    left, right = st.columns(2)
    amount = left.slider(_("Amount"), 0.5, 10.0, 1.0, 0.5, key="next_amount", format=_("Rp %.1f billion"))
    kinds = {"public": _("public money"), "all": _("all funds")}
    funds = right.segmented_control(
        _("It limits"), list(kinds), format_func=kinds.__getitem__, default="public", key="next_funds", required=True
    )
    added = st.toggle(_("On top of this plan"), value=True, key="next_on_top")
    made = analysis.plan if added else None

    limits: Any = funds

    def make(progress: Any) -> Package:
        from coverage.planning import next_package

        scenario = analysis.scenario.maximised()
        return next_package(analysis, scenario, amount * _BILLION, funds=limits, on=made, progress=progress)

    found: Package | None = bench.result(
        "next",
        cache.key("next", here.analysis_key, amount, str(funds), added),
        _("Find the best package"),
        make,
        _("Looks for the villages that this money serves best together, with the links that they share."),
    )
    if found is None:
        return
    if found.chosen.empty:
        st.info(_("This amount buys nothing that gains. Try a larger one."))
        return
    digits = maps.gain_digits(pd.Series([found.index_gain]))
    with st.container(horizontal=True):
        st.metric(_("Index gain"), "+" + number(found.index_gain, digits), width="content")
        st.metric(_("People newly reached"), number(found.population_gained), width="content")
        st.metric(_("Public money"), rupiah_short(found.public_idr), width="content")
        st.metric(_("Actual cost, all funds"), rupiah_short(found.cost_pv_idr), width="content",
                  help=_("Present value of building and running over the whole period"))  # fmt: skip
    _deals_table(found.chosen, analysis)
    st.caption(_("What a package gains alone must not be added to what another one gains."))


def _deals_table(chosen: pd.DataFrame, analysis: Analysis) -> None:
    names = scenarios.village_names(analysis.region)
    technology = maps.deal_technology(analysis)
    providers = analysis.region.providers.set_index("provider_id")["provider_name"]
    digits = maps.gain_digits(chosen["index_gain"])
    frame = pd.DataFrame(
        {
            _("Village"): [names.get(c, c) for c in chosen["village_code"]],
            _("Best deal"): [words.technology(technology.get(d, "")) for d in chosen["deal_id"]],
            _("Provider"): [providers.get(p, p) for p in chosen["provider_id"]],
            _("People newly reached"): [number(v) for v in chosen["population_gained"]],
            _("Index gain"): ["+" + number(v, digits) for v in chosen["index_gain"]],
            _("Public money"): [rupiah_short(v) for v in chosen["subsidy_idr"]],
        }
    )
    st.dataframe(frame, hide_index=True)


# ---------------------------------------------------------------- the years


def years(here: state.Here, analysis: Analysis) -> None:
    """When to build what: by the funders' yearly budgets, else with an equal part of the money every year."""
    scenario = analysis.scenario
    by_year = scenario.years > 0
    count, money = scenario.years, 0.0
    if not by_year:
        count = int(st.slider(_("Years"), 1, 10, 3, key="schedule_years"))
        least_cost = scenario.objective == scenarios.LEAST_COST
        money = analysis.plan.public_idr if least_cost else max(analysis.plan.public_idr, scenario.budget_idr)
        st.markdown(
            literal(
                _("{money} a year; what is not spent may be spent later.").format(money=rupiah_short(money / count))
            )
        )
    try:
        found = _schedule(here.analysis_key, count, money, analysis)
    except JangkauError as error:
        show_error(error)
        return
    table = found.years.assign(
        told=[_("Year {year}").format(year=y) for y in found.years["year"]],
        billion=found.years["public_idr"] / _BILLION,
        money=[rupiah_short(v) for v in found.years["public_idr"]],
    )
    bars = (
        alt.Chart(table)
        .mark_bar(color=_GREEN)
        .encode(
            x=alt.X("told:N", sort=None, title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("billion:Q", title=_("Public money (Rp billion)"), axis=alt.Axis(tickCount=4)),
            tooltip=[alt.Tooltip("told:N", title=" "), alt.Tooltip("money:N", title=_("Public money"))],
        )
    )
    charts.show(bars.properties(height=200))
    names = scenarios.village_names(analysis.region)
    digits = maps.gain_digits(found.years["index_gain"])
    rows = []
    for year in found.years.to_dict("records"):
        mine = found.deals.loc[found.deals["year"] == year["year"], "village_code"]
        rows.append(
            {
                _("Year"): str(year["year"]),
                _("Villages"): ", ".join(names.get(c, c).split(" · ")[0] for c in mine) or "–",
                _("People newly reached"): number(year["population_gained"]),
                _("Index gain"): "+" + number(year["index_gain"], digits),
                _("Public money"): rupiah_short(year["public_idr"]),
            }
        )
    st.table(pd.DataFrame(rows).map(literal).set_index(_("Year")))
    st.caption(
        _(
            "Built so that most is enjoyed for longest; no other order of this plan is better by more than {gap}."
        ).format(gap=percent(found.gap, 1))
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _schedule(analysis_key: str, count: int, money_idr: float, _analysis: Any) -> Schedule:
    from coverage.planning import schedule

    del analysis_key  # it names the entry
    if money_idr <= 0:
        return schedule(_analysis.plan, _analysis, None, _analysis.scenario)
    # A rupiah more, so that the yearly parts add up to all of the plan in spite of rounding.
    return schedule(_analysis.plan, _analysis, [(money_idr + 1.0) / count] * count)


# ---------------------------------------------------------------- why in, why out


def why(here: state.Here, analysis: Analysis) -> None:
    """Why a village is in the plan or out of it."""
    names = scenarios.village_names(analysis.region)
    state.mirror("why_village", state.village() or None)
    code = st.selectbox(
        _("Village"),
        list(names),
        index=None,
        format_func=lambda c: names.get(c, c),
        placeholder=_("Find a village…"),
        key="why_village",
        on_change=lambda: state.choose_village(st.session_state["why_village"] or ""),
    )
    if not code:
        st.write(_("Choose a village to learn why it is in the plan or not, and what would change that."))
        return

    def make(progress: Any) -> Why:
        from coverage.planning import why as explain

        progress(_("Planning once more"), 0.1)
        return explain(analysis.plan, analysis, analysis.scenario, code)

    found: Why | None = bench.result(
        "why",
        cache.key("why", here.analysis_key, code, language()),
        _("Explain"),
        make,
        _("Plans once more with the village the other way round; it takes a few seconds."),
    )
    if found is None:
        return
    (st.success if found.in_plan else st.warning)(
        _("It is in the plan.") if found.in_plan else _("It is not in the plan."),
        icon=":material/check_circle:" if found.in_plan else ":material/do_not_disturb_on:",
    )
    for sentence in found.reasons:
        st.markdown("- " + literal(_named(sentence, names)))
    if found.displaced:
        told = ", ".join(names.get(c, c) for c in found.displaced)
        st.caption(literal(told))


def _named(sentence: str, names: dict[str, str]) -> str:
    """The sentence with names instead of codes."""
    for code, name in names.items():
        sentence = sentence.replace(code, name.split(" · ")[0])
    return sentence
