"""One evaluation: what was given, what is already known, and what it may still use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from engine.decisions.errors import DecisionFailed, TooDeep, TooLong
from forms.feel.values import Value

MAX_DEPTH: Final = 40
"""How deep functions of a model may call each other; Python's own stack ends at some 90."""

MAX_ITEMS: Final = 100_000
"""How many items the boxed iterations of one evaluation may visit together."""

Scope: TypeAlias = dict[str, Value]


@dataclass(slots=True)
class Run:
    """The state of one evaluation.

    `given` are the inputs by name; `values` what has been found, by key, so that a decision that
    is needed twice is made once. With `strict`, what the standard calls null (no matching rule, a
    value of the wrong type) is an error.
    """

    given: Mapping[str, object]
    strict: bool
    now: datetime | None = None
    depth: int = 0
    items: int = MAX_ITEMS
    values: dict[str, Value] = field(default_factory=dict)

    def fail(self, failure: DecisionFailed) -> None:
        """Raise what went wrong, or let it be null where the standard is followed to the letter."""
        if self.strict:
            raise failure

    def visit(self, items: int, where: str) -> None:
        """Count items of an iteration; TooLong when it is too many."""
        self.items -= items
        if self.items < 0:
            raise TooLong(where, _TOO_LONG)

    def enter(self, where: str) -> None:
        """Go one function deeper; TooDeep when that is too deep. Leave by `depth -= 1`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooDeep(where, TOO_DEEP)


Logic: TypeAlias = Callable[[Run, Scope], Value]
"""A compiled boxed expression."""

Node: TypeAlias = Callable[[Run], Value]
"""A compiled element of the requirements graph."""

_TOO_LONG: Final = {
    "en": f"The decision visits more than {MAX_ITEMS} items. Make the lists shorter.",
    "zh": f"决策遍历的项目超过 {MAX_ITEMS} 个，请缩短列表。",
}
TOO_DEEP: Final = {
    "en": f"Functions call each other more than {MAX_DEPTH} deep. Look for a call without end.",
    "zh": f"函数相互调用超过 {MAX_DEPTH} 层，请检查是否存在无限递归。",
}
