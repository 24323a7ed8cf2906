r"""Regular expressions that mean the same in Python and in JavaScript, and cannot be made to hang.

Allowed: literal characters, classes [0-9A-Z_-], groups, alternatives, greedy quantifiers; ^ at the
start and $ at the end, both required. Refused: \d \w \s (Python counts other scripts' digits),
the dot, look-around, back references, lazy quantifiers; a repeated group holds no alternatives and
nothing of varying length, so that there is one way to match and not 2^n.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from forms.texts import Text

_SYNTAX: Final = r"^$\.*+?()[]{}|/"
_QUANTIFIER: Final = re.compile(r"[*+?]|\{[0-9]{1,4}(?:,(?:[0-9]{1,4})?)?\}")
MOST_WAYS: Final = 10_000_000
"""Ways to share a text among the parts of varying length; a matcher may try each of them."""
LONGEST_REPETITION: Final = 200
"""Characters: a field with a pattern has a maxLength of at most this (form.schema.json)."""
_LAST_PLAIN: Final = "\uffff"


class PatternRefused(Exception):
    """The pattern is outside the subset; `message` says which part of it."""

    def __init__(self, en: str, zh: str) -> None:
        self.message: Text = {"en": en, "zh": zh}
        super().__init__(en)


@dataclass(slots=True)
class _Reading:
    text: str
    place: int = 0
    ways: int = 1

    def next(self) -> str:
        return self.text[self.place : self.place + 1]


def require_portable(pattern: str) -> None:
    """Raise PatternRefused when `pattern` is outside the subset."""
    if not re.fullmatch(r"\^(?:.*[^\\])?\$", pattern, re.DOTALL):
        raise PatternRefused(
            "A pattern begins with ^ and ends with $: it describes the whole text.",
            "正则表达式须以 ^ 开头、以 $ 结尾，描述整个文本。",
        )
    reading = _Reading(pattern[1:-1])
    _alternatives(reading)
    if reading.place < len(reading.text):
        raise _refuse(")")
    if reading.ways > MOST_WAYS:
        raise PatternRefused(
            "The pattern has too many parts of varying length: matching it could take minutes.",
            "正则表达式中长度可变的部分过多，匹配可能耗时数分钟。",
        )
    try:
        re.compile(pattern)
    except re.error as wrong:
        raise PatternRefused(
            f"This is no pattern: {wrong}.", f"正则表达式无效：{wrong}。"
        ) from None


def _alternatives(reading: _Reading) -> tuple[bool, bool]:
    """Read to the end of the group: whether it varies in length, whether it has alternatives."""
    varies = alternatives = False
    while (character := reading.next()) not in {"", ")"}:
        if character == "|":
            reading.place += 1
            reading.ways *= 2
            alternatives = True
            continue
        varies = _piece(reading, character) or varies
    return varies, alternatives


def _piece(reading: _Reading, character: str) -> bool:
    """Read one character, class or group with its quantifier; say whether it varies in length."""
    is_group = character == "("
    varies, alternatives = _group(reading) if is_group else (False, False)
    if character == "[":
        _class(reading)
    elif not is_group:
        _literal(reading, character)
    quantifier = _QUANTIFIER.match(reading.text, reading.place)
    if quantifier is None:
        return varies
    reading.place = quantifier.end()
    least, most = _bounds(quantifier[0])
    if reading.next() in {"?", "+", "*", "{"}:
        raise _refuse(quantifier[0] + reading.next())
    if is_group and most > 1 and (varies or alternatives):
        raise PatternRefused(
            "A group that repeats has no alternatives and nothing of varying length in it.",
            "重复的分组内不能有备选项或长度可变的内容。",
        )
    reading.ways *= most - least + 1
    return varies or least != most


def _group(reading: _Reading) -> tuple[bool, bool]:
    reading.place += 3 if reading.text.startswith("(?:", reading.place) else 1
    if reading.next() == "?":
        raise _refuse("(?")
    varies, alternatives = _alternatives(reading)
    if reading.next() != ")":
        raise _refuse("(")
    reading.place += 1
    return varies, alternatives


def _literal(reading: _Reading, character: str) -> None:
    if character == "\\":
        escaped = reading.text[reading.place + 1 : reading.place + 2]
        if not escaped or escaped not in _SYNTAX:
            raise _refuse("\\" + escaped)
        reading.place += 2
        return
    if character in ".^$*+?{}]" or not character.isprintable() or character > _LAST_PLAIN:
        raise _refuse(character)
    reading.place += 1


def _class(reading: _Reading) -> None:
    end = reading.place + 1
    text = reading.text
    if text[end : end + 1] == "^":
        end += 1
    start = end
    while (character := text[end : end + 1]) != "]" or end == start:
        if character == "\\":
            if text[end + 1 : end + 2] not in set(_SYNTAX + "-"):
                raise _refuse(text[end : end + 2])
            end += 2
            continue
        doubled = text[end : end + 2] in {"--", "&&", "||", "~~"}
        if not character or character in "[]" or doubled or not character.isprintable():
            raise _refuse("[")
        if character > _LAST_PLAIN:
            raise _refuse(character)
        end += 1
    reading.place = end + 1


def _bounds(quantifier: str) -> tuple[int, int]:
    fixed = {"*": (0, LONGEST_REPETITION), "+": (1, LONGEST_REPETITION), "?": (0, 1)}
    if quantifier in fixed:
        return fixed[quantifier]
    least, comma, most = quantifier[1:-1].partition(",")
    low = int(least)
    high = int(most) if most else (LONGEST_REPETITION if comma else low)
    if high > LONGEST_REPETITION or low > high:
        raise _refuse(quantifier)
    return low, high


def _refuse(part: str) -> PatternRefused:
    return PatternRefused(
        f"“{part}” is not allowed in a pattern: it means different things in Python and in "
        "JavaScript, or nothing. Write [0-9] for a digit.",
        f"正则表达式中不允许使用“{part}”：在两种语言中含义不同或无效。数字请写 [0-9]。",
    )
