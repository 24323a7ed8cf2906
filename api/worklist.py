"""The worklist, and one work item with all that its screen needs."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from flask import Response, abort
from sqlalchemy import Connection, bindparam, select

from api import access, present, readers, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from api.delegations import held, working_roles
from engine.commands.instance import encode_json, performers
from engine.commands.work_item_id import WorkItemId
from engine.definitions.offline_class import OFFLINE_POLICY, offline_class
from engine.identities.delegations import Delegation
from engine.reading.case import case_of_item
from engine.reading.worklist import (
    Position,
    WorkItemView,
    late_work_of,
    work_item_of,
    worklist_of,
)
from engine.store.base import EPOCH
from engine.store.tables import draft

blueprint = Blueprint("worklist", __name__, url_prefix="/api", description="Work to do")

_DRAFT = (
    select(draft.c.data, draft.c.saved_at)
    .where(draft.c.tenant_id == bindparam("tenant_id"))
    .where(draft.c.process_instance_id == bindparam("process_instance_id"))
    .where(draft.c.task_ref == bindparam("task_ref"))
    .where(draft.c.account_id == bindparam("account_id"))
)


@blueprint.route("/worklist")
@access.signed_in
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Worklist)
def worklist(arguments: dict[str, Any]) -> Response:
    """List the open work of one's roles, most urgent first."""
    person = account()
    with engine().database.reading() as db:
        items, after = worklist_of(
            db,
            engine().catalogue,
            person.tenant_id,
            roles=working_roles(db),
            account_id=person.account_id,
            after=_read_cursor(arguments["cursor"]),
        )
    shown = [present.work_item(item) for item in items]
    return json_answer({"items": shown, "next": _write_cursor(after)})


@blueprint.route("/worklist/late")
@access.signed_in
@blueprint.arguments(wire.Paging, location="query")
@blueprint.response(200, wire.Worklist)
def late_work(arguments: dict[str, Any]) -> Response:
    """List the work that is late and was escalated to one's roles, longest overdue first."""
    person = account()
    with engine().database.reading() as db:
        items, after = late_work_of(
            db,
            engine().catalogue,
            person.tenant_id,
            roles=working_roles(db),
            account_id=person.account_id,
            after=_read_cursor(arguments["cursor"]),
        )
    shown = [present.work_item(item) for item in items]
    return json_answer({"items": shown, "next": _write_cursor(after)})


def _write_cursor(position: Position | None) -> str | None:
    if position is None:
        return None
    parts = [
        position.priority,
        (position.due_at - EPOCH).total_seconds(),
        str(position.process_instance_id),
        position.task_ref,
    ]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode()


def _read_cursor(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    try:
        priority, due, instance, task_ref = orjson.loads(base64.urlsafe_b64decode(cursor))
        from_epoch = EPOCH.fromtimestamp(float(due), EPOCH.tzinfo)
        return Position(int(priority), from_epoch, UUID(instance), int(task_ref))
    except (ValueError, TypeError, OverflowError, binascii.Error):
        abort(400)


@blueprint.route("/work-items/<string:item_id>")
@access.signed_in
@blueprint.response(200, wire.WorkItemDetail)
def work_item(item_id: str) -> Response:
    """Give one work item with its variables, draft, meaning, and what one may do with it."""
    person = account()
    try:
        parsed = WorkItemId.parse(item_id)
    except ValueError:
        abort(404)
    with engine().database.reading() as db:
        view = work_item_of(db, engine().catalogue, person.tenant_id, parsed, person.account_id)
        if view is None:
            abort(404)
        acts_for = held(db)
        waits_for_them = (
            view.role in person.roles
            or view.role in acts_for
            or view.assignee_id == person.account_id
        )
        if not waits_for_them and not readers.may_read(db, parsed.process_instance_id):
            return readers.refused()
        return json_answer(detail(db, view, acts_for))


def detail(
    db: Connection, view: WorkItemView, acts_for: Mapping[str, Delegation]
) -> dict[str, Any]:
    """Give a work item with all that its screen needs; `acts_for` is what the person does for
    others, by role."""
    person, now = account(), engine().dispatcher.clock()
    item_id = view.work_item_id
    key = {
        "tenant_id": person.tenant_id,
        "process_instance_id": item_id.process_instance_id,
        "task_ref": item_id.task_ref,
        "account_id": person.account_id,
    }
    variables = case_of_item(db, engine().catalogue, person.tenant_id, item_id, now)
    kept = db.execute(_DRAFT, key).one_or_none()
    separate = view.drawn_in.separated_from(view.activity_id)
    done = performers(db, person.tenant_id, item_id.process_instance_id, separate)
    policy = engine().dispatcher.documents(engine().tenant).get(OFFLINE_POLICY, {})
    return {
        **present.work_item(view),
        "offline": offline_class(view.activity, policy),
        "variables": orjson.Fragment(encode_json(variables)),
        "draft": None
        if kept is None
        else {"data": orjson.loads(kept.data), "saved_at": present.time(kept.saved_at)},
        "result": view.activity.result,
        "meaning": _meaning(view),
        "may": _may(view, done, acts_for.get(view.role)),
        "for": None
        if view.role in person.roles or view.role not in acts_for
        else acts_for[view.role].mark(),
        "context": {"now": present.time(now), "username": person.username},
    }


def _meaning(view: WorkItemView) -> dict[str, Any] | None:
    code = view.activity.signature
    if code is None:
        return None
    meaning = engine().dispatcher.documents(engine().tenant)["signature_meanings"][code]
    return {"code": code, "names": meaning["names"], "statement": meaning["statement"]}


def _may(
    view: WorkItemView, done: dict[str, set[UUID]], acts_for: Delegation | None
) -> dict[str, Any]:
    """Say what the person may do with the item, and why not, before they have typed anything."""
    person = account()
    why_not: dict[str, str] | None = None
    if view.status != "open":
        why_not = {"en": "This work item is closed.", "zh": "该工作项已关闭。"}
    elif view.role not in person.roles and acts_for is None:
        why_not = {
            "en": f"This work belongs to role {view.role}.",
            "zh": f"该工作属于角色 {view.role}。",
        }
    elif view.assignee_id not in (None, person.account_id):
        who = present.names(view.assignee_names or {}, "?")
        why_not = {"en": f"Claimed by {who['en']}.", "zh": f"已由{who['zh']}领取。"}
    elif any(person.account_id in people for people in done.values()):
        why_not = {
            "en": "You did an earlier step of this process; another person has to do this one.",
            "zh": "您已完成本流程的前序步骤，此步骤必须由其他人完成。",
        }
    elif (
        view.role not in person.roles
        and acts_for is not None
        and any(acts_for.from_account_id in people for people in done.values())
    ):
        who = acts_for.from_names
        why_not = {
            "en": f"{who['en']}, for whom you act, did an earlier step of this process; another "
            "person has to do this one.",
            "zh": f"委托人{who['zh']}已完成本流程的前序步骤，此步骤必须由其他人完成。",
        }
    free = why_not is None
    return {
        "claim": free and view.assignee_id is None,
        "complete": free,
        "why_not": why_not,
    }
