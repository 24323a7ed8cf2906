"""A loaded form: immutable, its expressions parsed, all that a submission needs worked out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jsonschema_rs

from forms.fields.base import FieldType, Schema
from forms.pointers import Template, pointer
from forms.problems import FormProblem
from forms.rules import Rule
from forms.texts import Text
from forms.validation import Outcome, ValidatedForm, examine, require_accepted

COMPILER = "1"
"""Raised when `to_client` of the same file may give something else than before, and with it
web/src/forms/compiler.ts: devices keep a form under its hash and this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field.

    `controls` has, for each control that shows the field, the rules on it and around it; the field
    is there when one of them is. `computed` is its FEEL, if it has one. `needs` are the fields that
    its existence and its computed value depend on; `judged_by` those that its limits depend on.
    """

    path: Template
    type: FieldType
    schema: Schema
    required: bool
    computed: str | None
    controls: tuple[tuple[Rule, ...], ...]
    needs: frozenset[Template]
    judged_by: frozenset[Template]

    @property
    def table(self) -> Template | None:
        """The table whose column this is."""
        return self.path[: self.path.index("*")] if "*" in self.path else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule across fields: when `when` is true, `condition` must be true, else `message`."""

    id: str
    path: Template
    when: str | None
    condition: str
    message: Text
    needs: frozenset[Template]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form, as one file says it.

    `hash` is the SHA-256 (hex) of the file. `schema` and `ui` are as in the file with named texts
    put in; `texts` are the named texts. `expressions` maps each FEEL text to its tree. `fields` are
    in the order of the file, `order` in the order in which they can be decided. `context_names` are
    the names of the case that expressions use. `problems` are warnings.
    """

    name: str
    version: str | None
    hash: str
    title: Text
    schema: Mapping[str, Any]
    ui: Mapping[str, Any]
    texts: Mapping[str, Text]
    document: Mapping[str, Any]
    expressions: Mapping[str, Any]
    fields: tuple[Field, ...]
    order: tuple[Field, ...]
    checks: tuple[Check, ...]
    context_names: frozenset[str]
    validator: jsonschema_rs.Draft202012Validator
    problems: tuple[FormProblem, ...]

    def validate(
        self, data: object, *, context: Mapping[str, object], now: datetime
    ) -> ValidatedForm:
        """Accept submitted data, or raise FormErrors.

        `data` is decoded JSON, whatever it is; `context` is the case document as expressions may
        see it; `now` is the time of the command. Computed values are worked out again.
        """
        return require_accepted(self.examine(data, context=context, now=now))

    def examine(self, data: object, *, context: Mapping[str, object], now: datetime) -> Outcome:
        """Say all there is to say about submitted data, accepted or not."""
        return examine(self, data, context, now)

    def to_client(self) -> dict[str, Any]:
        """Say what a terminal gets: the file with named texts put in, and its expressions as trees.

        Known by the hash of the file and COMPILER together.
        """
        return {
            **self.document,
            "hash": self.hash,
            "compiler": COMPILER,
            "expressions": dict(self.expressions),
            "order": ["/" + "/".join(field.path) for field in self.order],
            "needs": {pointer(one.path): _pointers(one.needs) for one in self.fields if one.needs},
            "judged_by": {
                pointer(one.path): _pointers(one.judged_by) for one in self.fields if one.judged_by
            },
            "check_needs": {check.id: _pointers(check.needs) for check in self.checks},
        }


def _pointers(templates: Collection[Template]) -> list[str]:
    return sorted(map(pointer, templates))
