"""Clocks that the law counts."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document

APPEND_ONLY = ["clock", "clock_event"]

revision = "clocks_0001"
down_revision = None
branch_labels = ("clocks",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "clock",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("clock_id", Id(), nullable=False),
        sa.Column("rule_code", sa.Text(), nullable=False),
        sa.Column("rule", Document(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("calendar_code", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_number", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("start_evidence", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "nature IN ('deadline', 'gate', 'waiting')", name=op.f("ck_clock_nature")
        ),
        sa.CheckConstraint(
            "length(trim(start_evidence)) > 0", name=op.f("ck_clock_start_evidence")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "clock_id", name=op.f("pk_clock")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_clock_subject", "clock", ["tenant_id", "subject_kind", "subject_number"], unique=False
    )
    op.create_table(
        "clock_event",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("clock_id", Id(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("warn_at", Instant(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind <> 'due_corrected' OR coalesce(length(trim(reason)), 0) > 0",
            name=op.f("ck_clock_event_reason"),
        ),
        sa.CheckConstraint(
            "kind <> 'due_corrected' OR due_at IS NOT NULL", name=op.f("ck_clock_event_due")
        ),
        sa.CheckConstraint(
            "kind IN ('due', 'due_corrected', 'start_disputed', 'warned', 'breached', 'elapsed', 'stopped')",
            name=op.f("ck_clock_event_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('stopped', 'start_disputed') OR coalesce(length(trim(evidence)), 0) > 0",
            name=op.f("ck_clock_event_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "clock_id"],
            ["clock.tenant_id", "clock.clock_id"],
            name=op.f("fk_clock_event_tenant_id_clock_id_clock"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "clock_id", "position", name=op.f("pk_clock_event")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_clock_event_breached",
        "clock_event",
        ["tenant_id", "clock_id", "due_at"],
        unique=True,
        sqlite_where=sa.text("kind = 'breached'"),
        postgresql_where=sa.text("kind = 'breached'"),
    )
    op.create_index(
        "uq_clock_event_elapsed",
        "clock_event",
        ["tenant_id", "clock_id", "due_at"],
        unique=True,
        sqlite_where=sa.text("kind = 'elapsed'"),
        postgresql_where=sa.text("kind = 'elapsed'"),
    )
    op.create_index(
        "uq_clock_event_stopped",
        "clock_event",
        ["tenant_id", "clock_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'stopped'"),
        postgresql_where=sa.text("kind = 'stopped'"),
    )
    op.create_index(
        "uq_clock_event_warned",
        "clock_event",
        ["tenant_id", "clock_id", "due_at"],
        unique=True,
        sqlite_where=sa.text("kind = 'warned'"),
        postgresql_where=sa.text("kind = 'warned'"),
    )
    op.create_table(
        "clock_state",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("clock_id", Id(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("last_position", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("warn_at", Instant(), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=True),
        sa.Column("next_check_at", Instant(), nullable=True),
        sa.Column("stopped_at", Instant(), nullable=True),
        sa.Column("stop_evidence", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'stopped') = (stopped_at IS NOT NULL)", name=op.f("ck_clock_state_stopped")
        ),
        sa.CheckConstraint(
            "state IN ('running', 'warned', 'breached', 'elapsed', 'stopped')",
            name=op.f("ck_clock_state_state"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "clock_id"],
            ["clock.tenant_id", "clock.clock_id"],
            name=op.f("fk_clock_state_tenant_id_clock_id_clock"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "clock_id", name=op.f("pk_clock_state")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_clock_state_next_check",
        "clock_state",
        ["next_check_at"],
        unique=False,
        sqlite_where=sa.text("next_check_at IS NOT NULL"),
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.create_index(
        "ix_clock_state_owner",
        "clock_state",
        ["tenant_id", "owner_role", "state", "due_at"],
        unique=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
