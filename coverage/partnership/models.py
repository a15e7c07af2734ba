"""Business models: who builds, sells, pays and owns, and who may take part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from coverage.assumptions import Assumptions
from coverage.language import mark
from coverage.partnership.funders import available_idr, refusal
from coverage.partnership.licences import role, technologies_of
from coverage.tables import HOME_TECHNOLOGIES

#: Everyone whose money moves in a deal, in the order that tables show them.
PARTIES = ("provider", "village_enterprise", "village_budget", "households", "public", "state")

PARTY_LABELS = {
    "provider": mark("Provider"),
    "village_enterprise": mark("Village enterprise (BUMDes)"),
    "village_budget": mark("Village budget"),
    "households": mark("Households"),
    "public": mark("Public funds"),
    "state": mark("State (taxes and levies)"),
    "lead_operator": mark("Leading operator"),
    "every_operator": mark("Every operator its own part"),
    "all_operators": mark("The operators together"),
    "tower_company": mark("Tower company"),
}


@dataclass(frozen=True)
class BusinessModel:
    """One way to share the work and the money.

    ``resale``: the village enterprise sells and cares for customers; ``subsidised``: the price is
    held at what the village can bear and public money fills the gap; ``sharing``: how several
    operators share a tower (of :data:`coverage.partnership.sharing.SHARING`; empty: one alone);
    ``village_earns``: the village enterprise gets a part of the sales for helping to sell. The other
    fields name the party that carries each duty, as told in the responsibility table.
    """

    code: str
    label: str
    builds: str = "provider"
    sells: str = "provider"
    maintains: str = "provider"
    fills_gap: str = "public"
    resale: bool = False
    subsidised: bool = False
    sharing: str = ""
    village_earns: bool = False
    radios: str = ""


def _shared(code: str, label: str, sharing: str, builds: str, radios: str) -> BusinessModel:
    return BusinessModel(code, label, builds, "every_operator", builds, subsidised=True, sharing=sharing, radios=radios)


MODELS: dict[str, BusinessModel] = {
    model.code: model
    for model in (
        BusinessModel("provider_alone", mark("Provider alone"), fills_gap="provider"),
        BusinessModel("public_subsidy", mark("Provider with public subsidy"), subsidised=True),
        BusinessModel("bumdes_resale", mark("BUMDes resells"), sells="village_enterprise", resale=True),
        BusinessModel(
            "revenue_share", mark("Provider sells, BUMDes has a share"), fills_gap="provider", village_earns=True
        ),
        BusinessModel("village_cofunding", mark("Village pays a part at the start"), fills_gap="village_budget"),
        BusinessModel("uso_subsidised", mark("Universal service fund (USO)"), subsidised=True),
        _shared("passive_sharing", mark("Shared tower, own radios"), "passive", "lead_operator", "every_operator"),
        _shared("moran", mark("Shared tower and radios"), "moran", "lead_operator", "all_operators"),
        _shared(
            "single_rural_network",
            mark("One network for all"),
            "single_rural_network",
            "all_operators",
            "all_operators",
        ),
        _shared("tower_company", mark("Tower company builds and leases"), "passive", "tower_company", "every_operator"),
    )
}

#: Technologies whose bandwidth a village can sell on; a tower's mobile service is the operator's own.
_RESOLD = (*HOME_TECHNOLOGIES, "satellite_wifi")
#: Technologies that several operators can share: a repeater repeats one alone.
_SHARED = ("light_tower", "macro_tower")


def offered(
    option: Mapping[str, Any], village: Mapping[str, Any], provider: Mapping[str, Any], assumptions: Assumptions
) -> list[str]:
    """Codes of the business models that a provider may offer for an option, in order.

    Rules: the provider must name the technology, have the licence for it and work in the district; a
    tower company sells no service of its own, it builds for operators; only a desa has a village
    enterprise, so a kelurahan is offered no resale, no share and no BUMDes as provider; resale needs
    the provider's terms to allow it (some satellite terms forbid it); only an operator repeats its
    own signal, and only one that has no such radio on a tower yet adds one; whose money may be used
    is data (:mod:`coverage.partnership.funders`), and villages are asked to pay only where
    ``funding.village_cofunding`` says so.

    Parameters
    ----------
    option, village, provider : mapping
        Rows of :class:`coverage.tables.Options`, ``Villages`` and ``Providers``.
    assumptions : Assumptions
        ``funding.*``.
    """
    technology, kind = str(option["technology"]), str(provider["kind"])
    desa = village["kind"] == "desa"
    doing = role(technology, kind)
    if technology not in technologies_of(provider) or not doing or not _works_there(option, village, provider):
        return []
    if kind == "bumdes" and not desa:
        return []
    if doing == "leases":
        return ["tower_company"] if technology in _SHARED else []
    codes = ["provider_alone", "public_subsidy"]
    partner = desa and kind != "bumdes" and technology in _RESOLD
    if partner and bool(provider["resale_allowed"]):
        codes.append("bumdes_resale")
    if partner:
        codes.append("revenue_share")
    asked = assumptions["funding.village_cofunding"] >= 1
    if asked and available_idr("dana_desa", str(village["kind"]), "capital", assumptions) > 0:
        codes.append("village_cofunding")
    if technology != "ftth" and not refusal("uso", str(village["kind"]), "capital", assumptions):
        codes.append("uso_subsidised")
    if technology in _SHARED:
        codes += ["passive_sharing"]
        codes += ["moran"] if assumptions["funding.moran_allowed"] >= 1 else []
        codes += ["single_rural_network"] if assumptions["funding.single_rural_network"] >= 1 else []
    return codes


def _works_there(option: Mapping[str, Any], village: Mapping[str, Any], provider: Mapping[str, Any]) -> bool:
    """Whether the provider is present in the district and may use this mast and signal."""
    presence = provider.get("presence")
    districts = presence.replace(",", ";").split(";") if isinstance(presence, str) and presence.strip() else []
    if districts and village["district_code"] not in {code.strip() for code in districts}:
        return False
    name = provider["provider_name"]
    only, there = option.get("only_operator"), option.get("operators_there")
    if isinstance(only, str) and only and name != only:
        return False
    return not (isinstance(there, str) and name in there.split(";"))


def responsibilities(code: str) -> pd.DataFrame:
    """Who does, earns and owns what in a business model: columns ``duty, party``.

    Parties are codes of :data:`PARTY_LABELS`; a duty that no one has is left out.
    """
    model = MODELS[code]
    earns = "all_operators" if model.sharing else model.sells
    rows = [
        ("build", model.builds),
        ("radios", model.radios),
        ("own", model.builds),
        ("maintain", model.maintains),
        ("sell", model.sells),
        ("earn", earns),
        ("share_of_sales", "village_enterprise" if model.village_earns or model.resale else ""),
        ("rent", "tower_company" if code == "tower_company" else ""),
        ("fill_gap", model.fills_gap),
    ]
    return pd.DataFrame([row for row in rows if row[1]], columns=["duty", "party"])


DUTY_LABELS = {
    "build": mark("Builds and pays the equipment"),
    "radios": mark("Puts up and owns the radios"),
    "own": mark("Owns the equipment"),
    "maintain": mark("Maintains the network"),
    "sell": mark("Sells and cares for customers"),
    "earn": mark("Gets what customers pay"),
    "share_of_sales": mark("Keeps a share of the sales"),
    "rent": mark("Gets rent from the operators on the tower"),
    "fill_gap": mark("Pays what sales do not cover"),
}
