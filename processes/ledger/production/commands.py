"""What can be asked of production: orders, material, output, labels; lots that become others.

Quantities are amounts in the stock unit of the lot's item. What needs a signature (closing an
order, an issue above the need, a label difference) is refused here and belongs in a step of a
process, which signs. `BookGenerated` books a generated data set; only the engine asks it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.identifiers import derived_id
from engine.services import ServiceContext
from engine.store.tables import outbox
from processes.ledger import items, locations, lots
from processes.ledger.balances import Place
from processes.ledger.commands import REGISTER, ledger_context
from processes.ledger.distribution import reservations
from processes.ledger.distribution.reservations import Wanted
from processes.ledger.distribution.tables import reservation, reservation_end
from processes.ledger.genealogy import lot_changes
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.lot_numbers import own_number
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, ReasonMissing
from processes.ledger.production import (
    acts,
    dossiers,
    equipment,
    history_record,
    labels,
    shop_floor,
    stops,
    work_orders,
)
from processes.ledger.production.equipment import Qualification, Use
from processes.ledger.production.labels import LabelCount
from processes.ledger.production.tables import LOSSES
from processes.ledger.production.work_orders import Issue, NewWorkOrder
from processes.ledger.quantities import scaled
from processes.ledger.refusals import NotInLedger
from processes.ledger.tables import serial_unit

_SERIAL = (
    select(serial_unit.c.serial_unit_id)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.item_id == bindparam("item_id"))
    .where(serial_unit.c.serial_number == bindparam("serial_number"))
)


_OPEN_RESERVATION = (
    select(reservation.c.reservation_id)
    .outerjoin(
        reservation_end,
        (reservation_end.c.tenant_id == reservation.c.tenant_id)
        & (reservation_end.c.reservation_id == reservation.c.reservation_id),
    )
    .where(reservation.c.tenant_id == bindparam("tenant_id"))
    .where(reservation.c.reservation_id == bindparam("reservation_id"))
    .where(reservation_end.c.reservation_id.is_(None))
)
_TOLD = (
    select(outbox.c.outbox_id)
    .where(outbox.c.tenant_id == bindparam("tenant_id"))
    .where(outbox.c.outbox_id == bindparam("outbox_id"))
)
FINISHED = "work_order.finished"
"""The message that begins a production release."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookGenerated(Command):
    """Book the next acts of a generated data set; only the engine asks, on a new installation."""

    acts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseWorkOrder(Command):
    """Release an order to make so much of an item by the bill in force.

    `change` (of every command) is the temporary change or deviation that the lot is made under.
    """

    item_number: str
    quantity: Decimal
    site: str
    planned_start: date
    planned_end: date
    expiry: date | None = None
    lot_number: str | None = None
    first_serial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueMaterial(Command):
    """Issue some of a lot to a work order; units by their serial numbers."""

    work_order: str
    lot_number: str
    location: str
    quantity: Decimal
    status: str = "RELEASED"
    serial_numbers: tuple[str, ...] = ()
    into_serial_number: str | None = None
    operation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnMaterial(Command):
    """Take unused material back from a work order."""

    work_order: str
    lot_number: str
    location: str
    quantity: Decimal
    status: str = "RELEASED"
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMaterialLoss(Command):
    """Account for material that went into no good unit; `why` says how it was lost."""

    work_order: str
    lot_number: str
    kind: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordEquipmentUse(Command):
    """Say which equipment an order was worked on with, from when to when."""

    work_order: str
    equipment_number: str
    began_at: datetime
    ended_at: datetime
    operation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QualifyEquipment(Command):
    """Say until when equipment is qualified, by which report."""

    equipment_number: str
    qualified_on: date
    valid_to: date
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookOutput(Command):
    """Book what was made into quarantine, with the serial numbers of its units."""

    work_order: str
    quantity: Decimal
    location: str
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishWorkOrder(Command):
    """Say that the last output of an order is booked: its production release begins, once.

    Refused for an order that is worked on in its process, which hands it over itself.
    """

    work_order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintLabels(Command):
    """Record that labels were printed for a work order."""

    work_order: str
    template: str
    printed: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileLabels(Command):
    """Say what became of the labels of a job."""

    label_job: str
    applied: int
    destroyed: int
    retained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveStock(Command):
    """Keep what expires first for an order; another lot only with `why`."""

    order_kind: str
    order_number: str
    item_number: str
    site: str
    quantity: Decimal
    usable_until: date
    lot_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReservation(Command):
    """Give up what was kept."""

    reservation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitLot(Command):
    """Make some of a lot at a place a lot of its own; `why` is required."""

    lot_number: str
    location: str
    status: str
    quantity: Decimal
    repacked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RelabelGoods(Command):
    """Label some of a lot, or units of it, as another item for another market; `why` is required.

    The goods stay where they are in their status; units keep their serial numbers.
    """

    lot_number: str
    location: str
    status: str
    quantity: Decimal
    into_item: str
    serial_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfLot:
    """Some of a lot, as it is asked for."""

    lot_number: str
    location: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLots(Command):
    """Make one lot of parts of the same goods in one status; `why` is required."""

    parts: tuple[PartOfLot, ...]
    status: str
    location: str


def add_to(known: CommandRegistry) -> None:
    """Add the commands of production to those that the engine knows."""
    known.register(BookGenerated, _book)
    known.register(dossiers.TakeDossier, dossiers.take)
    known.register(dossiers.TakeDossierReply, dossiers.take_reply)
    known.periodically(dossiers.periodic())
    known.register(ReleaseWorkOrder, _release)
    known.register(IssueMaterial, _issue)
    known.register(ReturnMaterial, _return)
    known.register(RecordMaterialLoss, _lose)
    known.register(RecordEquipmentUse, _use)
    known.register(QualifyEquipment, _qualify)
    known.register(BookOutput, _output)
    known.register(FinishWorkOrder, _finish)
    known.register(PrintLabels, _print)
    known.register(ReconcileLabels, _reconcile)
    known.register(ReserveStock, _reserve)
    known.register(EndReservation, _end_reservation)
    known.register(SplitLot, _split)
    known.register(RelabelGoods, _relabel)
    known.register(MergeLots, _merge)


def _book(context: CommandContext, command: BookGenerated) -> Mapping[str, Any]:
    return {"made": acts.carry_out(ledger_context(context), command.acts)}


def _release(context: CommandContext, command: ReleaseWorkOrder) -> Mapping[str, Any]:
    made = work_orders.release(
        ledger_context(context),
        NewWorkOrder(
            item_number=command.item_number,
            quantity=command.quantity,
            site=command.site,
            planned_start=command.planned_start,
            planned_end=command.planned_end,
            expiry=command.expiry,
            lot_number=command.lot_number,
            first_serial=command.first_serial,
            change=command.change,
        ),
    )
    lot = lots.find(context.db, context.tenant_id, made.lot_id)
    return {"work_order": made.number, "lot_number": lot.number}


def _issue(context: CommandContext, command: IssueMaterial) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    into = None
    if command.into_serial_number is not None:
        order = work_orders.by_number(context.db, context.tenant_id, command.work_order)
        into = _serials(ledger, order.item_id, (command.into_serial_number,))[0]
    given = _given(ledger, command, into=into, operation=command.operation)
    made = work_orders.issue(ledger, command.work_order, given)
    return {"movements": [str(each) for each in made]}


def _return(context: CommandContext, command: ReturnMaterial) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    given = _given(ledger, command)
    made = work_orders.return_unused(ledger, command.work_order, given, into=command.status)
    return {"movements": [str(each) for each in made]}


def _given(
    context: ServiceContext,
    command: IssueMaterial | ReturnMaterial,
    *,
    into: UUID | None = None,
    operation: str | None = None,
) -> Issue:
    used = lots.by_number(context.db, context.tenant_id, command.lot_number)
    return Issue(
        lot_number=used.number,
        location=command.location,
        quantity=scaled(command.quantity, used.unit),
        status=command.status,
        serial_unit_ids=_serials(context, used.item_id, command.serial_numbers),
        into_serial_id=into,
        operation=operation,
        reason=command.why,
    )


def _lose(context: CommandContext, command: RecordMaterialLoss) -> Mapping[str, Any]:
    used = lots.by_number(context.db, context.tenant_id, command.lot_number)
    if command.kind not in LOSSES:
        raise NotInLedger("kind of loss", "损耗类型", command.kind)
    work_orders.record_loss(
        ledger_context(context),
        command.work_order,
        used.number,
        kind=command.kind,
        quantity=scaled(command.quantity, used.unit),
        reason=_why(command, command.kind),
    )
    return {}


def _use(context: CommandContext, command: RecordEquipmentUse) -> Mapping[str, Any]:
    use = Use(
        equipment_number=command.equipment_number,
        began_at=command.began_at,
        ended_at=command.ended_at,
        operation=command.operation,
    )
    equipment.record(ledger_context(context), command.work_order, use)
    return {}


def _qualify(context: CommandContext, command: QualifyEquipment) -> Mapping[str, Any]:
    qualification = Qualification(
        equipment_number=command.equipment_number,
        qualified_on=command.qualified_on,
        valid_to=command.valid_to,
        evidence=command.evidence,
    )
    equipment.qualify(ledger_context(context), qualification)
    return {}


def _output(context: CommandContext, command: BookOutput) -> Mapping[str, Any]:
    order = work_orders.by_number(context.db, context.tenant_id, command.work_order)
    made = lots.find(context.db, context.tenant_id, order.lot_id)
    units = work_orders.output(
        ledger_context(context),
        command.work_order,
        quantity=scaled(command.quantity, made.unit),
        location=command.location,
        serials=command.serial_numbers,
    )
    return {"lot_number": made.number, "serial_numbers": list(units)}


def _finish(context: CommandContext, command: FinishWorkOrder) -> Mapping[str, Any]:
    order = work_orders.by_number(context.db, context.tenant_id, command.work_order)
    stops.require_going(context.db, context.tenant_id, order.work_order_id, order.number)
    ledger = ledger_context(context)
    shop_floor.require_no_process(ledger, order)
    record = history_record.of_order(ledger, command.work_order)
    number = str(record["work_order"])
    payload = {"work_order": number, "lot_number": record["lot_number"]}
    outbox_id = derived_id(FINISHED, context.tenant_id, number)
    key = {"tenant_id": context.tenant_id, "outbox_id": outbox_id}
    new = context.db.execute(_TOLD, key).first() is None
    if new:
        publish(context, REGISTER, FINISHED, number, payload, outbox_id=outbox_id)
    return {**payload, "new": new}


def _print(context: CommandContext, command: PrintLabels) -> Mapping[str, Any]:
    number = labels.print_job(
        ledger_context(context),
        command.work_order,
        template=command.template,
        data=command.data,
        printed=command.printed,
    )
    return {"label_job": number}


def _reconcile(context: CommandContext, command: ReconcileLabels) -> Mapping[str, Any]:
    count = LabelCount(
        applied=command.applied,
        destroyed=command.destroyed,
        retained=command.retained,
        explanation=command.why,
    )
    labels.reconcile(ledger_context(context), command.label_job, count)
    return {}


def _reserve(context: CommandContext, command: ReserveStock) -> Mapping[str, Any]:
    item = items.by_number(context.db, context.tenant_id, command.item_number)
    unit = items.stock_unit(context.db, context.tenant_id, item)
    wanted = Wanted(
        item_number=item.number,
        site=command.site,
        quantity=scaled(command.quantity, unit),
        usable_until=command.usable_until,
        lot_number=command.lot_number,
        override_reason=command.why,
    )
    document = Document(command.order_kind, command.order_number)
    kept = reservations.reserve(ledger_context(context), wanted, document)
    return {
        "reservations": [
            {
                "reservation_id": str(each.reservation_id),
                "lot_number": each.lot_number,
                "location": each.location_code,
                "quantity": each.quantity,
            }
            for each in kept
        ]
    }


def _end_reservation(context: CommandContext, command: EndReservation) -> Mapping[str, Any]:
    key = {"tenant_id": context.tenant_id, "reservation_id": command.reservation_id}
    if context.db.execute(_OPEN_RESERVATION, key).first() is None:
        raise NotInLedger("open reservation", "有效预留", command.reservation_id)
    reservations.end(ledger_context(context), command.reservation_id, "cancelled")
    return {}


def _split(context: CommandContext, command: SplitLot) -> Mapping[str, Any]:
    part = _part(context, command.lot_number, command.location, command.status, command.quantity)
    made = lot_changes.split(
        ledger_context(context),
        part,
        reason=_why(command, "REPACK" if command.repacked else "SPLIT"),
        document=_asked_by(command),
        kind="repack" if command.repacked else "split",
    )
    return {"lot_number": made.number}


def _relabel(context: CommandContext, command: RelabelGoods) -> Mapping[str, Any]:
    part = _part(context, command.lot_number, command.location, command.status, command.quantity)
    ledger, document = ledger_context(context), _asked_by(command)
    why = _why(command, "RELABEL")
    if command.serial_numbers:
        numbers = [own_number(each) for each in command.serial_numbers]
        made = lot_changes.relabel_units(
            ledger,
            part,
            numbers,
            item_number=command.into_item,
            to=part.place,
            reason=why,
            document=document,
        )
    else:
        made = lot_changes.relabel(
            ledger,
            part,
            item_number=command.into_item,
            to=part.place,
            reason=why,
            document=document,
        )
    return {"lot_number": made.number, "item_number": made.item_number}


def _merge(context: CommandContext, command: MergeLots) -> Mapping[str, Any]:
    parts = [
        _part(context, each.lot_number, each.location, command.status, each.quantity)
        for each in command.parts
    ]
    made: Lot = lot_changes.merge(
        ledger_context(context),
        parts,
        to=_place(context, command.location, command.status),
        reason=_why(command, "MERGE"),
        document=_asked_by(command),
    )
    return {"lot_number": made.number}


def _part(
    context: CommandContext, lot_number: str, location: str, status: str, quantity: Decimal
) -> Part:
    found = lots.by_number(context.db, context.tenant_id, lot_number)
    place = _place(context, location, status)
    return Part(lot_id=found.lot_id, place=place, quantity=scaled(quantity, found.unit))


def _place(context: CommandContext, location: str, status: str) -> Place:
    found = locations.by_code(context.db, context.tenant_id, location)
    return Place(found.location_id, status)


def _serials(context: ServiceContext, item_id: UUID, serial_numbers: tuple[str, ...]) -> list[UUID]:
    """Give the units of an item by serial number; refused for one that is not in the book."""
    found: list[UUID] = []
    for serial_number in serial_numbers:
        key = {
            "tenant_id": context.tenant_id,
            "item_id": item_id,
            "serial_number": own_number(serial_number),
        }
        unit = context.db.execute(_SERIAL, key).scalar_one_or_none()
        if unit is None:
            raise NotInLedger("serial number", "序列号", serial_number)
        found.append(unit)
    return found


def _why(command: Command, movement_type: str) -> str:
    """Give the reason of a command that has to have one."""
    why = (command.why or "").strip()
    if not why:
        raise ReasonMissing(movement_type)
    return why


def _asked_by(command: Command) -> Document:
    """The command itself is the record that a lot was divided for."""
    return Document("command", str(command.command_id))
