"""The machine that runs patterns: backtracking, counting its steps.

patterns.py writes its programs; web/src/feel/patterns.ts is its twin, instruction by instruction.
"""

import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from forms.feel.values import Budget


class Operation(IntEnum):
    """What an instruction does; its operands are in brackets."""

    CHARACTER = 0  # take this character (character)
    ANY = 1
    ANY_IN_LINE = 2
    SET = 3  # take one of a set (CharacterSet)
    SPLIT = 4  # go on at the first; if that fails, at the second (places)
    JUMP = 5  # (place)
    SAVE = 6  # remember the position, of a group (slot)
    START = 7
    END = 8
    REFER = 9  # take again what a group took (group)
    MARK = 10  # remember the position, of a round of a loop (slot)
    CHECK = 11  # a round that took nothing is no round (slot)
    MATCH = 12


Instruction = tuple[Operation, Any, Any]
Thread = tuple[int, int, tuple[int, ...]]
"""A place in the program, a position in the text, and what was remembered."""


@dataclass(frozen=True, slots=True)
class CharacterSet:
    """Ranges of code points and general categories; `without` is what is taken out again."""

    negated: bool
    ranges: tuple[tuple[int, int], ...]
    categories: tuple[tuple[bool, str], ...]  # (must have, category or "s" or "w")
    without: "CharacterSet | None" = None

    def has(self, character: str, *, ignore_case: bool) -> bool:
        variants = _variants(character) if ignore_case else (character,)
        inside = any(self._holds(variant) for variant in variants) is not self.negated
        if not inside or self.without is None:
            return inside
        return not self.without.has(character, ignore_case=ignore_case)

    def _holds(self, character: str) -> bool:
        code = ord(character)
        if any(low <= code <= high for low, high in self.ranges):
            return True
        return any(wanted is _in_category(character, name) for wanted, name in self.categories)


def _in_category(character: str, name: str) -> bool:
    if name == "s":
        return character in " \t\n\r"
    category = unicodedata.category(character)
    if name == "w":
        return category[0] not in "PZC"
    return category == name or category[0] == name


def _simple(mapped: str, character: str) -> str:
    return mapped if len(mapped) == 1 else character


def fold(character: str) -> str:
    """Give the character by which caseless comparison compares."""
    upper = _simple(character.upper(), character)
    return _simple(upper.lower(), upper)


def _variants(character: str) -> tuple[str, ...]:
    lower, upper = character.lower(), character.upper()
    return character, fold(character), _simple(lower, character), _simple(upper, character)


@dataclass(slots=True)
class Pattern:
    """A compiled pattern."""

    program: list[Instruction]
    groups: int
    slots: int
    ignore_case: bool
    multi_line: bool

    def search(self, budget: Budget, text: str, start: int = 0) -> tuple[int, ...] | None:
        """Give start and end of the leftmost match and of its groups (-1: none)."""
        for position in range(start, len(text) + 1):
            found = self._match(budget, text, position)
            if found is not None:
                return found
        return None

    def matches_empty(self, budget: Budget) -> bool:
        return self._match(budget, "", 0) is not None

    def _match(self, budget: Budget, text: str, begin: int) -> tuple[int, ...] | None:
        waiting: list[Thread] = [(0, begin, (-1,) * self.slots)]
        while waiting:
            found = self._follow(budget, text, waiting)
            if found is not None:
                return found
        return None

    def _follow(  # noqa: C901, PLR0912 -- one case for each operation
        self,
        budget: Budget,
        text: str,
        waiting: list[Thread],
    ) -> tuple[int, ...] | None:
        """Follow the last thread that waits until it matches or dies; its alternatives wait."""
        at, position, slots = waiting.pop()
        while True:
            budget.spend(1)
            operation, first, second = self.program[at]
            at += 1
            match operation:
                case Operation.SPLIT:
                    waiting.append((second, position, slots))
                    at = first
                case Operation.JUMP:
                    at = first
                case Operation.SAVE | Operation.MARK:
                    slots = (*slots[:first], position, *slots[first + 1 :])
                case Operation.CHECK:
                    if slots[first] == position:
                        return None
                case Operation.MATCH:
                    return slots[: 2 * self.groups + 2]
                case Operation.START | Operation.END:
                    if not self._stands(operation, text, position):
                        return None
                case Operation.REFER:
                    taken = _taken(text, slots, first)
                    budget.steps -= len(taken)
                    given = text[position : position + len(taken)]
                    if not _alike(taken, given, ignore_case=self.ignore_case):
                        return None
                    position += len(taken)
                case _:
                    if position == len(text) or not self._takes(operation, first, text[position]):
                        return None
                    position += 1

    def _stands(self, operation: Operation, text: str, position: int) -> bool:
        """Tell whether the position is where ^ or $ wants to be."""
        if operation is Operation.START:
            if position == 0:
                return True
            return self.multi_line and text[position - 1] == "\n" and position < len(text)
        return position == len(text) or (self.multi_line and text[position] == "\n")

    def _takes(self, operation: Operation, operand: Any, character: str) -> bool:
        if operation is Operation.CHARACTER:
            return bool(character == operand or (self.ignore_case and fold(character) == operand))
        if operation is Operation.SET:
            return bool(operand.has(character, ignore_case=self.ignore_case))
        return operation is Operation.ANY or character not in "\n\r"


def _taken(text: str, slots: tuple[int, ...], group: int) -> str:
    start, end = slots[2 * group], slots[2 * group + 1]
    return text[start:end] if start >= 0 and end >= 0 else ""


def _alike(a: str, b: str, *, ignore_case: bool) -> bool:
    if not ignore_case:
        return a == b
    return [fold(character) for character in a] == [fold(character) for character in b]
