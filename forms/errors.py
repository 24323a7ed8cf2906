"""What a form answers when data is not accepted: one sentence for each field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forms.texts import Param, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One finding about one field.

    `path` is the JSON pointer of the value ("/readings/0/value"), "" for the whole form. `code` is
    a key of messages.json, or "check.<id>" for a check that the form's author wrote; `params` are
    what stands for the {names} of its message.
    """

    path: str
    code: str
    message: Text
    params: Mapping[str, Param] = field(default_factory=dict)


class FormErrors(Exception):
    """The data was not accepted; `errors` says why, field by field, in the order of the form."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__(
            "; ".join(f"{error.path or 'form'}: {error.message['en']}" for error in self.errors)
        )


class Wrong(Exception):
    """Raised by a field type: this value is not acceptable. Becomes a FieldError at its path."""

    def __init__(self, code: str, **params: Param) -> None:
        self.code = code
        self.params = params
        super().__init__(code)
