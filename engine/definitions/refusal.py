"""The refusal of a definition: every reason, each with its place and what to do."""

from collections.abc import Iterable

from engine.problems import Problem


class DefinitionRefused(Exception):
    """A package that cannot become a definition; `problems` holds errors first, then warnings."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        ordered = sorted(problems, key=_by_weight_and_place)
        self.problems: tuple[Problem, ...] = tuple(ordered)
        super().__init__("; ".join(_line_of(problem) for problem in ordered[:5]))


class PackageRefused(DefinitionRefused):
    """A folder or upload that is not a package: a file too large, outside, missing, no UTF-8."""


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
