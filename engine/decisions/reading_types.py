"""Item definitions, and what a `typeRef` in a file means."""

from collections.abc import Mapping
from typing import Final

from engine.decisions.feel_text import read_unary_tests
from engine.decisions.model import ANY_TYPE, FunctionItem, ItemDefinition, Tree, Variable
from engine.decisions.source import (
    Element,
    Source,
    child,
    children,
    clean,
    local_name,
    text_of,
)
from forms.feel.instances import Type

FEEL_TYPES: Final = {
    "any": ANY_TYPE,
    "Any": ANY_TYPE,
    "": ANY_TYPE,
    "Undefined": ANY_TYPE,
    "<Undefined>": ANY_TYPE,
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "context": "context",
    # The names that Camunda's modeler offers next to FEEL's own.
    "integer": "integer",
    "long": "integer",
    "double": "number",
}
"""Every way a file may write a FEEL type, and the one name the model keeps."""


def read_types(source: Source) -> dict[str, ItemDefinition]:
    """Read the item definitions of a file, by the key that `resolve_type` gives for them."""
    types: dict[str, ItemDefinition] = {}
    for element in children(source.root, "itemDefinition"):
        item = _read_item(source, element)
        types[source.prefix + item.name] = item
    return types


def resolve_type(source: Source, reference: str | None, element: Element) -> str:
    """Turn a `typeRef` into a FEEL type or the key of an item definition.

    An unknown one is a problem, and is taken for Any so that reading can go on.
    """
    name = clean(reference)
    if name in source.type_names:
        return source.prefix + name
    prefix, colon, rest = name.partition(":")
    if colon:  # DMN 1.1 writes qualified names: feel:string, or the prefix of an import
        namespace = element.nsmap.get(prefix)
        if namespace in source.imports:
            return f"{namespace}#{rest}"
        name = rest
        if name in source.type_names:
            return source.prefix + name
    if name in FEEL_TYPES:
        return FEEL_TYPES[name]
    for namespace, alias in source.imports.items():
        if alias and name.startswith(alias + "."):
            return f"{namespace}#{name[len(alias) + 1 :]}"
    if not source.lenient:
        source.report(
            "decision.unknown_type",
            {
                "en": f"There is no type “{name}”. Use a FEEL type or define it in this file.",
                "zh": f"没有名为“{name}”的类型。请使用 FEEL 类型，或在本文件中定义该类型。",
            },
            element,
        )
    return ANY_TYPE


def feel_types(source: Source, types: Mapping[str, ItemDefinition]) -> dict[str, Type]:
    """Give the types that FEEL in this file may name: its own, and "import.name" of the others."""
    found: dict[str, Type] = {}
    for key in types:
        namespace, _, name = key.rpartition("#")
        alias = source.imports.get(namespace)
        if key == source.prefix + name:
            found[name] = _feel_type(key, types, ())
        elif alias:
            found[f"{alias}.{name}"] = _feel_type(key, types, ())
    return found


def _feel_type(key: str, types: Mapping[str, ItemDefinition], inside: tuple[str, ...]) -> Type:
    item = types.get(key)
    if item is None:
        return "number" if key == "integer" else key
    return ANY_TYPE if key in inside else _item_type(item, types, (*inside, key))


def _item_type(
    item: ItemDefinition, types: Mapping[str, ItemDefinition], inside: tuple[str, ...]
) -> Type:
    one: Type
    if item.components:
        one = [
            "context",
            *([part.name, _item_type(part, types, inside)] for part in item.components),
        ]
    elif item.function is not None:
        parameters = [_feel_type(part.type, types, inside) for part in item.function.parameters]
        one = ["function", parameters, _feel_type(item.function.result, types, inside)]
    else:
        one = _feel_type(item.type, types, inside)
    return ["list", one] if item.collection else one


def read_variable(source: Source, element: Element) -> Variable:
    """Read an information item: `variable`, `formalParameter`, `parameters`, `column`."""
    return Variable(
        clean(element.get("name")), resolve_type(source, element.get("typeRef"), element)
    )


def _read_item(source: Source, element: Element) -> ItemDefinition:
    function = child(element, "functionItem")
    reference = child(element, "typeRef")
    written = reference.text if reference is not None else element.get("typeRef")
    allowed, allowed_text = _read_values(source, element, "allowedValues")
    constraint, _ = _read_values(source, element, "typeConstraint")
    return ItemDefinition(
        name=clean(element.get("name")),
        type=resolve_type(source, written, element),
        collection=element.get("isCollection") == "true",
        components=tuple(_read_item(source, part) for part in children(element, "itemComponent")),
        function=None if function is None else _read_function(source, function),
        allowed=allowed,
        allowed_text=allowed_text,
        constraint=constraint,
    )


def _read_function(source: Source, element: Element) -> FunctionItem:
    return FunctionItem(
        tuple(read_variable(source, part) for part in children(element, "parameters")),
        resolve_type(source, element.get("outputTypeRef"), element),
    )


def _read_values(source: Source, element: Element, name: str) -> tuple[Tree, str]:
    holder = child(element, name)
    text = text_of(holder)
    if holder is None or not text:
        return None, ""
    return read_unary_tests(source, holder, text, frozenset()), text


def component_names(root: Element) -> frozenset[str]:
    """Names that can follow a dot in this file: of components, context entries and outputs.

    FEEL has to know those with spaces or signs in them to tell "a name" from two names.
    """
    found = set()
    for element in root.iter("{*}itemComponent", "{*}output", "{*}column", "{*}formalParameter"):
        found.add(clean(element.get("name")))
    for element in root.iter("{*}contextEntry"):
        for variable in element:
            if local_name(variable) == "variable":
                found.add(clean(variable.get("name")))
    found.discard("")
    return frozenset(found)
