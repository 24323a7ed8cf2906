"""The list of nonconformities (screens: Registers, 台账): which there are, what each led to."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, or_, select

from processes.ledger.changes.tables import change_order
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions.tables import field_action
from processes.ledger.nonconformity.nonconformities import Nonconformity
from processes.ledger.nonconformity.tables import (
    concession,
    corrective_action,
    disposition_vote,
    nonconformity,
    nonconformity_closure,
    nonconformity_cycle,
    supplier_request,
)
from processes.ledger.tables import hold_release, item

_closure = and_(
    nonconformity_closure.c.tenant_id == nonconformity.c.tenant_id,
    nonconformity_closure.c.nonconformity_id == nonconformity.c.nonconformity_id,
    nonconformity_closure.c.cycle == nonconformity.c.cycle,
)
_LISTED = (
    select(
        nonconformity.c.nonconformity_id,
        nonconformity.c.nonconformity_number,
        nonconformity.c.cycle,
        nonconformity.c.stage,
        nonconformity.c.description,
        nonconformity.c.severity,
        nonconformity.c.risk_score,
        nonconformity.c.nonconformity_class,
        nonconformity.c.aware_at,
        item.c.item_number,
        item.c.name_en,
        item.c.name_zh,
        nonconformity_closure.c.outcome,
        nonconformity_closure.c.closed_at,
    )
    .outerjoin(
        item,
        and_(
            item.c.tenant_id == nonconformity.c.tenant_id, item.c.item_id == nonconformity.c.item_id
        ),
    )
    .outerjoin(nonconformity_closure, _closure)
    .where(nonconformity.c.tenant_id == bindparam("tenant_id"))
    .limit(bindparam("limit"))
)
_LATEST = _LISTED.where(nonconformity.c.nonconformity_id < bindparam("before")).order_by(
    nonconformity.c.nonconformity_id.desc()
)
_OPEN = (
    _LISTED.where(nonconformity_closure.c.cycle.is_(None))
    .where(nonconformity.c.nonconformity_id > bindparam("after"))
    .order_by(nonconformity.c.nonconformity_id)
)
_CYCLES = (
    select(
        nonconformity_cycle.c.cycle,
        nonconformity_cycle.c.process_instance_id,
        nonconformity_cycle.c.reason,
        nonconformity_cycle.c.opened_by,
        nonconformity_cycle.c.opened_at,
        nonconformity_closure.c.outcome,
        nonconformity_closure.c.reason.label("closing_reason"),
        nonconformity_closure.c.closed_by,
        nonconformity_closure.c.closed_at,
    )
    .outerjoin(
        nonconformity_closure,
        and_(
            nonconformity_closure.c.tenant_id == nonconformity_cycle.c.tenant_id,
            nonconformity_closure.c.nonconformity_id == nonconformity_cycle.c.nonconformity_id,
            nonconformity_closure.c.cycle == nonconformity_cycle.c.cycle,
        ),
    )
    .where(nonconformity_cycle.c.tenant_id == bindparam("tenant_id"))
    .where(nonconformity_cycle.c.nonconformity_id == bindparam("nonconformity_id"))
    .order_by(nonconformity_cycle.c.cycle)
)
_VOTES = (
    select(disposition_vote)
    .where(disposition_vote.c.tenant_id == bindparam("tenant_id"))
    .where(disposition_vote.c.nonconformity_id == bindparam("nonconformity_id"))
    .where(disposition_vote.c.cycle == bindparam("cycle"))
    .order_by(disposition_vote.c.round, disposition_vote.c.voted_at)
)
_CONCESSIONS = (
    select(concession)
    .where(concession.c.tenant_id == bindparam("tenant_id"))
    .where(concession.c.nonconformity_id == bindparam("nonconformity_id"))
    .where(concession.c.cycle == bindparam("cycle"))
    .order_by(concession.c.split)
)
_RELEASED = (
    select(hold_release.c.hold_id)
    .where(hold_release.c.tenant_id == bindparam("tenant_id"))
    .where(hold_release.c.hold_id.in_(bindparam("hold_ids", expanding=True)))
)
_REQUESTS = (
    select(supplier_request.c.request_number, supplier_request.c.status)
    .where(supplier_request.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_request.c.nonconformity_id == bindparam("nonconformity_id"))
    .order_by(supplier_request.c.request_number)
)
_ACTIONS = (
    select(corrective_action.c.corrective_action_number, corrective_action.c.status)
    .where(corrective_action.c.tenant_id == bindparam("tenant_id"))
    .where(corrective_action.c.source_number == bindparam("number"))
    .order_by(corrective_action.c.corrective_action_number)
)
_CHANGES = (
    select(change_order.c.change_number, change_order.c.status)
    .where(change_order.c.tenant_id == bindparam("tenant_id"))
    .where(change_order.c.source_number == bindparam("number"))
    .order_by(change_order.c.change_number)
)
_FIELD_ACTIONS = (
    select(field_action.c.field_action_number, field_action.c.status)
    .where(field_action.c.tenant_id == bindparam("tenant_id"))
    .where(
        or_(
            field_action.c.source_number == bindparam("number"),
            field_action.c.source_number == bindparam("cycle_number"),
        )
    )
    .order_by(field_action.c.field_action_number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Another case that this one led to; `kind` is the name of its process."""

    kind: str
    number: str
    status: str


def latest(db: Connection, tenant_id: str, *, before: UUID, limit: int) -> list[AnyRow]:
    """List nonconformities reported before the one with this id, the newest first."""
    return list(db.execute(_LATEST, {"tenant_id": tenant_id, "before": before, "limit": limit}))


def open_ones(db: Connection, tenant_id: str, *, after: UUID, limit: int) -> list[AnyRow]:
    """List open nonconformities reported after the one with this id, the oldest first."""
    return list(db.execute(_OPEN, {"tenant_id": tenant_id, "after": after, "limit": limit}))


def cycles_of(db: Connection, tenant_id: str, found: Nonconformity) -> list[AnyRow]:
    """List the cycles with how each began and ended, the first one first."""
    key = {"tenant_id": tenant_id, "nonconformity_id": found.nonconformity_id}
    return list(db.execute(_CYCLES, key))


def votes_of(db: Connection, tenant_id: str, found: Nonconformity) -> list[AnyRow]:
    """List the votes of the current cycle, by round."""
    return list(db.execute(_VOTES, _key(tenant_id, found)))


def concessions_of(db: Connection, tenant_id: str, found: Nonconformity) -> list[AnyRow]:
    """List the concessions of the current cycle."""
    return list(db.execute(_CONCESSIONS, _key(tenant_id, found)))


def released_holds(db: Connection, tenant_id: str, hold_ids: list[UUID]) -> set[UUID]:
    """Give those of these holds that were released."""
    rows = db.execute(_RELEASED, {"tenant_id": tenant_id, "hold_ids": hold_ids})
    return {row.hold_id for row in rows}


def linked(db: Connection, tenant_id: str, found: Nonconformity) -> list[Linked]:
    """List the cases that this one led to."""
    key = {
        "tenant_id": tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "number": found.number,
        "cycle_number": f"{found.number}/{found.cycle}",
    }
    asked = (
        ("supplier_corrective_action", _REQUESTS),
        ("corrective_action", _ACTIONS),
        ("change_control", _CHANGES),
        ("recall", _FIELD_ACTIONS),
    )
    return [
        Linked(kind=kind, number=number, status=status)
        for kind, statement in asked
        for number, status in db.execute(statement, key)
    ]


def _key(tenant_id: str, found: Nonconformity) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
    }
