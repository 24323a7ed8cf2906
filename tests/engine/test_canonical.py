"""Canonical bytes are RFC 8785's, whatever writes them."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.dictionary import compress, decompress
from engine.canonical import canonical_bytes, domain_hash, record_value

scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(documents)
def test_canonical_bytes_are_those_of_the_reference(document: object) -> None:
    assert canonical_bytes(document) == rfc8785.dumps(document)


def test_names_beyond_the_basic_plane_are_ordered_by_utf16() -> None:
    document = {"\ufb33": 1, "\U0001f600": 2}
    assert canonical_bytes(document).decode() == '{"\U0001f600":2,"\ufb33":1}'


def test_control_characters_are_written_as_rfc_8785_says() -> None:
    assert canonical_bytes('\x00\x08\x1f\x7f"\\/') == b'"\\u0000\\b\\u001f\x7f\\"\\\\/"'


def test_decimals_and_times_become_text() -> None:
    value = {
        "quantity": Decimal("12.50"),
        "tiny": Decimal("1E-7"),
        "big": 2**60,
        "at": datetime(2026, 11, 22, 10, 41, 7, tzinfo=UTC),
        "id": UUID(int=1),
    }
    assert record_value(value) == {
        "quantity": "12.50",
        "tiny": "0.0000001",
        "big": str(2**60),
        "at": "2026-11-22T10:41:07.000000Z",
        "id": "00000000-0000-0000-0000-000000000001",
    }


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        record_value({"value": 0.1})


def test_hashes_of_different_kinds_differ() -> None:
    assert domain_hash("a", b"same") != domain_hash("b", b"same")


@given(st.binary(max_size=3000))
def test_what_is_compressed_comes_back(content: bytes) -> None:
    assert decompress(compress(content)) == content


def test_a_damaged_entry_is_told_from_a_readable_one() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        decompress(b"x" + compress(b"content"))


def test_a_whole_decimal_is_the_count_that_storage_gives_back() -> None:
    assert record_value(Decimal(10)) == record_value(10) == 10
    assert record_value(Decimal("10.0")) == "10.0"
    assert record_value(Decimal("1E+2")) == 100
