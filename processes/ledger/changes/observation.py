"""How long a change is observed before its effect is checked (CHG-70): so many lots, or so long.

How many lots and how long is the customer's to say, by class (`observation` of `change_rules`). A
lot counts once it was decided on: it has left quarantine, released or rejected. Where a change
brings a revision, lots of it count; any other change of an item counts the lots that began since.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select

from processes.ledger import items
from processes.ledger.changes.affected import Affected
from processes.ledger.changes.first_articles import BEGINNING
from processes.ledger.changes.old_stock import touched
from processes.ledger.tables import lot, stock_movement

_DECIDED = (
    select(func.count())
    .select_from(lot)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.item_id.in_(bindparam("item_ids", expanding=True)))
    .where(lot.c.origin.in_(BEGINNING))
    .where(lot.c.created_at >= bindparam("since"))
    .where(or_(bindparam("any_revision"), lot.c.item_revision == bindparam("revision")))
    .where(
        select(stock_movement.c.lot_id)
        .where(stock_movement.c.tenant_id == lot.c.tenant_id)
        .where(stock_movement.c.lot_id == lot.c.lot_id)
        .where(stock_movement.c.movement_type == "STAT")
        .where(stock_movement.c.from_status == "QUARANTINE")
        .exists()
    )
)


def lots_decided(
    db: Connection, tenant_id: str, objects: Iterable[Affected], since: datetime
) -> int:
    """Count the lots made the new way that were decided on since a moment."""
    total = 0
    for number, revision in touched(objects).items():
        key = {
            "tenant_id": tenant_id,
            "item_ids": items.same_items(db, tenant_id, number),
            "since": since,
            "any_revision": revision is None,
            "revision": revision or "",
        }
        total += db.execute(_DECIDED, key).scalar_one()
    return total
