"""Making goods over HTTP: the commands of production and of returns, one address each."""

from typing import Any

from marshmallow import fields, validate

from api import wire
from api.blueprints import Blueprint
from api.commands import route
from engine.commands.base import Command
from processes.ledger.distribution.commands import TakeBackGoods
from processes.ledger.production.commands import (
    BookOutput,
    EndReservation,
    FinishWorkOrder,
    IssueMaterial,
    MergeLots,
    PartOfLot,
    PrintLabels,
    ReconcileLabels,
    RecordEquipmentUse,
    RecordMaterialLoss,
    RelabelGoods,
    ReleaseWorkOrder,
    ReserveStock,
    ReturnMaterial,
    SplitLot,
)

blueprint = Blueprint(
    "making", __name__, url_prefix="/api/ledger/acts", description="Production and returns"
)

_TEXT = validate.Length(min=1, max=200)
_COUNT = validate.Range(min=0, max=10**9)


def _text() -> fields.String:
    return fields.String(required=True, validate=_TEXT)


def _maybe() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=_TEXT)


def _quantity() -> fields.Decimal:
    return fields.Decimal(required=True, as_string=True, allow_nan=False)


def _serials() -> "fields.List[Any]":
    return fields.List(
        fields.String(validate=_TEXT), load_default=list, validate=validate.Length(max=1000)
    )


class WorkOrder(wire.CommandBody):
    item_number = _text()
    quantity = _quantity()
    site = _text()
    planned_start = fields.Date(required=True)
    planned_end = fields.Date(required=True)
    expiry = fields.Date(load_default=None, allow_none=True)
    lot_number = _maybe()
    first_serial = _maybe()
    change = _maybe()


class Returned(wire.CommandBody):
    work_order = _text()
    lot_number = _text()
    location = _text()
    quantity = _quantity()
    status = fields.String(load_default="RELEASED", validate=_TEXT)
    serial_numbers = _serials()


class Issued(Returned):
    into_serial_number = _maybe()
    operation = _maybe()


class Lost(wire.CommandBody):
    work_order = _text()
    lot_number = _text()
    kind = _text()
    quantity = _quantity()


class Used(wire.CommandBody):
    work_order = _text()
    equipment_number = _text()
    began_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True)
    operation = fields.String(load_default=None, validate=validate.Length(max=60))


class Output(wire.CommandBody):
    work_order = _text()
    quantity = _quantity()
    location = _text()
    serial_numbers = _serials()


class Finished(wire.CommandBody):
    work_order = _text()


class Labels(wire.CommandBody):
    work_order = _text()
    template = _text()
    printed = fields.Integer(required=True, validate=validate.Range(min=1, max=10**9))
    data = fields.Dict(load_default=dict)


class LabelCount(wire.CommandBody):
    label_job = _text()
    applied = fields.Integer(required=True, validate=_COUNT)
    destroyed = fields.Integer(required=True, validate=_COUNT)
    retained = fields.Integer(required=True, validate=_COUNT)


class Reserved(wire.CommandBody):
    order_kind = _text()
    order_number = _text()
    item_number = _text()
    site = _text()
    quantity = _quantity()
    usable_until = fields.Date(required=True)
    lot_number = _maybe()


class OfReservation(wire.CommandBody):
    reservation_id = fields.UUID(required=True)


class Split(wire.CommandBody):
    lot_number = _text()
    location = _text()
    status = _text()
    quantity = _quantity()
    repacked = fields.Boolean(load_default=False)


class Relabelled(wire.CommandBody):
    lot_number = _text()
    location = _text()
    status = _text()
    quantity = _quantity()
    into_item = _text()
    serial_numbers = _serials()


class Part(wire.Strict):
    lot_number = _text()
    location = _text()
    quantity = _quantity()


class Merged(wire.CommandBody):
    parts = fields.List(
        fields.Nested(Part), required=True, validate=validate.Length(min=2, max=100)
    )
    status = _text()
    location = _text()


class TakenBack(wire.CommandBody):
    shipment_number = _text()
    line = fields.Integer(required=True, validate=validate.Range(min=1, max=10**6))
    quantity = _quantity()
    location = _text()


ACTS: dict[str, tuple[type[Command], type[wire.CommandBody], str]] = {
    "release-work-order": (ReleaseWorkOrder, WorkOrder, "Release an order to make an item"),
    "issue-material": (IssueMaterial, Issued, "Issue some of a lot to a work order"),
    "return-material": (ReturnMaterial, Returned, "Take unused material back"),
    "record-loss": (RecordMaterialLoss, Lost, "Account for material that went into no good unit"),
    "record-equipment-use": (
        RecordEquipmentUse,
        Used,
        "Say which equipment an order was worked on with",
    ),
    "book-output": (BookOutput, Output, "Book what was made into quarantine"),
    "finish-work-order": (FinishWorkOrder, Finished, "Begin the production release of an order"),
    "print-labels": (PrintLabels, Labels, "Record that labels were printed"),
    "reconcile-labels": (ReconcileLabels, LabelCount, "Say what became of printed labels"),
    "reserve-stock": (ReserveStock, Reserved, "Keep what expires first for an order"),
    "end-reservation": (EndReservation, OfReservation, "Give up what was kept"),
    "split-lot": (SplitLot, Split, "Make some of a lot a lot of its own"),
    "relabel-goods": (RelabelGoods, Relabelled, "Label goods for another market"),
    "merge-lots": (MergeLots, Merged, "Make one lot of parts of the same goods"),
    "take-back": (TakeBackGoods, TakenBack, "Book what a customer sent back"),
}


def _prepared(arguments: dict[str, Any]) -> dict[str, Any]:
    """Make tuples of lists: commands are compared and kept."""
    found = dict(arguments)
    if "serial_numbers" in found:
        found["serial_numbers"] = tuple(found["serial_numbers"])
    if "parts" in found:
        found["parts"] = tuple(PartOfLot(**each) for each in found["parts"])
    return found


for _name, (_type, _body, _summary) in ACTS.items():
    route(blueprint, _name, _type, _body, _summary, _prepared)
