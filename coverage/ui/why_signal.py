"""Why the signal of a hamlet or of any place on the map is as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from coverage.language import _, number
from coverage.outputs.signal_path import (
    explained,
    hamlets_on_grid,
    heard_at,
    losses,
    on_grid,
    predicted,
    sentence,
)
from coverage.radio import profile_svg
from coverage.ui import parts
from coverage.ui.words import literal

if TYPE_CHECKING:
    from coverage.analysis import Analysis


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
    ids = list(names)
    chosen = st.selectbox(
        _("Hamlet"),
        ids,
        index=ids.index(worst) if worst in names else 0,
        format_func=lambda key: literal(names[key]),
        key=f"why-hamlet-{code}",
    )
    point = hamlets_on_grid(analysis)[chosen]
    _explain(analysis, float(point.x), float(point.y), f"{code}-{chosen}")


def place(analysis: Analysis, lat: float, lon: float) -> None:
    """The same for any place, in degrees."""
    x, y = on_grid(analysis, lat, lon)
    _explain(analysis, x, y, f"{lat:.6f}-{lon:.6f}")


def _explain(analysis: Analysis, x_m: float, y_m: float, key: str) -> None:
    layers = heard_at(analysis, x_m, y_m)
    if not layers:
        st.info(_("No tower in the list reaches this place."))
        return
    operator, technology = st.selectbox(
        _("Operator"),
        list(layers),
        format_func=lambda layer: f"{literal(layer[0])} · {layer[1].upper()} · {number(round(layers[layer]))} dBm",
        key=f"why-operator-{key}",
    )
    why = explained(analysis, x_m, y_m, operator, technology)
    if why is None:
        st.info(_("No tower in the list reaches this place."))
        return
    st.markdown(literal(sentence(why)))
    parts.drawing(profile_svg(why), width=600)
    st.dataframe(
        losses(why).style.format({"db": lambda value: number(float(str(value)), 1)}),
        hide_index=True,
        width=460,
        column_config={"term": _("From the tower to the phone"), "db": st.column_config.NumberColumn("dB")},
    )
    st.caption(predicted())
