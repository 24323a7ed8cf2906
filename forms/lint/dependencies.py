"""What depends on what: names in expressions resolved to fields, circles refused."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from forms.feel import Tree, free_names
from forms.fields import FIELD_TYPES
from forms.lint.fields import walk
from forms.pointers import ANY_ROW, Template

SPECIAL = frozenset({"context", "source", "row_number"})


def resolve(
    tree: Tree, at: Template, fields: Mapping[Template, Mapping[str, Any]]
) -> tuple[frozenset[Template], frozenset[str]]:
    """Give the fields that an expression at `at` looks at, and the names it takes from the case.

    `room.temperature` is that one field, `room` all that is in it; `source` means the rows' table.
    """
    free = free_names(tree)
    found: set[Template] = set()
    outside: set[str] = set()
    for name, *steps in _chains(tree[1]):
        if name not in free:
            continue
        if name in SPECIAL:
            if ANY_ROW in at and name == "source":
                found.add(at[: at.index(ANY_ROW)])
            continue
        field = _nearest(name, at, fields)
        if field is None:
            outside.add(name)
        else:
            found.update(_reached(field, steps, fields))
    return frozenset(found), frozenset(outside)


def _chains(node: object) -> Iterator[tuple[str, ...]]:
    """Give each name in a tree with the entries taken from it: a.b.c is ("a", "b", "c")."""
    steps: list[str] = []
    inner = node
    while True:
        match inner:
            case [".", [*_] as source, str() as step]:
                steps.append(step)
                inner = source
            case ["v", str() as name]:
                yield (name, *reversed(steps))
                return
            case [*members]:
                for member in members:
                    yield from _chains(member)
                return
            case dict():
                for member in inner.values():
                    yield from _chains(member)
                return
            case _:
                return


def _reached(
    field: Template, steps: Sequence[str], fields: Mapping[Template, Mapping[str, Any]]
) -> Iterator[Template]:
    """Follow `steps` from a field into groups and columns; all that lies where they end."""
    for step in steps:
        kind = fields[field].get("x-field")
        inside = (*field, ANY_ROW, step) if kind == "table" else (*field, step)
        yield field
        if inside not in fields:
            break
        field = inside
    yield from (one for one in fields if one[: len(field)] == field)


def _nearest(
    name: str, at: Template, fields: Mapping[Template, Mapping[str, Any]]
) -> Template | None:
    for length in range(len(at) - 1, -1, -1):
        around = at[:length]
        if (*around, name) in fields:
            return (*around, name)
        for one, member in fields.items():
            kind = member.get("x-field")
            if one[:-1] == around and kind is not None:
                for suffix in FIELD_TYPES[kind].beside:
                    if one[-1] + suffix == name:
                        return one
    return None


def in_order(
    schema: Mapping[str, Any], needs: Mapping[Template, Collection[Template]]
) -> tuple[list[Template], tuple[Template, ...]]:
    """All fields so that each comes after those it needs; and one circle, () when there is none.

    A table comes before its columns. Otherwise the order of the file is kept.
    """
    templates = [template for template, _, member, _ in walk(schema) if "x-field" in member]
    order: list[Template] = []
    placed: set[Template] = set()
    waiting: list[Template] = []

    def place(template: Template) -> tuple[Template, ...]:
        if template in placed:
            return ()
        if template in waiting:
            return tuple(waiting[waiting.index(template) :])
        waiting.append(template)
        wanted = set(needs.get(template, ()))
        if ANY_ROW in template:
            wanted.add(template[: template.index(ANY_ROW)])
        for one in templates:
            if one in wanted and (circle := place(one)):
                return circle
        waiting.pop()
        placed.add(template)
        order.append(template)
        return ()

    for template in templates:
        if circle := place(template):
            return order, circle
    return order, ()
