"""What becomes of stock made the old way when a change comes into force (CC-04).

`immediate`, `rework` and `scrap` hold what lies of the affected items, with the change as reason;
the other ways of cutting over leave old stock where it is. At the cut-in each lot is said to be
held, used up or disposed of; the latter is a nonconformity's to decide and book, and its end lifts
the change's hold too.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from sqlalchemy import Connection, bindparam, or_, select

from engine.services import ServiceContext
from processes.ledger import balances, holds, items, lots
from processes.ledger.changes.affected import Affected
from processes.ledger.changes.implementation import Effectivity
from processes.ledger.changes.orders import Change
from processes.ledger.columns import AnyRow
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.quantities import NotAQuantity, amount_of, scaled
from processes.ledger.refusals import LedgerRefusal, listed
from processes.ledger.tables import hold, hold_release, item_revision, lot, stock_balance

DOCUMENT_KIND = "change_control"
HOLDING = ("immediate", "rework", "scrap")
"""The ways of cutting over by which nothing old is used before somebody disposed of it."""
_OF_AN_ITEM = ("item", "item_revision", "bill_of_materials", "inspection_plan")

_LYING = (
    select(lot.c.lot_id, lot.c.lot_number, lot.c.item_revision)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.item_id.in_(bindparam("item_ids", expanding=True)))
    .where(
        select(stock_balance.c.lot_id)
        .where(stock_balance.c.tenant_id == lot.c.tenant_id)
        .where(stock_balance.c.lot_id == lot.c.lot_id)
        .where(stock_balance.c.quantity > 0)
        .exists()
    )
    .order_by(lot.c.lot_number)
)
_OWN, _MINE = item_revision.alias("own"), item_revision.alias("mine")
_HAS_A_LATER_ONE = (
    select(_OWN.c.revision_code)
    .join(
        _MINE,
        (_MINE.c.tenant_id == _OWN.c.tenant_id)
        & or_(
            _OWN.c.effective_from > _MINE.c.effective_from,
            (_OWN.c.effective_from == _MINE.c.effective_from)
            & (_OWN.c.revision_code > _MINE.c.revision_code),
        ),
    )
    .where(_OWN.c.tenant_id == lot.c.tenant_id)
    .where(_OWN.c.item_id == lot.c.item_id)
    .where(_OWN.c.revision_code == lot.c.item_revision)
    .where(_MINE.c.item_id.in_(bindparam("item_ids", expanding=True)))
    .where(_MINE.c.revision_code == bindparam("revision"))
    .exists()
)
_OF_OLD_REVISION = _LYING.where(lot.c.item_revision != bindparam("revision")).where(
    ~_HAS_A_LATER_ONE  # what a later change has brought is no old stock of this one
)
_SOME_OF_OLD_REVISION = _OF_OLD_REVISION.limit(bindparam("limit"))
DISPOSED = ("rework", "scrap", "return")
"""What a nonconformity decides and books, under the signatures that it asks for."""
_WORDS = {
    "hold": "keep held 保持冻结",
    "rework": "rework 返工",
    "scrap": "scrap 报废",
    "use_up": "use up 用完",
    "return": "return 退货",
}

_HELD = (
    select(hold.c.lot_id)
    .where(hold.c.tenant_id == bindparam("tenant_id"))
    .where(hold.c.document_kind == DOCUMENT_KIND)
    .where(hold.c.document_id == bindparam("number"))
)
_STILL_HELD = (
    select(lot.c.lot_id, lot.c.lot_number)
    .join(hold, (hold.c.tenant_id == lot.c.tenant_id) & (hold.c.lot_id == lot.c.lot_id))
    .outerjoin(
        hold_release,
        (hold_release.c.tenant_id == hold.c.tenant_id) & (hold_release.c.hold_id == hold.c.hold_id),
    )
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(hold.c.document_kind == DOCUMENT_KIND)
    .where(hold.c.document_id == bindparam("number"))
    .where(hold_release.c.hold_id.is_(None))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """What is done with some of a lot of old stock; `quantity` as typed, in the stock unit."""

    lot_number: str
    quantity: str
    treatment: str


class NotOldStock(LedgerRefusal):
    """A change cuts over stock of what it changes."""

    def __init__(self, about: Lot) -> None:
        super().__init__(
            f"Lot {about.number} is of item {about.item_number}, which this change does not touch. "
            "Correct the lot number.",
            f"批次 {about.number} 属于物料 {about.item_number}，本变更不涉及该物料，请更正批号。",
            found=about.number,
        )


class MoreThanLies(LedgerRefusal):
    """No more is cut over than lies here."""

    def __init__(self, about: Lot, wanted: int, there: int) -> None:
        want, have = amount_of(wanted, about.unit), amount_of(there, about.unit)
        super().__init__(
            f"{have} {about.unit.names['en']} of lot {about.number} are in stock, not {want}. "
            "Correct the quantity.",
            f"批次 {about.number} 现存 {have} {about.unit.names['zh']}，不足 {want}，请更正数量。",
            expected=str(have),
            found=str(want),
        )


class HeldByChange(LedgerRefusal):
    """What a change holds is not used up."""

    def __init__(self, number: str, lot_number: str) -> None:
        super().__init__(
            f"{number} holds lot {lot_number}: it cannot be used up. Leave it held, or have it "
            "reworked, scrapped or returned.",
            f"批次 {lot_number} 已由 {number} 冻结，不得用完；请保持冻结，或返工、报废、退货。",
            expected="hold, rework, scrap, return",
            found="use_up",
        )


class OldStockLeft(LedgerRefusal):
    """Of every lot that a change holds it is said what becomes of it."""

    def __init__(self, number: str, lot_numbers: Sequence[str]) -> None:
        super().__init__(
            f"{number} holds {listed(lot_numbers)}. Say for each lot what becomes of it.",
            f"{number} 已冻结批次 {listed(lot_numbers)}，请逐批填写处理方式。",
            expected=listed(lot_numbers),
        )


def lying(db: Connection, tenant_id: str, objects: Iterable[Affected]) -> list[AnyRow]:
    """List the lots in stock that were made before a change of these objects, by lot number.

    Where the revision changes, what has the new one already, or a later one, is not old; any other
    change of an item is not seen in its lots, and all of them are.
    """
    found: dict[str, AnyRow] = {}
    for number, new in touched(objects).items():
        item_ids = items.same_items(db, tenant_id, number)
        key = {"tenant_id": tenant_id, "item_ids": item_ids}
        rows = (
            db.execute(_LYING, key)
            if new is None
            else db.execute(_OF_OLD_REVISION, {**key, "revision": new})
        )
        found.update({row.lot_number: row for row in rows})
    return [found[number] for number in sorted(found)]


def of_old_revisions(
    db: Connection, tenant_id: str, objects: Iterable[Affected], limit: int = 20
) -> list[str] | None:
    """List some lots in stock at a revision before the one that a change brings, by number.

    At most `limit` for each item; None where no revision changes, so that no lot tells old from
    new.
    """
    revised = {number: new for number, new in touched(objects).items() if new is not None}
    if not revised:
        return None
    found: list[str] = []
    for number, new in sorted(revised.items()):
        key = {
            "tenant_id": tenant_id,
            "item_ids": items.same_items(db, tenant_id, number),
            "revision": new,
            "limit": limit,
        }
        found += [row.lot_number for row in db.execute(_SOME_OF_OLD_REVISION, key)]
    return found


def hold_old(
    context: ServiceContext, change: Change, planned: Effectivity, objects: Iterable[Affected]
) -> list[str]:
    """Hold old stock where the plan wants it disposed of; give the numbers of the lots held.

    What this change held before is not held again.
    """
    if planned.kind not in HOLDING:
        return []
    key = {"tenant_id": context.tenant_id, "number": change.number}
    held = set(context.db.execute(_HELD, key).scalars())
    old = [row for row in lying(context.db, context.tenant_id, objects) if row.lot_id not in held]
    _hold(context, change, [row.lot_id for row in old])
    return [row.lot_number for row in old]


def treat(
    context: ServiceContext, change: Change, objects: Iterable[Affected], rows: Sequence[Treated]
) -> list[dict[str, str]]:
    """Keep what is done with old stock at the cut-in, and hold what may not be used.

    Refused: a lot of another item, more than lies here, use of what the change holds, and a lot
    that it holds without a word about it. Gives what a nonconformity is to dispose of, lot by lot:
    `lot_number`, `item_number`, `description`.
    """
    mine = {
        item_id
        for number in touched(objects)
        for item_id in items.same_items(context.db, context.tenant_id, number)
    }
    held = _still_held(context, change)
    gathered: dict[str, list[Treated]] = {}
    for row in rows:
        gathered.setdefault(row.lot_number, []).append(row)
    treated = [_check(context, change, parts, mine, held) for parts in gathered.values()]
    if left := sorted(set(held.values()) - {each.number for each in treated}):
        raise OldStockLeft(change.number, left)
    kept = {each.number: {part.treatment for part in gathered[each.number]} for each in treated}
    stopped = [
        each.lot_id
        for each in treated
        if each.lot_id not in held and kept[each.number] - {"use_up"}
    ]
    _hold(context, change, stopped)
    said = [
        {"lot": row.lot_number, "quantity": row.quantity, "treatment": row.treatment}
        for row in rows
    ]
    context.record({"event": "change.old_stock_treated", "change": change.number, "lots": said})
    return [
        {
            "lot_number": each.number,
            "item_number": each.item_number,
            "description": f"{change.number}: {_said(gathered[each.number])}",
        }
        for each in treated
        if kept[each.number] & set(DISPOSED)
    ]


def _said(parts: Sequence[Treated]) -> str:
    return ", ".join(f"{_WORDS[part.treatment]} {part.quantity}" for part in parts)


def _still_held(context: ServiceContext, change: Change) -> dict[UUID, str]:
    key = {"tenant_id": context.tenant_id, "number": change.number}
    return {row.lot_id: row.lot_number for row in context.db.execute(_STILL_HELD, key)}


def _check(
    context: ServiceContext,
    change: Change,
    parts: Sequence[Treated],
    mine: set[UUID],
    held: Collection[UUID],
) -> Lot:
    about = lots.by_number(context.db, context.tenant_id, parts[0].lot_number)
    if about.item_id not in mine:
        raise NotOldStock(about)
    wanted = sum(scaled(_quantity(part.quantity), about.unit) for part in parts)
    lies = balances.of_lot(context.db, context.tenant_id, about.lot_id)
    there = sum(each.quantity for each in lies)
    if wanted > there:
        raise MoreThanLies(about, wanted, there)
    if about.lot_id in held and any(part.treatment == "use_up" for part in parts):
        raise HeldByChange(change.number, about.number)
    return about


def _quantity(typed: str) -> Decimal:
    try:
        return Decimal(typed)
    except InvalidOperation as broken:
        raise NotAQuantity(typed) from broken


def _hold(context: ServiceContext, change: Change, lot_ids: Sequence[UUID]) -> None:
    holds.place_many(
        context,
        lot_ids,
        reason=f"{change.number}: {change.title}"[:400],
        owner_role="QA",
        document=Document(DOCUMENT_KIND, change.number),
    )


def touched(objects: Iterable[Affected]) -> dict[str, str | None]:
    """Give the items that are touched, each with its new revision; None where it keeps its own."""
    found: dict[str, str | None] = {}
    for each in objects:
        if each.kind in _OF_AN_ITEM:
            found.setdefault(each.key, None)
        for part in each.fields:
            if (each.kind, part.field) == ("item_revision", "revision"):
                found[each.key] = str(part.new)
    return found
