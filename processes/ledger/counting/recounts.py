"""Counts that a late movement has overtaken: their bins are counted again.

A device that had no connection hands in a movement which was performed before a count and was not
in the book when the count was compared. Nothing is adjusted twice: a new count is asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.identifiers import derived_id
from processes.ledger.asked_once import unanswered
from processes.ledger.counting.tables import count_end, count_observation
from processes.ledger.tables import location, stock_movement

REGISTER = "ledger"
ASK = "stock_count.requested"
LOOK_EVERY = timedelta(hours=1)
LOOKED_BACK = timedelta(days=31)
"""How late a movement may be handed in: devices refuse work on a pack that is days old."""
_later = count_observation.alias("later")
_LATE = (
    select(
        count_observation.c.tenant_id,
        count_observation.c.count_number,
        location.c.code,
        stock_movement.c.movement_id,
    )
    .join(
        count_end,
        and_(
            count_end.c.tenant_id == count_observation.c.tenant_id,
            count_end.c.count_number == count_observation.c.count_number,
        ),
    )
    .join(
        stock_movement,
        and_(
            stock_movement.c.tenant_id == count_observation.c.tenant_id,
            stock_movement.c.lot_id == count_observation.c.lot_id,
            or_(
                stock_movement.c.from_location_id == count_observation.c.location_id,
                stock_movement.c.to_location_id == count_observation.c.location_id,
            ),
            stock_movement.c.performed_at <= count_observation.c.counted_at,
            stock_movement.c.recorded_at > count_observation.c.compared_at,
            stock_movement.c.movement_type.notin_(("CNT+", "CNT-", "OWN", "STAT")),
        ),
    )
    .join(
        location,
        and_(
            location.c.tenant_id == count_observation.c.tenant_id,
            location.c.location_id == count_observation.c.location_id,
        ),
    )
    .where(count_observation.c.compared_at > bindparam("since"))
    .where(
        ~exists()
        .where(_later.c.tenant_id == count_observation.c.tenant_id)
        .where(_later.c.lot_id == count_observation.c.lot_id)
        .where(_later.c.location_id == count_observation.c.location_id)
        .where(_later.c.compared_at >= stock_movement.c.recorded_at)
    )
    .order_by(location.c.code, count_observation.c.count_number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForRecount(Command):
    """Ask that a bin is counted again after a late movement; asked by the engine alone."""

    count_number: str
    location: str


def periodic() -> Periodic:
    """Give the look that finds counts which a late movement has overtaken."""
    return Periodic(name="late_movements", every=LOOK_EVERY, due=_due)


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    found: dict[str, list[Command]] = {}
    for row in db.execute(_LATE, {"since": now - LOOKED_BACK}).all():
        asked = _ask(row.tenant_id, row.count_number, row.code)
        found.setdefault(row.tenant_id, []).append(asked)
    for tenant_id, commands in found.items():
        for command in unanswered(db, tenant_id, commands):
            yield tenant_id, command


def _ask(tenant_id: str, number: str, code: str) -> AskForRecount:
    command_id: UUID = derived_id("recount", tenant_id, f"{number} {code}")
    return AskForRecount(command_id=command_id, count_number=number, location=code)


def ask(context: CommandContext, command: AskForRecount) -> Mapping[str, Any]:
    """Ask for the count of one bin."""
    request = f"{command.count_number}-{command.location}"
    reason = (
        f"A movement from before count {command.count_number} was handed in after it · "
        f"盘点 {command.count_number} 之后才收到此前发生的移动记录"
    )
    payload = {"request": request, "bins": command.location, "reason": reason}
    publish(context, REGISTER, ASK, request, payload)
    return {"request": request}
