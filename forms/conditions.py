"""Conditions of JSON Forms rules: a field fits a JSON Schema, or FEEL is true; AND, OR.

A condition on a field without an answer is false (`failWhenUndefined`): JSON Schema validators
take a missing value for a valid one, each in its own way.
"""

from typing import TYPE_CHECKING

from forms.pointers import Path, Template
from forms.rules import FeelCondition, JoinedCondition, SchemaCondition

if TYPE_CHECKING:
    from forms.deciding import Decided
    from forms.rules import Condition


def holds(condition: "Condition", decided: "Decided", path: Path) -> bool:
    """Whether a condition is met for the field at `path`."""
    match condition:
        case SchemaCondition():
            answer = decided.answers.get(_beside(condition.path, path))
            return answer is not None and condition.validator.is_valid(answer.record)
        case FeelCondition():
            # A rule sees what is in its row or at the top, wherever the field it is about lies.
            return decided.evaluate(condition.expression, (*path[: condition.depth], "")) is True
        case JoinedCondition():
            met = (holds(one, decided, path) for one in condition.conditions)
            return all(met) if condition.join == "AND" else any(met)


def _beside(template: Template, path: Path) -> Path:
    """Give the field `template` seen from `path`: in the same row, when both lie in one table."""
    return tuple(path[place] if step == "*" else step for place, step in enumerate(template))
