"""Every option with every provider that may offer it, under every business model that fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.errors
from numpy.typing import NDArray

from coverage.assumptions import Assumptions
from coverage.errors import InputError
from coverage.language import _
from coverage.options import OptionSet
from coverage.partnership.market import Market, market
from coverage.partnership.models import MODELS, offered
from coverage.partnership.pricing import Priced, price_deals
from coverage.partnership.project import Asset, Project, Terms, project
from coverage.partnership.routes import Route, routes
from coverage.partnership.sharing import own_parts
from coverage.tables import HOME_TECHNOLOGIES, Deals, Providers

if TYPE_CHECKING:
    from coverage.access import Access


@dataclass(frozen=True, eq=False)
class Deal:
    """A deal's economics and terms, as :func:`deals` found them; `route` is its own cheapest backhaul."""

    priced: Priced
    route: Route

    @property
    def project(self) -> Project:
        """Its economics."""
        return self.priced.project

    @property
    def terms(self) -> Terms:
        """Its terms."""
        return self.priced.terms


def deals(
    option_set: OptionSet,
    villages: gpd.GeoDataFrame,
    access: Access,  # noqa: ARG001 - today's access is in the options' gained population
    providers: pd.DataFrame,
    assumptions: Assumptions,
) -> pd.DataFrame:
    """All deals, priced as if each stood alone.

    The price of a deal that stands without public money is the Nash bargain between provider and
    village; a subsidised one sells at what the village can bear (at the provider's best price where
    that is lower), and the subsidy fills the gap. A mobile operator sells at its national tariff.
    Operators who share a tower are priced together: the cost of the shared parts once, of the others
    once each, for the users of all; the largest of them leads, or a tower company builds for them.
    A deal exists only where the provider has the capital that subsidy does not bring, and a
    provider-alone deal only where the provider would sign. Money columns are present values at the
    provider's hurdle rate, so ``npv = income - access cost - backhaul cost``.

    Parameters
    ----------
    option_set : OptionSet
        Options and their backhaul graph.
    villages : GeoDataFrame
        :class:`coverage.tables.Villages`.
    access : Access
        Access today.
    providers : DataFrame
        :class:`coverage.tables.Providers`.
    assumptions : Assumptions
        ``market.*``, ``funding.*``, ``cost.*``.

    Returns
    -------
    DataFrame
        :class:`coverage.tables.Deals` with, beside its columns, ``capital_idr`` (to build it with its
        own route), ``income_pv_idr`` (present value of income after levies, sales and care),
        ``price_lowest_idr_month`` and ``price_highest_idr_month`` (between them the provider would
        sign; empty where it never would), ``village_payoff_idr`` (consumer surplus and village
        enterprise, at the social rate), ``enterprise_npv_idr``, ``contribution_idr`` (what the village pays
        at the start), ``village_share`` (of sales, that its enterprise keeps), ``backhaul_kind`` and
        ``partners`` (names of the operators who share the tower with the provider, separated by ``;``).

    Raises
    ------
    InputError
        Where the providers' table has missing columns or impossible values: all of them are told.
    """
    rows = [_row(*made) for made in _each(option_set, villages, providers, assumptions)]
    extra = [
        "capital_idr",
        "income_pv_idr",
        "price_lowest_idr_month",
        "price_highest_idr_month",
        "village_payoff_idr",
        "enterprise_npv_idr",
        "contribution_idr",
        "village_share",
        "backhaul_kind",
        "partners",
    ]
    frame = Deals.validate(pd.DataFrame(rows, columns=[*Deals.to_schema().columns, *extra]))
    return frame[_within_means(frame, providers, assumptions)].reset_index(drop=True)


def deal(
    deal_id: str, option_set: OptionSet, villages: gpd.GeoDataFrame, providers: pd.DataFrame, assumptions: Assumptions
) -> Deal:
    """The economics behind one row of :func:`deals`, for its cash flow and for trying other terms.

    Raises
    ------
    InputError
        Where there is no such deal.
    """
    return some_deals([deal_id], option_set, villages, providers, assumptions)[deal_id]


def some_deals(
    deal_ids: Iterable[str],
    option_set: OptionSet,
    villages: gpd.GeoDataFrame,
    providers: pd.DataFrame,
    assumptions: Assumptions,
) -> dict[str, Deal]:
    """The economics behind some rows of :func:`deals`, by deal.

    Raises
    ------
    InputError
        Where one of them does not exist.
    """
    wanted = set(deal_ids)
    mine = option_set.options["option_id"].isin({name.split("|", maxsplit=1)[0] for name in wanted})
    only = replace(option_set, options=option_set.options[mine])
    each = _each(only, villages, providers, assumptions)
    found = {names["deal_id"]: made for names, made in each if names["deal_id"] in wanted}
    if missing := sorted(wanted - set(found)):
        raise InputError(_("There is no such deal"), where=missing[0])
    return found


def check_providers(providers: pd.DataFrame) -> pd.DataFrame:
    """The providers' table with its types, or every problem in it at once.

    Raises
    ------
    InputError
        Missing columns, doubled names, rates and shares out of range.
    """
    try:
        return Providers.validate(providers, lazy=True)
    except pandera.errors.SchemaErrors as error:
        cases = error.failure_cases
        missing = cases["check"] == "column_in_dataframe"
        column = cases["column"].where(~missing, cases["failure_case"])
        case = cases["failure_case"].astype(str).where(~missing, _("column is missing"))
        told = "; ".join(dict.fromkeys(f"{name}: {value}" for name, value in zip(column, case, strict=True)))
        raise InputError(
            _("The table of providers cannot be used"),
            where="providers",
            todo=_("Correct these: {problems}").format(problems=told),
        ) from error


#: Capex and yearly opex of what one operator more adds, by option and way of sharing.
OwnParts = dict[tuple[str, str], tuple[float, float]]


@dataclass(frozen=True)
class _Case:
    """An option with a provider under a business model: what it costs, whom it serves, with whom it is shared."""

    provider_id: str
    code: str
    access: Asset
    demand: Market
    hurdle_rate: float
    partners: tuple[str, ...]


def _each(
    option_set: OptionSet, villages: gpd.GeoDataFrame, providers: pd.DataFrame, assumptions: Assumptions
) -> Iterator[tuple[dict[str, str], Deal]]:
    able = _records(check_providers(providers).sort_values("provider_id"))
    own_route = routes(option_set, assumptions)
    village_rows = {str(row["village_code"]): row for row in _records(villages)}
    more = _own_parts(option_set)
    # Providers with the same cost, hurdle rate and market come to the same terms.
    plans: dict[tuple[Any, ...], tuple[Project, str]] = {}
    cases: list[tuple[dict[str, Any], Route, _Case, tuple[Any, ...]]] = []
    for option in _records(option_set.options):
        route = own_route.get(str(option["option_id"]))
        if route is None:
            continue
        technology = str(option["technology"])
        for case in _cases(option, village_rows[str(option["village_code"])], able, more, assumptions):
            key: tuple[Any, ...] = (option["option_id"], case.code, case.hurdle_rate, case.access, case.demand)
            if key not in plans:
                assets = (case.access, *route.assets)
                made = project(assets, case.demand, case.code, technology, case.hurdle_rate, assumptions)
                plans[key] = (made, technology)
            cases.append((option, route, case, key))
    priced = price_deals([p for p, _t in plans.values()], [t for _p, t in plans.values()], assumptions)
    settled = dict(zip(plans, priced, strict=True))
    for option, route, case, named in cases:
        found = settled[named]
        if found is not None:
            names = {
                "deal_id": f"{option['option_id']}|{case.provider_id}|{case.code}",
                "option_id": str(option["option_id"]),
                "village_code": str(option["village_code"]),
                "provider_id": case.provider_id,
                "business_model": case.code,
                "partners": ";".join(case.partners),
            }
            yield names, Deal(found, route)


def _own_parts(option_set: OptionSet) -> OwnParts:
    """What one operator more adds to every tower that operators can share."""
    if not len(option_set.bill):
        return {}
    table = own_parts(option_set.bill[option_set.bill["item_of"].isin(set(option_set.options["option_id"]))])
    money = table[["capex_idr", "opex_idr_per_year"]].to_numpy(float).tolist()
    return {(str(i), str(s)): (c, o) for (i, s), (c, o) in zip(table.index.tolist(), money, strict=True)}


def _cases(
    option: dict[str, Any],
    village: dict[str, Any],
    providers: list[dict[str, Any]],
    more: OwnParts,
    assumptions: Assumptions,
) -> Iterator[_Case]:
    """Who may offer an option, under which models, and at what cost to whom."""
    codes = {str(p["provider_id"]): offered(option, village, p, assumptions) for p in providers}
    sellers = [p for p in providers if p["kind"] == "mobile" and codes[str(p["provider_id"])]]
    sellers.sort(key=lambda p: (-float(p["market_share"]), str(p["provider_id"])))
    most = round(assumptions["market.sharing_operators"])
    for provider in providers:
        for code in codes[str(provider["provider_id"])]:
            sharing = MODELS[code].sharing
            members = [provider]
            if sharing:
                if provider["kind"] == "mobile" and provider is not sellers[0]:
                    continue  # the largest operator leads: the others are its partners
                others = [p for p in sellers if p is not provider]
                members = [*([provider] if provider["kind"] == "mobile" else []), *others][:most]
                if not more or not members or (len(members) < 2 and provider["kind"] == "mobile"):
                    continue
            access = _access(option, provider, sharing, len(members), more, assumptions)
            shares = [float(p["market_share"]) for p in members]
            demand = market(
                option,
                village,
                shares[0],
                assumptions,
                partner_share=sum(shares[1:]),
                listed_idr_month=_listed(option, provider),
            )
            if demand.potential > 0:
                partners = tuple(str(p["provider_name"]) for p in members if p is not provider)
                yield _Case(
                    str(provider["provider_id"]), code, access, demand, float(provider["hurdle_rate"]), partners
                )


def _access(
    option: dict[str, Any],
    provider: dict[str, Any],
    sharing: str,
    operators: int,
    more: OwnParts,
    assumptions: Assumptions,
) -> Asset:
    """The option as an asset: with every sharing operator's own parts, and with the rent that this provider pays.

    Who owns the structure pays none; who rents a place there already pays a part for one more radio.
    """
    capex, opex = float(option["capex_idr"]), float(option["opex_idr_per_year"])
    owner, rent, tenants = option.get("site_owner"), option.get("rent_idr_per_year"), option.get("tenants")
    if rent is not None and pd.notna(rent):
        if isinstance(owner, str) and owner == provider["provider_name"]:
            opex -= float(rent)
        elif isinstance(tenants, str) and provider["provider_name"] in tenants.split(";"):
            opex -= float(rent) * (1.0 - assumptions["market.rent_share_tenant"])
    if sharing:
        own_capex, own_opex = more[str(option["option_id"]), sharing]
        capex += own_capex * (operators - 1)
        opex += own_opex * (operators - 1)
    return Asset(capex, opex, float(option["lifetime_years"]))


def _listed(option: dict[str, Any], provider: dict[str, Any]) -> float | None:
    """The provider's list price for this kind of service, where it has one."""
    column = "price_home_idr_month" if option["technology"] in HOME_TECHNOLOGIES else "price_user_idr_month"
    price = provider.get(column)
    return float(price) if price is not None and pd.notna(price) else None


def _within_means(deals: pd.DataFrame, providers: pd.DataFrame, assumptions: Assumptions) -> NDArray[np.bool_]:
    """Deals whose own money (capital less subsidy) the provider has.

    The row of BUMDes stands for every village's own enterprise: none of them has more than
    ``funding.bumdes_capital``, whatever they have together.
    """
    known = providers.set_index("provider_id").reindex(deals["provider_id"])
    limit = known["capital_limit_idr"].fillna(np.inf).to_numpy(float)
    each = np.where(known["kind"] == "bumdes", np.minimum(limit, assumptions["funding.bumdes_capital"]), limit)
    own = (deals["capital_idr"] - deals["subsidy_idr"]).to_numpy(float)
    return np.asarray(own <= each, dtype=np.bool_)


def _row(names: dict[str, str], made: Deal) -> dict[str, object]:
    kinds = dict.fromkeys(link.split(":", 1)[0] for link in made.route.links)
    return {**names, **made.priced.row, "backhaul_kind": ";".join(kinds)}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def best_deals(deals: pd.DataFrame, benefit: pd.DataFrame | None = None) -> pd.DataFrame:
    """The deal to look at first in each village.

    With `benefit`: the highest index gain per rupiah of lifetime cost (access and own route); without
    it: the least subsidy. Ties go to the lower subsidy, then the higher worth to the village, then the
    lower price, then the name. This compares deals that stand alone; what is built is the plan's choice.

    Parameters
    ----------
    deals : DataFrame
        :class:`coverage.tables.Deals`.
    benefit : DataFrame, optional
        :class:`coverage.tables.Benefit`.

    Returns
    -------
    DataFrame
        Rows of `deals`, one per village, in order of village.
    """
    cost = deals["access_cost_pv_idr"] + deals["backhaul_cost_pv_idr"]
    worth = pd.Series(0.0, index=deals.index)
    if benefit is not None:
        of_option = benefit.groupby("option_id")["index_gain"].sum()
        gain = of_option.reindex(deals["option_id"]).fillna(0.0).to_numpy(float)
        worth = pd.Series(gain, index=deals.index) / cost.clip(lower=1.0)
    payoff = deals["village_payoff_idr"] if "village_payoff_idr" in deals else pd.Series(0.0, index=deals.index)
    ranked = deals.assign(_worth=-worth, _payoff=-payoff).sort_values(
        ["village_code", "_worth", "subsidy_idr", "_payoff", "price_idr_month", "deal_id"], kind="stable"
    )
    return ranked.drop_duplicates("village_code").drop(columns=["_worth", "_payoff"]).reset_index(drop=True)
