"""What a field type is: how one kind of answer is read, judged against limits, and computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from forms.texts import Param

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

Schema = Mapping[str, Any]
"""The JSON Schema of one field, texts resolved."""

Setting = Callable[[str], object]
"""Value of a keyword that may be FEEL ("= …"): evaluated where the field lies; None when absent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered in one field.

    `record` is JSON as it is signed and stored; `value` is what the case document gets (a Decimal
    for "12.50"); `beside` are further values put next to it, by suffix: {"_match": "LOT1"}.
    """

    record: Json
    value: object
    beside: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be shown with an answer that is accepted all the same."""

    code: str
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldType:
    """One kind of field, named by `x-field`.

    `json_type` is the JSON Schema type its fields have. `read` checks the answer by itself and
    raises Wrong. `judge` checks it against what other fields and the case say (limits, choices);
    it raises Wrong, or gives a Notice when the form says that the answer is recorded all the same.
    `compute` turns the result of a FEEL expression into the field's JSON. `beside` names the
    suffixes of the values it puts next to its own.
    """

    name: str
    json_type: str
    read: Callable[[Json, Schema, datetime], Answer]
    judge: Callable[[Answer, Schema, Setting], Notice | None]
    compute: Callable[[object, Schema], Json]
    beside: tuple[str, ...] = ()


def no_judgement(_answer: Answer, _schema: Schema, _setting: Setting) -> None:
    """Nothing but the answer itself matters."""


def compute_plainly(value: object, _schema: Schema) -> Json:
    """Keep a FEEL result that is JSON already."""
    return value  # type: ignore[return-value]  # what does not fit is found when it is read back
