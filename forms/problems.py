"""What is wrong with a form file: a sentence and the JSON pointer of the place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from forms.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FormProblem:
    """One finding about a form file.

    `code` is stable and dotted ("form.unknown_scope"); `pointer` is a JSON pointer into the file;
    `line` counts from 1. A form with a problem of severity "error" is refused.
    """

    code: str
    message: Text
    pointer: str
    line: int | None = None
    severity: Literal["error", "warning"] = "error"


class FormRefused(Exception):
    """The file is no form we can run; `problems` says why and where."""

    def __init__(self, problems: Sequence[FormProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{found.pointer or '/'}: {found.message['en']}" for found in self.problems)
        )
