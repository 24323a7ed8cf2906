"""What the service tasks of a production release do; the rules live in ledger/production."""

from collections.abc import Mapping
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import balances, locations, lots, movements, status_changes
from processes.ledger.balances import Place
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.production import dossiers, history_record, labels, work_orders
from processes.ledger.production.history_record import NothingMade
from processes.ledger.production.labels import LabelCount
from processes.ledger.production.work_orders import KIND
from processes.ledger.quantities import case_number
from processes.ledger.refusals import LedgerRefusal
from processes.values import context_of, identifier, rows, text

SERVICES = ServiceRegistry()
RULES = "production_rules"


class NoSuchOpenLabels(LedgerRefusal):
    """What is counted is what was printed for this order and not accounted for yet."""

    def __init__(self, found: str) -> None:
        super().__init__(
            f"The label jobs of this order changed meanwhile ({found}). Open the task again.",
            f"该工单的标签任务已有变化（{found}），请重新打开任务。",
            found=found,
        )


@SERVICES.service("production_release.gather")
def gather(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the history record of the order together, as it stands now."""
    return _record(context, str(inputs["work_order"]))


@SERVICES.service("production_release.keep_labels")
def keep_labels(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Account for the labels of every open job, signed in this command where a count differs."""
    record = context_of(inputs["record"])
    counted = rows(context_of(inputs["counted"]).get("rows"))
    waiting = [row for row in rows(record.get("labels")) if row.get("open") is True]
    if len(counted) != len(waiting):
        raise NoSuchOpenLabels(f"{len(counted)} ≠ {len(waiting)}")
    for job, row in zip(waiting, counted, strict=True):
        count = LabelCount(
            applied=int(row["applied"]),
            destroyed=int(row["destroyed"]),
            retained=int(row["retained"]),
            explanation=text(row.get("explanation")),
        )
        labels.reconcile(context, str(job["label_job"]), count)
    return _record(context, str(record["work_order"]))


@SERVICES.service("production_release.close")
def close(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Close the order under the signature of its review; one that is closed already stays so."""
    number = str(context_of(inputs["record"])["work_order"])
    if work_orders.by_number(context.db, context.tenant_id, number).status == "released":
        explanation = text(context_of(inputs["review"]).get("explanation"))
        work_orders.close(context, number, explanation=explanation)
    return _record(context, number)


@SERVICES.service("production_release.release")
def release(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what waits in quarantine the status RELEASED, signed REL in this command."""
    record = context_of(inputs["record"])
    made, document = _made(context, record), _document(record)
    comment = text(context_of(inputs["release"]).get("comment"))
    places, total = [], 0
    for each in balances.of_lot(context.db, context.tenant_id, made.lot_id):
        if each.status != "QUARANTINE" or not each.quantity:
            continue
        status_changes.change(
            context,
            made,
            Place(each.location_id, each.status),
            "RELEASED",
            each.quantity,
            reason=comment or f"{document.id}: record reviewed",
            document=document,
        )
        places.append(each.location_code)
        total += each.quantity
    if not places:
        raise NothingMade(document.id)
    registrant = context.configuration(RULES)["made_for"].get(made.item_number)
    dossier_id = None
    if registrant is not None:
        known = _record(context, document.id)
        dossier_id = str(dossiers.hand_over(context, str(registrant), known, total))
    return {
        "registrant": registrant,
        "dossier_id": dossier_id,
        "quantity": case_number(total, made.unit),
        "unit": made.unit.code,
        "places": places,
    }


@SERVICES.service("production_release.hand_over_again")
def hand_over_again(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hand the record over once more, with what the registrant had found missing."""
    released, document = context_of(inputs["released"]), _document(context_of(inputs["record"]))
    dossier_id = dossiers.hand_over_again(
        context,
        identifier(released["dossier_id"]),
        _record(context, document.id),
        str(context_of(inputs["decision"])["reason"]),
    )
    return {**released, "dossier_id": str(dossier_id)}


@SERVICES.service("production_release.put_away")
def put_away(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move what was released from where it was made to its place in stock."""
    record = context_of(inputs["record"])
    made, document = _made(context, record), _document(record)
    code = str(context_of(inputs["put"])["location"])
    target = locations.by_code(context.db, context.tenant_id, code)
    for each in balances.of_lot(context.db, context.tenant_id, made.lot_id):
        source = Place(each.location_id, each.status)
        where = locations.find(context.db, context.tenant_id, each.location_id)
        if each.status != "RELEASED" or where.zone in locations.PICKING_ZONES or not each.quantity:
            continue
        movement = Movement(
            movement_type="PUT",
            lot_id=made.lot_id,
            quantity=each.quantity,
            document=document,
            source=source,
            target=Place(target.location_id, "RELEASED"),
        )
        if made.has_serials:
            units = status_changes.serials_at(context, made, source)
            movements.post_serials(context, movement, units)
        else:
            movements.post(context, movement)
    return {"location": target.code}


def _record(context: ServiceContext, number: str) -> dict[str, Any]:
    """Give the record with the times of the customer's document."""
    found = history_record.of_order(context, number)
    return {**found, "due": context.configuration(RULES)["due"]}


def _made(context: ServiceContext, record: Mapping[str, Any]) -> Lot:
    return lots.by_number(context.db, context.tenant_id, str(record["lot_number"]))


def _document(record: Mapping[str, Any]) -> Document:
    return Document(KIND, str(record["work_order"]))
