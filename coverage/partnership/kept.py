"""Terms that people agreed on or try out, kept beside those that were calculated."""

from __future__ import annotations

from dataclasses import dataclass, replace

from coverage.partnership.project import Project, Terms

#: Terms that people may set; an empty one is as it was calculated.
KEPT_FIELDS = (
    "price_idr_month",
    "speed_mbps",
    "term_years",
    "village_share",
    "contribution_idr",
    "subsidy_idr",
)


@dataclass(frozen=True)
class KeptTerms:
    """Terms of one deal as people set them, by whom and when; what is None is as it was calculated.

    ``price_idr_month`` per subscriber, PPN included; ``speed_mbps`` promised to the village;
    ``term_years`` of the contract; ``village_share`` of sales that the village enterprise keeps;
    ``contribution_idr`` and ``subsidy_idr`` are paid to the provider at the start by the village budget
    and by public funds. ``by`` is a name, ``at`` a moment (UTC, ISO); ``version`` grows by one with
    every change.
    """

    price_idr_month: float | None = None
    speed_mbps: float | None = None
    term_years: float | None = None
    village_share: float | None = None
    contribution_idr: float | None = None
    subsidy_idr: float | None = None
    by: str = ""
    at: str = ""
    version: int = 0

    @property
    def any(self) -> bool:
        """Whether any term differs from what was calculated."""
        return any(getattr(self, name) is not None for name in KEPT_FIELDS)


def with_kept(plan: Project, terms: Terms, kept: KeptTerms | None) -> Terms:
    """The terms with what people set; a provider's one tariff stays its tariff."""
    if kept is None:
        return terms
    changes = {
        name: getattr(kept, name)
        for name in ("price_idr_month", "village_share", "contribution_idr", "subsidy_idr")
        if getattr(kept, name) is not None
    }
    if plan.market.tariff_idr_month is not None:
        changes.pop("price_idr_month", None)
    return replace(terms, **changes)
