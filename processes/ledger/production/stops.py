"""An open order stands still while quality decides: what went into it was held, or recalled.

A stop is a row without an end beside it. While one is open nothing is issued, made or labelled;
what is on the line may go back. Its end is the decision of quality with reason and signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import lots, status
from processes.ledger.production.tables import (
    STOP_DECISIONS,
    work_order,
    work_order_stop,
    work_order_stop_end,
)
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.status import SignatureMissing

_INSERT = insert(work_order_stop)
_END = insert(work_order_stop_end)
_stops = select(
    work_order_stop.c.stop_id,
    work_order_stop.c.work_order_id,
    work_order_stop.c.cause,
    work_order_stop.c.subject,
    work_order_stop.c.reason,
    work_order_stop.c.source,
    work_order_stop.c.stopped_at,
    work_order_stop_end.c.decision,
    work_order_stop_end.c.reason.label("decided_because"),
    work_order_stop_end.c.actor.label("decided_by"),
).outerjoin(
    work_order_stop_end,
    (work_order_stop_end.c.tenant_id == work_order_stop.c.tenant_id)
    & (work_order_stop_end.c.stop_id == work_order_stop.c.stop_id),
)
_OF_ORDER = (
    _stops.where(work_order_stop.c.tenant_id == bindparam("tenant_id"))
    .where(work_order_stop.c.work_order_id == bindparam("work_order_id"))
    .order_by(work_order_stop.c.stopped_at, work_order_stop.c.stop_id)
)
_ONE = _stops.where(work_order_stop.c.tenant_id == bindparam("tenant_id")).where(
    work_order_stop.c.stop_id == bindparam("stop_id")
)
_ORDER = (
    select(work_order.c.work_order_number, work_order.c.lot_id)
    .where(work_order.c.tenant_id == bindparam("tenant_id"))
    .where(work_order.c.work_order_id == bindparam("work_order_id"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why an order stands still, or stood; `decision` None while nobody has decided."""

    stop_id: UUID
    work_order_id: UUID
    cause: str
    subject: str
    reason: str
    source: str
    stopped_at: datetime
    decision: str | None
    decided_because: str | None
    decided_by: str | None

    def shown(self) -> dict[str, Any]:
        """Give the stop as the case document and its forms show it."""
        return {
            "stop_id": str(self.stop_id),
            "cause": self.cause,
            "subject": self.subject,
            "reason": self.reason,
            "source": self.source,
        }


class StandsStill(LedgerRefusal):
    """Nothing goes into an order, or comes out of it, before quality has decided."""

    def __init__(self, number: str, stop: Stop) -> None:
        super().__init__(
            f"Work order {number} stands still: {stop.subject} ({stop.source}: {stop.reason}). "
            "Leave everything as it is until quality has decided.",
            f"工单 {number} 已暂停：{stop.subject}（{stop.source}：{stop.reason}）。"
            "质量部作出决定前，请保持现场不动。",
            expected="decided",
            found=stop.cause,
        )


class DecidedAlready(LedgerRefusal):
    """A stop is decided on once, by one of the decisions."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"This stop is decided already, or {found} is no decision: {listed(STOP_DECISIONS)}.",
            f"该暂停事项已有决定，或“{found}”不是有效决定。",
            expected=listed(STOP_DECISIONS),
            found=found,
        )


def stop(
    context: ServiceContext,
    work_order_id: UUID,
    *,
    cause: str,
    subject: str,
    why: Mapping[str, str],
) -> Stop | None:
    """Let an order stand still; `why` holds `reason` and `source`.

    None where it stands still for the same already: a signal may name a lot twice.
    """
    for each in open_of(context.db, context.tenant_id, work_order_id):
        if (each.cause, each.subject, each.source) == (cause, subject, why["source"]):
            return None
    row = {
        "tenant_id": context.tenant_id,
        "stop_id": context.new_id(),
        "work_order_id": work_order_id,
        "cause": cause,
        "subject": subject,
        "reason": why["reason"],
        "source": why["source"],
        "actor": context.actor.username,
        "stopped_at": context.now,
    }
    context.db.execute(_INSERT, row)
    made = _one(context.db, context.tenant_id, row["stop_id"])
    number = _order(context, work_order_id).work_order_number
    context.record({"event": "work_order.stopped", "work_order": number, **made.shown()})
    return made


def of_order(db: Connection, tenant_id: str, work_order_id: UUID) -> list[Stop]:
    """List the stops of an order, decided or not, as they came."""
    key = {"tenant_id": tenant_id, "work_order_id": work_order_id}
    return [Stop(**row._mapping) for row in db.execute(_OF_ORDER, key)]  # noqa: SLF001  # its name


def open_of(db: Connection, tenant_id: str, work_order_id: UUID) -> list[Stop]:
    """List what an order stands still for."""
    return [each for each in of_order(db, tenant_id, work_order_id) if each.decision is None]


def require_going(db: Connection, tenant_id: str, work_order_id: UUID, number: str) -> None:
    """Refuse work on an order that stands still."""
    for each in open_of(db, tenant_id, work_order_id):
        raise StandsStill(number, each)


def decide(context: ServiceContext, stop_id: UUID, decision: str, reason: str) -> Stop:
    """End a stop by the decision of quality, signed DISP in this command.

    `quarantine` puts a hold on what the order makes: it is made, and not released before quality
    releases the hold. `go_on` and `close` leave the book as it is; closing is the order's own step.
    """
    if "DISP" not in context.signatures:
        raise SignatureMissing(["DISP"])
    found = _one(context.db, context.tenant_id, stop_id)
    if found.decision is not None or decision not in STOP_DECISIONS:
        raise DecidedAlready(decision)
    row = {
        "tenant_id": context.tenant_id,
        "stop_id": stop_id,
        "decision": decision,
        "reason": reason,
        "signature_meaning": "DISP",
        "actor": context.actor.username,
        "decided_at": context.now,
    }
    context.db.execute(_END, row)
    order = _order(context, found.work_order_id)
    context.record(
        {
            "event": "work_order.stop_decided",
            "work_order": order.work_order_number,
            "subject": found.subject,
            "decision": decision,
            "reason": reason,
        }
    )
    if decision == "quarantine":
        status.place_hold(
            context,
            lots.find(context.db, context.tenant_id, order.lot_id),
            reason=f"{found.source}: {reason}",
            owner_role="QA",
            document_kind="work_order",
            document_id=order.work_order_number,
        )
    return _one(context.db, context.tenant_id, stop_id)


def _one(db: Connection, tenant_id: str, stop_id: object) -> Stop:
    row = db.execute(_ONE, {"tenant_id": tenant_id, "stop_id": stop_id}).one_or_none()
    if row is None:
        raise NotInLedger("stop of a work order", "工单暂停事项", stop_id)
    return Stop(**row._mapping)  # noqa: SLF001  # the name that SQLAlchemy gives it


def _order(context: ServiceContext, work_order_id: UUID) -> Any:
    key = {"tenant_id": context.tenant_id, "work_order_id": work_order_id}
    return context.db.execute(_ORDER, key).one()
