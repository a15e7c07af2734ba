"""Business models: who builds, sells, pays and owns, and who may take part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    if why_not(option, village, provider):
        return []
    return [code for code, reason in judged_models(option, village, provider, assumptions) if not reason]


def why_not(option: Mapping[str, Any], village: Mapping[str, Any], provider: Mapping[str, Any]) -> str:
    """Why a provider may offer nothing here with this technology: a code; empty where it may.

    ``not_named`` where it does not offer the technology at all, else ``no_licence``, ``not_here``,
    ``not_its_signal``, ``has_it_already``, ``no_bumdes`` or ``cannot_share``.
    """
    technology, kind = str(option["technology"]), str(provider["kind"])
    if technology not in technologies_of(provider):
        return "not_named"
    doing = role(technology, kind)
    if not doing:
        return "no_licence"
    if found := _absent(option, village, provider):
        return found
    if kind == "bumdes" and village["kind"] != "desa":
        return "no_bumdes"
    return "cannot_share" if doing == "leases" and technology not in _SHARED else ""


def judged_models(
    option: Mapping[str, Any], village: Mapping[str, Any], provider: Mapping[str, Any], assumptions: Assumptions
) -> Iterator[tuple[str, str]]:
    """Business models that fit the technology, in order, each with the code of what forbids it (empty: nothing).

    For a provider that :func:`why_not` lets in. Codes: ``no_bumdes``, ``no_resale``, ``not_asked``,
    ``not_allowed``, and ``funder:`` with the name of a funder whose money may not be used.
    """
    technology, kind = str(option["technology"]), str(provider["kind"])
    desa = village["kind"] == "desa"
    if role(technology, kind) == "leases":
        yield "tower_company", ""
        return
    yield "provider_alone", ""
    yield "public_subsidy", ""
    if kind != "bumdes" and technology in _RESOLD:
        nobody = "" if desa else "no_bumdes"
        yield "bumdes_resale", nobody or ("" if bool(provider["resale_allowed"]) else "no_resale")
        yield "revenue_share", nobody
    asked = assumptions["funding.village_cofunding"] >= 1
    money = available_idr("dana_desa", str(village["kind"]), "capital", assumptions) > 0
    yield "village_cofunding", "funder:dana_desa" if not money else "" if asked else "not_asked"
    if technology != "ftth":
        yield "uso_subsidised", "funder:uso" if refusal("uso", str(village["kind"]), "capital", assumptions) else ""
    if technology in _SHARED:
        yield "passive_sharing", ""
        yield "moran", "" if assumptions["funding.moran_allowed"] >= 1 else "not_allowed"
        yield "single_rural_network", "" if assumptions["funding.single_rural_network"] >= 1 else "not_allowed"


def _absent(option: Mapping[str, Any], village: Mapping[str, Any], provider: Mapping[str, Any]) -> str:
    """Whether the provider is present in the district and may use this mast and signal: a code, empty where so."""
    presence = provider.get("presence")
    districts = presence.replace(",", ";").split(";") if isinstance(presence, str) and presence.strip() else []
    if districts and village["district_code"] not in {code.strip() for code in districts}:
        return "not_here"
    name = provider["provider_name"]
    only, there = option.get("only_operator"), option.get("operators_there")
    if isinstance(only, str) and only and name != only:
        return "not_its_signal"
    return "has_it_already" if isinstance(there, str) and name in there.split(";") else ""


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
