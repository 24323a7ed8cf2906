"""Process instances as screens show them: lists, one with its marks on the diagram, its history."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.audit import trail
from engine.audit.entries import GENESIS, document_of, hash_of
from engine.audit.signatures import signed_record
from engine.canonical import record_value
from engine.commands.instance import decode_variables
from engine.reading.readers import MAY_READ, Reader
from engine.store.tables import incident, process_instance, subscription, timer, work_item

PAGE = 50

_LIST = (
    select(
        process_instance.c.process_instance_id,
        process_instance.c.process_id,
        process_instance.c.definition_hash,
        process_instance.c.status,
        process_instance.c.title,
        process_instance.c.started_at,
        process_instance.c.finished_at,
    )
    .where(process_instance.c.tenant_id == bindparam("tenant_id"))
    .where(process_instance.c.status.in_(bindparam("statuses", expanding=True)))
    .where(process_instance.c.process_instance_id < bindparam("before"))
    .order_by(process_instance.c.process_instance_id.desc())
    .limit(PAGE + 1)
)
_LIST_FOR = _LIST.where(MAY_READ)
_ONE = (
    select(process_instance)
    .where(process_instance.c.tenant_id == bindparam("tenant_id"))
    .where(process_instance.c.process_instance_id == bindparam("process_instance_id"))
)
_LAST = UUID(int=2**128 - 1)
STATUSES = ("running", "completed", "cancelled")


def instances_of(
    db: Connection,
    tenant_id: str,
    reader: Reader,
    *,
    statuses: tuple[str, ...] = STATUSES,
    before: UUID = _LAST,
) -> tuple[list[Any], UUID | None]:
    """Give a page of what somebody may read, the newest first, and where the next page begins."""
    key = {"tenant_id": tenant_id, "statuses": list(statuses), "before": before}
    statement = _LIST if reader.every_case else _LIST_FOR
    rows = db.execute(statement, key if reader.every_case else key | reader.key()).all()
    page = list(rows[:PAGE])
    return page, page[-1].process_instance_id if len(rows) > PAGE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceView:
    """One instance with its marks: how often each activity was passed, is open, waits, failed."""

    row: Any
    marks: Mapping[str, Mapping[str, int]]
    incidents: list[Any]
    variables: Mapping[str, Any]
    started_by: Mapping[str, Any]


def instance_of(db: Connection, tenant_id: str, process_instance_id: UUID) -> InstanceView | None:
    """Give one instance, or None."""
    key = {"tenant_id": tenant_id, "process_instance_id": process_instance_id}
    row = db.execute(_ONE, key).one_or_none()
    if row is None:
        return None
    marks: dict[str, dict[str, int]] = defaultdict(
        lambda: {"open": 0, "completed": 0, "waiting": 0, "failed": 0}
    )
    started_by: Mapping[str, Any] = {}
    for entry in trail.entries_of(db, tenant_id, process_instance_id):
        document = document_of(entry.body)
        if entry.seq == 1:
            started_by = document["actor"]
        for event in document["events"]:
            if event["event"] == "process_instance.advanced":
                for activity_id in event["left"]:
                    marks[activity_id]["completed"] += 1
    for table, mark in ((work_item, "open"), (timer, "waiting"), (subscription, "waiting")):
        for activity_id in _activities(db, table, key):
            marks[activity_id][mark] += 1
    incidents = db.execute(
        select(incident)
        .where(incident.c.tenant_id == tenant_id)
        .where(incident.c.process_instance_id == process_instance_id)
        .where(incident.c.resolved_at.is_(None))
    ).all()
    return InstanceView(
        row=row,
        marks=marks,
        incidents=list(incidents),
        variables=record_value(decode_variables(row.variables)),
        started_by=started_by,
    )


def _activities(db: Connection, table: Any, key: Mapping[str, Any]) -> list[str]:
    statement = (
        select(table.c.activity_id)
        .where(table.c.tenant_id == key["tenant_id"])
        .where(table.c.process_instance_id == key["process_instance_id"])
    )
    if table is work_item:
        statement = statement.where(work_item.c.status == "open")
    return [row[0] for row in db.execute(statement)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """An entry of the trail as the auditor reads it; `record` is what was signed in it."""

    document: Mapping[str, Any]
    hash: str
    record: Mapping[str, Any] | None
    whole: bool


def history_of(db: Connection, tenant_id: str, stream_id: UUID) -> tuple[list[HistoryEntry], bool]:
    """Give every entry of a chain in order, and whether the chain is whole."""
    entries = []
    previous, whole = GENESIS, True
    for stored in trail.entries_of(db, tenant_id, stream_id):
        document = document_of(stored.body)
        good = hash_of(stored.body) == stored.hash and document["prev"] == previous.hex()
        entries.append(
            HistoryEntry(
                document=document,
                hash=stored.hash.hex(),
                record=signed_record(document),
                whole=good,
            )
        )
        whole = whole and good
        previous = stored.hash
    return entries, whole
