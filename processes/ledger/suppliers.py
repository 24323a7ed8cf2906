"""Suppliers, and the approved supplier list: who may deliver which item to which site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger import words
from processes.ledger.columns import AnyRow
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import approved_supply, supplier
from processes.ledger.words import Said

_SUPPLIERS = select(
    supplier.c.supplier_id,
    supplier.c.supplier_number,
    supplier.c.name_en,
    supplier.c.name_zh,
    supplier.c.country,
    supplier.c.status,
    supplier.c.revision,
).where(supplier.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _SUPPLIERS.where(supplier.c.supplier_id == bindparam("supplier_id"))
_BY_NUMBER = _SUPPLIERS.where(supplier.c.supplier_number == bindparam("supplier_number"))
_SUPPLY = (
    select(
        approved_supply.c.status,
        approved_supply.c.rating,
        approved_supply.c.valid_from,
        approved_supply.c.valid_to,
    )
    .where(approved_supply.c.tenant_id == bindparam("tenant_id"))
    .where(approved_supply.c.supplier_id == bindparam("supplier_id"))
    .where(approved_supply.c.item_id == bindparam("item_id"))
    .where(approved_supply.c.site == bindparam("site"))
)
_INSERT = insert(supplier)
_APPROVE = insert(approved_supply)
_SET_STATUS = (
    update(supplier)
    .where(supplier.c.tenant_id == bindparam("key_tenant_id"))
    .where(supplier.c.supplier_id == bindparam("key_supplier_id"))
    .values(
        status=bindparam("status"),
        revision=supplier.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """A supplier as it stands now."""

    supplier_id: UUID
    number: str
    names: Mapping[str, str]
    country: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """An entry of the approved supplier list."""

    status: str
    rating: int
    valid_from: date
    valid_to: date | None

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


NOT_LISTED = Said("not on the approved list", "不在合格供方名录中")


class NotApprovedToSupply(LedgerRefusal):
    """Goods come from an approved source or are not received (ISO 13485, 7.4.1)."""

    def __init__(self, source: Supplier, item_number: str, found: Said) -> None:
        super().__init__(
            f"{source.names['en']} is not approved to supply {item_number} ({found.en}). "
            "Set the delivery aside and inform purchasing.",
            f"{source.names['zh']} 未获批准供应 {item_number}（{found.zh}），"
            "请将到货单独存放并通知采购。",
            expected="approved",
            found=found.en,
        )


def find(db: Connection, tenant_id: str, supplier_id: UUID) -> Supplier:
    """Give a supplier by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("supplier", "供应商", supplier_id)
    return _read(row)


def by_number(db: Connection, tenant_id: str, number: str) -> Supplier:
    """Give a supplier by its number; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "supplier_number": number}
    row = db.execute(_BY_NUMBER, key).one_or_none()
    if row is None:
        raise NotInLedger("supplier", "供应商", number)
    return _read(row)


def every(db: Connection, tenant_id: str) -> list[Supplier]:
    """List all suppliers, by number."""
    found = [_read(row) for row in db.execute(_SUPPLIERS, {"tenant_id": tenant_id})]
    return sorted(found, key=lambda each: each.number)


def supply(
    db: Connection, tenant_id: str, supplier_id: UUID, item_id: UUID, site: str
) -> Supply | None:
    """Give the entry of the approved list for supplier, item and own site; None without one."""
    key = {
        "tenant_id": tenant_id,
        "supplier_id": supplier_id,
        "item_id": item_id,
        "site": site,
    }
    row = db.execute(_SUPPLY, key).one_or_none()
    if row is None:
        return None
    return Supply(status=row[0], rating=row[1], valid_from=row[2], valid_to=row[3])


def require_approved(
    db: Connection,
    tenant_id: str,
    source: Supplier,
    item_id: UUID,
    item_number: str,
    *,
    site: str,
    on: date,
) -> Supply:
    """Give the approval under which a supplier delivers; refused without one in force."""
    if source.status not in ("approved", "conditional"):
        raise NotApprovedToSupply(source, item_number, words.said("state", source.status))
    entry = supply(db, tenant_id, source.supplier_id, item_id, site)
    if entry is None:
        raise NotApprovedToSupply(source, item_number, NOT_LISTED)
    if entry.status == "blocked" or not entry.in_force(on):
        raise NotApprovedToSupply(source, item_number, _stands(entry))
    return entry


def _stands(entry: Supply) -> Said:
    """Say how an entry of the list stands that is not in force."""
    state = words.said("state", entry.status)
    if entry.valid_to is None:
        return Said(f"{state.en}, from {entry.valid_from}", f"{state.zh}，自 {entry.valid_from} 起")
    return Said(f"{state.en}, until {entry.valid_to}", f"{state.zh}，至 {entry.valid_to} 止")


def register(
    context: ServiceContext, number: str, names: Mapping[str, str], *, country: str, status: str
) -> UUID:
    """Add a supplier."""
    supplier_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "supplier_id": supplier_id,
        "supplier_number": number,
        "name_en": names["en"],
        "name_zh": names["zh"],
        "country": country,
        "status": status,
        "revision": 1,
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_INSERT, row)
    context.record({"event": "supplier.registered", "supplier": number, "status": status})
    return supplier_id


def approve(
    context: ServiceContext,
    source: Supplier,
    item_id: UUID,
    item_number: str,
    *,
    site: str,
    status: str = "approved",
    rating: int = 0,
    valid_from: date,
    valid_to: date | None = None,
) -> None:
    """Put a supplier on the approved list for an item and a site."""
    row = {
        "tenant_id": context.tenant_id,
        "supplier_id": source.supplier_id,
        "item_id": item_id,
        "site": site,
        "status": status,
        "rating": rating,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "revision": 1,
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_APPROVE, row)
    context.record(
        {
            "event": "supplier.approved_for_item",
            "supplier": source.number,
            "item": item_number,
            "site": site,
            "status": status,
            "rating": rating,
            "valid_to": None if valid_to is None else valid_to.isoformat(),
        }
    )


def set_status(context: ServiceContext, source: Supplier, status: str, reason: str) -> None:
    """Change a supplier's status, with the reason on the record."""
    key = {
        "key_tenant_id": context.tenant_id,
        "key_supplier_id": source.supplier_id,
        "status": status,
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_SET_STATUS, key)
    context.record(
        {
            "event": "supplier.status_changed",
            "supplier": source.number,
            "status": {"old": source.status, "new": status},
            "reason": reason,
        }
    )


def _read(row: AnyRow) -> Supplier:
    return Supplier(
        supplier_id=row.supplier_id,
        number=row.supplier_number,
        names={"en": row.name_en, "zh": row.name_zh},
        country=row.country,
        status=row.status,
    )
