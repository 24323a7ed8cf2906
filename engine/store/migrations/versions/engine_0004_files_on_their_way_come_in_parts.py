"""Files on their way come in parts."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant

revision = "engine_0004"
down_revision = "engine_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_part",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("part_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("sent_by", Id(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "content_hash", "part_hash", name=op.f("pk_content_part")
        ),
    )
    op.create_index("ix_content_part_sent", "content_part", ["tenant_id", "sent_at"], unique=False)
