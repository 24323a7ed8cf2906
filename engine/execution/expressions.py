"""FEEL in a diagram: each text was parsed at deployment; here its tree is evaluated.

No text is ever evaluated as Python. SpiffWorkflow's script engine, which would do that, is replaced
by one that refuses every call.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Never

import msgspec

from engine.execution.errors import DefinitionNotExecutable, ValueUnusable
from forms.feel import (
    Date,
    DateTime,
    DaysTime,
    FeelFunction,
    Program,
    Range,
    Time,
    YearsMonths,
    compile_tree,
    to_json,
)

if TYPE_CHECKING:
    from engine.execution.tree_task import TreeTask


_FEEL = Date | DateTime | DaysTime | FeelFunction | Range | Time | YearsMonths


class Expression(msgspec.Struct, frozen=True):
    """A FEEL text of the diagram, what its tree was compiled into, and where it stands."""

    text: str
    program: Program
    element_id: str

    def value(self, task: "TreeTask", **more: Any) -> Any:
        """Evaluate in the scope of a task; `more` are names that stand before all others."""
        top = task.workflow.top_workflow
        seen: Mapping[str, Any] = top.variables.seen_from(task.scope)
        if more:
            seen = {**seen, **more}
        return self.program(seen, now=top.host.now())

    def is_true(self, task: "TreeTask", **more: Any) -> bool:
        """Whether it is true; null and everything else count as not true (FEEL's three values)."""
        return self.value(task, **more) is True

    def unusable(self, found: Any, wanted: str) -> ValueUnusable:
        """Make the error that says what was found where something else is needed."""
        return ValueUnusable(
            f"{self.text!r} at {self.element_id!r} gave {found!r}; it must give {wanted}."
        )


class Expressions:
    """The expressions of one definition, by their text."""

    def __init__(self, trees: Mapping[str, Any]) -> None:
        self._trees = trees

    def get(self, text: str, element_id: str) -> Expression:
        """Give the expression of a text; DefinitionNotExecutable when it was not compiled."""
        for known in (text, text.strip()):
            if known in self._trees:
                return Expression(known.strip(), compile_tree(self._trees[known]), element_id)
        raise DefinitionNotExecutable(
            f"The FEEL text {text!r} at {element_id!r} is not among the definition's expressions; "
            "compile the package again."
        )

    def optional(self, text: str | None, element_id: str) -> Expression | None:
        """Give the expression of a text that may be absent or empty."""
        return self.get(text, element_id) if text and text.strip() else None


def document_value(value: Any) -> Any:
    """Turn a value of FEEL or of a handler into one for the case document.

    That is JSON with Decimals; dates, times and durations become ISO text. ValueUnusable for a
    float, whose digits nobody can vouch for, and for what is no value at all.
    """
    if value is None or isinstance(value, str | bool | int | Decimal):
        return value
    if isinstance(value, list | tuple):
        return [document_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: document_value(item) for key, item in value.items()}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, _FEEL):
        return to_json(value)
    raise ValueUnusable(f"{value!r} cannot be a process variable; use Decimal, text or lists.")


def correlation_text(expression: Expression, task: "TreeTask") -> str:
    """Evaluate a correlation: text as it is, a number in its digits, a date in ISO form."""
    value = document_value(expression.value(task))
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{Decimal(value).normalize():f}"  # 12.50 and 12.5 are one number
    raise expression.unusable(value, "a text or a number that messages are told apart by")


class NoScripts:
    """Stands where SpiffWorkflow keeps its Python script engine; refuses to run anything."""

    def evaluate(self, *_: Any, **__: Any) -> Never:
        raise DefinitionNotExecutable("Only FEEL is evaluated; this diagram was not compiled.")

    execute = validate = call_service = evaluate
