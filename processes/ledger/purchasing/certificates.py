"""Certificates of suppliers: which kinds are shown, what for, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow
from processes.ledger.items import Item
from processes.ledger.purchasing import rows
from processes.ledger.purchasing.tables import quality_agreement, supplier_certificate
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.suppliers import Supplier

_OF_SUPPLIER = (
    select(supplier_certificate)
    .where(supplier_certificate.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_certificate.c.supplier_id == bindparam("supplier_id"))
    .order_by(supplier_certificate.c.kind, supplier_certificate.c.valid_to.desc())
)
_AGREEMENT = (
    select(quality_agreement.c.agreement_number)
    .where(quality_agreement.c.tenant_id == bindparam("tenant_id"))
    .where(quality_agreement.c.supplier_id == bindparam("supplier_id"))
    .where(quality_agreement.c.valid_from <= bindparam("on"))
    .where(quality_agreement.c.valid_to >= bindparam("on"))
    .order_by(quality_agreement.c.valid_to.desc())
    .limit(1)
)
_AGREEMENT_NUMBER = (
    select(quality_agreement.c.quality_agreement_id)
    .where(quality_agreement.c.tenant_id == bindparam("tenant_id"))
    .where(quality_agreement.c.agreement_number == bindparam("agreement_number"))
)
_INSERT = insert(supplier_certificate)
_INSERT_AGREEMENT = insert(quality_agreement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as the supplier showed it."""

    kind: str
    number: str
    scope: str
    body: str
    valid_from: date
    valid_to: date
    file_hash: str | None = None

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on <= self.valid_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A quality agreement; `terms` are the contents that China's GMP Art. 116 lists."""

    number: str
    terms: Mapping[str, str]
    signed_for_supplier: str
    signed_for_us: str
    valid_from: date
    valid_to: date


class AgreementTaken(LedgerRefusal):
    """A quality agreement has its own number; a renewed one gets another."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"There is a quality agreement {number} already. Give the new one another number.",
            f"质量协议 {number} 已存在，请为新协议使用其他编号。",
            found=number,
        )


def register(context: ServiceContext, source: Supplier, new: Certificate) -> None:
    """Add a certificate; one that is renewed is another one."""
    row = {
        **rows.stamped(context, "recorded_at"),
        "supplier_certificate_id": context.new_id(),
        "supplier_id": source.supplier_id,
        "kind": new.kind,
        "certificate_number": new.number,
        "scope": new.scope,
        "body": new.body,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "file_hash": new.file_hash,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "supplier.certificate_registered", "supplier": source.number}
    context.record({**event, "kind": new.kind, "number": new.number, "valid_to": str(new.valid_to)})


def register_agreement(context: ServiceContext, source: Supplier, new: Agreement) -> None:
    """Add a quality agreement that both parties signed."""
    key = {"tenant_id": context.tenant_id, "agreement_number": new.number}
    if context.db.execute(_AGREEMENT_NUMBER, key).first() is not None:
        raise AgreementTaken(new.number)
    row = {
        **rows.stamped(context, "recorded_at"),
        "quality_agreement_id": context.new_id(),
        "supplier_id": source.supplier_id,
        "agreement_number": new.number,
        "terms": dict(new.terms),
        "signed_for_supplier": new.signed_for_supplier,
        "signed_for_us": new.signed_for_us,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
    }
    context.db.execute(_INSERT_AGREEMENT, row)
    event = {"event": "supplier.agreement_registered", "supplier": source.number}
    context.record({**event, "agreement": new.number, "valid_to": str(new.valid_to)})


def newest(db: Connection, tenant_id: str, supplier_id: UUID) -> list[Certificate]:
    """List the certificate of each kind that is valid longest."""
    found: dict[str, Certificate] = {}
    for row in db.execute(_OF_SUPPLIER, {"tenant_id": tenant_id, "supplier_id": supplier_id}):
        found.setdefault(row.kind, _read(row))
    return list(found.values())


def missing(
    db: Connection,
    tenant_id: str,
    supplier_id: UUID,
    required: Sequence[Sequence[str]],
    on: date,
) -> list[str]:
    """List what is required and not in force: of each list of kinds, one is enough."""
    valid = {each.kind for each in newest(db, tenant_id, supplier_id) if each.in_force(on)}
    return ["/".join(kinds) for kinds in required if valid.isdisjoint(kinds)]


def required_for(rules: Mapping[str, Any], item: Item) -> list[list[str]]:
    """Give what a supplier of an item must show, by its criticality and by its type."""
    asked = rules["certificates_required"]
    return [
        *asked["by_criticality"].get(item.criticality, []),
        *asked["by_item_type"].get(item.item_type, []),
    ]


def expiring(
    db: Connection, tenant_id: str, supplier_id: UUID, on: date, warn_days: Sequence[int]
) -> list[dict[str, Any]]:
    """List certificates that end within the longest of `warn_days`, with the warning they reached.

    `warning` is the smallest of `warn_days` that the rest of the validity fits in; 0 is expired.
    """
    listed = []
    for each in newest(db, tenant_id, supplier_id):
        left = each.valid_to - on
        reached = [days for days in sorted(warn_days) if left <= timedelta(days=days)]
        if reached:
            listed.append(
                {
                    "kind": each.kind,
                    "number": each.number,
                    "valid_to": each.valid_to.isoformat(),
                    "warning": 0 if left < timedelta(0) else reached[0],
                }
            )
    return listed


def agreement_in_force(db: Connection, tenant_id: str, supplier_id: UUID, on: date) -> str | None:
    """Give the number of the quality agreement in force on a day; None without one."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id, "on": on}
    number: str | None = db.execute(_AGREEMENT, key).scalar_one_or_none()
    return number


def _read(row: AnyRow) -> Certificate:
    return Certificate(
        kind=row.kind,
        number=row.certificate_number,
        scope=row.scope,
        body=row.body,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        file_hash=row.file_hash,
    )
