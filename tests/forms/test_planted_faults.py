"""The cases find faults: each fault planted here must make at least one of them fail."""

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest

from forms import Form, load_form
from forms.errors import Wrong
from tests.forms.cases import Case, every_field, measure_samples, receive_lot

EXAMPLES = Path(__file__).parent / "examples"
MODULES = (every_field, measure_samples, receive_lot)


def failing(form: Form, module: Any, case: Case) -> bool:
    context = json.loads(json.dumps({**module.CONTEXT, **case.context}), parse_float=Decimal)
    outcome = form.examine(case.data, context=context, now=datetime.fromisoformat(case.now))
    if tuple((found.path, found.code) for found in outcome.errors) != case.errors:
        return True
    if outcome.accepted is None:
        return bool(set(case.hidden) & set(outcome.visible))
    notices = tuple((found.path, found.code) for found in outcome.notices)
    return notices != case.notices or any(
        _at(outcome.accepted.record, pointer) != value for pointer, value in case.record.items()
    )


def _at(record: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        record = record[int(step)] if isinstance(record, list) else (record or {}).get(step)
    return record


def failures() -> list[str]:
    found = []
    for module in MODULES:
        form = load_form((EXAMPLES / f"{module.FORM}.json").read_bytes())
        cases = [case for case in module.CASES if not case.too_big]
        found += [case.name for case in cases if failing(form, module, case)]
    return found


def limits_exclude_themselves(judge: Callable[..., Any]) -> Callable[..., Any]:
    def faulty(value: Any, low: Any, high: Any, **more: Any) -> Any:
        if value == low:
            raise Wrong("below_minimum", value=str(value), limit=str(low))
        return judge(value, low, high, **more)

    return faulty


def always_accepts(judge: Callable[..., Any]) -> Callable[..., Any]:
    def faulty(*given: Any, schema: Any, **more: Any) -> Any:
        return judge(*given, schema={**schema, "x-out-of-limit": "accept"}, **more)

    return faulty


FAULTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "limits exclude themselves": ("forms.fields.quantity.judge_against", limits_exclude_themselves),
    "all is recorded": ("forms.fields.quantity.judge_against", always_accepts),
    "counts are recorded": ("forms.fields.count.judge_against", always_accepts),
    "no limit where it is unknown": (
        "forms.fields.quantity.limit_of",
        lambda _: (
            lambda keyword, _schema, setting: (
                None if setting(keyword) in {None, "none"} else setting(keyword)
            )
        ),
    ),
    "conditions always hold": ("forms.deciding.holds", lambda _: lambda *_: True),
    "conditions never hold": ("forms.deciding.holds", lambda _: lambda *_: False),
    "computed values are believed": ("forms.deciding._same", lambda _: lambda *_: True),
    "computed values never agree": ("forms.deciding._same", lambda _: lambda *_: False),
    "what depends on a wrong field is judged": (
        "forms.deciding.Decided.touched",
        lambda _: lambda *_: False,
    ),
    "one wrong row silences the others": ("forms.deciding._same_row", lambda _: lambda *_: True),
    "any default will do": ("forms.deciding._is_default", lambda _: lambda *_: True),
    "no default will do": ("forms.deciding._is_default", lambda _: lambda *_: False),
    "null is an answer": ("forms.submission._is_empty", lambda _: lambda value: value in ("", [])),
    "zero and no are no answer": ("forms.submission._is_empty", lambda _: lambda value: not value),
    "invisible signs pass": (
        "forms.fields.text.require_visible",
        lambda _: lambda _text, **_more: None,
    ),
    "full-width is not told": ("forms.fields.characters.normalised", lambda _: lambda text: text),
    "full-width lots do not match": ("forms.fields.lot.normalised", lambda _: lambda text: text),
    "no year has 29 February": (
        "forms.fields.date.calendar.monthrange",
        lambda days: lambda year, month: (0, min(days(year, month)[1], 28 if month == 2 else 31)),
    ),
    "scans fill what they like": (
        "forms.judging._compare_with_scan",
        lambda _: lambda *_: None,
    ),
    "scans are believed": (
        "forms.fields.barcode.read_scan",
        lambda read: lambda _raw, now: read(every_field.SCAN, now=now),
    ),
    "any check digit": ("forms.fields.item.gs1_standard_check_digit", lambda _: lambda _: 2),
    "checks pass": ("forms.judging._run", lambda _: lambda *_: None),
    "any number of rows": (
        "forms.fields.table.row_count",
        lambda _: lambda _rows: _AnyNumber(),
    ),
    "any choice of the case": ("forms.fields.choice.offered", lambda _: lambda _: _Everything()),
    "any file": ("forms.fields.attachment._require_file", lambda _: lambda *_: None),
    "any depth": ("forms.validation.require_reasonable", lambda _: lambda _: None),
}


class _AnyNumber(int):
    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = int.__hash__


class _Everything:
    def __contains__(self, _value: object) -> bool:
        return True


def test_without_a_fault_nothing_fails() -> None:
    assert failures() == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place, change = FAULTS[fault]
    owner, _, name = place.rpartition(".")
    target: Any = resolve_name(owner)
    monkeypatch.setattr(target, name, change(getattr(target, name)))
    assert failures() != []
