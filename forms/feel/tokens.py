"""Cuts a FEEL text into tokens.

FEEL lets names contain spaces and signs ("date and time", "Applicant data", "Date-Time"), so a text
can only be cut by someone who knows the names: the built-in ones, those of the scope (`names`), and
those the text itself binds (for, some, every, context keys, parameters). The longest name wins.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lark import Token

from forms.feel.errors import FeelSyntaxError
from forms.feel.messages import EXTERNAL, HALF_CHARACTER, OPEN_TEXT, stranger
from forms.feel.names import BUILTIN_NAMES, PROPERTY_NAMES, TYPE_NAMES

_WORD = re.compile(r"[^\W\d][\w']*|[\U00010000-\U000EFFFF][\w\U00010000-\U000EFFFF]*|\?")
_WORD_CHARACTER = re.compile(r"[\w\U00010000-\U000EFFFF]")
_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(
    r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
    r"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([nrt\"'\\]))",
)
_GENERIC = re.compile(r"(list|range|context|function)\s*<")
_KEYWORDS = {
    word: word.upper()
    for word in [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "and",
        "or",
        "instance",
        "function",
        "true",
        "false",
        "null",
    ]
}
_SIGNS = [
    ("..", "DOTS"),
    ("**", "POWER"),
    ("->", "ARROW"),
    ("<=", "COMPARE"),
    (">=", "COMPARE"),
    ("!=", "COMPARE"),
    ("<", "COMPARE"),
    (">", "COMPARE"),
    ("=", "COMPARE"),
    ("+", "PLUS"),
    ("-", "MINUS"),
    ("*", "TIMES"),
    ("/", "OVER"),
    (".", "DOT"),
    (",", "COMMA"),
    (":", "COLON"),
    ("(", "OPEN"),
    (")", "CLOSE"),
    ("[", "LIST_OPEN"),
    ("]", "LIST_CLOSE"),
    ("{", "CONTEXT_OPEN"),
    ("}", "CONTEXT_CLOSE"),
]
# A token after which an expression has ended: what follows continues it.
_ENDS = frozenset(
    [
        "NAME",
        "STRING",
        "NUMBER",
        "AT",
        "TRUE",
        "FALSE",
        "NULL",
        "CLOSE",
        "LIST_CLOSE",
        "RANGE_CLOSE",
        "CONTEXT_CLOSE",
    ],
)
# What may begin an expression; "[" after an end of a range is a filter only before one of these.
_BEGINS = re.compile(r"[\w\"@(\[{?\-\U00010000-\U000EFFFF]")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


@dataclass(slots=True)
class _Cutter:
    """One pass over a text; remembers what the next token depends on."""

    text: str
    long_names: re.Pattern[str] | None
    tokens: list[Token] = field(default_factory=list)
    brackets: list[str] = field(default_factory=list)
    type_depth: int = 0

    def last(self, back: int = 1) -> str:
        return self.tokens[-back].type if len(self.tokens) >= back else ""

    def put(self, kind: str, value: str, start: int, end: int) -> int:
        self.tokens.append(Token(kind, value, start_pos=start, end_pos=end))
        return end

    def in_type(self) -> bool:
        last = self.last()
        if last in ("OF", "GENERIC", "ARROW"):
            return True
        if last == "COLON" and self.brackets and self.brackets[-1] == "parameters":
            return True
        return self.type_depth > 0 and last in ("COMMA", "COLON")


def tokenize(text: str, names: Collection[str]) -> tuple[list[Token], frozenset[str]]:
    """Cut `text` into tokens, and tell the names that it binds itself.

    Raises FeelSyntaxError at a character that belongs to nothing.
    """
    known = frozenset(names)
    tokens = _cut(text, known)
    bound = frozenset(_bound_names(tokens))
    more = frozenset(name for name in bound if " " in name) - known
    return (_cut(text, known | more) if more else tokens), bound


def _bound_names(tokens: list[Token]) -> Iterator[str]:
    """Find names before "in" after for, some, every; before ":"; parameters of functions."""
    run: list[str] = []
    collecting = False
    parameters = False
    for index, token in enumerate(tokens):
        if token.type in ("NAME", "KEY") and collecting:
            run.append(str(token))
            continue
        if run and (
            token.type in ("IN", "COLON") or (parameters and token.type in ("COMMA", "CLOSE"))
        ):
            yield " ".join(run)
        run = []
        if token.type == "OPEN":
            parameters = index > 0 and tokens[index - 1].type == "FUNCTION"
        elif token.type == "CLOSE":
            parameters = False
        collecting = token.type in ("FOR", "SOME", "EVERY", "COMMA", "OPEN", "CONTEXT_OPEN")


def _cut(text: str, names: frozenset[str]) -> list[Token]:
    cutter = _Cutter(text, _long_names(names))
    position = 0
    while True:
        space = _SPACE.match(text, position)
        position = space.end() if space else position
        if position == len(text):
            return cutter.tokens
        position = _next(cutter, position)


@lru_cache(maxsize=64)
def _long_names(names: frozenset[str]) -> re.Pattern[str] | None:
    """Make a pattern of the names that are more than one word, the longest first."""
    every = names | BUILTIN_NAMES | PROPERTY_NAMES | TYPE_NAMES
    long = sorted({name for name in every if _WORD.fullmatch(name) is None}, key=len, reverse=True)
    patterns = (
        r"\s+".join(re.escape(word) for word in name.split()) for name in long if name.split()
    )
    return re.compile("|".join(patterns))


def _next(cutter: _Cutter, start: int) -> int:
    """Cut the token at `start`; gives where the next one begins."""
    text = cutter.text
    if text[start] == '"':
        return _string(cutter, start, start, "STRING")
    if text[start] == "@" and text[start + 1 : start + 2] == '"':
        return _string(cutter, start, start + 1, "AT")
    if cutter.in_type() and (generic := _GENERIC.match(text, start)):
        cutter.type_depth += 1
        return cutter.put("GENERIC", generic[1], start, generic.end())
    long = _long_name(cutter, start)
    if long is not None:
        return long
    word = _WORD.match(text, start)
    if word:
        return _word(cutter, word[0], start, word.end())
    if not text.startswith("..", start) and (number := _NUMBER.match(text, start)):
        return cutter.put("NUMBER", number[0], start, number.end())
    return _sign(cutter, start)


def _long_name(cutter: _Cutter, start: int) -> int | None:
    found = cutter.long_names.match(cutter.text, start) if cutter.long_names else None
    if found is None or not found[0]:
        return None
    end = found.end()
    if _WORD_CHARACTER.match(cutter.text, end) and _WORD_CHARACTER.match(cutter.text, end - 1):
        return None
    name = " ".join(found[0].split())
    following = _after(cutter.text, end)
    if name in TYPE_NAMES and not (cutter.in_type() or following == "("):
        return None  # "date and time > x" speaks of the names date and time
    kind = "KEY" if following == ":" and cutter.last() not in ("DOT", "FOR") else "NAME"
    return cutter.put(kind, name, start, end)


def _word(cutter: _Cutter, word: str, start: int, end: int) -> int:
    last = cutter.last()
    following = _after(cutter.text, end)
    if last == "DOT":
        return cutter.put("NAME", word, start, end)
    if following == ":":
        return cutter.put("KEY", word, start, end)
    if word == "of" and last == "INSTANCE":
        return cutter.put("OF", word, start, end)
    if word == "external" and last == "CLOSE" and following == "{":
        raise FeelSyntaxError(start, EXTERNAL, cutter.text)
    if word == "function" and following != "(":
        return cutter.put("NAME", word, start, end)
    return cutter.put(_KEYWORDS.get(word, "NAME"), word, start, end)


def _string(cutter: _Cutter, start: int, quote: int, kind: str) -> int:
    found = _STRING.match(cutter.text, quote)
    if found is None:
        raise FeelSyntaxError(start, OPEN_TEXT, cutter.text)
    value = _ESCAPE.sub(_unescape, found[1])
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise FeelSyntaxError(start, HALF_CHARACTER, cutter.text)
    if kind == "STRING" and _after(cutter.text, found.end()) == ":":
        kind = "STRING_KEY"
    return cutter.put(kind, value, start, found.end())


def _unescape(found: re.Match[str]) -> str:
    if found[1]:
        high, low = int(found[1], 16), int(found[2], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    if found[5]:
        return _ESCAPED[found[5]]
    code = int(found[3] or found[4], 16)
    return chr(code) if code <= 0x10FFFF else found[0]


def _sign(cutter: _Cutter, start: int) -> int:
    text = cutter.text
    if cutter.type_depth and text[start] == ">":
        cutter.type_depth -= 1
        return cutter.put("TYPE_CLOSE", ">", start, start + 1)
    for sign, kind in _SIGNS:
        if text.startswith(sign, start):
            end = start + len(sign)
            return cutter.put(_bracket(cutter, kind, end), sign, start, end)
    raise FeelSyntaxError(start, stranger(text, start), text)


def _bracket(cutter: _Cutter, kind: str, end: int) -> str:
    """Tell "[" and "]" of ranges from those of lists, and keep count of the open ones."""
    last = cutter.last()
    if kind in ("OPEN", "CONTEXT_OPEN"):
        cutter.brackets.append("parameters" if last == "FUNCTION" else "other")
    elif kind == "LIST_OPEN":
        in_range = bool(cutter.brackets) and cutter.brackets[-1] == "range"
        if in_range and last in _ENDS and not _BEGINS.match(_after(cutter.text, end)):
            cutter.brackets.pop()
            return "RANGE_CLOSE"
        cutter.brackets.append("other")
    elif kind == "LIST_CLOSE" and last not in _ENDS and last != "LIST_OPEN":
        cutter.brackets.append("other")
        return "RANGE_OPEN"
    if kind in ("CLOSE", "LIST_CLOSE", "CONTEXT_CLOSE") and cutter.brackets:
        cutter.brackets.pop()
    if kind == "DOTS" and cutter.brackets:
        cutter.brackets[-1] = "range"
    return kind


def _after(text: str, position: int) -> str:
    """Find the next character that is no space or comment; "" at the end."""
    space = _SPACE.match(text, position)
    return text[space.end() if space else position :][:1]
