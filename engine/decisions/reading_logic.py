"""Boxed expressions (DMN 1.5, 10.2): each XML element becomes one struct of the model."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from engine.decisions.feel_text import NULL_TREE, read_expression
from engine.decisions.model import (
    ANY_TYPE,
    Binding,
    Conditional,
    Context,
    ContextEntry,
    Expression,
    Filter,
    FunctionDefinition,
    Invocation,
    Iteration,
    ListExpression,
    LiteralExpression,
    Quantified,
    Relation,
    Variable,
)
from engine.decisions.reading_tables import read_table
from engine.decisions.reading_types import read_variable, resolve_type
from engine.decisions.source import (
    Element,
    Source,
    child,
    children,
    clean,
    local_name,
    text_of,
)

NOTHING: Final = LiteralExpression(NULL_TREE, "null")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: its file, whose logic it is, the names it sees."""

    source: Source
    owner: str
    names: frozenset[str]

    def seeing(self, *names: str) -> "Place":
        """Describe the same place with more names in sight."""
        return replace(self, names=self.names.union(names))


def find_expression(element: Element) -> Element | None:
    """Find the boxed expression among an element's children."""
    return next(children(element, *_READERS), None)


def read_child(place: Place, element: Element) -> Expression:
    """Read the boxed expression inside an element; nothing there means null."""
    found = find_expression(element)
    return NOTHING if found is None else read_logic(place, found)


def read_logic(place: Place, element: Element) -> Expression:
    """Read a boxed expression."""
    return _READERS[local_name(element)](place, element)


def read_function(place: Place, element: Element) -> FunctionDefinition:
    """Read a function definition or the encapsulated logic of a business knowledge model."""
    parameters = tuple(
        read_variable(place.source, part) for part in children(element, "formalParameter")
    )
    kind = element.get("kind", "FEEL")
    if kind != "FEEL":
        if not place.source.lenient:
            place.source.report(
                "decision.external_function",
                {
                    "en": f"Functions of kind {kind} are not called. Write the function in FEEL.",
                    "zh": f"不调用 {kind} 类型的外部函数，请用 FEEL 编写该函数。",
                },
                element,
            )
        return FunctionDefinition(parameters, NOTHING)
    inside = place.seeing(*(parameter.name for parameter in parameters))
    return FunctionDefinition(parameters, read_child(inside, element), _type(place, element))


def _literal(place: Place, element: Element) -> Expression:
    language = element.get("expressionLanguage")
    if language and "feel" not in language.lower():
        place.source.report("decision.not_feel", not_feel(language), element)
        return NOTHING
    text = text_of(element)
    if not text:
        return NOTHING
    tree = read_expression(place.source, element, text, place.names)
    return LiteralExpression(tree, text, _type(place, element))


def _context(place: Place, element: Element) -> Expression:
    entries = []
    for entry in children(element, "contextEntry"):
        holder = child(entry, "variable")
        variable = None if holder is None else read_variable(place.source, holder)
        # A function may call itself, so its own name is in sight; for a value it is not.
        inside = place
        if variable and child(entry, "functionDefinition") is not None:
            inside = place.seeing(variable.name)
        entries.append(ContextEntry(read_child(inside, entry), variable))
        if variable:
            place = place.seeing(variable.name)
    return Context(tuple(entries), _type(place, element))


def _invocation(place: Place, element: Element) -> Expression:
    bindings = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        found = find_expression(binding)
        value = None if found is None else read_logic(place, found)
        name = "" if parameter is None else clean(parameter.get("name"))
        bindings.append(Binding(name, value))
    return Invocation(read_child(place, element), tuple(bindings), _type(place, element))


def _list(place: Place, element: Element) -> Expression:
    items = tuple(read_logic(place, item) for item in children(element, *_READERS))
    return ListExpression(items, _type(place, element))


def _relation(place: Place, element: Element) -> Expression:
    columns = tuple(read_variable(place.source, part) for part in children(element, "column"))
    rows = []
    for row in children(element, "row"):
        cells = tuple(read_logic(place, cell) for cell in children(row, *_READERS))
        if len(cells) != len(columns):
            place.source.report("decision.uneven_relation", _UNEVEN, row)
        rows.append(cells)
    return Relation(columns, tuple(rows), _type(place, element))


def _function(place: Place, element: Element) -> Expression:
    return read_function(place, element)


def _conditional(place: Place, element: Element) -> Expression:
    return Conditional(
        _part(place, element, "if"),
        _part(place, element, "then"),
        _part(place, element, "else"),
        _type(place, element),
    )


def _for(place: Place, element: Element) -> Expression:
    variable = _iterator(place, element)
    inside = place.seeing(variable.name, "partial")
    return Iteration(
        variable,
        _part(place, element, "in"),
        _part(inside, element, "return"),
        _type(place, element),
    )


def _quantified(place: Place, element: Element) -> Expression:
    variable = _iterator(place, element)
    return Quantified(
        "every" if local_name(element) == "every" else "some",
        variable,
        _part(place, element, "in"),
        _part(place.seeing(variable.name), element, "satisfies"),
        _type(place, element),
    )


def _filter(place: Place, element: Element) -> Expression:
    return Filter(
        _part(place, element, "in"),
        _part(place.seeing("item"), element, "match"),
        _type(place, element),
    )


def _table(place: Place, element: Element) -> Expression:
    return read_table(place.source, element, place.owner, place.names)


def _part(place: Place, element: Element, name: str) -> Expression:
    holder = child(element, name)
    return NOTHING if holder is None else read_child(place, holder)


def _iterator(place: Place, element: Element) -> Variable:
    holder = child(element, "in")
    reference = None if holder is None else holder.get("typeRef")
    kind = ANY_TYPE if reference is None else resolve_type(place.source, reference, element)
    return Variable(clean(element.get("iteratorVariable")), kind)


def _type(place: Place, element: Element) -> str:
    return resolve_type(place.source, element.get("typeRef"), element)


def not_feel(language: str) -> dict[str, str]:
    """Say that another expression language is not evaluated."""
    return {
        "en": f"The expression language “{language}” is not evaluated. Write it in FEEL.",
        "zh": f"不支持表达式语言“{language}”，请改用 FEEL 编写。",
    }


_UNEVEN: Final = {
    "en": "A row of the relation has not one cell for each column.",
    "zh": "关系表中某一行的单元格数与列数不一致。",
}

_READERS: Final[dict[str, Callable[[Place, Element], Expression]]] = {
    "literalExpression": _literal,
    "context": _context,
    "invocation": _invocation,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "for": _for,
    "every": _quantified,
    "some": _quantified,
    "filter": _filter,
    "decisionTable": _table,
}
