"""Warn of a FEEL name that nothing in the package ever sets: most often a misspelt variable.

Only said where it can be known. A message or a handler whose data are not declared (cs:payload,
cs:result) may bring any name; then nothing is said at all.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from engine.decisions.model import DecisionModel, DecisionTable
from engine.definitions.bpmn import Element, children_of, kind_of, line_of
from engine.definitions.diagram import FlowNode, extension, nearest_id
from engine.definitions.extension import FeelText, inputs_of
from engine.definitions.lint.drawing import Drawing, Surroundings
from engine.definitions.lint.expressions import Parsed, context_keys
from engine.definitions.lint.services import models_with
from engine.definitions.lint.words import nearest
from engine.problems import Problem
from forms import Form
from forms.feel import Tree, free_names, unknown_functions
from forms.feel.trees import names_used

LOOP_COUNTER = "loopCounter"
_CARRIERS = frozenset({"message", "signal", "escalation"})
_ERROR_BRINGS = frozenset({"code", "message"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The names that a node sets; `is_open` when it may set others that nobody declared."""

    names: frozenset[str] = frozenset()
    is_open: bool = False


def check_names_set(drawing: Drawing, around: Surroundings, parsed: Parsed) -> Iterator[Problem]:
    """Compare the free names of every FEEL text with the names that the process sets."""
    known = [_set_by(node, around, parsed) for node in drawing.drawn.nodes.values()]
    if any(found.is_open for found in known):
        return
    names = frozenset[str]().union(*(found.names for found in known))
    for item in parsed.texts:
        tree = parsed.trees.get(item.text)
        if tree is None:
            continue
        seen = names | frozenset(_local_names(item.owner)) | _names_in_filters(tree)
        for name in sorted(free_names(tree) - unknown_functions(tree) - seen):
            yield _unknown(drawing, item, name, seen)
    for path, form in _forms_of(around):
        seen = names | _known_in_form(form, drawing)
        for name in sorted(form.context_names - seen):
            yield _unknown_in_form(path, name, seen)


def check_start_form_reads(drawing: Drawing, around: Surroundings) -> Iterator[Problem]:
    """Warn where a start form uses a variable of the case: before the start there are none."""
    for node in drawing.drawn.nodes_in(drawing.drawn.process_id):
        form = around.forms.get(node.extension("form") or "")
        if node.kind != "startEvent" or form is None:
            continue
        fields = {part for field in form.fields for part in field.path}
        for name in sorted(form.context_names - fields):
            yield drawing.drawn.problem(
                "feel.before_the_start",
                node,
                en=f"The start form “{form.name}” uses “{name}” of the case, but nothing is set"
                " before the process has started, so it is always null there.",
                zh=f"开始表单“{form.name}”使用了流程变量“{name}”，但流程启动前没有任何变量，"
                "此处始终为空。",
                severity="warning",
            )


def _set_by(node: FlowNode, around: Surroundings, parsed: Parsed) -> _Known:
    loop = node.loop
    gathered = extension(loop, "outputCollection") if loop is not None else None
    own = _set_by_work(node, around, parsed)
    return _Known(names=own.names | ({gathered} if gathered else set()), is_open=own.is_open)


def _set_by_work(node: FlowNode, around: Surroundings, parsed: Parsed) -> _Known:
    declared = node.extension("result") or node.extension("payload")
    if declared is not None:
        return _Known(names=frozenset(declared.split()))
    return _undeclared(node, around, parsed)


def _undeclared(node: FlowNode, around: Surroundings, parsed: Parsed) -> _Known:
    match node.kind:
        case "scriptTask":
            return _set_by_script(node, parsed)
        case "businessRuleTask":
            return _set_by_decision(node.extension("decision") or "", around.decisions)
        case "serviceTask" | "receiveTask":
            return _Known(is_open=True)
        case "callActivity":
            return _Known(is_open=not inputs_of(node.element))
        case "intermediateCatchEvent" | "boundaryEvent" | "startEvent" if node.event_kinds:
            return _set_by_event(node)
        case _:
            return _set_by_form(node, around)


def _set_by_event(node: FlowNode) -> _Known:
    brings_anything = bool(_CARRIERS.intersection(node.event_kinds))
    names = _ERROR_BRINGS if "error" in node.event_kinds else frozenset[str]()
    return _Known(names=names, is_open=brings_anything)


def _set_by_form(node: FlowNode, around: Surroundings) -> _Known:
    name = node.extension("form")
    if name is None:
        return _Known()
    form = around.forms.get(name)
    if form is None:
        return _Known(is_open=True)
    return _Known(names=frozenset(str(key) for key in form.schema.get("properties", {})))


def _set_by_script(node: FlowNode, parsed: Parsed) -> _Known:
    for script in children_of(node.element, "script"):
        keys = context_keys(parsed.trees.get((script.text or "").strip()))
        return _Known(names=frozenset(keys)) if keys is not None else _Known(is_open=True)
    return _Known(is_open=True)


def _set_by_decision(decision: str, models: Mapping[str, DecisionModel]) -> _Known:
    """Give what a decision without cs:result merges: the outputs that a table names."""
    for file in models_with(models, decision):
        for key, item in models[file].decisions.items():
            if decision not in {key, item.name}:
                continue
            if isinstance(item.logic, DecisionTable):
                outputs = {output.name for output in item.logic.outputs} - {None}
                return _Known(names=frozenset({decision, *(str(name) for name in outputs)}))
    return _Known(is_open=True)


def _names_in_filters(tree: Tree) -> frozenset[str]:
    """Give the names in the conditions of filters: they may be entries of the items."""
    names: set[str] = set()
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        match node:
            case ["[]", _, condition]:
                names |= names_used(condition)
            case _:
                pass
        if isinstance(node, list):
            waiting.extend(node)
    return frozenset(names)


def _forms_of(around: Surroundings) -> Iterator[tuple[str, Form]]:
    for name, form in around.forms.items():
        if form is not None:
            yield f"forms/{name}.json", form


def _local_names(element: Element) -> Iterator[str]:
    """Give the names that a multi-instance activity or loop sets for what lies inside it."""
    place: Element | None = element
    while place is not None and kind_of(place) != "process":
        for loop in children_of(
            place, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"
        ):
            yield LOOP_COUNTER
            name = extension(loop, "element")
            if name is not None:
                yield name
        place = place.getparent()


def _unknown(drawing: Drawing, item: FeelText, name: str, seen: Collection[str]) -> Problem:
    guess = nearest(name, seen)
    return Problem(
        code="feel.unknown_name",
        message={
            "en": f"Nothing in the process sets “{name}”, so it is always null here"
            f"{f'; did you mean “{guess}”?' if guess else '.'}",
            "zh": f"流程中没有任何地方给“{name}”赋值，此处始终为空"
            f"{f'；是否应为“{guess}”？' if guess else '。'}",
        },
        file=drawing.drawn.file,
        element_id=nearest_id(item.owner),
        line=line_of(item.element),
        severity="warning",
    )


def _known_in_form(form: Form, drawing: Drawing) -> frozenset[str]:
    """Give the names that a form has anyway: its fields, items of filters, its tasks' elements."""
    fields = {part for field in form.fields for part in field.path}
    filtered = (_names_in_filters(tree) for tree in form.expressions.values())
    local = {
        name
        for node in drawing.drawn.nodes.values()
        if node.extension("form") == form.name
        for name in _local_names(node.element)
    }
    return frozenset(fields).union(local, *filtered)


def _unknown_in_form(path: str, name: str, names: Collection[str]) -> Problem:
    guess = nearest(name, names)
    return Problem(
        code="feel.unknown_name",
        message={
            "en": f"The form uses “{name}” of the case, which nothing in the process sets"
            f"{f'; did you mean “{guess}”?' if guess else '.'}",
            "zh": f"表单使用了流程变量“{name}”，但流程中没有任何地方给它赋值"
            f"{f'；是否应为“{guess}”？' if guess else '。'}",
        },
        file=path,
        severity="warning",
    )
