"""Find what is due (timers, messages, signals) and hand it to the dispatcher, in small batches.

The truth is in our own tables with their due times; a command's id is made from what it is for, so
that a second worker, or the same one after a crash, gets the first answer instead of a second
effect. Timers and the outbox are claimed in batches for the time of a lease: on PostgreSQL with
SKIP LOCKED, so that each worker takes what no other has; on SQLite the one writer claims. Retries,
notices and the periodic looks are few and are not claimed: two workers ask for the same one, and
the second gets the first answer (tests/processes/test_two_servers.py).
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, select, update

from engine.actors import engine_actor
from engine.background.periodic import PeriodicLooks
from engine.background.setbacks import Setbacks
from engine.commands.base import Command
from engine.commands.deliveries import AttemptDelivery, Kind, RecordFailedDelivery
from engine.commands.messages import DEFAULT_KEPT, DeliverMessage, DeliverSignal, signal_receivers
from engine.commands.timers import FireTimers
from engine.commands.work_item_id import WorkItemId
from engine.commands.work_item_notices import NoticeWorkItem
from engine.devices.sync import apply_left, take_left
from engine.dispatcher import Dispatcher, TenantUnknown
from engine.identifiers import derived_id
from engine.outcomes import Accepted, ActorChanged, ConcurrentChange, Outcome, Rejected
from engine.store.base import AnyRow
from engine.store.tables import incident, outbox, subscription, timer, work_item

logger = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(seconds=60)

_DUE_TIMERS = (
    select(timer.c.tenant_id, timer.c.process_instance_id, timer.c.task_ref, timer.c.due_at)
    .where(timer.c.due_at <= bindparam("now"))
    .where(timer.c.claimed_until.is_(None) | (timer.c.claimed_until <= bindparam("now")))
    .order_by(timer.c.due_at)
    .limit(BATCH)
)
_CLAIMABLE_TIMERS = _DUE_TIMERS.with_for_update(skip_locked=True)
_CLAIM_TIMER = (
    update(timer)
    .where(timer.c.tenant_id == bindparam("key_tenant_id"))
    .where(timer.c.process_instance_id == bindparam("key_process_instance_id"))
    .where(timer.c.task_ref == bindparam("key_task_ref"))
    .values(claimed_until=bindparam("claimed_until"))
)
_DUE_NOTICES = (
    select(
        work_item.c.tenant_id,
        work_item.c.process_instance_id,
        work_item.c.task_ref,
        work_item.c.notice_at,
        work_item.c.told_first,
    )
    .where(work_item.c.notice_at <= bindparam("now"))
    .order_by(work_item.c.notice_at)
    .limit(bindparam("count"))
)
_DUE_OUTBOX = (
    select(outbox)
    .where(outbox.c.status == "pending")
    .where(outbox.c.due_at <= bindparam("now"))
    .order_by(outbox.c.due_at)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_AWAITED = (
    select(outbox.c.tenant_id, outbox.c.outbox_id)
    .where(outbox.c.status == "waiting")
    .where(
        (outbox.c.created_at <= bindparam("kept_since"))
        | exists()
        .where(subscription.c.tenant_id == outbox.c.tenant_id)
        .where(subscription.c.kind == outbox.c.kind)
        .where(subscription.c.name == outbox.c.name)
        .where(subscription.c.correlation.in_([outbox.c.correlation, ""]))
    )
    .limit(BATCH)
)
_THIS = (
    update(outbox)
    .where(outbox.c.tenant_id == bindparam("key_tenant_id"))
    .where(outbox.c.outbox_id == bindparam("key_outbox_id"))
)
_LEASE = _THIS.values(due_at=bindparam("due_at"))
_WAKE = _THIS.where(outbox.c.status == "waiting").values(
    status="pending", due_at=bindparam("due_at")
)
_DELIVERED = _THIS.values(status="delivered")
_DUE_RETRIES = (
    select(incident)
    .where(incident.c.retry_at <= bindparam("now"))
    .order_by(incident.c.retry_at)
    .limit(BATCH)
)


class BackgroundWork:
    """The work of one node. `run_once` does what is due and tells how much that was."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._database = dispatcher.database
        self._untold = Setbacks()
        self._periodic = PeriodicLooks(dispatcher)

    def run_once(self) -> int:
        """Fire due timers and deliver what the outbox holds; give the number of things done."""
        return (
            self._fire_timers()
            + self._wake_awaited()
            + self._deliver()
            + self._retry()
            + self._tell_of_waiting()
            + self._periodic.run(self._now())
            + self._decide_left()
        )

    def _decide_left(self) -> int:
        """Decide what devices handed in and what waited until now."""
        with self._database.transaction() as db:
            rows = take_left(db, self._now())
            if rows:
                db.commit()
        apply_left(self._dispatcher, rows)
        return len(rows)

    def run_until_idle(self, *, limit: int = 1_000) -> int:
        """Go on until nothing is due; for tests, scenarios and the end of a start-up."""
        total = 0
        for _ in range(limit):
            done = self.run_once()
            total += done
            if not done:
                break
        return total

    def _tell_of_waiting(self) -> int:
        """Remind and escalate; one that could not be told holds up no other."""
        now = self._now()
        with self._database.reading() as db:
            # Those that failed are still due: the batch is that much larger.
            due = db.execute(_DUE_NOTICES, {"now": now, "count": BATCH + len(self._untold)}).all()
        return sum(
            self._tell_of(row, now) for row in due if not self._untold.waits(tuple(row), now)
        )

    def _tell_of(self, row: AnyRow, now: datetime) -> bool:
        """Tell what is next of one work item; nothing told is a setback, or this would not end."""
        item_id = WorkItemId(row.process_instance_id, row.task_ref)
        # Two levels may fall at the same instant: who was told already sets them apart.
        told_before = row.told_first or ""
        command_id = derived_id("notice", row.tenant_id, item_id, row.notice_at, told_before)
        command = NoticeWorkItem(
            command_id=self._untold.attempt_id(tuple(row), command_id), work_item_id=item_id
        )
        outcome = self._dispatch(command, row.tenant_id, "notices")
        if not isinstance(outcome, Accepted) or outcome.result["told"] is None:
            self._untold.failed(tuple(row), now)
            return False
        self._untold.settled(tuple(row))
        return True

    def _now(self) -> datetime:
        return self._dispatcher.clock()

    def _fire_timers(self) -> int:
        done = 0
        for row in self._claim_timers():
            command_id = derived_id(
                "timer", row.tenant_id, row.process_instance_id, row.task_ref, row.due_at
            )
            command = FireTimers(
                command_id=command_id,
                process_instance_id=row.process_instance_id,
                task_ref=row.task_ref,
            )
            outcome = self._dispatch(command, row.tenant_id, "timers")
            if isinstance(outcome, Rejected):
                self._tell(
                    outcome,
                    row.tenant_id,
                    kind="timer",
                    process_instance_id=row.process_instance_id,
                    task_ref=row.task_ref,
                )
            elif outcome is not None:
                done += 1
        return done

    def _claim_timers(self) -> list[AnyRow]:
        """Take due timers to oneself, one of an instance: what it does may clear another."""
        now = self._now()
        with self._database.reading() as db:
            if not db.execute(_DUE_TIMERS, {"now": now}).first():
                return []
        with self._database.transaction() as db:
            first: dict[tuple[str, UUID], AnyRow] = {}
            for row in db.execute(_CLAIMABLE_TIMERS, {"now": now}):
                first.setdefault((row.tenant_id, row.process_instance_id), row)
            claims = [
                {
                    "key_tenant_id": row.tenant_id,
                    "key_process_instance_id": row.process_instance_id,
                    "key_task_ref": row.task_ref,
                    "claimed_until": now + LEASE,
                }
                for row in first.values()
            ]
            if claims:
                db.execute(_CLAIM_TIMER, claims)
                db.commit()
        return list(first.values())

    def _dispatch(self, command: Command, tenant_id: str, who: str) -> Outcome | None:
        """Dispatch as the engine; None when nothing happened and it comes again by itself.

        What others overtook each time must not hold up what is due after it.
        """
        try:
            return self._dispatcher.dispatch(command, engine_actor(tenant_id, who))
        except (ConcurrentChange, ActorChanged, TenantUnknown):
            logger.warning("%s overtaken; it comes again", type(command).__name__, exc_info=True)
            return None

    def _wake_awaited(self) -> int:
        """Give early messages another try once somebody waits for them; the last one, at which
        they expire, when they were kept long enough."""
        with self._database.reading() as db:
            awaited = db.execute(_AWAITED, {"kept_since": self._now() - DEFAULT_KEPT}).all()
        if not awaited:
            return 0
        rows = [
            {"key_tenant_id": r.tenant_id, "key_outbox_id": r.outbox_id, "due_at": self._now()}
            for r in awaited
        ]
        with self._database.transaction() as db:
            db.execute(_WAKE, rows)
            db.commit()
        return len(rows)

    def _claim(self) -> list[AnyRow]:
        now = self._now()
        with self._database.transaction() as db:
            due = list(db.execute(_DUE_OUTBOX, {"now": now}).all())
            if due:
                leases = [
                    {
                        "key_tenant_id": row.tenant_id,
                        "key_outbox_id": row.outbox_id,
                        "due_at": now + LEASE,
                    }
                    for row in due
                ]
                db.execute(_LEASE, leases)
                db.commit()
        return due

    def _deliver(self) -> int:
        done = 0
        for row in self._claim():
            if row.kind == "signal":
                done += self._deliver_signal(row)
            else:
                done += self._deliver_message(row)
        return done

    def _deliver_message(self, row: AnyRow) -> int:
        # The id holds how often it was settled: a message that found nobody is asked about again,
        # while a crash before it was settled gets the same answer.
        command_id = derived_id("message", row.tenant_id, row.outbox_id, row.attempts)
        command = DeliverMessage(command_id=command_id, outbox_id=row.outbox_id)
        outcome = self._dispatch(command, row.tenant_id, "messages")
        if isinstance(outcome, Rejected):
            self._tell(outcome, row.tenant_id, kind="message", outbox_id=row.outbox_id)
        return int(isinstance(outcome, Accepted))

    def _deliver_signal(self, row: AnyRow) -> int:
        """Deliver to each waiting instance in a transaction of its own; a crash in between is
        made good by the next attempt, whose commands for the others give their first answers."""
        with self._database.reading() as db:
            receivers = signal_receivers(db, row)
        for instance_id in receivers:
            command_id = derived_id("signal", row.tenant_id, row.outbox_id, instance_id)
            command = DeliverSignal(
                command_id=command_id, outbox_id=row.outbox_id, process_instance_id=instance_id
            )
            outcome = self._dispatch(command, row.tenant_id, "signals")
            if outcome is None:
                return 0  # its lease ends, and those who heard it give their first answers
            if isinstance(outcome, Rejected):
                self._tell(
                    outcome,
                    row.tenant_id,
                    kind="signal",
                    outbox_id=row.outbox_id,
                    process_instance_id=instance_id,
                )
        with self._database.transaction() as db:
            db.execute(_DELIVERED, {"key_tenant_id": row.tenant_id, "key_outbox_id": row.outbox_id})
            db.commit()
        return 1

    def _retry(self) -> int:
        """Try again what failed, when its incident says so."""
        with self._database.reading() as db:
            due = db.execute(_DUE_RETRIES, {"now": self._now()}).all()
        done = 0
        for row in due:
            attempt = derived_id(
                "delivery", row.tenant_id, row.incident_id, row.attempts, row.retry_at
            )
            command = AttemptDelivery(
                command_id=attempt, incident_id=row.incident_id, attempt=row.attempts
            )
            outcome = self._dispatch(command, row.tenant_id, "deliveries")
            if isinstance(outcome, Rejected):
                self._tell(
                    outcome,
                    row.tenant_id,
                    kind=row.delivery,
                    outbox_id=row.outbox_id,
                    process_instance_id=row.process_instance_id,
                    task_ref=row.task_ref,
                    incident_id=row.incident_id,
                )
            elif outcome is not None:
                done += 1
        return done

    def _tell(
        self,
        refused: Rejected,
        tenant_id: str,
        *,
        kind: Kind,
        outbox_id: UUID | None = None,
        process_instance_id: UUID | None = None,
        task_ref: int | None = None,
        incident_id: UUID | None = None,
    ) -> None:
        """Make an incident of a delivery that failed. A crash before this finds the same answer
        to the same command at the next try, and tells it then."""
        logger.warning("%s not delivered: %s", kind, refused.reason)
        command = RecordFailedDelivery(
            command_id=derived_id("failed", tenant_id, refused.command_id),
            kind=kind,
            outbox_id=outbox_id,
            process_instance_id=process_instance_id,
            task_ref=task_ref,
            incident_id=incident_id,
            fault=refused.incident_id,
            refusal=dict(refused.message),
        )
        self._dispatch(command, tenant_id, "deliveries")
