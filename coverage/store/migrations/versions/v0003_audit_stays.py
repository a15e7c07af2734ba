"""The audit log can only grow: the database itself refuses to change or remove an entry."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_SQLITE = """
CREATE TRIGGER audit_no_{name} BEFORE {event} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log can only grow'); END
"""
_FUNCTION = """
CREATE FUNCTION jangkau_audit_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log can only grow'; END $$
"""
_POSTGRES = """
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION jangkau_audit_stays()
"""


def upgrade() -> None:
    """Put the guards in place."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(_POSTGRES)
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(_SQLITE.format(name=event.lower(), event=event))
