"""A message from another system (planning, ERP) that starts a process here: the door for it.

Which messages may come, from whom and with what stands in the document `messages_from_outside`;
the names of the payload are those that the diagram in force declares (cs:payload). The same matter
handed in again starts nothing a second time, whatever its command's id is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import bindparam, select

from engine.canonical import canonical_bytes, record_value
from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.commands.instance import decode_variables
from engine.commands.messages import publish
from engine.definitions.catalogue import Deployed, definition_source
from engine.definitions.diagram import read_diagram
from engine.definitions.xml import read_xml
from engine.identifiers import derived_id
from engine.outcomes import FieldProblem, Reason, Rejection
from engine.store.tables import outbox

DOCUMENT = "messages_from_outside"
REGISTER = "messages"
_BEFORE = (
    select(outbox.c.payload)
    .where(outbox.c.tenant_id == bindparam("tenant_id"))
    .where(outbox.c.outbox_id == bindparam("outbox_id"))
)
_MOST_ROWS, _MOST_NAMES = 200, 20  # of a payload's rows, and of names in one
_LONGEST = 400
_WRONG = {
    "text": {"en": "Give a text of at most 400 characters.", "zh": "请提供不超过 400 字的文本。"},
    "decimal": {
        "en": 'Give a number greater than zero as text: "12.5".',
        "zh": "请以文本形式提供大于零的数值，如“12.5”。",
    },
    "date": {"en": "Give a day: 2026-11-30.", "zh": "请提供日期，如 2026-11-30。"},
    "rows": {
        "en": "A list of 1 to 200 rows, each with at most 20 texts by name.",
        "zh": "应为 1 至 200 行的列表，每行最多 20 个按名称列出的文本。",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInMessage(Command):
    """Hand in a message by its name with its payload; numbers are texts, days ISO 8601."""

    name: str
    payload: Mapping[str, Any]


def hand_in(context: CommandContext, command: HandInMessage) -> Mapping[str, Any]:
    """Check a message and put it into the outbox; give whether it is new.

    Refused: a name that is not allowed to come from outside or that no process in force begins
    with, somebody whose role may not, a payload that is not what is declared, and a matter that
    was handed in before with something else in it.
    """
    allowed = context.configuration(DOCUMENT)["messages"].get(command.name)
    starts = context.catalogue.started_by_message(context.db, context.tenant_id, command.name)
    if allowed is None or not starts:
        raise _unknown(command.name)
    if not context.actor.roles & set(allowed["roles"]):
        raise Rejection(
            Reason.NOT_ALLOWED,
            {
                "en": f"“{command.name}” is handed in by: {', '.join(allowed['roles'])}.",
                "zh": f"消息“{command.name}”仅可由以下岗位提交：{'、'.join(allowed['roles'])}。",
            },
            expected=", ".join(allowed["roles"]),
        )
    payload = _checked(context, starts[0], command, allowed["payload"])
    correlation = str(payload[allowed["correlation"]])
    outbox_id = derived_id("handed_in", context.tenant_id, command.name, correlation)
    key = {"tenant_id": context.tenant_id, "outbox_id": outbox_id}
    before = context.db.execute(_BEFORE, key).scalar_one_or_none()
    if before is None:
        publish(context, REGISTER, command.name, correlation, payload, outbox_id=outbox_id)
    elif _content(decode_variables(before)) != _content(payload):
        raise Rejection(
            Reason.STALE,
            {
                "en": f"{correlation} was handed in before with something else in it. Correct it "
                "where it was begun, or use another number.",
                "zh": f"{correlation} 此前已提交且内容不同，请在已启动的流程中更正，或使用新编号。",
            },
            found=correlation,
        )
    return {"name": command.name, "correlation": correlation, "new": before is None}


def _checked(
    context: CommandContext, deployed: Deployed, command: HandInMessage, kinds: Mapping[str, str]
) -> dict[str, Any]:
    """Give the payload with its values read; every problem at once."""
    declared = _declared(context, deployed, command.name)
    problems = [
        _problem(name, "unknown", {"en": "No such field.", "zh": "没有此字段。"})
        for name in sorted(set(command.payload) - declared)
    ]
    read: dict[str, Any] = {}
    for name in sorted(declared):
        kind = kinds.get(name, "text")
        try:
            read[name] = _READ[kind](command.payload.get(name))
        except (ValueError, InvalidOperation):
            problems.append(_problem(name, kind, _WRONG[kind]))
    if problems:
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "The message does not hold what the process declares. Correct the fields.",
                "zh": "消息内容与流程声明不符，请更正所列字段。",
            },
            errors=tuple(problems),
        )
    return read


def _declared(context: CommandContext, deployed: Deployed, name: str) -> set[str]:
    """Give the names of the payload by the start event of the diagram in force; what was compiled
    before they were kept has them in its diagram only."""
    definition = deployed.definition
    if name in definition.start_payloads:
        return set(definition.start_payloads[name])
    source = definition_source(
        context.db, context.tenant_id, bytes.fromhex(definition.hash), "process.bpmn"
    )
    root = read_xml(source or b"", "process.bpmn")
    process = next(each for each in root.iter() if each.get("id") == definition.process_id)
    node = read_diagram(root, process, "process.bpmn").nodes[definition.start_messages[name]]
    return set((node.extension("payload") or "").split())


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST:
        raise ValueError
    return value.strip()


def _decimal(value: object) -> Decimal:
    number = Decimal(_text(value))
    if not number.is_finite() or number <= 0:
        raise ValueError
    return number


def _date(value: object) -> str:
    return date.fromisoformat(_text(value)).isoformat()


def _rows(value: object) -> list[dict[str, str]]:
    """Read rows of texts, such as the lines of a notice; what is empty in a row is left out."""
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_ROWS:
        raise ValueError
    return [_row(each) for each in value]


def _row(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or len(value) > _MOST_NAMES:
        raise ValueError
    return {_text(name): _text(said) for name, said in value.items() if said not in (None, "")}


_READ: Mapping[str, Callable[[object], Any]] = {
    "text": _text,
    "decimal": _decimal,
    "date": _date,
    "rows": _rows,
}


def _content(payload: Mapping[str, Any]) -> bytes:
    return canonical_bytes(record_value(dict(payload)))


def _problem(name: str, code: str, message: Mapping[str, str]) -> FieldProblem:
    return FieldProblem(path=f"/payload/{name}", code=code, message=message)


def _unknown(name: str) -> Rejection:
    return Rejection(
        Reason.NOT_FOUND,
        {
            "en": f"No process waits for “{name}” from outside. Ask who looks after the processes.",
            "zh": f"没有流程接收外部消息“{name}”，请联系流程负责人。",
        },
        found=name,
    )
