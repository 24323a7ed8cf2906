"""Limits, choices and checks across fields: what can only be said when all fields are decided."""

import re
from typing import TYPE_CHECKING, Any

from forms.deciding import Decided, shown
from forms.errors import FieldError, Wrong
from forms.fields.barcode import filled_by
from forms.fields.base import Answer
from forms.pointers import Path, adds_row, beside, parse_template, pointer
from forms.submission import finding, instances
from forms.texts import LANGUAGES, Param, render

if TYPE_CHECKING:
    from forms.model import Check, Field

CHECK_PREFIX = "check."
_PLACE = re.compile(r"\{([^{}]*)\}")


def judge_fields(decided: Decided) -> list[FieldError]:
    """Judge every answer that stands; gives the notices of those recorded all the same."""
    notices = []
    scans: list[tuple[Field, Path]] = []
    for one in decided.form.fields:
        for path in instances(one.path, decided.rows):
            answer = decided.answers.get(path)
            if answer is None or path in decided.wrong:
                continue
            if "x-fills" in one.schema:
                scans.append((one, path))
            if decided.touched(one.judged_by, path):
                continue
            notice = _judge(decided, one, path, answer)
            if notice is not None:
                notices.append(notice)
    for one, path in scans:
        _compare_with_scan(decided, one.schema["x-fills"], path)
    return notices


def _judge(decided: Decided, at: "Field", path: Path, answer: Answer) -> FieldError | None:
    def setting(keyword: str) -> object:
        return decided.setting(at, keyword, path)

    try:
        notice = at.type.judge(answer, at.schema, setting)
    except Wrong as wrong:
        decided.refuse(path, wrong)
        return None
    return None if notice is None else finding(path, notice.code, notice.params)


def _compare_with_scan(decided: Decided, fills: dict[str, str], path: Path) -> None:
    scan: Any = decided.answers[path].record
    for element, named in fills.items():
        template = parse_template(named)
        if template is None or element not in scan["elements"] or adds_row(template, path):
            continue  # a row that a scan added may be taken out again
        target = beside(template, path)
        answer = decided.answers.get(target)
        scanned = filled_by(scan["elements"][element])
        if answer is not None and target not in decided.wrong:
            said = answer.beside.get("_match", answer.record)
            if str(said) != scanned:
                decided.refuse(target, Wrong("differs_from_scan", scanned=scanned))


def run_checks(decided: Decided) -> list[FieldError]:
    """Run the form's own checks, each where nothing it looks at is wrong already."""
    return [
        failed
        for check in decided.form.checks
        for path in instances(check.path, decided.rows)
        if not decided.touched(check.needs, path)
        and (failed := _run(decided, check, path)) is not None
    ]


def _run(decided: Decided, check: "Check", path: Path) -> FieldError | None:
    if check.path and path not in decided.visible:
        return None
    if check.when is not None and decided.evaluate(check.when, path) is not True:
        return None
    # Not true is not met: a check that cannot be worked out has not been passed.
    if decided.evaluate(check.condition, path) is True:
        return None
    params: dict[str, Param] = {}
    for language in LANGUAGES:
        for expression in _PLACE.findall(check.message[language]):
            if expression not in params:
                params[expression] = shown(decided.evaluate(expression.strip(), path))
    return FieldError(
        path=pointer(path),
        code=CHECK_PREFIX + check.id,
        message=render(check.message, params),
        params=params,
    )
