"""The decision requirements graph of the files: keys, references, and that it has no circle."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.decisions.model import Requirement
from engine.decisions.source import Element, Source, child, children, clean, local_name

ELEMENTS = ("inputData", "decision", "businessKnowledgeModel", "decisionService")


@dataclass(frozen=True, slots=True)
class Graph:
    """The elements of all files. `argument_names` are the names a call of an element may use."""

    key_of: dict[Element, str]
    sources: dict[str, Source]
    elements: dict[str, Element]
    names: dict[str, str]
    argument_names: dict[str, tuple[str, ...]]


def index(sources: Sequence[Source]) -> Graph:
    """Give every element its key and its name; two of one file with the same one are a problem."""
    graph = Graph({}, {}, {}, {}, {})
    for source in sources:
        taken: set[str] = set()
        for element in children(source.root, *ELEMENTS):
            name = _name(element)
            key = source.prefix + (element.get("id") or f"_{name}")
            if key in graph.elements or name in taken:
                source.report("decision.duplicate", _duplicate(name), element)
                continue
            taken.add(name)
            graph.key_of[element] = key
            graph.sources[key] = source
            graph.elements[key] = element
            graph.names[key] = name
    for element, key in graph.key_of.items():
        graph.argument_names[key] = _argument_names(graph, element, key)
    return graph


KINDS: Final = {
    "requiredInput": {"inputData"},
    "requiredDecision": {"decision"},
    "requiredKnowledge": {"businessKnowledgeModel", "decisionService"},
    "outputDecision": {"decision"},
    "inputDecision": {"decision"},
    "inputData": {"inputData"},
}
"""What kind of element a reference has to name."""


def target(source: Source, graph: Graph, reference: Element) -> str | None:
    """Find the key of the element that an `href` names.

    None, and a problem, when there is none or it is of the wrong kind.
    """
    namespace, _, name = reference.get("href", "").rpartition("#")
    key = _key(source, graph, namespace, name)
    found = graph.elements.get(key)
    if found is None or local_name(found) not in KINDS[local_name(reference)]:
        source.report("decision.unknown_reference", _unknown(reference), reference)
        return None
    return key


def requirement(source: Source, graph: Graph, reference: Element) -> Requirement | None:
    """Read a requirement: the element it names, and the import it is seen through."""
    key = target(source, graph, reference)
    if key is None:
        return None
    owner = graph.sources[key]
    module = None if owner is source else source.imports.get(owner.namespace)
    return Requirement(key, module)


def find_cycles(graph: Graph, needs: Mapping[str, Sequence[str]]) -> None:
    """Report each element that needs itself, directly or through others (DMN 1.5, 6.2.1)."""
    done: set[str] = set()
    for start in needs:
        path: list[str] = []
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            key, leaving = stack.pop()
            if leaving:
                done.add(path.pop())
            elif key in path:
                circle = [graph.names[step] for step in [*path[path.index(key) :], key]]
                graph.sources[key].report(
                    "decision.circle", _circle(" → ".join(circle)), graph.elements[key]
                )
            elif key not in done:
                path.append(key)
                stack.append((key, True))
                stack.extend((need, False) for need in needs.get(key, ()))


def _key(source: Source, graph: Graph, namespace: str, name: str) -> str:
    if not namespace or namespace == source.namespace:
        return source.prefix + name
    qualified = f"{namespace}#{name}"
    return qualified if qualified in graph.elements else _first_file_key(graph, namespace, name)


def _first_file_key(graph: Graph, namespace: str, name: str) -> str:
    """Name an element of the file asked for, whose keys have no namespace in front."""
    known = graph.sources.get(name)
    return name if known is not None and known.namespace == namespace else ""


def _name(element: Element) -> str:
    variable = child(element, "variable")
    return clean((variable.get("name") if variable is not None else None) or element.get("name"))


def _argument_names(graph: Graph, element: Element, key: str) -> tuple[str, ...]:
    logic = child(element, "encapsulatedLogic")
    if logic is not None:
        return tuple(clean(part.get("name")) for part in children(logic, "formalParameter"))
    source = graph.sources[key]
    found = []
    for reference in children(element, "inputData", "inputDecision"):
        namespace, _, name = reference.get("href", "").rpartition("#")
        needed = _key(source, graph, namespace, name)
        if needed in graph.names:
            found.append(graph.names[needed])
    return tuple(found)


def _duplicate(name: str) -> dict[str, str]:
    return {
        "en": f"“{name}” is there twice. Every element needs its own id and its own name.",
        "zh": f"“{name}”重复出现。每个元素都必须有唯一的标识和名称。",
    }


def _unknown(reference: Element) -> dict[str, str]:
    written = reference.get("href", "")
    return {
        "en": f"The reference “{written}” names no element of the kind that is needed here, in "
        "this file or its imports.",
        "zh": f"引用“{written}”在本文件及其导入的文件中找不到所需类型的元素。",
    }


def _circle(path: str) -> dict[str, str]:
    return {
        "en": f"These elements need each other in a circle: {path}. Break the circle.",
        "zh": f"以下元素循环依赖：{path}。请消除循环。",
    }
