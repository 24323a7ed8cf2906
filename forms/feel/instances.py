"""`instance of`: whether a value belongs to a type.

A type is a name, or ["list", type], ["range", type], ["context", [name, type]…],
["function", [types], type].
"""

from typing import Any

from forms.feel.values import NAMES, FeelFunction, Range, Value

Type = str | list[Any]

_SYNONYMS = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}
SIMPLE_TYPES = frozenset(NAMES.values()) - {"null"} | {"Any"} | frozenset(_SYNONYMS)


def is_instance(value: Value, wanted: Type) -> bool:
    if isinstance(wanted, str):
        if wanted == "Any":
            return value is not None
        return NAMES[type(value)] == _SYNONYMS.get(wanted, wanted)
    kind = wanted[0]
    if kind == "list":
        return isinstance(value, list) and all(is_instance(item, wanted[1]) for item in value)
    if kind == "range":
        return isinstance(value, Range) and all(
            end is None or is_instance(end, wanted[1]) for end in (value.start, value.end)
        )
    if kind == "context":
        return isinstance(value, dict) and all(
            name in value and (value[name] is None or is_instance(value[name], entry))
            for name, entry in wanted[1:]
        )
    return isinstance(value, FeelFunction) and len(value.parameters) == len(wanted[1])
