"""Values of FEEL as JSON that says what each is: how vectors and fuzz write scopes and results.

null, booleans and texts are themselves, lists are lists; {"number": "1.5"}, {"context": [[key,
value]…]}, {"date": …}, {"time": …}, {"date and time": …}, {"duration": …}, {"range": [sign, start
included, start, end, end included]}, {"function": parameters}. The twin of
web/src/feel/testing/typed.ts.
"""

from decimal import Decimal
from typing import Any

from forms.feel import (
    Date,
    DateTime,
    DaysTime,
    FeelFunction,
    Range,
    Time,
    Value,
    YearsMonths,
    decimals,
    temporal,
    text_of,
)

_READERS = {
    "number": decimals.number,
    "date": temporal.parse_date,
    "time": temporal.parse_time,
    "date and time": temporal.parse_date_time,
    "duration": temporal.parse_duration,
}


def encode(value: Value) -> Any:
    match value:
        case list():
            return [encode(item) for item in value]
        case dict():
            return {"context": [[key, encode(item)] for key, item in value.items()]}
        case Decimal():
            return {"number": text_of(value)}
        case Date():
            return {"date": text_of(value)}
        case Time():
            return {"time": text_of(value)}
        case DateTime():
            return {"date and time": text_of(value)}
        case DaysTime() | YearsMonths():
            return {"duration": text_of(value)}
        case Range():
            ends = [
                value.start_included,
                encode(value.start),
                encode(value.end),
                value.end_included,
            ]
            return {"range": [value.op, *ends]}
        case FeelFunction():
            return {"function": list(value.parameters)}
        case _:
            return value


def decode(json: Any) -> Value:
    if isinstance(json, list):
        return [decode(item) for item in json]
    if not isinstance(json, dict):
        return json  # type: ignore[no-any-return]
    [(kind, of)] = json.items()
    if kind == "context":
        return {key: decode(item) for key, item in of}
    if kind == "range":
        op, start_included, start, end, end_included = of
        return Range(decode(start), decode(end), start_included, end_included, op)
    value = _READERS[kind](of)
    assert value is not None, f"{kind} {of} is no value"
    return value
