"""Who may read a case: who has a part in it, and whom the document `case_readers` names.

A part has whoever holds a role for which the process has a step or a notice, whoever holds a role
that a step of this instance waited for (also one of a called process) or was told late, and who
claimed or did one. Nobody else: what is not allowed is not read.

Where anybody may report, the step that goes with reporting makes nobody a reader of what others
reported: not its lane, nor, once it is done, the role that it was done by. `own_cases` of the
document names roles that read only their own cases of a process, though it has steps for them.
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
from engine.definitions.model import ANYONE, CompiledDefinition
from engine.store.tables import case_file, content, process_instance, work_item

DOCUMENT = "case_readers"
_FOR_PEOPLE = ("userTask", "manualTask", "task")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A person as a reader of cases: all of them, those of these processes, or their own."""

    account_id: UUID
    roles: tuple[str, ...]
    every_case: bool
    process_ids: tuple[str, ...]
    reporting: tuple[str, ...] = ()
    """The steps that go with reporting, "process.step": done, they open a case to who did them."""

    def key(self) -> dict[str, Any]:
        """Give what `MAY_READ` is asked with."""
        return {
            "reader_id": self.account_id,
            "reader_roles": list(self.roles),
            "reader_processes": list(self.process_ids),
            "reporting": list(self.reporting),
        }


def roles_in(definition: CompiledDefinition) -> frozenset[str]:
    """Give the roles that have a part in a process: those of its steps, and who is told. Who may
    only start it reads what they did themselves: anybody may report."""
    reporting = reporting_in(definition)
    steps = [
        each
        for each in definition.activities.values()
        if each.id not in reporting and (each.kind in _FOR_PEOPLE or not reporting)
    ]
    return frozenset(
        (
            *(each.role for each in steps if each.role is not None),
            *(role for each in steps for role in each.escalate_to),
        )
    )


def reporting_in(definition: CompiledDefinition) -> frozenset[str]:
    """Give the steps with which anybody reports; none where only some roles may start."""
    return frozenset(definition.first_steps if ANYONE in definition.starters else ())


def reader_of(
    documents: Mapping[str, Any],
    in_force: Iterable[Deployed],
    account_id: UUID,
    roles: Iterable[str],
) -> Reader:
    """Give what a person with these roles may read, by the definitions in force."""
    held, definitions = frozenset(roles), [each.definition for each in in_force]
    rules = documents.get(DOCUMENT, {})
    more: Mapping[str, list[str]] = rules.get("processes", {})
    own: Mapping[str, list[str]] = rules.get("own_cases", {})
    readable = (
        each.process_id
        for each in definitions
        if not held.isdisjoint(roles_in(each).difference(own.get(each.process_id, ())))
        or not held.isdisjoint(more.get(each.process_id, ()))
    )
    reporting = (f"{each.process_id}.{step}" for each in definitions for step in reporting_in(each))
    return Reader(
        account_id=account_id,
        roles=tuple(sorted(held)),
        every_case=not held.isdisjoint(rules.get("every_case", ())),
        process_ids=tuple(sorted(readable)),
        reporting=tuple(sorted(reporting)),
    )


def _may_read() -> ColumnElement[bool]:
    """By the process where that will do; else by the steps of the instance, through their key."""
    roles: BindParameter[Any] = bindparam("reader_roles", expanding=True)
    of_a_role = (work_item.c[name].in_(roles) for name in ("told_first", "told_next"))
    step = process_instance.c.process_id + "." + work_item.c.activity_id
    reporting: BindParameter[Any] = bindparam("reporting", expanding=True)
    waits_for_role = and_(
        work_item.c.role.in_(roles), or_(work_item.c.status == "open", step.not_in(reporting))
    )
    person = bindparam("reader_id", type_=work_item.c.assignee_id.type)
    part = (
        exists()
        .where(work_item.c.tenant_id == process_instance.c.tenant_id)
        .where(work_item.c.process_instance_id == process_instance.c.process_instance_id)
        .where(
            or_(
                waits_for_role,
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
