"""Who is not offered for a village, and why: every refusal in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from coverage.assumptions import Assumptions
from coverage.language import _, mark
from coverage.partnership.funders import refusal
from coverage.partnership.licences import role, technologies_of
from coverage.partnership.models import MODELS, judged_models, why_not
from coverage.region.quality import Problem
from coverage.tables import OPTION_TECHNOLOGIES

#: Code -> why.
REASONS = {
    "no_licence": mark("has no licence for it"),
    "not_here": mark("does not work in this district"),
    "not_its_signal": mark("only the operator whose signal it is may repeat it"),
    "has_it_already": mark("has such a radio on this tower already"),
    "no_bumdes": mark("a kelurahan has no BUMDes"),
    "cannot_share": mark("builds only towers that operators share"),
    "no_resale": mark("its terms forbid reselling"),
    "not_asked": mark("villages are not asked to pay at the start (an assumption)"),
    "not_allowed": mark("rules do not allow it (an assumption)"),
    "no_price": mark("at no price would it pay, or it would need more capital of its own than there is"),
}


def refused(
    options: pd.DataFrame,
    village: Mapping[str, Any],
    providers: pd.DataFrame,
    deals: pd.DataFrame,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """Every combination of technology, provider and business model that a village is not offered, and why.

    A technology that a provider does not name is no refusal.

    Parameters
    ----------
    options : DataFrame
        :class:`coverage.tables.Options` of the village.
    village : mapping
        Its row of :class:`coverage.tables.Villages`.
    providers, deals : DataFrame
        :class:`coverage.tables.Providers`, and what :func:`coverage.partnership.deals` found.
    assumptions : Assumptions
        ``funding.*``.

    Returns
    -------
    DataFrame
        Columns ``technology, provider_id, business_model`` (empty: none at all) and ``reason`` (a code of
        :data:`REASONS`, or ``funder:`` and a funder), each row once, in order.
    """
    made = set(zip(deals["option_id"], deals["provider_id"], deals["business_model"], strict=True))
    taken = set(zip(deals["option_id"], deals["provider_id"], strict=True))
    rows = []
    able = _records(providers.sort_values("provider_id"))
    for option in _records(options.sort_values("option_id")):
        for provider in able:
            who = (str(option["technology"]), str(provider["provider_id"]))
            if whole := why_not(option, village, provider):
                if whole != "not_named":
                    rows.append((*who, "", whole))
                continue
            for model, reason in judged_models(option, village, provider, assumptions):
                if reason:
                    rows.append((*who, model, reason))
                elif (option["option_id"], provider["provider_id"]) not in taken:
                    rows.append((*who, "", "no_price"))
                elif (option["option_id"], provider["provider_id"], model) not in made and not MODELS[model].sharing:
                    rows.append((*who, model, "no_price"))
    # What the plain subsidy replaces is no refusal: a provider that stands alone needs none.
    kept = [row for row in dict.fromkeys(rows) if row[2] != "public_subsidy"]
    return pd.DataFrame(kept, columns=["technology", "provider_id", "business_model", "reason"], dtype="str")


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def reason_words(reason: str, village_kind: str, assumptions: Assumptions) -> str:
    """A reason of :func:`refused` in the reader's language."""
    kind, _sep, funder = reason.partition(":")
    return refusal(funder, village_kind, "capital", assumptions) if kind == "funder" else _(REASONS[reason])


def provider_problems(providers: pd.DataFrame, said: Callable[[str], str] = str) -> list[Problem]:
    """What is wrong with the technologies that providers name, for the quality report of their region.

    Parameters
    ----------
    providers : DataFrame
        :class:`coverage.tables.Providers`.
    said : callable
        A technology's code in the reader's language.
    """
    found = []
    for row, provider in enumerate(_records(providers), start=1):
        for technology in technologies_of(provider):
            known = technology in OPTION_TECHNOLOGIES
            if known and role(technology, str(provider["kind"])):
                continue
            code = "no_licence" if known else "unknown_technology"
            facts = {
                "provider": str(provider["provider_name"]),
                "technology": said(technology) if known else technology,
            }
            facts |= {} if known else {"names": ", ".join(OPTION_TECHNOLOGIES)}
            found.append(Problem("warning", code, "providers", str(row), "technologies", technology, facts))
    return found
