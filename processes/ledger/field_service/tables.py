"""Tables of field service: what is installed where, and every visit to it.

What a visit found and did is never changed; the state of an installed unit is its latest row.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document, Exact
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

KINDS = ("repair", "installation", "maintenance", "correction", "software", "decommission")
STATES = ("installed", "decommissioned")
STATUSES = ("open", "closed", "cancelled")
OUTCOMES = ("done", "again", "not_possible")
DIRECTIONS = ("in", "out")

service_order = Table(
    "service_order",
    metadata,
    tenant(),
    key("service_id", Id),
    must("service_number", Text),
    must("kind", Text),
    must("serial_unit_id", Id),  # the device, by its own number
    must("consignee", Text),  # where it stands, by number
    must("description", Text),
    must("is_complaint", Boolean),  # screened: does it say that the device is deficient?
    must("screening_reason", Text),
    Column("complaint_number", Text),
    must("source_kind", Text),  # person, recall, plan
    Column("source_number", Text),
    must("cycle", SmallInteger),
    Column("reopens", Text),
    must("status", Text),
    must("process_instance_id", Id),
    must("actor", Text),
    must("opened_at", Instant),
    Column("closed_at", Instant),
    must("revision", Integer),
    must("changed_at", Instant),
    UniqueConstraint("tenant_id", "service_number"),
    refers("serial_unit", "serial_unit_id"),
    one_of("kind", KINDS),
    one_of("status", STATUSES),
    CheckConstraint(
        "is_complaint = (complaint_number IS NOT NULL)", name="complaint"
    ),  # a complaint has its record; without one it is none
    CheckConstraint("length(trim(screening_reason)) > 0", name="screened"),
    CheckConstraint("cycle > 0", name="cycle"),
    Index("ix_service_order_unit", "tenant_id", "serial_unit_id"),
    Index("ix_service_order_source", "tenant_id", "source_kind", "source_number"),
)

service_visit = Table(
    "service_visit",
    metadata,
    tenant(),
    key("service_id", Id),
    key("visit", SmallInteger),
    must("scanned", Text),  # what was on the device, as it was read
    must("arrived_at", Instant),
    must("left_at", Instant),
    Column("revision_found", Text),
    Column("software_found", Text),
    Column("software_after", Text),
    must("safe_before", Boolean),
    Column("safety_finding", Text),
    must("safe_after", Boolean),
    must("work", Text),
    must("outcome", Text),
    Column("proof", Text),  # of a field correction: the number on the label, the file of the test
    must("photos", Document),
    must("test_data", Document),
    must("engineer", Text),
    must("recorded_at", Instant),
    refers("service_order", "service_id"),
    one_of("outcome", OUTCOMES),
    CheckConstraint("arrived_at <= left_at", name="period"),
    CheckConstraint("length(trim(work)) > 0", name="work"),
    CheckConstraint("safe_before OR length(trim(coalesce(safety_finding, ''))) > 0", name="safety"),
    **COMPACT,
)

service_acknowledgement = Table(  # the customer, by the printed name; the engineer is witness
    "service_acknowledgement",
    metadata,
    tenant(),
    key("service_id", Id),
    key("visit", SmallInteger),
    must("customer_name", Text),
    must("customer_role", Text),
    must("handwriting", Document),
    Column("refused_because", Text),
    must("signature_meaning", Text),
    must("actor", Text),
    must("acknowledged_at", Instant),
    refers("service_visit", "service_id", "visit"),
    CheckConstraint("length(trim(customer_name)) > 0", name="name"),
    **COMPACT,
)

service_part = Table(
    "service_part",
    metadata,
    tenant(),
    key("service_part_id", Id),
    must("service_id", Id),
    must("visit", SmallInteger),
    must("direction", Text),
    must("lot_id", Id),
    Column("serial_unit_id", Id),
    must("quantity", BigInteger),
    must("unit_code", Text),
    Column("defect", Text),  # of what came out
    Column("movement_id", Id),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("service_visit", "service_id", "visit"),
    refers("lot", "lot_id"),
    refers("serial_unit", "serial_unit_id"),
    refers("stock_movement", "movement_id"),
    one_of("direction", DIRECTIONS),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint(
        "(direction = 'in') = (movement_id IS NOT NULL)", name="booked"
    ),  # what goes in leaves our stock
    Index("ix_service_part_service", "tenant_id", "service_id"),
)

service_part_arrival = Table(  # a part that came out and is here: none of our stock
    "service_part_arrival",
    metadata,
    tenant(),
    key("service_part_id", Id),
    must("location", Text),
    must("condition", Text),
    must("decontaminated", Boolean),
    must("signature_meaning", Text),
    must("actor", Text),
    must("arrived_at", Instant),
    refers("service_part", "service_part_id"),
    CheckConstraint("length(trim(condition)) > 0", name="condition"),
    **COMPACT,
)

service_reading = Table(
    "service_reading",
    metadata,
    tenant(),
    key("service_id", Id),
    key("visit", SmallInteger),
    key("number", SmallInteger),
    must("characteristic", Text),
    must("value", Exact),
    must("unit", Text),
    Column("lower_limit", Exact),
    Column("upper_limit", Exact),
    must("within", Boolean),
    must("instrument_id", Id),
    must("performed_at", Instant),
    must("actor", Text),
    refers("service_visit", "service_id", "visit"),
    refers("instrument", "instrument_id"),
    CheckConstraint("length(trim(characteristic)) > 0", name="characteristic"),
    **COMPACT,
)

installed_state = Table(  # the latest row of a unit is what it is now
    "installed_state",
    metadata,
    tenant(),
    key("installed_state_id", Id),
    must("serial_unit_id", Id),
    must("consignee", Text),
    must("place", Text),
    Column("item_revision", Text),
    Column("software", Text),
    must("state", Text),
    must("service_number", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("serial_unit", "serial_unit_id"),
    one_of("state", STATES),
    Index("ix_installed_state_unit", "tenant_id", "serial_unit_id", "recorded_at"),
)

APPEND_ONLY = [
    "service_visit",
    "service_acknowledgement",
    "service_part",
    "service_part_arrival",
    "service_reading",
    "installed_state",
]
