"""What is wrong with something a process owner wrote: a sentence, and where to look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Text = Mapping[str, str]
"""A text that people read, by language: {"en": …, "zh": …}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding of a check at deployment.

    `code` is stable and dotted ("bpmn.unsupported_element"); `line` counts from 1 in `file`.
    A definition with a problem of severity "error" is refused; warnings are shown and kept, and so
    is what is only information for the process owner.
    """

    code: str
    message: Text
    file: str
    element_id: str | None = None
    line: int | None = None
    severity: Literal["error", "warning", "information"] = "error"
