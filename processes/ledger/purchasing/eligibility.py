"""What speaks for and against buying an item from a supplier: the facts that PR-03 judges."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.services import ServiceContext
from processes.ledger import site_days, suppliers
from processes.ledger.items import Item
from processes.ledger.nonconformity.tables import supplier_request
from processes.ledger.purchasing import certificates, rows
from processes.ledger.suppliers import Supplier, Supply

_CRITICAL = (
    select(supplier_request.c.supplier_request_id)
    .where(supplier_request.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_request.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_request.c.status == "open")
    .where(supplier_request.c.critical.is_(True))
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Supplier × item × site as it stands today.

    `supplier` is the worse of the supplier's status and that of its entry on the list; `entry` is
    "none", "valid", "expired" (within the days of grace) or "lapsed".
    """

    supplier: str
    entry: str
    certificates_missing: tuple[str, ...]
    agreement: str | None
    agreement_needed: bool
    rating: int | None
    valid_to: str | None

    def facts(self) -> dict[str, Any]:
        """Give it as the decision table and the snapshot of the order see it."""
        return {
            "supplier": self.supplier,
            "entry": self.entry,
            "certificates": "expired" if self.certificates_missing else "ok",
            "certificates_missing": list(self.certificates_missing),
            "agreement": "missing" if self.agreement_needed and self.agreement is None else "ok",
            "agreement_number": self.agreement,
            "rating": self.rating,
            "valid_to": self.valid_to,
        }


def of(context: ServiceContext, source: Supplier, item: Item, site: str) -> Eligibility:
    """Look up what is known of a supplier for an item and a site."""
    today = site_days.today(context, site)
    rules = rows.rules(context)
    db, tenant_id = context.db, context.tenant_id
    entry = suppliers.supply(db, tenant_id, source.supplier_id, item.item_id, site)
    missing = certificates.missing(
        db, tenant_id, source.supplier_id, certificates.required_for(rules, item), today
    )
    return Eligibility(
        supplier=_standing(source, entry),
        entry=_entry(entry, rules["approval_grace_days"], today),
        certificates_missing=tuple(missing),
        agreement=certificates.agreement_in_force(db, tenant_id, source.supplier_id, today),
        agreement_needed=item.criticality in rules["agreement_required"],
        rating=None if entry is None else entry.rating,
        valid_to=None if entry is None or entry.valid_to is None else entry.valid_to.isoformat(),
    )


def without_item(source: Supplier) -> Eligibility:
    """Give how a supplier stands for what is no item: nobody is listed for it."""
    return Eligibility(
        supplier=source.status,
        entry="none",
        certificates_missing=(),
        agreement=None,
        agreement_needed=False,
        rating=None,
        valid_to=None,
    )


def _standing(source: Supplier, entry: Supply | None) -> str:
    found = {source.status} | ({entry.status} if entry is not None else set())
    worst = ("blocked", "candidate", "conditional", "approved")
    return next(each for each in worst if each in found)


def _entry(entry: Supply | None, grace_days: int, today: date) -> str:
    if entry is None or entry.valid_from > today:
        return "none"
    if entry.in_force(today):
        return "valid"
    assert entry.valid_to is not None  # what is over has an end
    over = today - entry.valid_to
    return "expired" if over < timedelta(days=grace_days) else "lapsed"


def critical_request_open(db: Connection, tenant_id: str, supplier_id: UUID) -> bool:
    """Tell whether a supplier owes us the answer to a critical corrective action request."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id}
    return db.execute(_CRITICAL, key).first() is not None
