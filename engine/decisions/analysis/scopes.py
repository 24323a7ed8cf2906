"""The types of what a table tests: of a variable, or of a part of one."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.decisions.model import ANY_TYPE, ItemDefinition, Tree


@dataclass(frozen=True, slots=True)
class Scope:
    """The names in sight by type, and those among them that are computed on the spot.

    A computed value need not take every value of its type.
    """

    types: Mapping[str, str]
    computed: frozenset[str] = frozenset()

    def given(self, name: str, type_name: str) -> "Scope":
        """Add a parameter."""
        return Scope({**self.types, name: type_name}, self.computed - {name})

    def with_computed(self, name: str, type_name: str) -> "Scope":
        """Add an entry of a context, or the variable of an iteration."""
        return Scope({**self.types, name: type_name}, self.computed | {name})


@dataclass(frozen=True, slots=True)
class Known:
    """A FEEL type's name, "Any" when nothing is known, and the tests that every value passes."""

    kind: str
    allowed: tuple[Tree, ...] = ()


NOT_SIMPLE = Known("context")
"""A list, context or function: nothing that a table's cell compares."""


def known_type(name: str, types: Mapping[str, ItemDefinition]) -> Known:
    """Say what is known of the values of a type."""
    item = types.get(name)
    return Known(name) if item is None else _known_item(item, types)


def known_path(tree: Tree, types: Mapping[str, ItemDefinition], scope: Scope) -> Known | None:
    """Say what is known of the values of a variable or a part of one; None for other trees."""
    names = _path(tree[1])
    if not names:
        return None
    found: str | ItemDefinition = scope.types.get(names[0], ANY_TYPE)
    for name in names[1:]:
        parts = _components(found, types)
        found = parts.get(name, ANY_TYPE)
    return known_type(found, types) if isinstance(found, str) else _known_item(found, types)


def is_free(tree: Tree, scope: Scope) -> bool:
    """Tell whether a tree is the name of a variable that is not computed, or of a part of one."""
    names = _path(tree[1])
    return bool(names) and names[0] in scope.types and names[0] not in scope.computed


def _path(node: object) -> list[str]:
    match node:
        case ["v", str(name)]:
            return [name]
        case [".", source, str(name)]:
            before = _path(source)
            return [*before, name] if before else []
        case _:
            return []


def _components(
    found: str | ItemDefinition, types: Mapping[str, ItemDefinition]
) -> dict[str, ItemDefinition]:
    item = types.get(found) if isinstance(found, str) else found
    while item is not None and not item.collection:
        if item.components:
            return {part.name: part for part in item.components}
        item = types.get(item.type)
    return {}


def _known_item(item: ItemDefinition, types: Mapping[str, ItemDefinition]) -> Known:
    if item.components or item.collection or item.function is not None:
        return NOT_SIMPLE
    base = known_type(item.type, types)
    own = tuple(tests for tests in (item.allowed, item.constraint) if tests is not None)
    return Known(base.kind, (*own, *base.allowed))
