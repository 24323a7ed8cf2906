"""Purchase orders: drafted, frozen as a version when approved, changed by another version.

Each line has its own item, or free text. What comes through the dock is received and inspected;
services, software and free text are confirmed by whoever asked for them (`performed`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from engine.canonical import canonical_bytes, domain_hash, record_value
from engine.services import ServiceContext
from processes.ledger import suppliers, words
from processes.ledger.columns import AnyRow
from processes.ledger.numbers import next_number
from processes.ledger.purchasing import rows
from processes.ledger.purchasing.order_receipts import ACCEPTED, REJECTED, WITHDRAWN
from processes.ledger.purchasing.requisitions import Requisition
from processes.ledger.purchasing.tables import (
    order_line_status,
    order_performance,
    order_receipt,
    order_settlement,
    purchase_order,
    purchase_order_line,
    purchase_order_version,
)
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.status import SignatureMissing
from processes.ledger.suppliers import Supplier

ASKED_OF_LINES = (
    *("certificate_of_conformity", "certificate_of_analysis", "other_certificates", "storage"),
    *("traceability", "labelling", "source_inspection", "package", "package_strict"),
    *("over_tolerance_percent", "consigned"),
)
"""What a line of a version asks of its supplier, beside what, how much, when (its content)."""

_HASH_DOMAIN = "countersign.purchase_order.v1"

_ORDERS = select(purchase_order).where(purchase_order.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _ORDERS.where(purchase_order.c.purchase_order_id == bindparam("purchase_order_id"))
_BY_NUMBER = _ORDERS.where(purchase_order.c.order_number == bindparam("order_number"))
_SENT = _ORDERS.where(purchase_order.c.status == "sent").order_by(purchase_order.c.order_number)
_VERSION = (
    select(purchase_order_version)
    .where(purchase_order_version.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_order_version.c.purchase_order_id == bindparam("purchase_order_id"))
    .where(purchase_order_version.c.version == bindparam("version"))
)
_LINES = (
    select(
        purchase_order_line,
        func.coalesce(order_line_status.c.status, "open").label("status"),
        order_line_status.c.reason,
    )
    .outerjoin(
        order_line_status,
        and_(
            order_line_status.c.tenant_id == purchase_order_line.c.tenant_id,
            order_line_status.c.purchase_order_id == purchase_order_line.c.purchase_order_id,
            order_line_status.c.line == purchase_order_line.c.line,
        ),
    )
    .where(purchase_order_line.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_order_line.c.purchase_order_id == bindparam("purchase_order_id"))
    .where(purchase_order_line.c.version == bindparam("version"))
    .order_by(purchase_order_line.c.line)
)
_CAME = (
    select(order_receipt.c.line, order_receipt.c.quantity, ACCEPTED, REJECTED, WITHDRAWN)
    .where(order_receipt.c.tenant_id == bindparam("tenant_id"))
    .where(order_receipt.c.purchase_order_id == bindparam("purchase_order_id"))
)
_PERFORMED = (
    select(order_performance.c.line, func.sum(order_performance.c.quantity).label("quantity"))
    .where(order_performance.c.tenant_id == bindparam("tenant_id"))
    .where(order_performance.c.purchase_order_id == bindparam("purchase_order_id"))
    .group_by(order_performance.c.line)
)
_SETTLED = (
    select(
        order_settlement.c.line,
        order_settlement.c.kind,
        func.sum(order_settlement.c.quantity).label("quantity"),
    )
    .where(order_settlement.c.tenant_id == bindparam("tenant_id"))
    .where(order_settlement.c.purchase_order_id == bindparam("purchase_order_id"))
    .group_by(order_settlement.c.line, order_settlement.c.kind)
)
_LAST_PRICE = (
    select(purchase_order_line.c.unit_price)
    .join(
        purchase_order_version,
        and_(
            purchase_order_version.c.tenant_id == purchase_order_line.c.tenant_id,
            purchase_order_version.c.purchase_order_id == purchase_order_line.c.purchase_order_id,
            purchase_order_version.c.version == purchase_order_line.c.version,
        ),
    )
    .join(
        purchase_order,
        and_(
            purchase_order.c.tenant_id == purchase_order_line.c.tenant_id,
            purchase_order.c.purchase_order_id == purchase_order_line.c.purchase_order_id,
        ),
    )
    .where(purchase_order_line.c.tenant_id == bindparam("tenant_id"))
    .where(purchase_order_line.c.item_id == bindparam("item_id"))
    .where(purchase_order.c.currency == bindparam("currency"))
    .where(purchase_order.c.purchase_order_id != bindparam("own_id"))
    .order_by(purchase_order_version.c.frozen_at.desc())
    .limit(1)
)
_INSERT = insert(purchase_order)
_INSERT_VERSION = insert(purchase_order_version)
_INSERT_LINE = insert(purchase_order_line)
_INSERT_PERFORMANCE = insert(order_performance)
_INSERT_LINE_STATUS = insert(order_line_status)
_KEY = (purchase_order.c.tenant_id == bindparam("key_tenant_id")) & (
    purchase_order.c.purchase_order_id == bindparam("key_purchase_order_id")
)
_SET_DRAFT = (
    update(purchase_order)
    .where(_KEY)
    .values(draft=bindparam("draft"), changed_at=bindparam("changed_at"))
)
_SET_VERSION = (
    update(purchase_order)
    .where(_KEY)
    .where(purchase_order.c.version == bindparam("version_before"))
    .values(
        version=bindparam("version"),
        supplier_id=bindparam("supplier_id"),
        currency=bindparam("currency"),
        site=bindparam("site"),
        status="sent",
        changed_at=bindparam("changed_at"),
    )
)
_SET_STATUS = (
    update(purchase_order)
    .where(_KEY)
    .values(status=bindparam("status"), changed_at=bindparam("changed_at"))
)

_SET_LINE = (
    update(order_line_status)
    .where(order_line_status.c.tenant_id == bindparam("key_tenant_id"))
    .where(order_line_status.c.purchase_order_id == bindparam("key_purchase_order_id"))
    .where(order_line_status.c.line == bindparam("key_line"))
    .values(
        status=bindparam("status"),
        reason=bindparam("reason"),
        actor=bindparam("actor"),
        changed_at=bindparam("changed_at"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A line as the buyer writes it; `quantity` is the stored integer in the unit.

    Without an item there is a `description` instead, and no revision. `requisition_id` names whose
    need it meets; None: that of the requisition which the order began with. What is `consigned`
    stays the supplier's until it is used, and is paid then.
    """

    line: int
    item_id: UUID | None
    item_revision: str | None
    quantity: int
    decimals: int
    unit_code: str
    unit_price: Decimal
    promised_date: date
    min_remaining_life_days: int | None = None
    description: str | None = None
    requisition_id: UUID | None = None
    requisition_line: int = 1
    consigned: bool = False

    @property
    def amount(self) -> Decimal:
        return Decimal(self.quantity).scaleb(-self.decimals) * self.unit_price


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the next version of an order is to say; `content` is all of it, as people wrote it."""

    supplier_id: UUID
    site: str
    currency: str
    lines: Sequence[DraftLine]
    content: Mapping[str, Any]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A purchase order as it stands now."""

    purchase_order_id: UUID
    number: str
    requisition_id: UUID
    supplier_id: UUID
    site: str
    currency: str
    emergency: bool
    status: str
    version: int
    process_instance_id: UUID
    changed_at: datetime
    draft: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the version in force and what came of it, in stored integers of its unit.

    `undecided` was received and waits for inspection. Of what is `consigned`, `used` is what we
    bought by using it, `settled` all that is no longer here as the supplier's.
    """

    line: int
    requisition_id: UUID
    requisition_line: int
    item_id: UUID | None
    item_revision: str | None
    ordered: int
    unit_code: str
    unit_price: Decimal
    promised_date: date
    min_remaining_life_days: int | None
    status: str
    description: str | None = None
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    undecided: int = 0
    consigned: bool = False
    used: int = 0
    settled: int = 0

    @property
    def payable(self) -> int:
        """Give what may be invoiced: what was accepted, of consigned goods what was used."""
        return self.used if self.consigned else self.accepted

    @property
    def theirs(self) -> int:
        """Give what is here and still the supplier's."""
        return self.received - self.settled if self.consigned else 0

    @property
    def outstanding(self) -> int:
        """Give what is still to be accepted; below zero when more came than was ordered."""
        return self.ordered - self.accepted

    @property
    def expected(self) -> int:
        """Give what is still to come in: rejected goods are to be replaced."""
        return self.ordered - self.accepted - self.undecided


class OrderNotOpen(LedgerRefusal):
    """What is closed, cancelled or held takes no deliveries and no changes."""

    def __init__(self, number: str, status: str) -> None:
        state = words.said("state", status)
        super().__init__(
            f"Purchase order {number} is {state.en}. Set the delivery aside and ask purchasing.",
            f"采购订单 {number} 当前状态为“{state.zh}”，请将到货单独存放并联系采购。",
            expected="sent",
            found=status,
        )


class NoSuchLine(LedgerRefusal):
    """A delivery or an invoice names a line that the order has."""

    def __init__(self, number: str, line: int) -> None:
        super().__init__(
            f"Purchase order {number} has no open line {line}. Choose another line.",
            f"采购订单 {number} 没有未完成的第 {line} 行，请选择其他行。",
            found=str(line),
        )


class ChangedMeanwhile(LedgerRefusal):
    """Two versions cannot follow the same one."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Purchase order {number} was changed meanwhile. Look at it again.",
            f"采购订单 {number} 已被他人更改，请重新查看。",
        )


class LessThanReceived(LedgerRefusal):
    """A change does not order less than what has come in and was not rejected."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"More has been received of line {line} than the order would say. "
            "Enter at least what was received.",
            f"第 {line} 行的已收数量大于更改后的订购数量，请至少填写已收数量。",
            found=str(line),
        )


class MoreThanOrdered(LedgerRefusal):
    """What is confirmed without a dock is what was ordered, and no more."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Less of line {line} is still to come. Confirm at most what was ordered, "
            "or have the order changed.",
            f"第 {line} 行的未完成数量少于所填数量，请不超过订购数量确认，或更改订单。",
            found=str(line),
        )


class ConsignmentStands(LedgerRefusal):
    """Whose the goods of a line are is agreed before the first of them come."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Goods of line {line} have come in already, so it stays "
            "as agreed whose they are until used. Order the rest on another line.",
            f"第 {line} 行已有到货，货权约定不能更改，其余数量请另起一行订购。",
            found=str(line),
        )


class StillTheirs(LedgerRefusal):
    """A line is not ended over goods that lie here and are the supplier's."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Goods of line {line} lie here on consignment. Use them, take them over or return "
            "them first (process “Consigned stock”).",
            f"第 {line} 行尚有寄售货物在库，请先使用、买断或退还（流程“寄售库存”）。",
            found=str(line),
        )


class LineUndecided(LedgerRefusal):
    """A line is not closed over goods that wait for inspection."""

    def __init__(self, line: int) -> None:
        super().__init__(
            f"Goods of line {line} wait for inspection. Close the line when they are decided.",
            f"第 {line} 行尚有到货待检，检验决定后才能关闭该行。",
            found=str(line),
        )


def begin(
    context: ServiceContext, origin: Requisition, source: Supplier, *, currency: str
) -> Order:
    """Give a requisition its order, numbered, without a version yet."""
    purchase_order_id = context.new_id()
    number = next_number(context, "PO")
    row = {
        "tenant_id": context.tenant_id,
        "purchase_order_id": purchase_order_id,
        "order_number": number,
        "requisition_id": origin.requisition_id,
        "supplier_id": source.supplier_id,
        "site": origin.need.site,
        "currency": currency,
        "emergency": origin.need.emergency,
        "status": "draft",
        "version": 0,
        "draft": {},
        "process_instance_id": context.process_instance_id,
        "created_at": context.now,
        "changed_at": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "purchase_order.begun", "order": number, "requisition": origin.number}
    context.record({**event, "supplier": source.number, "emergency": origin.need.emergency})
    return find(context.db, context.tenant_id, purchase_order_id)


def keep_draft(context: ServiceContext, order: Order, draft: Draft) -> None:
    """Keep what the next version is to say; nothing is in force by that."""
    if order.status not in ("draft", "sent", "held"):
        raise OrderNotOpen(order.number, order.status)
    content = {**draft.content, "total": draft.total, "currency": draft.currency}
    key = {**_key(context, order), "draft": record_value(content), "changed_at": context.now}
    context.db.execute(_SET_DRAFT, key)


def freeze(
    context: ServiceContext,
    order: Order,
    draft: Draft,
    *,
    reason: str | None,
    approvals: Sequence[Mapping[str, Any]],
    snapshot: Mapping[str, Any],
) -> Order:
    """Write the next version as it was approved, with what was true then; it is in force."""
    source = suppliers.find(context.db, context.tenant_id, draft.supplier_id)
    if source.status == "blocked":
        standing = words.said("state", source.status)
        raise suppliers.NotApprovedToSupply(source, order.number, standing)
    _require_lines_kept(context, order, draft)
    version = order.version + 1
    content = record_value(
        {
            **draft.content,
            "order": order.number,
            "version": version,
            "total": draft.total,
            "currency": draft.currency,
            "approvals": list(approvals),
            "snapshot": snapshot,
        }
    )
    digest = domain_hash(_HASH_DOMAIN, canonical_bytes(content)).hex()
    key = {
        **_key(context, order),
        "version_before": order.version,
        "version": version,
        "supplier_id": draft.supplier_id,
        "currency": draft.currency,
        "site": draft.site,
        "changed_at": context.now,
    }
    if context.db.execute(_SET_VERSION, key).rowcount != 1:
        raise ChangedMeanwhile(order.number)
    context.db.execute(
        _INSERT_VERSION,
        {
            **rows.stamped(context, "frozen_at"),
            "purchase_order_id": order.purchase_order_id,
            "version": version,
            "content": content,
            "content_hash": digest,
            "total": draft.total,
            "reason": reason,
        },
    )
    context.db.execute(_INSERT_LINE, [_line_row(context, order, version, x) for x in draft.lines])
    known = {line.line for line in _lines(context.db, context.tenant_id, order, order.version)}
    new = [line.line for line in draft.lines if line.line not in known]
    if new:
        context.db.execute(_INSERT_LINE_STATUS, [_status_row(context, order, n) for n in new])
    context.record(
        {
            "event": "purchase_order.frozen",
            "order": order.number,
            "version": version,
            "hash": digest,
            "total": draft.total,
            "reason": reason,
        }
    )
    return find(context.db, context.tenant_id, order.purchase_order_id)


def find(db: Connection, tenant_id: str, purchase_order_id: UUID) -> Order:
    """Give an order by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "purchase_order_id": purchase_order_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("purchase order", "采购订单", purchase_order_id)
    return _read(row)


def by_number(db: Connection, tenant_id: str, number: str) -> Order:
    """Give an order by its number; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "order_number": number}).one_or_none()
    if row is None:
        raise NotInLedger("purchase order", "采购订单", number)
    return _read(row)


def lines_of(db: Connection, tenant_id: str, order: Order) -> list[Line]:
    """List the lines of the version in force, with what was received and accepted."""
    return _lines(db, tenant_id, order, order.version)


def lines_of_version(db: Connection, tenant_id: str, order: Order, version: int) -> list[Line]:
    """List the lines as a version had them."""
    return _lines(db, tenant_id, order, version)


def open_lines(db: Connection, tenant_id: str) -> list[tuple[Order, Line]]:
    """List the lines that are open of orders that were sent and are not held."""
    orders = [_read(row) for row in db.execute(_SENT, {"tenant_id": tenant_id})]
    return [
        (order, line)
        for order in orders
        for line in lines_of(db, tenant_id, order)
        if line.status == "open"
    ]


def open_line(db: Connection, tenant_id: str, number: str, line: int) -> tuple[Order, Line]:
    """Give the line that a delivery names; refused where the order or the line takes none."""
    order = by_number(db, tenant_id, number)
    if order.status != "sent":
        raise OrderNotOpen(number, order.status)
    for each in lines_of(db, tenant_id, order):
        if each.line == line and each.status == "open":
            return order, each
    raise NoSuchLine(number, line)


def content_of(db: Connection, tenant_id: str, order: Order, version: int) -> Mapping[str, Any]:
    """Give what a version says, as it was frozen, with its hash and who froze it when."""
    key = {
        "tenant_id": tenant_id,
        "purchase_order_id": order.purchase_order_id,
        "version": version,
    }
    row = db.execute(_VERSION, key).one_or_none()
    if row is None:
        raise NotInLedger("version of the purchase order", "采购订单版本", version)
    return {
        "content": row.content,
        "hash": row.content_hash,
        "total": row.total,
        "reason": row.reason,
        "actor": row.actor,
        "frozen_at": row.frozen_at,
        "unchanged": domain_hash(_HASH_DOMAIN, canonical_bytes(row.content)).hex()
        == row.content_hash,
    }


def last_price(
    db: Connection, tenant_id: str, item_id: UUID, currency: str, own_id: UUID
) -> Decimal | None:
    """Give what was paid for an item last, in an order other than this one."""
    key = {"tenant_id": tenant_id, "item_id": item_id, "currency": currency, "own_id": own_id}
    found: Decimal | None = db.execute(_LAST_PRICE, key).scalar_one_or_none()
    return found


def set_status(context: ServiceContext, order: Order, status: str, reason: str | None) -> Order:
    """Hold an order, send it on its way again, close it or cancel it."""
    if order.status in ("closed", "cancelled"):
        raise OrderNotOpen(order.number, order.status)
    key = {**_key(context, order), "status": status, "changed_at": context.now}
    context.db.execute(_SET_STATUS, key)
    event = {
        "event": "purchase_order.status_changed",
        "order": order.number,
        "status": {"old": order.status, "new": status},
        "reason": reason,
    }
    context.record(event)
    return find(context.db, context.tenant_id, order.purchase_order_id)


def end_line(
    context: ServiceContext, order: Order, number: int, reason: str, *, status: str = "closed"
) -> None:
    """Close a line, or cancel what is still to come of it; none of it may wait for a decision."""
    line = next(
        (x for x in lines_of(context.db, context.tenant_id, order) if x.line == number), None
    )
    if line is None or line.status != "open":
        raise NoSuchLine(order.number, number)
    if line.undecided:
        raise LineUndecided(number)
    if line.theirs:
        raise StillTheirs(number)
    key = {
        **_key(context, order),
        "key_line": number,
        "status": status,
        "reason": reason,
        "changed_at": context.now,
        "actor": context.actor.username,
    }
    context.db.execute(_SET_LINE, key)
    event = {"event": f"purchase_order.line_{status}", "order": order.number, "line": number}
    context.record({**event, "reason": reason})


def performed(
    context: ServiceContext, order: Order, number: int, quantity: int, evidence: str
) -> None:
    """Write down that so much of a line without a dock was done or handed over, signed VERF.

    It counts as received and accepted; a line of which nothing is left closes by itself.
    """
    if "VERF" not in context.signatures:
        raise SignatureMissing(["VERF"])
    line = next(
        (x for x in lines_of(context.db, context.tenant_id, order) if x.line == number), None
    )
    if line is None or line.status != "open":
        raise NoSuchLine(order.number, number)
    if quantity > line.outstanding:
        raise MoreThanOrdered(number)
    context.db.execute(
        _INSERT_PERFORMANCE,
        {
            **rows.stamped(context, "recorded_at"),
            "order_performance_id": context.new_id(),
            "purchase_order_id": order.purchase_order_id,
            "line": number,
            "quantity": quantity,
            "evidence": evidence,
        },
    )
    event = {"event": "purchase_order.performed", "order": order.number, "line": number}
    context.record({**event, "quantity": quantity, "evidence": evidence})
    if quantity == line.outstanding:
        end_line(context, order, number, evidence)


def _require_lines_kept(context: ServiceContext, order: Order, draft: Draft) -> None:
    """Refuse a version that orders less of a line than has come in already."""
    after = {line.line: line for line in draft.lines}
    for line in lines_of(context.db, context.tenant_id, order):
        came = line.accepted + line.undecided
        new = after.get(line.line)
        if came > (0 if new is None else new.quantity):
            raise LessThanReceived(line.line)
        if new is not None and line.received and new.consigned != line.consigned:
            raise ConsignmentStands(line.line)


def _lines(db: Connection, tenant_id: str, order: Order, version: int) -> list[Line]:
    key = {"tenant_id": tenant_id, "purchase_order_id": order.purchase_order_id}
    sums: dict[int, list[int]] = {}
    for row in db.execute(_CAME, key):
        came = (row.quantity - row.withdrawn, row.accepted, row.rejected)
        before = sums.get(row.line, [0, 0, 0])
        sums[row.line] = [int(old + new) for old, new in zip(before, came, strict=True)]
    for performed_of in db.execute(_PERFORMED, key):  # accepted as it comes
        received, accepted, rejected = sums.get(performed_of.line, [0, 0, 0])
        done = int(performed_of.quantity)
        sums[performed_of.line] = [received + done, accepted + done, rejected]
    settled: dict[int, dict[str, int]] = {}
    for settled_of in db.execute(_SETTLED, key):
        settled.setdefault(settled_of.line, {})[settled_of.kind] = int(settled_of.quantity)
    found = []
    for row in db.execute(_LINES, {**key, "version": version}):
        received, accepted, rejected = sums.get(row.line, [0, 0, 0])
        found.append(
            Line(
                line=row.line,
                requisition_id=row.requisition_id,
                requisition_line=row.requisition_line,
                item_id=row.item_id,
                item_revision=row.item_revision,
                ordered=row.quantity,
                unit_code=row.unit_code,
                unit_price=row.unit_price,
                promised_date=row.promised_date,
                min_remaining_life_days=row.min_remaining_life_days,
                description=row.description,
                status=row.status,
                received=received,
                accepted=accepted,
                rejected=rejected,
                undecided=received - accepted - rejected,
                consigned=row.consigned,
                used=settled.get(row.line, {}).get("used", 0),
                settled=sum(settled.get(row.line, {}).values()),
            )
        )
    return found


def _line_row(
    context: ServiceContext, order: Order, version: int, line: DraftLine
) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "purchase_order_id": order.purchase_order_id,
        "version": version,
        "line": line.line,
        "requisition_id": line.requisition_id or order.requisition_id,
        "requisition_line": line.requisition_line,
        "item_id": line.item_id,
        "item_revision": line.item_revision,
        "description": line.description,
        "quantity": line.quantity,
        "unit_code": line.unit_code,
        "unit_price": line.unit_price,
        "promised_date": line.promised_date,
        "min_remaining_life_days": line.min_remaining_life_days,
        "consigned": line.consigned,
    }


def _status_row(context: ServiceContext, order: Order, line: int) -> dict[str, Any]:
    return {
        **rows.stamped(context, "changed_at"),
        "purchase_order_id": order.purchase_order_id,
        "line": line,
        "status": "open",
        "reason": None,
    }


def _key(context: ServiceContext, order: Order) -> dict[str, Any]:
    return {
        "key_tenant_id": context.tenant_id,
        "key_purchase_order_id": order.purchase_order_id,
    }


def _read(row: AnyRow) -> Order:
    return Order(
        purchase_order_id=row.purchase_order_id,
        number=row.order_number,
        requisition_id=row.requisition_id,
        supplier_id=row.supplier_id,
        site=row.site,
        currency=row.currency,
        emergency=row.emergency,
        status=row.status,
        version=row.version,
        process_instance_id=row.process_instance_id,
        changed_at=row.changed_at,
        draft=row.draft,
    )
