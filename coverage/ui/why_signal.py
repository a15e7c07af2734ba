"""Why the signal of a hamlet is as it is: the path from its tower, what stands in it, what is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage.kept import kept
from coverage.language import _, number
from coverage.radio import Explanation, clutter_for, explain, profile_svg
from coverage.ui import parts
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis

#: Technologies in the order in which they are explained when several reach a hamlet equally.
_ORDER = ("5g", "4g", "3g", "2g")


def panel(analysis: Analysis, code: str) -> None:
    """Choose a hamlet and an operator; see the path profile, the obstruction and the loss by term."""
    found = analysis.region.settlements
    mine = found[found["village_code"] == code]
    if mine.empty:
        st.info(_("No hamlets of this village are known."))
        return
    names = dict(zip(mine["settlement_id"], mine["settlement_name"].astype(str), strict=True))
    row = analysis.access.villages.set_index("village_code").loc[code]
    worst = row["worst_settlement_id"]
    left, right = st.columns(2)
    ids = list(names)
    chosen = left.selectbox(
        _("Hamlet"),
        ids,
        index=ids.index(worst) if worst in names else 0,
        format_func=lambda key: literal(names[key]),
        key=f"why-hamlet-{code}",
    )
    point = _on_grid(analysis)[chosen]
    layers = heard_at(analysis, float(point.x), float(point.y))
    if not layers:
        st.info(_("No tower in the list reaches this hamlet."))
        return
    operator, technology = right.selectbox(
        _("Operator"),
        list(layers),
        format_func=lambda layer: f"{literal(layer[0])} · {layer[1].upper()} · {number(round(layers[layer]))} dBm",
        key=f"why-operator-{code}-{chosen}",
    )
    why = explained(analysis, float(point.x), float(point.y), operator, technology)
    if why is None:
        st.info(_("No tower in the list reaches this hamlet."))
        return
    st.markdown(literal(sentence(why)))
    parts.drawing(profile_svg(why), width=600)
    st.dataframe(
        losses(why).style.format({"db": lambda value: number(float(str(value)), 1)}),
        hide_index=True,
        width=460,
        column_config={"term": _("From the tower to the phone"), "db": st.column_config.NumberColumn("dB")},
    )
    st.caption(
        _("Predicted by the method of ITU-R P.1812 from the list of towers and the terrain; outdoors, not measured.")
    )


@kept
def _on_grid(analysis: Analysis) -> dict[str, Any]:
    """The hamlets as points on the computing grid, by their id."""
    found = analysis.region.settlements
    return dict(zip(found["settlement_id"], found.geometry.to_crs(analysis.grid.crs), strict=True))


def heard_at(analysis: Analysis, x_m: float, y_m: float) -> dict[tuple[str, str], float]:
    """Operators and technologies with any signal at a point and its level in dBm, the strongest first."""
    row, col = (int(v) for v in analysis.grid.rowcol(x_m, y_m))
    rows, cols = analysis.signal.shape
    if not (0 <= row < rows and 0 <= col < cols):
        return {}
    levels = {
        key: float(layer.rsrp[row, col]) for key, layer in analysis.signal.layers.items() if layer.cell[row, col] >= 0
    }
    # Internet first: a strong 2G signal explains little.
    return dict(sorted(levels.items(), key=lambda item: (item[0][1] not in _ORDER[:2], -item[1], item[0])))


@kept
def explained(analysis: Analysis, x_m: float, y_m: float, operator: str, technology: str) -> Explanation | None:
    """The explanation of one layer at a point, with the clutter that the signal was computed with."""
    clutter = clutter_for(analysis.region.land_cover_on(analysis.grid), analysis.assumptions)
    return explain(
        analysis.grid, analysis.signal, x_m, y_m, operator, technology, analysis.assumptions, clutter=clutter
    )


def sentence(why: Explanation) -> str:
    """Who serves the place from where, and what is in the way."""
    served = _("Tower {site}, {km} km away, serves this hamlet with {level} dBm on {mhz} MHz.").format(
        site=why.cell["site_id"],
        km=number(float(why.distance_km[-1]), 1),
        level=number(round(why.map_dbm)),
        mhz=number(round(float(why.cell["frequency_mhz"]))),
    )
    km = number(float(why.distance_km[why.obstruction_sample]), 1)
    over = number(abs(round(why.obstruction_over_m)))
    above = why.obstruction_over_m > 0
    if why.obstruction == "none":
        blocked = _("Nothing stands in the way.")
    elif why.obstruction == "earth":
        blocked = _("The curve of the earth itself stands in the way.")
    elif why.obstruction == "clutter":
        blocked = (
            _("Trees or houses {km} km from the tower rise {metres} m above the line of sight.")
            if above
            else _("Trees or houses {km} km from the tower come within {metres} m of the line of sight.")
        ).format(km=km, metres=over)
    else:
        blocked = (
            _("A hill {km} km from the tower rises {metres} m above the line of sight.")
            if above
            else _("A hill {km} km from the tower comes within {metres} m of the line of sight.")
        ).format(km=km, metres=over)
    return f"{served} {blocked}"


def losses(why: Explanation) -> pd.DataFrame:
    """What the tower sends and what the way takes, in dB, down to what arrives."""
    names = {
        "reference": _("Sent by the tower (dBm)"),
        "antenna": _("Off the antenna's main direction"),
        "free_space": _("Distance"),
        "terrain": _("Hills"),
        "clutter": _("Trees and houses"),
        "earth": _("Curve of the earth"),
    }
    rows = [(names[term], value + 0.0) for term, value in why.terms_db.items()]
    return pd.DataFrame([*rows, (_("Arrives at the phone (dBm)"), why.rsrp_dbm)], columns=["term", "db"])
