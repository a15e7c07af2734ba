"""Whose money may pay for what: eligibility is data, and a refusal is said in words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _, language

FILE = Path(__file__).parents[2] / "data" / "funders.csv"
_COLUMNS = [
    "funder",
    "party",
    "label_id",
    "label_en",
    "village_kinds",
    "only_underdeveloped",
    "assets",
    "amount",
    "legal_basis",
    "year",
]


@cache
def load_funders(file: Path = FILE) -> pd.DataFrame:
    """The funders with their conditions.

    Returns
    -------
    DataFrame
        Indexed by ``funder``: ``party`` whose money it is, ``label_id`` and ``label_en``,
        ``village_kinds`` and ``assets`` (``capital``, ``running``) separated by ``;``,
        ``only_underdeveloped`` (only in regencies that the law lists as such), ``amount``
        (``village``: limited per village and year by ``funding.dana_desa``), ``legal_basis``, ``year``.

    Raises
    ------
    InputError
        Where columns are missing or a funder stands twice.
    """
    frame = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8")
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(_("Columns are missing"), where=f"{file.name}: {', '.join(missing)}")
    if frame["funder"].duplicated().any():
        raise InputError(_("A funder stands there twice"), where=file.name)
    return frame.set_index("funder").assign(only_underdeveloped=lambda f: f["only_underdeveloped"] == "1")


@cache
def _by_name() -> dict[str, dict[str, object]]:
    """The rows of the table; asked for every deal, so looked up and not searched."""
    rows = load_funders().reset_index().to_dict("records")
    return {str(row["funder"]): {str(name): value for name, value in row.items()} for row in rows}


def refusal(funder: str, village_kind: str, asset: str, assumptions: Assumptions) -> str:
    """Why this money may not pay for this, in words; empty where it may.

    Parameters
    ----------
    funder : str
        Name in :func:`load_funders`.
    village_kind : str
        ``desa`` or ``kelurahan``.
    asset : str
        ``capital`` or ``running``.
    assumptions : Assumptions
        ``funding.uso_eligible``: whether the regency counts as underdeveloped for the law (or the
        scenario asks what would be if it did).
    """
    row = _by_name().get(funder)
    if row is None:
        return _("There is no such funder: {name}").format(name=funder)
    name = str(row[f"label_{language()}"])
    basis = str(row["legal_basis"])
    if village_kind not in str(row["village_kinds"]).split(";"):
        return _("{funder} is not for a {kind} ({basis})").format(funder=name, kind=village_kind, basis=basis)
    if asset not in str(row["assets"]).split(";"):
        return _("{funder} may not pay for this kind of cost ({basis})").format(funder=name, basis=basis)
    if row["only_underdeveloped"] and assumptions["funding.uso_eligible"] < 1:
        return _("{funder} is only for underdeveloped regencies, and this one is not listed ({basis})").format(
            funder=name, basis=basis
        )
    return ""


def available_idr(funder: str, village_kind: str, asset: str, assumptions: Assumptions) -> float:
    """Most that a funder could give one village in a year, Rp: zero where it may not, infinite where no limit is known.

    The village fund counts only its discretionary part.
    """
    if refusal(funder, village_kind, asset, assumptions):
        return 0.0
    if _by_name()[funder]["amount"] == "village":
        return assumptions["funding.dana_desa"] * assumptions["funding.dana_desa_discretionary"]
    return float("inf")
