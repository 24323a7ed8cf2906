"""Which open work orders make or use what a change touches: their papers are issued anew."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, or_, select

from processes.ledger import items
from processes.ledger.production.tables import bom_line, work_order
from processes.ledger.tables import item

_OPEN = (
    select(work_order.c.work_order_number, item.c.item_number, work_order.c.item_revision)
    .join(
        item,
        (item.c.tenant_id == work_order.c.tenant_id) & (item.c.item_id == work_order.c.item_id),
    )
    .where(work_order.c.tenant_id == bindparam("tenant_id"))
    .where(work_order.c.status == "released")
    .where(
        or_(
            work_order.c.item_id.in_(bindparam("item_ids", expanding=True)),
            select(bom_line.c.bom_id)
            .where(bom_line.c.tenant_id == work_order.c.tenant_id)
            .where(bom_line.c.bom_id == work_order.c.bom_id)
            .where(bom_line.c.component_item_id.in_(bindparam("item_ids", expanding=True)))
            .exists(),
        )
    )
    .order_by(work_order.c.work_order_number)
)


def using(db: Connection, tenant_id: str, item_numbers: Iterable[str]) -> list[str]:
    """List open work orders that make or use these items: number, item and revision of each."""
    ids = [each for number in item_numbers for each in items.same_items(db, tenant_id, number)]
    if not ids:
        return []
    rows = db.execute(_OPEN, {"tenant_id": tenant_id, "item_ids": ids})
    return [f"{row.work_order_number} ({row.item_number} {row.item_revision})" for row in rows]
