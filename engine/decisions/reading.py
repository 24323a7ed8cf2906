"""Read a DMN file, with the files it imports, into a DecisionModel, or say all that is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.decisions.errors import DecisionsRefused
from engine.decisions.model import (
    ANY_TYPE,
    Decision,
    DecisionModel,
    DecisionService,
    InputData,
    ItemDefinition,
    KnowledgeModel,
    Requirement,
)
from engine.decisions.reading_logic import (
    Place,
    find_expression,
    not_feel,
    read_function,
    read_logic,
)
from engine.decisions.reading_types import component_names, feel_types, read_types, read_variable
from engine.decisions.requirements import Graph, find_cycles, index, requirement, target
from engine.decisions.source import (
    Element,
    NotReadable,
    Source,
    child,
    children,
    clean,
    parse,
    source_of,
)


def read_decisions(
    xml: bytes,
    *,
    file: str = "decisions.dmn",
    others: Mapping[str, bytes] | None = None,
    lenient: bool = False,
) -> DecisionModel:
    """Read a DMN file of version 1.1 to 1.5.

    `others` are the files, by name, among which an import finds its namespace (the other .dmn of
    the package). DecisionsRefused with every problem found, if there is any. `lenient` is for the
    conformance kit: FEEL that cannot be parsed, an unknown type or an external function becomes
    null there, as the standard says, where the product refuses the file.
    """
    try:
        sources = _open_all(xml, file, others or {}, lenient=lenient)
    except NotReadable as error:
        raise DecisionsRefused([error.problem]) from error
    graph = index(sources)
    dotted = frozenset[str]().union(*(component_names(source.root) for source in sources))
    parts = _Parts()
    for source in sources:
        _check_language(source)
        parts.types.update(read_types(source))
    for source in sources:
        source.feel_types.update(feel_types(source, parts.types))
    for source in sources:
        for element in children(source.root, *_READERS):
            if element not in graph.key_of:
                continue  # reported as a duplicate
            reader = _READERS[str(element.tag).rpartition("}")[2]]
            reader(_Reading(source, graph, dotted, parts), element)
    find_cycles(graph, parts.needs)
    problems = [problem for source in sources for problem in source.problems]
    if problems:
        raise DecisionsRefused(problems)
    return DecisionModel(
        name=clean(sources[0].root.get("name")),
        namespace=sources[0].namespace,
        file=file,
        types=parts.types,
        inputs=parts.inputs,
        decisions=parts.decisions,
        knowledge=parts.knowledge,
        services=parts.services,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What has been read so far, by key; `needs` are the edges of the requirements graph."""

    types: dict[str, ItemDefinition] = field(default_factory=dict)
    inputs: dict[str, InputData] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    knowledge: dict[str, KnowledgeModel] = field(default_factory=dict)
    services: dict[str, DecisionService] = field(default_factory=dict)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The file an element stands in, the whole graph, and where to put what is read."""

    source: Source
    graph: Graph
    dotted: frozenset[str]
    parts: _Parts


def _open_all(xml: bytes, file: str, others: Mapping[str, bytes], *, lenient: bool) -> list[Source]:
    """Open the file and, from file to file, all that it imports; the one asked for comes first."""
    root = parse(xml, file)
    first = source_of(root, file, prefix="", lenient=lenient)
    opened = {first.namespace: first}
    waiting = [first]
    roots = (
        {name: parse(content, name) for name, content in others.items()} if (first.imports) else {}
    )
    by_namespace = {found.get("namespace", ""): name for name, found in roots.items()}
    while waiting:
        source = waiting.pop()
        for element in children(source.root, "import"):
            namespace = element.get("namespace", "")
            if namespace in opened:
                continue
            name = by_namespace.get(namespace)
            if name is None:
                source.report("decision.import_not_found", _not_found(element), element)
                continue
            found = source_of(roots[name], name, prefix=f"{namespace}#", lenient=lenient)
            opened[namespace] = found
            waiting.append(found)
    return list(opened.values())


def _check_language(source: Source) -> None:
    language = source.root.get("expressionLanguage")
    if language and "feel" not in language.lower():
        source.report("decision.not_feel", not_feel(language), source.root)


def _read_input(reading: _Reading, element: Element) -> None:
    key = reading.graph.key_of[element]
    name, kind = _variable(reading.source, element)
    reading.parts.inputs[key] = InputData(name=name, type=kind)


def _read_decision(reading: _Reading, element: Element) -> None:
    key = reading.graph.key_of[element]
    name, kind = _variable(reading.source, element)
    needs = _required(reading, element, "informationRequirement", "requiredInput")
    needs += _required(reading, element, "informationRequirement", "requiredDecision")
    calls = _required(reading, element, "knowledgeRequirement", "requiredKnowledge")
    logic = find_expression(element)
    place = _place(reading, name, needs + calls)
    reading.parts.needs[key] = tuple(need.key for need in needs + calls)
    reading.parts.decisions[key] = Decision(
        name=name,
        type=kind,
        needs=needs,
        calls=calls,
        logic=None if logic is None else read_logic(place, logic),
    )


def _read_knowledge(reading: _Reading, element: Element) -> None:
    key = reading.graph.key_of[element]
    name, kind = _variable(reading.source, element)
    calls = _required(reading, element, "knowledgeRequirement", "requiredKnowledge")
    logic = child(element, "encapsulatedLogic")
    if logic is None:
        reading.source.report("decision.no_logic", _NO_LOGIC, element)
        return
    # Its own name is in sight, so that a function can call itself.
    place = _place(reading, name, calls).seeing(name)
    reading.parts.needs[key] = tuple(need.key for need in calls)
    reading.parts.knowledge[key] = KnowledgeModel(
        name=name, type=kind, calls=calls, function=read_function(place, logic)
    )


def _read_service(reading: _Reading, element: Element) -> None:
    key = reading.graph.key_of[element]
    name, kind = _variable(reading.source, element)
    outputs = _targets(reading, element, "outputDecision")
    if not outputs:
        reading.source.report("decision.service_without_output", _NO_SERVICE_OUTPUT, element)
    reading.parts.needs[key] = outputs
    reading.parts.services[key] = DecisionService(
        name=name,
        type=kind,
        outputs=outputs,
        inputs=_targets(reading, element, "inputData"),
        input_decisions=_targets(reading, element, "inputDecision"),
    )


def _variable(source: Source, element: Element) -> tuple[str, str]:
    """Give the name and type of an element's variable; the name falls back to the element's."""
    holder = child(element, "variable")
    if holder is None:
        return clean(element.get("name")), ANY_TYPE
    variable = read_variable(source, holder)
    return variable.name or clean(element.get("name")), variable.type


def _required(
    reading: _Reading, element: Element, holder: str, name: str
) -> tuple[Requirement, ...]:
    found = []
    for part in children(element, holder):
        for reference in children(part, name):
            need = requirement(reading.source, reading.graph, reference)
            if need is not None:
                found.append(need)
    return tuple(found)


def _targets(reading: _Reading, element: Element, name: str) -> tuple[str, ...]:
    found = (
        target(reading.source, reading.graph, reference) for reference in children(element, name)
    )
    return tuple(key for key in found if key is not None)


def _place(reading: _Reading, owner: str, needs: tuple[Requirement, ...]) -> Place:
    names = set(reading.dotted)
    for need in needs:
        names.add(reading.graph.names[need.key])
        names.update(reading.graph.argument_names.get(need.key, ()))
        if need.module:
            names.add(need.module)
    return Place(reading.source, owner, frozenset(names))


def _not_found(element: Element) -> dict[str, str]:
    name = element.get("name") or element.get("namespace") or ""
    return {
        "en": f"The imported model “{name}” is in no file of the package. Add its .dmn file.",
        "zh": f"流程包中没有被导入的模型“{name}”，请加入相应的 .dmn 文件。",
    }


_NO_LOGIC: Final = {
    "en": "The business knowledge model has no logic.",
    "zh": "业务知识模型没有定义逻辑。",
}
_NO_SERVICE_OUTPUT: Final = {
    "en": "The decision service has no output decision.",
    "zh": "决策服务没有输出决策。",
}

_READERS: Final[dict[str, Callable[[_Reading, Element], None]]] = {
    "inputData": _read_input,
    "decision": _read_decision,
    "businessKnowledgeModel": _read_knowledge,
    "decisionService": _read_service,
}
