"""What a person scanned at the packing table, as content of a container."""

from decimal import Decimal
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from processes.ledger import items, lots, packages
from processes.ledger.distribution.containers import Content
from processes.ledger.lots import Lot
from processes.ledger.packages import PackageLevel
from processes.ledger.quantities import scaled
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import serial_position, serial_unit

_LIES_THERE = (
    select(serial_unit.c.lot_id)
    .join(
        serial_position,
        and_(
            serial_position.c.tenant_id == serial_unit.c.tenant_id,
            serial_position.c.serial_unit_id == serial_unit.c.serial_unit_id,
        ),
    )
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.serial_number == bindparam("serial_number"))
    .where(serial_position.c.location_id == bindparam("location_id"))
)


class OtherItem(LedgerRefusal):
    """The barcode of a package and the lot on it belong together."""

    def __init__(self, scanned: str, lot_number: str) -> None:
        super().__init__(
            f"{scanned} is not on a package of lot {lot_number}. Scan the label again.",
            f"{scanned} 不是批次 {lot_number} 的包装标识，请重新扫描标签。",
            expected=lot_number,
            found=scanned,
        )


class SeveralUnits(LedgerRefusal):
    """Items may share a serial number: the lot then says which unit is meant."""

    def __init__(self, serial_number: str) -> None:
        super().__init__(
            f"Several units at this place have serial number {serial_number}. Scan the lot too.",
            f"该货位有多件货物的序列号为 {serial_number}，请同时扫描批号。",
            found=serial_number,
        )


def lot_of_unit(db: Connection, tenant_id: str, serial_number: str, location_id: UUID) -> Lot:
    """Give the lot of the one unit with this serial number that lies at a place."""
    key = {"tenant_id": tenant_id, "serial_number": serial_number, "location_id": location_id}
    found = list(db.execute(_LIES_THERE, key).scalars())
    if not found:
        raise NotInLedger("serial number", "序列号", serial_number)
    if len(found) > 1:
        raise SeveralUnits(serial_number)
    return lots.find(db, tenant_id, found[0])


def content_of(
    db: Connection,
    tenant_id: str,
    lot_number: str,
    quantity: Decimal,
    *,
    serial_number: str | None = None,
    package: str | None = None,
    status: str | None = None,
) -> Content:
    """Give what is to be packed; a case that was scanned counts as the eaches in it.

    Raises NotInLedger, OtherItem, and the refusals of quantities.
    """
    found = lots.by_number(db, tenant_id, lot_number)
    level = None if package is None else _level(db, tenant_id, found, package)
    stored = scaled(quantity if level is None else quantity * level.base_quantity, found.unit)
    unit = None
    if serial_number is not None:
        unit = lots.unit_of(db, tenant_id, found, serial_number)
    return Content(
        lot_number=found.number,
        quantity=stored,
        serial_unit_id=unit,
        serial_number=serial_number,
        status=status,
        package_level_id=None if level is None else level.package_level_id,
    )


def _level(db: Connection, tenant_id: str, found: Lot, scanned: str) -> PackageLevel:
    level = packages.by_identifier(db, tenant_id, scanned)
    if level is None:
        raise NotInLedger("package", "包装", scanned)
    if level.item_id not in items.same_item(db, tenant_id, found.item_id):
        raise OtherItem(scanned, found.number)
    return level
