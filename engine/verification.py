"""Prove the record: walk every chain, check every signature, rebuild every projection, compare.

Needs nothing but the database. What differs is named by stream, entry and field; nothing is mended.
What the processes keep beside the trail they check themselves: see Check.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select

from engine.audit import trail
from engine.audit.entries import GENESIS, canonical_of, document_of, hash_of
from engine.audit.signatures import signed_record
from engine.canonical import canonical_bytes, record_value
from engine.commands.instance import decode_variables
from engine.devices.proof import DevicesAsTold
from engine.identities.signing import record_hash
from engine.problems import Text
from engine.projections.changes import Replay
from engine.projections.registry import PROJECTED_TABLES, changes_of
from engine.registers_as_told import RegistersAsTold
from engine.rules_as_told import RulesAsTold
from engine.store.tables import content, process_instance, register

_PARTS = frozenset({"tenant", "stream", "seq", "prev", "at", "actor", "command", "why", "events"})
_BRINGS_DATA = ("work_item.completed", "process_instance.started")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as the trail says. `seq` is the entry, where one can be named."""

    code: str
    stream: str
    seq: int | None
    message: Text


@dataclass(slots=True)
class Report:
    """What was checked, and what differs."""

    checked: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.differences

    def differ(self, code: str, stream: object, seq: int | None, en: str, zh: str) -> None:
        found = Difference(code=code, stream=str(stream), seq=seq, message={"en": en, "zh": zh})
        self.differences.append(found)


Check = Callable[[Connection, str, Report], None]
"""A check that a part outside the engine brings: the database, the tenant, where to say it."""


@dataclass(slots=True)
class _InstanceAsTold:
    """A process instance as its chain tells it."""

    definition: str = ""
    status: str = "running"
    title: str = ""
    state: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    finished_at: datetime | None = None


def verify(db: Connection, tenant_id: str, checks: Iterable[Check] = ()) -> Report:
    """Check the whole record of a tenant, and what `checks` add to that."""
    report = Report()
    replay, registers = Replay(), RegistersAsTold()

    def differ(code: str, where: object, en: str, zh: str) -> None:
        report.differ(code, where, None, en, zh)

    rules = RulesAsTold(db, tenant_id, differ)
    devices = DevicesAsTold(db, tenant_id, differ)

    def follow(document: Mapping[str, Any]) -> None:
        replay.apply(changes_of(document))
        registers.follow(document)
        rules.follow(document)
        devices.follow(document)

    heads = _heads(db, tenant_id)
    for stream_id in trail.streams_of(db, tenant_id):
        _verify_stream(db, tenant_id, stream_id, heads.pop(stream_id, None), report, follow)
    for stream_id, (seq, _head) in heads.items():
        if seq:
            report.differ(
                "trail.missing",
                stream_id,
                None,
                f"The chain should have {seq} entries; none is there.",
                f"该链应有 {seq} 条记录，但一条也没有。",
            )
    for table in PROJECTED_TABLES:
        _compare_table(db, tenant_id, table, replay, report)
    _verify_contents(db, tenant_id, report)
    report.checked["register rows"] = registers.compare(db, tenant_id, differ)
    rules.compare()
    report.checked["envelopes"] = devices.compare()
    for check in checks:
        check(db, tenant_id, report)
    return report


def _heads(db: Connection, tenant_id: str) -> dict[UUID, tuple[int, bytes]]:
    """Read where every chain should end."""
    heads: dict[UUID, tuple[int, bytes]] = {}
    for table, key in ((process_instance, "process_instance_id"), (register, "stream_id")):
        rows = db.execute(
            select(table.c[key], table.c.audit_seq, table.c.audit_head).where(
                table.c.tenant_id == tenant_id
            )
        )
        heads.update({row[0]: (row[1], row[2]) for row in rows})
    return heads


def _verify_stream(
    db: Connection,
    tenant_id: str,
    stream_id: UUID,
    head: tuple[int, bytes] | None,
    report: Report,
    follow: Callable[[Mapping[str, Any]], None],
) -> None:
    report.checked["streams"] += 1
    previous, expected = GENESIS, 1
    told: _InstanceAsTold | None = None
    for entry in trail.entries_of(db, tenant_id, stream_id):
        report.checked["entries"] += 1
        if entry.seq != expected:
            report.differ(
                "trail.gap",
                stream_id,
                entry.seq,
                f"Entry {expected} is missing.",
                f"缺少第 {expected} 条记录。",
            )
        document = _readable(entry.body, stream_id, entry.seq, report)
        if document is None:
            previous, expected = entry.hash, entry.seq + 1
            continue
        if hash_of(entry.body) != entry.hash:
            report.differ(
                "trail.hash",
                stream_id,
                entry.seq,
                "The entry does not match its hash: it was changed.",
                "该记录与其哈希值不符：内容被改动过。",
            )
        if document["prev"] != previous.hex() or document["seq"] != entry.seq:
            report.differ(
                "trail.chain",
                stream_id,
                entry.seq,
                "The entry does not follow the one before it.",
                "该记录与上一条记录不相连。",
            )
        if document["stream"] != str(stream_id) or document["tenant"] != tenant_id:
            report.differ(
                "trail.place",
                stream_id,
                entry.seq,
                "The entry belongs to another chain or tenant: it was moved here.",
                "该记录属于其他链或其他租户：是被移到此处的。",
            )
        try:
            _verify_signature(document, stream_id, report)
            follow(document)
            told = _tell(document, told)
        except (LookupError, TypeError, ValueError, StopIteration):
            # Its hash may be right: who can write entries can write any. Go on with the others.
            _differ_unreadable(stream_id, entry.seq, report)
        previous, expected = entry.hash, entry.seq + 1
    if head is None or head != (expected - 1, previous):
        report.differ(
            "trail.head",
            stream_id,
            expected - 1,
            "The chain does not end where its subject says: entries were removed or added.",
            "该链的末尾与其主体记录不一致：有记录被删除或添加。",
        )
    if told is not None:
        _compare_instance(db, tenant_id, stream_id, told, report)


def _is_entry(document: Any) -> bool:
    """Tell whether a document has what this looks at in every entry."""
    return (
        isinstance(document, dict)
        and document.keys() >= _PARTS
        and isinstance(document["events"], list)
        and all(isinstance(event, dict) and "event" in event for event in document["events"])
    )


def _readable(body: bytes, stream_id: UUID, seq: int, report: Report) -> Mapping[str, Any] | None:
    try:
        document = document_of(body)
        if canonical_bytes(document) == canonical_of(body) and _is_entry(document):
            return document
    except Exception:  # noqa: BLE001  # whatever was written over it, it is no entry any more
        document = None
    _differ_unreadable(stream_id, seq, report)
    return document if document is not None and _is_entry(document) else None


def _differ_unreadable(stream_id: UUID, seq: int, report: Report) -> None:
    report.differ(
        "trail.unreadable",
        stream_id,
        seq,
        "The entry is not as entries are written: it was overwritten.",
        "该记录不符合记录的书写格式：内容被覆盖。",
    )


def _verify_signature(document: Mapping[str, Any], stream_id: UUID, report: Report) -> None:
    made = next((e for e in document["events"] if e["event"] == "signature.made"), None)
    if made is None:
        return
    report.checked["signatures"] += 1
    record = signed_record(document)
    if record is None:
        return  # signed on a device: proven with its envelope
    if record_hash(record) != made["record_hash"]:
        report.differ(
            "signature.record",
            stream_id,
            document["seq"],
            "The signature does not belong to this record.",
            "该签名与此记录不对应。",
        )


def _tell(document: Mapping[str, Any], told: _InstanceAsTold | None) -> _InstanceAsTold | None:
    """Follow what an entry says about its process instance."""
    for event in document["events"]:
        match event["event"]:
            case "process_instance.started":
                told = _InstanceAsTold(definition=event["definition"])
            case "process_instance.advanced" if told is not None:
                told.state = event["state"]
            case "process_instance.titled" if told is not None:
                told.title = event["title"]
            case "process_instance.finished" if told is not None:
                told.status = event["status"]
                told.finished_at = datetime.fromisoformat(document["at"])
            case "variables.submitted" if told is not None:
                given = _submitted(document)
                told.variables.update({name: given[name] for name in event["fields"]})
            case "variables.changed" if told is not None:
                for change in event["changes"]:
                    told.variables[change["field"]] = change["new"]
                    if change.get("removed"):
                        del told.variables[change["field"]]
            case _:
                pass
    return told


def _submitted(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give the data of an entry's completed work item, or start, as the variables it became."""
    given = next(e for e in document["events"] if e["event"] in _BRINGS_DATA and "data" in e)
    into = given.get("into")
    return dict(given["data"]) if into is None else {into: given["data"]}


def _compare_instance(
    db: Connection, tenant_id: str, stream_id: UUID, told: _InstanceAsTold, report: Report
) -> None:
    report.checked["instances"] += 1
    row = db.execute(
        select(process_instance)
        .where(process_instance.c.tenant_id == tenant_id)
        .where(process_instance.c.process_instance_id == stream_id)
    ).one_or_none()
    if row is None:
        report.differ(
            "instance.missing",
            stream_id,
            None,
            "The trail tells of a process instance that is not there.",
            "审计追踪记载的流程实例不存在。",
        )
        return
    found = {
        "definition": (told.definition, row.definition_hash.hex()),
        "status": (told.status, row.status),
        "title": (told.title, row.title),
        "finished_at": (told.finished_at, row.finished_at),
        "variables": (_with_value(told.variables), _with_value(_stored_variables(row))),
    }
    if row.state is not None:
        found["state"] = (told.state, hashlib.sha256(row.state).hexdigest())
    for name, (expected, actual) in found.items():
        if expected != actual:
            report.differ(
                f"instance.{name}",
                stream_id,
                None,
                f"{name} is not what the trail tells.",
                f"{name} 与审计追踪不一致。",
            )


def _stored_variables(row: Any) -> dict[str, Any]:
    stored: dict[str, Any] = record_value(decode_variables(row.variables))
    return stored


def _with_value(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out variables without a value: they are the same as none."""
    return {name: value for name, value in variables.items() if value is not None}


def _compare_table(
    db: Connection, tenant_id: str, table: Table, replay: Replay, report: Report
) -> None:
    expected = replay.tables[table.name]
    columns = [c for c in table.columns if c.name != "tenant_id" and c.info.get("told", True)]
    keys = [c.name for c in table.primary_key if c.name != "tenant_id"]
    for row in _rows(db, tenant_id, table, columns):
        report.checked["projected rows"] += 1
        key = tuple(row[name] for name in keys)
        told = expected.pop(key, None)
        wrong = [name for name, value in row.items() if told is None or told.get(name) != value]
        if wrong:
            where, what = " ".join(map(str, key)), ", ".join(wrong)
            report.differ(
                f"projection.{table.name}",
                str(key[0]),
                None,
                f"{table.name} {where}: {what} not as the trail tells.",
                f"{table.name} {where}：{what} 与审计追踪不一致。",
            )
    for key in expected:
        where = " ".join(map(str, key))
        report.differ(
            f"projection.{table.name}",
            str(key[0]),
            None,
            f"{table.name} {where} is missing.",
            f"{table.name} {where} 缺失。",
        )


def _rows(
    db: Connection, tenant_id: str, table: Table, columns: list[Any]
) -> Iterator[dict[str, Any]]:
    names = [c.name for c in columns]
    for row in db.execute(select(*columns).where(table.c.tenant_id == tenant_id)):
        yield dict(zip(names, row, strict=True))


def _verify_contents(db: Connection, tenant_id: str, report: Report) -> None:
    rows = db.execute(
        select(content.c.content_hash, content.c.data).where(content.c.tenant_id == tenant_id)
    )
    for digest, data in rows:
        report.checked["files"] += 1
        if hashlib.sha256(data).digest() != digest:
            report.differ(
                "content.hash",
                digest.hex(),
                None,
                "A stored file is not what its hash says.",
                "存储的文件与其哈希值不符。",
            )
