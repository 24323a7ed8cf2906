"""Write tests/vectors/forms: what a form answers, for the server and for the web client alike.

    python tools/make_form_vectors.py            writes the files
    python tools/make_form_vectors.py --check    fails when they are not what it would write
    python tools/make_form_vectors.py --random 5000 --to FOLDER     more of them, for a long fuzz

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
_FILE = {"sha256": "c" * 64, "name": "c.png", "mime": "image/png", "size": 9}
PLAUSIBLE: dict[str, tuple[Any, ...]] = {
    "text": ("Ann", "李雷", "S1", "X", "WO-123456", "a\nb", "mm", "Suzhou", "CoA"),
    "quantity": ("10.00", "9.95", "10.2", "5", "4.5", "0", "-1.50", "20.5", "0.001", "3e1"),
    "count": (0, 1, 2, 3, 6, 7, 10, 11, 90, 100, 110, 111, -1),
    "choice": ("G-1", "G-2", "CAL-01", "CAL-02", "white"),
    "choices": (["burr"], ["stain", "burr"], ["G-1", "G-2"], ["burr", "burr"], ["G-1"], []),
    "yes_no": (True, False),
    "date": ("2026-11-22", "2026-01-31", "2027-02", "2028-12-31", "2028-12", "2026-02-29"),
    "date_time": ("2026-11-22T18:00:00+08:00", "2026-11-22T10:41:07.000001Z", "2026-11-22"),
    "lot": ("LOT-A1", "L-1", "lot a", "ＬＯＴ-Ａ１", "l1"),
    "serial": ("SN1", "sn1", "S-2"),
    "item": ("09506000134352", "09506000134353", "REF-1"),
    "location": ("A-01", "a-01"),
    "entry": ({"how": "typed"}, {"raw": "]C0L-1"}),
    "barcode": (
        {"raw": "]d201095060001343521728123110LOT-A1\x1d21SN1"},
        {"raw": "]d201095060001343521728120010LOT-A1"},
        {"raw": "010950600013435210L1"},
        {"raw": "0109506000134352"},
    ),
    "photo": ([_FILE], [_FILE, _FILE], []),
    "attachment": ([{**_FILE, "mime": "application/pdf"}], [_FILE]),
}  # fmt: skip
JUNK: tuple[Any, ...] = (
    None, "", " ", "x", "X-1", "0", "-1", "10.00", "10.05", "5.1", "1e5", "１２", "2026-11-22",
    "2026-02-30", "2027-03", "2026-11-22T08:00:00Z", "G-1", "white", "other", "accept", "burr",
    "09506000134352", "]d20109506000134352", 0, 1, 2, 7, -3, 2.5, True, False, [], {}, [{}],
    [None], {"raw": "]d2010950600013435210L1"}, {"x": 1}, "\u202e", "a\nb", "😀" * 30,
)  # fmt: skip


def vectors(module: Any, random_cases: int = RANDOM_CASES) -> dict[str, Any]:
    """Build the file of one form. Raises AssertionError when a hand-written answer is not given."""
    form = load_form((EXAMPLES / f"{module.FORM}.json").read_bytes())
    cases = [case for case in module.CASES if not case.too_big]
    answered = [_answer(form, case, module.CONTEXT) for case in cases]
    for case, answer in zip(cases, answered, strict=True):
        given = tuple((one["path"], one["code"]) for one in answer.get("errors", ()))
        assert given == case.errors, f"{module.FORM}: {case.name}: {given}"
    damaged = _damaged(form, cases, random_cases)
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


def _damaged(form: Form, cases: list[Case], number: int) -> Iterator[Case]:
    """Change submissions here and there: some by what a person may answer, some by junk."""
    chance = random.Random(form.name)  # noqa: S311  # repeatable, not secret
    starts = [case for case in cases if isinstance(case.data, dict)]
    good = [case for case in starts if not case.errors]
    for index in range(number):
        start = chance.choice(starts if index % 4 == 0 else good)
        data = deepcopy(start.data)
        for _ in range(chance.randint(1, 5)):
            holder, schema = data, form.schema
            name = chance.choice(list(schema["properties"]))
            inner = data.get(name)
            member = schema["properties"][name]
            if isinstance(inner, dict) and "properties" in member:
                holder, schema = inner, member
            elif isinstance(inner, list) and inner and "items" in member:
                holder, schema = chance.choice(inner), member["items"]
            if not isinstance(holder, dict):
                continue
            name = chance.choice(list(schema["properties"]))
            holder[name] = (
                deepcopy(chance.choice(JUNK))
                if index % 3 == 0
                else plausible(schema["properties"][name], chance)
            )
        yield Case(name=f"changed {index}: {start.name}", data=data, context=start.context)


def plausible(schema: dict[str, Any], chance: random.Random) -> Any:
    """Give what a person may answer in a field, right more often than not."""
    if chance.random() < 0.1:
        return None
    kind = schema.get("x-field")
    if kind is None or kind == "table":
        members = schema["properties"] if kind is None else schema["items"]["properties"]
        rows = 1 if kind is None else chance.randint(0, 3)
        filled = [
            {name: plausible(member, chance) for name, member in members.items()}
            for _ in range(rows)
        ]
        return filled if kind == "table" else filled[0]
    if "enum" in schema:
        return chance.choice(schema["enum"])
    return deepcopy(chance.choice(PLAUSIBLE[kind]))


def text(vector: dict[str, Any]) -> str:
    """Write a file with one case a line."""
    cases = ",\n".join("    " + json.dumps(case, ensure_ascii=True) for case in vector["cases"])
    form = json.dumps(vector["form"], ensure_ascii=True)
    return f'{{\n  "form": {form},\n  "cases": [\n{cases}\n  ]\n}}\n'


def main() -> int:
    """Write the files, or compare them with what is there."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--random", type=int, default=RANDOM_CASES)
    arguments.add_argument("--to", type=Path, default=TARGET)
    given = arguments.parse_args()
    check, target = given.check, given.to
    target.mkdir(parents=True, exist_ok=True)
    old = []
    for module in MODULES:
        path = target / f"{module.FORM}.json"
        wanted = text(vectors(module, given.random))
        if check and (not path.exists() or path.read_text(encoding="utf-8") != wanted):
            old.append(path.name)
        if not check:
            path.write_text(wanted, encoding="utf-8")
            print(f"wrote {path}: {wanted.count(chr(10)) - 5} cases")
    if old:
        print(f"{', '.join(old)}: old; run python tools/make_form_vectors.py and read the diff")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
