"""Paths (a.b) and filters (a[b])."""

from decimal import Decimal
from typing import Any, Final

from forms.feel import decimals
from forms.feel.frames import Code, Compiler, Frame, Node, Operation, Scope
from forms.feel.functions.lists import as_list
from forms.feel.functions.times import property_of
from forms.feel.values import Range, Value


def get(value: Value, name: str) -> Value:
    """Give value.name: an entry, a property, or the list of them for a list."""
    if type(value) is dict:
        return value.get(name)
    if type(value) is list:
        return [get(item, name) for item in value]
    if type(value) is Range:
        return {
            "start": value.start,
            "end": value.end,
            "start included": value.start_included,
            "end included": value.end_included,
        }.get(name)
    return property_of(value, name)


def _path(compiler: Compiler, node: Node, scope: Scope) -> Code:
    source, name = compiler.code(node[1], scope), node[2]

    def run(frame: Frame) -> Any:
        value = source(frame)
        if type(value) is dict:
            return value.get(name)
        if type(value) is list:
            frame[0].spend(len(value))
        return get(value, name)

    return run


_CONDITIONS = frozenset(
    ["=", "!=", "<", "<=", ">", ">=", "and", "or", "between", "in", "some", "every", "is"]
)


def _filtered(compiler: Compiler, node: Node, scope: Scope) -> Code:
    source, condition = compiler.code(node[1], scope), node[2]
    kind = condition[0] if isinstance(condition, list) else ""
    if kind == "n" or (kind == "neg" and isinstance(condition[1], list) and condition[1][0] == "n"):
        index: Value = compiler.code(condition, scope)([])
        return lambda frame: _at(as_list(source(frame)), index)
    slot = compiler.slot()
    test = compiler.code(condition, scope.with_name(None, slot))
    may_be_index = kind not in _CONDITIONS

    def run(frame: Frame) -> Any:
        items = as_list(source(frame))
        if items is None:
            return None
        result: list[Value] = []
        spend = frame[0].spend
        if may_be_index and not items:
            frame[slot] = None
            return None if type(test(frame)) is Decimal else result
        for item in items:
            spend(1)
            frame[slot] = item
            passed = test(frame)
            if passed is True:
                result.append(item)
            elif may_be_index and type(passed) is Decimal:
                return _at(items, passed)
        return result

    return run


def _at(items: list[Value] | None, index: Value) -> Value:
    place = decimals.whole(index) if isinstance(index, Decimal) else None
    if not items or not place or abs(place) > len(items):
        return None
    return items[place - 1 if place > 0 else place]


OPERATIONS: Final[dict[str, Operation]] = {".": _path, "[]": _filtered}
