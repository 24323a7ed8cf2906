"""Scans: the shared vectors, what biip says of the same, and whatever else a scanner may send."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from biip.gs1_messages import GS1Message
from hypothesis import given
from hypothesis import strategies as st

from forms.barcodes import ELEMENT_NAMES, ScanRefused, read_scan
from forms.barcodes.element_strings import century
from forms.barcodes.identifiers import IDENTIFIERS, PARSER_VERSION

ROOT = Path(__file__).resolve().parents[3]
CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "vectors" / "gs1" / "scans.json").read_text(encoding="utf-8")
)["cases"]
OTHER_SYSTEMS: list[dict[str, Any]] = json.loads(
    (ROOT / "tests" / "vectors" / "udi" / "scans.json").read_text(encoding="utf-8")
)["cases"]
NOW = datetime(2026, 11, 22, 10, 41, tzinfo=UTC)
GS = "\x1d"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['name']} {case['now'][:4]}")
def test_a_scan_is_read_as_the_vectors_say(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"])
    if "code" in case:
        with pytest.raises(ScanRefused) as refused:
            read_scan(case["raw"], now=now)
        assert (refused.value.code, refused.value.params) == (case["code"], case["params"])
        assert all(refused.value.message.values())
    else:
        scan = read_scan(case["raw"], now=now)
        assert scan.to_json() == {
            "raw": case["raw"],
            "symbology": case["symbology"],
            "parser": f"gs1/{PARSER_VERSION}",
            "elements": case["elements"],
        }


@pytest.mark.parametrize("case", OTHER_SYSTEMS, ids=lambda case: case["name"])
def test_device_identifiers_of_other_systems_are_read(case: dict[str, Any]) -> None:
    now = datetime.fromisoformat(case["now"])
    if "code" in case:
        with pytest.raises(ScanRefused) as refused:
            read_scan(case["raw"], now=now)
        assert (refused.value.code, refused.value.params) == (case["code"], case["params"])
        assert all(refused.value.message.values())
    else:
        said = {name: case[name] for name in ("raw", "symbology", "parser", "elements")}
        assert read_scan(case["raw"], now=now).to_json() == said


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "elements" in case and case["raw"].startswith("01")],
    ids=lambda case: case["name"],
)
def test_biip_reads_the_same_values(case: dict[str, Any]) -> None:
    """Stricter than biip, but where both read, they read the same."""
    theirs = {
        IDENTIFIERS[one.ai.ai].name: one.value
        for one in GS1Message.parse(case["raw"].strip()).element_strings
    }
    ours = {
        name: value if isinstance(value, str) else None for name, value in case["elements"].items()
    }
    assert theirs.keys() == ours.keys()
    assert all(ours[name] in {None, value} for name, value in theirs.items())


@given(st.text(max_size=60) | st.text(alphabet="0123456789]dCQ32+()/:.A" + GS, max_size=60))
def test_whatever_is_scanned_is_read_or_refused_with_a_sentence(raw: str) -> None:
    try:
        scan = read_scan(raw, now=NOW)
    except ScanRefused as refused:
        scan, message = None, refused.message
    if scan is None:
        assert message["en"]
        assert message["zh"]
        assert "{" not in message["en"] or "{" in raw
    else:
        assert scan.raw == raw
        assert scan.elements
        assert raw.isascii()


LOT = st.text(alphabet="!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz", min_size=1, max_size=20)


@given(lot=LOT, serial=LOT, prefix=st.sampled_from(["]d2", "]C1", "]Q3"]))
def test_what_is_printed_with_separators_is_read_back(lot: str, serial: str, prefix: str) -> None:
    scan = read_scan(f"{prefix}010950600013435210{lot}{GS}21{serial}", now=NOW)
    assert scan.elements == {"gtin": "09506000134352", "lot": lot, "serial": serial}


@given(lot=LOT, at=st.integers(0, 20), character=st.characters(min_codepoint=0x80))
def test_no_character_beyond_ascii_is_ever_taken(lot: str, at: int, character: str) -> None:
    with pytest.raises(ScanRefused):
        read_scan(f"]d2010950600013435210{lot[:at]}{character}{lot[at:]}", now=NOW)


@given(year=st.integers(1950, 2200), two_digits=st.integers(0, 99))
def test_a_two_digit_year_lies_between_49_back_and_50_ahead(year: int, two_digits: int) -> None:
    meant = century(two_digits, year)
    assert meant % 100 == two_digits
    assert -49 <= meant - year <= 50


def test_no_identifier_is_the_beginning_of_another() -> None:
    assert not [
        (one, other)
        for one in IDENTIFIERS
        for other in IDENTIFIERS
        if one != other and other.startswith(one)
    ]


def test_the_table_of_the_web_client_is_the_one_we_read_with() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "export_gs1_table.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_elements_are_named_once() -> None:
    names = [identifier.name for identifier in IDENTIFIERS.values()]
    assert len(set(names)) == len(names)
    of_other_systems = {"device_identifier", "sterilisation_lot"}
    assert set(names) >= ELEMENT_NAMES - of_other_systems
