"""The records people sign have the same canonical bytes and hash here as on the device
(web/test/signing reads the same file)."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.canonical import canonical_bytes, record_value
from engine.identities.signing import RECORD_DOMAIN, record_hash

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_name("records.json").read_text(encoding="utf-8")
)
CASES = VECTORS["cases"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_bytes_and_hash_are_those_of_the_device(case: dict[str, Any]) -> None:
    record = record_value(case["record"])
    assert canonical_bytes(record).decode() == case["canonical"]
    assert record_hash(record) == case["hash"]


def test_the_domain_is_the_same() -> None:
    assert VECTORS["domain"] == RECORD_DOMAIN
