"""Fixtures of the engine's tests."""

import pytest

from engine.store.database import Database


@pytest.fixture
def workshop(database: Database) -> object:
    """An engine with toy processes, on each of the two databases."""
    from tests.engine.workshop import Workshop  # noqa: PLC0415  # most tests need no whole engine

    return Workshop(database)
