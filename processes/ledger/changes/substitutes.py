"""A substitute that no bill of material knows: issued under a deviation, for so long and so many.

A temporary change or planned deviation may say that its item goes in instead of another one
(`instead_of`). As long as it is in force, a work order whose bill has that other one takes the
substitute, counted against the same need; each issue is booked against the limits of the deviation
like everything else that is temporary (`temporary.use`), and the movement of its edge names it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.services import ServiceContext
from processes.ledger import items
from processes.ledger.changes import temporary
from processes.ledger.changes.tables import change_order, temporary_authorisation, temporary_use
from processes.ledger.columns import AnyRow
from processes.ledger.genealogy.tables import genealogy_edge
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.production.boms import Bom, BomLine
from processes.ledger.production.tables import bom_line, work_order
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import item, lot
from processes.ledger.units import Unit

_MEANT = (
    select(
        temporary_authorisation.c.item_number,
        temporary_authorisation.c.instead_of,
        temporary_authorisation.c.lots,
        change_order.c.change_number,
    )
    .join(
        change_order,
        (change_order.c.tenant_id == temporary_authorisation.c.tenant_id)
        & (change_order.c.change_id == temporary_authorisation.c.change_id),
    )
    .where(temporary_authorisation.c.tenant_id == bindparam("tenant_id"))
    .where(temporary_authorisation.c.instead_of.is_not(None))
    .order_by(change_order.c.change_number)
)
_IN_FORCE = _MEANT.where(temporary_authorisation.c.ended_at.is_(None)).where(
    temporary_authorisation.c.valid_until > bindparam("at")
)
_USED = (
    _MEANT.join(
        temporary_use,
        (temporary_use.c.tenant_id == temporary_authorisation.c.tenant_id)
        & (temporary_use.c.change_id == temporary_authorisation.c.change_id)
        & (temporary_use.c.renewal == temporary_authorisation.c.renewal),
    )
    .where(temporary_use.c.document_kind == bindparam("document_kind"))
    .where(temporary_use.c.document_id == bindparam("document_id"))
)

_OF_LOT = (
    _MEANT.join(
        temporary_use,
        (temporary_use.c.tenant_id == temporary_authorisation.c.tenant_id)
        & (temporary_use.c.change_id == temporary_authorisation.c.change_id)
        & (temporary_use.c.renewal == temporary_authorisation.c.renewal),
    )
    .add_columns(temporary_use.c.document_id, temporary_use.c.quantity)
    .where(temporary_use.c.lot_number == bindparam("lot_number"))
)


_LINKS = (
    # What was issued, lot into lot, among some lots. Either end would do for the reader; both keep
    # it to the few pairs that are shown.
    (genealogy_edge.c.tenant_id == bindparam("tenant_id"))
    & (genealogy_edge.c.kind == "consume")
    & genealogy_edge.c.from_lot_id.in_(bindparam("lot_ids", expanding=True))
    & genealogy_edge.c.to_lot_id.in_(bindparam("others", expanding=True))
)
_UNDER = (
    _MEANT.join(
        temporary_use,
        (temporary_use.c.tenant_id == temporary_authorisation.c.tenant_id)
        & (temporary_use.c.change_id == temporary_authorisation.c.change_id)
        & (temporary_use.c.renewal == temporary_authorisation.c.renewal),
    )
    .join(
        lot,
        (lot.c.tenant_id == temporary_use.c.tenant_id)
        & (lot.c.lot_number == temporary_use.c.lot_number),
    )
    .join(
        genealogy_edge,
        (genealogy_edge.c.tenant_id == lot.c.tenant_id)
        & (genealogy_edge.c.from_lot_id == lot.c.lot_id)
        & (genealogy_edge.c.document_kind == temporary_use.c.document_kind)
        & (genealogy_edge.c.document_id == temporary_use.c.document_id),
    )
    .where(_LINKS)
    .add_columns(genealogy_edge.c.from_lot_id, genealogy_edge.c.to_lot_id)
)
_LINE, _FIRST = bom_line.alias("line"), bom_line.alias("first")
_BY_BILL = (
    # Of the lines of a set the first is what the bill means; the others may stand in for it.
    select(genealogy_edge.c.from_lot_id, genealogy_edge.c.to_lot_id, item.c.item_number)
    .join(
        lot,
        (lot.c.tenant_id == genealogy_edge.c.tenant_id)
        & (lot.c.lot_id == genealogy_edge.c.from_lot_id),
    )
    .join(
        work_order,
        (work_order.c.tenant_id == genealogy_edge.c.tenant_id)
        & (work_order.c.work_order_number == genealogy_edge.c.document_id),
    )
    .join(
        _LINE,
        (_LINE.c.tenant_id == work_order.c.tenant_id)
        & (_LINE.c.bom_id == work_order.c.bom_id)
        & (_LINE.c.component_item_id == lot.c.item_id),
    )
    .join(
        _FIRST,
        (_FIRST.c.tenant_id == _LINE.c.tenant_id)
        & (_FIRST.c.bom_id == _LINE.c.bom_id)
        & (_FIRST.c.substitute_set == _LINE.c.substitute_set)
        & (_FIRST.c.line < _LINE.c.line),
    )
    .join(
        item,
        (item.c.tenant_id == _FIRST.c.tenant_id) & (item.c.item_id == _FIRST.c.component_item_id),
    )
    .where(_LINKS)
    .where(genealogy_edge.c.document_kind == "work_order")
    .order_by(_FIRST.c.line)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoodIn:
    """What a lot went in for: the item that the bill has, and the deviation; none where the bill
    itself lets it stand in."""

    item_number: str
    change_number: str | None


class CountedInAnotherUnit(LedgerRefusal):
    """A substitute is counted against the need of what it replaces: both in the same unit."""

    def __init__(self, item_number: str, instead_of: str, unit: Unit) -> None:
        super().__init__(
            f"{item_number} is not counted in {unit.names['en']} as {instead_of} is, so it cannot "
            "go in instead. Choose another substitute, or change the bill of material.",
            f"{instead_of} 的库存单位为“{unit.names['zh']}”，{item_number} 与其不同，不能临时替代。"
            "请另选替代物料，或变更物料清单。",
            expected=unit.code,
            found=item_number,
        )


def require_fit(context: ServiceContext, item_number: str, instead_of: str) -> None:
    """Refuse a substitute that is counted in another unit than what it replaces."""
    meant = items.by_number(context.db, context.tenant_id, item_number)
    replaced = items.by_number(context.db, context.tenant_id, instead_of)
    if meant.unit_code != replaced.unit_code:
        unit = items.stock_unit(context.db, context.tenant_id, replaced)
        raise CountedInAnotherUnit(item_number, instead_of, unit)


def widened(
    db: Connection,
    tenant_id: str,
    bill: Bom,
    document: Document,
    *,
    at: datetime | None = None,
    used: Lot | None = None,
) -> Bom:
    """Give a bill with the substitutes that were issued for a document, and where `at` is given
    with those that may be issued at that moment, first by what names the lot that is `used`.

    Each stands beside the line that it goes in for and counts against the same need; its line says
    `under` which deviation.
    """
    asked = {"tenant_id": tenant_id}
    about = {**asked, "document_kind": document.kind, "document_id": document.id}
    rows: list[AnyRow] = []
    if at is not None:
        rows += sorted(db.execute(_IN_FORCE, {**asked, "at": at}), key=lambda r: _other(r, used))
    rows += db.execute(_USED, about)
    return replace(bill, lines=(*bill.lines, *_standing_in(db, tenant_id, bill, rows)))


def _other(row: AnyRow, used: Lot | None) -> bool:
    return used is None or not {used.number, used.supplier_lot} & set(row.lots)


def _standing_in(
    db: Connection, tenant_id: str, bill: Bom, rows: Iterable[AnyRow]
) -> list[BomLine]:
    found: dict[str, BomLine] = {}
    for row in rows:
        replaced = set(items.same_items(db, tenant_id, row.instead_of))
        line = next((each for each in bill.lines if each.item_id in replaced), None)
        if line is None or row.item_number in found:
            continue
        meant = items.by_number(db, tenant_id, row.item_number)
        found[row.item_number] = replace(
            line,
            item_id=meant.item_id,
            item_number=meant.number,
            has_serials=meant.has_serials,
            substitute_set=line.substitute_set or f"line {line.line}",
            under=row.change_number,
        )
    return list(found.values())


def used_for(db: Connection, tenant_id: str, lot_number: str) -> list[AnyRow]:
    """List what a lot went in for that no bill has it for: `change_number`, `instead_of`,
    `document_id` (the work order), `quantity`."""
    return list(db.execute(_OF_LOT, {"tenant_id": tenant_id, "lot_number": lot_number}))


def stood_in(
    db: Connection, tenant_id: str, lot_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], StoodIn]:
    """Say of these lots which of them is in which other one instead of what the bill has."""
    key = {"tenant_id": tenant_id, "lot_ids": list(lot_ids), "others": list(lot_ids)}
    found: dict[tuple[UUID, UUID], StoodIn] = {}
    for row in db.execute(_BY_BILL, key):
        meant = StoodIn(item_number=row.item_number, change_number=None)
        found.setdefault((row.from_lot_id, row.to_lot_id), meant)
    for row in db.execute(_UNDER, key):
        found[(row.from_lot_id, row.to_lot_id)] = StoodIn(
            item_number=row.instead_of, change_number=row.change_number
        )
    return found


def book(
    context: ServiceContext, line: BomLine, used: Lot, quantity: int, document: Document
) -> str | None:
    """Book an issue against the deviation that its line stands under, and give what its movement
    says of it; None where the bill itself has the item.

    Refused as `temporary.use` refuses: beyond lots, quantity and time.
    """
    if line.under is None:
        return None
    temporary.use(context, line.under, used, quantity, document)
    return f"{line.under}: {used.item_number}"
