"""Edges: so much of one lot went into another. Written once; a return is an edge of less."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Connection, bindparam, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow
from processes.ledger.genealogy.tables import genealogy_edge, lot_link
from processes.ledger.movements import Document
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import stock_movement

_INSERT = insert(genealogy_edge)
_new = insert_or(lot_link)
_LINK = _new.on_conflict_do_update(  # the same words in SQLite and PostgreSQL
    index_elements=["tenant_id", "from_lot_id", "to_lot_id"],
    set_={"quantity": lot_link.c.quantity + _new.excluded.quantity},
)
_PAIR = (
    (lot_link.c.tenant_id == bindparam("key_tenant_id"))
    & (lot_link.c.from_lot_id == bindparam("key_from_lot_id"))
    & (lot_link.c.to_lot_id == bindparam("key_to_lot_id"))
)
_LESS = (
    update(lot_link)
    .where(_PAIR)
    .where(lot_link.c.quantity > bindparam("less"))
    .values(quantity=lot_link.c.quantity - bindparam("less"))
)
_GONE = delete(lot_link).where(_PAIR).where(lot_link.c.quantity == bindparam("less"))
_OF_LOT = (
    select(genealogy_edge)
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(
        (genealogy_edge.c.from_lot_id == bindparam("lot_id"))
        | (genealogy_edge.c.to_lot_id == bindparam("lot_id"))
    )
    .order_by(genealogy_edge.c.edge_id)
)
_KEPT = select(lot_link.c.from_lot_id, lot_link.c.to_lot_id, lot_link.c.quantity).where(
    lot_link.c.tenant_id == bindparam("tenant_id")
)
_SUMMED = (
    select(
        genealogy_edge.c.from_lot_id,
        genealogy_edge.c.to_lot_id,
        cast(func.sum(genealogy_edge.c.quantity), BigInteger),
    )
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .group_by(genealogy_edge.c.from_lot_id, genealogy_edge.c.to_lot_id)
    .having(func.sum(genealogy_edge.c.quantity) != 0)
)
_of_movement = (
    select(
        genealogy_edge.c.movement_id,
        cast(func.sum(genealogy_edge.c.quantity), BigInteger).label("quantity"),
    )
    .where(genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    .where(genealogy_edge.c.movement_id.is_not(None))
    .group_by(genealogy_edge.c.movement_id)
    .subquery("of_movement")
)
_WITHOUT_EDGE = (
    select(
        stock_movement.c.movement_id,
        stock_movement.c.movement_type,
        stock_movement.c.quantity,
        func.coalesce(_of_movement.c.quantity, 0).label("edges"),
    )
    .outerjoin(_of_movement, _of_movement.c.movement_id == stock_movement.c.movement_id)
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.movement_type.in_(("ISS", "RET")))
    .where(func.abs(func.coalesce(_of_movement.c.quantity, 0)) != stock_movement.c.quantity)
    .order_by(stock_movement.c.movement_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """So much of one lot went into another; below nothing, so much was taken back out.

    `quantity` is a stored integer in the stock unit of the from-lot. Serial units are named where
    both or one of the lots have them.
    """

    kind: str
    from_lot_id: UUID
    to_lot_id: UUID
    quantity: int
    unit_code: str
    document: Document
    from_serial_id: UUID | None = None
    to_serial_id: UUID | None = None
    movement_id: UUID | None = None
    operation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkDifference:
    """A link that is not the sum of its edges."""

    from_lot_id: UUID
    to_lot_id: UUID
    kept: int
    summed: int


class NotInThere(LedgerRefusal):
    """Nothing is taken back that did not go in."""

    def __init__(self, wanted: int) -> None:
        super().__init__(
            "More would be taken back than went in. Count again, or take back less.",
            "退回数量超过投入数量，请重新清点或减少退回数量。",
            found=str(wanted),
        )


def add(context: ServiceContext, edge: Edge) -> UUID:
    """Record an edge; give its id. Refused when more is taken back than went in."""
    edge_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "edge_id": edge_id,
        "kind": edge.kind,
        "from_lot_id": edge.from_lot_id,
        "to_lot_id": edge.to_lot_id,
        "from_serial_id": edge.from_serial_id,
        "to_serial_id": edge.to_serial_id,
        "quantity": edge.quantity,
        "unit_code": edge.unit_code,
        "operation": edge.operation,
        "movement_id": edge.movement_id,
        "document_kind": edge.document.kind,
        "document_id": edge.document.id,
        "process_instance_id": context.process_instance_id,
        "command_id": context.command_id,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT, row)
    _link(context, edge)
    context.record(
        {
            "event": "genealogy.edge_added",
            "edge": str(edge_id),
            "kind": edge.kind,
            "from_lot": str(edge.from_lot_id),
            "to_lot": str(edge.to_lot_id),
            "quantity": edge.quantity,
            "unit": edge.unit_code,
            "document": f"{edge.document.kind} {edge.document.id}",
        }
    )
    return edge_id


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[AnyRow]:
    """List the edges into and out of a lot, oldest first."""
    return list(db.execute(_OF_LOT, {"tenant_id": tenant_id, "lot_id": lot_id}))


def link_differences(db: Connection, tenant_id: str) -> list[LinkDifference]:
    """Compare every link with the sum of its edges; empty when the book is right."""
    key = {"tenant_id": tenant_id}
    kept, summed = _by_pair(db.execute(_KEPT, key)), _by_pair(db.execute(_SUMMED, key))
    return [
        LinkDifference(from_lot_id=pair[0], to_lot_id=pair[1], kept=found, summed=right)
        for pair in sorted(kept.keys() | summed.keys())
        if (found := kept.get(pair, 0)) != (right := summed.get(pair, 0))
    ]


def movements_without_edges(db: Connection, tenant_id: str) -> list[AnyRow]:
    """List issues and returns whose edges do not add up to them (INV-09); empty when right."""
    return list(db.execute(_WITHOUT_EDGE, {"tenant_id": tenant_id}))


def _link(context: ServiceContext, edge: Edge) -> None:
    if edge.quantity > 0:
        row = {
            "tenant_id": context.tenant_id,
            "from_lot_id": edge.from_lot_id,
            "to_lot_id": edge.to_lot_id,
            "quantity": edge.quantity,
        }
        context.db.execute(_LINK, row)
        return
    key = {
        "key_tenant_id": context.tenant_id,
        "key_from_lot_id": edge.from_lot_id,
        "key_to_lot_id": edge.to_lot_id,
        "less": -edge.quantity,
    }
    for statement in (_LESS, _GONE):
        if context.db.execute(statement, key).rowcount == 1:
            return
    raise NotInThere(-edge.quantity)


def _by_pair(rows: Iterable[Any]) -> dict[tuple[UUID, UUID], int]:
    return {(row[0], row[1]): row[2] for row in rows}
