"""What lies where in which status: sums of the movements, kept in the same transaction.

The balance is never edited. Taking more than there is finds no row to take it from; should a
statement ever go round that, the database's own check refuses a balance below zero.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    Update,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as insert_or

from processes.ledger import words
from processes.ledger.many import among, slices
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import location, stock_balance, stock_movement
from processes.ledger.units import Unit


def taking(
    tenant_id: Any, lot_id: Any, location_id: Any, status: Any, quantity: Any, packed: Any
) -> Update:
    """Give the statement that takes from a place no more than lies there (INV-01).

    `packed` of it goes with the containers that it lies in; the rest is taken from what is loose.
    """
    return (
        update(stock_balance)
        .where(stock_balance.c.tenant_id == tenant_id)
        .where(stock_balance.c.lot_id == lot_id)
        .where(stock_balance.c.location_id == location_id)
        .where(stock_balance.c.status == status)
        .where(stock_balance.c.quantity - stock_balance.c.packed >= quantity - packed)
        .where(stock_balance.c.packed >= packed)
        .values(
            quantity=stock_balance.c.quantity - quantity, packed=stock_balance.c.packed - packed
        )
    )


def putting(given: Insert) -> Insert:
    """Give the statement that puts at a place: a new row, or more of what lies there."""
    return given.on_conflict_do_update(  # the same words in SQLite and PostgreSQL
        index_elements=["tenant_id", "lot_id", "location_id", "status"],
        set_={
            "quantity": stock_balance.c.quantity + given.excluded.quantity,
            "packed": stock_balance.c.packed + given.excluded.packed,
        },
    )


_TAKE = taking(
    bindparam("key_tenant_id"),
    bindparam("key_lot_id"),
    bindparam("key_location_id"),
    bindparam("key_status"),
    bindparam("taken", type_=BigInteger),
    bindparam("taken_packed", type_=BigInteger),
)
_PUT = putting(insert_or(stock_balance))
_AT = (
    select(stock_balance.c.quantity)
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.lot_id == bindparam("lot_id"))
    .where(stock_balance.c.location_id == bindparam("location_id"))
    .where(stock_balance.c.status == bindparam("status"))
)
_PACKED_AT = (
    select(stock_balance.c.packed)
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.lot_id == bindparam("lot_id"))
    .where(stock_balance.c.location_id == bindparam("location_id"))
    .where(stock_balance.c.status == bindparam("status"))
)
_HERE = (
    stock_balance.c.tenant_id == bindparam("key_tenant_id"),
    stock_balance.c.lot_id == bindparam("key_lot_id"),
    stock_balance.c.location_id == bindparam("key_location_id"),
    stock_balance.c.status == bindparam("key_status"),
)
_consigned = bindparam("consigned", type_=BigInteger)
_CHANGE_OWNER = (
    update(stock_balance)
    .where(*_HERE)
    .where(stock_balance.c.consigned + _consigned >= literal_column("0"))
    .where(stock_balance.c.quantity - stock_balance.c.consigned - _consigned >= literal_column("0"))
    .values(consigned=stock_balance.c.consigned + _consigned)
)
_SHARES = (
    select(stock_balance.c.quantity, stock_balance.c.consigned)
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.lot_id == bindparam("lot_id"))
    .where(stock_balance.c.location_id == bindparam("location_id"))
    .where(stock_balance.c.status == bindparam("status"))
)
_PACK = (
    update(stock_balance)
    .where(*_HERE)
    .where(
        (stock_balance.c.packed + bindparam("more", type_=BigInteger)).between(
            0, stock_balance.c.quantity
        )
    )
    .values(packed=stock_balance.c.packed + bindparam("more", type_=BigInteger))
)
_OF_LOT = (
    select(
        stock_balance.c.location_id,
        stock_balance.c.status,
        stock_balance.c.quantity,
        stock_balance.c.packed,
        stock_balance.c.consigned,
        location.c.code,
        location.c.name_en,
        location.c.name_zh,
        location.c.site,
        location.c.zone,
    )
    .join(
        location,
        and_(
            location.c.tenant_id == stock_balance.c.tenant_id,
            location.c.location_id == stock_balance.c.location_id,
        ),
    )
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(stock_balance.c.lot_id == bindparam("lot_id"))
    .where(stock_balance.c.quantity > 0)
    .order_by(location.c.code, stock_balance.c.status)
)
_OF_LOTS = (
    select(
        stock_balance.c.lot_id,
        stock_balance.c.location_id,
        location.c.code,
        stock_balance.c.status,
        stock_balance.c.quantity,
    )
    .join(
        location,
        and_(
            location.c.tenant_id == stock_balance.c.tenant_id,
            location.c.location_id == stock_balance.c.location_id,
        ),
    )
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
    .where(among(stock_balance.c.lot_id, "lot_ids"))
    .where(stock_balance.c.quantity > 0)
    .order_by(location.c.code, stock_balance.c.status)
)


def _side(prefix: str, sign: str) -> Select[*tuple[Any, ...]]:
    columns = stock_movement.c
    place = columns[f"{prefix}_location_id"]
    return (
        select(
            columns.lot_id,
            place.label("location_id"),
            columns[f"{prefix}_status"].label("status"),
            (columns.quantity * literal_column(sign)).label("quantity"),
            (columns[f"{prefix}_consigned"] * literal_column(sign)).label("consigned"),
        )
        .where(columns.tenant_id == bindparam("tenant_id"))
        .where(place.is_not(None))
    )


_sides = union_all(_side("to", "1"), _side("from", "-1")).subquery("sides")
_SUMS = select(
    _sides.c.lot_id,
    _sides.c.location_id,
    _sides.c.status,
    cast(func.sum(_sides.c.quantity), BigInteger),
    cast(func.sum(_sides.c.consigned), BigInteger),
).group_by(_sides.c.lot_id, _sides.c.location_id, _sides.c.status)
_KEPT = select(
    stock_balance.c.lot_id,
    stock_balance.c.location_id,
    stock_balance.c.status,
    stock_balance.c.quantity,
    stock_balance.c.consigned,
).where(stock_balance.c.tenant_id == bindparam("tenant_id"))


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the book: where, and in which status."""

    location_id: UUID
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What lies at a place, as a stored integer."""

    location_id: UUID
    location_code: str
    location_names: dict[str, str]
    site: str
    zone: str
    status: str
    quantity: int
    packed: int = 0
    consigned: int = 0
    """How much of it is not ours, but the owner's of the lot."""

    @property
    def loose(self) -> int:
        """What of it lies in no container."""
        return self.quantity - self.packed


class Lying(NamedTuple):
    """Stock of one of many lots, in one place and status; `quantity` is a stored integer."""

    lot_id: UUID
    location_id: UUID
    location_code: str
    status: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A balance that is not the sum of its movements."""

    lot_id: UUID
    place: Place
    kept: int
    summed: int
    consigned_kept: int = 0
    consigned_summed: int = 0


class InsufficientStock(LedgerRefusal):
    """INV-01: nothing is taken that is not there."""

    def __init__(self, lot_number: str, status: str, wanted: int, there: int, unit: Unit) -> None:
        want, have = amount_of(wanted, unit), amount_of(there, unit)
        counts = words.said("status", status)
        super().__init__(
            f"{lot_number} has {have} {unit.names['en']} there that are {counts.en}, not {want}. "
            "Count again, or take less.",
            f"批次 {lot_number} 在该处状态为“{counts.zh}”的数量只有 {have} {unit.names['zh']}，"
            f"不足 {want}，请重新清点或减少数量。",
            expected=str(want),
            found=str(have),
        )


def released_of(db: Connection, tenant_id: str, lot_id: UUID) -> int:
    """Give how much of a lot lies released, wherever it is, as a stored integer."""
    return sum(e.quantity for e in of_lot(db, tenant_id, lot_id) if e.status == "RELEASED")


def at(db: Connection, tenant_id: str, lot_id: UUID, place: Place) -> int:
    """Give what lies at one place, as a stored integer."""
    key = _key(tenant_id, lot_id, place)
    return db.execute(_AT, key).scalar_one_or_none() or 0


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[Balance]:
    """List where a lot lies, by place and status."""
    return [
        Balance(
            location_id=row.location_id,
            location_code=row.code,
            location_names={"en": row.name_en, "zh": row.name_zh},
            site=row.site,
            zone=row.zone,
            status=row.status,
            quantity=row.quantity,
            packed=row.packed,
            consigned=row.consigned,
        )
        for row in db.execute(_OF_LOT, {"tenant_id": tenant_id, "lot_id": lot_id})
    ]


def of_lots(db: Connection, tenant_id: str, lot_ids: Iterable[UUID]) -> Iterator[Lying]:
    """Give where these lots lie; each lot's stock by place and status."""
    for some in slices(lot_ids):
        key = {"tenant_id": tenant_id, "lot_ids": some}
        yield from (Lying(*row) for row in db.execute(_OF_LOTS, key))


def in_containers(db: Connection, tenant_id: str, lot_id: UUID, place: Place) -> int:
    """Give how much of what lies at one place lies in containers, as a stored integer."""
    return db.execute(_PACKED_AT, _key(tenant_id, lot_id, place)).scalar_one_or_none() or 0


def take(
    db: Connection, tenant_id: str, lot_id: UUID, place: Place, quantity: int, packed: int = 0
) -> bool:
    """Take stock from a place; False, and nothing taken, when there is not enough."""
    key = _named(tenant_id, lot_id, place) | {"taken": quantity, "taken_packed": packed}
    return db.execute(_TAKE, key).rowcount == 1


def put(
    db: Connection, tenant_id: str, lot_id: UUID, place: Place, quantity: int, packed: int = 0
) -> None:
    """Put stock at a place."""
    row = {**_key(tenant_id, lot_id, place), "quantity": quantity, "packed": packed}
    db.execute(_PUT, row)


def pack(db: Connection, tenant_id: str, lot_id: UUID, place: Place, quantity: int) -> bool:
    """Put so much of what lies loose at a place into containers, or take it out (below zero).

    False, and nothing done, when there is not so much loose, or in containers.
    """
    key = _named(tenant_id, lot_id, place) | {"more": quantity}
    return db.execute(_PACK, key).rowcount == 1


def shares_at(db: Connection, tenant_id: str, lot_id: UUID, place: Place) -> tuple[int, int]:
    """Give what lies at one place, and how much of it is the owner's of the lot."""
    row = db.execute(_SHARES, _key(tenant_id, lot_id, place)).one_or_none()
    return (0, 0) if row is None else (row.quantity, row.consigned)


def change_owner(
    db: Connection, tenant_id: str, lot_id: UUID, place: Place, consigned: int
) -> bool:
    """Make so much more of what lies at a place the owner's (less, below nothing)."""
    key = {**_named(tenant_id, lot_id, place), "consigned": consigned}
    return db.execute(_CHANGE_OWNER, key).rowcount == 1


def differences(db: Connection, tenant_id: str) -> list[Difference]:
    """Compare every balance with the sum of its movements; empty when the book is right."""
    key = {"tenant_id": tenant_id}
    kept = {(r[0], Place(r[1], r[2])): (r[3], r[4]) for r in db.execute(_KEPT, key)}
    summed = {(r[0], Place(r[1], r[2])): (r[3], r[4]) for r in db.execute(_SUMS, key)}
    none = (0, 0)
    return [
        Difference(
            lot_id=lot_id,
            place=place,
            kept=found[0],
            summed=right[0],
            consigned_kept=found[1],
            consigned_summed=right[1],
        )
        for lot_id, place in sorted(kept.keys() | summed.keys(), key=repr)
        if (found := kept.get((lot_id, place), none))
        != (right := summed.get((lot_id, place), none))
    ]


def _named(tenant_id: str, lot_id: UUID, place: Place) -> dict[str, object]:
    return {f"key_{name}": value for name, value in _key(tenant_id, lot_id, place).items()}


def _key(tenant_id: str, lot_id: UUID, place: Place) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "lot_id": lot_id,
        "location_id": place.location_id,
        "status": place.status,
    }
