"""What the service tasks of a market release do; the rules live in ledger/production/dossiers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import items, locations, movements, own_lots, site_days, status_changes
from processes.ledger.balances import Place
from processes.ledger.movements import Document, Movement
from processes.ledger.own_lots import OwnLot
from processes.ledger.production import dossiers
from processes.ledger.quantities import scaled
from processes.values import amount, context_of, identifier, text

SERVICES = ServiceRegistry()
RULES = "production_rules"
KIND = "dossier"


@SERVICES.service("market_release.check")
def check(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Show the contractor's record, once it is shown to be what was handed over."""
    row = dossiers.verified(
        context.db,
        context.tenant_id,
        identifier(inputs["dossier_id"]),
        str(inputs["content_hash"]),
    )
    return {
        **row.content,
        "dossier_id": str(row.dossier_id),
        "contractor": row.tenant_id,
        "content_hash": row.content_hash,
        "due": context.configuration(RULES)["due"],
    }


@SERVICES.service("market_release.release")
def release(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book the contractor's lot into our book under its number, and release it, signed REL."""
    record, given = context_of(inputs["record"]), context_of(inputs["release"])
    dossiers.verified(
        context.db,
        context.tenant_id,
        identifier(record["dossier_id"]),
        str(record["content_hash"]),
    )
    item = items.by_number(context.db, context.tenant_id, str(record["item_number"]))
    where = locations.by_code(context.db, context.tenant_id, str(given["location"]))
    expiry = record.get("expiry")
    made = own_lots.create(
        context,
        OwnLot(
            item_id=item.item_id,
            item_revision=items.effective_revision(
                context.db, context.tenant_id, item, site_days.today(context, where.site)
            ),
            origin="produced",
            number=str(record["lot_number"]),
            manufacturer=str(record["contractor"]),
            expiry=None if expiry is None else date.fromisoformat(str(expiry)),
            expiry_precision=None if expiry is None else "day",
        ),
    )
    document = Document(KIND, str(record["work_order"]))
    quantity = scaled(amount(record["made"]), made.unit)
    place = Place(where.location_id, "QUARANTINE")
    into = Movement(
        movement_type="RCV",
        lot_id=made.lot_id,
        quantity=quantity,
        document=document,
        target=place,
    )
    movements.post(context, into)
    status_changes.change(
        context,
        made,
        place,
        "RELEASED",
        quantity,
        reason=f"{record['contractor']} {record['work_order']}: record reviewed",
        document=document,
    )
    return {"lot_number": made.number, "location": where.code}


@SERVICES.service("market_release.reply")
def reply(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell the contractor that it is on the market, or why not."""
    record = context_of(inputs["record"])
    row = dossiers.find(context.db, context.tenant_id, identifier(record["dossier_id"]))
    accepted = inputs["accepted"] is True
    dossiers.reply(context, row, accepted=accepted, reasons=text(inputs.get("reasons")))
    return {"accepted": accepted}


@SERVICES.service("market_release.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tell the contractor that there will be no market release, with the reason."""
    if case.get("record"):
        record = context_of(case["record"])
        row = dossiers.find(context.db, context.tenant_id, identifier(record["dossier_id"]))
        dossiers.reply(context, row, accepted=False, reasons=str(case["why"]))
    return {}
