"""Literals, names, lists, contexts and ranges."""

from typing import Any, Final

from forms.feel import decimals, temporal
from forms.feel.comparing import less
from forms.feel.frames import Code, Compiler, Frame, Node, Operation, Scope, constant
from forms.feel.values import Range


def _number(_: Compiler, node: Node, __: Scope) -> Code:
    return constant(decimals.number(node[1]))


def _temporal(_: Compiler, node: Node, __: Scope) -> Code:
    return constant(temporal.parse_temporal(node[1]))


def _name(compiler: Compiler, node: Node, scope: Scope) -> Code:
    name: str = node[1]
    items: list[int] = []
    slot: int | None = None
    for bound, at in reversed(scope.bound):
        if bound is None:
            if name == "item":
                slot = at
                break
            items.append(at)
        elif bound == name:
            slot = at
            break
    found = compiler.free_slot(name) if slot is None else slot
    if not items:
        return lambda frame: frame[found]

    def look_up(frame: Frame) -> Any:
        for at in items:
            item = frame[at]
            if type(item) is dict and name in item:
                return item[name]
        return frame[found]

    return look_up


def _list(compiler: Compiler, node: Node, scope: Scope) -> Code:
    items = [compiler.code(item, scope) for item in node[1:]]
    return lambda frame: [item(frame) for item in items]


def _context(compiler: Compiler, node: Node, scope: Scope) -> Code:
    entries: list[tuple[str, int, Code]] = []
    inner = scope
    for key, value in node[1:]:
        slot = compiler.slot()
        entries.append((key, slot, compiler.code(value, inner)))
        inner = inner.with_name(key, slot)

    def run(frame: Frame) -> Any:
        result = {}
        for key, slot, code in entries:
            frame[slot] = result[key] = code(frame)
        return result

    return run


def _range(compiler: Compiler, node: Node, scope: Scope) -> Code:
    opening, start, end, closing = node[1:]
    first, last = compiler.code(start, scope), compiler.code(end, scope)

    def run(frame: Frame) -> Any:
        low, high = first(frame), last(frame)
        if less(low, high) is None:
            return None
        return Range(low, high, opening, closing)

    return run


def _one_sided(compiler: Compiler, node: Node, scope: Scope) -> Code:
    op = node[1]
    bound = compiler.code(node[2], scope)

    def run(frame: Frame) -> Any:
        value = bound(frame)
        if value is None:
            return None
        return Range(
            None if op[0] == "<" else value,
            None if op[0] == ">" else value,
            op in (">=", "="),
            op in ("<=", "="),
            op,
        )

    return run


OPERATIONS: Final[dict[str, Operation]] = {
    "n": _number,
    "@": _temporal,
    "v": _name,
    "list": _list,
    "ctx": _context,
    "range": _range,
    "side": _one_sided,
}
