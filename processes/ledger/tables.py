"""The ledger's tables, readable from top to bottom.

Every key is led by the tenant and made by the application. Quantities are integers: the amount
times ten to the number of decimals of the item's stock unit (12.5 kg at three decimals is 12500).
Both databases add integers exactly; SQLite has no decimal type and would add binary floats, and a
sum of text is no sum. A unit's decimals never change once it exists, so the integers keep their
meaning. 63 bits hold nine million tonnes in milligrams; more is refused (quantities.py).

What happened is append-only (APPEND_ONLY below): the database refuses to change it, a correction
is a reversal and a new row. Rows marked *projection* are sums of the append-only ones, kept in the
same transaction, and balances.py can compare them with their source.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document, Exact
from processes.ledger.parts import (
    COMPACT,
    GS1_CHARACTERS,
    key,
    must,
    number,
    one_of,
    refers,
    tenant,
)

NOTHING: dict[str, Any] = {"nullable": False, "server_default": text("0")}

# --- words that the database knows ------------------------------------------------------------

ITEM_TYPES = (
    *("raw", "component", "packaging", "label", "semi_finished", "finished"),
    *("spare", "tool", "service", "software"),
)
CRITICALITIES = ("A", "B", "C", "N")
TRACKINGS = ("lot", "serial", "lot_and_serial", "none")
ZONES = (
    *("receiving", "quarantine", "released", "hold", "reject", "return"),
    *("recalled", "wip", "shipping", "sample", "scrap", "supplier"),
)
STATUSES = (
    *("QUARANTINE", "RELEASED", "RELEASED_CONDITIONAL", "REJECTED", "EXPIRED", "REWORK"),
    *("SAMPLE", "RECALLED", "RETURN_QUARANTINE"),
)
"""Statuses that stock on hand can have at a place. HOLD is no such status: a hold is a row of its
own that lies over every place of the lot, so that releasing one hold gives back what was there."""
OUTSIDE = ("SHIPPED", "CONSUMED", "SCRAPPED", "DESTROYED", "RETURNED", "SAMPLED")
"""What became of stock that left; written on the movement, never a balance."""
MOVEMENT_TYPES = (
    *("RCV", "PUT", "XFR", "PCK", "ISS", "RET", "PROD", "SAMPLE", "RETAIN", "SCRAP", "RTV"),
    *("SHP", "RTN", "CNT+", "CNT-", "STAT", "SPLIT", "MERGE", "RELABEL", "REPACK", "CONV"),
    *("OWN", "DESTROY", "REVERSAL"),
)
REASON_REQUIRED = ("SCRAP", "DESTROY", "CNT+", "CNT-", "STAT", "RTV", "RTN", "REVERSAL")
ISSUING_AGENCIES = ("GS1", "HIBCC", "ICCBBA", "MA", "AHM")
OWNERS = ("supplier", "customer")
"""Whose stock may lie here without being ours."""
INSPECTION_DECISIONS = ("ACCEPT", "REJECT", "SORT", "HOLD", "CANCEL")

# --- numbers without gaps ---------------------------------------------------------------------

record_counter = Table(
    "record_counter",
    metadata,
    tenant(),
    key("series", Text),  # "IQC-SZ01-2026"
    must("last_number", Integer),
    **COMPACT,
)

# --- units ------------------------------------------------------------------------------------

unit_of_measure = Table(
    "unit_of_measure",
    metadata,
    tenant(),
    key("unit_code", Text),
    must("name_en", Text),
    must("name_zh", Text),
    must("decimals", SmallInteger),
    CheckConstraint("decimals BETWEEN 0 AND 9", name="decimals"),
    **COMPACT,
)

unit_conversion = Table(  # one from_unit is numerator/denominator to_units, exactly
    "unit_conversion",
    metadata,
    tenant(),
    key("from_unit", Text),
    key("to_unit", Text),
    must("numerator", BigInteger),
    must("denominator", BigInteger),
    refers("unit_of_measure", "from_unit=unit_code"),
    ForeignKeyConstraint(
        ["tenant_id", "to_unit"],
        ["unit_of_measure.tenant_id", "unit_of_measure.unit_code"],
        name="fk_unit_conversion_to_unit",
    ),
    CheckConstraint("numerator > 0 AND denominator > 0", name="ratio"),
    CheckConstraint("from_unit <> to_unit", name="units"),
    **COMPACT,
)

# --- items ------------------------------------------------------------------------------------

item = Table(
    "item",
    metadata,
    tenant(),
    key("item_id", Id),
    must("item_number", Text),
    must("name_en", Text),
    must("name_zh", Text),
    must("item_type", Text),
    must("criticality", Text),
    must("tracking", Text),
    must("unit_code", Text),
    must("status", Text),
    must("sterile", Boolean),
    must("implant", Boolean),
    must("expiry_required", Boolean),
    Column("shelf_life_months", Integer),
    Column("min_remaining_life_days", Integer),
    Column("storage_conditions", Document),
    Column("manufacturer", Text),
    Column("catalogue_number", Text),
    Column("model", Text),
    Column("source", Text),  # where a record was imported from
    must("revision", Integer),  # of this row, for optimistic locking
    must("changed_at", Instant),
    Column("changed_by", Id),
    UniqueConstraint("tenant_id", "item_number"),
    refers("unit_of_measure", "unit_code"),
    one_of("item_type", ITEM_TYPES),
    one_of("criticality", CRITICALITIES),
    one_of("tracking", TRACKINGS),
    one_of("status", ("draft", "released", "obsolete")),
)

item_revision = Table(
    "item_revision",
    metadata,
    tenant(),
    key("item_id", Id),
    key("revision_code", Text),
    must("effective_from", Date),
    Column("effective_to", Date),
    Column("from_lot", Text),  # the first lot number of it, one for each series, where that decides
    Column("from_serial", Text),  # the first serial number of it, likewise
    Column("specification", Text),  # document and its revision
    Column("change_reason", Text),
    refers("item", "item_id"),
    CheckConstraint("from_lot IS NULL OR from_serial IS NULL", name="from_number"),
    CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="effective"),
    **COMPACT,
)

item_succession = Table(  # an item number that goes on as another, since two were one
    "item_succession",
    metadata,
    tenant(),
    key("item_id", Id),
    must("into_item_id", Id),
    must("reason", Text),
    must("actor", Text),
    must("merged_at", Instant),
    refers("item", "item_id"),
    ForeignKeyConstraint(
        ["tenant_id", "into_item_id"],
        ["item.tenant_id", "item.item_id"],
        name="fk_item_succession_into",
    ),
    CheckConstraint("item_id <> into_item_id", name="other"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

package_level = Table(
    "package_level",
    metadata,
    tenant(),
    key("package_level_id", Id),
    must("item_id", Id),
    must("level", SmallInteger),  # 0 is one stock unit (or one base package), 1 holds level 0, …
    must("name", Text),  # each, inner, case, pallet
    Column("contains_id", Id),  # the package level that lies inside
    must("contained_quantity", BigInteger),  # how many of `contains_id`; at level 0 of the unit
    must("base_quantity", BigInteger),  # how many of the item's stock unit in all
    must("in_distribution", Boolean),
    UniqueConstraint("tenant_id", "item_id", "package_level_id"),
    refers("item", "item_id"),
    ForeignKeyConstraint(
        ["tenant_id", "item_id", "contains_id"],
        [
            "package_level.tenant_id",
            "package_level.item_id",
            "package_level.package_level_id",
        ],
        name="fk_package_level_contains",
    ),
    CheckConstraint("contained_quantity > 0 AND base_quantity > 0", name="quantity"),
    CheckConstraint("(level = 0) = (contains_id IS NULL)", name="contains"),
    Index("ix_package_level_item", "tenant_id", "item_id"),
)

_base = text("level = 0")
Index(
    "uq_package_level_base",  # an item has one base package
    package_level.c.tenant_id,
    package_level.c.item_id,
    unique=True,
    sqlite_where=_base,
    postgresql_where=_base,
)

device_identifier = Table(
    "device_identifier",
    metadata,
    tenant(),
    key("package_level_id", Id),
    key("issuing_agency", Text),
    key("device_identifier", Text),
    must("kind", Text),
    refers("package_level", "package_level_id"),
    one_of("issuing_agency", ISSUING_AGENCIES),
    one_of("kind", ("primary", "secondary", "package", "direct_marking", "unit_of_use")),
    **COMPACT,
)
_on_label = text("kind <> 'unit_of_use'")
Index(
    # A DI is on the label of one package of one item, for ever (INV-05). A unit-of-use DI stands
    # on no label: it names the piece inside for the patient's record, and makers give it the
    # primary DI of another of their records (129 times in the FDA's file).
    "uq_device_identifier_on_label",
    device_identifier.c.tenant_id,
    device_identifier.c.device_identifier,
    device_identifier.c.issuing_agency,
    unique=True,
    sqlite_where=_on_label,
    postgresql_where=_on_label,
)

# --- suppliers --------------------------------------------------------------------------------

supplier = Table(
    "supplier",
    metadata,
    tenant(),
    key("supplier_id", Id),
    must("supplier_number", Text),
    must("name_en", Text),
    must("name_zh", Text),
    must("country", Text),
    must("status", Text),
    must("revision", Integer),
    must("changed_at", Instant),
    Column("changed_by", Id),
    UniqueConstraint("tenant_id", "supplier_number"),
    one_of("status", ("candidate", "approved", "conditional", "blocked")),
)

approved_supply = Table(  # the approved supplier list: supplier x item x own site
    "approved_supply",
    metadata,
    tenant(),
    key("supplier_id", Id),
    key("item_id", Id),
    key("site", Text),
    must("status", Text),
    must("rating", SmallInteger),  # 0 to 100, set by the supplier evaluation
    must("valid_from", Date),
    Column("valid_to", Date),
    must("revision", Integer),
    must("changed_at", Instant),
    Column("changed_by", Id),
    refers("supplier", "supplier_id"),
    refers("item", "item_id"),
    one_of("status", ("approved", "conditional", "blocked")),
    CheckConstraint("rating BETWEEN 0 AND 100", name="rating"),
    Index("ix_approved_supply_item", "tenant_id", "item_id"),
    **COMPACT,
)

JUDGED_CLASSES = ("critical", "major", "minor")
"""Classes of characteristics that decide a lot; what is for information decides nothing."""

SEVERITIES = ("reduced", "normal", "tightened", "discontinued")
"""Of inspection, the loosest first (ISO 2859-1)."""

SUPPLIER_EVENTS = (
    *("lot_inspected", "severity_set", "item_changed"),
    *("nonconformity", "nonconformity_withdrawn"),
)

supplier_event = Table(  # what the supplier's history is made of
    "supplier_event",
    metadata,
    tenant(),
    key("supplier_event_id", Id),
    must("supplier_id", Id),
    must("item_id", Id),
    must("kind", Text),
    Column("lot_id", Id),
    Column("inspection_lot_id", Id),
    must("resubmission", Boolean),
    Column("severity", Text),
    Column("accepted", Boolean),
    Column("accepted_one_step_tighter", Boolean),
    Column("acceptance_number", Integer),
    Column("classes", Document),  # outcome by characteristic class; null: counts for all
    Column("defect_class", Text),  # of a severity that was set; null: of all classes
    must("received_at", Instant),  # the order that switching rules count in
    must("recorded_at", Instant),
    must("actor", Text),
    Column("note", Text),
    Column("nonconformity_number", Text),
    refers("supplier", "supplier_id"),
    refers("item", "item_id"),
    one_of("kind", SUPPLIER_EVENTS),
    one_of("defect_class", JUDGED_CLASSES),
    CheckConstraint("(kind = 'lot_inspected') = (accepted IS NOT NULL)", name="verdict"),
    CheckConstraint("kind <> 'severity_set' OR severity IS NOT NULL", name="severity"),
    CheckConstraint(
        "(kind IN ('nonconformity', 'nonconformity_withdrawn'))"
        " = (nonconformity_number IS NOT NULL)",
        name="nonconformity",
    ),
    Index("ix_supplier_event_history", "tenant_id", "supplier_id", "item_id", "received_at"),
    UniqueConstraint("tenant_id", "inspection_lot_id", "kind"),
)

# --- places -----------------------------------------------------------------------------------

location = Table(
    "location",
    metadata,
    tenant(),
    key("location_id", Id),
    must("code", Text),
    must("name_en", Text),
    must("name_zh", Text),
    must("site", Text),
    must("zone", Text),
    must("temperature_class", Text),
    must("active", Boolean),
    UniqueConstraint("tenant_id", "code"),
    one_of("zone", ZONES),
)

location_status = Table(  # the statuses that may lie at a place; stock refers to it
    "location_status",
    metadata,
    tenant(),
    key("location_id", Id),
    key("status", Text),
    refers("location", "location_id"),
    one_of("status", STATUSES),
    **COMPACT,
)

# --- lots and serial numbers ------------------------------------------------------------------

stock_owner = Table(  # who may own what lies here: the number is the supplier's or consignee's
    "stock_owner",
    metadata,
    tenant(),
    key("owner_id", Id),
    must("kind", Text),
    must("number", Text),
    must("recorded_at", Instant),
    UniqueConstraint("tenant_id", "kind", "number"),
    one_of("kind", OWNERS),
)

lot = Table(
    "lot",
    metadata,
    tenant(),
    key("lot_id", Id),
    must("lot_number", Text),
    must("item_id", Id),
    must("item_revision", Text),
    must("origin", Text),
    Column("supplier_id", Id),
    Column("manufacturer", Text),
    Column("supplier_lot_raw", Text),  # as scanned or typed
    Column("supplier_lot", Text),  # NFKC, for comparing
    Column("produced_on", Date),
    Column("expiry", Date),  # with precision "month": the last day of the month
    Column("expiry_precision", Text),
    Column("expiry_raw", Text),
    Column("owner_id", Id),  # whose it came as; how much still is, the balances say
    must("created_at", Instant),
    UniqueConstraint("tenant_id", "lot_number"),
    refers("stock_owner", "owner_id"),
    refers("item", "item_id"),
    refers("item_revision", "item_id", "item_revision=revision_code"),
    ForeignKeyConstraint(
        ["tenant_id", "supplier_id"], ["supplier.tenant_id", "supplier.supplier_id"]
    ),
    number("lot_number"),
    number("supplier_lot", GS1_CHARACTERS),
    CheckConstraint("length(supplier_lot_raw) <= 60", name="supplier_lot_raw"),
    one_of("origin", ("purchased", "produced", "split", "merge", "rework", "return")),
    one_of("expiry_precision", ("day", "month")),
    CheckConstraint("(expiry IS NULL) = (expiry_precision IS NULL)", name="expiry"),
    CheckConstraint(
        "(origin = 'purchased') = (supplier_id IS NOT NULL AND supplier_lot IS NOT NULL)",
        name="purchased",
    ),
    Index("ix_lot_supplier_lot", "tenant_id", "item_id", "supplier_id", "supplier_lot"),
)

serial_unit = Table(
    "serial_unit",
    metadata,
    tenant(),
    key("serial_unit_id", Id),
    must("item_id", Id),
    must("serial_number", Text),
    must("lot_id", Id),
    must("created_at", Instant),
    UniqueConstraint("tenant_id", "item_id", "serial_number"),
    refers("item", "item_id"),
    refers("lot", "lot_id"),
    number("serial_number"),
    Index("ix_serial_unit_lot", "tenant_id", "lot_id"),
)

# --- stock ------------------------------------------------------------------------------------

stock_movement = Table(
    "stock_movement",
    metadata,
    tenant(),
    key("movement_id", Id),
    must("movement_type", Text),
    must("lot_id", Id),
    Column("serial_unit_id", Id),
    Column("from_location_id", Id),
    Column("from_status", Text),
    Column("to_location_id", Id),
    Column("to_status", Text),
    must("quantity", BigInteger),  # in the item's stock unit
    Column("from_consigned", BigInteger, **NOTHING),  # of it, not ours where it comes from
    Column("to_consigned", BigInteger, **NOTHING),  # of it, not ours where it goes
    must("unit_code", Text),
    must("entered_quantity", Exact),  # as counted: 4
    must("entered_unit", Text),  # … in this unit
    must("package_level_id", Id),  # … or packages of this level
    must("document_kind", Text),
    must("document_id", Text),
    Column("reason", Text),
    Column("signature_meaning", Text),
    Column("reversal_of", Id),
    Column("process_instance_id", Id),
    Column("activity_id", Text),
    must("command_id", Id),
    must("actor", Text),
    must("performed_at", Instant),
    must("recorded_at", Instant),
    refers("lot", "lot_id"),
    refers("serial_unit", "serial_unit_id"),
    ForeignKeyConstraint(
        ["tenant_id", "from_location_id"],
        ["location.tenant_id", "location.location_id"],
        name="fk_stock_movement_from",
    ),
    ForeignKeyConstraint(
        ["tenant_id", "to_location_id"],
        ["location.tenant_id", "location.location_id"],
        name="fk_stock_movement_to",
    ),
    refers("unit_of_measure", "unit_code"),
    refers("package_level", "package_level_id"),
    ForeignKeyConstraint(
        ["tenant_id", "reversal_of"],
        ["stock_movement.tenant_id", "stock_movement.movement_id"],
        name="fk_stock_movement_reversal",
    ),
    UniqueConstraint("tenant_id", "reversal_of"),  # a movement is reversed once
    one_of("movement_type", MOVEMENT_TYPES),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("from_location_id IS NOT NULL OR to_location_id IS NOT NULL", name="somewhere"),
    CheckConstraint("from_location_id IS NULL OR from_status IS NOT NULL", name="from_has_status"),
    CheckConstraint("to_location_id IS NULL OR to_status IS NOT NULL", name="to_has_status"),
    CheckConstraint(
        f"movement_type NOT IN {REASON_REQUIRED} OR length(trim(coalesce(reason, ''))) > 0",
        name="reason",
    ),
    CheckConstraint(
        "movement_type NOT IN ('ISS', 'PCK', 'SHP') "
        "OR coalesce(from_status, '') IN ('RELEASED', 'RELEASED_CONDITIONAL')",
        name="only_released_leaves",
    ),
    CheckConstraint("(movement_type = 'REVERSAL') = (reversal_of IS NOT NULL)", name="reversal"),
    CheckConstraint(
        "from_consigned BETWEEN 0 AND quantity AND to_consigned BETWEEN 0 AND quantity",
        name="consigned",
    ),
    CheckConstraint(  # what moves keeps its owner: only OWN changes that
        "movement_type = 'OWN' OR from_location_id IS NULL "
        "OR to_location_id IS NULL OR from_consigned = to_consigned",
        name="keeps_its_owner",
    ),
    CheckConstraint(
        "movement_type <> 'OWN' OR (from_location_id IS NOT NULL "
        "AND to_location_id = from_location_id AND to_status = from_status "
        "AND abs(from_consigned - to_consigned) = quantity)",
        name="changes_owner",
    ),
    CheckConstraint("length(document_kind) > 0 AND length(document_id) > 0", name="document"),
    CheckConstraint("length(actor) > 0", name="actor"),
    Index("ix_stock_movement_lot", "tenant_id", "lot_id", "movement_id"),
    Index("ix_stock_movement_document", "tenant_id", "document_kind", "document_id"),
)

stock_balance = Table(  # projection of stock_movement
    "stock_balance",
    metadata,
    tenant(),
    key("lot_id", Id),
    key("location_id", Id),
    key("status", Text),
    must("quantity", BigInteger),
    # how much of it lies in containers: what is taken singly is taken from the rest
    Column("packed", BigInteger, nullable=False, server_default="0"),
    Column("consigned", BigInteger, **NOTHING),  # of it: not ours, but the owner's of the lot
    refers("lot", "lot_id"),
    refers("location_status", "location_id", "status"),  # the place may hold this status
    CheckConstraint("quantity >= 0", name="not_negative"),
    CheckConstraint("packed = 0 OR packed BETWEEN 1 AND quantity", name="packed"),
    CheckConstraint("consigned = 0 OR consigned BETWEEN 1 AND quantity", name="consigned"),
    Index("ix_stock_balance_location", "tenant_id", "location_id"),
    **COMPACT,
)

serial_position = Table(  # projection of stock_movement: one row, hence one place at a time
    "serial_position",
    metadata,
    tenant(),
    key("serial_unit_id", Id),
    must("location_id", Id),
    must("status", Text),
    Column("container_id", Id),  # the box in which it lies there (distribution/tables.py)
    Column("consigned", Boolean, nullable=False, server_default=false()),  # the owner's of its lot
    refers("serial_unit", "serial_unit_id"),
    refers("location_status", "location_id", "status"),
    **COMPACT,
)

hold = Table(
    "hold",
    metadata,
    tenant(),
    key("hold_id", Id),
    must("lot_id", Id),
    Column("serial_unit_id", Id),
    must("kind", Text),  # what the stock counts as while it is open
    must("reason", Text),
    must("owner_role", Text),
    must("document_kind", Text),
    must("document_id", Text),
    must("actor", Text),
    must("placed_at", Instant),
    refers("lot", "lot_id"),
    refers("serial_unit", "serial_unit_id"),
    one_of("kind", ("HOLD", "RECALLED")),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    Index("ix_hold_lot", "tenant_id", "lot_id"),
)

hold_release = Table(  # a hold without a row here is open
    "hold_release",
    metadata,
    tenant(),
    key("hold_id", Id),
    must("reason", Text),
    must("signature_meaning", Text),
    must("actor", Text),
    must("released_at", Instant),
    refers("hold", "hold_id"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

# --- receipts ---------------------------------------------------------------------------------

receipt = Table(
    "receipt",
    metadata,
    tenant(),
    key("receipt_id", Id),
    must("receipt_number", Text),
    must("supplier_id", Id),
    must("delivery_note", Text),
    must("site", Text),
    must("actor", Text),
    must("received_at", Instant),
    UniqueConstraint("tenant_id", "receipt_number"),
    refers("supplier", "supplier_id"),
)

receipt_line = Table(
    "receipt_line",
    metadata,
    tenant(),
    key("receipt_line_id", Id),
    must("receipt_id", Id),
    must("line", SmallInteger),
    must("lot_id", Id),
    must("quantity", BigInteger),
    must("package_level_id", Id),
    must("containers", Integer),
    must("location_id", Id),
    must("scans", Document),  # raw scans with symbology and parser version
    Column("entries", Document),  # {"supplier_lot": "typed"}: how its identifiers were entered
    must("documents", Document),  # what came with the goods, photos by content hash
    UniqueConstraint("tenant_id", "receipt_id", "line"),
    refers("receipt", "receipt_id"),
    refers("lot", "lot_id"),
    refers("package_level", "package_level_id"),
    refers("location", "location_id"),
    CheckConstraint("quantity > 0 AND containers > 0", name="quantity"),
    Index("ix_receipt_line_lot", "tenant_id", "lot_id"),
)

# --- instruments ------------------------------------------------------------------------------

instrument = Table(
    "instrument",
    metadata,
    tenant(),
    key("instrument_id", Id),
    must("instrument_number", Text),
    must("instrument_type", Text),
    must("name_en", Text),
    must("name_zh", Text),
    must("unit_code", Text),
    must("resolution", Exact),
    must("in_service", Boolean),
    UniqueConstraint("tenant_id", "instrument_number"),
    refers("unit_of_measure", "unit_code"),
)

calibration = Table(
    "calibration",
    metadata,
    tenant(),
    key("calibration_id", Id),
    must("instrument_id", Id),
    must("calibrated_at", Instant),
    must("due_on", Date),
    must("in_tolerance", Boolean),
    must("certificate", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("instrument", "instrument_id"),
    Index("ix_calibration_instrument", "tenant_id", "instrument_id", "calibrated_at"),
)

# --- people -----------------------------------------------------------------------------------

training_record = Table(  # a training that is renewed is another row
    "training_record",
    metadata,
    tenant(),
    key("training_record_id", Id),
    must("person", Text),  # user name
    must("subject", Text),  # document or skill, as the steps that ask for it name it
    must("valid_from", Date),
    must("valid_to", Date),
    must("evidence", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    CheckConstraint("valid_to >= valid_from", name="validity"),
    CheckConstraint("length(person) > 0 AND length(subject) > 0", name="named"),
    Index("ix_training_record_person", "tenant_id", "person", "subject"),
)

lapse = Table(  # what ran out and was told, once
    "lapse",
    metadata,
    tenant(),
    key("lapsed_id", Id),
    must("kind", Text),
    must("told_at", Instant),
    one_of("kind", ("certificate", "training")),
    **COMPACT,
)

# --- inspection -------------------------------------------------------------------------------

inspection_plan = Table(  # one row a version; a new version replaces, nothing is changed
    "inspection_plan",
    metadata,
    tenant(),
    key("inspection_plan_id", Id),
    must("plan_number", Text),
    must("version", Integer),
    must("item_id", Id),
    Column("item_revision", Text),  # it counts for this revision and later ones; none: for all
    must("effective_from", Date),
    must("documents_required", Document),
    must("retain_quantity", BigInteger),
    must("approved_by", Document),
    must("actor", Text),
    must("created_at", Instant),
    UniqueConstraint("tenant_id", "plan_number", "version"),
    refers("item", "item_id"),
    CheckConstraint("version > 0 AND retain_quantity >= 0", name="version"),
    Index("ix_inspection_plan_item", "tenant_id", "item_id", "effective_from"),
)

inspection_characteristic = Table(
    "inspection_characteristic",
    metadata,
    tenant(),
    key("inspection_plan_id", Id),
    key("characteristic_number", SmallInteger),
    must("name_en", Text),
    must("name_zh", Text),
    must("defect_class", Text),
    must("kind", Text),
    must("method", Text),  # with its revision
    Column("instrument_type", Text),
    Column("unit_code", Text),
    Column("nominal", Exact),
    Column("lower_limit", Exact),
    Column("upper_limit", Exact),
    Column("requirement_en", Text),
    Column("requirement_zh", Text),
    must("sampling", Document),  # {"rule": "aql", "aql": "1.0", "level": "II"} …
    must("destructive", Boolean),
    must("laboratory", Boolean),
    Column("drawing_reference", Text),
    refers("inspection_plan", "inspection_plan_id"),
    one_of("defect_class", ("critical", "major", "minor", "information")),
    one_of("kind", ("measured", "attribute")),
    CheckConstraint(
        "kind <> 'measured' OR (unit_code IS NOT NULL AND instrument_type IS NOT NULL "
        "AND (lower_limit IS NOT NULL OR upper_limit IS NOT NULL))",
        name="measured",
    ),
    **COMPACT,
)

inspection_lot = Table(
    "inspection_lot",
    metadata,
    tenant(),
    key("inspection_lot_id", Id),
    must("inspection_number", Text),
    must("receipt_line_id", Id),
    must("lot_id", Id),
    must("supplier_id", Id),
    must("inspection_plan_id", Id),
    must("quantity", BigInteger),
    must("resubmission", Boolean),
    must("status", Text),
    Column("mode", Text),
    Column("severity", Text),
    Column("seed", Text),  # of the sample list
    Column("verdict", Text),
    Column("decision", Text),
    Column("decision_reason", Text),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    must("process_instance_id", Id),
    must("created_at", Instant),
    UniqueConstraint("tenant_id", "inspection_number"),
    refers("receipt_line", "receipt_line_id"),
    refers("lot", "lot_id"),
    refers("supplier", "supplier_id"),
    refers("inspection_plan", "inspection_plan_id"),
    one_of("status", ("open", "decided", "cancelled")),
    one_of("decision", INSPECTION_DECISIONS),
    CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
    Index("ix_inspection_lot_lot", "tenant_id", "lot_id"),
)
_open = text("status = 'open'")
Index(  # a receipt line is under one inspection at a time
    "uq_inspection_lot_open",
    inspection_lot.c.tenant_id,
    inspection_lot.c.receipt_line_id,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)

inspection_sampling = Table(  # what was to be inspected, fixed before the first sample was drawn
    "inspection_sampling",
    metadata,
    tenant(),
    key("inspection_lot_id", Id),
    key("characteristic_number", SmallInteger),
    must("basis", Document),  # {"en": "AQL 1.0, level II, normal, code letter F", "zh": …}
    Column("code_letter", Text),
    must("sample_size", Integer),
    must("acceptance_number", Integer),
    must("rejection_number", Integer),
    must("severity", Text),  # of its class when the samples were planned
    must("sample_units", Document),  # numbers of the units to take, from the seed
    refers("inspection_lot", "inspection_lot_id"),
    one_of("severity", SEVERITIES),
    CheckConstraint(
        "sample_size >= 0 AND acceptance_number >= 0 AND rejection_number > acceptance_number",
        name="plan",
    ),
    **COMPACT,
)

inspection_sample = Table(  # the sample list: one row a unit that is taken
    "inspection_sample",
    metadata,
    tenant(),
    key("inspection_lot_id", Id),
    key("sample_number", Integer),
    must("sample_code", Text),  # on its label, and with its readings
    must("unit_number", Integer),
    must("box", Integer),
    must("characteristics", Document),  # numbers of those that it is inspected for
    refers("inspection_lot", "inspection_lot_id"),
    UniqueConstraint("tenant_id", "sample_code"),
    CheckConstraint("sample_number > 0 AND unit_number > 0 AND box > 0", name="sample"),
    number("sample_code"),
    **COMPACT,
)

inspection_document = Table(
    "inspection_document",
    metadata,
    tenant(),
    key("inspection_lot_id", Id),
    key("round", SmallInteger),  # 1 is the first document check
    key("document_code", Text),
    must("finding", Text),
    Column("reference", Text),
    Column("note", Text),
    must("actor", Text),
    must("checked_at", Instant),
    refers("inspection_lot", "inspection_lot_id"),
    one_of("finding", ("conforming", "missing", "wrong", "not_applicable")),
    **COMPACT,
)

certificate_value = Table(  # what a supplier's document says of a characteristic
    "certificate_value",
    metadata,
    tenant(),
    key("inspection_lot_id", Id),
    key("round", SmallInteger),  # of the document check that it was read in
    key("characteristic_number", SmallInteger),
    must("document_code", Text),
    must("value", Exact),
    must("conforming", Boolean),  # within the limits of our plan
    Column("page", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    ForeignKeyConstraint(
        ["tenant_id", "inspection_lot_id", "round", "document_code"],
        [
            "inspection_document.tenant_id",
            "inspection_document.inspection_lot_id",
            "inspection_document.round",
            "inspection_document.document_code",
        ],
        name="fk_certificate_value_document",
    ),
    **COMPACT,
)

retest = Table(  # the one retest that a laboratory error can justify
    "retest",
    metadata,
    tenant(),
    key("inspection_lot_id", Id),
    key("characteristic_number", SmallInteger),
    must("reason", Text),
    must("actor", Text),
    must("authorised_at", Instant),
    refers("inspection_sampling", "inspection_lot_id", "characteristic_number"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

characteristic_result = Table(
    "characteristic_result",
    metadata,
    tenant(),
    key("inspection_lot_id", Id),
    key("characteristic_number", SmallInteger),
    key("attempt", SmallInteger),  # 1 the original, 2 the retest
    key("sample_number", Integer),
    Column("unit_reference", Text),  # container, box, serial number
    Column("value", Exact),
    must("defects", Integer),
    must("conforming", Boolean),
    Column("instrument_id", Id),
    Column("note", Text),
    must("actor", Text),
    must("performed_at", Instant),
    refers("inspection_sampling", "inspection_lot_id", "characteristic_number"),
    refers("instrument", "instrument_id"),
    CheckConstraint("attempt IN (1, 2)", name="attempt"),
    CheckConstraint("sample_number > 0 AND defects >= 0", name="sample_number"),
    CheckConstraint("value IS NULL OR instrument_id IS NOT NULL", name="instrument"),
    Index("ix_characteristic_result_instrument", "tenant_id", "instrument_id", "performed_at"),
    **COMPACT,
)

# --- imports ----------------------------------------------------------------------------------

import_file = Table(  # how far a file has been read, so that an import can go on where it stopped
    "import_file",
    metadata,
    tenant(),
    key("file_hash", Text),
    must("kind", Text),
    must("name", Text),
    must("records_read", Integer),
    must("records_accepted", Integer),
    must("records_unchanged", Integer),
    must("records_refused", Integer),
    must("complete", Boolean),
    must("changed_at", Instant),
)

import_problem = Table(
    "import_problem",
    metadata,
    tenant(),
    key("file_hash", Text),
    key("record_number", Integer),
    must("record_key", Text),
    must("reason_en", Text),
    must("reason_zh", Text),
    refers("import_file", "file_hash"),
    **COMPACT,
)

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
"""Tables on which the database itself refuses UPDATE and DELETE (engine/store/guards.py)."""
