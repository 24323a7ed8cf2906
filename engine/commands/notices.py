"""When people are told of work that waits: a reminder before it is late, then role after role.

The shares of the time at which somebody is told are the customer's (document `notices`).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

LEVELS = ("remind_at", "escalate_at", "escalate_further_at")
"""Level 0 reminds those who can do it, 1 and 2 tell the roles of cs:escalateTo."""


def at_level(
    documents: Mapping[str, Any], level: int, opened_at: datetime, due_at: datetime
) -> datetime:
    """Give the moment at which a level is told: a share of the time from opening to due."""
    share = Decimal(documents["notices"][LEVELS[level]])
    return opened_at + (due_at - opened_at) * float(share)
