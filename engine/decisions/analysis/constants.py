"""The constants that the tests of a cell compare the tested value with.

Where all a cell does with the value is to compare it with constants, its answer can only change at
those constants. That is what makes a table analysable; a cell that does anything else is irregular.
"""

from engine.decisions.feel_logic import constant_of, is_constant
from engine.decisions.model import Tree
from forms.feel import Range, Value
from forms.feel.frames import SUBJECT

COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


class Irregular(Exception):
    """A cell does more than compare its value with constants."""


def constants_in(tests: Tree) -> tuple[list[Value], bool]:
    """List the constants of a cell, and tell whether it asks for an order (<, ranges).

    Irregular when the cell's answer depends on anything but comparisons with constants.
    """
    found = _Found([], ordered=False)
    match tests[1]:
        case bool():
            pass
        case ["tests", _, *parts]:
            for part in parts:
                found.add_test(part)
        case _:
            raise Irregular
    return found.values, found.ordered


class _Found:
    """Collects from node to node."""

    def __init__(self, values: list[Value], *, ordered: bool) -> None:
        self.values = values
        self.ordered = ordered

    def add_test(self, test: object) -> None:
        match test:
            case ["test", "is", condition]:
                self._add_condition(condition)
            case ["test", str(sign), operand]:
                self.ordered = self.ordered or sign not in {"in", "=", "!="}
                self._add_constant(operand)
            case _:
                raise Irregular

    def _add_condition(self, node: object) -> None:
        match node:
            case ["and" | "or", *parts] | ["b", "not", *parts]:
                for part in parts:
                    self._add_condition(part)
            case [str(sign), left, right] if sign in COMPARISONS:
                self.ordered = self.ordered or sign not in {"=", "!="}
                self._add_side(left)
                self._add_side(right)
            case ["between", subject, low, high]:
                self.ordered = True
                for side in (subject, low, high):
                    self._add_side(side)
            case ["in", ["v", name], *tests] if name == SUBJECT:
                for test in tests:
                    self.add_test(test)
            case _ if is_constant(node):
                pass
            case _:
                raise Irregular

    def _add_side(self, node: object) -> None:
        if node != ["v", SUBJECT]:
            self._add_constant(node)

    def _add_constant(self, node: object) -> None:
        if not is_constant(node):
            raise Irregular
        self._add_value(constant_of(node))

    def _add_value(self, value: Value) -> None:
        if isinstance(value, list):
            for item in value:
                self._add_value(item)
        elif isinstance(value, Range):
            self.ordered = self.ordered or value.op not in {"=", "!="}
            self._add_value(value.start)
            self._add_value(value.end)
        elif value is not None:
            self.values.append(value)
