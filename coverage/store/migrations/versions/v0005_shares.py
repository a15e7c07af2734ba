"""Kept terms of a deal may say which share of the sales the village enterprise keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the share; deals kept before have none of their own."""
    op.add_column("deal_edits", sa.Column("village_share", sa.Float, nullable=True))
