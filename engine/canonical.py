"""Canonical bytes: the one form in which a record is hashed and signed (RFC 8785).

Numbers other than small counts are written as strings, so that no reader's floating point can
change them: 12.50 stays "12.50".
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import rfc8785

_SAFE_INTEGER = 2**53 - 1
_BEYOND_BASIC_PLANE = re.compile(rb"[\xf0-\xf7]")


def instant_text(moment: datetime) -> str:
    """Write an aware UTC time with microseconds: 2026-11-22T10:41:07.123456Z."""
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def is_instant(text: str) -> bool:
    """Tell whether a text is a moment (RFC 3339), however fine, with its offset."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def record_value(value: Any) -> Any:
    """Turn a value of the case document into what canonical JSON can hold; floats are refused.

    A decimal without a fraction is a count: the stored case document cannot tell 10 from 10 either.
    """
    if value is None or isinstance(value, str | bool):  # most values are
        return value
    match value:
        case int():
            return value if -_SAFE_INTEGER <= value <= _SAFE_INTEGER else str(value)
        case Decimal():
            written = format(value, "f")
            return written if "." in written else record_value(int(value))
        case Mapping():
            return {str(key): record_value(item) for key, item in value.items()}
        case list() | tuple():
            return [record_value(item) for item in value]
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case bytes():
            return value.hex()
        case _:
            message = f"a record cannot hold a {type(value).__name__}; use text or a decimal"
            raise TypeError(message)


def canonical_bytes(value: Any) -> bytes:
    """Give the RFC 8785 bytes of a record value (see record_value).

    orjson writes the same bytes ten times faster than the reference (a property test holds them
    together), but for the order of names beyond the basic plane, where RFC 8785 compares UTF-16.
    """
    written = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if _BEYOND_BASIC_PLANE.search(written) is None:
        return written
    canonical: bytes = rfc8785.dumps(value)
    return canonical


def domain_hash(domain: str, content: bytes) -> bytes:
    """Hash `content` for one purpose only: the domain keeps hashes of different kinds apart."""
    return hashlib.sha256(domain.encode() + b"\0" + content).digest()
