"""What was counted against what the book had, and how counts ended."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements

APPEND_ONLY = ["count_observation", "count_end"]

revision = "counting_0001"
down_revision = None
branch_labels = ("counting",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "count_end",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("count_number", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('right', 'adjusted', 'left')", name=op.f("ck_count_end_outcome")
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_count_end_reason")),
        sa.PrimaryKeyConstraint("tenant_id", "count_number", name=op.f("pk_count_end")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "count_observation",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("observation_id", Id(), nullable=False),
        sa.Column("count_number", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("book", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.Column("compared_at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("command_id", Id(), nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_count_observation_counted")),
        sa.CheckConstraint("counted_at <= compared_at", name=op.f("ck_count_observation_times")),
        sa.CheckConstraint("round > 0", name=op.f("ck_count_observation_round")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_count_observation_tenant_id_location_id_location"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_count_observation_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "observation_id", name=op.f("pk_count_observation")),
    )
    op.create_index(
        "ix_count_observation_count",
        "count_observation",
        ["tenant_id", "count_number"],
        unique=False,
    )
    op.create_index(
        "ix_count_observation_lot",
        "count_observation",
        ["tenant_id", "lot_id", "location_id"],
        unique=False,
    )
    op.create_index(
        "ix_count_observation_place",
        "count_observation",
        ["tenant_id", "location_id", "counted_at"],
        unique=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
