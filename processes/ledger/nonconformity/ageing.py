"""What takes too long about a nonconformity: clocks of our own, by rules that the document names.

No disposition in time goes to quality assurance, then to the management representative; a hold that
stays is on quality assurance's list after a month and on the general manager's after three. Which
clock rules these are is the customer's (`nonconformity_rules.ageing`); they count, warn and stand
in their owners' lists like every other clock.
"""

from collections.abc import Iterable

from engine.services import ServiceContext
from processes.ledger.clocks import clocks
from processes.ledger.nonconformity import scope
from processes.ledger.nonconformity.nonconformities import Nonconformity

SUBJECT = "nonconformity"


def hold_begins(context: ServiceContext, found: Nonconformity) -> None:
    """Count how long the goods lie held."""
    _start(context, found, _rules(context)["hold"], "held with the report")


def disposition_is_wanted(
    context: ServiceContext, found: Nonconformity, nonconformity_class: str
) -> None:
    """Count from the report until a disposition is approved, where goods are affected."""
    in_scope = scope.of_cycle(context.db, context.tenant_id, found)
    if any(each.finding == "affected" for each in in_scope):
        named = _rules(context)["disposition"][nonconformity_class]
        _start(context, found, named, f"class {nonconformity_class}")


def disposition_is_approved(context: ServiceContext, found: Nonconformity) -> None:
    """Stop what waited for the disposition."""
    waited = {rule for rules in _rules(context)["disposition"].values() for rule in rules}
    _stop(context, found, "disposition approved", only=waited)


def is_over(context: ServiceContext, found: Nonconformity, how: str) -> None:
    """Stop everything: the record is closed, void or cancelled."""
    _stop(context, found, how)


def _rules(context: ServiceContext) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = context.configuration("nonconformity_rules")["ageing"]
    return found


def _start(
    context: ServiceContext, found: Nonconformity, named: Iterable[str], evidence: str
) -> None:
    site = str(context.configuration("site_calendars")["default"])
    for rule in named:
        clocks.start(
            context, rule, SUBJECT, found.number, found.reported_at, evidence, calendar=site
        )


def _stop(
    context: ServiceContext, found: Nonconformity, how: str, only: set[str] | None = None
) -> None:
    for each in clocks.of_subject(context.db, context.tenant_id, SUBJECT, found.number):
        if each.stopped_at is None and (only is None or each.rule_code in only):
            clocks.stop(context, each.clock_id, context.now, how)
