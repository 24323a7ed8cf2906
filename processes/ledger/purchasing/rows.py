"""What the modules of buying share: who and when of a row, dates, amounts, the rules."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.services import ServiceContext

RULES = "purchasing_rules"
"""The configuration document: what the customer sets about buying."""


def rules(context: ServiceContext) -> Mapping[str, Any]:
    """Give the customer's rules of buying in force."""
    found: Mapping[str, Any] = context.configuration(RULES)
    return found


def day(value: object) -> date:
    """Give a date of the case document, where it is text."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def in_base_currency(context: ServiceContext, amount: Decimal, currency: str) -> Decimal:
    """Give an amount in the currency that the thresholds are set in."""
    return amount * Decimal(rules(context)["exchange_rates"][currency])


def stamped(context: ServiceContext, moment: str) -> dict[str, Any]:
    """Give the columns that say whose row it is and when it was written: `moment` names it."""
    return {
        "tenant_id": context.tenant_id,
        "actor": context.actor.username,
        moment: context.now,
    }
