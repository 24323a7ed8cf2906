"""The tables of the clocks that the law counts.

What a clock is and what happened to it are append-only: no clock is ever deleted, and its due date
is only ever added to, by a correction of the calendar with a reason (INV-16). `clock_state` is a
*projection* of the two: one row a clock, for lists and for finding what is due.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    SmallInteger,
    Table,
    Text,
    text,
)

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

EVENT_KINDS = ("due", "due_corrected", "start_disputed", "warned", "breached", "elapsed", "stopped")
STATES = ("running", "warned", "breached", "elapsed", "stopped")

clock = Table(
    "clock",
    metadata,
    tenant(),
    key("clock_id", Id),
    must("rule_code", Text),
    must("rule", Document),  # as it was when the clock started
    must("authority", Text),
    must("calendar_code", Text),
    must("nature", Text),
    must("subject_kind", Text),  # "field_action", "complaint"
    must("subject_number", Text),
    must("owner_role", Text),
    must("started_at", Instant),
    must("start_evidence", Text),
    Column("process_instance_id", Id),
    must("actor", Text),
    must("recorded_at", Instant),
    one_of("nature", ("deadline", "gate", "waiting")),
    CheckConstraint("length(trim(start_evidence)) > 0", name="start_evidence"),
    Index("ix_clock_subject", "tenant_id", "subject_kind", "subject_number"),
    **COMPACT,
)

clock_event = Table(
    "clock_event",
    metadata,
    tenant(),
    key("clock_id", Id),
    key("position", SmallInteger),  # counted from 1
    must("kind", Text),
    must("at", Instant),  # when it happened: the stop may be recorded later
    Column("due_on", Date),
    Column("due_at", Instant),
    Column("warn_at", Instant),
    Column("provisional", Boolean),
    Column("evidence", Text),
    Column("reason", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("clock", "clock_id"),
    one_of("kind", EVENT_KINDS),
    CheckConstraint(
        "kind <> 'due_corrected' OR coalesce(length(trim(reason)), 0) > 0", name="reason"
    ),
    CheckConstraint(
        "kind NOT IN ('stopped', 'start_disputed') OR coalesce(length(trim(evidence)), 0) > 0",
        name="evidence",
    ),
    CheckConstraint("kind <> 'due_corrected' OR due_at IS NOT NULL", name="due"),
    **COMPACT,
)
for _once in ("warned", "breached", "elapsed"):  # each once for a due date
    _kind = text(f"kind = '{_once}'")
    Index(
        f"uq_clock_event_{_once}",
        clock_event.c.tenant_id,
        clock_event.c.clock_id,
        clock_event.c.due_at,
        unique=True,
        sqlite_where=_kind,
        postgresql_where=_kind,
    )
_stopped = text("kind = 'stopped'")
Index(
    "uq_clock_event_stopped",
    clock_event.c.tenant_id,
    clock_event.c.clock_id,
    unique=True,
    sqlite_where=_stopped,
    postgresql_where=_stopped,
)

clock_state = Table(
    "clock_state",
    metadata,
    tenant(),
    key("clock_id", Id),
    must("owner_role", Text),
    must("state", Text),
    must("overdue", Boolean),  # breached, or stopped after the due date
    must("last_position", SmallInteger),
    Column("due_on", Date),
    Column("due_at", Instant),
    Column("warn_at", Instant),
    Column("provisional", Boolean),
    Column("next_check_at", Instant),  # when something will have to be recorded
    Column("stopped_at", Instant),
    Column("stop_evidence", Text),
    refers("clock", "clock_id"),
    one_of("state", STATES),
    CheckConstraint("(state = 'stopped') = (stopped_at IS NOT NULL)", name="stopped"),
    Index("ix_clock_state_owner", "tenant_id", "owner_role", "state", "due_at"),
    **COMPACT,
)
Index(
    "ix_clock_state_next_check",
    clock_state.c.next_check_at,
    sqlite_where=text("next_check_at IS NOT NULL"),
    postgresql_where=text("next_check_at IS NOT NULL"),
)

APPEND_ONLY = ["clock", "clock_event"]
"""Tables on which the database itself refuses UPDATE and DELETE (engine/store/guards.py)."""
