"""Who may read a case: who has a part in it, and whom the document `case_readers` names.

A part has whoever holds a role for which the process has a step or a notice, whoever holds a role
that a step of this instance waited for (also one of a called process) or was told late, and who
claimed or did one. Nobody else: what is not allowed is not read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    exists,
    or_,
    select,
)

from engine.definitions.catalogue import Deployed
from engine.definitions.model import CompiledDefinition
from engine.store.tables import case_file, content, process_instance, work_item

DOCUMENT = "case_readers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A person as a reader of cases: all of them, those of these processes, or their own."""

    account_id: UUID
    roles: tuple[str, ...]
    every_case: bool
    process_ids: tuple[str, ...]

    def key(self) -> dict[str, Any]:
        """Give what `MAY_READ` is asked with."""
        return {
            "reader_id": self.account_id,
            "reader_roles": list(self.roles),
            "reader_processes": list(self.process_ids),
        }


def roles_in(definition: CompiledDefinition) -> frozenset[str]:
    """Give the roles that have a part in a process: those of its steps, and who is told. Who may
    only start it reads what they did themselves: anybody may report."""
    steps = definition.activities.values()
    return frozenset(
        (
            *(each.role for each in steps if each.role is not None),
            *(role for each in steps for role in each.escalate_to),
        )
    )


def reader_of(
    documents: Mapping[str, Any],
    in_force: Iterable[Deployed],
    account_id: UUID,
    roles: Iterable[str],
) -> Reader:
    """Give what a person with these roles may read, by the definitions in force."""
    held = frozenset(roles)
    rules = documents.get(DOCUMENT, {})
    more: Mapping[str, list[str]] = rules.get("processes", {})
    readable = (
        each.definition.process_id
        for each in in_force
        if not held.isdisjoint(roles_in(each.definition))
        or not held.isdisjoint(more.get(each.definition.process_id, ()))
    )
    return Reader(
        account_id=account_id,
        roles=tuple(sorted(held)),
        every_case=not held.isdisjoint(rules.get("every_case", ())),
        process_ids=tuple(sorted(readable)),
    )


def _may_read() -> ColumnElement[bool]:
    """By the process where that will do; else by the steps of the instance, through their key."""
    roles: BindParameter[Any] = bindparam("reader_roles", expanding=True)
    of_a_role = (work_item.c[name].in_(roles) for name in ("role", "told_first", "told_next"))
    person = bindparam("reader_id", type_=work_item.c.assignee_id.type)
    part = (
        exists()
        .where(work_item.c.tenant_id == process_instance.c.tenant_id)
        .where(work_item.c.process_instance_id == process_instance.c.process_instance_id)
        .where(
            or_(
                *of_a_role,
                work_item.c.assignee_id == person,
                work_item.c.completed_by == person,
            )
        )
    )
    processes: BindParameter[Any] = bindparam("reader_processes", expanding=True)
    return or_(process_instance.c.process_id.in_(processes), part)


MAY_READ = _may_read()
"""The condition on `process_instance` that a reader may read it; asked with `Reader.key`."""
_ONE = select(process_instance.c.process_instance_id).where(
    and_(
        process_instance.c.tenant_id == bindparam("tenant_id"),
        process_instance.c.process_instance_id == bindparam("process_instance_id"),
        MAY_READ,
    )
)


_FILE = (
    select(process_instance.c.process_instance_id)
    .join(
        case_file,
        and_(
            case_file.c.tenant_id == process_instance.c.tenant_id,
            case_file.c.stream_id == process_instance.c.process_instance_id,
        ),
    )
    .where(case_file.c.tenant_id == bindparam("tenant_id"))
    .where(case_file.c.content_hash == bindparam("content_hash"))
    .where(MAY_READ)
    .limit(1)
)
_OWN_FILE = (
    select(content.c.size)
    .where(content.c.tenant_id == bindparam("tenant_id"))
    .where(content.c.content_hash == bindparam("content_hash"))
    .where(content.c.stored_by == bindparam("reader_id"))
)


def may_read_file(db: Connection, tenant_id: str, reader: Reader, content_hash: bytes) -> bool:
    """Tell whether somebody may open a file: who reads a case that names it, and who sent it,
    whose case may not name it yet."""
    if reader.every_case:
        return True
    key = {"tenant_id": tenant_id, "content_hash": content_hash, **reader.key()}
    if db.execute(_FILE, key).first() is not None:
        return True
    own = {"tenant_id": tenant_id, "content_hash": content_hash, "reader_id": reader.account_id}
    return db.execute(_OWN_FILE, own).first() is not None


def may_read(db: Connection, tenant_id: str, reader: Reader, process_instance_id: UUID) -> bool:
    """Tell whether somebody may read an instance; one that is not there nobody may, but all may
    hear that."""
    if reader.every_case:
        return True
    key = {"tenant_id": tenant_id, "process_instance_id": process_instance_id, **reader.key()}
    return db.execute(_ONE, key).first() is not None
