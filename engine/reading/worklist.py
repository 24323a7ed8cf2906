"""The worklist of a person: what is open for their roles, most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    func,
    lateral,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from engine.commands.work_item_id import WorkItemId
from engine.definitions.catalogue import Catalogue, Deployed
from engine.definitions.model import Activity, CompiledDefinition
from engine.store.base import FAR_FUTURE, AnyRow
from engine.store.tables import account, draft, process_instance, work_item

PAGE = 50

_COLUMNS = (
    work_item.c.process_instance_id,
    work_item.c.task_ref,
    work_item.c.activity_id,
    work_item.c.visit,
    work_item.c.item_index,
    work_item.c.role,
    work_item.c.assignee_id,
    work_item.c.status,
    work_item.c.revision,
    work_item.c.priority,
    work_item.c.opened_at,
    work_item.c.due_at,
)
_ORDER = ("priority", "due_at", "process_instance_id", "task_ref")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItemView:
    """A work item as lists show it. `deployed` is the instance's definition, `drawn_in` the one
    whose diagram holds the activity (another one inside a call activity). `due_at` is None where
    nothing says when."""

    work_item_id: WorkItemId
    activity: Activity
    activity_id: str
    drawn_in: CompiledDefinition
    deployed: Deployed
    title: str
    visit: int
    item_index: int | None
    role: str
    assignee_id: UUID | None
    assignee_names: dict[str, str] | None
    status: str
    revision: int
    priority: int
    opened_at: datetime
    due_at: datetime | None
    has_draft: bool


@dataclass(frozen=True, slots=True)
class Position:
    """The last row of a page: where the next one goes on."""

    priority: int
    due_at: datetime
    process_instance_id: UUID
    task_ref: int


def _further() -> Any:
    here = tuple_(work_item.c.due_at, work_item.c.process_instance_id, work_item.c.task_ref)
    there = tuple_(
        bindparam("due_at", type_=work_item.c.due_at.type),
        bindparam("process_instance_id", type_=work_item.c.process_instance_id.type),
        bindparam("task_ref", type_=work_item.c.task_ref.type),
    )
    return here > there


def _after_position() -> Any:
    return or_(
        work_item.c.priority < bindparam("priority"),
        and_(work_item.c.priority == bindparam("priority"), _further()),
    )


def _ordered(statement: Select[Any], source: Any) -> Select[Any]:
    return statement.order_by(
        source.c.priority.desc(),
        source.c.due_at,
        source.c.process_instance_id,
        source.c.task_ref,
    ).limit(PAGE + 1)


def _in_one_go(*, paged: bool) -> Select[Any]:
    """SQLite walks the index once per role and merges: one plain query is best there."""
    statement = (
        select(*_COLUMNS)
        .where(work_item.c.tenant_id == bindparam("tenant_id"))
        .where(work_item.c.role.in_(bindparam("roles", expanding=True)))
        .where(work_item.c.status == "open")
    )
    return _ordered(statement.where(_after_position()) if paged else statement, work_item)


def _role_by_role(*, paged: bool) -> Select[Any]:
    """PostgreSQL would sort everything that is open; a page of each role is 800 times faster."""
    role = (
        func.unnest(bindparam("roles", type_=ARRAY(Text)))
        .table_valued("value", name="r")
        .render_derived()
    )
    statement = (
        select(*_COLUMNS)
        .where(work_item.c.tenant_id == bindparam("tenant_id"))
        .where(work_item.c.role == role.c.value)
        .where(work_item.c.status == "open")
    )
    statement = _ordered(statement.where(_after_position()) if paged else statement, work_item)
    page = lateral(statement, name="page")
    return _ordered(select(*page.c).select_from(role.join(page, true())), page)


_STATEMENTS = {
    ("sqlite", False): _in_one_go(paged=False),
    ("sqlite", True): _in_one_go(paged=True),
    ("postgresql", False): _role_by_role(paged=False),
    ("postgresql", True): _role_by_role(paged=True),
}
_LATE = (
    select(*_COLUMNS)
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.status == "open")
    .where(work_item.c.told_first.is_not(None))
    .where(
        or_(
            work_item.c.told_first.in_(bindparam("roles", expanding=True)),
            work_item.c.told_next.in_(bindparam("roles", expanding=True)),
        )
    )
    .order_by(work_item.c.due_at, work_item.c.process_instance_id, work_item.c.task_ref)
    .limit(PAGE + 1)
)
_LATE_AFTER = _LATE.where(_further())
_OF_INSTANCE = (
    select(*_COLUMNS)
    .where(work_item.c.tenant_id == bindparam("tenant_id"))
    .where(work_item.c.process_instance_id == bindparam("process_instance_id"))
    .order_by(work_item.c.task_ref)
)
_ONE = _OF_INSTANCE.where(work_item.c.task_ref == bindparam("task_ref"))
_INSTANCES = (
    select(
        process_instance.c.process_instance_id,
        process_instance.c.definition_hash,
        process_instance.c.title,
    )
    .where(process_instance.c.tenant_id == bindparam("tenant_id"))
    .where(process_instance.c.process_instance_id.in_(bindparam("instances", expanding=True)))
)
_ASSIGNEES = (
    select(account.c.account_id, account.c.name_en, account.c.name_zh)
    .where(account.c.tenant_id == bindparam("tenant_id"))
    .where(account.c.account_id.in_(bindparam("accounts", expanding=True)))
)
_DRAFTS = (
    select(draft.c.process_instance_id, draft.c.task_ref)
    .where(draft.c.tenant_id == bindparam("tenant_id"))
    .where(draft.c.account_id == bindparam("account_id"))
    .where(draft.c.process_instance_id.in_(bindparam("instances", expanding=True)))
)


def worklist_of(
    db: Connection,
    catalogue: Catalogue,
    tenant_id: str,
    *,
    roles: Sequence[str],
    account_id: UUID | None,
    after: Position | None = None,
) -> tuple[list[WorkItemView], Position | None]:
    """Give a page of the worklist, and where the next page begins (None at the end)."""
    if not roles:
        return [], None
    key: dict[str, Any] = {"tenant_id": tenant_id, "roles": sorted(roles)}
    if after is not None:
        key |= {name: getattr(after, name) for name in _ORDER}
    rows = db.execute(_STATEMENTS[db.dialect.name, after is not None], key).all()
    return _page(db, catalogue, tenant_id, rows, account_id)


def late_work_of(
    db: Connection,
    catalogue: Catalogue,
    tenant_id: str,
    *,
    roles: Sequence[str],
    account_id: UUID | None,
    after: Position | None = None,
) -> tuple[list[WorkItemView], Position | None]:
    """Give a page of what is late and was escalated to these roles, the longest overdue first,
    and where the next page begins (None at the end).

    It is there to be looked after: who may do it is said by its own role.
    """
    if not roles:
        return [], None
    key: dict[str, Any] = {"tenant_id": tenant_id, "roles": sorted(roles)}
    if after is None:
        return _page(db, catalogue, tenant_id, db.execute(_LATE, key).all(), account_id)
    key |= {name: getattr(after, name) for name in ("due_at", "process_instance_id", "task_ref")}
    return _page(db, catalogue, tenant_id, db.execute(_LATE_AFTER, key).all(), account_id)


def _page(
    db: Connection,
    catalogue: Catalogue,
    tenant_id: str,
    rows: Sequence[AnyRow],
    account_id: UUID | None,
) -> tuple[list[WorkItemView], Position | None]:
    """Give the views of a page out of one row more, and where the next page begins."""
    page = rows[:PAGE]
    views = _views(db, catalogue, tenant_id, page, account_id)
    if len(rows) <= PAGE:
        return views, None
    last = page[-1]
    return views, Position(last.priority, last.due_at, last.process_instance_id, last.task_ref)


def work_items_of(
    db: Connection,
    catalogue: Catalogue,
    tenant_id: str,
    process_instance_id: UUID,
    account_id: UUID | None,
) -> list[WorkItemView]:
    """Give every work item of an instance, closed ones included, in the order they were opened."""
    key = {"tenant_id": tenant_id, "process_instance_id": process_instance_id}
    return _views(db, catalogue, tenant_id, db.execute(_OF_INSTANCE, key).all(), account_id)


def work_item_of(
    db: Connection,
    catalogue: Catalogue,
    tenant_id: str,
    item_id: WorkItemId,
    account_id: UUID | None,
) -> WorkItemView | None:
    """Give one work item, open or closed, or None."""
    key = {
        "tenant_id": tenant_id,
        "process_instance_id": item_id.process_instance_id,
        "task_ref": item_id.task_ref,
    }
    views = _views(db, catalogue, tenant_id, db.execute(_ONE, key).all(), account_id)
    return views[0] if views else None


def _views(
    db: Connection,
    catalogue: Catalogue,
    tenant_id: str,
    rows: Sequence[AnyRow],
    account_id: UUID | None,
) -> list[WorkItemView]:
    if not rows:
        return []
    ids = list({row.process_instance_id for row in rows})
    found = db.execute(_INSTANCES, {"tenant_id": tenant_id, "instances": ids})
    instances = {row.process_instance_id: row for row in found}
    names = _assignees(db, tenant_id, rows)
    drafts: set[tuple[UUID, int]] = set()
    if account_id is not None:
        key = {"tenant_id": tenant_id, "account_id": account_id, "instances": ids}
        drafts = {(row[0], row[1]) for row in db.execute(_DRAFTS, key)}
    views = []
    for row in rows:
        instance = instances[row.process_instance_id]
        deployed = catalogue.deployed(db, tenant_id, instance.definition_hash)
        drawn_in = drawn_where(db, catalogue, tenant_id, deployed, row.activity_id)
        views.append(
            WorkItemView(
                work_item_id=WorkItemId(row.process_instance_id, row.task_ref),
                activity=drawn_in.activities[row.activity_id],
                activity_id=row.activity_id,
                drawn_in=drawn_in,
                deployed=deployed,
                title=instance.title,
                visit=row.visit,
                item_index=row.item_index,
                role=row.role,
                assignee_id=row.assignee_id,
                assignee_names=names.get(row.assignee_id),
                status=row.status,
                revision=row.revision,
                priority=row.priority,
                opened_at=row.opened_at,
                due_at=None if row.due_at >= FAR_FUTURE else row.due_at,
                has_draft=(row.process_instance_id, row.task_ref) in drafts,
            )
        )
    return views


def drawn_where(
    db: Connection, catalogue: Catalogue, tenant_id: str, deployed: Deployed, activity_id: str
) -> CompiledDefinition:
    """Find the definition whose diagram holds an activity: the process's or one that it calls."""
    if activity_id in deployed.definition.activities:
        return deployed.definition
    for definition_hash in deployed.called.values():
        called = catalogue.deployed(db, tenant_id, bytes.fromhex(definition_hash))
        try:
            return drawn_where(db, catalogue, tenant_id, called, activity_id)
        except LookupError:
            continue
    message = f"{deployed.label} has no activity {activity_id}"
    raise LookupError(message)


def _assignees(
    db: Connection, tenant_id: str, rows: Sequence[AnyRow]
) -> dict[UUID | None, dict[str, str]]:
    ids = {row.assignee_id for row in rows} - {None}
    if not ids:
        return {}
    found = db.execute(_ASSIGNEES, {"tenant_id": tenant_id, "accounts": list(ids)})
    return {row.account_id: {"en": row.name_en, "zh": row.name_zh} for row in found}
