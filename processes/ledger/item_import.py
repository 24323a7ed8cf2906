"""Take a file of items into the book batch by batch: restartable, nothing half-imported.

A record is imported whole or listed with the reason why not. How far a file was read is kept with
the file's hash in the same transaction as the items, so an import that was stopped goes on where it
stopped, and the same file a second time changes nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
from sqlalchemy import Connection, and_, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger.columns import rows_of
from processes.ledger.item_registration import NewItem, register
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import (
    device_identifier,
    import_file,
    import_problem,
    item,
    package_level,
)

_FILE = (
    select(import_file)
    .where(import_file.c.tenant_id == bindparam("tenant_id"))
    .where(import_file.c.file_hash == bindparam("file_hash"))
)
_NEW_FILE = insert(import_file)
_ADVANCE = (
    update(import_file)
    .where(import_file.c.tenant_id == bindparam("key_tenant_id"))
    .where(import_file.c.file_hash == bindparam("key_file_hash"))
    .where(import_file.c.records_read == bindparam("key_records_read"))
    .values(
        records_read=bindparam("records_read"),
        records_accepted=bindparam("records_accepted"),
        records_unchanged=bindparam("records_unchanged"),
        records_refused=bindparam("records_refused"),
        complete=bindparam("complete"),
        changed_at=bindparam("changed_at"),
    )
)
_INSERT_PROBLEM = insert(import_problem)
_PROBLEMS = rows_of(import_problem, "file_hash", "record_number")
_TAKEN = (
    select(device_identifier.c.device_identifier, item.c.item_number)
    .join(
        package_level,
        and_(
            package_level.c.tenant_id == device_identifier.c.tenant_id,
            package_level.c.package_level_id == device_identifier.c.package_level_id,
        ),
    )
    .join(
        item,
        and_(
            item.c.tenant_id == package_level.c.tenant_id,
            item.c.item_id == package_level.c.item_id,
        ),
    )
    .where(device_identifier.c.tenant_id == bindparam("tenant_id"))
    .where(device_identifier.c.kind != "unit_of_use")
    .where(device_identifier.c.device_identifier.in_(bindparam("values", expanding=True)))
)
_KNOWN = (
    select(item.c.item_number)
    .where(item.c.tenant_id == bindparam("tenant_id"))
    .where(item.c.item_number.in_(bindparam("values", expanding=True)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRecord:
    """A record that the file itself does not speak against."""

    number: int
    key: str
    item: NewItem


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRecord:
    """A record that cannot be an item."""

    number: int
    key: str
    reason: Mapping[str, str]


Record: TypeAlias = GoodRecord | BadRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a file has been read, and what became of its records."""

    records_read: int = 0
    accepted: int = 0
    unchanged: int = 0
    refused: int = 0
    complete: bool = False


class ImportMovedOn(LedgerRefusal):
    """Another run imports the same file."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(
            f"This file has been read up to record {found}; the batch begins after {expected}. "
            "Start the import again, it goes on where it stands.",
            f"该文件已读取到第 {found} 条记录，本批从第 {expected} 条之后开始。"
            "请重新启动导入，系统会从断点继续。",
            expected=str(expected),
            found=str(found),
        )


def progress(db: Connection, tenant_id: str, file_hash: str) -> Progress:
    """Give how far a file has been read; nothing for one that was never begun."""
    row = db.execute(_FILE, {"tenant_id": tenant_id, "file_hash": file_hash}).one_or_none()
    if row is None:
        return Progress()
    return Progress(
        records_read=row.records_read,
        accepted=row.records_accepted,
        unchanged=row.records_unchanged,
        refused=row.records_refused,
        complete=row.complete,
    )


def problems(db: Connection, tenant_id: str, file_hash: str) -> list[BadRecord]:
    """List the records of a file that were not imported, with the reason."""
    rows = db.execute(_PROBLEMS, {"tenant_id": tenant_id, "file_hash": file_hash})
    return [
        BadRecord(
            number=row.record_number,
            key=row.record_key,
            reason={"en": row.reason_en, "zh": row.reason_zh},
        )
        for row in rows
    ]


def import_batch(
    context: ServiceContext,
    *,
    file_hash: str,
    kind: str,
    name: str,
    records: Sequence[Record],
    last: bool,
) -> Progress:
    """Import the next records of a file; give how far it is read then.

    The batch must begin where the file was left (ImportMovedOn otherwise). `last` says that the
    file ends with this batch.
    """
    before = _begin(context, file_hash, kind, name)
    first = records[0].number if records else before.records_read + 1
    if first != before.records_read + 1:
        raise ImportMovedOn(first - 1, before.records_read)
    sorted_out = _sort_out(context, records)
    register(context, sorted_out.new)
    if sorted_out.bad:
        context.db.execute(
            _INSERT_PROBLEM,
            [
                {
                    "tenant_id": context.tenant_id,
                    "file_hash": file_hash,
                    "record_number": bad.number,
                    "record_key": bad.key,
                    "reason_en": bad.reason["en"],
                    "reason_zh": bad.reason["zh"],
                }
                for bad in sorted_out.bad
            ],
        )
    after = Progress(
        records_read=before.records_read + len(records),
        accepted=before.accepted + len(sorted_out.new),
        unchanged=before.unchanged + sorted_out.unchanged,
        refused=before.refused + len(sorted_out.bad),
        complete=last,
    )
    _advance(context, file_hash, before, after)
    context.record(
        {
            "event": "items.imported",
            "file": name,
            "file_hash": file_hash,
            "records": [first, after.records_read],
            "accepted": len(sorted_out.new),
            "unchanged": sorted_out.unchanged,
            "refused": [bad.key for bad in sorted_out.bad],
            "content": _fingerprint(sorted_out.new),
        }
    )
    return after


@dataclass(frozen=True, slots=True, kw_only=True)
class _SortedOut:
    new: list[NewItem]
    bad: list[BadRecord]
    unchanged: int


def _sort_out(context: ServiceContext, records: Iterable[Record]) -> _SortedOut:
    """Tell new records from known ones and from those whose identifiers are taken."""
    good = [record for record in records if isinstance(record, GoodRecord)]
    bad = [record for record in records if isinstance(record, BadRecord)]
    values = sorted({value for record in good for value in _labels(record.item)})
    key = {"tenant_id": context.tenant_id, "values": values}
    owner = {row.device_identifier: row.item_number for row in context.db.execute(_TAKEN, key)}
    numbers = sorted({record.item.number for record in good})
    known = set(context.db.execute(_KNOWN, {**key, "values": numbers}).scalars())
    new: list[NewItem] = []
    unchanged = 0
    for record in good:
        own = record.item.number
        if own in known and all(owner.get(value, own) == own for value in _labels(record.item)):
            unchanged += 1
            continue
        taken = [value for value in _labels(record.item) if owner.get(value, own) != own]
        if taken or own in known:
            bad.append(_taken(record, taken[0] if taken else own, owner))
            continue
        new.append(record.item)
        known.add(own)
        owner |= dict.fromkeys(_labels(record.item), own)
    return _SortedOut(new=new, bad=sorted(bad, key=lambda each: each.number), unchanged=unchanged)


def _labels(new: NewItem) -> list[str]:
    """List the identifiers that stand on labels; a unit-of-use identifier does not."""
    return [
        identifier.value
        for package in new.packages
        for identifier in package.identifiers
        if identifier.kind != "unit_of_use"
    ]


def _taken(record: GoodRecord, value: str, owner: Mapping[str, str]) -> BadRecord:
    other = owner.get(value, value)
    return BadRecord(
        number=record.number,
        key=record.key,
        reason={
            "en": f"Identifier {value} belongs to item {other} already; it is never used twice.",
            "zh": f"标识 {value} 已属于物料 {other}，标识不可重复使用。",
        },
    )


def _begin(context: ServiceContext, file_hash: str, kind: str, name: str) -> Progress:
    key = {"tenant_id": context.tenant_id, "file_hash": file_hash}
    if context.db.execute(_FILE, key).one_or_none() is None:
        row = {
            **key,
            "kind": kind,
            "name": name,
            "records_read": 0,
            "records_accepted": 0,
            "records_unchanged": 0,
            "records_refused": 0,
            "complete": False,
            "changed_at": context.now,
        }
        context.db.execute(_NEW_FILE, row)
    return progress(context.db, context.tenant_id, file_hash)


def _advance(context: ServiceContext, file_hash: str, before: Progress, after: Progress) -> None:
    row = {
        "key_tenant_id": context.tenant_id,
        "key_file_hash": file_hash,
        "key_records_read": before.records_read,
        "records_read": after.records_read,
        "records_accepted": after.accepted,
        "records_unchanged": after.unchanged,
        "records_refused": after.refused,
        "complete": after.complete,
        "changed_at": context.now,
    }
    if context.db.execute(_ADVANCE, row).rowcount != 1:
        found = progress(context.db, context.tenant_id, file_hash).records_read
        raise ImportMovedOn(before.records_read, found)


def _fingerprint(new: Sequence[NewItem]) -> str:
    """Fingerprint what was imported: the record proves the content without repeating it."""
    return hashlib.sha256(msgspec.json.encode(new, order="deterministic")).hexdigest()
