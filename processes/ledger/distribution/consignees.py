"""Consignees: who is sent devices, under which licence, and who answers when one is recalled."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, or_, select

from engine.services import ServiceContext
from processes.ledger import language_tags
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import consignee, consignee_licence
from processes.ledger.refusals import LedgerRefusal, NotInLedger

_ALL = select(consignee).where(consignee.c.tenant_id == bindparam("tenant_id"))
_BY_NUMBER = _ALL.where(consignee.c.consignee_number == bindparam("number"))
_BY_ID = _ALL.where(consignee.c.consignee_id == bindparam("consignee_id"))
_BELOW = _ALL.where(consignee.c.parent_id == bindparam("parent_id")).order_by(
    consignee.c.consignee_number
)
_LICENCE_ON = (
    select(consignee_licence.c.licence_number)
    .where(consignee_licence.c.tenant_id == bindparam("tenant_id"))
    .where(consignee_licence.c.consignee_id == bindparam("consignee_id"))
    .where(consignee_licence.c.valid_from <= bindparam("on"))
    .where(
        or_(
            consignee_licence.c.valid_to.is_(None),
            consignee_licence.c.valid_to >= bindparam("on"),
        )
    )
    .limit(1)
)
_MAIL_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+", re.ASCII)
"""What mail reaches without SMTPUTF8 (RFC 5321, 4.1.2), quoted names and literals apart."""
_INSERT = insert(consignee)
_INSERT_LICENCE = insert(consignee_licence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """What allows a consignee to deal in devices; a consignee that needs none is "exempt"."""

    kind: str
    number: str
    valid_from: date
    valid_to: date | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsignee:
    """A consignee to be registered; `parent` numbers whom one of a lower tier buys from."""

    number: str
    name: str
    kind: str
    country: str
    market: str
    region: str
    address: str
    contact: str
    recall_contact: str
    language: str = "zh"  # a BCP 47 tag
    recall_email: str | None = None
    recall_phone: str | None = None
    tier: int = 1
    parent: str | None = None
    licences: Sequence[Licence] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignee:
    """A consignee as it stands now."""

    consignee_id: UUID
    number: str
    name: str
    kind: str
    country: str
    market: str
    region: str
    address: str
    contact: str
    language: str
    recall_contact: str
    recall_email: str | None
    recall_phone: str | None
    tier: int
    parent_id: UUID | None
    active: bool


class ConsigneeNotReachable(LedgerRefusal):
    """Who is sent devices can be reached when they are recalled."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Consignee {number} has neither e-mail nor telephone for a recall. Enter one.",
            f"客户 {number} 没有召回联系邮箱或电话，请至少填写一项。",
            found=number,
        )


class RecallAddressUnfit(LedgerRefusal):
    """A recall by e-mail needs an address that mail can be sent to."""

    def __init__(self, number: str, address: str) -> None:
        super().__init__(
            f"No mail can be sent to {address} (consignee {number}). "
            "Enter the recall e-mail like name@example.com.",
            f"客户 {number} 的召回联系邮箱 {address} 无法接收邮件，"
            "请按 name@example.com 的格式填写。",
            expected="name@example.com",
            found=address,
        )


def register(context: ServiceContext, new: NewConsignee) -> UUID:
    """Add a consignee with its licences."""
    if not (new.recall_email or new.recall_phone):
        raise ConsigneeNotReachable(new.number)
    if new.recall_email and not _MAIL_ADDRESS.fullmatch(new.recall_email):
        raise RecallAddressUnfit(new.number, new.recall_email)
    parent = None
    if new.parent is not None:
        parent = by_number(context.db, context.tenant_id, new.parent).consignee_id
    consignee_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "consignee_id": consignee_id,
        "consignee_number": new.number,
        "name": new.name,
        "kind": new.kind,
        "country": new.country,
        "market": new.market,
        "region": new.region,
        "address": new.address,
        "contact": new.contact,
        "language": language_tags.tag(new.language),
        "recall_contact": new.recall_contact,
        "recall_email": new.recall_email,
        "recall_phone": new.recall_phone,
        "tier": new.tier,
        "parent_id": parent,
        "active": True,
        "revision": 1,
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "consignee.registered",
            "consignee": new.number,
            "name": new.name,
            "market": new.market,
            "tier": new.tier,
        }
    )
    for licence in new.licences:
        add_licence(context, new.number, licence)
    return consignee_id


def add_licence(context: ServiceContext, number: str, licence: Licence) -> None:
    """Add a licence; an older one stays as it was."""
    found = by_number(context.db, context.tenant_id, number)
    row = {
        "tenant_id": context.tenant_id,
        "consignee_id": found.consignee_id,
        "kind": licence.kind,
        "licence_number": licence.number,
        "valid_from": licence.valid_from,
        "valid_to": licence.valid_to,
        "scope": licence.scope,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT_LICENCE, row)
    context.record(
        {
            "event": "consignee.licence_added",
            "consignee": number,
            "licence": licence.number,
            "kind": licence.kind,
            "valid_to": None if licence.valid_to is None else licence.valid_to.isoformat(),
        }
    )


def by_number(db: Connection, tenant_id: str, number: str) -> Consignee:
    """Give a consignee by number; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("consignee", "客户", number)
    return _read(row)


def find(db: Connection, tenant_id: str, consignee_id: UUID) -> Consignee:
    """Give a consignee by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "consignee_id": consignee_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("consignee", "客户", consignee_id)
    return _read(row)


def below(db: Connection, tenant_id: str, consignee_id: UUID) -> list[Consignee]:
    """List the consignees that are known to buy from this one."""
    key = {"tenant_id": tenant_id, "parent_id": consignee_id}
    return [_read(row) for row in db.execute(_BELOW, key)]


def every(db: Connection, tenant_id: str) -> list[Consignee]:
    """List all consignees, by number."""
    found = [_read(row) for row in db.execute(_ALL, {"tenant_id": tenant_id})]
    return sorted(found, key=lambda each: each.number)


def licence_on(db: Connection, tenant_id: str, consignee_id: UUID, on: date) -> str | None:
    """Give the number of a licence in force on a day, None when there is none."""
    key = {"tenant_id": tenant_id, "consignee_id": consignee_id, "on": on}
    found: str | None = db.execute(_LICENCE_ON, key).scalar_one_or_none()
    return found


def _read(row: AnyRow) -> Consignee:
    return Consignee(
        consignee_id=row.consignee_id,
        number=row.consignee_number,
        name=row.name,
        kind=row.kind,
        country=row.country,
        market=row.market,
        region=row.region,
        address=row.address,
        contact=row.contact,
        language=row.language,
        recall_contact=row.recall_contact,
        recall_email=row.recall_email,
        recall_phone=row.recall_phone,
        tier=row.tier,
        parent_id=row.parent_id,
        active=row.active,
    )
