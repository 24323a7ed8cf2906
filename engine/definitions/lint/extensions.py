"""The attributes of our extension: known, on the right element, with a value that means something.

A misspelt attribute would otherwise be a step without its signature, and nobody would know.
"""

from collections.abc import Iterator

from engine.definitions.bpmn import CS, EVENTS, Element, cs, kind_of
from engine.definitions.diagram import FlowNode
from engine.definitions.extension import (
    ATTRIBUTES,
    INPUT_HOLDERS,
    LATER,
    extension_attributes,
    extension_elements,
)
from engine.definitions.lint.drawing import Drawing
from engine.definitions.lint.words import is_variable, nearest
from engine.problems import Problem

_OFFLINE = frozenset("ABCD")
_MAX_PRIORITY = 100
# What an event has to do with for an attribute to mean something on it. An error brings its code
# and message to the boundary event that catches it.
_CARRIERS = frozenset({"message", "signal", "escalation"})
_EVENT_ATTRIBUTES = {
    "correlation": frozenset({"message"}),
    "payload": _CARRIERS,
    "result": _CARRIERS | {"error"},
}


def check_attributes(drawing: Drawing) -> Iterator[Problem]:
    """Require that every cs: attribute is known and stands where it has a meaning."""
    diagram = drawing.drawn
    for element in diagram.process.iter():
        kind = kind_of(element)
        if kind is None:
            continue
        for name, _ in extension_attributes(element):
            if name not in ATTRIBUTES:
                guess = nearest(name, ATTRIBUTES)
                yield diagram.problem(
                    "extension.unknown_attribute",
                    element,
                    en=f"There is no attribute cs:{name}"
                    f"{f'; did you mean cs:{guess}?' if guess else '; remove it.'}",
                    zh=f"没有 cs:{name} 这个属性"
                    f"{f'；是否应为 cs:{guess}？' if guess else '；请删除。'}",
                )
            elif kind not in ATTRIBUTES[name]:
                yield _without_effect(drawing, element, f"cs:{name}", kind)


def check_event_attributes(drawing: Drawing) -> Iterator[Problem]:
    """Require correlation on messages only, payload and result on events that bring data."""
    for node in drawing.drawn.nodes.values():
        if node.kind not in EVENTS:
            continue
        for name, kinds in _EVENT_ATTRIBUTES.items():
            misplaced = node.extension(name) is not None and node.kind in ATTRIBUTES[name]
            by_form = name == "result" and _starts_by_hand(drawing, node) and node.extension("form")
            if misplaced and not by_form and not kinds.intersection(node.event_kinds):
                yield _without_effect(drawing, node.element, f"cs:{name}", _event_word(node))


def check_start_form(drawing: Drawing) -> Iterator[Problem]:
    """Require that a form of a start event is one that a person is shown."""
    for node in drawing.drawn.nodes_of_kind("startEvent"):
        if node.extension("form") is not None and not _starts_by_hand(drawing, node):
            yield drawing.drawn.problem(
                "extension.start_form",
                node,
                en=f"No person starts {node.label}, so nobody would be shown its cs:form; put the"
                " form on the start event without trigger of the process, or on the first task.",
                zh=f"{node.label} 不是由人启动的，没有人会看到它的 cs:form；"
                "请把表单放在流程的无触发开始事件上，或第一个任务上。",
            )


def _starts_by_hand(drawing: Drawing, node: FlowNode) -> bool:
    on_top = node.scope == drawing.drawn.process_id
    return node.kind == "startEvent" and on_top and not node.event_kinds


def check_elements_of_ours(drawing: Drawing) -> Iterator[Problem]:
    """Require that extension elements are cs:input, with a name and a value, each name once."""
    diagram = drawing.drawn
    for element in diagram.process.iter():
        names: set[str] = set()
        for child in extension_elements(element):
            if child.tag != cs("input"):
                yield diagram.problem(
                    "extension.unknown_element",
                    child,
                    en=f"There is no extension element {str(child.tag).removeprefix(f'{{{CS}}}')};"
                    " remove it, or write cs:input.",
                    zh=f"没有扩展元素 {str(child.tag).removeprefix(f'{{{CS}}}')}；"
                    "请删除，或改为 cs:input。",
                )
            elif kind_of(element) not in INPUT_HOLDERS:
                yield _without_effect(drawing, child, "cs:input", kind_of(element) or "")
            else:
                yield from _check_input(drawing, child, names)


def check_values(drawing: Drawing) -> Iterator[Problem]:
    """Require values of offline class, priority and result that mean something."""
    for node in drawing.drawn.nodes.values():
        yield from _check_offline(drawing, node)
        yield from _check_priority(drawing, node)
        for name in ("result", "payload"):
            for variable in (node.extension(name) or "").split():
                if not is_variable(variable):
                    yield drawing.drawn.problem(
                        "extension.no_variable",
                        node,
                        en=f'cs:{name}="{variable}" of {node.label} is no variable name; use'
                        " letters, digits and _ and start with a letter.",
                        zh=f'{node.label} 的 cs:{name}="{variable}" 不是变量名；请使用字母、'
                        "数字和 _，并以字母开头。",
                    )
        if len((node.extension("result") or "").split()) > 1:
            yield drawing.drawn.problem(
                "extension.one_result",
                node,
                en=f"cs:result of {node.label} names several variables; name one, the parts lie"
                " below it.",
                zh=f"{node.label} 的 cs:result 写了多个变量；请只写一个，各部分在其之下。",
            )


def check_event_inputs(drawing: Drawing) -> Iterator[Problem]:
    """Refuse inputs on an event that carries nothing to anybody."""
    for node in drawing.drawn.nodes_of_kind("intermediateThrowEvent", "endEvent"):
        if _CARRIERS.intersection(node.event_kinds):
            continue
        for child in extension_elements(node.element):
            if child.tag == cs("input"):
                yield _without_effect(drawing, child, "cs:input", _event_word(node))


def _check_input(drawing: Drawing, element: Element, names: set[str]) -> Iterator[Problem]:
    name = element.get("name", "").strip()
    if not is_variable(name) or name in names:
        yield drawing.drawn.problem(
            "extension.input_name",
            element,
            en=f"The input “{name}” needs a name of letters, digits and _ that no other input here"
            " has.",
            zh=f"输入“{name}”的名称须由字母、数字和 _ 组成，且在此处不重复。",
        )
    if not element.get("value", "").strip():
        yield drawing.drawn.problem(
            "extension.input_value",
            element,
            en=f"The input “{name}” has no value; write it in FEEL (for example: lot).",
            zh=f"输入“{name}”没有值；请用 FEEL 书写（例如：lot）。",
        )
    names.add(name)


def _check_offline(drawing: Drawing, node: FlowNode) -> Iterator[Problem]:
    value = node.extension("offline")
    if node.kind == "serviceTask":
        yield from _check_later(drawing, node, value)
    elif node.kind == "startEvent" and value is not None and not _starts_by_hand(drawing, node):
        yield _without_effect(drawing, node.element, "cs:offline", _event_word(node))
    elif value is not None and value not in _OFFLINE:
        yield drawing.drawn.problem(
            "extension.offline",
            node,
            en=f'cs:offline="{value}" of {node.label} must be A (evidence), B (reversible'
            " responsibility), C (decision) or D (never offline).",
            zh=f'{node.label} 的 cs:offline="{value}" 须为 A（采集证据）、B（可撤回的责任）、'
            "C（决定）或 D（不得离线）。",
        )


def _check_later(drawing: Drawing, node: FlowNode, value: str | None) -> Iterator[Problem]:
    """Require that a device which goes on past a service task knows what it does not know."""
    if value is None:
        return
    if value != LATER:
        yield drawing.drawn.problem(
            "extension.offline_service",
            node,
            en=f'cs:offline="{value}" of {node.label} must be later: a device goes on past it, and'
            " the server does it when it hears of it. Remove it where the device must wait.",
            zh=f'{node.label} 的 cs:offline="{value}" 只能为 later：设备先继续，'
            "服务器收到后再执行。若设备必须等待，请删除。",
        )
    elif node.extension("result") is None:
        yield drawing.drawn.problem(
            "extension.offline_result",
            node,
            en=f"A device may go on past {node.label}, but nothing says what it does not know"
            " meanwhile; name the variable of its answer in cs:result.",
            zh=f"设备可先越过 {node.label}，但没有说明此时缺少哪个变量；"
            "请在 cs:result 中写明其结果变量。",
        )


def _check_priority(drawing: Drawing, node: FlowNode) -> Iterator[Problem]:
    value = node.extension("priority")
    if value is None:
        return
    if not (value.isascii() and value.isdigit() and int(value) <= _MAX_PRIORITY):
        yield drawing.drawn.problem(
            "extension.priority",
            node,
            en=f'cs:priority="{value}" of {node.label} must be a whole number from 0 to'
            f" {_MAX_PRIORITY} (50 is usual, 100 comes first).",
            zh=f'{node.label} 的 cs:priority="{value}" 须为 0 到 {_MAX_PRIORITY} 的整数'
            "（通常为 50，100 最优先）。",
        )


def _event_word(node: FlowNode) -> str:
    return f"{node.kind} ({', '.join(node.event_kinds) or 'none'})"


def _without_effect(drawing: Drawing, element: Element, what: str, kind: str) -> Problem:
    return drawing.drawn.problem(
        "extension.without_effect",
        element,
        en=f"{what} has no meaning on a {kind}; remove it, or change the kind of the element.",
        zh=f"{what} 对 {kind} 没有意义；请删除，或更改元素类型。",
    )
