"""Selling."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document

APPEND_ONLY = [
    "registration",
    "registration_end",
    "consignee_licence",
    "container",
    "container_content",
    "reservation",
    "reservation_end",
    "shipment",
    "shipment_line",
    "shipment_return",
    "shipment_delivery",
]

revision = "distribution_0001"
down_revision = None
branch_labels = ("distribution",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "consignee",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("consignee_number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("recall_contact", sa.Text(), nullable=False),
        sa.Column("recall_email", sa.Text(), nullable=True),
        sa.Column("recall_phone", sa.Text(), nullable=True),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("parent_id", Id(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('distributor', 'hospital', 'clinic', 'pharmacy', 'service', 'own', 'patient')",
            name=op.f("ck_consignee_kind"),
        ),
        sa.CheckConstraint("length(language) BETWEEN 2 AND 35", name=op.f("ck_consignee_language")),
        sa.CheckConstraint(
            "recall_email IS NOT NULL OR recall_phone IS NOT NULL",
            name=op.f("ck_consignee_reachable_in_a_recall"),
        ),
        sa.CheckConstraint(
            "tier > 0 AND (tier = 1 OR parent_id IS NOT NULL)", name=op.f("ck_consignee_tier")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["consignee.tenant_id", "consignee.consignee_id"],
            name="fk_consignee_parent",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "consignee_id", name=op.f("pk_consignee")),
        sa.UniqueConstraint(
            "tenant_id", "consignee_number", name=op.f("uq_consignee_tenant_id_consignee_number")
        ),
    )
    op.create_table(
        "container",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("container_id", Id(), nullable=False),
        sa.Column("sscc", sa.Text(), nullable=False),
        sa.Column("parent_id", Id(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("packed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(sscc) = 18 AND ltrim(sscc, '0123456789') = ''", name=op.f("ck_container_sscc")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["container.tenant_id", "container.container_id"],
            name="fk_container_parent",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "container_id", name=op.f("pk_container")),
        sa.UniqueConstraint("tenant_id", "sscc", name=op.f("uq_container_tenant_id_sscc")),
    )
    op.create_table(
        "consignee_licence",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("licence_number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('operating_licence', 'filing', 'medical_institution', 'foreign', 'exempt')",
            name=op.f("ck_consignee_licence_kind"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_consignee_licence_valid")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "consignee_id"],
            ["consignee.tenant_id", "consignee.consignee_id"],
            name=op.f("fk_consignee_licence_tenant_id_consignee_id_consignee"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "consignee_id",
            "kind",
            "licence_number",
            "valid_from",
            name=op.f("pk_consignee_licence"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shipment",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("shipment_id", Id(), nullable=False),
        sa.Column("shipment_number", sa.Text(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("seal", sa.Text(), nullable=True),
        sa.Column("logger", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("shipped_at", Instant(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("command_id", Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "consignee_id"],
            ["consignee.tenant_id", "consignee.consignee_id"],
            name=op.f("fk_shipment_tenant_id_consignee_id_consignee"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "shipment_id", name=op.f("pk_shipment")),
        sa.UniqueConstraint(
            "tenant_id", "shipment_number", name=op.f("uq_shipment_tenant_id_shipment_number")
        ),
    )
    op.create_index(
        "ix_shipment_consignee", "shipment", ["tenant_id", "consignee_id"], unique=False
    )
    op.create_table(
        "registration",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("registration_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("requirement", sa.Text(), nullable=True),
        sa.Column("models", Document(), nullable=True),
        sa.Column("expected_life", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(market)) > 0", name=op.f("ck_registration_market")),
        sa.CheckConstraint(
            "length(trim(registration_number)) > 0", name=op.f("ck_registration_number")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_registration_valid")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_registration_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "registration_id", name=op.f("pk_registration")),
        sa.UniqueConstraint(
            "tenant_id",
            "item_id",
            "market",
            "registration_number",
            "valid_from",
            name=op.f("uq_registration_tenant_id_item_id_market_registration_number_valid_from"),
        ),
    )
    op.create_table(
        "registration_end",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("registration_id", Id(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_registration_end_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "registration_id"],
            ["registration.tenant_id", "registration.registration_id"],
            name=op.f("fk_registration_end_tenant_id_registration_id_registration"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "registration_id", name=op.f("pk_registration_end")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reservation",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("reservation_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("usable_until", sa.Date(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=True),
        sa.Column("reserved_until", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reserved_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('RELEASED', 'RELEASED_CONDITIONAL')", name=op.f("ck_reservation_released")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservation_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id", "status"],
            ["location_status.tenant_id", "location_status.location_id", "location_status.status"],
            name=op.f("fk_reservation_tenant_id_location_id_status_location_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_reservation_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "reservation_id", name=op.f("pk_reservation")),
    )
    op.create_index(
        "ix_reservation_document",
        "reservation",
        ["tenant_id", "document_kind", "document_id"],
        unique=False,
    )
    op.create_index("ix_reservation_lot", "reservation", ["tenant_id", "lot_id"], unique=False)
    op.create_table(
        "container_content",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("container_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_container_content_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "container_id"],
            ["container.tenant_id", "container.container_id"],
            name=op.f("fk_container_content_tenant_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_container_content_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_container_content_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "container_id", "line", name=op.f("pk_container_content")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "container_id",
            "lot_id",
            "serial_unit_id",
            name=op.f("uq_container_content_tenant_id_container_id_lot_id_serial_unit_id"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_container_content_lot", "container_content", ["tenant_id", "lot_id"], unique=False
    )
    op.create_table(
        "reservation_end",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("reservation_id", Id(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('used', 'expired', 'cancelled')", name=op.f("ck_reservation_end_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["reservation.tenant_id", "reservation.reservation_id"],
            name=op.f("fk_reservation_end_tenant_id_reservation_id_reservation"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "reservation_id", name=op.f("pk_reservation_end")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shipment_line",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("shipment_line_id", Id(), nullable=False),
        sa.Column("shipment_id", Id(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=True),
        sa.Column("container_id", Id(), nullable=True),
        sa.Column("movement_id", Id(), nullable=False),
        sa.Column("package_level_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("specification", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("lot_number", sa.Text(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("udi", sa.Text(), nullable=False),
        sa.Column("use_by", sa.Text(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("buyer_name", sa.Text(), nullable=False),
        sa.Column("buyer_address", sa.Text(), nullable=False),
        sa.Column("buyer_contact", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(serial_unit_id IS NULL) = (serial_number IS NULL)",
            name=op.f("ck_shipment_line_serial"),
        ),
        sa.CheckConstraint(
            "length(trim(buyer_address)) > 0", name=op.f("ck_shipment_line_buyer_address")
        ),
        sa.CheckConstraint(
            "length(trim(buyer_contact)) > 0", name=op.f("ck_shipment_line_buyer_contact")
        ),
        sa.CheckConstraint(
            "length(trim(buyer_name)) > 0", name=op.f("ck_shipment_line_buyer_name")
        ),
        sa.CheckConstraint(
            "length(trim(device_name)) > 0", name=op.f("ck_shipment_line_device_name")
        ),
        sa.CheckConstraint(
            "length(trim(lot_number)) > 0", name=op.f("ck_shipment_line_lot_number")
        ),
        sa.CheckConstraint("length(trim(model)) > 0", name=op.f("ck_shipment_line_model")),
        sa.CheckConstraint(
            "length(trim(specification)) > 0", name=op.f("ck_shipment_line_specification")
        ),
        sa.CheckConstraint("length(trim(udi)) > 0", name=op.f("ck_shipment_line_udi")),
        sa.CheckConstraint("length(trim(use_by)) > 0", name=op.f("ck_shipment_line_use_by")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_line_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "container_id"],
            ["container.tenant_id", "container.container_id"],
            name=op.f("fk_shipment_line_tenant_id_container_id_container"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_shipment_line_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "movement_id"],
            ["stock_movement.tenant_id", "stock_movement.movement_id"],
            name=op.f("fk_shipment_line_tenant_id_movement_id_stock_movement"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "package_level_id"],
            ["package_level.tenant_id", "package_level.package_level_id"],
            name=op.f("fk_shipment_line_tenant_id_package_level_id_package_level"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_shipment_line_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shipment_id"],
            ["shipment.tenant_id", "shipment.shipment_id"],
            name=op.f("fk_shipment_line_tenant_id_shipment_id_shipment"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_code"],
            ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
            name=op.f("fk_shipment_line_tenant_id_unit_code_unit_of_measure"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "shipment_line_id", name=op.f("pk_shipment_line")),
        sa.UniqueConstraint(
            "tenant_id", "movement_id", name=op.f("uq_shipment_line_tenant_id_movement_id")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "shipment_id",
            "line",
            name=op.f("uq_shipment_line_tenant_id_shipment_id_line"),
        ),
    )
    op.create_index("ix_shipment_line_lot", "shipment_line", ["tenant_id", "lot_id"], unique=False)
    op.create_table(
        "shipment_return",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("movement_id", Id(), nullable=False),
        sa.Column("shipment_line_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("returned_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_shipment_return_reason")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_return_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "movement_id"],
            ["stock_movement.tenant_id", "stock_movement.movement_id"],
            name=op.f("fk_shipment_return_tenant_id_movement_id_stock_movement"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shipment_line_id"],
            ["shipment_line.tenant_id", "shipment_line.shipment_line_id"],
            name=op.f("fk_shipment_return_tenant_id_shipment_line_id_shipment_line"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "movement_id", name=op.f("pk_shipment_return")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_shipment_return_line",
        "shipment_return",
        ["tenant_id", "shipment_line_id"],
        unique=False,
    )
    op.create_table(
        "shipment_delivery",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("shipment_id", Id(), nullable=False),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(proof)) > 0", name=op.f("ck_shipment_delivery_proof")),
        sa.CheckConstraint(
            "length(trim(received_by)) > 0", name=op.f("ck_shipment_delivery_received_by")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shipment_id"],
            ["shipment.tenant_id", "shipment.shipment_id"],
            name=op.f("fk_shipment_delivery_tenant_id_shipment_id_shipment"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "shipment_id", name=op.f("pk_shipment_delivery")),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
