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

from collections.abc import Iterable
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
    text,
)
from sqlalchemy.types import TypeEngine

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document, Exact

# --- words that the database knows ------------------------------------------------------------

ITEM_TYPES = (
    *("raw", "component", "packaging", "label", "semi_finished", "finished"),
    *("spare", "tool", "service", "software"),
)
CRITICALITIES = ("A", "B", "C", "N")
TRACKINGS = ("lot", "serial", "lot_and_serial", "none")
ZONES = (
    *("receiving", "quarantine", "released", "hold", "reject", "return"),
    *("recalled", "wip", "shipping", "sample", "scrap"),
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
INSPECTION_DECISIONS = ("ACCEPT", "REJECT", "SORT", "HOLD", "CANCEL")

_DIGITS_AND_CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBER_CHARACTERS = _DIGITS_AND_CAPITALS + "-"
"""Lot numbers and serial numbers that we give or take over (INV-06)."""
GS1_CHARACTERS = _DIGITS_AND_CAPITALS + "abcdefghijklmnopqrstuvwxyz" + "!\"%&'()*+,-./:;<=>?_"
"""GS1 AI encodable character set 82 without the blank: what a supplier's lot may look like."""
NUMBER_LENGTH = 20

COMPACT: dict[str, Any] = {"sqlite_with_rowid": False}


def _key(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _tenant() -> Column[Any]:
    return _key("tenant_id", Text)


def _must(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _refers(table: str, *columns: str) -> ForeignKeyConstraint:
    """Refer to the key of `table`; a column "own=theirs" has different names on the two sides."""
    pairs = [column.partition("=") for column in ("tenant_id", *columns)]
    return ForeignKeyConstraint(
        [own for own, _, _ in pairs], [f"{table}.{theirs or own}" for own, _, theirs in pairs]
    )


def _one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _number(column: str, characters: str = NUMBER_CHARACTERS) -> CheckConstraint:
    """Refuse other characters and lengths.

    Trimming every allowed character leaves nothing: the one way of asking that PostgreSQL and
    SQLite share.
    """
    allowed = characters.replace("'", "''")
    return CheckConstraint(
        f"length({column}) BETWEEN 1 AND {NUMBER_LENGTH} AND ltrim({column}, '{allowed}') = ''",
        name=f"{column}_characters",
    )


# --- numbers without gaps ---------------------------------------------------------------------

record_counter = Table(
    "record_counter",
    metadata,
    _tenant(),
    _key("series", Text),  # "IQC-SZ01-2026"
    _must("last_number", Integer),
    **COMPACT,
)

# --- units ------------------------------------------------------------------------------------

unit_of_measure = Table(
    "unit_of_measure",
    metadata,
    _tenant(),
    _key("unit_code", Text),
    _must("name_en", Text),
    _must("name_zh", Text),
    _must("decimals", SmallInteger),
    CheckConstraint("decimals BETWEEN 0 AND 9", name="decimals"),
    **COMPACT,
)

unit_conversion = Table(  # one from_unit is numerator/denominator to_units, exactly
    "unit_conversion",
    metadata,
    _tenant(),
    _key("from_unit", Text),
    _key("to_unit", Text),
    _must("numerator", BigInteger),
    _must("denominator", BigInteger),
    _refers("unit_of_measure", "from_unit=unit_code"),
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
    _tenant(),
    _key("item_id", Id),
    _must("item_number", Text),
    _must("name_en", Text),
    _must("name_zh", Text),
    _must("item_type", Text),
    _must("criticality", Text),
    _must("tracking", Text),
    _must("unit_code", Text),
    _must("status", Text),
    _must("sterile", Boolean),
    _must("expiry_required", Boolean),
    Column("shelf_life_months", Integer),
    Column("min_remaining_life_days", Integer),
    Column("storage_conditions", Document),
    Column("manufacturer", Text),
    Column("catalogue_number", Text),
    Column("model", Text),
    Column("source", Text),  # where a record was imported from
    _must("revision", Integer),  # of this row, for optimistic locking
    _must("changed_at", Instant),
    Column("changed_by", Id),
    UniqueConstraint("tenant_id", "item_number"),
    _refers("unit_of_measure", "unit_code"),
    _one_of("item_type", ITEM_TYPES),
    _one_of("criticality", CRITICALITIES),
    _one_of("tracking", TRACKINGS),
    _one_of("status", ("draft", "released", "obsolete")),
)

item_revision = Table(
    "item_revision",
    metadata,
    _tenant(),
    _key("item_id", Id),
    _key("revision_code", Text),
    _must("effective_from", Date),
    Column("effective_to", Date),
    Column("specification", Text),  # document and its revision
    Column("change_reason", Text),
    _refers("item", "item_id"),
    CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="effective"),
    **COMPACT,
)

package_level = Table(
    "package_level",
    metadata,
    _tenant(),
    _key("package_level_id", Id),
    _must("item_id", Id),
    _must("level", SmallInteger),  # 0 is one stock unit (or one base package), 1 holds level 0, …
    _must("name", Text),  # each, inner, case, pallet
    Column("contains_id", Id),  # the package level that lies inside
    _must("contained_quantity", BigInteger),  # how many of `contains_id`; at level 0 of the unit
    _must("base_quantity", BigInteger),  # how many of the item's stock unit in all
    _must("in_distribution", Boolean),
    UniqueConstraint("tenant_id", "item_id", "package_level_id"),
    _refers("item", "item_id"),
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
    _tenant(),
    _key("package_level_id", Id),
    _key("issuing_agency", Text),
    _key("device_identifier", Text),
    _must("kind", Text),
    _refers("package_level", "package_level_id"),
    _one_of("issuing_agency", ISSUING_AGENCIES),
    _one_of("kind", ("primary", "secondary", "package", "direct_marking", "unit_of_use")),
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
    _tenant(),
    _key("supplier_id", Id),
    _must("supplier_number", Text),
    _must("name_en", Text),
    _must("name_zh", Text),
    _must("country", Text),
    _must("status", Text),
    _must("revision", Integer),
    _must("changed_at", Instant),
    Column("changed_by", Id),
    UniqueConstraint("tenant_id", "supplier_number"),
    _one_of("status", ("candidate", "approved", "conditional", "blocked")),
)

approved_supply = Table(  # the approved supplier list: supplier x item x own site
    "approved_supply",
    metadata,
    _tenant(),
    _key("supplier_id", Id),
    _key("item_id", Id),
    _key("site", Text),
    _must("status", Text),
    _must("rating", SmallInteger),  # 0 to 100, set by the supplier evaluation
    _must("valid_from", Date),
    Column("valid_to", Date),
    _must("revision", Integer),
    _must("changed_at", Instant),
    Column("changed_by", Id),
    _refers("supplier", "supplier_id"),
    _refers("item", "item_id"),
    _one_of("status", ("approved", "conditional", "blocked")),
    CheckConstraint("rating BETWEEN 0 AND 100", name="rating"),
    Index("ix_approved_supply_item", "tenant_id", "item_id"),
    **COMPACT,
)

supplier_event = Table(  # what the supplier's history is made of
    "supplier_event",
    metadata,
    _tenant(),
    _key("supplier_event_id", Id),
    _must("supplier_id", Id),
    _must("item_id", Id),
    _must("kind", Text),
    Column("lot_id", Id),
    Column("inspection_lot_id", Id),
    _must("resubmission", Boolean),
    Column("severity", Text),
    Column("accepted", Boolean),
    Column("accepted_one_step_tighter", Boolean),
    Column("acceptance_number", Integer),
    _must("received_at", Instant),  # the order that switching rules count in
    _must("recorded_at", Instant),
    _must("actor", Text),
    Column("note", Text),
    _refers("supplier", "supplier_id"),
    _refers("item", "item_id"),
    _one_of("kind", ("lot_inspected", "severity_set", "nonconformity", "item_changed")),
    CheckConstraint("(kind = 'lot_inspected') = (accepted IS NOT NULL)", name="verdict"),
    Index("ix_supplier_event_history", "tenant_id", "supplier_id", "item_id", "received_at"),
    UniqueConstraint("tenant_id", "inspection_lot_id", "kind"),
)

# --- places -----------------------------------------------------------------------------------

location = Table(
    "location",
    metadata,
    _tenant(),
    _key("location_id", Id),
    _must("code", Text),
    _must("name_en", Text),
    _must("name_zh", Text),
    _must("site", Text),
    _must("zone", Text),
    _must("temperature_class", Text),
    _must("active", Boolean),
    UniqueConstraint("tenant_id", "code"),
    _one_of("zone", ZONES),
)

location_status = Table(  # the statuses that may lie at a place; stock refers to it
    "location_status",
    metadata,
    _tenant(),
    _key("location_id", Id),
    _key("status", Text),
    _refers("location", "location_id"),
    _one_of("status", STATUSES),
    **COMPACT,
)

# --- lots and serial numbers ------------------------------------------------------------------

lot = Table(
    "lot",
    metadata,
    _tenant(),
    _key("lot_id", Id),
    _must("lot_number", Text),
    _must("item_id", Id),
    _must("item_revision", Text),
    _must("origin", Text),
    Column("supplier_id", Id),
    Column("manufacturer", Text),
    Column("supplier_lot_raw", Text),  # as scanned or typed
    Column("supplier_lot", Text),  # NFKC, for comparing
    Column("produced_on", Date),
    Column("expiry", Date),  # with precision "month": the last day of the month
    Column("expiry_precision", Text),
    Column("expiry_raw", Text),
    _must("created_at", Instant),
    UniqueConstraint("tenant_id", "lot_number"),
    _refers("item", "item_id"),
    _refers("item_revision", "item_id", "item_revision=revision_code"),
    ForeignKeyConstraint(
        ["tenant_id", "supplier_id"], ["supplier.tenant_id", "supplier.supplier_id"]
    ),
    _number("lot_number"),
    _number("supplier_lot", GS1_CHARACTERS),
    CheckConstraint("length(supplier_lot_raw) <= 60", name="supplier_lot_raw"),
    _one_of("origin", ("purchased", "produced", "split", "merge", "rework", "return")),
    _one_of("expiry_precision", ("day", "month")),
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
    _tenant(),
    _key("serial_unit_id", Id),
    _must("item_id", Id),
    _must("serial_number", Text),
    _must("lot_id", Id),
    _must("created_at", Instant),
    UniqueConstraint("tenant_id", "item_id", "serial_number"),
    _refers("item", "item_id"),
    _refers("lot", "lot_id"),
    _number("serial_number"),
    Index("ix_serial_unit_lot", "tenant_id", "lot_id"),
)

# --- stock ------------------------------------------------------------------------------------

stock_movement = Table(
    "stock_movement",
    metadata,
    _tenant(),
    _key("movement_id", Id),
    _must("movement_type", Text),
    _must("lot_id", Id),
    Column("serial_unit_id", Id),
    Column("from_location_id", Id),
    Column("from_status", Text),
    Column("to_location_id", Id),
    Column("to_status", Text),
    _must("quantity", BigInteger),  # in the item's stock unit
    _must("unit_code", Text),
    _must("entered_quantity", Exact),  # as counted: 4
    _must("entered_unit", Text),  # … in this unit
    _must("package_level_id", Id),  # … or packages of this level
    _must("document_kind", Text),
    _must("document_id", Text),
    Column("reason", Text),
    Column("signature_meaning", Text),
    Column("reversal_of", Id),
    Column("process_instance_id", Id),
    Column("activity_id", Text),
    _must("command_id", Id),
    _must("actor", Text),
    _must("performed_at", Instant),
    _must("recorded_at", Instant),
    _refers("lot", "lot_id"),
    _refers("serial_unit", "serial_unit_id"),
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
    _refers("unit_of_measure", "unit_code"),
    _refers("package_level", "package_level_id"),
    ForeignKeyConstraint(
        ["tenant_id", "reversal_of"],
        ["stock_movement.tenant_id", "stock_movement.movement_id"],
        name="fk_stock_movement_reversal",
    ),
    UniqueConstraint("tenant_id", "reversal_of"),  # a movement is reversed once
    _one_of("movement_type", MOVEMENT_TYPES),
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
    CheckConstraint("length(document_kind) > 0 AND length(document_id) > 0", name="document"),
    CheckConstraint("length(actor) > 0", name="actor"),
    Index("ix_stock_movement_lot", "tenant_id", "lot_id", "movement_id"),
    Index("ix_stock_movement_document", "tenant_id", "document_kind", "document_id"),
)

stock_balance = Table(  # projection of stock_movement
    "stock_balance",
    metadata,
    _tenant(),
    _key("lot_id", Id),
    _key("location_id", Id),
    _key("status", Text),
    _must("quantity", BigInteger),
    _refers("lot", "lot_id"),
    _refers("location_status", "location_id", "status"),  # the place may hold this status
    CheckConstraint("quantity >= 0", name="not_negative"),
    Index("ix_stock_balance_location", "tenant_id", "location_id"),
    **COMPACT,
)

serial_position = Table(  # projection of stock_movement: one row, hence one place at a time
    "serial_position",
    metadata,
    _tenant(),
    _key("serial_unit_id", Id),
    _must("location_id", Id),
    _must("status", Text),
    _refers("serial_unit", "serial_unit_id"),
    _refers("location_status", "location_id", "status"),
    **COMPACT,
)

hold = Table(
    "hold",
    metadata,
    _tenant(),
    _key("hold_id", Id),
    _must("lot_id", Id),
    Column("serial_unit_id", Id),
    _must("kind", Text),  # what the stock counts as while it is open
    _must("reason", Text),
    _must("owner_role", Text),
    _must("document_kind", Text),
    _must("document_id", Text),
    _must("actor", Text),
    _must("placed_at", Instant),
    _refers("lot", "lot_id"),
    _refers("serial_unit", "serial_unit_id"),
    _one_of("kind", ("HOLD", "RECALLED")),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    Index("ix_hold_lot", "tenant_id", "lot_id"),
)

hold_release = Table(  # a hold without a row here is open
    "hold_release",
    metadata,
    _tenant(),
    _key("hold_id", Id),
    _must("reason", Text),
    _must("signature_meaning", Text),
    _must("actor", Text),
    _must("released_at", Instant),
    _refers("hold", "hold_id"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

# --- receipts ---------------------------------------------------------------------------------

receipt = Table(
    "receipt",
    metadata,
    _tenant(),
    _key("receipt_id", Id),
    _must("receipt_number", Text),
    _must("supplier_id", Id),
    _must("delivery_note", Text),
    _must("site", Text),
    _must("actor", Text),
    _must("received_at", Instant),
    UniqueConstraint("tenant_id", "receipt_number"),
    _refers("supplier", "supplier_id"),
)

receipt_line = Table(
    "receipt_line",
    metadata,
    _tenant(),
    _key("receipt_line_id", Id),
    _must("receipt_id", Id),
    _must("line", SmallInteger),
    _must("lot_id", Id),
    _must("quantity", BigInteger),
    _must("package_level_id", Id),
    _must("containers", Integer),
    _must("location_id", Id),
    _must("scans", Document),  # raw scans with symbology and parser version
    _must("documents", Document),  # what came with the goods, photos by content hash
    UniqueConstraint("tenant_id", "receipt_id", "line"),
    _refers("receipt", "receipt_id"),
    _refers("lot", "lot_id"),
    _refers("package_level", "package_level_id"),
    _refers("location", "location_id"),
    CheckConstraint("quantity > 0 AND containers > 0", name="quantity"),
    Index("ix_receipt_line_lot", "tenant_id", "lot_id"),
)

# --- instruments ------------------------------------------------------------------------------

instrument = Table(
    "instrument",
    metadata,
    _tenant(),
    _key("instrument_id", Id),
    _must("instrument_number", Text),
    _must("instrument_type", Text),
    _must("name_en", Text),
    _must("name_zh", Text),
    _must("unit_code", Text),
    _must("resolution", Exact),
    _must("in_service", Boolean),
    UniqueConstraint("tenant_id", "instrument_number"),
    _refers("unit_of_measure", "unit_code"),
)

calibration = Table(
    "calibration",
    metadata,
    _tenant(),
    _key("calibration_id", Id),
    _must("instrument_id", Id),
    _must("calibrated_at", Instant),
    _must("due_on", Date),
    _must("in_tolerance", Boolean),
    _must("certificate", Text),
    _must("actor", Text),
    _must("recorded_at", Instant),
    _refers("instrument", "instrument_id"),
    Index("ix_calibration_instrument", "tenant_id", "instrument_id", "calibrated_at"),
)

# --- inspection -------------------------------------------------------------------------------

inspection_plan = Table(  # one row a version; a new version replaces, nothing is changed
    "inspection_plan",
    metadata,
    _tenant(),
    _key("inspection_plan_id", Id),
    _must("plan_number", Text),
    _must("version", Integer),
    _must("item_id", Id),
    _must("effective_from", Date),
    _must("documents_required", Document),
    _must("retain_quantity", BigInteger),
    _must("approved_by", Document),
    _must("actor", Text),
    _must("created_at", Instant),
    UniqueConstraint("tenant_id", "plan_number", "version"),
    _refers("item", "item_id"),
    CheckConstraint("version > 0 AND retain_quantity >= 0", name="version"),
    Index("ix_inspection_plan_item", "tenant_id", "item_id", "effective_from"),
)

inspection_characteristic = Table(
    "inspection_characteristic",
    metadata,
    _tenant(),
    _key("inspection_plan_id", Id),
    _key("characteristic_number", SmallInteger),
    _must("name_en", Text),
    _must("name_zh", Text),
    _must("defect_class", Text),
    _must("kind", Text),
    _must("method", Text),  # with its revision
    Column("instrument_type", Text),
    Column("unit_code", Text),
    Column("nominal", Exact),
    Column("lower_limit", Exact),
    Column("upper_limit", Exact),
    Column("requirement_en", Text),
    Column("requirement_zh", Text),
    _must("sampling", Document),  # {"rule": "aql", "aql": "1.0", "level": "II"} …
    _must("destructive", Boolean),
    Column("drawing_reference", Text),
    _refers("inspection_plan", "inspection_plan_id"),
    _one_of("defect_class", ("critical", "major", "minor", "information")),
    _one_of("kind", ("measured", "attribute")),
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
    _tenant(),
    _key("inspection_lot_id", Id),
    _must("inspection_number", Text),
    _must("receipt_line_id", Id),
    _must("lot_id", Id),
    _must("supplier_id", Id),
    _must("inspection_plan_id", Id),
    _must("quantity", BigInteger),
    _must("resubmission", Boolean),
    _must("status", Text),
    Column("mode", Text),
    Column("severity", Text),
    Column("seed", Text),  # of the sample list
    Column("verdict", Text),
    Column("decision", Text),
    Column("decision_reason", Text),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    _must("process_instance_id", Id),
    _must("created_at", Instant),
    UniqueConstraint("tenant_id", "inspection_number"),
    _refers("receipt_line", "receipt_line_id"),
    _refers("lot", "lot_id"),
    _refers("supplier", "supplier_id"),
    _refers("inspection_plan", "inspection_plan_id"),
    _one_of("status", ("open", "decided", "cancelled")),
    _one_of("decision", INSPECTION_DECISIONS),
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
    _tenant(),
    _key("inspection_lot_id", Id),
    _key("characteristic_number", SmallInteger),
    _must("basis", Text),  # "AQL 1.0, level II, normal, code letter F"
    Column("code_letter", Text),
    _must("sample_size", Integer),
    _must("acceptance_number", Integer),
    _must("rejection_number", Integer),
    _must("sample_units", Document),  # numbers of the units to take, from the seed
    _refers("inspection_lot", "inspection_lot_id"),
    CheckConstraint(
        "sample_size >= 0 AND acceptance_number >= 0 AND rejection_number > acceptance_number",
        name="plan",
    ),
    **COMPACT,
)

inspection_document = Table(
    "inspection_document",
    metadata,
    _tenant(),
    _key("inspection_lot_id", Id),
    _key("round", SmallInteger),  # 1 is the first document check
    _key("document_code", Text),
    _must("finding", Text),
    Column("reference", Text),
    Column("note", Text),
    _must("actor", Text),
    _must("checked_at", Instant),
    _refers("inspection_lot", "inspection_lot_id"),
    _one_of("finding", ("conforming", "missing", "wrong", "not_applicable")),
    **COMPACT,
)

retest = Table(  # the one retest that a laboratory error can justify
    "retest",
    metadata,
    _tenant(),
    _key("inspection_lot_id", Id),
    _key("characteristic_number", SmallInteger),
    _must("reason", Text),
    _must("actor", Text),
    _must("authorised_at", Instant),
    _refers("inspection_sampling", "inspection_lot_id", "characteristic_number"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

characteristic_result = Table(
    "characteristic_result",
    metadata,
    _tenant(),
    _key("inspection_lot_id", Id),
    _key("characteristic_number", SmallInteger),
    _key("attempt", SmallInteger),  # 1 the original, 2 the retest
    _key("sample_number", Integer),
    Column("unit_reference", Text),  # container, box, serial number
    Column("value", Exact),
    _must("defects", Integer),
    _must("conforming", Boolean),
    Column("instrument_id", Id),
    Column("note", Text),
    _must("actor", Text),
    _must("performed_at", Instant),
    _refers("inspection_sampling", "inspection_lot_id", "characteristic_number"),
    _refers("instrument", "instrument_id"),
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
    _tenant(),
    _key("file_hash", Text),
    _must("kind", Text),
    _must("name", Text),
    _must("records_read", Integer),
    _must("records_accepted", Integer),
    _must("records_unchanged", Integer),
    _must("records_refused", Integer),
    _must("complete", Boolean),
    _must("changed_at", Instant),
)

import_problem = Table(
    "import_problem",
    metadata,
    _tenant(),
    _key("file_hash", Text),
    _key("record_number", Integer),
    _must("record_key", Text),
    _must("reason_en", Text),
    _must("reason_zh", Text),
    _refers("import_file", "file_hash"),
    **COMPACT,
)

APPEND_ONLY = [
    "stock_movement",
    "hold",
    "hold_release",
    "supplier_event",
    "receipt",
    "receipt_line",
    "serial_unit",
    "calibration",
    "inspection_plan",
    "inspection_characteristic",
    "inspection_sampling",
    "inspection_document",
    "retest",
    "characteristic_result",
]
"""Tables on which the database itself refuses UPDATE and DELETE (engine/store/guards.py)."""
