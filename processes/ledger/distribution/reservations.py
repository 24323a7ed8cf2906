"""Reservations: what expires first goes first (INV-12), and nothing is promised twice."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Connection, and_, bindparam, cast, func, insert, or_, select

from engine.services import ServiceContext
from processes.ledger import balances, items, lots, status
from processes.ledger.balances import Place
from processes.ledger.changes import old_before_new
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import reservation, reservation_end
from processes.ledger.locations import PICKING_ZONES
from processes.ledger.movements import Document
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import location, lot, stock_balance

SALES_ORDER = "sales_order"
"""The document kind of what is kept for a customer's order."""
_INSERT = insert(reservation)
_END = insert(reservation_end)
_open = (
    select(
        reservation.c.tenant_id,
        reservation.c.lot_id,
        reservation.c.location_id,
        reservation.c.status,
        cast(func.sum(reservation.c.quantity), BigInteger).label("quantity"),
    )
    .outerjoin(
        reservation_end,
        and_(
            reservation_end.c.tenant_id == reservation.c.tenant_id,
            reservation_end.c.reservation_id == reservation.c.reservation_id,
        ),
    )
    .where(reservation.c.tenant_id == bindparam("tenant_id"))
    .where(reservation.c.reserved_until > bindparam("now"))
    .where(reservation_end.c.reservation_id.is_(None))
    .group_by(
        reservation.c.tenant_id,
        reservation.c.lot_id,
        reservation.c.location_id,
        reservation.c.status,
    )
    .subquery("open_reservations")
)
_AVAILABLE = (
    # Earliest expiry first, what has none last; then what came first (FEFO, then FIFO).
    select(
        lot.c.lot_id,
        lot.c.lot_number,
        lot.c.expiry,
        location.c.location_id,
        location.c.code,
        (stock_balance.c.quantity - func.coalesce(_open.c.quantity, 0)).label("available"),
    )
    .select_from(stock_balance)
    .join(
        lot,
        and_(lot.c.tenant_id == stock_balance.c.tenant_id, lot.c.lot_id == stock_balance.c.lot_id),
    )
    .join(
        location,
        and_(
            location.c.tenant_id == stock_balance.c.tenant_id,
            location.c.location_id == stock_balance.c.location_id,
        ),
    )
    .outerjoin(
        _open,
        and_(
            _open.c.lot_id == stock_balance.c.lot_id,
            _open.c.location_id == stock_balance.c.location_id,
            _open.c.status == stock_balance.c.status,
        ),
    )
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.item_id.in_(bindparam("same_items", expanding=True)))
    .where(stock_balance.c.status == "RELEASED")
    .where(location.c.zone.in_(sorted(PICKING_ZONES)))
    .where(location.c.site == bindparam("site"))
    .where(or_(lot.c.expiry.is_(None), lot.c.expiry >= bindparam("usable_until")))
    .where(stock_balance.c.quantity > func.coalesce(_open.c.quantity, 0))
    .order_by(
        func.coalesce(lot.c.expiry, date.max), lot.c.created_at, lot.c.lot_id, location.c.code
    )
    .with_for_update(of=stock_balance)
)
_EVER = (
    select(reservation.c.reservation_id)
    .where(reservation.c.tenant_id == bindparam("tenant_id"))
    .where(reservation.c.document_kind == bindparam("document_kind"))
    .where(reservation.c.document_id == bindparam("document_id"))
    .where(reservation.c.lot_id == bindparam("lot_id"))
    .limit(1)
)
_OPEN_OF = (
    select(reservation)
    .outerjoin(
        reservation_end,
        and_(
            reservation_end.c.tenant_id == reservation.c.tenant_id,
            reservation_end.c.reservation_id == reservation.c.reservation_id,
        ),
    )
    .where(reservation.c.tenant_id == bindparam("tenant_id"))
    .where(reservation.c.document_kind == bindparam("document_kind"))
    .where(reservation.c.document_id == bindparam("document_id"))
    .where(reservation_end.c.reservation_id.is_(None))
    .order_by(reservation.c.reservation_id)
)
_DAYS = re.compile(r"P(\d+)D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be reserved: a stored integer of an item, usable at least until a day.

    `lot_number` asks for a lot out of turn; `override_reason` then says why.
    """

    item_number: str
    site: str
    quantity: int
    usable_until: date
    lot_number: str | None = None
    override_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """Some of a lot at a place, kept for a document."""

    reservation_id: UUID
    lot_id: UUID
    lot_number: str
    place: Place
    location_code: str
    quantity: int


class OutOfTurn(LedgerRefusal):
    """INV-12: another lot expires first."""

    def __init__(self, wanted: str, first: str) -> None:
        super().__init__(
            f"Lot {first} expires before {wanted}. Take it first, or write down why not.",
            f"批次 {first} 的有效期早于 {wanted}，请先用 {first}，或填写不按先到期先出的原因。",
            expected=first,
            found=wanted,
        )


def reserve(context: ServiceContext, wanted: Wanted, document: Document) -> list[Reserved]:
    """Keep stock for a document, first what expires first; refused when there is too little."""
    found = items.by_number(context.db, context.tenant_id, wanted.item_number)
    if wanted.lot_number is not None:
        chosen = lots.by_number(context.db, context.tenant_id, wanted.lot_number)
        old_before_new.require(context, chosen, wanted.override_reason)
    rows, wanted = _old_first(context, _available(context, wanted, found.item_id), wanted)
    if wanted.lot_number is not None:
        rows = _in_that_lot(rows, wanted)
    there = sum(row.available for row in rows)
    if there < wanted.quantity:
        unit = items.stock_unit(context.db, context.tenant_id, found)
        raise balances.InsufficientStock(
            wanted.lot_number or found.number, "RELEASED", wanted.quantity, there, unit
        )
    taken: list[Reserved] = []
    left = wanted.quantity
    for row in rows:
        if left <= 0:
            break
        quantity = min(left, row.available)
        taken.append(_keep(context, row, quantity, wanted, document))
        left -= quantity
    return taken


def open_of(db: Connection, tenant_id: str, document: Document) -> list[AnyRow]:
    """List the open reservations of a document."""
    key = {"tenant_id": tenant_id, "document_kind": document.kind, "document_id": document.id}
    return list(db.execute(_OPEN_OF, key))


def was_kept(db: Connection, tenant_id: str, order_number: str, lot_id: UUID) -> bool:
    """Tell whether some of a lot is or was kept for an order of a customer."""
    about = {"document_kind": SALES_ORDER, "document_id": order_number, "lot_id": lot_id}
    return db.execute(_EVER, {"tenant_id": tenant_id, **about}).first() is not None


def end(context: ServiceContext, reservation_id: UUID, outcome: str) -> None:
    """End a reservation: used, expired or cancelled."""
    row = {
        "tenant_id": context.tenant_id,
        "reservation_id": reservation_id,
        "outcome": outcome,
        "actor": context.actor.username,
        "ended_at": context.now,
    }
    context.db.execute(_END, row)
    context.record(
        {"event": "reservation.ended", "reservation": str(reservation_id), "outcome": outcome}
    )


def _available(context: ServiceContext, wanted: Wanted, item_id: UUID) -> list[AnyRow]:
    """List what is free to be promised, in the order in which it has to go."""
    key = {
        "tenant_id": context.tenant_id,
        "same_items": items.same_item(context.db, context.tenant_id, item_id),
        "site": wanted.site,
        "usable_until": wanted.usable_until,
        "now": context.now,
    }
    return [
        row
        for row in context.db.execute(_AVAILABLE, key)
        if not status.open_holds(context.db, context.tenant_id, row.lot_id)
    ]


def _old_first(
    context: ServiceContext, rows: list[AnyRow], wanted: Wanted
) -> tuple[list[AnyRow], Wanted]:
    """Put what a change wants used up before what it brought; where that changes the order, the
    change is the reason on the record."""
    if old_before_new.rule_of(context) == old_before_new.FREE:
        return rows, wanted
    old = old_before_new.old_lots(context.db, context.tenant_id, wanted.item_number)
    ordered = sorted(rows, key=lambda row: row.lot_id not in old)
    if wanted.lot_number is not None or ordered == rows:
        return rows, wanted
    why = f"{old[ordered[0].lot_id]}: old revision first 先用旧版本"
    return ordered, replace(wanted, override_reason=wanted.override_reason or why)


def _in_that_lot(rows: list[AnyRow], wanted: Wanted) -> list[AnyRow]:
    chosen = [row for row in rows if row.lot_number == wanted.lot_number]
    if not chosen:
        raise NotInLedger("free stock of lot", "可用批次", wanted.lot_number)
    if rows[0].lot_number != wanted.lot_number and not (wanted.override_reason or "").strip():
        raise OutOfTurn(str(wanted.lot_number), rows[0].lot_number)
    return chosen


def _keep(
    context: ServiceContext, row: AnyRow, quantity: int, wanted: Wanted, document: Document
) -> Reserved:
    lasts = context.configuration("shipping_rules")["reservation_lasts"]
    matched = _DAYS.fullmatch(lasts)
    days = int(matched[1]) if matched else 1
    reservation_id = context.new_id()
    made = {
        "tenant_id": context.tenant_id,
        "reservation_id": reservation_id,
        "lot_id": row.lot_id,
        "location_id": row.location_id,
        "status": "RELEASED",
        "quantity": quantity,
        "document_kind": document.kind,
        "document_id": document.id,
        "usable_until": wanted.usable_until,
        "override_reason": wanted.override_reason,
        "reserved_until": context.now + timedelta(days=days),
        "actor": context.actor.username,
        "reserved_at": context.now,
    }
    context.db.execute(_INSERT, made)
    context.record(
        {
            "event": "stock.reserved",
            "reservation": str(reservation_id),
            "lot": row.lot_number,
            "location": row.code,
            "quantity": quantity,
            "document": f"{document.kind} {document.id}",
            "usable_until": wanted.usable_until.isoformat(),
            "override_reason": wanted.override_reason,
        }
    )
    return Reserved(
        reservation_id=reservation_id,
        lot_id=row.lot_id,
        lot_number=row.lot_number,
        place=Place(row.location_id, "RELEASED"),
        location_code=row.code,
        quantity=quantity,
    )
