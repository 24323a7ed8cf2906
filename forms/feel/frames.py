"""How a tree becomes Python: the compiler that the operations share, and the frame they run on.

A tree is compiled into nested Python functions, each of which takes a frame and gives a value. A
frame is a list: frame[0] is the Budget of the evaluation, then comes one slot for each name the
tree takes from the scope, then one for each name it binds itself. Inside a filter names are looked
for in the item first, which only the evaluation knows: that is the one look-up by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from forms.feel.values import Budget, Value

Node = Any
"""A node of a tree: null, true, false, a text, or [operation, …]; README.md lists them."""
Tree = list[Any]
"""["feel/1", node]: JSON-able, never changed once made."""
VERSION: Final = "feel/1"
Frame = list[Any]
Code = Callable[[Frame], Any]
SUBJECT: Final = "?"
"""The name of the tested value in unary tests."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that a place in the tree can see, innermost last: (name, slot).

    The name None stands for the item of a filter, whose entries are names.
    """

    bound: tuple[tuple[str | None, int], ...] = ()

    def with_name(self, name: str | None, slot: int) -> "Scope":
        return Scope((*self.bound, (name, slot)))


@dataclass(slots=True)
class Compiler:
    """Gives out slots and compiles nodes with the operations it was given."""

    operations: Mapping[str, "Operation"]
    free: dict[str, int] = field(default_factory=dict)
    slots: int = 1

    def slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def free_slot(self, name: str) -> int:
        """Give the slot of a name of the scope."""
        if name not in self.free:
            self.free[name] = self.slot()
        return self.free[name]

    def code(self, node: Node, scope: Scope) -> Code:
        """Compile one node."""
        if isinstance(node, list):
            return self.operations[node[0]](self, node, scope)
        return constant(node)


Operation = Callable[[Compiler, Node, Scope], Code]


def constant(value: Value) -> Code:
    return lambda _: value


def budget_of(frame: Frame) -> Budget:
    budget: Budget = frame[0]
    return budget
