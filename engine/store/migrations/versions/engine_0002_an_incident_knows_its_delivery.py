"""An incident knows the delivery that failed, and when it is tried again."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant

revision = "engine_0002"
down_revision = "engine_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incident", sa.Column("delivery", sa.Text(), nullable=True))
    op.add_column("incident", sa.Column("outbox_id", Id(), nullable=True))
    op.add_column("incident", sa.Column("task_ref", sa.Integer(), nullable=True))
    op.add_column("incident", sa.Column("attempts", sa.Integer(), nullable=True))
    op.add_column("incident", sa.Column("retry_at", Instant(), nullable=True))
    op.create_index(
        "ix_incident_retry_at",
        "incident",
        ["retry_at"],
        unique=False,
        sqlite_where=sa.text("retry_at IS NOT NULL"),
        postgresql_where=sa.text("retry_at IS NOT NULL"),
    )
