"""Ids are given, never taken: UUIDv7 in the product, a counted series in tests."""

import hashlib
from collections.abc import Callable
from uuid import UUID

import uuid_utils.compat

NewId = Callable[[], UUID]


def new_id() -> UUID:
    """Make a UUIDv7: sortable by the time it was made, unique without asking anybody."""
    return uuid_utils.compat.uuid7()


def derived_id(*parts: object) -> UUID:
    """Make the id of a command from what it is for: the same work has the same id everywhere."""
    digest = bytearray(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80  # UUID version 8: made by its own rule
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))
