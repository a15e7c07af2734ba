"""Who may offer what by law: data, and every refusal is said in words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from coverage.errors import InputError
from coverage.language import _, language
from coverage.tables import OPTION_TECHNOLOGIES

FILE = Path(__file__).parents[2] / "data" / "licences.csv"
_COLUMNS = ["technology", "provider_kind", "role", "licence_id", "licence_en", "legal_basis", "year"]
#: What a licence lets its holder do: sell a service of its own, lease what it builds, sell another's service on.
ROLES = ("sells", "leases", "resells")


@cache
def load_licences(file: Path = FILE) -> pd.DataFrame:
    """The licences that each technology needs.

    Returns
    -------
    DataFrame
        Indexed by ``technology, provider_kind``: ``role`` (of :data:`ROLES`), ``licence_id``,
        ``licence_en``, ``legal_basis``, ``year``.

    Raises
    ------
    InputError
        Where columns are missing, a pair stands twice or a role is unknown.
    """
    frame = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8")
    missing = [name for name in _COLUMNS if name not in frame.columns]
    if missing:
        raise InputError(_("Columns are missing"), where=f"{file.name}: {', '.join(missing)}")
    if frame.duplicated(["technology", "provider_kind"]).any() or not frame["role"].isin(ROLES).all():
        raise InputError(_("A licence stands there twice or with an unknown role"), where=file.name)
    return frame.set_index(["technology", "provider_kind"]).sort_index()


@cache
def _by_pair() -> dict[tuple[str, str], dict[str, str]]:
    rows = load_licences().reset_index().to_dict("records")
    return {(str(r["technology"]), str(r["provider_kind"])): {str(k): str(v) for k, v in r.items()} for r in rows}


def role(technology: str, provider_kind: str) -> str:
    """What a kind of provider may do with a technology; empty where it has no licence."""
    return _by_pair().get((technology, provider_kind), {}).get("role", "")


def licence(technology: str, provider_kind: str) -> str:
    """The licence that a provider needs, with its legal basis, in the reader's language; empty where none would do."""
    row = _by_pair().get((technology, provider_kind))
    if row is None:
        return ""
    return _("{licence} ({basis})").format(licence=row[f"licence_{language()}"], basis=row["legal_basis"])


def technologies_of(provider: Mapping[str, Any]) -> tuple[str, ...]:
    """Option technologies that a provider names, in order."""
    return tuple(name.strip() for name in str(provider["technologies"]).split(";") if name.strip())


def refusals(provider: Mapping[str, Any]) -> list[str]:
    """What is wrong with the technologies that a provider names, one sentence each."""
    told = []
    for technology in technologies_of(provider):
        if technology not in OPTION_TECHNOLOGIES:
            told.append(
                _("{provider}: there is no technology {technology}; known are {names}").format(
                    provider=provider["provider_name"], technology=technology, names=", ".join(OPTION_TECHNOLOGIES)
                )
            )
        elif not role(technology, str(provider["kind"])):
            told.append(
                _("{provider} has no licence for {technology}: it is left out of those deals").format(
                    provider=provider["provider_name"], technology=technology
                )
            )
    return told
