"""for, some and every."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from forms.feel import decimals, temporal
from forms.feel.comparing import less
from forms.feel.frames import Code, Compiler, Frame, Node, Operation, Scope
from forms.feel.functions.lists import as_list
from forms.feel.values import Budget, Range, Value

Source = Callable[[Frame], "list[Value] | None"]


def _source(compiler: Compiler, node: Node, scope: Scope) -> tuple[int, Source]:
    """Compile [name, list] or [name, from, to]: where the items of one iterator come from."""
    slot = compiler.slot()
    if len(node) == 2:
        items = compiler.code(node[1], scope)
        return slot, lambda frame: _iterated(frame[0], items(frame))
    first, last = compiler.code(node[1], scope), compiler.code(node[2], scope)
    return slot, lambda frame: _counted(frame[0], first(frame), last(frame))


def _iterated(budget: Budget, value: Value) -> list[Value] | None:
    if type(value) is not Range:
        return as_list(value)
    if value.op:
        return None
    items = _counted(budget, value.start, value.end)
    if items is None or less(value.end, value.start):
        return None if items is None else []
    first = 0 if value.start_included else 1
    return items[first : len(items) if value.end_included else len(items) - 1]


def _counted(budget: Budget, first: Value, last: Value) -> list[Value] | None:
    """List the whole numbers, or the dates, from `first` to `last`, upwards or downwards."""
    if type(first) is temporal.Date and type(last) is temporal.Date:
        days = _steps(budget, first.days, last.days)
        return [temporal.Date(day) for day in days]
    low = decimals.whole(first) if type(first) is Decimal else None
    high = decimals.whole(last) if type(last) is Decimal else None
    if low is None or high is None:
        return None
    return [Decimal(number) for number in _steps(budget, low, high)]


def _steps(budget: Budget, low: int, high: int) -> range:
    budget.check_size(abs(high - low) + 1)
    budget.spend(abs(high - low) + 1)
    return range(low, high + 1) if low <= high else range(low, high - 1, -1)


def _sources(
    compiler: Compiler,
    nodes: list[Node],
    scope: Scope,
) -> tuple[list[tuple[int, Source]], Scope]:
    sources = []
    for node in nodes:
        slot, source = _source(compiler, node, scope)
        sources.append((slot, source))
        scope = scope.with_name(node[0], slot)
    return sources, scope


def _walk(
    sources: list[tuple[int, Source]],
    frame: Frame,
    visit: Callable[[Frame], bool],
    depth: int = 0,
) -> bool | None:
    """Call `visit` for every combination until it says True (stop); None when a source is none."""
    slot, source = sources[depth]
    items = source(frame)
    if items is None:
        return None
    last = depth == len(sources) - 1
    budget = frame[0]
    for item in items:
        budget.spend(1)
        frame[slot] = item
        stopped = visit(frame) if last else _walk(sources, frame, visit, depth + 1)
        if stopped is not False:
            return stopped
    return False


def _for(compiler: Compiler, node: Node, scope: Scope) -> Code:
    partial_slot = compiler.slot()
    sources, inner = _sources(compiler, node[1], scope)
    body = compiler.code(node[2], inner.with_name("partial", partial_slot))
    uses_partial = _mentions(node[2], "partial")

    def run(frame: Frame) -> Any:
        result: list[Value] = []
        budget = frame[0]

        def visit(frame: Frame) -> bool:
            if uses_partial:  # a list of its own in each round: values are never changed once made
                budget.spend(len(result))
                frame[partial_slot] = result[:]
            result.append(body(frame))
            return False

        if _walk(sources, frame, visit) is None:
            return None
        budget.check_size(len(result))
        return result

    return run


def _mentions(node: Node, name: str) -> bool:
    return isinstance(node, list) and (
        node[:2] == ["v", name] or any(_mentions(part, name) for part in node)
    )


def _some(compiler: Compiler, node: Node, scope: Scope) -> Code:
    return _quantified(compiler, node, scope, decisive=True)


def _every(compiler: Compiler, node: Node, scope: Scope) -> Code:
    return _quantified(compiler, node, scope, decisive=False)


def _quantified(compiler: Compiler, node: Node, scope: Scope, *, decisive: bool) -> Code:
    sources, inner = _sources(compiler, node[1], scope)
    condition = compiler.code(node[2], inner)
    neutral = not decisive

    def run(frame: Frame) -> Any:
        known = True

        def visit(frame: Frame) -> bool:
            nonlocal known
            value = condition(frame)
            if value is not neutral and value is not decisive:
                known = False
            return value is decisive

        stopped = _walk(sources, frame, visit)
        if stopped is None:
            return None
        if stopped:
            return decisive
        return neutral if known else None

    return run


OPERATIONS: Final[dict[str, Operation]] = {"for": _for, "some": _some, "every": _every}
