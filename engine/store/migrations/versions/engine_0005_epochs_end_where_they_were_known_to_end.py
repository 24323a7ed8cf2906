"""Epochs end where they were known to end, and a lease belongs to the epoch that it was opened in."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Instant

revision = "engine_0005"
down_revision = "engine_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("device_key", sa.Column("closed_at", Instant(), nullable=True))
    op.add_column("device_key", sa.Column("closed_seq", sa.Integer(), nullable=True))
    op.add_column("device_key", sa.Column("closed_head", sa.LargeBinary(length=32), nullable=True))
    # What was lent before leases named their epoch was lent in the first one.
    op.add_column("lease", sa.Column("epoch", sa.Integer(), server_default="1", nullable=False))
