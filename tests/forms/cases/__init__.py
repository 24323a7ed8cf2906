"""Cases of forms, written by hand: what is sent, and what must be answered.

tools/make_form_vectors.py turns them into tests/vectors/forms, which pytest and vitest both read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NOW = "2026-11-22T10:41:07.000000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One submission. `errors` and `notices` are (pointer, code); no errors means accepted.

    `record` is what must be in the record (by pointer), None for what must not be there; `hidden`
    are fields that must not be visible. What is `too_big` stays out of the vectors.
    """

    name: str
    data: Any
    errors: tuple[tuple[str, str], ...] = ()
    notices: tuple[tuple[str, str], ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    now: str = NOW
    too_big: bool = False
