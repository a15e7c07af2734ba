"""A report of signal may carry a picture."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of pictures, and let reports point to one."""
    op.create_table(
        "photos",
        sa.Column("id", sa.String(40), primary_key=True),
        *(
            sa.Column(name, sa.String(40), nullable=False)
            for name in ("region_code", "created_at", "created_by", "village_code", "media_type")
        ),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_photos_region_code", "photos", ["region_code"])
    op.create_index("ix_photos_village_code", "photos", ["village_code"])
    op.add_column("signal_reports", sa.Column("photo_id", sa.String(40), nullable=False, server_default=""))
