"""A changed product is not shipped to a market before its authority has approved the change.

A gate stands on an item, or on one revision of it, and a market; lots of the revision before go on.
Whoever ships asks `require_open` for each line.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from engine.services import ServiceContext
from processes.ledger import items, words
from processes.ledger.changes.affected import Affected
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import change_order, market_gate
from processes.ledger.refusals import LedgerRefusal

_PLACE = insert(market_gate)
_OF_CHANGE = (
    select(market_gate)
    .where(market_gate.c.tenant_id == bindparam("tenant_id"))
    .where(market_gate.c.change_id == bindparam("change_id"))
    .where(market_gate.c.lifted_at.is_(None))
)
_CLOSED = (
    select(change_order.c.change_number, market_gate.c.reason)
    .join(
        change_order,
        (change_order.c.tenant_id == market_gate.c.tenant_id)
        & (change_order.c.change_id == market_gate.c.change_id),
    )
    .where(market_gate.c.tenant_id == bindparam("tenant_id"))
    .where(market_gate.c.item_id == bindparam("item_id"))
    .where(market_gate.c.market == bindparam("market"))
    .where(market_gate.c.lifted_at.is_(None))
    .where(
        or_(
            market_gate.c.item_revision.is_(None),
            market_gate.c.item_revision == bindparam("item_revision"),
        )
    )
    .limit(1)
)
_LIFT = (
    update(market_gate)
    .where(market_gate.c.tenant_id == bindparam("key_tenant_id"))
    .where(market_gate.c.market_gate_id == bindparam("key_market_gate_id"))
    .values(
        lifted_at=bindparam("lifted_at"),
        lifted_by=bindparam("lifted_by"),
        lifted_because=bindparam("lifted_because"),
    )
)


class MarketClosed(LedgerRefusal):
    """The authority of this market has not approved the change of this product yet."""

    def __init__(self, item_number: str, market: str, change_number: str) -> None:
        where = words.said("market", market)
        super().__init__(
            f"{item_number} as changed by {change_number} may not be shipped to {where.en} before "
            "its authority approves. Ship a lot of the revision before, or ask regulatory affairs.",
            f"经 {change_number} 变更的 {item_number} 在{where.zh}主管部门批准前不得发往该市场。"
            "请改发旧版本批次，或联系法规事务。",
            expected="approved",
            found=market,
        )


def place(
    context: ServiceContext, change: Change, objects: Iterable[Affected], markets: Iterable[str]
) -> int:
    """Close markets to the items of a change; give how many gates that took.

    Where the change makes a new revision, only lots of that revision are stopped.
    """
    touched: dict[str, str | None] = {}
    for each in objects:
        if each.kind == "item_revision":
            code = [f.new for f in each.fields if f.field == "revision"]
            touched[each.key] = str(code[0]) if code else None
        elif each.kind in ("item", "bill_of_materials"):
            touched.setdefault(each.key, None)
    placed = 0
    for market in markets:
        for number, revision in touched.items():
            _place(context, change, number, revision, market)
            placed += 1
    return placed


def _place(
    context: ServiceContext, change: Change, number: str, revision: str | None, market: str
) -> None:
    row = {
        "tenant_id": context.tenant_id,
        "market_gate_id": context.new_id(),
        "change_id": change.change_id,
        "item_id": items.by_number(context.db, context.tenant_id, number).item_id,
        "market": market,
        "item_revision": revision,
        "reason": change.title,
        "placed_at": context.now,
        "placed_by": context.actor.username,
        "lifted_at": None,
        "lifted_by": None,
        "lifted_because": None,
    }
    context.db.execute(_PLACE, row)
    context.record(
        {
            "event": "market.closed",
            "change": change.number,
            "item": number,
            "revision": revision,
            "market": market,
        }
    )


def lift(context: ServiceContext, change: Change, market: str | None, because: str) -> int:
    """Open a market again, or with None every market that the change closed."""
    key = {"tenant_id": context.tenant_id, "change_id": change.change_id}
    lifted = 0
    for row in context.db.execute(_OF_CHANGE, key).all():
        if market not in (None, row.market):
            continue
        opened = {
            "key_tenant_id": context.tenant_id,
            "key_market_gate_id": row.market_gate_id,
            "lifted_at": context.now,
            "lifted_by": context.actor.username,
            "lifted_because": because,
        }
        context.db.execute(_LIFT, opened)
        context.record(
            {"event": "market.opened", "change": change.number, "market": row.market,
             "because": because}
        )  # fmt: skip
        lifted += 1
    return lifted


def require_open(
    db: Connection,
    tenant_id: str,
    *,
    item_id: UUID,
    item_number: str,
    item_revision: str,
    market: str,
) -> None:
    """Refuse to ship a lot of an item to a market that waits for its authority."""
    key = {
        "tenant_id": tenant_id,
        "item_id": item_id,
        "market": market,
        "item_revision": item_revision,
    }
    closed = db.execute(_CLOSED, key).first()
    if closed is not None:
        raise MarketClosed(item_number, market, closed.change_number)
