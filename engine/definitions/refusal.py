"""The refusal of a definition: every reason, each with its place and what to do."""

from collections.abc import Iterable

from engine.problems import Problem

MAX_PROBLEMS = 300
"""Nobody reads more; a hostile file could have many thousands."""


class DefinitionRefused(Exception):
    """A package that cannot become a definition; `problems` holds errors first, then warnings."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("; ".join(_line_of(problem) for problem in self.problems[:5]))


class PackageRefused(DefinitionRefused):
    """A folder or upload that is not a package: a file too large, outside, missing, no UTF-8."""


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort findings, errors first and by their place; only the first MAX_PROBLEMS are kept."""
    ordered = sorted(problems, key=_by_weight_and_place)
    left_out = len(ordered) - MAX_PROBLEMS
    if left_out <= 0:
        return tuple(ordered)
    more = Problem(
        code="package.more_problems",
        message={
            "en": f"{left_out} more findings are not shown; correct these first.",
            "zh": f"还有 {left_out} 个问题未显示；请先更正以上问题。",
        },
        file=ordered[0].file,
        severity=ordered[MAX_PROBLEMS].severity,
    )
    return (*ordered[:MAX_PROBLEMS], more)


def _by_weight_and_place(problem: Problem) -> tuple[bool, str, int, str, str]:
    return (
        problem.severity != "error",
        problem.file,
        problem.line or 0,
        problem.code,
        problem.element_id or "",
    )


def _line_of(problem: Problem) -> str:
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    return f"{place}: {problem.message['en']} [{problem.code}]"
