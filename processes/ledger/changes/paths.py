"""Name a place in a document, and put a new value there: "characteristics.1.upper_limit".

Elements of lists are counted from 1, as FEEL does. "*" is the whole document. Values that a person
typed take the kind of what they replace; where nothing stood they are JSON, else text.
"""

import json
from collections.abc import Mapping
from typing import Any

from processes.ledger.refusals import LedgerRefusal

WHOLE = "*"
_BELOW = object()


class NoSuchField(LedgerRefusal):
    """A change names what it changes."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"There is no field “{path}” to change. Name it as the record shows it.",
            f"没有可更改的字段“{path}”，请按记录所示填写字段名。",
            found=path,
        )


class NotThatKind(LedgerRefusal):
    """A number replaces a number."""

    def __init__(self, path: str, wanted: str, found: str) -> None:
        super().__init__(
            f"“{path}” takes {wanted}; “{found}” is none.",
            f"“{path}”需要{_CHINESE[wanted]}，“{found}”不是。",
            expected=wanted,
            found=found,
        )


_CHINESE = {"a number": "数字", "true or false": "true 或 false", "JSON": "JSON 格式"}


def value_at(document: Any, path: str) -> Any:
    """Give what stands at a path; None where nothing does."""
    if path == WHOLE:
        return document
    found = document
    for part in path.split("."):
        found = _below(found, part)
        if found is _BELOW:
            return None
    return found


def changed(document: Any, path: str, value: Any) -> Any:
    """Give a copy of the document with `value` at the path; the place above it must be there."""
    if path == WHOLE:
        return value
    first, _, rest = path.partition(".")
    if rest:
        inner = _below(document, first)
        if inner is _BELOW:
            raise NoSuchField(path)
        value = changed(inner, rest, value)
    if isinstance(document, list):
        place = _place(first, path)
        if not 1 <= place <= len(document) + 1:
            raise NoSuchField(path)
        return [*document[: place - 1], value, *document[place:]]
    if not isinstance(document, Mapping):
        raise NoSuchField(path)
    return {**document, first: value}


def read_value(path: str, old: Any, typed: Any) -> Any:
    """Read a typed value as the kind of the old one; what is no text stays as it is."""
    if not isinstance(typed, str):
        return typed
    text = typed.strip()
    match old:
        case bool():
            if text not in ("true", "false"):
                raise NotThatKind(path, "true or false", text)
            return text == "true"
        case int():
            return int(_json(path, text, "a number", int))
        case float():
            return float(_json(path, text, "a number", (int, float)))
        case str():
            return text
        case list() | dict():
            return _json(path, text, "JSON", (list, dict))
        case _:
            return _guessed(text)


def _guessed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _json(path: str, text: str, wanted: str, kinds: Any) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        raise NotThatKind(path, wanted, text) from None
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise NotThatKind(path, wanted, text)
    return value


def _below(document: Any, part: str) -> Any:
    match document:
        case list() if part.isdigit() and 1 <= int(part) <= len(document):
            return document[int(part) - 1]
        case Mapping() if part in document:
            return document[part]
        case _:
            return _BELOW


def _place(part: str, path: str) -> int:
    if not part.isdigit():
        raise NoSuchField(path)
    return int(part)
