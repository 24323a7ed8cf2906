"""What can go wrong with decisions: at deployment a list of problems, at run time one error.

Every run-time error has a `code` that an error event in a diagram can catch, and its sentence in
both languages.
"""

from collections.abc import Sequence

from engine.problems import Problem, Text


class DecisionsRefused(Exception):
    """The DMN file cannot be used; `problems` says why, each with its element and line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.message["en"] for problem in problems))
        self.problems = tuple(problems)


class DecisionFailed(Exception):
    """A decision gave no result. `decision` is the name of the decision or table that failed."""

    code = "decision.failed"

    def __init__(self, decision: str, message: Text) -> None:
        super().__init__(message["en"])
        self.decision = decision
        self.message = message


class NoMatchingRule(DecisionFailed):
    """No rule of a decision table matches, and the table has no default output."""

    code = "decision.no_match"


class RulesOverlap(DecisionFailed):
    """More than one rule of a UNIQUE table matches."""

    code = "decision.overlap"


class RulesDisagree(DecisionFailed):
    """Rules of an ANY table match with different outputs."""

    code = "decision.disagreement"


class WrongType(DecisionFailed):
    """A value does not have the type, or is not among the values, that the model says."""

    code = "decision.wrong_type"


class NoResult(DecisionFailed):
    """The rules that match cannot be put together: nothing to sum, order or compare."""

    code = "decision.no_result"


class UnknownDecision(DecisionFailed):
    """The model has no decision of that id or name."""

    code = "decision.unknown"


class TooDeep(DecisionFailed):
    """Functions of the model call each other without end."""

    code = "decision.too_deep"


class TooLong(DecisionFailed):
    """The evaluation used more steps, items or memory than one decision may."""

    code = "decision.too_long"
