"""Business models: who builds, sells, pays and owns, and who may take part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coverage.assumptions import Assumptions
from coverage.language import mark
from coverage.partnership.funders import available_idr, refusal

#: Everyone whose money moves in a deal, in the order that tables show them.
PARTIES = ("provider", "village_enterprise", "village_budget", "households", "public", "state")

PARTY_LABELS = {
    "provider": mark("Provider"),
    "village_enterprise": mark("Village enterprise (BUMDes)"),
    "village_budget": mark("Village budget"),
    "households": mark("Households"),
    "public": mark("Public funds"),
    "state": mark("State (taxes and levies)"),
}


@dataclass(frozen=True)
class BusinessModel:
    """One way to share the work and the money.

    ``resale``: the village enterprise sells and cares for customers; ``subsidised``: the price is
    held at what the village can bear and public money fills the gap; the other fields name the
    party that carries each duty, as told in the responsibility table.
    """

    code: str
    label: str
    resale: bool
    subsidised: bool
    builds: str
    sells: str
    maintains: str
    fills_gap: str


MODELS: dict[str, BusinessModel] = {
    model.code: model
    for model in (
        BusinessModel(
            "provider_alone", mark("Provider alone"), False, False, "provider", "provider", "provider", "provider"
        ),
        BusinessModel(
            "public_subsidy",
            mark("Provider with public subsidy"),
            False,
            True,
            "provider",
            "provider",
            "provider",
            "public",
        ),
        BusinessModel(
            "bumdes_resale",
            mark("BUMDes resells"),
            True,
            False,
            "provider",
            "village_enterprise",
            "provider",
            "public",
        ),
        BusinessModel(
            "village_cofunding",
            mark("Village pays a part at the start"),
            False,
            False,
            "provider",
            "provider",
            "provider",
            "village_budget",
        ),
        BusinessModel(
            "uso_subsidised",
            mark("Universal service fund (USO)"),
            False,
            True,
            "provider",
            "provider",
            "provider",
            "public",
        ),
    )
}

#: Technologies whose bandwidth a village can sell on; a tower's mobile service is the operator's own.
_RESOLD = ("ftth", "satellite_wifi")


def offered(
    option: Mapping[str, Any], village: Mapping[str, Any], provider: Mapping[str, Any], assumptions: Assumptions
) -> list[str]:
    """Codes of the business models that a provider may offer for an option, in order.

    Rules: the provider must offer the technology; a tower company sells no service of its own; only
    a desa has a village enterprise, so a kelurahan is offered no resale and no BUMDes as provider;
    resale needs the provider's terms to allow it (some satellite terms forbid it); whose money may
    be used is data (:mod:`coverage.partnership.funders`), and villages are asked to pay only where
    ``funding.village_cofunding`` says so.

    Parameters
    ----------
    option, village, provider : mapping
        Rows of :class:`coverage.tables.Options`, ``Villages`` and ``Providers``.
    assumptions : Assumptions
        ``funding.*``.
    """
    technology = str(option["technology"])
    kind = str(provider["kind"])
    desa = village["kind"] == "desa"
    if technology not in {name.strip() for name in str(provider["technologies"]).split(";")}:
        return []
    if kind == "tower" or (kind == "bumdes" and not desa):
        return []
    codes = ["provider_alone", "public_subsidy"]
    if desa and kind != "bumdes" and technology in _RESOLD and bool(provider["resale_allowed"]):
        codes.append("bumdes_resale")
    may_pay = available_idr("dana_desa", str(village["kind"]), "capital", assumptions) > 0
    if may_pay and assumptions["funding.village_cofunding"] >= 1:
        codes.append("village_cofunding")
    if technology != "ftth" and not refusal("uso", str(village["kind"]), "capital", assumptions):
        codes.append("uso_subsidised")
    return codes


def responsibilities(code: str) -> pd.DataFrame:
    """Who does what in a business model: columns ``duty, party`` (codes of :data:`PARTIES`)."""
    model = MODELS[code]
    rows = [
        ("build", model.builds),
        ("own", model.builds),
        ("maintain", model.maintains),
        ("sell", model.sells),
        ("fill_gap", model.fills_gap),
    ]
    return pd.DataFrame(rows, columns=["duty", "party"])


DUTY_LABELS = {
    "build": mark("Builds and pays the equipment"),
    "own": mark("Owns the equipment"),
    "maintain": mark("Maintains the network"),
    "sell": mark("Sells and cares for customers"),
    "fill_gap": mark("Pays what sales do not cover"),
}
