"""When people are told of work that waits: a reminder before it is late, then role after role.

The shares of the time at which somebody is told are the customer's (document `notices`).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

LEVELS = ("remind_at", "escalate_at", "escalate_further_at")
"""Level 0 reminds those who can do it, 1 and 2 tell the roles of cs:escalateTo."""


def share_of(documents: Mapping[str, Any], level: int) -> Decimal:
    """Give the share of the time from opening to due after which a level is told."""
    return Decimal(documents["notices"][LEVELS[level]])
