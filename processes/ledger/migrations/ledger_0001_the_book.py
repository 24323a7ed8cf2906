"""The book."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document, Exact

APPEND_ONLY = [
    "item_succession",
    "stock_owner",
    "stock_movement",
    "hold",
    "hold_release",
    "supplier_event",
    "receipt",
    "receipt_line",
    "serial_unit",
    "calibration",
    "training_record",
    "lapse",
    "inspection_plan",
    "inspection_characteristic",
    "inspection_sampling",
    "inspection_sample",
    "inspection_document",
    "certificate_value",
    "retest",
    "characteristic_result",
]

revision = "ledger_0001"
down_revision = None
branch_labels = ("ledger",)
depends_on = None


def upgrade() -> None:  # noqa: PLR0915  # a statement a table
    op.create_table(
        "import_file",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("records_read", sa.Integer(), nullable=False),
        sa.Column("records_accepted", sa.Integer(), nullable=False),
        sa.Column("records_unchanged", sa.Integer(), nullable=False),
        sa.Column("records_refused", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "file_hash", name=op.f("pk_import_file")),
    )
    op.create_table(
        "location",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("temperature_class", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "zone IN ('receiving', 'quarantine', 'released', 'hold', 'reject', 'return', 'recalled', 'wip', 'shipping', 'sample', 'scrap', 'supplier')",
            name=op.f("ck_location_zone"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "location_id", name=op.f("pk_location")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_location_tenant_id_code")),
    )
    op.create_table(
        "record_counter",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "series", name=op.f("pk_record_counter")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supplier",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("supplier_number", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint(
            "status IN ('candidate', 'approved', 'conditional', 'blocked')",
            name=op.f("ck_supplier_status"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "supplier_id", name=op.f("pk_supplier")),
        sa.UniqueConstraint(
            "tenant_id", "supplier_number", name=op.f("uq_supplier_tenant_id_supplier_number")
        ),
    )
    op.create_table(
        "unit_of_measure",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("decimals", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("decimals BETWEEN 0 AND 9", name=op.f("ck_unit_of_measure_decimals")),
        sa.PrimaryKeyConstraint("tenant_id", "unit_code", name=op.f("pk_unit_of_measure")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_problem",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("record_number", sa.Integer(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "file_hash"],
            ["import_file.tenant_id", "import_file.file_hash"],
            name=op.f("fk_import_problem_tenant_id_file_hash_import_file"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "file_hash", "record_number", name=op.f("pk_import_problem")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "instrument",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("instrument_id", Id(), nullable=False),
        sa.Column("instrument_number", sa.Text(), nullable=False),
        sa.Column("instrument_type", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("resolution", Exact(), nullable=False),
        sa.Column("in_service", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_code"],
            ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
            name=op.f("fk_instrument_tenant_id_unit_code_unit_of_measure"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "instrument_id", name=op.f("pk_instrument")),
        sa.UniqueConstraint(
            "tenant_id", "instrument_number", name=op.f("uq_instrument_tenant_id_instrument_number")
        ),
    )
    op.create_table(
        "item",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("item_number", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("item_type", sa.Text(), nullable=False),
        sa.Column("criticality", sa.Text(), nullable=False),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("sterile", sa.Boolean(), nullable=False),
        sa.Column("implant", sa.Boolean(), nullable=False),
        sa.Column("expiry_required", sa.Boolean(), nullable=False),
        sa.Column("shelf_life_months", sa.Integer(), nullable=True),
        sa.Column("min_remaining_life_days", sa.Integer(), nullable=True),
        sa.Column("storage_conditions", Document(), nullable=True),
        sa.Column("manufacturer", sa.Text(), nullable=True),
        sa.Column("catalogue_number", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint("criticality IN ('A', 'B', 'C', 'N')", name=op.f("ck_item_criticality")),
        sa.CheckConstraint(
            "item_type IN ('raw', 'component', 'packaging', 'label', 'semi_finished', 'finished', 'spare', 'tool', 'service', 'software')",
            name=op.f("ck_item_item_type"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'released', 'obsolete')", name=op.f("ck_item_status")
        ),
        sa.CheckConstraint(
            "tracking IN ('lot', 'serial', 'lot_and_serial', 'none')", name=op.f("ck_item_tracking")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_code"],
            ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
            name=op.f("fk_item_tenant_id_unit_code_unit_of_measure"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "item_id", name=op.f("pk_item")),
        sa.UniqueConstraint("tenant_id", "item_number", name=op.f("uq_item_tenant_id_item_number")),
    )
    op.create_table(
        "location_status",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('QUARANTINE', 'RELEASED', 'RELEASED_CONDITIONAL', 'REJECTED', 'EXPIRED', 'REWORK', 'SAMPLE', 'RECALLED', 'RETURN_QUARANTINE')",
            name=op.f("ck_location_status_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_location_status_tenant_id_location_id_location"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "location_id", "status", name=op.f("pk_location_status")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipt",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("receipt_id", Id(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("delivery_note", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_receipt_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "receipt_id", name=op.f("pk_receipt")),
        sa.UniqueConstraint(
            "tenant_id", "receipt_number", name=op.f("uq_receipt_tenant_id_receipt_number")
        ),
    )
    op.create_table(
        "unit_conversion",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("from_unit", sa.Text(), nullable=False),
        sa.Column("to_unit", sa.Text(), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_unit <> to_unit", name=op.f("ck_unit_conversion_units")),
        sa.CheckConstraint(
            "numerator > 0 AND denominator > 0", name=op.f("ck_unit_conversion_ratio")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_unit"],
            ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
            name=op.f("fk_unit_conversion_tenant_id_from_unit_unit_of_measure"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_unit"],
            ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
            name="fk_unit_conversion_to_unit",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "from_unit", "to_unit", name=op.f("pk_unit_conversion")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "approved_supply",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rating", sa.SmallInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.CheckConstraint(
            "status IN ('approved', 'conditional', 'blocked')",
            name=op.f("ck_approved_supply_status"),
        ),
        sa.CheckConstraint("rating BETWEEN 0 AND 100", name=op.f("ck_approved_supply_rating")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_approved_supply_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_approved_supply_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "supplier_id", "item_id", "site", name=op.f("pk_approved_supply")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_approved_supply_item", "approved_supply", ["tenant_id", "item_id"], unique=False
    )
    op.create_table(
        "calibration",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("calibration_id", Id(), nullable=False),
        sa.Column("instrument_id", Id(), nullable=False),
        sa.Column("calibrated_at", Instant(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("in_tolerance", sa.Boolean(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instrument_id"],
            ["instrument.tenant_id", "instrument.instrument_id"],
            name=op.f("fk_calibration_tenant_id_instrument_id_instrument"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "calibration_id", name=op.f("pk_calibration")),
    )
    op.create_index(
        "ix_calibration_instrument",
        "calibration",
        ["tenant_id", "instrument_id", "calibrated_at"],
        unique=False,
    )
    op.create_table(
        "inspection_plan",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_plan_id", Id(), nullable=False),
        sa.Column("plan_number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("documents_required", Document(), nullable=False),
        sa.Column("retain_quantity", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "version > 0 AND retain_quantity >= 0", name=op.f("ck_inspection_plan_version")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_inspection_plan_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "inspection_plan_id", name=op.f("pk_inspection_plan")),
        sa.UniqueConstraint(
            "tenant_id",
            "plan_number",
            "version",
            name=op.f("uq_inspection_plan_tenant_id_plan_number_version"),
        ),
    )
    op.create_index(
        "ix_inspection_plan_item",
        "inspection_plan",
        ["tenant_id", "item_id", "effective_from"],
        unique=False,
    )
    op.create_table(
        "item_revision",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("revision_code", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("from_lot", sa.Text(), nullable=True),
        sa.Column("from_serial", sa.Text(), nullable=True),
        sa.Column("specification", sa.Text(), nullable=True),
        sa.Column("change_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "effective_to IS NULL OR effective_to >= effective_from",
            name=op.f("ck_item_revision_effective"),
        ),
        sa.CheckConstraint(
            "from_lot IS NULL OR from_serial IS NULL", name=op.f("ck_item_revision_from_number")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_item_revision_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "item_id", "revision_code", name=op.f("pk_item_revision")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item_succession",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("into_item_id", Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("merged_at", Instant(), nullable=False),
        sa.CheckConstraint("item_id <> into_item_id", name=op.f("ck_item_succession_other")),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_item_succession_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "into_item_id"],
            ["item.tenant_id", "item.item_id"],
            name="fk_item_succession_into",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_item_succession_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "item_id", name=op.f("pk_item_succession")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "package_level",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("package_level_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contains_id", Id(), nullable=True),
        sa.Column("contained_quantity", sa.BigInteger(), nullable=False),
        sa.Column("base_quantity", sa.BigInteger(), nullable=False),
        sa.Column("in_distribution", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(level = 0) = (contains_id IS NULL)", name=op.f("ck_package_level_contains")
        ),
        sa.CheckConstraint(
            "contained_quantity > 0 AND base_quantity > 0", name=op.f("ck_package_level_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id", "contains_id"],
            ["package_level.tenant_id", "package_level.item_id", "package_level.package_level_id"],
            name="fk_package_level_contains",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_package_level_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "package_level_id", name=op.f("pk_package_level")),
        sa.UniqueConstraint(
            "tenant_id",
            "item_id",
            "package_level_id",
            name=op.f("uq_package_level_tenant_id_item_id_package_level_id"),
        ),
    )
    op.create_index(
        "ix_package_level_item", "package_level", ["tenant_id", "item_id"], unique=False
    )
    op.create_index(
        "uq_package_level_base",
        "package_level",
        ["tenant_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("level = 0"),
        postgresql_where=sa.text("level = 0"),
    )
    op.create_table(
        "training_record",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("training_record_id", Id(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_training_record_validity")),
        sa.CheckConstraint(
            "length(person) > 0 AND length(subject) > 0", name=op.f("ck_training_record_named")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "training_record_id", name=op.f("pk_training_record")),
    )
    op.create_index(
        "ix_training_record_person", "training_record", ["tenant_id", "person", "subject"]
    )
    op.create_table(
        "lapse",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("lapsed_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('certificate', 'training')", name=op.f("ck_lapse_kind")),
        sa.PrimaryKeyConstraint("tenant_id", "lapsed_id", name=op.f("pk_lapse")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supplier_event",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_event_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=True),
        sa.Column("inspection_lot_id", Id(), nullable=True),
        sa.Column("resubmission", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("accepted_one_step_tighter", sa.Boolean(), nullable=True),
        sa.Column("acceptance_number", sa.Integer(), nullable=True),
        sa.Column("classes", Document(), nullable=True),
        sa.Column("defect_class", sa.Text(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("nonconformity_number", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'lot_inspected') = (accepted IS NOT NULL)",
            name=op.f("ck_supplier_event_verdict"),
        ),
        sa.CheckConstraint(
            "kind <> 'severity_set' OR severity IS NOT NULL",
            name=op.f("ck_supplier_event_severity"),
        ),
        sa.CheckConstraint(
            "(kind IN ('nonconformity', 'nonconformity_withdrawn'))"
            " = (nonconformity_number IS NOT NULL)",
            name=op.f("ck_supplier_event_nonconformity"),
        ),
        sa.CheckConstraint(
            "kind IN ('lot_inspected', 'severity_set', 'item_changed', 'nonconformity', "
            "'nonconformity_withdrawn')",
            name=op.f("ck_supplier_event_kind"),
        ),
        sa.CheckConstraint(
            "defect_class IN ('critical', 'major', 'minor')",
            name=op.f("ck_supplier_event_defect_class"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_supplier_event_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_supplier_event_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "supplier_event_id", name=op.f("pk_supplier_event")),
        sa.UniqueConstraint(
            "tenant_id",
            "inspection_lot_id",
            "kind",
            name=op.f("uq_supplier_event_tenant_id_inspection_lot_id_kind"),
        ),
    )
    op.create_index(
        "ix_supplier_event_history",
        "supplier_event",
        ["tenant_id", "supplier_id", "item_id", "received_at"],
        unique=False,
    )
    op.create_table(
        "device_identifier",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("package_level_id", Id(), nullable=False),
        sa.Column("issuing_agency", sa.Text(), nullable=False),
        sa.Column("device_identifier", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "issuing_agency IN ('GS1', 'HIBCC', 'ICCBBA', 'MA', 'AHM')",
            name=op.f("ck_device_identifier_issuing_agency"),
        ),
        sa.CheckConstraint(
            "kind IN ('primary', 'secondary', 'package', 'direct_marking', 'unit_of_use')",
            name=op.f("ck_device_identifier_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "package_level_id"],
            ["package_level.tenant_id", "package_level.package_level_id"],
            name=op.f("fk_device_identifier_tenant_id_package_level_id_package_level"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "package_level_id",
            "issuing_agency",
            "device_identifier",
            name=op.f("pk_device_identifier"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_device_identifier_on_label",
        "device_identifier",
        ["tenant_id", "device_identifier", "issuing_agency"],
        unique=True,
        sqlite_where=sa.text("kind <> 'unit_of_use'"),
        postgresql_where=sa.text("kind <> 'unit_of_use'"),
    )
    op.create_table(
        "inspection_characteristic",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_plan_id", Id(), nullable=False),
        sa.Column("characteristic_number", sa.SmallInteger(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("defect_class", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("instrument_type", sa.Text(), nullable=True),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("nominal", Exact(), nullable=True),
        sa.Column("lower_limit", Exact(), nullable=True),
        sa.Column("upper_limit", Exact(), nullable=True),
        sa.Column("requirement_en", sa.Text(), nullable=True),
        sa.Column("requirement_zh", sa.Text(), nullable=True),
        sa.Column("sampling", Document(), nullable=False),
        sa.Column("destructive", sa.Boolean(), nullable=False),
        sa.Column("laboratory", sa.Boolean(), nullable=False),
        sa.Column("drawing_reference", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "defect_class IN ('critical', 'major', 'minor', 'information')",
            name=op.f("ck_inspection_characteristic_defect_class"),
        ),
        sa.CheckConstraint(
            "kind <> 'measured' OR (unit_code IS NOT NULL AND instrument_type IS NOT NULL AND (lower_limit IS NOT NULL OR upper_limit IS NOT NULL))",
            name=op.f("ck_inspection_characteristic_measured"),
        ),
        sa.CheckConstraint(
            "kind IN ('measured', 'attribute')", name=op.f("ck_inspection_characteristic_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_plan_id"],
            ["inspection_plan.tenant_id", "inspection_plan.inspection_plan_id"],
            name=op.f("fk_inspection_characteristic_tenant_id_inspection_plan_id_inspection_plan"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "inspection_plan_id",
            "characteristic_number",
            name=op.f("pk_inspection_characteristic"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stock_owner",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("owner_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('supplier', 'customer')", name=op.f("ck_stock_owner_kind")),
        sa.PrimaryKeyConstraint("tenant_id", "owner_id", name=op.f("pk_stock_owner")),
        sa.UniqueConstraint(
            "tenant_id", "kind", "number", name=op.f("uq_stock_owner_tenant_id_kind_number")
        ),
    )
    op.create_table(
        "lot",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("lot_number", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("item_revision", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=True),
        sa.Column("manufacturer", sa.Text(), nullable=True),
        sa.Column("supplier_lot_raw", sa.Text(), nullable=True),
        sa.Column("supplier_lot", sa.Text(), nullable=True),
        sa.Column("produced_on", sa.Date(), nullable=True),
        sa.Column("expiry", sa.Date(), nullable=True),
        sa.Column("expiry_precision", sa.Text(), nullable=True),
        sa.Column("expiry_raw", sa.Text(), nullable=True),
        sa.Column("owner_id", Id(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(origin = 'purchased') = (supplier_id IS NOT NULL AND supplier_lot IS NOT NULL)",
            name=op.f("ck_lot_purchased"),
        ),
        sa.CheckConstraint(
            "expiry_precision IN ('day', 'month')", name=op.f("ck_lot_expiry_precision")
        ),
        sa.CheckConstraint(
            "length(lot_number) BETWEEN 1 AND 20 AND ltrim(lot_number, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-') = ''",
            name=op.f("ck_lot_lot_number_characters"),
        ),
        sa.CheckConstraint(
            "origin IN ('purchased', 'produced', 'split', 'merge', 'rework', 'return')",
            name=op.f("ck_lot_origin"),
        ),
        sa.CheckConstraint(
            "(expiry IS NULL) = (expiry_precision IS NULL)", name=op.f("ck_lot_expiry")
        ),
        sa.CheckConstraint(
            "length(supplier_lot) BETWEEN 1 AND 20 AND ltrim(supplier_lot, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!\"%&''()*+,-./:;<=>?_') = ''",
            name=op.f("ck_lot_supplier_lot_characters"),
        ),
        sa.CheckConstraint("length(supplier_lot_raw) <= 60", name=op.f("ck_lot_supplier_lot_raw")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id", "item_revision"],
            ["item_revision.tenant_id", "item_revision.item_id", "item_revision.revision_code"],
            name=op.f("fk_lot_tenant_id_item_id_item_revision_item_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_lot_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_lot_tenant_id_supplier_id_supplier"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["stock_owner.tenant_id", "stock_owner.owner_id"],
            name=op.f("fk_lot_tenant_id_owner_id_stock_owner"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "lot_id", name=op.f("pk_lot")),
        sa.UniqueConstraint("tenant_id", "lot_number", name=op.f("uq_lot_tenant_id_lot_number")),
    )
    op.create_index(
        "ix_lot_supplier_lot",
        "lot",
        ["tenant_id", "item_id", "supplier_id", "supplier_lot"],
        unique=False,
    )
    op.create_table(
        "receipt_line",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("receipt_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("package_level_id", Id(), nullable=False),
        sa.Column("containers", sa.Integer(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("scans", Document(), nullable=False),
        sa.Column("entries", Document(), nullable=True),
        sa.Column("documents", Document(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND containers > 0", name=op.f("ck_receipt_line_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["location.tenant_id", "location.location_id"],
            name=op.f("fk_receipt_line_tenant_id_location_id_location"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_receipt_line_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "package_level_id"],
            ["package_level.tenant_id", "package_level.package_level_id"],
            name=op.f("fk_receipt_line_tenant_id_package_level_id_package_level"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receipt_id"],
            ["receipt.tenant_id", "receipt.receipt_id"],
            name=op.f("fk_receipt_line_tenant_id_receipt_id_receipt"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "receipt_line_id", name=op.f("pk_receipt_line")),
        sa.UniqueConstraint(
            "tenant_id",
            "receipt_id",
            "line",
            name=op.f("uq_receipt_line_tenant_id_receipt_id_line"),
        ),
    )
    op.create_index("ix_receipt_line_lot", "receipt_line", ["tenant_id", "lot_id"], unique=False)
    op.create_table(
        "serial_unit",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(serial_number) BETWEEN 1 AND 20 AND ltrim(serial_number, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-') = ''",
            name=op.f("ck_serial_unit_serial_number_characters"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_serial_unit_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_serial_unit_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "serial_unit_id", name=op.f("pk_serial_unit")),
        sa.UniqueConstraint(
            "tenant_id",
            "item_id",
            "serial_number",
            name=op.f("uq_serial_unit_tenant_id_item_id_serial_number"),
        ),
    )
    op.create_index("ix_serial_unit_lot", "serial_unit", ["tenant_id", "lot_id"], unique=False)
    op.create_table(
        "stock_balance",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("consigned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "consigned = 0 OR consigned BETWEEN 1 AND quantity",
            name=op.f("ck_stock_balance_consigned"),
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stock_balance_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id", "status"],
            ["location_status.tenant_id", "location_status.location_id", "location_status.status"],
            name=op.f("fk_stock_balance_tenant_id_location_id_status_location_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_stock_balance_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "lot_id", "location_id", "status", name=op.f("pk_stock_balance")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_stock_balance_location", "stock_balance", ["tenant_id", "location_id"], unique=False
    )
    op.create_table(
        "hold",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("hold_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('HOLD', 'RECALLED')", name=op.f("ck_hold_kind")),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_hold_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_hold_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_hold_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "hold_id", name=op.f("pk_hold")),
    )
    op.create_index("ix_hold_lot", "hold", ["tenant_id", "lot_id"], unique=False)
    op.create_table(
        "inspection_lot",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_lot_id", Id(), nullable=False),
        sa.Column("inspection_number", sa.Text(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("inspection_plan_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("resubmission", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (decided_at IS NULL)", name=op.f("ck_inspection_lot_decided")
        ),
        sa.CheckConstraint(
            "decision IN ('ACCEPT', 'REJECT', 'SORT', 'HOLD', 'CANCEL')",
            name=op.f("ck_inspection_lot_decision"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'decided', 'cancelled')", name=op.f("ck_inspection_lot_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_plan_id"],
            ["inspection_plan.tenant_id", "inspection_plan.inspection_plan_id"],
            name=op.f("fk_inspection_lot_tenant_id_inspection_plan_id_inspection_plan"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_inspection_lot_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receipt_line_id"],
            ["receipt_line.tenant_id", "receipt_line.receipt_line_id"],
            name=op.f("fk_inspection_lot_tenant_id_receipt_line_id_receipt_line"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_inspection_lot_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "inspection_lot_id", name=op.f("pk_inspection_lot")),
        sa.UniqueConstraint(
            "tenant_id",
            "inspection_number",
            name=op.f("uq_inspection_lot_tenant_id_inspection_number"),
        ),
    )
    op.create_index(
        "ix_inspection_lot_lot", "inspection_lot", ["tenant_id", "lot_id"], unique=False
    )
    op.create_index(
        "uq_inspection_lot_open",
        "inspection_lot",
        ["tenant_id", "receipt_line_id"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "serial_position",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=False),
        sa.Column("location_id", Id(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("consigned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id", "status"],
            ["location_status.tenant_id", "location_status.location_id", "location_status.status"],
            name=op.f("fk_serial_position_tenant_id_location_id_status_location_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_serial_position_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "serial_unit_id", name=op.f("pk_serial_position")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "stock_movement",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("movement_id", Id(), nullable=False),
        sa.Column("movement_type", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("serial_unit_id", Id(), nullable=True),
        sa.Column("from_location_id", Id(), nullable=True),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_location_id", Id(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("from_consigned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("to_consigned", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("entered_quantity", Exact(), nullable=False),
        sa.Column("entered_unit", sa.Text(), nullable=False),
        sa.Column("package_level_id", Id(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("signature_meaning", sa.Text(), nullable=True),
        sa.Column("reversal_of", Id(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("activity_id", sa.Text(), nullable=True),
        sa.Column("command_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("performed_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "from_consigned BETWEEN 0 AND quantity AND to_consigned BETWEEN 0 AND quantity",
            name=op.f("ck_stock_movement_consigned"),
        ),
        sa.CheckConstraint(
            "movement_type = 'OWN' OR from_location_id IS NULL "
            "OR to_location_id IS NULL OR from_consigned = to_consigned",
            name=op.f("ck_stock_movement_keeps_its_owner"),
        ),
        sa.CheckConstraint(
            "movement_type <> 'OWN' OR (from_location_id IS NOT NULL "
            "AND to_location_id = from_location_id AND to_status = from_status "
            "AND abs(from_consigned - to_consigned) = quantity)",
            name=op.f("ck_stock_movement_changes_owner"),
        ),
        sa.CheckConstraint(
            "(movement_type = 'REVERSAL') = (reversal_of IS NOT NULL)",
            name=op.f("ck_stock_movement_reversal"),
        ),
        sa.CheckConstraint(
            "movement_type IN ('RCV', 'PUT', 'XFR', 'PCK', 'ISS', 'RET', 'PROD', 'SAMPLE', 'RETAIN', 'SCRAP', 'RTV', 'SHP', 'RTN', 'CNT+', 'CNT-', 'STAT', 'SPLIT', 'MERGE', 'RELABEL', 'REPACK', 'CONV', 'OWN', 'DESTROY', 'REVERSAL')",
            name=op.f("ck_stock_movement_movement_type"),
        ),
        sa.CheckConstraint(
            "movement_type NOT IN ('ISS', 'PCK', 'SHP') OR coalesce(from_status, '') IN ('RELEASED', 'RELEASED_CONDITIONAL')",
            name=op.f("ck_stock_movement_only_released_leaves"),
        ),
        sa.CheckConstraint(
            "movement_type NOT IN ('SCRAP', 'DESTROY', 'CNT+', 'CNT-', 'STAT', 'RTV', 'RTN', 'REVERSAL') OR length(trim(coalesce(reason, ''))) > 0",
            name=op.f("ck_stock_movement_reason"),
        ),
        sa.CheckConstraint(
            "from_location_id IS NOT NULL OR to_location_id IS NOT NULL",
            name=op.f("ck_stock_movement_somewhere"),
        ),
        sa.CheckConstraint(
            "from_location_id IS NULL OR from_status IS NOT NULL",
            name=op.f("ck_stock_movement_from_has_status"),
        ),
        sa.CheckConstraint("length(actor) > 0", name=op.f("ck_stock_movement_actor")),
        sa.CheckConstraint(
            "length(document_kind) > 0 AND length(document_id) > 0",
            name=op.f("ck_stock_movement_document"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_movement_quantity")),
        sa.CheckConstraint(
            "to_location_id IS NULL OR to_status IS NOT NULL",
            name=op.f("ck_stock_movement_to_has_status"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_location_id"],
            ["location.tenant_id", "location.location_id"],
            name="fk_stock_movement_from",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_stock_movement_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "package_level_id"],
            ["package_level.tenant_id", "package_level.package_level_id"],
            name=op.f("fk_stock_movement_tenant_id_package_level_id_package_level"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reversal_of"],
            ["stock_movement.tenant_id", "stock_movement.movement_id"],
            name="fk_stock_movement_reversal",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "serial_unit_id"],
            ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
            name=op.f("fk_stock_movement_tenant_id_serial_unit_id_serial_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_location_id"],
            ["location.tenant_id", "location.location_id"],
            name="fk_stock_movement_to",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_code"],
            ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
            name=op.f("fk_stock_movement_tenant_id_unit_code_unit_of_measure"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "movement_id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint(
            "tenant_id", "reversal_of", name=op.f("uq_stock_movement_tenant_id_reversal_of")
        ),
    )
    op.create_index(
        "ix_stock_movement_document",
        "stock_movement",
        ["tenant_id", "document_kind", "document_id"],
        unique=False,
    )
    op.create_index(
        "ix_stock_movement_lot",
        "stock_movement",
        ["tenant_id", "lot_id", "movement_id"],
        unique=False,
    )
    op.create_table(
        "hold_release",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("hold_id", Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signature_meaning", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("released_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_hold_release_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "hold_id"],
            ["hold.tenant_id", "hold.hold_id"],
            name=op.f("fk_hold_release_tenant_id_hold_id_hold"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "hold_id", name=op.f("pk_hold_release")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inspection_document",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_lot_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("document_code", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "finding IN ('conforming', 'missing', 'wrong', 'not_applicable')",
            name=op.f("ck_inspection_document_finding"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_lot_id"],
            ["inspection_lot.tenant_id", "inspection_lot.inspection_lot_id"],
            name=op.f("fk_inspection_document_tenant_id_inspection_lot_id_inspection_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "inspection_lot_id",
            "round",
            "document_code",
            name=op.f("pk_inspection_document"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inspection_sampling",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_lot_id", Id(), nullable=False),
        sa.Column("characteristic_number", sa.SmallInteger(), nullable=False),
        sa.Column("basis", Document(), nullable=False),
        sa.Column("code_letter", sa.Text(), nullable=True),
        sa.Column("sample_size", sa.Integer(), nullable=False),
        sa.Column("acceptance_number", sa.Integer(), nullable=False),
        sa.Column("rejection_number", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("sample_units", Document(), nullable=False),
        sa.CheckConstraint(
            "sample_size >= 0 AND acceptance_number >= 0 AND rejection_number > acceptance_number",
            name=op.f("ck_inspection_sampling_plan"),
        ),
        sa.CheckConstraint(
            "severity IN ('reduced', 'normal', 'tightened', 'discontinued')",
            name=op.f("ck_inspection_sampling_severity"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_lot_id"],
            ["inspection_lot.tenant_id", "inspection_lot.inspection_lot_id"],
            name=op.f("fk_inspection_sampling_tenant_id_inspection_lot_id_inspection_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "inspection_lot_id",
            "characteristic_number",
            name=op.f("pk_inspection_sampling"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inspection_sample",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_lot_id", Id(), nullable=False),
        sa.Column("sample_number", sa.Integer(), nullable=False),
        sa.Column("sample_code", sa.Text(), nullable=False),
        sa.Column("unit_number", sa.Integer(), nullable=False),
        sa.Column("box", sa.Integer(), nullable=False),
        sa.Column("characteristics", Document(), nullable=False),
        sa.CheckConstraint(
            "length(sample_code) BETWEEN 1 AND 20 "
            "AND ltrim(sample_code, '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-') = ''",
            name=op.f("ck_inspection_sample_sample_code_characters"),
        ),
        sa.CheckConstraint(
            "sample_number > 0 AND unit_number > 0 AND box > 0",
            name=op.f("ck_inspection_sample_sample"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_lot_id"],
            ["inspection_lot.tenant_id", "inspection_lot.inspection_lot_id"],
            name=op.f("fk_inspection_sample_tenant_id_inspection_lot_id_inspection_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "inspection_lot_id",
            "sample_number",
            name=op.f("pk_inspection_sample"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "sample_code", name=op.f("uq_inspection_sample_tenant_id_sample_code")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "characteristic_result",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_lot_id", Id(), nullable=False),
        sa.Column("characteristic_number", sa.SmallInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("sample_number", sa.Integer(), nullable=False),
        sa.Column("unit_reference", sa.Text(), nullable=True),
        sa.Column("value", Exact(), nullable=True),
        sa.Column("defects", sa.Integer(), nullable=False),
        sa.Column("conforming", sa.Boolean(), nullable=False),
        sa.Column("instrument_id", Id(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("performed_at", Instant(), nullable=False),
        sa.CheckConstraint("attempt IN (1, 2)", name=op.f("ck_characteristic_result_attempt")),
        sa.CheckConstraint(
            "sample_number > 0 AND defects >= 0",
            name=op.f("ck_characteristic_result_sample_number"),
        ),
        sa.CheckConstraint(
            "value IS NULL OR instrument_id IS NOT NULL",
            name=op.f("ck_characteristic_result_instrument"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_lot_id", "characteristic_number"],
            [
                "inspection_sampling.tenant_id",
                "inspection_sampling.inspection_lot_id",
                "inspection_sampling.characteristic_number",
            ],
            name=op.f(
                "fk_characteristic_result_tenant_id_inspection_lot_id_characteristic_number_inspection_sampling"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instrument_id"],
            ["instrument.tenant_id", "instrument.instrument_id"],
            name=op.f("fk_characteristic_result_tenant_id_instrument_id_instrument"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "inspection_lot_id",
            "characteristic_number",
            "attempt",
            "sample_number",
            name=op.f("pk_characteristic_result"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_characteristic_result_instrument",
        "characteristic_result",
        ["tenant_id", "instrument_id", "performed_at"],
        unique=False,
    )
    op.create_table(
        "certificate_value",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_lot_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("characteristic_number", sa.SmallInteger(), nullable=False),
        sa.Column("document_code", sa.Text(), nullable=False),
        sa.Column("value", Exact(), nullable=False),
        sa.Column("conforming", sa.Boolean(), nullable=False),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_lot_id", "round", "document_code"],
            [
                "inspection_document.tenant_id",
                "inspection_document.inspection_lot_id",
                "inspection_document.round",
                "inspection_document.document_code",
            ],
            name="fk_certificate_value_document",
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "inspection_lot_id",
            "round",
            "characteristic_number",
            name=op.f("pk_certificate_value"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "retest",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("inspection_lot_id", Id(), nullable=False),
        sa.Column("characteristic_number", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("authorised_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_retest_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_lot_id", "characteristic_number"],
            [
                "inspection_sampling.tenant_id",
                "inspection_sampling.inspection_lot_id",
                "inspection_sampling.characteristic_number",
            ],
            name=op.f(
                "fk_retest_tenant_id_inspection_lot_id_characteristic_number_inspection_sampling"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "inspection_lot_id", "characteristic_number", name=op.f("pk_retest")
        ),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
