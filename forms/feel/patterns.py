r"""Regular expressions, the same and bounded in both evaluators.

A subset of XPath's (which is what FEEL means by a regular expression), read by hand and run by a
small backtracking machine that counts its steps against the budget of the evaluation:

- `abc . ^ $ ( ) (?: ) |`, quantifiers `* + ? {n} {n,} {n,m}` and their lazy forms with `?`;
- classes `[a-z]`, `[^a-z]`, `[A-Z-[OI]]`; `\d \D \s \S \w \W`, `\p{Lu}`, `\P{L}`,
  `\p{IsBasicLatin}`; escapes `\n \r \t` and of signs; back references `\1` to `\9`;
- flags s (dot matches line ends), m (lines), i (case), x (spaces in the pattern mean nothing).

A pattern outside this subset has no answer: matches, replace and split are null.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from forms.feel.pattern_machine import CharacterSet, Instruction, Operation, Pattern, fold

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


class _BadPatternError(ValueError):
    """Not a pattern of the subset."""


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
            (Operation.SAVE, 0, None),
            *(
                (op, first_mark + a, b) if op in (Operation.MARK, Operation.CHECK) else (op, a, b)
                for op, a, b in _placed(body, 1)
            ),
            (Operation.SAVE, 1, None),
            (Operation.MATCH, None, None),
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
                    (Operation.SPLIT, 1, len(body) + 2),
                    *_moved(body, 1),
                    (Operation.JUMP, len(body) + 2 + len(other), None),
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
                return [(Operation.SET, self.character_class(), None)]
            case ".":
                return [(Operation.ANY if "s" in self.flags else Operation.ANY_IN_LINE, None, None)]
            case "^":
                return [(Operation.START, None, None)]
            case "$":
                return [(Operation.END, None, None)]
            case "\\":
                return self.escape()
            case "*" | "+" | "?" | "{" | "}" | "]":
                raise _BadPatternError
            case _:
                return [
                    (Operation.CHARACTER, fold(character) if "i" in self.flags else character, None)
                ]

    def literal(self, character: str) -> list[Instruction]:
        return [(Operation.CHARACTER, fold(character) if "i" in self.flags else character, None)]

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
        return [
            (Operation.SAVE, 2 * number, None),
            *_moved(body, 1),
            (Operation.SAVE, 2 * number + 1, None),
        ]

    def escape(self) -> list[Instruction]:
        following = self.pattern[self.at : self.at + 1]
        if following and following in "123456789":
            self.at += 1
            if int(following) not in self.closed:
                raise _BadPatternError
            return [(Operation.REFER, int(following), None)]
        item = self.escaped()
        if isinstance(item, str):
            return self.literal(item)
        return [
            (Operation.SET, CharacterSet(negated=False, ranges=item[0], categories=item[1]), None)
        ]

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
            (Operation.MARK, mark, None),
            *_moved(body, 2),
            (Operation.CHECK, mark, None),
            (Operation.JUMP, 0, None),
        ]


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= _MAX_REPEAT


def _split(body: int, end: int, *, lazy: bool) -> Instruction:
    return (Operation.SPLIT, end, body) if lazy else (Operation.SPLIT, body, end)


def _moved(body: list[Instruction], by: int) -> list[Instruction]:
    """Shift the jumps of a body."""
    return [
        (op, a + by, None if b is None else b + by)
        if op in (Operation.SPLIT, Operation.JUMP)
        else (op, a, b)
        for op, a, b in body
    ]


_placed = _moved


def _checked(program: list[Instruction]) -> list[Instruction]:
    if len(program) > _MAX_PROGRAM:
        raise _BadPatternError
    return program
