"""Old before new: what a change wants used up is taken before what it brought (CC-04 `use_up`).

As long as usable stock of an older revision lies there, stock of the new one is taken only with a
reason (`ask`), or not at all (`refuse`); the customer says which in `change_rules.use_up`, or that
it is free. Usable is what is released, has not expired, and is not held. The question stays after
the change was closed: old stock may come back.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, bindparam, or_, select

from engine.services import ServiceContext
from processes.ledger import items, site_days
from processes.ledger.changes.tables import (
    affected_field,
    affected_object,
    change_order,
    effectivity,
)
from processes.ledger.lots import Lot
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import hold, hold_release, item_revision, lot, stock_balance

RULES, RULE = "change_rules", "use_up"
ASK, REFUSE, FREE = "ask", "refuse", "free"

_BROUGHT = (
    select(change_order.c.change_number, affected_field.c.new_value)
    .select_from(affected_object)
    .join(
        affected_field,
        (affected_field.c.tenant_id == affected_object.c.tenant_id)
        & (affected_field.c.change_id == affected_object.c.change_id)
        & (affected_field.c.object_number == affected_object.c.object_number)
        & (affected_field.c.field == "revision"),
    )
    .join(
        change_order,
        (change_order.c.tenant_id == affected_object.c.tenant_id)
        & (change_order.c.change_id == affected_object.c.change_id),
    )
    .join(
        effectivity,
        (effectivity.c.tenant_id == change_order.c.tenant_id)
        & (effectivity.c.change_id == change_order.c.change_id)
        & (effectivity.c.round == change_order.c.round),
    )
    .where(affected_object.c.tenant_id == bindparam("tenant_id"))
    .where(affected_object.c.object_kind == "item_revision")
    .where(affected_object.c.object_key.in_(bindparam("numbers", expanding=True)))
    .where(affected_object.c.state == "applied")
    .where(effectivity.c.kind == "use_up")
    .where(change_order.c.status.in_(("effective", "closed")))
    .order_by(change_order.c.change_number)
)
_OWN, _NEW = item_revision.alias("own"), item_revision.alias("new")
_OLDER = (
    select(_OWN.c.revision_code)
    .join(
        _NEW,
        (_NEW.c.tenant_id == _OWN.c.tenant_id)
        & or_(
            _OWN.c.effective_from < _NEW.c.effective_from,
            (_OWN.c.effective_from == _NEW.c.effective_from)
            & (_OWN.c.revision_code < _NEW.c.revision_code),
        ),
    )
    .where(_OWN.c.tenant_id == lot.c.tenant_id)
    .where(_OWN.c.item_id == lot.c.item_id)
    .where(_OWN.c.revision_code == lot.c.item_revision)
    .where(_NEW.c.item_id.in_(bindparam("item_ids", expanding=True)))
    .where(_NEW.c.revision_code == bindparam("revision"))
    .exists()
)
_LIES = (
    select(stock_balance.c.lot_id)
    .where(stock_balance.c.tenant_id == lot.c.tenant_id)
    .where(stock_balance.c.lot_id == lot.c.lot_id)
    .where(stock_balance.c.status == "RELEASED")
    .where(stock_balance.c.quantity > 0)
    .exists()
)
_HELD = (
    select(hold.c.hold_id)
    .outerjoin(
        hold_release,
        (hold_release.c.tenant_id == hold.c.tenant_id) & (hold_release.c.hold_id == hold.c.hold_id),
    )
    .where(hold.c.tenant_id == lot.c.tenant_id)
    .where(hold.c.lot_id == lot.c.lot_id)
    .where(hold_release.c.hold_id.is_(None))
    .exists()
)
_OLD_LOTS = (
    select(lot.c.lot_id, lot.c.lot_number)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.item_id.in_(bindparam("item_ids", expanding=True)))
    .where(_OLDER)
)
_USABLE = (
    _OLD_LOTS.where(_LIES)
    .where(~_HELD)
    .where(or_(lot.c.expiry.is_(None), lot.c.expiry >= bindparam("today")))
    .where(lot.c.lot_id.not_in(bindparam("leaving", expanding=True)))
    .order_by(lot.c.created_at, lot.c.lot_id)
    .limit(1)
)
_IS_OLD = _OLD_LOTS.where(lot.c.lot_id == bindparam("lot_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """A lot that goes before another one, and the change that wants it used up."""

    change_number: str
    lot_number: str


class OldFirst(LedgerRefusal):
    """Old stock that is to be used up goes first."""

    def __init__(self, about: Lot, first: First, *, asks: bool) -> None:
        en, zh = (
            ("Take it first, or write down why not.", "请先用该批，或填写不先用旧版本的原因。")
            if asks
            else ("Take it first.", "请先用该批。")
        )
        super().__init__(
            f"{first.change_number} has the old revision used up first, and lot {first.lot_number} "
            f"of it is there; lot {about.number} has revision {about.item_revision}. {en}",
            f"{first.change_number} 要求先用完旧版本，旧版本批次 {first.lot_number} 尚有库存；"
            f"批次 {about.number} 为版本 {about.item_revision}。{zh}",
            expected=first.lot_number,
            found=about.number,
        )


def require(
    context: ServiceContext, about: Lot, reason: str | None, *, leaving: Collection[UUID] = ()
) -> None:
    """Refuse a lot of the new revision while old stock is to be used up; a reason is enough where
    the customer's rule asks for one. Lots that are `leaving` with it are not waited for."""
    rule = rule_of(context)
    if rule not in (ASK, REFUSE) or (rule == ASK and (reason or "").strip()):
        return
    first = before(context, about, leaving=leaving)
    if first is not None:
        raise OldFirst(about, first, asks=rule == ASK)


def rule_of(context: ServiceContext) -> str:
    """Give what the customer's rule says about stock of a new revision: ask, refuse, free."""
    rule: str = context.configuration(RULES).get(RULE, {}).get("new_before_old", ASK)
    return rule


def before(context: ServiceContext, about: Lot, *, leaving: Collection[UUID] = ()) -> First | None:
    """Give the old lot that goes before a lot; None where there is none, or it is old itself."""
    for number, key in _wanted(context.db, context.tenant_id, about.item_number):
        if context.db.execute(_IS_OLD, {**key, "lot_id": about.lot_id}).first() is not None:
            continue
        known = {**key, "today": site_days.today(context), "leaving": list(leaving)}
        row = context.db.execute(_USABLE, known).first()
        if row is not None:
            return First(change_number=number, lot_number=row.lot_number)
    return None


def old_lots(db: Connection, tenant_id: str, item_number: str) -> dict[UUID, str]:
    """Give the lots of an item that a change wants used up, each with the change's number."""
    return {
        row.lot_id: number
        for number, key in _wanted(db, tenant_id, item_number)
        for row in db.execute(_OLD_LOTS.where(_LIES), key)
    }


def _wanted(
    db: Connection, tenant_id: str, item_number: str
) -> Sequence[tuple[str, dict[str, object]]]:
    numbers = items.same_numbers(db, tenant_id, item_number)
    brought = db.execute(_BROUGHT, {"tenant_id": tenant_id, "numbers": numbers}).all()
    if not brought:
        return []
    item_ids = items.same_items(db, tenant_id, item_number)
    return [
        (
            str(row.change_number),
            {"tenant_id": tenant_id, "item_ids": item_ids, "revision": str(row.new_value)},
        )
        for row in brought
    ]
