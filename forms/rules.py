"""Rules of the layout, as loaded."""

from dataclasses import dataclass
from typing import Literal

import jsonschema_rs

from forms.pointers import Template


@dataclass(frozen=True, slots=True)
class SchemaCondition:
    """The value of a field fits a JSON Schema; a field without an answer never does."""

    path: Template
    validator: jsonschema_rs.Draft202012Validator


@dataclass(frozen=True, slots=True)
class FeelCondition:
    """A FEEL expression is exactly true.

    `depth` is how many steps of a path lead to where the rule lies: 0, or those to a table's row.
    """

    expression: str
    depth: int


@dataclass(frozen=True, slots=True)
class JoinedCondition:
    """All of several conditions, or any of them."""

    join: Literal["AND", "OR"]
    conditions: "tuple[Condition, ...]"


Condition = SchemaCondition | FeelCondition | JoinedCondition


@dataclass(frozen=True, slots=True)
class Rule:
    """A JSON Forms rule: when an element of the layout is shown, or may be filled in."""

    effect: Literal["SHOW", "HIDE", "ENABLE", "DISABLE"]
    condition: Condition
