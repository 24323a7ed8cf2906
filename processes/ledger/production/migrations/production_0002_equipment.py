"""Which equipment a work order was worked on with."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements

APPEND_ONLY = ["equipment_use"]

revision = "production_0002"
down_revision = "production_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "equipment_use",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("equipment_use_id", Id(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("equipment_number", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("began_at <= ended_at", name=op.f("ck_equipment_use_period")),
        sa.CheckConstraint(
            "length(trim(equipment_number)) > 0", name=op.f("ck_equipment_use_number")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_equipment_use_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "equipment_use_id", name=op.f("pk_equipment_use")),
    )
    op.create_index(
        "ix_equipment_use_order", "equipment_use", ["tenant_id", "work_order_id"], unique=False
    )
    op.create_index(
        "ix_equipment_use_equipment",
        "equipment_use",
        ["tenant_id", "equipment_number", "began_at"],
        unique=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
