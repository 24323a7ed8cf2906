"""What happens to a change after its release, and its process does not see by itself.

From time to time the book is looked over: has a change that is observed enough lots (CHG-70), and
is old stock that is to be used up gone, or has some come back (CC-04 `use_up`)? What is new goes on
the record of the change and to its instance.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, or_, select

from engine.commands.base import Command, Periodic
from engine.configuration.documents import read_documents
from engine.identifiers import derived_id
from engine.services import ServiceContext
from engine.store.tables import tenant
from processes.ledger import site_days
from processes.ledger.changes import (
    affected,
    implementation,
    messages,
    observation,
    old_stock,
    orders,
)
from processes.ledger.changes.affected import Affected
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import change_decision, change_order, effectivity

LOOK_EVERY = timedelta(hours=1)
OBSERVATION, OLD_STOCK = "observation", "old_stock"
OBSERVING = ("begun", "extended")
USE_UP = "use_up"
RULES = "change_rules"
WATCHED_DAYS = 365
"""How long a closed change is watched after its old stock was gone, where a document from before
`use_up.watched_days` is in force."""

_LATER = change_decision.alias("later")
_GONE_FOR_LONG = (
    select(change_decision.c.decision_number)
    .where(change_decision.c.tenant_id == change_order.c.tenant_id)
    .where(change_decision.c.change_id == change_order.c.change_id)
    .where(change_decision.c.step == OLD_STOCK)
    .where(change_decision.c.decision == "gone")
    .where(change_decision.c.decided_at < bindparam("since"))
    .where(
        ~select(_LATER.c.decision_number)
        .where(_LATER.c.tenant_id == change_decision.c.tenant_id)
        .where(_LATER.c.change_id == change_decision.c.change_id)
        .where(_LATER.c.step == OLD_STOCK)
        .where(_LATER.c.decision_number > change_decision.c.decision_number)
        .exists()
    )
    .exists()
)
_IN_FORCE = (
    select(change_order.c.change_id)
    .outerjoin(
        effectivity,
        (effectivity.c.tenant_id == change_order.c.tenant_id)
        & (effectivity.c.change_id == change_order.c.change_id)
        & (effectivity.c.round == change_order.c.round),
    )
    .where(change_order.c.tenant_id == bindparam("tenant_id"))
    .where(
        or_(
            change_order.c.status == "effective",
            and_(
                change_order.c.status == "closed",
                effectivity.c.kind == USE_UP,
                ~_GONE_FOR_LONG,
            ),
        )
    )
    .order_by(change_order.c.change_id)
)
_TENANTS = select(tenant.c.tenant_id).order_by(tenant.c.tenant_id)
Configuration = Callable[[str], Any]


def periodic(command: Callable[..., Command]) -> Periodic:
    """Give the look that has what is new about a change reported by this command."""

    def due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
        for tenant_id in db.execute(_TENANTS).scalars().all():
            documents = read_documents(db, tenant_id)
            if RULES not in documents:
                continue
            for change_id in _watched(db, tenant_id, documents[RULES], now):
                change = orders.find(db, tenant_id, change_id)
                if news(db, tenant_id, documents.__getitem__, change):
                    said = len(orders.decisions(db, tenant_id, change_id))
                    command_id = derived_id("change_progress", tenant_id, change_id, said)
                    yield tenant_id, command(command_id=command_id, number=change.number)

    return Periodic(name="change_progress", every=LOOK_EVERY, due=due)


def _watched(
    db: Connection, tenant_id: str, rules: Mapping[str, Any], now: datetime
) -> Sequence[UUID]:
    """List the changes that are looked at: what is in force, and what is closed as long as its old
    stock lies there or may come back soon; so the look does not grow with the years."""
    days = rules.get(USE_UP, {}).get("watched_days", WATCHED_DAYS)
    key = {"tenant_id": tenant_id, "since": now - timedelta(days=days)}
    return db.execute(_IN_FORCE, key).scalars().all()


def news(
    db: Connection, tenant_id: str, configuration: Configuration, change: Change
) -> dict[str, str]:
    """Give what is new about a change: each step with what is to be decided there."""
    objects = affected.of_change(db, tenant_id, change.change_id)
    last = {each.step: each.decision for each in orders.decisions(db, tenant_id, change.change_id)}
    found = {}
    if last.get(OBSERVATION) in OBSERVING and change.status == "effective":
        least = wanted(configuration, change, objects)
        if least and lots_of(db, tenant_id, configuration, change, objects) >= least:
            found[OBSERVATION] = "lots_reached"
    planned = implementation.effectivity_of(db, tenant_id, change)
    if planned is not None and planned.kind == USE_UP:
        lying = old_stock.of_old_revisions(db, tenant_id, objects)
        state = "back" if lying else "gone"
        if lying is not None and last.get(OLD_STOCK, "back") != state:
            found[OLD_STOCK] = state
    return found


def report(context: ServiceContext, change: Change) -> dict[str, str]:
    """Put what is new about a change on its record, and tell its instance; give what it was."""
    db, tenant_id = context.db, context.tenant_id
    found = news(db, tenant_id, context.configuration, change)
    objects = affected.of_change(db, tenant_id, change.change_id)
    if OBSERVATION in found:
        lots = lots_of(db, tenant_id, context.configuration, change, objects)
        orders.decide(context, change, OBSERVATION, found[OBSERVATION], role="QE", reason=str(lots))
        messages.tell(context, messages.LOTS_REACHED, change.number, {"lots": lots})
    if OLD_STOCK in found:
        said = ", ".join(old_stock.of_old_revisions(db, tenant_id, objects) or ()) or None
        orders.decide(context, change, OLD_STOCK, found[OLD_STOCK], role="PLN", reason=said)
        if not change.is_over:
            told = {"state": found[OLD_STOCK], "lots": said or "-"}
            messages.tell(context, messages.OLD_STOCK, change.number, told)
    return found


def wanted(configuration: Configuration, change: Change, objects: Iterable[Affected]) -> int:
    """Give how many lots are wanted before the check; 0 where no goods show the change."""
    if not old_stock.touched(objects):
        return 0
    lots: int = configuration("change_rules")["observation"]["lots"][change.change_class]
    return lots


def lots_of(
    db: Connection,
    tenant_id: str,
    configuration: Configuration,
    change: Change,
    objects: Iterable[Affected],
) -> int:
    """Count the lots that were decided on since the day of a change."""
    assert change.effective_from is not None  # set with the release
    since = site_days.start_of(configuration, change.effective_from)
    return observation.lots_decided(db, tenant_id, objects, since)
