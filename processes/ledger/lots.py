"""Lots and units with serial numbers: made once, found by every number they have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, literal_column, or_, select

from engine.services import ServiceContext
from processes.ledger import items
from processes.ledger.columns import AnyRow
from processes.ledger.lot_numbers import (
    Expiry,
    look_alikes,
    normalised,
    own_number,
    supplier_number,
)
from processes.ledger.numbers import next_number
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.tables import (
    item,
    lot,
    package_level,
    serial_unit,
    unit_of_measure,
)
from processes.ledger.units import Unit

WITH_SERIALS = ("serial", "lot_and_serial")
"""How an item is tracked whose units have serial numbers."""
_LOTS = (
    select(
        lot.c.lot_id,
        lot.c.lot_number,
        lot.c.item_id,
        lot.c.item_revision,
        lot.c.origin,
        lot.c.supplier_id,
        lot.c.manufacturer,
        lot.c.supplier_lot_raw,
        lot.c.supplier_lot,
        lot.c.produced_on,
        lot.c.expiry,
        lot.c.expiry_precision,
        lot.c.owner_id,
        lot.c.created_at,
        item.c.item_number,
        item.c.tracking,
        item.c.name_en,
        item.c.name_zh,
        unit_of_measure.c.unit_code,
        unit_of_measure.c.name_en.label("unit_name_en"),
        unit_of_measure.c.name_zh.label("unit_name_zh"),
        unit_of_measure.c.decimals,
        package_level.c.package_level_id,
    )
    .join(item, and_(item.c.tenant_id == lot.c.tenant_id, item.c.item_id == lot.c.item_id))
    .join(
        unit_of_measure,
        and_(
            unit_of_measure.c.tenant_id == item.c.tenant_id,
            unit_of_measure.c.unit_code == item.c.unit_code,
        ),
    )
    .join(
        package_level,
        and_(
            package_level.c.tenant_id == item.c.tenant_id,
            package_level.c.item_id == item.c.item_id,
            package_level.c.level == literal_column("0"),  # of the index
        ),
    )
    .where(lot.c.tenant_id == bindparam("tenant_id"))
)
_BY_ID = _LOTS.where(lot.c.lot_id == bindparam("lot_id"))
_BY_NUMBER = _LOTS.where(lot.c.lot_number == bindparam("lot_number"))
_ALIKE = (
    select(lot.c.lot_number)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.lot_number.in_(bindparam("lot_numbers", expanding=True)))
    .order_by(lot.c.lot_number)
)
_UNIT = (
    select(serial_unit.c.serial_unit_id)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.lot_id == bindparam("lot_id"))
    .where(serial_unit.c.serial_number == bindparam("serial_number"))
)
_OF_SUPPLIER = (
    _LOTS.where(lot.c.item_id == bindparam("item_id"))
    .where(lot.c.supplier_id == bindparam("supplier_id"))
    .where(lot.c.supplier_lot == bindparam("supplier_lot"))
    .order_by(lot.c.created_at, lot.c.lot_id)
)
_SUPPLIERS_LOTS = (
    select(lot.c.supplier_lot)
    .where(lot.c.tenant_id == bindparam("tenant_id"))
    .where(lot.c.item_id == bindparam("item_id"))
    .where(lot.c.supplier_id == bindparam("supplier_id"))
    .where(lot.c.supplier_lot.in_(bindparam("supplier_lots", expanding=True)))
    .order_by(lot.c.supplier_lot)
)
_SEARCH = (
    _LOTS.where(
        or_(
            lot.c.lot_number.like(bindparam("start")),
            lot.c.supplier_lot.like(bindparam("start")),
            item.c.item_number.like(bindparam("start")),
            lot.c.item_id.in_(bindparam("same_items", expanding=True)),
        )
    )
    .where(lot.c.lot_id < bindparam("before", type_=lot.c.lot_id.type))
    .order_by(lot.c.lot_id.desc())  # ids grow with time
    .limit(bindparam("limit"))
)
_SERIALS = (
    select(serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.item_id == bindparam("item_id"))
    .where(serial_unit.c.serial_number.in_(bindparam("serial_numbers", expanding=True)))
)
_LAST = UUID(int=2**128 - 1)
_INSERT = insert(lot)
_INSERT_SERIAL = insert(serial_unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLot:
    """A lot that came from a supplier; `supplier_lot_raw` as scanned or typed.

    `owner_id` is whose it stays (ownership.py); None where it is ours with the receipt.
    """

    item_id: UUID
    item_revision: str
    supplier_id: UUID
    supplier_lot_raw: str
    manufacturer: str | None = None
    produced_on: date | None = None
    expiry: Expiry | None = None
    owner_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A lot with what is needed to book it: its item's number, unit and base package."""

    lot_id: UUID
    number: str
    item_id: UUID
    item_number: str
    item_names: dict[str, str]
    item_revision: str
    origin: str
    tracking: str
    supplier_id: UUID | None
    manufacturer: str | None
    supplier_lot_raw: str | None
    supplier_lot: str | None
    produced_on: date | None
    expiry: date | None
    expiry_precision: str | None
    unit: Unit
    base_package_id: UUID
    owner_id: UUID | None = None

    @property
    def has_serials(self) -> bool:
        return self.tracking in WITH_SERIALS


class SerialExists(LedgerRefusal):
    """INV-05: a serial number belongs to one unit of an item, for ever."""

    def __init__(self, item_number: str, serials: Iterable[str]) -> None:
        shown = listed(serials)
        super().__init__(
            f"Serial number {shown} of {item_number} has been in the book before. "
            "Check the label; if it is right, report a duplicate serial to quality.",
            f"物料 {item_number} 的序列号 {shown} 已有记录，请核对标签；"
            "如标签无误，请向质量部报告序列号重复。",
            found=shown,
        )


class LooksLike(NotInLedger):
    """A label says one number, the book has another that looks the same: a person compares."""

    def __init__(self, number: str, alike: Iterable[str]) -> None:
        shown = listed(alike)
        LedgerRefusal.__init__(
            self,
            f"There is no lot {number}; there is {shown}. Compare letter by letter with the label "
            "(O and 0, I and 1), and enter the number of the book; a wrong label goes to quality.",
            f"没有批次 {number}，但有 {shown}。请与标签逐字核对（O 与 0、I 与 1），"
            "填写系统中的批号；标签有误请报告质量部。",
            expected=shown,
            found=number,
        )


def find(db: Connection, tenant_id: str, lot_id: UUID) -> Lot:
    """Give a lot by id; NotInLedger when there is none."""
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "lot_id": lot_id}).one_or_none()
    if row is None:
        raise NotInLedger("lot", "批次", lot_id)
    return _read(row)


def by_number(db: Connection, tenant_id: str, number: str) -> Lot:
    """Give a lot by its number; NotInLedger when there is none.

    What only looks like a number in the book (O123 for 0123) is never taken for it: LooksLike says
    which it may be.
    """
    read = own_number(number)
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "lot_number": read}).one_or_none()
    if row is None:
        key = {"tenant_id": tenant_id, "lot_numbers": look_alikes(read)}
        alike = list(db.execute(_ALIKE, key).scalars())
        if alike:
            raise LooksLike(number, alike)
        raise NotInLedger("lot", "批次", number)
    return _read(row)


def unit_of(db: Connection, tenant_id: str, found: Lot, serial_number: str) -> UUID:
    """Give the unit of a lot with a serial number; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "lot_id": found.lot_id, "serial_number": serial_number}
    unit: UUID | None = db.execute(_UNIT, key).scalar_one_or_none()
    if unit is None:
        raise NotInLedger("serial number", "序列号", serial_number)
    return unit


def search(
    db: Connection, tenant_id: str, query: str, limit: int = 50, *, before: UUID = _LAST
) -> list[Lot]:
    """List lots, newest first, whose own, supplier's or item number starts with `query`; those
    before a lot, where the page before ended.

    An item's number in full finds its lots under every number that the item has or had.
    """
    plain = normalised(query).replace("%", "").replace("_", "")
    same = items.same_items(db, tenant_id, plain)
    key = {"tenant_id": tenant_id, "start": f"{plain}%", "same_items": same, "limit": limit}
    key["before"] = before
    return [_read(row) for row in db.execute(_SEARCH, key)]


def of_supplier(
    db: Connection, tenant_id: str, *, item_id: UUID, supplier_id: UUID, supplier_lot: str
) -> list[Lot]:
    """List our lots of one supplier's lot of an item, oldest first."""
    key = {
        "tenant_id": tenant_id,
        "item_id": item_id,
        "supplier_id": supplier_id,
        "supplier_lot": supplier_lot,
    }
    return [_read(row) for row in db.execute(_OF_SUPPLIER, key)]


def alike_of_supplier(
    db: Connection, tenant_id: str, *, item_id: UUID, supplier_id: UUID, supplier_lot: str
) -> list[str]:
    """List a supplier's lot numbers of an item that only look like one, where that one is new."""
    key = {"tenant_id": tenant_id, "item_id": item_id, "supplier_id": supplier_id}
    asked = [supplier_lot, *look_alikes(supplier_lot)]
    found = db.execute(_SUPPLIERS_LOTS, {**key, "supplier_lots": asked}).scalars()
    known = sorted(set(found))
    return [] if supplier_lot in known else known


def receive(context: ServiceContext, new: NewLot, *, join_same_lot: bool) -> Lot:
    """Give the lot that a delivery belongs to, made when there is none.

    A supplier's lot may come twice. With `join_same_lot` the second delivery joins our lot when
    revision, manufacturer, expiry and owner are equal; otherwise it becomes a lot of its own with
    the first one's number and a suffix, so that both are seen to be one supplier's lot.
    """
    supplier_lot = supplier_number(new.supplier_lot_raw)
    earlier = of_supplier(
        context.db,
        context.tenant_id,
        item_id=new.item_id,
        supplier_id=new.supplier_id,
        supplier_lot=supplier_lot,
    )
    if join_same_lot:
        for known in earlier:
            if _is_same(known, new):
                return known
    number = f"{earlier[0].number}-{len(earlier) + 1}" if earlier else next_number(context, "L")
    lot_id = context.new_id()
    context.db.execute(_INSERT, _row(context, new, lot_id, own_number(number), supplier_lot))
    made = find(context.db, context.tenant_id, lot_id)
    context.record(
        {
            "event": "lot.created",
            "lot": made.number,
            "item": made.item_number,
            "revision": made.item_revision,
            "supplier_lot": new.supplier_lot_raw,
            "expiry": None if new.expiry is None else new.expiry.raw,
        }
    )
    return made


def register_serials(context: ServiceContext, made: Lot, serials: Sequence[str]) -> dict[str, UUID]:
    """Add the units of a lot by serial number; one that was ever used is refused."""
    numbers = [own_number(serial) for serial in serials]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    key = {
        "tenant_id": context.tenant_id,
        "item_id": made.item_id,
        "serial_numbers": numbers,
    }
    taken = sorted(context.db.execute(_SERIALS, key).scalars())
    if taken or twice:
        raise SerialExists(made.item_number, taken or twice)
    ids = {number: context.new_id() for number in numbers}
    context.db.execute(
        _INSERT_SERIAL,
        [
            {
                "tenant_id": context.tenant_id,
                "serial_unit_id": serial_unit_id,
                "item_id": made.item_id,
                "serial_number": number,
                "lot_id": made.lot_id,
                "created_at": context.now,
            }
            for number, serial_unit_id in ids.items()
        ],
    )
    context.record({"event": "serials.registered", "lot": made.number, "serials": numbers})
    return ids


def _is_same(known: Lot, new: NewLot) -> bool:
    expiry = None if new.expiry is None else (new.expiry.on, new.expiry.precision)
    known_expiry = None if known.expiry is None else (known.expiry, known.expiry_precision)
    return (
        known.item_revision == new.item_revision
        and known.manufacturer == new.manufacturer
        and known_expiry == expiry
        and known.owner_id == new.owner_id
    )


def _row(
    context: ServiceContext, new: NewLot, lot_id: UUID, number: str, supplier_lot: str
) -> dict[str, object]:
    expiry = new.expiry
    return {
        "tenant_id": context.tenant_id,
        "lot_id": lot_id,
        "lot_number": number,
        "item_id": new.item_id,
        "item_revision": new.item_revision,
        "origin": "purchased",
        "supplier_id": new.supplier_id,
        "manufacturer": new.manufacturer,
        "supplier_lot_raw": new.supplier_lot_raw,
        "supplier_lot": supplier_lot,
        "produced_on": new.produced_on,
        "expiry": None if expiry is None else expiry.on,
        "expiry_precision": None if expiry is None else expiry.precision,
        "expiry_raw": None if expiry is None else expiry.raw,
        "owner_id": new.owner_id,
        "created_at": context.now,
    }


def _read(row: AnyRow) -> Lot:
    return Lot(
        lot_id=row.lot_id,
        number=row.lot_number,
        item_id=row.item_id,
        item_number=row.item_number,
        item_names={"en": row.name_en, "zh": row.name_zh},
        item_revision=row.item_revision,
        origin=row.origin,
        tracking=row.tracking,
        supplier_id=row.supplier_id,
        manufacturer=row.manufacturer,
        supplier_lot_raw=row.supplier_lot_raw,
        supplier_lot=row.supplier_lot,
        produced_on=row.produced_on,
        expiry=row.expiry,
        expiry_precision=row.expiry_precision,
        unit=Unit(
            code=row.unit_code,
            names={"en": row.unit_name_en, "zh": row.unit_name_zh},
            decimals=row.decimals,
        ),
        base_package_id=row.package_level_id,
        owner_id=row.owner_id,
    )
