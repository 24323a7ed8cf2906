"""Service orders, visits, parts, readings, and what is installed where."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document, Exact

APPEND_ONLY = [
    "service_visit",
    "service_acknowledgement",
    "service_part",
    "service_part_arrival",
    "service_reading",
    "installed_state",
]

revision = "field_service_0001"
down_revision = None
branch_labels = ("field_service",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "installed_state",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("installed_state_id", Id(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=False),
        sa.Column("consignee", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("item_revision", sa.Text(), nullable=True),
        sa.Column("software", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("service_number", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('installed', 'decommissioned')", name=op.f("ck_installed_state_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_installed_state_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "installed_state_id", name=op.f("pk_installed_state")),
    )
    op.create_index(
        "ix_installed_state_unit",
        "installed_state",
        ["tenant_id", "serial_unit_id", "recorded_at"],
        unique=False,
    )
    op.create_table(
        "service_order",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("service_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=False),
        sa.Column("consignee", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_complaint", sa.Boolean(), nullable=False),
        sa.Column("screening_reason", sa.Text(), nullable=False),
        sa.Column("complaint_number", sa.Text(), nullable=True),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_number", sa.Text(), nullable=True),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("reopens", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('repair', 'installation', 'maintenance', 'correction', 'software', 'decommission')",
            name=op.f("ck_service_order_kind"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'closed', 'cancelled')", name=op.f("ck_service_order_status")
        ),
        sa.CheckConstraint("cycle > 0", name=op.f("ck_service_order_cycle")),
        sa.CheckConstraint(
            "is_complaint = (complaint_number IS NOT NULL)", name=op.f("ck_service_order_complaint")
        ),
        sa.CheckConstraint(
            "length(trim(screening_reason)) > 0", name=op.f("ck_service_order_screened")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_service_order_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "service_id", name=op.f("pk_service_order")),
        sa.UniqueConstraint(
            "tenant_id", "service_number", name=op.f("uq_service_order_tenant_id_service_number")
        ),
    )
    op.create_index(
        "ix_service_order_source",
        "service_order",
        ["tenant_id", "source_kind", "source_number"],
        unique=False,
    )
    op.create_index(
        "ix_service_order_unit", "service_order", ["tenant_id", "serial_unit_id"], unique=False
    )
    op.create_table(
        "service_visit",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("visit", sa.SmallInteger(), nullable=False),
        sa.Column("scanned", sa.Text(), nullable=False),
        sa.Column("arrived_at", Instant(), nullable=False),
        sa.Column("left_at", Instant(), nullable=False),
        sa.Column("revision_found", sa.Text(), nullable=True),
        sa.Column("software_found", sa.Text(), nullable=True),
        sa.Column("software_after", sa.Text(), nullable=True),
        sa.Column("safe_before", sa.Boolean(), nullable=False),
        sa.Column("safety_finding", sa.Text(), nullable=True),
        sa.Column("safe_after", sa.Boolean(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("photos", Document(), nullable=False),
        sa.Column("test_data", Document(), nullable=False),
        sa.Column("engineer", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'again', 'not_possible')", name=op.f("ck_service_visit_outcome")
        ),
        sa.CheckConstraint(
            "safe_before OR length(trim(coalesce(safety_finding, ''))) > 0",
            name=op.f("ck_service_visit_safety"),
        ),
        sa.CheckConstraint("arrived_at <= left_at", name=op.f("ck_service_visit_period")),
        sa.CheckConstraint("length(trim(work)) > 0", name=op.f("ck_service_visit_work")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id"],
            ["service_order.tenant_id", "service_order.service_id"],
            name=op.f("fk_service_visit_tenant_id_service_id_service_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "service_id", "visit", name=op.f("pk_service_visit")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "service_acknowledgement",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("visit", sa.SmallInteger(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("customer_role", sa.Text(), nullable=False),
        sa.Column("handwriting", Document(), nullable=False),
        sa.Column("refused_because", sa.Text(), nullable=True),
        sa.Column("signature_meaning", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(trim(customer_name)) > 0", name=op.f("ck_service_acknowledgement_name")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id", "visit"],
            ["service_visit.tenant_id", "service_visit.service_id", "service_visit.visit"],
            name=op.f("fk_service_acknowledgement_tenant_id_service_id_visit_service_visit"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "service_id", "visit", name=op.f("pk_service_acknowledgement")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "service_part",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_part_id", Id(), nullable=False),
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("visit", sa.SmallInteger(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("defect", sa.Text(), nullable=True),
        sa.Column("movement_id", Id(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(direction = 'in') = (movement_id IS NOT NULL)", name=op.f("ck_service_part_booked")
        ),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_service_part_direction")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_service_part_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_service_part_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "movement_id"],
            ["stock_movement.tenant_id", "stock_movement.movement_id"],
            name=op.f("fk_service_part_tenant_id_movement_id_stock_movement"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_service_part_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id", "visit"],
            ["service_visit.tenant_id", "service_visit.service_id", "service_visit.visit"],
            name=op.f("fk_service_part_tenant_id_service_id_visit_service_visit"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "service_part_id", name=op.f("pk_service_part")),
    )
    op.create_index(
        "ix_service_part_service", "service_part", ["tenant_id", "service_id"], unique=False
    )
    op.create_table(
        "service_reading",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_id", Id(), nullable=False),
        sa.Column("visit", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("characteristic", sa.Text(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("lower_limit", Exact(), nullable=True),
        sa.Column("upper_limit", Exact(), nullable=True),
        sa.Column("within", sa.Boolean(), nullable=False),
        sa.Column("instrument_id", Id(), nullable=False),
        sa.Column("performed_at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "length(trim(characteristic)) > 0", name=op.f("ck_service_reading_characteristic")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instrument_id"],
            ["instrument.tenant_id", "instrument.instrument_id"],
            name=op.f("fk_service_reading_tenant_id_instrument_id_instrument"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_id", "visit"],
            ["service_visit.tenant_id", "service_visit.service_id", "service_visit.visit"],
            name=op.f("fk_service_reading_tenant_id_service_id_visit_service_visit"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "service_id", "visit", "number", name=op.f("pk_service_reading")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "service_part_arrival",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("service_part_id", Id(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("decontaminated", sa.Boolean(), nullable=False),
        sa.Column("signature_meaning", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("arrived_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(trim(condition)) > 0", name=op.f("ck_service_part_arrival_condition")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "service_part_id"],
            ["service_part.tenant_id", "service_part.service_part_id"],
            name=op.f("fk_service_part_arrival_tenant_id_service_part_id_service_part"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "service_part_id", name=op.f("pk_service_part_arrival")
        ),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
