"""The page of regions beside its map: answer, way back, figures of a place, comparisons, tables, problems."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.batch.results import level
from coverage.language import _, language, ngettext, number, percent, rupiah_short
from coverage.outputs import place_maps, words
from coverage.outputs.maps import gain_digits
from coverage.ui import people, places, state, theme
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.batch.results import Results

_TOP = 5
_HAMLETS = 8


def answer(found: Results, code: str) -> str:
    """The page's question answered for a place, in one sentence."""
    kind, name = level(code), found.name(code)
    if kind == "village":
        row = _row(found, code)
        return _("{village} is {service}: {people} of {all} people have no usable signal").format(
            village=name,
            service=words.access_class(row["access_class"]),
            people=number(row["population_left_out"]),
            all=number(row["population"]),
        )
    rows = places.children(found, code) if kind == "regency" else found.compared(code)
    best = rows["next_per_billion"].dropna()
    if len(best) and best.max() > 0:
        return _("The next Rp 1 billion helps most in {place}").format(place=_called(rows, best))
    return _("Served worst: {place}").format(place=_called(rows, rows["need"].fillna(-1)))


def _called(rows: pd.DataFrame, values: pd.Series[float]) -> str:
    """The name of the place with the largest value."""
    return str(rows["name"][str(values.idxmax())])


def _row(found: Results, village_code: str) -> dict[str, Any]:
    """What is known of one village; terms that are not the user's to see are missing."""
    rows = places.children(found, places.around(village_code))
    row = {str(name): value for name, value in rows.loc[village_code].items()}
    readable = people.open_terms()
    return row if readable is None or village_code in readable else {**row, "business_model": None}


def breadcrumbs(found: Results, code: str) -> None:
    """The way from the top to here; every step is a button."""
    with st.container(key="crumbs", horizontal=True, gap="small", vertical_alignment="center"):
        for step in found.way(code):
            if step == code:
                st.markdown(f"**{literal(found.name(step))}**", width="content")
                continue
            st.button(
                f"{literal(found.name(step))} ›",
                key=f"crumb_{step or 'nation'}",
                type="tertiary",
                on_click=state.choose_place,
                args=(step,),
            )


def summary(found: Results, code: str) -> None:
    """Figures of the nation, a province or a regency."""
    rows = places.children(found, code)
    everybody = rows["population"].sum()
    served = rows["population_served"].sum() / everybody if everybody else 0.0
    st.subheader(literal(found.name(code)), anchor=False)
    st.caption(_count(rows, level(code)))
    pairs = (
        (_("People"), number(everybody), None),
        (_("Served"), percent(served), _("People whose signal also has enough capacity")),
        (_("Left out"), number(rows["population_left_out"].sum()), _("People without a usable 4G signal")),
        (_("Public money"), rupiah_short(rows["public_idr"].sum()), _("Share of the budget of all regions")),
        (_("Villages in the plan"), number(rows["villages_planned"].sum()), None),
        (_("People newly reached"), number(rows["population_gained"].sum()), None),
    )
    with st.container(horizontal=True, key="place_totals"):
        for label, value, why in pairs:
            st.metric(label, value, help=why, width="content")
    if level(code) == "regency":
        _whole(code)
    else:
        _budget(found)


def _count(rows: pd.DataFrame, kind: str) -> str:
    villages = int(rows["villages"].sum())
    told = ngettext("{count} village", "{count} villages", villages).format(count=number(villages))
    if kind == "regency":
        return told
    parts = {
        "nation": ngettext("{count} province", "{count} provinces", len(rows)),
        "province": ngettext("{count} regency", "{count} regencies", len(rows)),
    }[kind]
    return f"{parts.format(count=number(len(rows)))} · {told}"


def _budget(found: Results) -> None:
    totals = found.totals
    text = _(
        "One budget of {budget} is shared so that it brings {objective}; at most {gap} below the best possible."
    ).format(
        budget=rupiah_short(float(totals.get("budget_idr", 0.0))),
        objective=words.objective(str(totals.get("objective", ""))),
        gap=percent(float(totals.get("gap", 0.0)), 1),
    )
    st.write(literal(text))
    bent = totals.get("not_concave") or []
    if bent:
        names = found.regencies.set_index("regency_code")["regency_name"]
        told = ", ".join(str(names.get(c, c)) for c in bent[:_TOP]) + (" …" if len(bent) > _TOP else "")
        st.caption(literal(_("More money does not always bring less per rupiah in: {places}").format(places=told)))


def _whole(regency: str, village: str = "") -> None:
    """The way into the app's other pages, where the regency has a region of its own."""
    folder = places.whole_region(regency)
    if folder is None:
        st.caption(_("Import this regency as a region to open it with all pages."))
        return
    st.button(
        _("Open with all pages"),
        key="open_whole",
        icon=":material/open_in_new:",
        on_click=places.open_region,
        args=(folder, village),
    )


def village(found: Results, code: str) -> None:
    """What the results say of one village."""
    row = _row(found, code)
    kind = str(row["access_class"])
    st.subheader(literal(row["name"]), anchor=False)
    st.caption(f"{literal(row['district'])} · {literal(code)}")
    with st.container(horizontal=True, gap="small"):
        st.badge(
            words.access_class(kind).capitalize(),
            icon=theme.CLASS_ICON.get(kind, theme.CLASS_ICON["unknown"]),
            color=theme.CLASS_COLOUR.get(kind, "gray"),  # type: ignore[arg-type]
        )
        if row["in_plan"]:
            st.badge(_("paid from the shared budget"), color="green")
    facts = [
        _("{people} people, {left} without a usable 4G signal").format(
            people=number(row["population"]), left=number(row["population_left_out"])
        ),
        _("Operators that reach most people: {count}").format(count=number(row["operators"])),
        _("Public facilities offline: {count} of {all}").format(
            count=number(row["facilities_offline"]), all=number(row["facilities"])
        ),
        _("Need {need} of 100").format(need=number(row["need"])) if pd.notna(row["need"]) else _("Need not known"),
    ]
    if isinstance(row["business_model"], str):
        facts.append(
            _("Best deal: {provider}, {model}, {price} a month, {subsidy} of public money").format(
                provider=row["provider_id"],
                model=words.business_model(row["business_model"]),
                price=rupiah_short(row["price_idr_month"]),
                subsidy=rupiah_short(row["subsidy_idr"]),
            )
        )
    st.markdown("\n".join(f"- {literal(fact)}" for fact in facts))
    hamlets = found.hamlets(code)
    worst = hamlets[hamlets["left_out"] >= 1].head(_HAMLETS)
    if len(worst):
        told = [
            _("{hamlet}: {left} of {people} people left out").format(
                hamlet=name, left=number(left), people=number(count)
            )
            for name, count, left in zip(worst["settlement_name"], worst["population"], worst["left_out"], strict=True)
        ]
        head = literal(_("Hamlets left out"))
        st.markdown(f"**{head}**\n" + "\n".join(f"- {literal(line)}" for line in told))
    _whole(code[:5], code)


def comparisons(found: Results, code: str) -> None:
    """Who is served worst, where the next billion helps most, who gets the budget: each a short list of buttons."""
    rows = found.compared(code)
    objective = str(found.totals.get("objective", ""))
    digits = gain_digits(rows["next_per_billion"])
    lists: tuple[tuple[str, str, str, Callable[[float], str]], ...] = (
        ("need", _("Served worst"), _("Need, 0 to 100"), lambda v: number(v, 1)),
        ("next_per_billion", _("Next Rp 1 billion helps most"), place_maps.next_unit(objective),
         lambda v: "+" + number(v, digits)),
        ("public_idr", _("Most of the shared budget"), _("Public money"), rupiah_short),
    )  # fmt: skip
    for column, (name, title, unit, write) in zip(st.columns(len(lists)), lists, strict=True):
        ranked = rows[rows[name] > 0].sort_values(name, ascending=False, kind="stable").head(_TOP)
        with column.container(border=True, height="stretch", key=f"ranked_{name}"):
            st.markdown(f"**{literal(title)}**")
            st.caption(literal(unit))
            if ranked.empty:
                st.write(_("Nowhere: every plan that helps is paid already, or nothing is known."))
            for place, row in ranked.iterrows():
                st.button(
                    f"{literal(row['name'])} · {literal(write(row[name]))}",
                    key=f"go_{name}_{place}",
                    type="tertiary",
                    on_click=state.choose_place,
                    args=(place,),
                )


def table(found: Results, code: str) -> None:
    """The places of the map as a table; a click on a row goes there."""
    ground = places.around(code)
    rows = places.children(found, ground)
    villages = level(ground) == "regency"
    shown = _table(str(found.folder), found.stamp, ground, language(), rows)
    readable = people.open_terms()
    if villages and readable is not None:
        shown = shown.assign(public_idr=shown["public_idr"].where(shown.index.isin(readable)))
    codes = list(shown.index)
    key = f"rows_{ground or 'nation'}"
    state.mirror(key, {"selection": {"rows": [codes.index(code)] if code in codes else [], "columns": [], "cells": []}})

    def picked() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        if chosen:
            state.choose_place(codes[chosen[0]])

    label = {"nation": _("Province"), "province": _("Regency")}.get(level(ground), _("Village"))
    unit = place_maps.next_unit(str(found.totals.get("objective", "")), villages=villages)
    st.dataframe(
        shown.style.format(_writers(shown), na_rep="–"),
        key=key,
        hide_index=True,
        height=320,
        on_select=picked,
        selection_mode="single-row",
        column_config={
            "name": st.column_config.TextColumn(label, pinned=True),
            "district": _("District"),
            "service": _("Service"),
            "villages": st.column_config.NumberColumn(_("Villages")),
            "population": st.column_config.NumberColumn(_("People")),
            "served_share": st.column_config.NumberColumn(_("Served")),
            "population_left_out": st.column_config.NumberColumn(
                _("Left out"), help=_("People without a usable 4G signal")
            ),
            "need": st.column_config.NumberColumn(_("Need, 0 to 100")),
            "next_per_billion": st.column_config.NumberColumn(_("Next billion"), help=unit),
            "public_idr": st.column_config.NumberColumn(_("Public money")),
            "villages_planned": st.column_config.NumberColumn(_("Villages in the plan")),
            "in_plan": st.column_config.CheckboxColumn(_("In the plan")),
        },
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _table(folder: str, stamp: str, code: str, spoken: str, _rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that a table shows, the places in most need first."""
    del folder, stamp, spoken  # they name the entry
    rows = _rows
    figures = ["population", "served_share", "population_left_out", "need", "next_per_billion", "public_idr"]
    if level(code) == "regency":
        made = rows[["name", "district"]].assign(service=rows["access_class"].map(words.access_class))
        made = made.join(rows[[*figures, "in_plan"]])
    else:
        made = rows[["name", "villages", *figures, "villages_planned"]]
    return made.sort_values("need", ascending=False, kind="stable")


def _writers(rows: pd.DataFrame) -> dict[str, Any]:
    digits = gain_digits(rows["next_per_billion"])
    return {
        "villages": number, "population": number, "served_share": percent, "population_left_out": number,
        "need": lambda v: number(v, 1), "next_per_billion": lambda v: number(v, digits), "public_idr": rupiah_short,
        "villages_planned": number,
    }  # fmt: skip


def problems(found: Results, code: str) -> None:
    """Regencies that failed or are odd, by name."""
    rows = found.troubles(code)
    if rows.empty:
        return
    failed = int((rows["state"] == "failed").sum())
    title = ngettext("{count} regency failed", "{count} regencies failed", failed) if failed else _("Notes")
    st.subheader(title.format(count=number(failed)), anchor=False)
    kinds = {"failed": ":red-badge[{}]".format(literal(_("failed"))), "handled": literal(_("handled"))}
    st.markdown(
        "\n".join(
            f"- **{literal(row.regency_name)}** ({literal(row.regency_code)}) "
            f"{kinds.get(str(row.state), '')}: {literal(row.problem)}"
            for row in rows.itertuples()
        )
    )


def how_to() -> None:
    """What to do where there are no results yet."""
    st.write(_("Run many regencies first; the results then open here, from the nation down to one village."))
    st.code(
        "python -m coverage batch OUT --boundaries villages.geojson --cells cells.csv --terrain heights.tif\n"
        "streamlit run app.py -- OUT",
        language=None,
        wrap_lines=True,
    )
