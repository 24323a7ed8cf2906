"""Forms answer what was written down by hand, and the shared vectors say the same."""

import json
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from forms import FieldError, Form, load_form
from tests.forms.cases import Case, every_field, measure_samples, receive_lot

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = Path(__file__).parent / "examples"
MODULES = (every_field, measure_samples, receive_lot)
CASES = [(module, case) for module in MODULES for case in module.CASES]
FORMS: dict[str, Form] = {
    module.FORM: load_form((EXAMPLES / f"{module.FORM}.json").read_bytes()) for module in MODULES
}
NAMED = [f"{module.FORM} {case.name}" for module, case in CASES]


def codes(findings: tuple[FieldError, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((found.path, found.code) for found in findings)


def at(record: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        if isinstance(record, list):
            record = record[int(step)]
        elif isinstance(record, dict):
            record = record.get(step)
    return record


@pytest.mark.parametrize(("module", "case"), CASES, ids=NAMED)
def test_a_form_answers_what_was_written_by_hand(module: Any, case: Case) -> None:
    form = FORMS[module.FORM]
    context = json.loads(json.dumps({**module.CONTEXT, **case.context}), parse_float=Decimal)
    outcome = form.examine(case.data, context=context, now=datetime.fromisoformat(case.now))
    assert codes(outcome.errors) == case.errors
    assert (outcome.accepted is None) == bool(case.errors)
    if outcome.accepted is not None:
        assert codes(outcome.notices) == case.notices
        for pointer, value in case.record.items():
            assert at(outcome.accepted.record, pointer) == value
    assert not set(case.hidden) & set(outcome.visible)
    for found in (*outcome.errors, *outcome.notices):
        assert found.message["en"]
        assert found.message["zh"]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 150
    assert len(set(NAMED)) == len(NAMED)


def test_every_message_about_a_field_is_shown_by_a_case() -> None:
    """A message without a case is a rule that nobody has tried."""
    shown = {code for _, case in CASES for _, code in (*case.errors, *case.notices)}
    messages = json.loads((ROOT / "forms" / "messages.json").read_text(encoding="utf-8"))
    tried_elsewhere = {
        "schema",  # a second opinion; nothing should get as far
        "not_computed",
        "computed_unfit",
        "too_few_files",
        "too_few_rows",
        "recorded_late",
    }
    expected = {code for code in messages if not code.startswith("scan_")} - tried_elsewhere
    assert expected <= shown


def test_the_vectors_are_what_the_forms_answer() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_form_vectors.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
