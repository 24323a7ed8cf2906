"""Ask a decision."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from engine.decisions.errors import TooDeep, TooLong, UnknownDecision, WrongType
from engine.decisions.model import DecisionModel
from engine.decisions.program import program_of
from engine.decisions.run import TOO_DEEP, Run
from forms.feel import FeelLimitExceeded
from forms.feel.errors import FeelValueRefused
from forms.feel.values import Value


def evaluate_decision(
    model: DecisionModel,
    decision: str,
    inputs: Mapping[str, object],
    *,
    now: datetime | None = None,
    no_match: Literal["error", "null"] = "error",
) -> Value:
    """Evaluate a decision, or a decision service, by its id or name.

    `inputs` are the values by name (the case document will do); only those that the decision needs
    are looked at, and what is missing is null. The answer is a FEEL value; a table with several
    outputs gives a dict, one with a single output the bare value.

    Raises DecisionFailed: NoMatchingRule, RulesOverlap, RulesDisagree, WrongType and so on, each
    with a `code` for the diagram. With `no_match="null"`, which is there to measure conformance,
    all that the standard calls null is null: no matching rule, an overlap, a value of the wrong
    type, a decision without logic.
    """
    answer = program_of(model).answers.get(decision)
    if answer is None:
        raise UnknownDecision(decision, _unknown(decision, model.file))
    try:
        return answer(Run(inputs, no_match == "error", now))
    except FeelLimitExceeded as error:
        raise TooLong(decision, error.message) from error
    except FeelValueRefused as error:
        raise WrongType(decision, _refused(decision, error)) from error
    except RecursionError as error:
        raise TooDeep(decision, TOO_DEEP) from error


def _unknown(decision: str, file: str) -> dict[str, str]:
    return {
        "en": f"There is no decision “{decision}” in {file}.",
        "zh": f"{file} 中没有决策“{decision}”。",
    }


def _refused(decision: str, error: FeelValueRefused) -> dict[str, str]:
    return {
        "en": f"An input of the decision “{decision}” is no FEEL value: {error}.",
        "zh": f"决策“{decision}”的某个输入不是 FEEL 值：{error}。",
    }
