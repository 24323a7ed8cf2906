"""The approved supplier list kept up (supplier × item × site): made, renewed, taken back.

suppliers.py reads the list; here it is changed, after a qualification and, its rating, by the score
of each month.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select, update

from engine.services import ServiceContext
from processes.ledger import site_days, suppliers
from processes.ledger.items import Item
from processes.ledger.suppliers import Supplier
from processes.ledger.tables import approved_supply, item, supplier

_KEY = (
    (approved_supply.c.tenant_id == bindparam("key_tenant_id"))
    & (approved_supply.c.supplier_id == bindparam("key_supplier_id"))
    & (approved_supply.c.item_id == bindparam("key_item_id"))
    & (approved_supply.c.site == bindparam("key_site"))
)
_RENEW = (
    update(approved_supply)
    .where(_KEY)
    .values(
        status=bindparam("status"),
        rating=bindparam("rating"),
        valid_from=bindparam("valid_from"),
        valid_to=bindparam("valid_to"),
        revision=approved_supply.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_SET_STATUS = (
    update(approved_supply)
    .where(_KEY)
    .values(
        status=bindparam("status"),
        revision=approved_supply.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_RATED = (
    select(
        approved_supply.c.item_id,
        approved_supply.c.site,
        approved_supply.c.rating,
        item.c.item_number,
    )
    .join(
        item,
        and_(
            item.c.tenant_id == approved_supply.c.tenant_id,
            item.c.item_id == approved_supply.c.item_id,
        ),
    )
    .where(approved_supply.c.tenant_id == bindparam("tenant_id"))
    .where(approved_supply.c.supplier_id == bindparam("supplier_id"))
    .where(approved_supply.c.rating != bindparam("rating"))
    .order_by(item.c.item_number, approved_supply.c.site)
)
_RATE = (
    update(approved_supply)
    .where(_KEY)
    .values(
        rating=bindparam("rating"),
        revision=approved_supply.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_ITEMS_OF = (
    select(item.c.item_number)
    .join(
        approved_supply,
        and_(
            approved_supply.c.tenant_id == item.c.tenant_id,
            approved_supply.c.item_id == item.c.item_id,
        ),
    )
    .where(approved_supply.c.tenant_id == bindparam("tenant_id"))
    .where(approved_supply.c.supplier_id == bindparam("supplier_id"))
    .order_by(item.c.item_number)
    .distinct()
)
_SOURCES = (
    select(supplier.c.supplier_number)
    .join(
        approved_supply,
        and_(
            approved_supply.c.tenant_id == supplier.c.tenant_id,
            approved_supply.c.supplier_id == supplier.c.supplier_id,
        ),
    )
    .where(approved_supply.c.tenant_id == bindparam("tenant_id"))
    .where(approved_supply.c.item_id == bindparam("item_id"))
    .where(approved_supply.c.site == bindparam("site"))
    .where(approved_supply.c.status != "blocked")
    .where(supplier.c.status.in_(("approved", "conditional")))
    .order_by(supplier.c.supplier_number)
)


def enter(
    context: ServiceContext,
    source: Supplier,
    bought: Item,
    *,
    site: str,
    status: str,
    rating: int,
    valid_to: date | None,
) -> None:
    """Put a supplier on the list for an item and a site from today, or renew its entry."""
    today = site_days.today(context, site)
    known = suppliers.supply(
        context.db, context.tenant_id, source.supplier_id, bought.item_id, site
    )
    if known is None:
        suppliers.approve(
            context,
            source,
            bought.item_id,
            bought.number,
            site=site,
            status=status,
            rating=rating,
            valid_from=today,
            valid_to=valid_to,
        )
        return
    key = {
        **_key(context, source, bought, site),
        "status": status,
        "rating": rating,
        "valid_from": min(known.valid_from, today),
        "valid_to": valid_to,
    }
    context.db.execute(_RENEW, key)
    event = {
        "event": "supplier.approval_renewed",
        "supplier": source.number,
        "item": bought.number,
        "site": site,
        "status": {"old": known.status, "new": status},
    }
    context.record({**event, "valid_to": None if valid_to is None else valid_to.isoformat()})


def rate(context: ServiceContext, source: Supplier, rating: int, why: str) -> None:
    """Give all entries of a supplier the rating of its newest score; inspection asks it (IQ-01)."""
    asked = {"tenant_id": context.tenant_id, "supplier_id": source.supplier_id, "rating": rating}
    for row in context.db.execute(_RATED, asked).all():
        key = {
            "key_tenant_id": context.tenant_id,
            "key_supplier_id": source.supplier_id,
            "key_item_id": row.item_id,
            "key_site": row.site,
            "rating": rating,
            "changed_at": context.now,
            "changed_by": context.actor.account_id,
        }
        context.db.execute(_RATE, key)
        event = {
            "event": "supplier.rated",
            "supplier": source.number,
            "item": row.item_number,
            "site": row.site,
            "rating": {"old": row.rating, "new": rating},
        }
        context.record({**event, "reason": why})


def take_back(
    context: ServiceContext, source: Supplier, bought: Item, *, site: str, reason: str
) -> None:
    """Block an entry of the list: nothing of the item is bought there any more."""
    key = {**_key(context, source, bought, site), "status": "blocked"}
    if context.db.execute(_SET_STATUS, key).rowcount != 1:
        raise suppliers.NotApprovedToSupply(source, bought.number, suppliers.NOT_LISTED)
    event = {"event": "supplier.approval_withdrawn", "supplier": source.number}
    context.record({**event, "item": bought.number, "site": site, "reason": reason})


def items_of(db: Connection, tenant_id: str, supplier_id: UUID) -> list[str]:
    """List the numbers of the items that a supplier is on the list for."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id}
    return list(db.execute(_ITEMS_OF, key).scalars())


def sources_of(db: Connection, tenant_id: str, item_id: UUID, site: str) -> list[str]:
    """List the numbers of the suppliers that may deliver an item to a site."""
    key = {"tenant_id": tenant_id, "item_id": item_id, "site": site}
    return list(db.execute(_SOURCES, key).scalars())


def _key(context: ServiceContext, source: Supplier, bought: Item, site: str) -> dict[str, object]:
    return {
        "key_tenant_id": context.tenant_id,
        "key_supplier_id": source.supplier_id,
        "key_item_id": bought.item_id,
        "key_site": site,
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
