r"""Regular expressions, the same and bounded in both evaluators.

A subset of XPath's (which is what FEEL means by a regular expression), read by hand and run by a
small backtracking machine that counts its steps against the budget of the evaluation:

- `abc . ^ $ ( ) (?: ) |`, quantifiers `* + ? {n} {n,} {n,m}` and their lazy forms with `?`;
- classes `[a-z]`, `[^a-z]`, `[A-Z-[OI]]`; `\d \D \s \S \w \W`, `\p{Lu}`, `\P{L}`,
  `\p{IsBasicLatin}`; escapes `\n \r \t` and of signs; back references `\1` to `\9`;
- flags s (dot matches line ends), m (lines), i (case), x (spaces in the pattern mean nothing).

A pattern outside this subset has no answer: matches, replace and split are null.
"""

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from forms.feel.errors import FeelLimitExceeded
from forms.feel.values import Budget

_MAX_PROGRAM = 5000
_MAX_REPEAT = 1000
_MAX_GROUPS = 99
_MAX_NESTING = 50
_SIGNS: Final = frozenset("\\|.?*+(){}-[]^$")
_CONTROLS: Final = {"n": "\n", "r": "\r", "t": "\t"}
_BLOCKS: Final = {"IsBasicLatin": (0, 0x7F), "IsLatin-1Supplement": (0x80, 0xFF)}
_CATEGORIES: Final = frozenset(
    [
        "L",
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "M",
        "Mn",
        "Mc",
        "Me",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Ps",
        "Pe",
        "Pi",
        "Pf",
        "Po",
        "S",
        "Sm",
        "Sc",
        "Sk",
        "So",
        "Z",
        "Zs",
        "Zl",
        "Zp",
    ],
)

# Instructions: an operation and its operand.
CHARACTER, ANY, ANY_IN_LINE, SET, SPLIT, JUMP, SAVE, START, END, REFER, MARK, CHECK, MATCH = range(
    13
)
Instruction = tuple[int, Any, Any]


class _BadPatternError(ValueError):
    """Not a pattern of the subset."""


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

    def _match(self, budget: Budget, text: str, begin: int) -> tuple[int, ...] | None:  # noqa: C901, PLR0912
        program, ignore_case = self.program, self.ignore_case
        waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, begin, (-1,) * self.slots)]
        steps, size = budget.steps, len(text)
        while waiting:
            at, position, slots = waiting.pop()
            while True:
                steps -= 1
                if steps < 0:
                    raise FeelLimitExceeded("steps")
                operation, first, second = program[at]
                at += 1
                match operation:
                    case 4:  # SPLIT: try `first`, keep `second`
                        waiting.append((second, position, slots))
                        at = first
                        continue
                    case 5:  # JUMP
                        at = first
                        continue
                    case 6 | 10:  # SAVE, MARK
                        slots = (*slots[:first], position, *slots[first + 1 :])
                        continue
                    case 11:  # CHECK: a round that took nothing is no round
                        if slots[first] != position:
                            continue
                        break
                    case 12:  # MATCH
                        budget.steps = steps
                        return slots[: 2 * self.groups + 2]
                    case 7:  # START
                        if position == 0 or (
                            self.multi_line and text[position - 1] == "\n" and position < size
                        ):
                            continue
                        break
                    case 8:  # END
                        if position == size or (self.multi_line and text[position] == "\n"):
                            continue
                        break
                    case 9:  # REFER
                        taken = _taken(text, slots, first)
                        given = text[position : position + len(taken)]
                        steps -= len(taken)
                        if not _alike(taken, given, ignore_case=ignore_case):
                            break
                        position += len(taken)
                        continue
                    case _:
                        pass
                if position == size or not self._one(operation, first, text[position]):
                    break
                position += 1
        budget.steps = steps
        return None

    def _one(self, operation: int, operand: Any, character: str) -> bool:
        if operation == CHARACTER:
            return bool(character == operand or (self.ignore_case and fold(character) == operand))
        if operation == ANY:
            return True
        if operation == ANY_IN_LINE:
            return character not in "\n\r"
        character_set: CharacterSet = operand
        return character_set.has(character, ignore_case=self.ignore_case)


def _taken(text: str, slots: tuple[int, ...], group: int) -> str:
    start, end = slots[2 * group], slots[2 * group + 1]
    return text[start:end] if start >= 0 and end >= 0 else ""


def _alike(a: str, b: str, *, ignore_case: bool) -> bool:
    if not ignore_case:
        return a == b
    return [fold(character) for character in a] == [fold(character) for character in b]


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Pattern | None:
    """Compile a pattern; None when pattern or flags are outside the subset."""
    if not set(flags) <= set("smix"):
        return None
    reader = _Reader(_without_spaces(pattern) if "x" in flags else pattern, flags)
    try:
        return reader.compile()
    except _BadPatternError:
        return None


def _without_spaces(pattern: str) -> str:
    """Take out the spaces outside classes, which mean nothing under flag x."""
    kept: list[str] = []
    depth = 0
    escaped = False
    for character in pattern:
        if depth == 0 and character in " \t\n\r":
            continue
        if not escaped:
            depth += {"[": 1, "]": -1}.get(character, 0)
        escaped = character == "\\" and not escaped
        kept.append(character)
    return "".join(kept)


@dataclass(slots=True)
class _Reader:
    """Reads a pattern and writes its program, in one pass."""

    pattern: str
    flags: str
    at: int = 0
    groups: int = 0
    marks: int = 0
    nesting: int = 0
    closed: set[int] = field(default_factory=set)

    def compile(self) -> Pattern:
        body = self.alternatives()
        if self.at < len(self.pattern):
            raise _BadPatternError
        first_mark = 2 * self.groups + 2
        program: list[Instruction] = [
            (SAVE, 0, None),
            *(
                (op, first_mark + a, b) if op in (MARK, CHECK) else (op, a, b)
                for op, a, b in _placed(body, 1)
            ),
            (SAVE, 1, None),
            (MATCH, None, None),
        ]
        return Pattern(
            program,
            self.groups,
            first_mark + self.marks,
            "i" in self.flags,
            "m" in self.flags,
        )

    # Bodies hold jumps relative to their own start; `_placed` makes them absolute at the end.

    def alternatives(self) -> list[Instruction]:
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            raise _BadPatternError
        body = self.sequence()
        while self.take("|"):
            other = self.sequence()
            body = _checked(
                [
                    (SPLIT, 1, len(body) + 2),
                    *_moved(body, 1),
                    (JUMP, len(body) + 2 + len(other), None),
                    *_moved(other, len(body) + 2),
                ],
            )
        self.nesting -= 1
        return body

    def sequence(self) -> list[Instruction]:
        body: list[Instruction] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            piece = self.quantified(self.atom())
            body = _checked([*body, *_moved(piece, len(body))])
        return body

    def take(self, text: str) -> bool:
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def next(self) -> str:
        if self.at >= len(self.pattern):
            raise _BadPatternError
        self.at += 1
        return self.pattern[self.at - 1]

    def atom(self) -> list[Instruction]:
        character = self.next()
        match character:
            case "(":
                return self.group()
            case "[":
                return [(SET, self.character_class(), None)]
            case ".":
                return [(ANY if "s" in self.flags else ANY_IN_LINE, None, None)]
            case "^":
                return [(START, None, None)]
            case "$":
                return [(END, None, None)]
            case "\\":
                return self.escape()
            case "*" | "+" | "?" | "{" | "}" | "]":
                raise _BadPatternError
            case _:
                return [(CHARACTER, fold(character) if "i" in self.flags else character, None)]

    def group(self) -> list[Instruction]:
        if self.take("?:"):
            body = self.alternatives()
            if not self.take(")"):
                raise _BadPatternError
            return body
        self.groups += 1
        number = self.groups
        if number > _MAX_GROUPS:
            raise _BadPatternError
        body = self.alternatives()
        if not self.take(")"):
            raise _BadPatternError
        self.closed.add(number)
        return [(SAVE, 2 * number, None), *_moved(body, 1), (SAVE, 2 * number + 1, None)]

    def escape(self) -> list[Instruction]:
        following = self.pattern[self.at : self.at + 1]
        if following and following in "123456789":
            self.at += 1
            if int(following) not in self.closed:
                raise _BadPatternError
            return [(REFER, int(following), None)]
        item = self.escaped()
        if isinstance(item, str):
            return [(CHARACTER, fold(item) if "i" in self.flags else item, None)]
        return [(SET, CharacterSet(negated=False, ranges=item[0], categories=item[1]), None)]

    def escaped(
        self,
    ) -> str | tuple[tuple[tuple[int, int], ...], tuple[tuple[bool, str], ...]]:
        r"""Read what stands after a backslash: a character, or what \d, \p{…} … stand for."""
        character = self.next()
        if character in _SIGNS:
            return character
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character in "dsw":
            return (), ((True, "Nd" if character == "d" else character),)
        if character in "DSW":
            return (), ((False, "Nd" if character == "D" else character.lower()),)
        if character not in "pP" or not self.take("{"):
            raise _BadPatternError
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at : end] if end >= 0 else ""
        self.at = end + 1
        if name in _CATEGORIES:
            return (), ((character == "p", name),)
        if name not in _BLOCKS:
            raise _BadPatternError
        low, high = _BLOCKS[name]
        if character == "p":
            return ((low, high),), ()
        return tuple((a, b) for a, b in ((0, low - 1), (high + 1, 0x10FFFF)) if a <= b), ()

    def character_class(self) -> CharacterSet:
        self.nesting += 1
        if self.nesting > _MAX_NESTING:
            raise _BadPatternError
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        categories: list[tuple[bool, str]] = []
        without: CharacterSet | None = None
        while not self.take("]"):
            if self.take("-["):
                without = self.character_class()
                if not self.take("]"):
                    raise _BadPatternError
                break
            self.class_item(ranges, categories)
        if not ranges and not categories:
            raise _BadPatternError
        self.nesting -= 1
        return CharacterSet(negated, tuple(ranges), tuple(categories), without)

    def class_item(
        self,
        ranges: list[tuple[int, int]],
        categories: list[tuple[bool, str]],
    ) -> None:
        first = self.class_character(first=not ranges and not categories)
        if not isinstance(first, str):
            ranges.extend(first[0])
            categories.extend(first[1])
            return
        rest = self.pattern[self.at : self.at + 2]
        if rest[:1] != "-" or rest[1:] in ("[", "]"):
            ranges.append((ord(first), ord(first)))
            return
        self.at += 1
        last = self.class_character(first=False)
        if not isinstance(last, str) or ord(last) < ord(first):
            raise _BadPatternError
        ranges.append((ord(first), ord(last)))

    def class_character(
        self,
        *,
        first: bool,
    ) -> str | tuple[tuple[tuple[int, int], ...], tuple[tuple[bool, str], ...]]:
        character = self.next()
        if character == "\\":
            return self.escaped()
        if character == "[" or (
            character == "-" and not first and self.pattern[self.at : self.at + 1] != "]"
        ):
            raise _BadPatternError
        return character

    def quantified(self, body: list[Instruction]) -> list[Instruction]:
        low, high = self.quantifier()
        if (low, high) == (1, 1):
            return body
        lazy = self.take("?")
        if len(body) * max(low, high or 0) > _MAX_PROGRAM:
            raise _BadPatternError
        program: list[Instruction] = []
        for _ in range(low):
            program += _moved(body, len(program))
        if high is None:
            return _checked(program + _moved(self.loop(body, lazy=lazy), len(program)))
        for left in range(high - low, 0, -1):
            end = len(program) + left * (len(body) + 1)
            program.append(_split(len(program) + 1, end, lazy=lazy))
            program += _moved(body, len(program))
        return _checked(program)

    def quantifier(self) -> tuple[int, int | None]:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        if not self.take("{"):
            return 1, 1
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at : max(end, 0)].partition(",")
        self.at = end + 1
        if end < 0 or not _is_count(low) or not (high == "" or _is_count(high)):
            raise _BadPatternError
        upper = int(high) if high else (None if comma else int(low))
        if upper is not None and upper < int(low):
            raise _BadPatternError
        if (int(low), upper) == (1, 1):
            self.take("?")
        return int(low), upper

    def loop(self, body: list[Instruction], *, lazy: bool) -> list[Instruction]:
        mark = self.marks
        self.marks += 1
        return [
            _split(1, len(body) + 4, lazy=lazy),
            (MARK, mark, None),
            *_moved(body, 2),
            (CHECK, mark, None),
            (JUMP, 0, None),
        ]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= _MAX_REPEAT


def _split(body: int, end: int, *, lazy: bool) -> Instruction:
    return (SPLIT, end, body) if lazy else (SPLIT, body, end)


def _moved(body: list[Instruction], by: int) -> list[Instruction]:
    """Shift the jumps of a body."""
    return [
        (op, a + by, None if b is None else b + by) if op in (SPLIT, JUMP) else (op, a, b)
        for op, a, b in body
    ]


_placed = _moved


def _checked(program: list[Instruction]) -> list[Instruction]:
    if len(program) > _MAX_PROGRAM:
        raise _BadPatternError
    return program
