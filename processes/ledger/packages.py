"""Package levels of an item, and the device identifiers (UDI-DI) on their labels."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from processes.ledger.columns import AnyRow
from processes.ledger.refusals import NotInLedger
from processes.ledger.tables import device_identifier, package_level

_LEVELS = (
    select(
        package_level.c.package_level_id,
        package_level.c.item_id,
        package_level.c.level,
        package_level.c.name,
        package_level.c.contained_quantity,
        package_level.c.base_quantity,
    )
    .where(package_level.c.tenant_id == bindparam("tenant_id"))
    .where(package_level.c.item_id == bindparam("item_id"))
    .order_by(package_level.c.level, package_level.c.base_quantity)
)
_IDENTIFIERS = (
    select(device_identifier.c.device_identifier)
    .where(device_identifier.c.tenant_id == bindparam("tenant_id"))
    .where(device_identifier.c.package_level_id == bindparam("package_level_id"))
    .order_by(device_identifier.c.device_identifier)
)
_BY_IDENTIFIER = (
    select(
        package_level.c.package_level_id,
        package_level.c.item_id,
        package_level.c.level,
        package_level.c.name,
        package_level.c.contained_quantity,
        package_level.c.base_quantity,
    )
    .join(
        package_level,
        and_(
            package_level.c.tenant_id == device_identifier.c.tenant_id,
            package_level.c.package_level_id == device_identifier.c.package_level_id,
        ),
    )
    .where(device_identifier.c.tenant_id == bindparam("tenant_id"))
    .where(device_identifier.c.device_identifier == bindparam("device_identifier"))
    .where(device_identifier.c.kind != "unit_of_use")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageLevel:
    """A package of an item; `base_quantity` is what it holds in the item's stock unit."""

    package_level_id: UUID
    item_id: UUID
    level: int
    name: str
    contained_quantity: int
    base_quantity: int


def of_item(db: Connection, tenant_id: str, item_id: UUID) -> list[PackageLevel]:
    """List the package levels of an item, the base package first."""
    rows = db.execute(_LEVELS, {"tenant_id": tenant_id, "item_id": item_id})
    return [_read_level(row) for row in rows]


def by_identifier(db: Connection, tenant_id: str, scanned: str) -> PackageLevel | None:
    """Give the package that carries a device identifier on its label; None when nobody does.

    A GTIN of 8, 12 or 13 digits is the same key as its 14 digits with leading zeros (GS1 general
    specifications); identifiers are compared as text.
    """
    text = scanned.strip()
    padded = text.zfill(14) if text.isdigit() and len(text) in (8, 12, 13) else text
    for value in dict.fromkeys((padded, text)):
        key = {"tenant_id": tenant_id, "device_identifier": value}
        row = db.execute(_BY_IDENTIFIER, key).first()
        if row is not None:
            return _read_level(row)
    return None


def identifiers_of(db: Connection, tenant_id: str, package_level_id: UUID) -> list[str]:
    """List the device identifiers that labels of a package carry."""
    key = {"tenant_id": tenant_id, "package_level_id": package_level_id}
    return [row[0] for row in db.execute(_IDENTIFIERS, key)]


def _read_level(row: AnyRow) -> PackageLevel:
    return PackageLevel(
        package_level_id=row.package_level_id,
        item_id=row.item_id,
        level=row.level,
        name=row.name,
        contained_quantity=row.contained_quantity,
        base_quantity=row.base_quantity,
    )


def find(db: Connection, tenant_id: str, item_id: UUID, package_level_id: UUID) -> PackageLevel:
    """Give a package level of an item; NotInLedger when it is not one of its packages."""
    for package in of_item(db, tenant_id, item_id):
        if package.package_level_id == package_level_id:
            return package
    raise NotInLedger("package level", "包装层级", package_level_id)
