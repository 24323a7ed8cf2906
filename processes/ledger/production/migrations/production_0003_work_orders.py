"""Orders that stand still, cleared lines, qualified equipment, next cycles."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements

APPEND_ONLY = [
    "equipment_qualification",
    "line_clearance",
    "work_order_stop",
    "work_order_stop_end",
    "work_order_cycle",
]

revision = "production_0003"
down_revision = "production_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equipment_qualification",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("qualification_id", Id(), nullable=False),
        sa.Column("equipment_number", sa.Text(), nullable=False),
        sa.Column("qualified_on", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(trim(equipment_number)) > 0 AND length(trim(evidence)) > 0",
            name=op.f("ck_equipment_qualification_evidence"),
        ),
        sa.CheckConstraint(
            "valid_to >= qualified_on", name=op.f("ck_equipment_qualification_valid")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "qualification_id", name=op.f("pk_equipment_qualification")
        ),
    )
    op.create_index(
        "ix_equipment_qualification_number",
        "equipment_qualification",
        ["tenant_id", "equipment_number"],
        unique=False,
    )
    op.create_table(
        "line_clearance",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("clearance_id", Id(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("cleared_by", sa.Text(), nullable=False),
        sa.Column("signature_meaning", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verified_at", Instant(), nullable=False),
        sa.CheckConstraint("cleared_by <> actor", name=op.f("ck_line_clearance_two_people")),
        sa.CheckConstraint(
            "length(trim(line)) > 0 AND length(trim(previous)) > 0",
            name=op.f("ck_line_clearance_line"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_line_clearance_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "clearance_id", name=op.f("pk_line_clearance")),
    )
    op.create_index(
        "ix_line_clearance_order", "line_clearance", ["tenant_id", "work_order_id"], unique=False
    )
    op.create_table(
        "work_order_cycle",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("reopens_id", Id(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("cycle > 1", name=op.f("ck_work_order_cycle_cycle")),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_work_order_cycle_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reopens_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name="fk_work_order_cycle_reopens",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_work_order_cycle_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "work_order_id", name=op.f("pk_work_order_cycle")),
        sa.UniqueConstraint(
            "tenant_id", "reopens_id", name=op.f("uq_work_order_cycle_tenant_id_reopens_id")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_order_stop",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("stop_id", Id(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("stopped_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('lot.hold', 'lot.recalled', 'supplier.blocked')",
            name=op.f("ck_work_order_stop_cause"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_work_order_stop_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "stop_id", name=op.f("pk_work_order_stop")),
    )
    op.create_index(
        "ix_work_order_stop_order", "work_order_stop", ["tenant_id", "work_order_id"], unique=False
    )
    op.create_table(
        "work_order_stop_end",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("stop_id", Id(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signature_meaning", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('go_on', 'quarantine', 'close')",
            name=op.f("ck_work_order_stop_end_decision"),
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_work_order_stop_end_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "stop_id"],
            ["work_order_stop.tenant_id", "work_order_stop.stop_id"],
            name=op.f("fk_work_order_stop_end_tenant_id_stop_id_work_order_stop"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "stop_id", name=op.f("pk_work_order_stop_end")),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
