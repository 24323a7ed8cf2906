"""Several of some values: a list of texts, each once.

The values stand in `items` as `enum`, with `x-labels` (value -> text); or `x-choices`, FEEL that
gives them from the case as for a choice. `minItems` and `maxItems` say how many are asked for.
"""

from datetime import datetime

from forms.errors import Wrong
from forms.fields.base import Answer, FieldType, Json, Schema, Setting, compute_plainly
from forms.fields.characters import require_visible
from forms.fields.choice import offered
from forms.fields.text import LONGEST


def read(submitted: Json, schema: Schema, _now: datetime) -> Answer:
    """Read a list; when the choices stand in the form, each must be one of them."""
    if not isinstance(submitted, list):
        raise Wrong("list_expected")
    values = schema.get("items", {}).get("enum")
    seen: set[str] = set()
    for one in submitted:
        if not isinstance(one, str):
            raise Wrong("text_expected")
        require_visible(one)
        if len(one) > LONGEST or (values is not None and one not in values):
            raise Wrong("not_a_choice")
        if one in seen:
            raise Wrong("choice_twice")
        seen.add(one)
    return Answer(submitted, submitted)


def judge(answer: Answer, schema: Schema, setting: Setting) -> None:
    """Compare with the choices that the case gives, and with how many are asked for."""
    assert isinstance(answer.record, list)  # as read above
    if "x-choices" in schema:
        values = offered(setting("x-choices"))
        if any(one not in values for one in answer.record):
            raise Wrong("not_a_choice")
    found = len(answer.record)
    if found < (least := schema.get("minItems", 0)):
        raise Wrong("too_few_choices", limit=least)
    if "maxItems" in schema and found > schema["maxItems"]:
        raise Wrong("too_many_choices", limit=schema["maxItems"])


FIELD = FieldType(
    name="choices", json_type="array", read=read, judge=judge, compute=compute_plainly
)
