"""Tables of distribution: registrations, consignees, containers, reservations, shipments.

A shipment line is the sales record that the GMP of China asks for (Art. 117): each field of it is
NOT NULL and not blank, and copied, so that it still says what was true on the day of the sale.
"""

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
)

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

CONSIGNEE_KINDS = ("distributor", "hospital", "clinic", "pharmacy", "service", "own", "patient")
LICENCE_KINDS = ("operating_licence", "filing", "medical_institution", "foreign", "exempt")
"""经营许可证, 经营备案, 医疗机构执业许可, a licence of another country, none needed."""
SALES_RECORD = (
    *("device_name", "specification", "model", "lot_number", "udi", "use_by"),
    *("buyer_name", "buyer_address", "buyer_contact"),
)
"""The texts of Art. 117; quantity and sales date are the others."""
ENDINGS = ("used", "expired", "cancelled")
CONTAINER_KINDS = ("case", "tote", "pallet")
CONTAINER_STATES = ("here", "left", "unknown")
"""With us; shipped; packed before places were kept, so that nothing is claimed of it."""
CONTAINER_EVENTS = ("made", "packed", "unpacked", "moved", "put_inside", "left", "declared")
"""`declared` is content written down before it was compared with what lies at a place."""

registration = Table(  # where an item may be sold, under which number, until when
    "registration",
    metadata,
    tenant(),
    key("registration_id", Id),
    must("item_id", Id),
    must("market", Text),  # CN, US, EU, …
    must("registration_number", Text),  # 注册证号, 备案号, 510(k), certificate
    must("holder", Text),
    Column("agent", Text),
    Column("requirement", Text),  # product technical requirement and its version
    Column("models", Document),  # those covered; none: all
    Column("expected_life", Text),  # what stands for the expiry of a device that has none
    must("valid_from", Date),
    Column("valid_to", Date),
    must("actor", Text),
    must("recorded_at", Instant),
    UniqueConstraint("tenant_id", "item_id", "market", "registration_number", "valid_from"),
    refers("item", "item_id"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid"),
    CheckConstraint("length(trim(market)) > 0", name="market"),
    CheckConstraint("length(trim(registration_number)) > 0", name="number"),
)

registration_end = Table(  # withdrawn or suspended before its day
    "registration_end",
    metadata,
    tenant(),
    key("registration_id", Id),
    must("ended_on", Date),
    must("reason", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("registration", "registration_id"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

consignee = Table(
    "consignee",
    metadata,
    tenant(),
    key("consignee_id", Id),
    must("consignee_number", Text),
    must("name", Text),  # the legal name
    must("kind", Text),
    must("country", Text),
    must("market", Text),
    must("region", Text),
    must("address", Text),
    must("contact", Text),
    must("language", Text),  # of notices: a BCP 47 tag (zh, en, de-AT)
    must("recall_contact", Text),
    Column("recall_email", Text),
    Column("recall_phone", Text),
    must("tier", SmallInteger),  # 1 buys from us, 2 from one of tier 1, …
    Column("parent_id", Id),  # whom one of a lower tier buys from
    must("active", Boolean),
    must("revision", Integer),
    must("changed_at", Instant),
    Column("changed_by", Id),
    UniqueConstraint("tenant_id", "consignee_number"),
    ForeignKeyConstraint(
        ["tenant_id", "parent_id"],
        ["consignee.tenant_id", "consignee.consignee_id"],
        name="fk_consignee_parent",
    ),
    one_of("kind", CONSIGNEE_KINDS),
    CheckConstraint("tier > 0 AND (tier = 1 OR parent_id IS NOT NULL)", name="tier"),
    CheckConstraint("length(language) BETWEEN 2 AND 35", name="language"),  # a BCP 47 tag
    CheckConstraint(
        "recall_email IS NOT NULL OR recall_phone IS NOT NULL", name="reachable_in_a_recall"
    ),
)

consignee_licence = Table(
    "consignee_licence",
    metadata,
    tenant(),
    key("consignee_id", Id),
    key("kind", Text),
    key("licence_number", Text),
    key("valid_from", Date),
    Column("valid_to", Date),
    Column("scope", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("consignee", "consignee_id"),
    one_of("kind", LICENCE_KINDS),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid"),
    **COMPACT,
)

container = Table(  # a logistic unit: case, tote, pallet; where it is says container_state
    "container",
    metadata,
    tenant(),
    key("container_id", Id),
    must("sscc", Text),
    Column("parent_id", Id),  # what it was packed into at first
    must("actor", Text),
    must("packed_at", Instant),
    Column("kind", Text, nullable=False, server_default="case"),
    UniqueConstraint("tenant_id", "sscc"),
    ForeignKeyConstraint(
        ["tenant_id", "parent_id"],
        ["container.tenant_id", "container.container_id"],
        name="fk_container_parent",
    ),
    CheckConstraint("length(sscc) = 18 AND ltrim(sscc, '0123456789') = ''", name="sscc"),
    one_of("kind", CONTAINER_KINDS),
)

container_state = Table(  # projection of container_event: where it is, and in which other one
    "container_state",
    metadata,
    tenant(),
    key("container_id", Id),
    must("state", Text),
    Column("location_id", Id),
    Column("parent_id", Id),
    refers("container", "container_id"),
    refers("location", "location_id"),
    ForeignKeyConstraint(
        ["tenant_id", "parent_id"],
        ["container.tenant_id", "container.container_id"],
        name="fk_container_state_parent",
    ),
    one_of("state", CONTAINER_STATES),
    CheckConstraint("(state = 'here') = (location_id IS NOT NULL)", name="somewhere"),
    CheckConstraint("parent_id IS NULL OR parent_id <> container_id", name="parent"),
    Index("ix_container_state_location", "tenant_id", "location_id"),
    Index("ix_container_state_parent", "tenant_id", "parent_id"),
    **COMPACT,
)

container_stock = Table(  # projection of container_event and of changes of status: what is in it
    "container_stock",
    metadata,
    tenant(),
    key("container_id", Id),
    key("lot_id", Id),
    key("status", Text),
    must("quantity", BigInteger),  # units of a lot with serial numbers: serial_position says which
    refers("container", "container_id"),
    refers("lot", "lot_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("ix_container_stock_lot", "tenant_id", "lot_id"),
    **COMPACT,
)

container_event = Table(  # what was done with a container
    "container_event",
    metadata,
    tenant(),
    key("container_event_id", Id),
    must("container_id", Id),
    must("kind", Text),
    Column("lot_id", Id),
    Column("serial_unit_id", Id),
    Column("quantity", BigInteger),
    Column("package_level_id", Id),  # as it was counted: each, case
    Column("location_id", Id),
    Column("parent_id", Id),
    must("document_kind", Text),
    must("document_id", Text),
    Column("reason", Text),
    Column("process_instance_id", Id),
    must("command_id", Id),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("container", "container_id"),
    refers("lot", "lot_id"),
    refers("serial_unit", "serial_unit_id"),
    refers("package_level", "package_level_id"),
    refers("location", "location_id"),
    one_of("kind", CONTAINER_EVENTS),
    CheckConstraint("(lot_id IS NULL) = (quantity IS NULL)", name="content"),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("ix_container_event_container", "tenant_id", "container_id"),
    Index("ix_container_event_lot", "tenant_id", "lot_id"),
)

reservation = Table(
    "reservation",
    metadata,
    tenant(),
    key("reservation_id", Id),
    must("lot_id", Id),
    must("location_id", Id),
    must("status", Text),
    must("quantity", BigInteger),
    must("document_kind", Text),
    must("document_id", Text),
    must("usable_until", Date),  # what expires before it was no choice (INV-12)
    Column("override_reason", Text),  # why not the lot that expires first (INV-12)
    must("reserved_until", Instant),
    must("actor", Text),
    must("reserved_at", Instant),
    refers("lot", "lot_id"),
    refers("location_status", "location_id", "status"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("status IN ('RELEASED', 'RELEASED_CONDITIONAL')", name="released"),
    Index("ix_reservation_lot", "tenant_id", "lot_id"),
    Index("ix_reservation_document", "tenant_id", "document_kind", "document_id"),
)

reservation_end = Table(  # a reservation without a row here is open until its time is over
    "reservation_end",
    metadata,
    tenant(),
    key("reservation_id", Id),
    must("outcome", Text),
    must("actor", Text),
    must("ended_at", Instant),
    refers("reservation", "reservation_id"),
    one_of("outcome", ENDINGS),
    **COMPACT,
)

shipment = Table(
    "shipment",
    metadata,
    tenant(),
    key("shipment_id", Id),
    must("shipment_number", Text),
    must("consignee_id", Id),
    must("market", Text),
    must("site", Text),
    must("order_number", Text),
    Column("carrier", Text),
    Column("seal", Text),
    Column("logger", Text),
    must("actor", Text),
    must("shipped_at", Instant),
    Column("process_instance_id", Id),
    must("command_id", Id),
    UniqueConstraint("tenant_id", "shipment_number"),
    refers("consignee", "consignee_id"),
    Index("ix_shipment_consignee", "tenant_id", "consignee_id"),
)

shipment_line = Table(
    "shipment_line",
    metadata,
    tenant(),
    key("shipment_line_id", Id),
    must("shipment_id", Id),
    must("line", Integer),
    must("lot_id", Id),
    Column("serial_unit_id", Id),
    Column("container_id", Id),
    must("movement_id", Id),
    must("package_level_id", Id),
    must("quantity", BigInteger),
    must("unit_code", Text),
    # The sales record (Art. 117), as it was on the day.
    must("device_name", Text),
    must("specification", Text),
    must("model", Text),
    must("lot_number", Text),
    Column("serial_number", Text),
    must("udi", Text),
    must("use_by", Text),
    must("sold_on", Date),
    must("buyer_name", Text),
    must("buyer_address", Text),
    must("buyer_contact", Text),
    must("registration_number", Text),
    UniqueConstraint("tenant_id", "shipment_id", "line"),
    UniqueConstraint("tenant_id", "movement_id"),
    refers("shipment", "shipment_id"),
    refers("lot", "lot_id"),
    refers("serial_unit", "serial_unit_id"),
    refers("container", "container_id"),
    refers("stock_movement", "movement_id"),
    refers("package_level", "package_level_id"),
    refers("unit_of_measure", "unit_code"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("(serial_unit_id IS NULL) = (serial_number IS NULL)", name="serial"),
    *(CheckConstraint(f"length(trim({name})) > 0", name=name) for name in SALES_RECORD),
    Index("ix_shipment_line_lot", "tenant_id", "lot_id"),
)

shipment_return = Table(  # what came back of a line
    "shipment_return",
    metadata,
    tenant(),
    key("movement_id", Id),
    must("shipment_line_id", Id),
    must("quantity", BigInteger),
    must("reason", Text),
    must("actor", Text),
    must("returned_at", Instant),
    refers("stock_movement", "movement_id"),
    refers("shipment_line", "shipment_line_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    Index("ix_shipment_return_line", "tenant_id", "shipment_line_id"),
    **COMPACT,
)

shipment_delivery = Table(  # proof that a shipment arrived; one without is on its way
    "shipment_delivery",
    metadata,
    tenant(),
    key("shipment_id", Id),
    must("received_by", Text),
    must("proof", Text),
    must("delivered_at", Instant),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("shipment", "shipment_id"),
    CheckConstraint("length(trim(received_by)) > 0", name="received_by"),
    CheckConstraint("length(trim(proof)) > 0", name="proof"),
    **COMPACT,
)

APPEND_ONLY = [
    "registration",
    "registration_end",
    "consignee_licence",
    "container",
    "container_event",
    "reservation",
    "reservation_end",
    "shipment",
    "shipment_line",
    "shipment_return",
    "shipment_delivery",
]
