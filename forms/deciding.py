"""Which fields are there and what they hold.

Visibility rules and computed values, each decided after all that it depends on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forms.conditions import holds
from forms.errors import FieldError, Wrong
from forms.evaluation import expression_in, is_expression, result_of, scope_at
from forms.fields import FIELD_TYPES, entry
from forms.fields.barcode import filled_by
from forms.fields.base import Answer, Json
from forms.pointers import Path, Template, adds_row, beside, parse_template, template_of
from forms.submission import Submission, finding, instances

if TYPE_CHECKING:
    from forms.model import Field, Form
    from forms.rules import Rule


@dataclass(slots=True)
class Decided:
    """A submission as far as it is decided.

    `values` is the tree that expressions see, every field in it, null without an answer; `answers`
    are those that stand; `wrong` the finding of each field that has one; `unsure` are fields of
    which nothing can be said, because they depend on a wrong one, near or far.
    """

    form: "Form"
    context: Mapping[str, object]
    now: datetime
    submission: Submission
    values: dict[str, Any]
    rows: dict[Path, int]
    answers: dict[Path, Answer] = field(default_factory=dict)
    wrong: dict[Path, FieldError] = field(default_factory=dict)
    unsure: set[Path] = field(default_factory=set)
    visible: set[Path] = field(default_factory=set)
    sources: dict[Path, object] = field(default_factory=dict)

    def refuse(self, path: Path, wrong: Wrong) -> None:
        """Note what is wrong with the value at `path`."""
        self.wrong[path] = finding(path, wrong.code, wrong.params)

    def evaluate(self, expression: str, path: Path) -> object:
        """Give the result of FEEL where `path` lies, as plain JSON with Decimals."""
        scope = scope_at(path, self.context, self.values, self.sources)
        return result_of(self.form.expressions[expression], scope, self.now)

    def setting(self, at: "Field", keyword: str, path: Path) -> object:
        """Say what a keyword of a field says, worked out if it is FEEL; None when it is absent."""
        said = at.schema.get(keyword)
        return self.evaluate(expression_in(said), path) if is_expression(said) else said

    def touched(self, needs: Iterable[Template], path: Path) -> bool:
        """Whether something that `path` depends on is wrong, so that nothing can be said of it."""
        return bool(self.wrong) and any(
            template_of(bad) in needs and _same_row(bad, path)
            for bad in (*self.wrong, *self.unsure)
        )


def decide(
    form: "Form", context: Mapping[str, object], now: datetime, submission: Submission
) -> Decided:
    """Decide all fields, in the order of their dependencies."""
    rows = dict(submission.rows)
    decided = Decided(
        form=form,
        context=context,
        now=now,
        submission=submission,
        values=_blank(form.schema, (), rows),
        rows=rows,
    )
    for path, wrong in submission.wrong.items():
        decided.wrong[path] = wrong
    for one in form.order:
        for path in list(instances(one.path, decided.rows)):
            _decide_field(decided, one, path)
    return decided


def _decide_field(decided: Decided, at: "Field", path: Path) -> None:
    uncertain = decided.touched(at.needs, path)
    if uncertain:
        decided.unsure.add(path)
    shown, enabled = _standing(decided, at, path)
    sent = path in decided.submission.sent
    if not shown:
        _forget(decided, path)
        if sent and not uncertain:
            decided.refuse(path, Wrong("hidden_field"))
        _put(decided.values, path, [] if at.type.json_type == "array" else None)
        return
    decided.visible.add(path)
    if at.type.name == "entry":
        _say_how_entered(decided, at, path)
    elif at.computed is not None:
        decided.wrong.pop(path, None)
        if not uncertain:
            _compute(decided, at, path)
    elif not sent:
        if at.required and enabled and not uncertain:
            decided.refuse(path, Wrong("required"))
    else:
        _take(decided, at, path, enabled=enabled, uncertain=uncertain)
    if "x-rows" in at.schema:
        decided.sources[path] = decided.setting(at, "x-rows", path)


def _take(decided: Decided, at: "Field", path: Path, *, enabled: bool, uncertain: bool) -> None:
    """Let an answer stand that could be read; where the field is disabled, only its default."""
    if not enabled and not _is_default(decided, at, path):
        if not uncertain:
            decided.refuse(path, Wrong("disabled_field"))
    elif path in decided.submission.answers:
        _stand(decided, path, decided.submission.answers[path])


def _say_how_entered(decided: Decided, at: "Field", path: Path) -> None:
    """Work out whether the field that this is about was scanned; nothing where it has no answer."""
    template = parse_template(at.schema["x-of"]) or ()
    target = beside(template, path)
    about, sent = decided.answers.get(target), decided.submission.answers.get(path)
    if about is None or path in decided.wrong:
        return
    said = str(about.beside.get("_match", about.record))
    raw = sent.record.get("raw") if sent is not None and isinstance(sent.record, dict) else None
    record: dict[str, Json] = {"how": "typed"}
    if _filled_by_scan(decided, template, path, said):
        record = {"how": "scanned"}
    elif isinstance(raw, str) and entry.said_by(raw, said, decided.now):
        record = {"how": "scanned", "raw": raw}
    _stand(decided, path, Answer(record, record))


def _filled_by_scan(decided: Decided, target: Template, path: Path, said: str) -> bool:
    """Whether a barcode field that was answered fills `target`, here with `said`.

    It then says the same: what differs from the scan is refused. Of the rows that a barcode outside
    their table adds, one for each scan, only the one that says the same is of this scan.
    """
    for one in decided.form.fields:
        for element, text in one.schema.get("x-fills", {}).items():
            if parse_template(text) == target:
                answer = decided.answers.get(beside(one.path, path))
                scan: Any = None if answer is None else answer.record
                if scan is not None and element in scan["elements"]:
                    is_its_own = not adds_row(target, one.path)
                    return is_its_own or filled_by(scan["elements"][element]) == said
    return False


def _forget(decided: Decided, path: Path) -> None:
    """Drop what was found in a field that is not there, and in its rows if it is a table."""
    decided.rows.pop(path, None)
    for bad in [bad for bad in decided.wrong if bad[: len(path)] == path]:
        del decided.wrong[bad]


def _standing(decided: Decided, at: "Field", path: Path) -> tuple[bool, bool]:
    """Whether a field is shown by any of its controls, and whether it may be filled in there."""
    if not at.controls:
        return True, True
    standings = [_control(decided, rules, path) for rules in at.controls]
    return any(shown for shown, _ in standings), (True, True) in standings


def _control(decided: Decided, rules: "tuple[Rule, ...]", path: Path) -> tuple[bool, bool]:
    shown = enabled = True
    for rule in rules:
        met = holds(rule.condition, decided, path)
        if rule.effect in {"SHOW", "HIDE"}:
            shown = shown and met == (rule.effect == "SHOW")
        else:
            enabled = enabled and met == (rule.effect == "ENABLE")
    return shown, enabled


def _is_default(decided: Decided, at: "Field", path: Path) -> bool:
    if "x-default" not in at.schema:
        return False
    default = decided.setting(at, "x-default", path)
    try:
        return at.type.compute(default, at.schema) == decided.submission.sent[path]
    except Wrong:
        return False


def _compute(decided: Decided, at: "Field", path: Path) -> None:
    """Work out a computed value, and compare it with what was sent for it, if anything was."""
    assert at.computed is not None  # as the caller made sure
    result = decided.evaluate(at.computed, path)
    sent = path in decided.submission.sent
    if result is None:
        if sent:
            decided.refuse(path, Wrong("computed_differs", expected="—"))
        elif at.required:
            decided.refuse(path, Wrong("not_computed"))
        return
    try:
        answer = at.type.read(at.type.compute(result, at.schema), at.schema, decided.now)
    except Wrong:
        decided.refuse(path, Wrong("computed_unfit"))
        return
    if sent and not _same(decided.submission, path, answer):
        decided.refuse(path, Wrong("computed_differs", expected=shown(answer.record)))
        return
    _stand(decided, path, answer)


def _same(submission: Submission, path: Path, answer: Answer) -> bool:
    theirs = submission.answers.get(path)
    return (
        theirs is not None
        and theirs.value == answer.value
        and isinstance(theirs.value, bool) == isinstance(answer.value, bool)
    )


def shown(record: object) -> str:
    """Give a recorded value in a sentence."""
    if isinstance(record, bool):
        return "true" if record else "false"
    return "—" if record is None else str(record)


def _stand(decided: Decided, path: Path, answer: Answer) -> None:
    decided.answers[path] = answer
    if path in decided.rows:
        return  # a table's rows are in the tree already, and stand one by one
    _put(decided.values, path, answer.value)
    for suffix, value in answer.beside.items():
        _put(decided.values, (*path[:-1], f"{path[-1]}{suffix}"), value)


def _put(values: dict[str, Any], path: Path, value: object) -> None:
    inner: Any = values
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value


def _blank(schema: Mapping[str, Any], path: Path, rows: Mapping[Path, int]) -> dict[str, Any]:
    """Give the tree of all fields without any answer, tables with as many rows as were sent."""
    tree: dict[str, Any] = {}
    for name, member in schema["properties"].items():
        here = (*path, name)
        kind = member.get("x-field")
        if kind is None:
            tree[name] = _blank(member, here, rows)
        elif kind == "table":
            count = rows.get(here, 0)
            tree[name] = [_blank(member["items"], (*here, index), rows) for index in range(count)]
        else:
            tree[name] = [] if member["type"] == "array" else None
            for suffix in FIELD_TYPES[kind].beside:
                tree[name + suffix] = None
    return tree


def _same_row(one: Path, other: Path) -> bool:
    """Whether two paths do not lie in different rows of the same table."""
    for step, other_step in zip(one, other, strict=False):
        if step == other_step:
            continue
        return not (isinstance(step, int) and isinstance(other_step, int))
    return True
