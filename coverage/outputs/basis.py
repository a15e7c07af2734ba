"""What the cost of an option rests on: its bill of quantities, each line with its assumption and its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from coverage.kept import kept
from coverage.language import _, percent
from coverage.outputs import words
from coverage.partnership import lifetime_worth

if TYPE_CHECKING:
    from coverage.analysis import Analysis
    from coverage.assumptions import Assumption

#: Less than this of the cost on judgement decides nothing.
_WORTH_TELLING = 0.1
#: The assumption that sets how many people an option can serve at once, where it is not its equipment.
_CARRIES = {
    "light_tower": "options.tower_total_bandwidth",
    "macro_tower": "options.macro_total_bandwidth",
    "new_radio": "options.radio_total_bandwidth",
}


@dataclass(frozen=True, eq=False)
class Basis:
    """The bill of an option and of the link that is its own.

    Attributes
    ----------
    technology : str
        Code of the option's technology.
    lines : DataFrame
        ``note`` (what is bought), ``kind`` (``capex, opex``), ``quantity, unit, unit_cost_idr, amount_idr``,
        ``worth_idr`` (present value over the horizon), ``judgement`` and ``source``; the dearest first.
    carries : Assumption or None
        What sets how many people it can serve.
    """

    technology: str
    lines: pd.DataFrame
    carries: Assumption | None

    @property
    def judged_share(self) -> float:
        """Part of the lifetime cost whose unit costs have no source."""
        whole = float(self.lines["worth_idr"].sum())
        return float(self.lines.loc[self.lines["judgement"], "worth_idr"].sum()) / whole if whole > 0 else 0.0

    @property
    def sentence(self) -> str:
        """On which judgement the answer hangs; empty where every figure has a source."""
        told = []
        judged = self.lines[self.lines["judgement"]]
        if self.judged_share >= _WORTH_TELLING:
            told.append(
                _("{share} of the cost over its life is judgement, without a source: most of it “{item}”.").format(
                    share=percent(self.judged_share), item=str(judged["note"].iloc[0])
                )
            )
        if self.carries is not None and self.carries.is_judgement:
            told.append(
                _("How many people it can serve is judgement too: “{item}”, {value} {unit} ({low} to {high}).").format(
                    item=self.carries.note,
                    unit=words.unit(self.carries.unit),
                    **{name: words.value(getattr(self.carries, name)) for name in ("value", "low", "high")},
                )
            )
        if told:
            told.append(_("Another value changes the answer: try it on the page Assumptions."))
        return " ".join(told)


@kept
def basis(analysis: Analysis, option_id: str) -> Basis:
    """The bill of an option in the reader's language."""
    found, assumptions = analysis.option_set, analysis.assumptions
    option = found.options[found.options["option_id"] == option_id].iloc[0]
    mine = found.bill[found.bill["item_of"] == option_id]
    rows = [assumptions.row(item) for item in mine["item"]]
    lines = pd.DataFrame(
        {
            "note": [row.note for row in rows],
            "kind": mine["kind"].to_numpy(),
            "quantity": mine["quantity"].to_numpy(float),
            "unit": mine["unit"].to_numpy(),
            "unit_cost_idr": mine["unit_cost_idr"].to_numpy(float),
            "amount_idr": mine["amount_idr"].to_numpy(float),
            "worth_idr": lifetime_worth(mine, float(option["lifetime_years"]), assumptions),
            "judgement": [row.is_judgement for row in rows],
            "source": [row.source for row in rows],
        }
    )
    technology = str(option["technology"])
    name = _CARRIES.get(technology, "")
    carries = assumptions.row(name) if name in assumptions else None
    return Basis(technology, lines.sort_values("worth_idr", ascending=False, ignore_index=True, kind="stable"), carries)
