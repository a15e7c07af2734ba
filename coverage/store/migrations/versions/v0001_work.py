"""Scenarios, results, matches, deal edits, reports, corrections, assumptions, people and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SHORT, _NAME, _NOTE = sa.String(40), sa.String(200), sa.String(4000)


def _kept() -> list[sa.Column[str]]:
    return [
        sa.Column("id", _SHORT, primary_key=True),
        sa.Column("region_code", _SHORT, nullable=False),
        sa.Column("created_at", _SHORT, nullable=False),
        sa.Column("created_by", _SHORT, nullable=False),
    ]


def _versioned() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        *_kept(),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", _SHORT, nullable=False),
        sa.Column("changed_by", _SHORT, nullable=False),
    ]


def _reviewed() -> list[sa.Column[str] | sa.Column[int]]:
    return [
        *_versioned(),
        *_texts(village_code=_SHORT, reporter=_NAME, state=_SHORT),
        *_texts(review_note=_NOTE, reviewed_at=_SHORT, reviewed_by=_SHORT),
    ]


def _texts(**columns: sa.String) -> list[sa.Column[str]]:
    return [sa.Column(name, kind, nullable=False) for name, kind in columns.items()]


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _json(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    """Make all tables, and the built-in users."""
    _people()
    _scenarios()
    _matches()
    _reports()
    op.create_table(
        "audit",
        sa.Column("id", _SHORT, primary_key=True),
        *_texts(at=_SHORT, user_id=_SHORT, action=_SHORT, kind=_SHORT, entity_id=_SHORT, region_code=_SHORT),
        sa.Column("version", sa.Integer, nullable=False),
        _json("before", nullable=True),
        _json("after", nullable=True),
    )
    _index("audit", "user_id", "region_code")
    op.create_index("audit_of", "audit", ["kind", "entity_id", "version"])


def _people() -> None:
    users = op.create_table(
        "users",
        *_versioned(),
        *_texts(name=_NAME, email=_NAME, issuer=_NAME, subject=_NAME, role=_SHORT),
        *_texts(village_code=_SHORT, provider_id=_NAME),
        _flag("active"),
    )
    _index("users", "region_code")
    _unique_where("users_email", "users", ["email"], "email <> ''")
    _unique_where("users_subject", "users", ["issuer", "subject"], "subject <> ''")
    blank = dict.fromkeys(("region_code", "name", "email", "issuer", "subject", "village_code", "provider_id"), "")
    stamp = {"created_at": "1970-01-01T00:00:00.000000Z", "changed_at": "1970-01-01T00:00:00.000000Z"}
    op.bulk_insert(
        users,
        [
            {**blank, **stamp, "id": name, "created_by": name, "changed_by": name, "version": 1, "role": "admin",
             "active": True}
            for name in ("console", "local")
        ],
    )  # fmt: skip


def _scenarios() -> None:
    op.create_table("scenarios", *_versioned(), *_texts(name=_NAME, note=_NOTE), _json("body"), _flag("removed"))
    _index("scenarios", "region_code")
    _unique_where("scenarios_name", "scenarios", ["region_code", "name"], "NOT removed")
    op.create_table(
        "results",
        *_kept(),
        sa.Column("scenario_id", _SHORT, sa.ForeignKey("scenarios.id"), nullable=False),
        sa.Column("scenario_version", sa.Integer, nullable=False),
        *(_json(name) for name in ("figures", "chosen", "gain", "keys")),
    )
    _index("results", "region_code", "scenario_id")
    op.create_table(
        "assumption_changes",
        *_versioned(),
        *_texts(name=_NAME, note=_NOTE),
        sa.Column("value", sa.Float, nullable=True),
        sa.UniqueConstraint("region_code", "name", name="assumption_changes_name"),
    )
    _index("assumption_changes", "region_code")


def _matches() -> None:
    op.create_table(
        "matches",
        *_versioned(),
        *_texts(village_code=_SHORT, deal_id=_NAME, option_id=_NAME, provider_id=_NAME, business_model=_SHORT),
        *_texts(status=_SHORT, status_date=_SHORT, status_note=_NOTE, choice=_SHORT),
        _flag("sample"),
        sa.UniqueConstraint("region_code", "deal_id", name="matches_deal"),
    )
    _index("matches", "region_code", "village_code", "provider_id")
    op.create_table(
        "status_history",
        *_kept(),
        sa.Column("match_id", _SHORT, sa.ForeignKey("matches.id"), nullable=False),
        *_texts(village_code=_SHORT, provider_id=_NAME, old=_SHORT, new=_SHORT, date=_SHORT, note=_NOTE),
    )
    _index("status_history", "region_code", "match_id")
    op.create_table(
        "deal_edits",
        *_versioned(),
        *_texts(deal_id=_NAME, village_code=_SHORT, provider_id=_NAME),
        *(
            sa.Column(name, sa.Float, nullable=True)
            for name in ("price_idr_month", "speed_mbps", "term_years", "contribution_idr", "subsidy_idr")
        ),
        sa.UniqueConstraint("region_code", "deal_id", name="deal_edits_deal"),
    )
    _index("deal_edits", "region_code", "village_code", "provider_id")


def _reports() -> None:
    op.create_table(
        "signal_reports",
        *_reviewed(),
        *_texts(settlement_id=_NAME, date=_SHORT, evidence=_SHORT, method=_SHORT, remark=_NOTE),
        sa.Column("samples", sa.Float, nullable=False),
        _json("signals"),
        _flag("everyone"),
    )
    _index("signal_reports", "region_code", "village_code")
    op.create_table(
        "tower_corrections",
        *_reviewed(),
        *_texts(layer=_SHORT, target_id=_NAME, field=_SHORT, value=_NAME, reason=_NOTE),
    )
    _index("tower_corrections", "region_code", "village_code")
