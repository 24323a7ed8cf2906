"""What is in containers, as rows: read and kept in step by whoever moves stock.

The rules of packing are in containers.py, which moves stock itself; here is what the movement of
stock has to know of it, so that neither asks the other in a circle.
"""

from uuid import UUID

from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from processes.ledger.balances import Place
from processes.ledger.distribution.tables import container, container_state, container_stock
from processes.ledger.tables import serial_position

_ROW = (
    container_stock.c.tenant_id == bindparam("key_tenant_id"),
    container_stock.c.container_id == bindparam("key_container_id"),
    container_stock.c.lot_id == bindparam("key_lot_id"),
    container_stock.c.status == bindparam("key_status"),
)
_new = insert_or(container_stock)
_ADD = _new.on_conflict_do_update(
    index_elements=["tenant_id", "container_id", "lot_id", "status"],
    set_={"quantity": container_stock.c.quantity + _new.excluded.quantity},
)
_TAKE = (
    update(container_stock)
    .where(*_ROW)
    .where(container_stock.c.quantity > bindparam("taken", type_=BigInteger))
    .values(quantity=container_stock.c.quantity - bindparam("taken", type_=BigInteger))
)
_EMPTY = (
    delete(container_stock)
    .where(*_ROW)
    .where(container_stock.c.quantity == bindparam("taken", type_=BigInteger))
)
_HELD_AT = (
    select(container_stock.c.container_id, container_stock.c.quantity, container.c.sscc)
    .join(
        container_state,
        and_(
            container_state.c.tenant_id == container_stock.c.tenant_id,
            container_state.c.container_id == container_stock.c.container_id,
        ),
    )
    .join(
        container,
        and_(
            container.c.tenant_id == container_stock.c.tenant_id,
            container.c.container_id == container_stock.c.container_id,
        ),
    )
    .where(container_stock.c.tenant_id == bindparam("tenant_id"))
    .where(container_stock.c.lot_id == bindparam("lot_id"))
    .where(container_stock.c.status == bindparam("status"))
    .where(container_state.c.location_id == bindparam("location_id"))
    .order_by(container.c.sscc)
)
_BOX = (
    select(serial_position.c.container_id)
    .where(serial_position.c.tenant_id == bindparam("tenant_id"))
    .where(serial_position.c.serial_unit_id == bindparam("serial_unit_id"))
)
_CODE = (
    select(container.c.sscc)
    .where(container.c.tenant_id == bindparam("tenant_id"))
    .where(container.c.container_id == bindparam("container_id"))
)


def box_of(db: Connection, tenant_id: str, serial_unit_id: UUID) -> UUID | None:
    """Give the container that a unit lies in; None for one that is loose, or not here."""
    key = {"tenant_id": tenant_id, "serial_unit_id": serial_unit_id}
    return db.execute(_BOX, key).scalar_one_or_none()


def code_of(db: Connection, tenant_id: str, container_id: UUID) -> str:
    """Give the SSCC of a container."""
    found: str = db.execute(
        _CODE, {"tenant_id": tenant_id, "container_id": container_id}
    ).scalar_one()
    return found


def codes_at(db: Connection, tenant_id: str, lot_id: UUID, place: Place) -> list[str]:
    """List the SSCCs of the containers at a place that hold stock of a lot in this status."""
    key = {"tenant_id": tenant_id, "lot_id": lot_id}
    there = {"location_id": place.location_id, "status": place.status}
    return [row.sscc for row in db.execute(_HELD_AT, key | there)]


def add(
    db: Connection, tenant_id: str, container_id: UUID, lot_id: UUID, status: str, quantity: int
) -> None:
    """Add content to a container."""
    row = {"tenant_id": tenant_id, "container_id": container_id, "lot_id": lot_id}
    db.execute(_ADD, row | {"status": status, "quantity": quantity})


def take(
    db: Connection, tenant_id: str, container_id: UUID, lot_id: UUID, status: str, quantity: int
) -> bool:
    """Take content out of a container; False, and nothing taken, when it holds less."""
    key = {
        "key_tenant_id": tenant_id,
        "key_container_id": container_id,
        "key_lot_id": lot_id,
        "key_status": status,
        "taken": quantity,
    }
    return db.execute(_EMPTY, key).rowcount == 1 or db.execute(_TAKE, key).rowcount == 1


def restate(
    db: Connection,
    tenant_id: str,
    lot_id: UUID,
    place: Place,
    status: str,
    quantity: int,
    container_id: UUID | None,
) -> None:
    """Have what lies in containers at a place follow a change of its status there.

    `container_id` names the one that holds the unit that changes; without it all of them change.
    """
    if container_id is not None:
        take(db, tenant_id, container_id, lot_id, place.status, quantity)
        add(db, tenant_id, container_id, lot_id, status, quantity)
        return
    key = {"tenant_id": tenant_id, "lot_id": lot_id}
    there = {"location_id": place.location_id, "status": place.status}
    for row in list(db.execute(_HELD_AT, key | there)):
        take(db, tenant_id, row.container_id, lot_id, place.status, row.quantity)
        add(db, tenant_id, row.container_id, lot_id, status, row.quantity)
