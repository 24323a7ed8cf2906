"""One of several values.

`enum` with `x-labels` (value -> text); or `x-choices`, FEEL that gives a list of values or of
{value, label} from the case: instruments in calibration, defect codes of the item.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, Setting, compute_plainly
from forms.fields.characters import require_visible
from forms.fields.text import LONGEST


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read a text; when the choices stand in the form, it must be one of them."""
    if not isinstance(submitted, str):
        raise Wrong("text_expected")
    require_visible(submitted)
    if len(submitted) > LONGEST or ("enum" in schema and submitted not in schema["enum"]):
        raise Wrong("not_a_choice")
    return Answer(submitted, submitted)


def judge(answer: Answer, schema: Schema, setting: Setting) -> None:
    """Compare with the choices that the case gives."""
    if "x-choices" in schema and answer.value not in offered(setting("x-choices")):
        raise Wrong("not_a_choice")


def offered(choices: object) -> list[object]:
    """Give the values in a list of values or of contexts with a value; [] when it is no list."""
    if isinstance(choices, str) or not isinstance(choices, Sequence):
        return []
    return [one.get("value") if isinstance(one, Mapping) else one for one in choices]


FIELD = FieldType(
    name="choice", json_type="string", read=read, judge=judge, compute=compute_plainly
)
