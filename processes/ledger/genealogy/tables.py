"""Tables of the genealogy: every edge as it happened, and the net of them that traces walk over."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, Table, Text
from sqlalchemy import text as sql

from engine.store.base import Id, Instant, metadata
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

KINDS = (
    *("consume", "produce", "split", "merge", "rework", "repack", "relabel", "kit"),
    *("sterilise", "install", "replace"),
)
"""How one lot went into another. Along each of them a defect can travel."""

genealogy_edge = Table(
    "genealogy_edge",
    metadata,
    tenant(),
    key("edge_id", Id),
    must("kind", Text),
    must("from_lot_id", Id),
    must("to_lot_id", Id),
    Column("from_serial_id", Id),
    Column("to_serial_id", Id),
    must("quantity", BigInteger),  # of the from-lot, in its stock unit; below nothing: taken back
    must("unit_code", Text),
    Column("operation", Text),
    Column("movement_id", Id),  # the issue or transfer that the edge belongs to (INV-09)
    must("document_kind", Text),
    must("document_id", Text),
    Column("process_instance_id", Id),
    must("command_id", Id),
    must("actor", Text),
    must("recorded_at", Instant),
    ForeignKeyConstraint(
        ["tenant_id", "from_lot_id"],
        ["lot.tenant_id", "lot.lot_id"],
        name="fk_genealogy_edge_from_lot",
    ),
    ForeignKeyConstraint(
        ["tenant_id", "to_lot_id"], ["lot.tenant_id", "lot.lot_id"], name="fk_genealogy_edge_to_lot"
    ),
    ForeignKeyConstraint(
        ["tenant_id", "from_serial_id"],
        ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
        name="fk_genealogy_edge_from_serial",
    ),
    ForeignKeyConstraint(
        ["tenant_id", "to_serial_id"],
        ["serial_unit.tenant_id", "serial_unit.serial_unit_id"],
        name="fk_genealogy_edge_to_serial",
    ),
    refers("unit_of_measure", "unit_code"),
    refers("stock_movement", "movement_id"),
    one_of("kind", KINDS),
    CheckConstraint("quantity <> 0", name="quantity"),
    CheckConstraint("from_lot_id <> to_lot_id", name="lots"),
    CheckConstraint("length(document_kind) > 0 AND length(document_id) > 0", name="document"),
    Index("ix_genealogy_edge_from", "tenant_id", "from_lot_id"),
    Index("ix_genealogy_edge_to", "tenant_id", "to_lot_id"),
    Index("ix_genealogy_edge_document", "tenant_id", "document_kind", "document_id"),
)
for _end in ("from", "to"):
    _named = sql(f"{_end}_serial_id IS NOT NULL")
    Index(
        f"ix_genealogy_edge_{_end}_serial",
        genealogy_edge.c.tenant_id,
        genealogy_edge.c[f"{_end}_serial_id"],
        sqlite_where=_named,
        postgresql_where=_named,
    )

lot_link = Table(  # projection of genealogy_edge: a row while something of one lot is in the other
    "lot_link",
    metadata,
    tenant(),
    key("from_lot_id", Id),
    key("to_lot_id", Id),
    must("quantity", BigInteger),
    CheckConstraint("quantity > 0", name="quantity"),
    # The key answers "where did it go", this index "what went in": both hold all that a trace
    # reads, so a trace touches nothing but these two.
    Index("ix_lot_link_backward", "tenant_id", "to_lot_id", "from_lot_id"),
    **COMPACT,
)

hold_reach = Table(  # a hold with a row here lies over everything that the lot went into (INV-13)
    "hold_reach",
    metadata,
    tenant(),
    key("hold_id", Id),
    refers("hold", "hold_id"),
    **COMPACT,
)

APPEND_ONLY = ["genealogy_edge", "hold_reach"]
