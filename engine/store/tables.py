"""The engine's tables, readable from top to bottom.

Every key is led by the tenant, made by the application and free of sequences, so that tenants can
be spread over machines later. Rows that a projection of the trail writes are marked *projection*:
`countersign verify` can rebuild them. `audit_entry` is append-only: a trigger refuses the rest.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.base import Id, Instant, metadata


def _key(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _tenant() -> Column[Any]:
    return _key("tenant_id", Text)


COMPACT: dict[str, Any] = {"sqlite_with_rowid": False}
"""Small rows live in the key's own tree on SQLite: no second tree, no row number."""

# --- who: tenants, people -------------------------------------------------------------------

tenant = Table(
    "tenant",
    metadata,
    _tenant(),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("configuration_revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    **COMPACT,
)

account = Table(
    "account",
    metadata,
    _tenant(),
    _key("account_id", Id),
    Column("username", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("roles", Text, nullable=False),  # codes of the role catalogue, separated by spaces
    Column("zone", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("session_epoch", Integer, nullable=False),  # raised to end every session
    Column("failed_sign_ins", Integer, nullable=False),
    Column("failed_signatures", Integer, nullable=False),
    Column("sign_in_locked_at", Instant),
    Column("signing_locked_at", Instant),
    # What the account was before it was changed last: what was done without a network before that
    # and comes later is judged by it.
    Column("changed_at", Instant),
    Column("roles_before", Text),
    UniqueConstraint("tenant_id", "username"),
)

delegation = Table(  # the work of a role of one person, with another for a time
    "delegation",
    metadata,
    _tenant(),
    _key("delegation_id", Id),
    Column("role", Text, nullable=False),
    Column("from_account_id", Id, nullable=False),
    Column("to_account_id", Id, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Id),
    CheckConstraint("ends_at > starts_at", name="period"),
    CheckConstraint("from_account_id <> to_account_id", name="another"),
    Index("ix_delegation_to", "tenant_id", "to_account_id", "ends_at"),
    Index("ix_delegation_from", "tenant_id", "from_account_id"),
)

# --- what the customer configures ------------------------------------------------------------

configuration = Table(
    "configuration",
    metadata,
    _tenant(),
    _key("key", Text),
    _key("version", Integer),
    Column("document", LargeBinary, nullable=False),  # JSON
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Id),
    Column("reason", Text),
)

content = Table(
    "content",
    metadata,
    _tenant(),
    _key("content_hash", LargeBinary(32)),  # SHA-256 of the bytes
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("stored_by", Id),
)

content_part = Table(  # of a file that is on its way; gone when the whole has arrived
    "content_part",
    metadata,
    _tenant(),
    _key("content_hash", LargeBinary(32)),  # of the whole
    _key("part_hash", LargeBinary(32)),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("sent_by", Id),
    Index("ix_content_part_sent", "tenant_id", "sent_at"),
)

process_definition = Table(
    "process_definition",
    metadata,
    _tenant(),
    _key("definition_hash", LargeBinary(32)),
    Column("process_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("compiled", LargeBinary, nullable=False),  # CompiledDefinition as compressed JSON
    Column("deployed_at", Instant, nullable=False),
    Column("deployed_by", Id),
    UniqueConstraint("tenant_id", "process_id", "version"),
    CheckConstraint("status IN ('active', 'retired')", name="status"),
)

definition_file = Table(
    "definition_file",
    metadata,
    _tenant(),
    _key("definition_hash", LargeBinary(32)),
    _key("path", Text),
    Column("content_hash", LargeBinary(32), nullable=False),
    **COMPACT,
)

# --- what was asked, and what is on record ---------------------------------------------------

command = Table(
    "command",
    metadata,
    _tenant(),
    _key("command_id", Id),
    Column("digest", LargeBinary(16), nullable=False),  # of what was asked: an id cannot be reused
    Column("outcome", LargeBinary, nullable=False),  # msgpack of the first answer
    **COMPACT,
)

audit_entry = Table(
    "audit_entry",
    metadata,
    _tenant(),
    _key("stream_id", Id),  # a process instance, or a register
    _key("seq", Integer),
    Column("hash", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),  # canonical JSON (RFC 8785), zlib
    CheckConstraint("seq > 0", name="seq"),
)

register = Table(
    "register",
    metadata,
    _tenant(),
    _key("stream_id", Id),
    Column("name", Text, nullable=False),
    Column("audit_seq", Integer, nullable=False),
    Column("audit_head", LargeBinary(32), nullable=False),
    UniqueConstraint("tenant_id", "name"),
    **COMPACT,
)

signature = Table(  # projection
    "signature",
    metadata,
    _tenant(),
    _key("stream_id", Id),
    _key("seq", Integer),
    Column("account_id", Id, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("record_hash", LargeBinary(32), nullable=False),
    **COMPACT,
)

case_file = Table(  # projection
    "case_file",
    metadata,
    _tenant(),
    _key("content_hash", LargeBinary(32)),
    _key("stream_id", Id),  # of the process instance
    _key("seq", Integer),  # of the entry that names the file
    **COMPACT,
)

# --- process instances and the work in them --------------------------------------------------

process_instance = Table(
    "process_instance",
    metadata,
    _tenant(),
    _key("process_instance_id", Id),
    Column("process_id", Text, nullable=False),
    Column("definition_hash", LargeBinary(32), nullable=False),
    Column("status", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("state", LargeBinary),  # what the execution core saved; empty when finished
    Column("variables", LargeBinary, nullable=False),  # the case document, compressed JSON
    Column("audit_seq", Integer, nullable=False),  # also the revision for optimistic locking
    Column("audit_head", LargeBinary(32), nullable=False),
    CheckConstraint("status IN ('running', 'completed', 'cancelled')", name="status"),
)
Index(
    "ix_process_instance_recent",
    process_instance.c.tenant_id,
    process_instance.c.status,
    process_instance.c.process_instance_id,
)

work_item = Table(  # projection
    "work_item",
    metadata,
    _tenant(),
    _key("process_instance_id", Id),
    _key("task_ref", Integer),  # with the instance's id: the work item's id
    Column("activity_id", Text, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("item_index", Integer),
    Column("role", Text, nullable=False),
    Column("assignee_id", Id),
    Column("status", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("completed_by", Id),
    Column("notice_at", Instant),  # when somebody is told next; none when nobody is any more
    Column("told_first", Text),  # the roles that were told that it is late
    Column("told_next", Text),
    CheckConstraint("status IN ('open', 'completed', 'cancelled')", name="status"),
    **COMPACT,
)
_noticed = text("notice_at IS NOT NULL")
Index(
    "ix_work_item_notice_at",
    work_item.c.notice_at,
    sqlite_where=_noticed,
    postgresql_where=_noticed,
)
_late = text("status = 'open' AND told_first IS NOT NULL")
Index(
    "ix_work_item_late",
    work_item.c.tenant_id,
    work_item.c.due_at,
    sqlite_where=_late,
    postgresql_where=_late,
)
_open = text("status = 'open'")
Index(
    "ix_work_item_worklist",
    work_item.c.tenant_id,
    work_item.c.role,
    work_item.c.priority.desc(),
    work_item.c.due_at,
    work_item.c.process_instance_id,
    work_item.c.task_ref,
    sqlite_where=_open,
    postgresql_where=_open,
)

draft = Table(
    "draft",
    metadata,
    _tenant(),
    _key("process_instance_id", Id),
    _key("task_ref", Integer),
    _key("account_id", Id),
    Column("saved_at", Instant, nullable=False),
    Column("data", LargeBinary, nullable=False),  # JSON, as the form sent it, unchecked
)

UNTOLD = {"told": False}
"""Marks a column of a projection that the trail does not tell: verification leaves it out."""

timer = Table(  # projection
    "timer",
    metadata,
    _tenant(),
    _key("process_instance_id", Id),
    _key("task_ref", Integer),
    Column("activity_id", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    # Until when a worker has it to itself; not told by the trail.
    Column("claimed_until", Instant, info=UNTOLD),
    Index("ix_timer_due_at", "due_at"),
    **COMPACT,
)

subscription = Table(  # projection
    "subscription",
    metadata,
    _tenant(),
    _key("process_instance_id", Id),
    _key("task_ref", Integer),
    _key("kind", Text),
    _key("name", Text),
    Column("correlation", Text, nullable=False),
    Column("activity_id", Text, nullable=False),
    CheckConstraint("kind IN ('message', 'signal')", name="kind"),
    Index("ix_subscription_name", "tenant_id", "kind", "name", "correlation"),
    **COMPACT,
)

outbox = Table(
    "outbox",
    metadata,
    _tenant(),
    _key("outbox_id", Id),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("payload", LargeBinary, nullable=False),  # compressed JSON
    Column("source_instance_id", Id),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("kind IN ('message', 'signal')", name="kind"),
    CheckConstraint("status IN ('pending', 'waiting', 'delivered', 'expired')", name="status"),
)
_pending = text("status = 'pending'")
_waiting = text("status = 'waiting'")
Index("ix_outbox_due_at", outbox.c.due_at, sqlite_where=_pending, postgresql_where=_pending)
Index(
    "ix_outbox_waiting",
    outbox.c.tenant_id,
    outbox.c.kind,
    outbox.c.name,
    outbox.c.correlation,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

incident = Table(  # projection
    "incident",
    metadata,
    _tenant(),
    _key("incident_id", Id),
    Column("process_instance_id", Id),
    Column("command_id", Id, nullable=False),
    Column("command_name", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("resolved_at", Instant),
    # Of a delivery that failed (timer, message, signal): what it was, and when it is tried again.
    Column("delivery", Text),
    Column("outbox_id", Id),
    Column("task_ref", Integer),
    Column("attempts", Integer),
    Column("retry_at", Instant),
)
_retried = text("retry_at IS NOT NULL")
Index(
    "ix_incident_retry_at",
    incident.c.retry_at,
    sqlite_where=_retried,
    postgresql_where=_retried,
)

APPEND_ONLY = ["audit_entry"]
"""Tables on which the database itself refuses UPDATE and DELETE (see guards.py)."""
