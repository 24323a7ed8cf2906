"""Write tests/vectors/forms: what a form answers, for the server and for the web client alike.

    python tools/make_form_vectors.py            writes the files
    python tools/make_form_vectors.py --check    fails when they are not what it would write

Each file holds one form as a terminal gets it and its cases: those of tests/forms/cases, whose
answers were written by hand and are checked here, and random ones (fixed seed) made by damaging
them, whose answers are those of forms/validation.py. Numbers in `context` are decimals.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from forms import FieldError, Form, load_form  # noqa: E402  # tools are run by path
from tests.forms.cases import Case, every_field, measure_samples, receive_lot  # noqa: E402

MODULES = (every_field, measure_samples, receive_lot)
EXAMPLES = ROOT / "tests" / "forms" / "examples"
TARGET = ROOT / "tests" / "vectors" / "forms"
RANDOM_CASES = 150
JUNK: tuple[Any, ...] = (
    None, "", " ", "x", "X-1", "0", "-1", "10.00", "10.05", "5.1", "1e5", "１２", "2026-11-22",
    "2026-02-30", "2027-03", "2026-11-22T08:00:00Z", "G-1", "white", "other", "accept", "burr",
    "09506000134352", "]d20109506000134352", 0, 1, 2, 7, -3, 2.5, True, False, [], {}, [{}],
    [None], {"raw": "]d2010950600013435210L1"}, {"x": 1}, "\u202e", "a\nb", "😀" * 30,
)  # fmt: skip


def vectors(module: Any) -> dict[str, Any]:
    """Build the file of one form. Raises AssertionError when a hand-written answer is not given."""
    form = load_form((EXAMPLES / f"{module.FORM}.json").read_bytes())
    cases = [case for case in module.CASES if not case.too_big]
    answered = [_answer(form, case, module.CONTEXT) for case in cases]
    for case, answer in zip(cases, answered, strict=True):
        given = tuple((one["path"], one["code"]) for one in answer.get("errors", ()))
        assert given == case.errors, f"{module.FORM}: {case.name}: {given}"  # noqa: S101
    damaged = _damaged(form, cases)
    return {
        "form": form.to_client(),
        "cases": answered + [_answer(form, case, module.CONTEXT) for case in damaged],
    }


def _answer(form: Form, case: Case, context: dict[str, Any]) -> dict[str, Any]:
    full = {**context, **case.context}
    outcome = form.examine(case.data, context=decimals(full), now=datetime.fromisoformat(case.now))
    answer: dict[str, Any] = {"name": case.name, "data": case.data, "context": full}
    answer["now"] = case.now
    if outcome.accepted is None:
        answer["errors"] = [_finding(error) for error in outcome.errors]
    else:
        answer["record"] = outcome.accepted.record
    answer["notices"] = [_finding(notice) for notice in outcome.notices]
    answer["visible"] = list(outcome.visible)
    return answer


def _finding(found: FieldError) -> dict[str, Any]:
    return {
        "path": found.path,
        "code": found.code,
        "params": dict(found.params),
        "message": dict(found.message),
    }


def decimals(context: Any) -> Any:
    """Read the numbers of a context as Decimals, as a case document holds them."""
    return json.loads(json.dumps(context), parse_float=Decimal)


def _damaged(form: Form, cases: list[Case]) -> Iterator[Case]:
    """Damage good submissions and mend bad ones, here and there, by junk."""
    chance = random.Random(form.name)  # noqa: S311  # repeatable, not secret
    starts = [case for case in cases if isinstance(case.data, dict)]
    good = [case for case in starts if not case.errors]
    for number in range(RANDOM_CASES):
        start = chance.choice(starts if number % 3 == 0 else good)
        data = deepcopy(start.data)
        for _ in range(chance.randint(1, 3)):
            holder, key = chance.choice(list(_places(form, data)))
            junk = deepcopy(chance.choice(JUNK))
            if junk is None and chance.random() < 0.5:  # noqa: PLR2004
                if isinstance(holder, dict):
                    holder.pop(key, None)
            else:
                holder[key] = junk
        yield Case(name=f"damaged {number}: {start.name}", data=data, context=start.context)


def _places(form: Form, data: Any) -> Iterator[tuple[Any, Any]]:
    for name in form.schema["properties"]:
        yield data, name
    for value in list(data.values()):
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            if isinstance(row, dict):
                yield from ((row, name) for name in row)


def text(vector: dict[str, Any]) -> str:
    """Write a file with one case a line."""
    cases = ",\n".join("    " + json.dumps(case, ensure_ascii=True) for case in vector["cases"])
    form = json.dumps(vector["form"], ensure_ascii=True)
    return f'{{\n  "form": {form},\n  "cases": [\n{cases}\n  ]\n}}\n'


def main() -> int:
    """Write the files, or compare them with what is there."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    TARGET.mkdir(parents=True, exist_ok=True)
    old = []
    for module in MODULES:
        path = TARGET / f"{module.FORM}.json"
        wanted = text(vectors(module))
        if check and (not path.exists() or path.read_text(encoding="utf-8") != wanted):
            old.append(path.name)
        if not check:
            path.write_text(wanted, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}: {wanted.count(chr(10)) - 5} cases")
    if old:
        print(f"{', '.join(old)}: old; run python tools/make_form_vectors.py and read the diff")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
