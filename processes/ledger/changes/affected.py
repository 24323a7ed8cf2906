"""What a change touches, field by field: old as the book has it, new as it is proposed.

A release writes the new into the book in its own transaction. Kinds that know from when they count
(revisions, plans) are written at once, the others on the day; a definition of a process is only
authorised, and whoever deploys it names the change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import site_days
from processes.ledger.changes import controlled, orders, paths
from processes.ledger.changes.controlled import KINDS, Writing
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import (
    affected_field,
    affected_object,
    change_order,
    master_data_version,
)
from processes.ledger.columns import rows_of
from processes.ledger.refusals import LedgerRefusal

_OBJECTS = (
    select(affected_object)
    .where(affected_object.c.tenant_id == bindparam("tenant_id"))
    .where(affected_object.c.change_id == bindparam("change_id"))
    .where(affected_object.c.state != "dropped")
    .order_by(affected_object.c.object_number)
)
_FIELDS = rows_of(affected_field, "change_id", "object_number", "field")
_LAST = (
    select(func.max(affected_object.c.object_number))
    .where(affected_object.c.tenant_id == bindparam("tenant_id"))
    .where(affected_object.c.change_id == bindparam("change_id"))
)
_INSERT = insert(affected_object)
_INSERT_FIELD = insert(affected_field)
_MOVE = (
    update(affected_object)
    .where(affected_object.c.tenant_id == bindparam("key_tenant_id"))
    .where(affected_object.c.change_id == bindparam("key_change_id"))
    .where(affected_object.c.object_number == bindparam("key_object_number"))
    .values(
        state=bindparam("state"), version=bindparam("version"), changed_at=bindparam("changed_at")
    )
)
_LAST_VERSION = (
    select(func.max(master_data_version.c.version))
    .where(master_data_version.c.tenant_id == bindparam("tenant_id"))
    .where(master_data_version.c.object_kind == bindparam("object_kind"))
    .where(master_data_version.c.object_key == bindparam("object_key"))
)
_INSERT_VERSION = insert(master_data_version)
_VERSIONS = (
    select(master_data_version)
    .where(master_data_version.c.tenant_id == bindparam("tenant_id"))
    .where(master_data_version.c.object_kind == bindparam("object_kind"))
    .where(master_data_version.c.object_key == bindparam("object_key"))
    .order_by(master_data_version.c.version)
)
_AUTHORISED = (
    select(affected_object.c.object_number, affected_object.c.change_id)
    .join(
        change_order,
        (change_order.c.tenant_id == affected_object.c.tenant_id)
        & (change_order.c.change_id == affected_object.c.change_id),
    )
    .where(affected_object.c.tenant_id == bindparam("tenant_id"))
    .where(affected_object.c.object_kind == bindparam("object_kind"))
    .where(affected_object.c.object_key == bindparam("object_key"))
    .where(affected_object.c.state == "authorised")
    .where(change_order.c.change_number == bindparam("change_number"))
    .where(change_order.c.status.in_(orders.IN_FORCE))
    .where(change_order.c.effective_from <= bindparam("on"))
)
_WAITING = (
    select(change_order.c.change_number, affected_object.c.object_key)
    .join(
        affected_object,
        (change_order.c.tenant_id == affected_object.c.tenant_id)
        & (change_order.c.change_id == affected_object.c.change_id),
    )
    .where(affected_object.c.tenant_id == bindparam("tenant_id"))
    .where(affected_object.c.object_kind == bindparam("object_kind"))
    .where(affected_object.c.state == "authorised")
    .where(change_order.c.status.in_(orders.IN_FORCE))
)


@dataclass(frozen=True, slots=True)
class Approval:
    """From when the objects of a change count, and by whose approval."""

    effective_from: date
    approved_by: tuple[str, ...]
    from_lot: str | None
    from_serial: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """One field of one object that is to change; `new` as typed, or as a value."""

    kind: str
    key: str
    field: str
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field with what stands there and what is to."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """An object of a change, with its fields."""

    object_number: int
    kind: str
    key: str
    state: str
    version: int | None
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What one change brought into force of one object."""

    version: int
    change_number: str
    reason: str
    approved_by: tuple[str, ...]
    effective_from: date
    fields: tuple[FieldChange, ...]
    old: Any
    new: Any


class NotControlled(LedgerRefusal):
    """A change names what is under change control."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"“{kind}” is no kind of object that a change can touch. Choose one of the list.",
            f"变更对象不能是“{kind}”，请从列表中选择。",
            expected=", ".join(KINDS),
            found=kind,
        )


class NothingChanges(LedgerRefusal):
    """Old and new differ."""

    def __init__(self, key: str, field: str) -> None:
        super().__init__(
            f"{field} of {key} has this value already. Say what is to change.",
            f"{key} 的 {field} 已是该值，请填写要更改的内容。",
            found=field,
        )


class ChangedMeanwhile(LedgerRefusal):
    """What was assessed is what is replaced."""

    def __init__(self, key: str, field: str, expected: Any, found: Any) -> None:
        super().__init__(
            f"{field} of {key} is no longer “{expected}” but “{found}”: another change came first. "
            "Send this one back to assessment.",
            f"{key} 的 {field} 已由“{expected}”变为“{found}”（其他变更已先生效），"
            "请将本变更退回重新评估。",
            expected=str(expected),
            found=str(found),
        )


def of_change(db: Connection, tenant_id: str, change_id: UUID) -> list[Affected]:
    """List the objects of a change with their fields; what was dropped is left out."""
    key = {"tenant_id": tenant_id, "change_id": change_id}
    fields: dict[int, list[FieldChange]] = {}
    for row in db.execute(_FIELDS, key):
        each = FieldChange(field=row.field, old=row.old_value, new=row.new_value)
        fields.setdefault(row.object_number, []).append(each)
    return [
        Affected(
            object_number=row.object_number,
            kind=row.object_kind,
            key=row.object_key,
            state=row.state,
            version=row.version,
            fields=tuple(fields.get(row.object_number, ())),
        )
        for row in db.execute(_OBJECTS, key)
    ]


def versions(db: Connection, tenant_id: str, kind: str, key: str) -> list[Version]:
    """List what changes brought into force of an object, the oldest first."""
    asked = {"tenant_id": tenant_id, "object_kind": kind, "object_key": key}
    return [
        Version(
            version=row.version,
            change_number=row.change_number,
            reason=row.reason,
            approved_by=tuple(row.approved_by),
            effective_from=row.effective_from,
            fields=tuple(FieldChange(**each) for each in row.fields),
            old=row.old_document,
            new=row.new_document,
        )
        for row in db.execute(_VERSIONS, asked)
    ]


def propose(
    context: ServiceContext, change: Change, proposed: Sequence[Proposed]
) -> list[Affected]:
    """Add objects to a change: the old value of each field is read from the book.

    An object that the change names already is replaced by what is proposed now.
    """
    gathered: dict[tuple[str, str], list[Proposed]] = {}
    for each in proposed:
        if each.kind not in KINDS:
            raise NotControlled(each.kind)
        gathered.setdefault((each.kind, each.key.strip()), []).append(each)
    known = of_change(context.db, context.tenant_id, change.change_id)
    for there in known:
        if (there.kind, there.key) in gathered and there.state == "proposed":
            _move(context, change, there, "dropped", None)
    for (kind, key), parts in gathered.items():
        _propose_one(context, change, kind, key, parts)
    return of_change(context.db, context.tenant_id, change.change_id)


def _propose_one(
    context: ServiceContext, change: Change, kind: str, key: str, parts: Sequence[Proposed]
) -> None:
    document = controlled.read(context.db, context.tenant_id, kind, key)
    asked = {"tenant_id": context.tenant_id, "change_id": change.change_id}
    number = (context.db.execute(_LAST, asked).scalar_one() or 0) + 1
    place = {**asked, "object_number": number}
    fields = []
    for part in parts:
        old = paths.value_at(document, part.field)
        new = paths.read_value(part.field, old, part.new)
        if old == new:
            raise NothingChanges(key, part.field)
        paths.changed({} if document is None else document, part.field, new)
        fields.append({**place, "field": part.field, "old_value": old, "new_value": new})
    row = {
        **place,
        "object_kind": kind,
        "object_key": key,
        "state": "proposed",
        "version": None,
        "changed_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.db.execute(_INSERT_FIELD, fields)
    context.record(
        {
            "event": "change.object_added",
            "change": change.number,
            "kind": kind,
            "object": key,
            "fields": [
                {
                    "field": each["field"],
                    "old": _said(each["old_value"]),
                    "new": _said(each["new_value"]),
                }
                for each in fields
            ],
        }
    )


def release(
    context: ServiceContext,
    change: Change,
    effective_from: date,
    approved_by: Sequence[str],
    *,
    from_lot: str | None = None,
    from_serial: str | None = None,
) -> list[Affected]:
    """Bring a change's objects into force, as far as their time has come; give all of them.

    Called with the release and again on the day: what is written already is left alone. New
    revisions count from the lot or serial number on, where there is one.
    """
    approval = Approval(effective_from, tuple(approved_by), from_lot, from_serial)
    come = effective_from <= site_days.today(context)
    objects = of_change(context.db, context.tenant_id, change.change_id)
    for each in sorted(objects, key=lambda each: each.kind != "item_revision"):  # others name it
        if each.state != "proposed":
            continue
        if each.kind == "definition":
            _check_unchanged(context, each)
            _move(context, change, each, "authorised", None)
        elif come or KINDS[each.kind].dated:
            _apply(context, change, each, approval)
    return of_change(context.db, context.tenant_id, change.change_id)


def _apply(context: ServiceContext, change: Change, each: Affected, approval: Approval) -> None:
    old = _check_unchanged(context, each)
    new = old
    for part in each.fields:
        new = paths.changed({} if new is None else new, part.field, part.new)
    writing = Writing(
        key=each.key,
        old=old,
        new=new,
        effective_from=approval.effective_from,
        change_number=change.number,
        reason=change.reason,
        approved_by=approval.approved_by,
        from_lot=approval.from_lot,
        from_serial=approval.from_serial,
    )
    KINDS[each.kind].write(context, writing)
    version = _keep_version(context, change, each, writing)
    _move(context, change, each, "applied", version)


def _check_unchanged(context: ServiceContext, each: Affected) -> Any:
    """Give the object as it stands; refused when it is not what was assessed."""
    document = controlled.read(context.db, context.tenant_id, each.kind, each.key)
    for part in each.fields:
        found = paths.value_at(document, part.field)
        if found != part.old:
            raise ChangedMeanwhile(each.key, part.field, part.old, found)
    return document


def _keep_version(context: ServiceContext, change: Change, each: Affected, writing: Writing) -> int:
    key = {
        "tenant_id": context.tenant_id,
        "object_kind": each.kind,
        "object_key": each.key,
    }
    version: int = (context.db.execute(_LAST_VERSION, key).scalar_one() or 0) + 1
    fields = [{"field": p.field, "old": p.old, "new": p.new} for p in each.fields]
    row = {
        **key,
        "version": version,
        "old_document": writing.old,
        "new_document": writing.new,
        "fields": fields,
        "change_id": change.change_id,
        "change_number": change.number,
        "reason": change.reason,
        "approved_by": list(writing.approved_by),
        "effective_from": writing.effective_from,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT_VERSION, row)
    context.record(
        {
            "event": "master_data.changed",
            "kind": each.kind,
            "object": each.key,
            "version": version,
            "change": change.number,
            "reason": change.reason,
            "approved_by": list(writing.approved_by),
            "effective_from": writing.effective_from.isoformat(),
            "fields": [
                {"field": p.field, "old": _said(p.old), "new": _said(p.new)} for p in each.fields
            ],
        }
    )
    return version


def deployed(context: ServiceContext, change_number: str, process_id: str, package: str) -> None:
    """Mark the definition of a change as deployed; call it with the deployment itself."""
    number = authorised_definition(
        context.db, context.tenant_id, change_number, process_id, package, site_days.today(context)
    )
    if number is None:
        return
    change = orders.by_number(context.db, context.tenant_id, change_number)
    each = next(
        there
        for there in of_change(context.db, context.tenant_id, change.change_id)
        if there.object_number == number
    )
    writing = Writing(
        key=process_id,
        old=controlled.read(context.db, context.tenant_id, "definition", process_id),
        new={"package": package},
        effective_from=change.effective_from or site_days.today(context),
        change_number=change.number,
        reason=change.reason,
        approved_by=approvers(context.db, context.tenant_id, change.change_id),
    )
    _move(context, change, each, "applied", _keep_version(context, change, each, writing))


def authorised_definition(
    db: Connection, tenant_id: str, change_number: str, process_id: str, package: str, on: date
) -> int | None:
    """Give the number of the object by which a change that is in force authorises this package of
    a process; None when it does not."""
    key = {
        "tenant_id": tenant_id,
        "object_kind": "definition",
        "object_key": process_id,
        "change_number": change_number,
        "on": on,
    }
    for row in db.execute(_AUTHORISED, key).all():
        for each in of_change(db, tenant_id, row.change_id):
            if each.object_number == row.object_number and any(
                part.field == "package" and part.new == package for part in each.fields
            ):
                return int(row.object_number)
    return None


def change_for_definition(
    db: Connection, tenant_id: str, process_id: str, package: str, on: date
) -> str | None:
    """Give the change in force that authorises this package of a process; None without one."""
    key = {"tenant_id": tenant_id, "object_kind": "definition"}
    for row in db.execute(_WAITING, key).all():
        if row.object_key == process_id and authorised_definition(
            db, tenant_id, row.change_number, process_id, package, on
        ):
            return str(row.change_number)
    return None


def approvers(db: Connection, tenant_id: str, change_id: UUID) -> tuple[str, ...]:
    """Name who approved and released a change, each once: "dora (QA)"."""
    signed = [
        f"{each.actor} ({each.role})"
        for each in orders.decisions(db, tenant_id, change_id)
        if each.signature_meaning in ("APPR", "REL")
    ]
    return tuple(dict.fromkeys(signed))


def _move(
    context: ServiceContext, change: Change, each: Affected, state: str, version: int | None
) -> None:
    row = {
        "key_tenant_id": context.tenant_id,
        "key_change_id": change.change_id,
        "key_object_number": each.object_number,
        "state": state,
        "version": version,
        "changed_at": context.now,
    }
    context.db.execute(_MOVE, row)


def _said(value: Any) -> Any:
    """Write a value into the trail, which holds no binary floats."""
    match value:
        case float():
            return repr(value)
        case Mapping():
            return {name: _said(part) for name, part in value.items()}
        case list():
            return [_said(part) for part in value]
        case _:
            return value
