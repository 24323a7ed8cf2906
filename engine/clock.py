"""The one place that tells the time, so that a test can live through a month in a millisecond."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Give the server's time, aware and in UTC."""
    return datetime.now(UTC)
