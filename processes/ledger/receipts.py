"""Receipts: a delivery is looked at before it is booked, then stands in quarantine under a lot.

A receipt has a line for each lot that came with a delivery note; each is counted and booked by
itself, as it is scanned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, func, insert, select

from engine.outcomes import Rejection
from engine.services import ServiceContext
from processes.ledger import (
    items,
    locations,
    lot_numbers,
    lots,
    movements,
    ownership,
    packages,
    site_days,
    suppliers,
    units,
)
from processes.ledger.balances import Place
from processes.ledger.changes import temporary
from processes.ledger.columns import AnyRow
from processes.ledger.items import Item
from processes.ledger.locations import Location
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot, NewLot
from processes.ledger.movements import Counted, Document, Movement
from processes.ledger.nonconformity import supply_stops
from processes.ledger.numbers import next_number
from processes.ledger.packages import PackageLevel
from processes.ledger.quantities import converted, scaled
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.suppliers import Supplier
from processes.ledger.tables import receipt, receipt_line

_INSERT = insert(receipt)
_INSERT_LINE = insert(receipt_line)
_BY_NUMBER = (
    select(
        receipt.c.receipt_id,
        receipt.c.supplier_id,
        receipt.c.delivery_note,
        receipt.c.site,
        func.max(receipt_line.c.line).label("lines"),
    )
    .join(
        receipt_line,
        and_(
            receipt_line.c.tenant_id == receipt.c.tenant_id,
            receipt_line.c.receipt_id == receipt.c.receipt_id,
        ),
    )
    .where(receipt.c.tenant_id == bindparam("tenant_id"))
    .where(receipt.c.receipt_number == bindparam("receipt_number"))
    .group_by(receipt.c.receipt_id, receipt.c.supplier_id, receipt.c.delivery_note, receipt.c.site)
)
_LINE = (
    select(
        receipt_line.c.receipt_line_id,
        receipt_line.c.line,
        receipt_line.c.lot_id,
        receipt_line.c.quantity,
        receipt_line.c.location_id,
        receipt_line.c.containers,
        receipt_line.c.documents,
        receipt_line.c.entries,
        receipt.c.receipt_number,
        receipt.c.supplier_id,
        receipt.c.site,
        receipt.c.received_at,
        receipt.c.actor,
    )
    .join(
        receipt,
        and_(
            receipt.c.tenant_id == receipt_line.c.tenant_id,
            receipt.c.receipt_id == receipt_line.c.receipt_id,
        ),
    )
    .where(receipt_line.c.tenant_id == bindparam("tenant_id"))
    .where(receipt_line.c.receipt_line_id == bindparam("receipt_line_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the warehouse found at the dock, as entered and scanned.

    `item` is an item number or a device identifier; `packages_counted` packages of `package`
    (None: of the scanned package, else of the base package); `unit_code` when the count is in
    another unit than the item's stock unit. `entries` says of each identifier whether it was
    "scanned" or "typed"; `lot_confirmed` that a person looked at the label a second time; `change`
    is the temporary change or deviation that the goods are received under. What is `consigned`
    stays the supplier's until it is used; `customer` names the consignee whose property it is.
    """

    item: str
    supplier: str
    delivery_note: str
    supplier_lot: str
    quantity: Decimal
    location: str
    containers: int = 1
    package_level_id: UUID | None = None
    unit_code: str | None = None
    manufacturer: str | None = None
    expiry: str | None = None
    serials: tuple[str, ...] = ()
    scans: Sequence[Any] = ()
    documents: Sequence[Any] = ()
    entries: Mapping[str, str] = field(default_factory=dict)
    lot_confirmed: bool = False
    change: str | None = None
    consigned: bool = False
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a delivery that stops it from being booked as it is."""

    code: str
    message: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A delivery with its numbers looked up; `quantity` is the stored integer in stock units."""

    item: Item
    revision: str
    package: PackageLevel
    supplier: Supplier
    location: Location
    expiry: Expiry | None
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """A booked receipt line."""

    receipt_line_id: UUID
    receipt_number: str
    lot: Lot
    quantity: int
    location_id: UUID
    supplier_id: UUID
    site: str
    received_by: str
    received_at: Any
    containers: int
    line: int = 1
    documents: Any = field(default_factory=list)
    entries: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Give what documents call it: the receipt's number, and the line from the second on."""
        return self.receipt_number if self.line == 1 else f"{self.receipt_number}/{self.line}"


class AnotherDelivery(LedgerRefusal):
    """The lines of a receipt came with one delivery note, from one supplier, to one site."""

    def __init__(self, number: str, delivery_note: str) -> None:
        super().__init__(
            f"Receipt {number} is for delivery note {delivery_note}. "
            "Receive what came otherwise by itself.",
            f"收货 {number} 对应送货单 {delivery_note}，其他到货请单独收货。",
            expected=delivery_note,
        )


def check(context: ServiceContext, delivery: Delivery, *, waived: bool = False) -> list[Finding]:
    """List what stops a delivery from being booked; empty when nothing does.

    `waived` says that quality let this purchase happen without an entry on the approved list; a
    blocked supplier delivers nothing all the same.
    """
    try:
        resolved = resolve(context, delivery)
    except Rejection as refusal:
        return [Finding(code=type(refusal).__name__, message=refusal.message)]
    findings: list[Finding] = []
    try:
        _require_not_stopped(context, resolved)
        if not waived or resolved.supplier.status == "blocked":
            suppliers.require_approved(
                context.db,
                context.tenant_id,
                resolved.supplier,
                resolved.item.item_id,
                resolved.item.number,
                site=resolved.location.site,
                on=site_days.today(context, resolved.location.site),
            )
    except Rejection as refusal:
        findings.append(Finding(code=type(refusal).__name__, message=refusal.message))
    findings.extend(_check_dates(context, resolved))
    findings.extend(_check_serials(resolved, delivery))
    findings.extend(_check_look_alikes(context, resolved, delivery))
    return findings


def resolve(context: ServiceContext, delivery: Delivery) -> Resolved:
    """Look up what a delivery names; refused with a sentence where a name leads nowhere."""
    db, tenant_id = context.db, context.tenant_id
    scanned = packages.by_identifier(db, tenant_id, delivery.item)
    if scanned is None:
        item = items.by_number(db, tenant_id, delivery.item)
    else:
        item = items.find(db, tenant_id, scanned.item_id)
    items.require_released(item)
    package = _package(context, item, scanned, delivery)
    place = locations.by_code(db, tenant_id, delivery.location)
    locations.require_status(db, tenant_id, place, "QUARANTINE")
    lot_numbers.supplier_number(delivery.supplier_lot)
    return Resolved(
        item=item,
        revision=items.effective_revision(
            db,
            tenant_id,
            item,
            site_days.today(context, place.site),
            lot_number=delivery.supplier_lot,
            serials=delivery.serials,
        ),
        package=package,
        supplier=suppliers.by_number(db, tenant_id, delivery.supplier),
        location=place,
        expiry=None if delivery.expiry is None else lot_numbers.read_expiry(delivery.expiry),
        quantity=_in_stock_units(context, item, package, delivery),
    )


def post(context: ServiceContext, delivery: Delivery, *, onto: str | None = None) -> ReceiptLine:
    """Book a delivery into quarantine: lot, receipt and movement, in this transaction.

    `onto` is the number of the receipt whose next line it becomes; None makes a new receipt.
    """
    resolved = resolve(context, delivery)
    _require_not_stopped(context, resolved)
    rules = context.configuration("inspection_rules")
    lot = lots.receive(
        context,
        NewLot(
            item_id=resolved.item.item_id,
            item_revision=resolved.revision,
            supplier_id=resolved.supplier.supplier_id,
            supplier_lot_raw=delivery.supplier_lot,
            manufacturer=delivery.manufacturer,
            expiry=resolved.expiry,
            owner_id=_owner(context, delivery),
        ),
        join_same_lot=rules["join_same_supplier_lot"],
    )
    line = _write(context, delivery, resolved, lot, onto)
    if delivery.change is not None:
        document = Document("receipt", line.name)
        temporary.use(context, delivery.change, lot, resolved.quantity, document)
    movement = Movement(
        movement_type="RCV",
        lot_id=lot.lot_id,
        quantity=resolved.quantity,
        document=Document("receipt", line.name),
        target=Place(resolved.location.location_id, "QUARANTINE"),
        counted=Counted(
            quantity=delivery.quantity,
            unit_code=delivery.unit_code or resolved.item.unit_code,
            package_level_id=resolved.package.package_level_id,
        ),
    )
    if lot.has_serials:
        units_of_lot = lots.register_serials(context, lot, delivery.serials)
        movements.post_serials(context, movement, list(units_of_lot.values()))
    else:
        movements.post(context, movement)
    return line


def _owner(context: ServiceContext, delivery: Delivery) -> UUID | None:
    """Give whose the goods stay when they are received; None where they become ours."""
    if delivery.customer is not None:
        return ownership.of_customer(context, delivery.customer)
    return ownership.of_supplier(context, delivery.supplier) if delivery.consigned else None


def find_line(db: Connection, tenant_id: str, receipt_line_id: UUID) -> ReceiptLine:
    """Give a receipt line by id; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "receipt_line_id": receipt_line_id}
    row = db.execute(_LINE, key).one_or_none()
    if row is None:
        raise NotInLedger("receipt line", "收货行", receipt_line_id)
    return _read(row, lots.find(db, tenant_id, row.lot_id))


def _require_not_stopped(context: ServiceContext, resolved: Resolved) -> None:
    """Refuse an item whose inspection is discontinued for that supplier (IQ-03)."""
    source = resolved.supplier
    supply_stops.require_none(context, source.supplier_id, source.number, resolved.item)


def _package(
    context: ServiceContext, item: Item, scanned: PackageLevel | None, delivery: Delivery
) -> PackageLevel:
    db, tenant_id = context.db, context.tenant_id
    if delivery.package_level_id is not None:
        return packages.find(db, tenant_id, item.item_id, delivery.package_level_id)
    return scanned or packages.of_item(db, tenant_id, item.item_id)[0]


def _in_stock_units(
    context: ServiceContext, item: Item, package: PackageLevel, delivery: Delivery
) -> int:
    """Turn the count into the stock unit: packages times content, or another unit's ratio."""
    unit = items.stock_unit(context.db, context.tenant_id, item)
    if delivery.unit_code is None or delivery.unit_code == item.unit_code:
        return scaled(delivery.quantity * package.base_quantity, unit)
    ratio = units.ratio(context.db, context.tenant_id, delivery.unit_code, item.unit_code)
    return converted(delivery.quantity, ratio, unit)


def _check_dates(context: ServiceContext, resolved: Resolved) -> list[Finding]:
    item, expiry = resolved.item, resolved.expiry
    if expiry is None:
        if not item.expiry_required:
            return []
        message = {
            "en": f"Item {item.number} carries an expiry date. Enter the one on the label.",
            "zh": f"物料 {item.number} 有有效期，请录入标签上的有效期。",
        }
        return [Finding(code="ExpiryMissing", message=message)]
    least = timedelta(days=item.min_remaining_life_days or 0)
    if expiry.on >= site_days.today(context, resolved.location.site) + least:
        return []
    message = {
        "en": f"The goods expire on {expiry.on}; at least {least.days} days must remain. "
        "Refuse the delivery or ask quality.",
        "zh": f"货物有效期至 {expiry.on}，剩余有效期须不少于 {least.days} 天，请拒收或咨询质量部。",
    }
    return [Finding(code="RemainingLifeTooShort", message=message)]


def _check_serials(resolved: Resolved, delivery: Delivery) -> list[Finding]:
    wanted = resolved.quantity if resolved.item.has_serials else 0
    if len(delivery.serials) == wanted:
        return []
    number, found = resolved.item.number, len(delivery.serials)
    message = {
        "en": f"{wanted} serial numbers are needed for {number}, {found} were entered. "
        "Scan every unit.",
        "zh": f"物料 {number} 需要 {wanted} 个序列号，已录入 {found} 个，请逐件扫描。",
    }
    return [Finding(code="SerialsDiffer", message=message)]


def _check_look_alikes(
    context: ServiceContext, resolved: Resolved, delivery: Delivery
) -> list[Finding]:
    """Ask once more about a typed lot number that is like one of the same supplier and item.

    O123 may be 0123 misread, or another lot: only the label tells. What was scanned is not asked.
    """
    if delivery.entries.get("supplier_lot") != "typed" or delivery.lot_confirmed:
        return []
    number = lot_numbers.supplier_number(delivery.supplier_lot)
    known = lots.alike_of_supplier(
        context.db,
        context.tenant_id,
        item_id=resolved.item.item_id,
        supplier_id=resolved.supplier.supplier_id,
        supplier_lot=number,
    )
    if not known:
        return []
    message = {
        "en": f"Lot {number} was typed by hand and looks like the known lot {listed(known)} of "
        "this supplier. Compare the label, then correct the number or confirm it.",
        "zh": f"批号 {number} 为手工输入，与该供应商已有批号 {listed(known)} 仅形近字符不同。"
        "请核对标签后更正或确认。",
    }
    return [Finding(code="LooksAlike", message=message)]


def _receipt(
    context: ServiceContext, delivery: Delivery, resolved: Resolved, onto: str | None
) -> tuple[UUID, str, int]:
    """Give the receipt to write onto, its number and the place of the next line."""
    if onto is not None:
        key = {"tenant_id": context.tenant_id, "receipt_number": onto}
        row = context.db.execute(_BY_NUMBER, key).one_or_none()
        if row is None:
            raise NotInLedger("receipt", "收货单", onto)
        came = (delivery.delivery_note, resolved.supplier.supplier_id, resolved.location.site)
        if came != (row.delivery_note, row.supplier_id, row.site):
            raise AnotherDelivery(onto, row.delivery_note)
        return row.receipt_id, onto, row.lines + 1
    receipt_id, number = context.new_id(), next_number(context, "RCV")
    context.db.execute(
        _INSERT,
        {
            "tenant_id": context.tenant_id,
            "receipt_id": receipt_id,
            "receipt_number": number,
            "supplier_id": resolved.supplier.supplier_id,
            "delivery_note": delivery.delivery_note,
            "site": resolved.location.site,
            "actor": context.actor.username,
            "received_at": context.now,
        },
    )
    return receipt_id, number, 1


def _write(
    context: ServiceContext, delivery: Delivery, resolved: Resolved, lot: Lot, onto: str | None
) -> ReceiptLine:
    receipt_id, number, place = _receipt(context, delivery, resolved, onto)
    line_id = context.new_id()
    context.db.execute(
        _INSERT_LINE,
        {
            "tenant_id": context.tenant_id,
            "receipt_line_id": line_id,
            "receipt_id": receipt_id,
            "line": place,
            "lot_id": lot.lot_id,
            "quantity": resolved.quantity,
            "package_level_id": resolved.package.package_level_id,
            "containers": delivery.containers,
            "location_id": resolved.location.location_id,
            "scans": list(delivery.scans),
            "entries": dict(delivery.entries),
            "documents": list(delivery.documents),
        },
    )
    context.record(
        {
            "event": "receipt.posted",
            "receipt": number,
            "line": str(line_id),
            "place": place,
            "supplier": resolved.supplier.number,
            "delivery_note": delivery.delivery_note,
            "lot": lot.number,
            "typed": sorted(name for name, how in delivery.entries.items() if how == "typed"),
        }
    )
    return ReceiptLine(
        receipt_line_id=line_id,
        receipt_number=number,
        lot=lot,
        quantity=resolved.quantity,
        location_id=resolved.location.location_id,
        supplier_id=resolved.supplier.supplier_id,
        site=resolved.location.site,
        received_by=context.actor.username,
        received_at=context.now,
        containers=delivery.containers,
        line=place,
        documents=list(delivery.documents),
        entries=dict(delivery.entries),
    )


def _read(row: AnyRow, lot: Lot) -> ReceiptLine:
    return ReceiptLine(
        receipt_line_id=row.receipt_line_id,
        receipt_number=row.receipt_number,
        lot=lot,
        quantity=row.quantity,
        location_id=row.location_id,
        supplier_id=row.supplier_id,
        site=row.site,
        received_by=row.actor,
        received_at=row.received_at,
        containers=row.containers,
        line=row.line,
        documents=row.documents,
        entries=row.entries or {},
    )
