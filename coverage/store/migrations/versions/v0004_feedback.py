"""People say on any page what is wrong with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table of feedback."""
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(40), primary_key=True),
        *(
            sa.Column(name, sa.String(40), nullable=False)
            for name in ("region_code", "created_at", "created_by", "page", "village_code")
        ),
        sa.Column("words", sa.String(4000), nullable=False),
    )
    op.create_index("ix_feedback_region_code", "feedback", ["region_code"])
