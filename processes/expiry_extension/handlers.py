"""What the service tasks of an expiry extension do; the rules live in ledger/production/expiry."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import lots
from processes.ledger.production import expiry
from processes.ledger.production.expiry import Labels
from processes.values import context_of

SERVICES = ServiceRegistry()
RULES = "production_rules"


@SERVICES.service("expiry.examine")
def examine(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say what counts now, that the re-test extends it, and that stability data supports it."""
    asked = context_of(inputs["retest"])
    found = lots.by_number(context.db, context.tenant_id, str(asked["lot_number"]))
    new = date.fromisoformat(str(asked["new_expiry"]))
    limits = expiry.require_extensible(context, found, new)
    return {
        "lot_number": found.number,
        "item_number": found.item_number,
        "old": str(found.expiry),
        "new": new.isoformat(),
        "stability": limits.document,
        "latest": limits.latest.isoformat(),
        "times_left": limits.times_left,
        "due": context.configuration(RULES)["due"],
    }


@SERVICES.service("expiry.extend")
def extend(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the later expiry under the signature of quality; the lot waits for its labels."""
    asked, about = context_of(inputs["retest"]), context_of(inputs["about"])
    number = expiry.extend(
        context,
        str(about["lot_number"]),
        date.fromisoformat(str(about["new"])),
        reason=str(asked["reason"]),
        evidence=str(asked["evidence"]),
    )
    return {**about, "number": number}


@SERVICES.service("expiry.count_labels")
def count_labels(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what became of old and new labels."""
    about, counted = context_of(inputs["about"]), context_of(inputs["counted"])
    names = ("removed", "removed_destroyed", "printed", "applied", "destroyed")
    found = Labels(**{name: int(counted[name]) for name in names})
    expiry.count_labels(context, str(about["lot_number"]), str(about["number"]), found)
    return {name: int(counted[name]) for name in names}


@SERVICES.service("expiry.free")
def free(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Release the hold under the signature of who looked at the new labels."""
    about = context_of(inputs["about"])
    expiry.free(context, str(about["lot_number"]), str(about["number"]))
    return {"lot_number": about["lot_number"]}
