"""Partnership: deals that a provider and a village would both sign."""

from coverage.partnership.cashflow import by_party, cash_flow, measures, npv
from coverage.partnership.closing import LEVERS, cheapest_way, ways_to_close, zone_sensitivity
from coverage.partnership.clusters import Cluster, clusters, cost_game, prices_together
from coverage.partnership.deals import Deal, best_deals, check_providers, deal, deals, some_deals
from coverage.partnership.form import form_csv, form_workbook
from coverage.partnership.funders import available_idr, load_funders, refusal
from coverage.partnership.kept import KEPT_FIELDS, KeptTerms, with_kept
from coverage.partnership.licences import licence, load_licences, refusals
from coverage.partnership.market import Market, adoption, market
from coverage.partnership.masts import shared_masts
from coverage.partnership.matching import Match, match, match_beside, match_of_plan, surplus_idr
from coverage.partnership.models import DUTY_LABELS, MODELS, PARTIES, PARTY_LABELS, offered, responsibilities
from coverage.partnership.offer import FINDINGS, Finding, Offer, OfferCheck, check_offer
from coverage.partnership.payoffs import Blocking
from coverage.partnership.project import Asset, Finance, Project, Terms, finance, project, with_assets
from coverage.partnership.refused import provider_problems, reason_words, refused
from coverage.partnership.reply import Fault, Reply, merged, read_reply
from coverage.partnership.routes import Route, lifetime_worth, route_frame, routes
from coverage.partnership.shares import Split, split
from coverage.partnership.sharing import SHARING, SHARING_LABELS, sharing_costs
from coverage.partnership.terms import Bargain, Zone, both_sides, nash, price_zone, village_payoff

__all__ = [
    "DUTY_LABELS",
    "FINDINGS",
    "KEPT_FIELDS",
    "LEVERS",
    "MODELS",
    "PARTIES",
    "PARTY_LABELS",
    "SHARING",
    "SHARING_LABELS",
    "Asset",
    "Bargain",
    "Blocking",
    "Cluster",
    "Deal",
    "Fault",
    "Finance",
    "Finding",
    "KeptTerms",
    "Market",
    "Match",
    "Offer",
    "OfferCheck",
    "Project",
    "Reply",
    "Route",
    "Split",
    "Terms",
    "Zone",
    "adoption",
    "available_idr",
    "best_deals",
    "both_sides",
    "by_party",
    "cash_flow",
    "cheapest_way",
    "check_offer",
    "check_providers",
    "clusters",
    "cost_game",
    "deal",
    "deals",
    "finance",
    "form_csv",
    "form_workbook",
    "licence",
    "lifetime_worth",
    "load_funders",
    "load_licences",
    "market",
    "match",
    "match_beside",
    "match_of_plan",
    "measures",
    "merged",
    "nash",
    "npv",
    "offered",
    "price_zone",
    "prices_together",
    "project",
    "provider_problems",
    "read_reply",
    "reason_words",
    "refusal",
    "refusals",
    "refused",
    "responsibilities",
    "route_frame",
    "routes",
    "shared_masts",
    "sharing_costs",
    "some_deals",
    "split",
    "surplus_idr",
    "village_payoff",
    "ways_to_close",
    "with_assets",
    "with_kept",
    "zone_sensitivity",
]
