"""Functions of texts. Characters are code points: "🚚" has length 1."""

from decimal import Decimal

from forms.feel.functions.lists import as_list
from forms.feel.pattern_machine import Pattern
from forms.feel.patterns import compile_pattern
from forms.feel.values import Budget, Value, text_of

_REST = Decimal("-0")  # told from a given length by being this very object


def substring(_: Budget, text: Value, start: Value, length: Value = _REST) -> Value:
    """Take `length` characters from `start` (negative: from the end); "" beyond the ends."""
    if (
        not isinstance(text, str)
        or not isinstance(start, Decimal)
        or not isinstance(length, Decimal)
    ):
        return None
    place, size = _cut(start), _cut(length)
    if place == 0 or size < 0:
        return None
    index = place - 1 if place > 0 else len(text) + place
    if index < 0:
        return ""
    return text[index:] if length is _REST else text[index : index + size]


def _cut(value: Decimal) -> int:
    """Take the whole part of a position, within what any text can have."""
    bound = 10**9
    if value > bound:
        return bound
    return -bound if value < -bound else int(value)


def string_length(_: Budget, text: Value) -> Value:
    return Decimal(len(text)) if isinstance(text, str) else None


def upper_case(budget: Budget, text: Value) -> Value:
    return _sized(budget, text.upper()) if isinstance(text, str) else None


def lower_case(budget: Budget, text: Value) -> Value:
    return _sized(budget, text.lower()) if isinstance(text, str) else None


def substring_before(_: Budget, text: Value, match: Value) -> Value:
    if not isinstance(text, str) or not isinstance(match, str):
        return None
    index = text.find(match)
    return "" if index < 0 else text[:index]


def substring_after(_: Budget, text: Value, match: Value) -> Value:
    if not isinstance(text, str) or not isinstance(match, str):
        return None
    index = text.find(match)
    return "" if index < 0 else text[index + len(match) :]


def contains(_: Budget, text: Value, match: Value) -> Value:
    return match in text if isinstance(text, str) and isinstance(match, str) else None


def starts_with(_: Budget, text: Value, match: Value) -> Value:
    return text.startswith(match) if isinstance(text, str) and isinstance(match, str) else None


def ends_with(_: Budget, text: Value, match: Value) -> Value:
    return text.endswith(match) if isinstance(text, str) and isinstance(match, str) else None


def string(budget: Budget, value: Value) -> Value:
    return None if value is None else _sized(budget, text_of(value, budget))


def string_join(budget: Budget, items: Value, delimiter: Value = None) -> Value:
    """Join the texts of a list, nulls left out."""
    parts = as_list(items)
    if parts is None or not isinstance(delimiter, str | None):
        return None
    texts = [part for part in parts if part is not None]
    if not all(isinstance(part, str) for part in texts):
        return None
    budget.spend(len(parts))
    return _sized(budget, (delimiter or "").join(part for part in texts if isinstance(part, str)))


def matches(budget: Budget, text: Value, pattern: Value, flags: Value = None) -> Value:
    compiled = _pattern(pattern, flags)
    if compiled is None or not isinstance(text, str):
        return None
    return compiled.search(budget, text) is not None


def replace(
    budget: Budget,
    text: Value,
    pattern: Value,
    replacement: Value,
    flags: Value = None,
) -> Value:
    r"""Replace each match; $1 … in the replacement stand for groups, \$ for a dollar sign."""
    compiled = _pattern(pattern, flags)
    if compiled is None or not isinstance(text, str) or not isinstance(replacement, str):
        return None
    template = _template(replacement, compiled.groups)
    if template is None or compiled.matches_empty(budget):
        return None
    result: list[str] = []
    position = 0
    for found in _all_matches(budget, compiled, text):
        result.append(text[position : found[0]])
        for part in template:
            if isinstance(part, str):
                result.append(part)
            elif 0 <= found[2 * part] <= found[2 * part + 1]:
                result.append(text[found[2 * part] : found[2 * part + 1]])
        position = found[1]
    result.append(text[position:])
    return _sized(budget, "".join(result))


def split(budget: Budget, text: Value, delimiter: Value) -> Value:
    """Take the parts of a text between the matches of a pattern."""
    compiled = _pattern(delimiter, None)
    if compiled is None or not isinstance(text, str) or compiled.matches_empty(budget):
        return None
    parts: list[Value] = []
    position = 0
    for found in _all_matches(budget, compiled, text):
        parts.append(text[position : found[0]])
        position = found[1]
    parts.append(text[position:])
    budget.check_size(len(parts))
    return parts


def _pattern(pattern: Value, flags: Value) -> Pattern | None:
    if not isinstance(pattern, str) or not isinstance(flags, str | None):
        return None
    return compile_pattern(pattern, flags or "")


def _all_matches(budget: Budget, pattern: Pattern, text: str) -> list[tuple[int, ...]]:
    """Find the matches from left to right; behind one that takes nothing the search goes on."""
    found: list[tuple[int, ...]] = []
    position = 0
    while position <= len(text):
        match = pattern.search(budget, text, position)
        if match is None:
            break
        if match[1] > match[0]:
            found.append(match)
        position = match[1] if match[1] > position else position + 1
    return found


def _template(replacement: str, groups: int) -> list[str | int] | None:
    r"""Read a replacement as texts and group numbers; None when a $ or \\ is alone."""
    parts: list[str | int] = []
    at = 0
    while at < len(replacement):
        character = replacement[at]
        at += 1
        if character == "\\":
            if replacement[at : at + 1] not in ("\\", "$"):
                return None
            parts.append(replacement[at])
            at += 1
        elif character == "$":
            digits = 0
            while replacement[at + digits : at + digits + 1] in tuple("0123456789"):
                if digits and int(replacement[at : at + digits + 1]) > groups:
                    break
                digits += 1
            if not digits:
                return None
            group = int(replacement[at : at + digits])
            at += digits
            if group <= groups:
                parts.append(group)
        else:
            parts.append(character)
    return parts


def _sized(budget: Budget, text: str) -> str:
    budget.check_size(len(text))
    budget.spend(len(text) // 1000)
    return text
