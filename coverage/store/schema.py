"""The tables of the store. A change here needs a migration; a test compares the two.

Every row that people change carries ``version``, which grows by one with each change: who saves
names the version that they started from, and a change in between is told, never overwritten
unasked. Moments are UTC, written as ISO text so that both databases keep the very same value.
Columns marked ``personal`` stay out of the audit log.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from sqlalchemy import Dialect, Float, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

#: Lengths of text, the same on every database.
SHORT, NAME, NOTE = 40, 200, 4000
#: Limit of a structured value, in characters.
JSON_LIMIT = 20_000_000

STATUSES = ("proposed", "contacted", "negotiating", "agreed", "built", "declined")
CHOICES = ("", "pin", "forbid")
REVIEW_STATES = ("open", "asked", "accepted", "rejected")


class Json(TypeDecorator[Any]):
    """A structured value as JSON text with sorted names: the same bytes on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write."""
        if value is None:
            return None
        return json.dumps(value, ensure_ascii=True, sort_keys=True, allow_nan=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Read."""
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {dict[str, Any]: Json, list[dict[str, Any]]: Json}


def _personal(length: int = NAME) -> Mapped[str]:
    return mapped_column(String(length), default="", info={"personal": True})


class Kept:
    """What every row has: its key, the region's work that it belongs to, and who made it when."""

    id: Mapped[str] = mapped_column(String(SHORT), primary_key=True)
    region_code: Mapped[str] = mapped_column(String(SHORT), default="", index=True)
    created_at: Mapped[str] = mapped_column(String(SHORT))
    created_by: Mapped[str] = mapped_column(String(SHORT))


class Versioned(Kept):
    """A row that people change."""

    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[str] = mapped_column(String(SHORT))
    changed_by: Mapped[str] = mapped_column(String(SHORT))


class User(Versioned, Base):
    """Who may act, and as what; ``region_code`` limits to one region, empty: all."""

    __tablename__ = "users"
    __table_args__ = (
        Index(
            "users_email", "email", unique=True, sqlite_where=text("email <> ''"), postgresql_where=text("email <> ''")
        ),
        Index(
            "users_subject",
            "issuer",
            "subject",
            unique=True,
            sqlite_where=text("subject <> ''"),
            postgresql_where=text("subject <> ''"),
        ),
    )

    name: Mapped[str] = _personal()
    email: Mapped[str] = _personal()
    issuer: Mapped[str] = _personal()
    subject: Mapped[str] = _personal()
    role: Mapped[str] = mapped_column(String(SHORT))
    village_code: Mapped[str] = mapped_column(String(SHORT), default="")
    provider_id: Mapped[str] = mapped_column(String(NAME), default="")
    active: Mapped[bool] = mapped_column(default=True)


class SavedScenario(Versioned, Base):
    """A scenario under a name; a removed one keeps its trail."""

    __tablename__ = "scenarios"
    __table_args__ = (
        Index(
            "scenarios_name",
            "region_code",
            "name",
            unique=True,
            sqlite_where=text("NOT removed"),
            postgresql_where=text("NOT removed"),
        ),
    )

    name: Mapped[str] = mapped_column(String(NAME))
    body: Mapped[dict[str, Any]] = mapped_column(Json)
    note: Mapped[str] = mapped_column(String(NOTE), default="")
    removed: Mapped[bool] = mapped_column(default=False)


class Result(Kept, Base):
    """What a scenario gave: figures, the deals of the plan, the gain of every village; never changed."""

    __tablename__ = "results"

    scenario_id: Mapped[str] = mapped_column(ForeignKey("scenarios.id"), index=True)
    scenario_version: Mapped[int]
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    chosen: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    gain: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    keys: Mapped[dict[str, Any]] = mapped_column(Json)


class Match(Versioned, Base):
    """A deal recommended for a village, how far it has come, and whether plans must or must not hold it."""

    __tablename__ = "matches"
    __table_args__ = (UniqueConstraint("region_code", "deal_id", name="matches_deal"),)

    village_code: Mapped[str] = mapped_column(String(SHORT), index=True)
    deal_id: Mapped[str] = mapped_column(String(NAME))
    option_id: Mapped[str] = mapped_column(String(NAME))
    provider_id: Mapped[str] = mapped_column(String(NAME), index=True)
    business_model: Mapped[str] = mapped_column(String(SHORT))
    status: Mapped[str] = mapped_column(String(SHORT), default="proposed")
    status_date: Mapped[str] = mapped_column(String(SHORT), default="")
    status_note: Mapped[str] = mapped_column(String(NOTE), default="")
    choice: Mapped[str] = mapped_column(String(SHORT), default="")
    sample: Mapped[bool] = mapped_column(default=False)


class StatusChange(Kept, Base):
    """One step of a match; ``date`` is when it happened, ``created_at`` when it was entered."""

    __tablename__ = "status_history"

    match_id: Mapped[str] = mapped_column(ForeignKey("matches.id"), index=True)
    village_code: Mapped[str] = mapped_column(String(SHORT))
    provider_id: Mapped[str] = mapped_column(String(NAME))
    old: Mapped[str] = mapped_column(String(SHORT))
    new: Mapped[str] = mapped_column(String(SHORT))
    date: Mapped[str] = mapped_column(String(SHORT))
    note: Mapped[str] = mapped_column(String(NOTE), default="")


class DealEdit(Versioned, Base):
    """Terms of a deal as people have changed them; an empty term is as it was worked out."""

    __tablename__ = "deal_edits"
    __table_args__ = (UniqueConstraint("region_code", "deal_id", name="deal_edits_deal"),)

    deal_id: Mapped[str] = mapped_column(String(NAME))
    village_code: Mapped[str] = mapped_column(String(SHORT), index=True)
    provider_id: Mapped[str] = mapped_column(String(NAME), index=True)
    price_idr_month: Mapped[float | None] = mapped_column(Float)
    speed_mbps: Mapped[float | None] = mapped_column(Float)
    term_years: Mapped[float | None] = mapped_column(Float)
    village_share: Mapped[float | None] = mapped_column(Float)
    contribution_idr: Mapped[float | None] = mapped_column(Float)
    subsidy_idr: Mapped[float | None] = mapped_column(Float)


class Reviewed(Versioned):
    """What somebody reports and staff review."""

    village_code: Mapped[str] = mapped_column(String(SHORT), default="", index=True)
    reporter: Mapped[str] = _personal()
    state: Mapped[str] = mapped_column(String(SHORT), default="open")
    review_note: Mapped[str] = mapped_column(String(NOTE), default="")
    reviewed_at: Mapped[str] = mapped_column(String(SHORT), default="")
    reviewed_by: Mapped[str] = mapped_column(String(SHORT), default="")


class SignalReport(Reviewed, Base):
    """Signal per operator at a place, as a village reports it."""

    __tablename__ = "signal_reports"

    settlement_id: Mapped[str] = mapped_column(String(NAME), default="")
    date: Mapped[str] = mapped_column(String(SHORT))
    evidence: Mapped[str] = mapped_column(String(SHORT))
    method: Mapped[str] = mapped_column(String(SHORT))
    samples: Mapped[float] = mapped_column(Float)
    #: Operator -> none, weak or served.
    signals: Mapped[dict[str, Any]] = mapped_column(Json)
    #: Whether these are all operators that could be received there.
    everyone: Mapped[bool] = mapped_column(default=False)
    remark: Mapped[str] = mapped_column(String(NOTE), default="")
    photo_id: Mapped[str] = mapped_column(String(SHORT), default="")


class TowerCorrection(Reviewed, Base):
    """A field of a site or cell as it really is."""

    __tablename__ = "tower_corrections"

    layer: Mapped[str] = mapped_column(String(SHORT))
    target_id: Mapped[str] = mapped_column(String(NAME))
    field: Mapped[str] = mapped_column(String(SHORT))
    value: Mapped[str] = mapped_column(String(NAME))
    reason: Mapped[str] = mapped_column(String(NOTE), default="")


class AssumptionChange(Versioned, Base):
    """An assumption that a region's office has changed; no value: the default again."""

    __tablename__ = "assumption_changes"
    __table_args__ = (UniqueConstraint("region_code", "name", name="assumption_changes_name"),)

    name: Mapped[str] = mapped_column(String(NAME))
    value: Mapped[float | None] = mapped_column(Float)
    note: Mapped[str] = mapped_column(String(NOTE), default="")


class Photo(Kept, Base):
    """A picture that belongs to a report."""

    __tablename__ = "photos"

    village_code: Mapped[str] = mapped_column(String(SHORT), index=True)
    media_type: Mapped[str] = mapped_column(String(SHORT))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Feedback(Kept, Base):
    """What somebody says of a page; the words stay out of the audit log, for they may name people."""

    __tablename__ = "feedback"

    page: Mapped[str] = mapped_column(String(SHORT))
    village_code: Mapped[str] = mapped_column(String(SHORT), default="")
    words: Mapped[str] = _personal(NOTE)


class AuditEntry(Base):
    """Who did what when, with what was there before and after; the database refuses to change it."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_of", "kind", "entity_id", "version"),)

    id: Mapped[str] = mapped_column(String(SHORT), primary_key=True)
    at: Mapped[str] = mapped_column(String(SHORT))
    user_id: Mapped[str] = mapped_column(String(SHORT), index=True)
    action: Mapped[str] = mapped_column(String(SHORT))
    kind: Mapped[str] = mapped_column(String(SHORT))
    entity_id: Mapped[str] = mapped_column(String(SHORT))
    region_code: Mapped[str] = mapped_column(String(SHORT), default="", index=True)
    version: Mapped[int] = mapped_column(default=0)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)


#: In the order in which rows can be written: what others point to comes first.
TABLES: tuple[type[Base], ...] = (
    User,
    SavedScenario,
    Result,
    Match,
    StatusChange,
    DealEdit,
    Photo,
    SignalReport,
    TowerCorrection,
    AssumptionChange,
    Feedback,
    AuditEntry,
)
