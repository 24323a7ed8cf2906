"""Collect what is wrong, each with its place."""

from dataclasses import dataclass, field
from typing import Literal

from forms.json_file import line_of
from forms.pointers import Path, pointer
from forms.problems import FormProblem, FormRefused


@dataclass(slots=True)
class Findings:
    """Findings about one file; `lines` maps JSON pointers to line numbers."""

    lines: dict[str, int]
    problems: list[FormProblem] = field(default_factory=list)

    def add(
        self,
        path: Path,
        code: str,
        en: str,
        zh: str,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        """Note one finding at `path` of the file."""
        self.problems.append(
            FormProblem(
                code="form." + code,
                message={"en": en, "zh": zh},
                pointer=pointer(path),
                line=line_of(path, self.lines),
                severity=severity,
            )
        )

    def require_none(self) -> None:
        """Raise FormRefused when an error was found."""
        if any(problem.severity == "error" for problem in self.problems):
            raise FormRefused(self.problems)
