"""What can be asked of the ledger itself: master data, one kind a command, all on the record.

Stock is not moved here: it moves in the steps of the processes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from engine.canonical import instant_text
from engine.commands import messages
from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from engine.services import ServiceContext
from processes.ledger import (
    expiries,
    instruments,
    item_import,
    item_registration,
    items,
    lapses,
    locations,
    packages,
    plans,
    suppliers,
    switching,
    trainings,
    units,
)
from processes.ledger.instruments import Calibration
from processes.ledger.item_import import BadRecord, GoodRecord
from processes.ledger.item_registration import NewItem
from processes.ledger.locations import NewLocation
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.trainings import Training
from processes.ledger.units import Conversion, Unit

REGISTER = "ledger"
"""The chain of the trail that master data is recorded in."""

SUPPLIER_STATUS, OUT_OF_TOLERANCE = "supplier.status", "instrument.oot"
"""Messages that start `lapsed_proof`; correlation: the number of supplier or instrument."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterUnits(Command):
    """Add units of measure and exact conversions between them."""

    units: tuple[Unit, ...]
    conversions: tuple[Conversion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterItem(Command):
    """Add an item with its first revision, package levels and identifiers."""

    item: NewItem


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseItem(Command):
    """Release a draft item for use, with its criticality decided."""

    item_number: str
    criticality: str
    name_zh: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeItemNumbers(Command):
    """Have one item number go on as another: they were two for one; `why` is required."""

    item_number: str
    into: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportItems(Command):
    """Import the next records of a file of items (see item_import.py)."""

    file_hash: str
    file_name: str
    records: tuple[GoodRecord | BadRecord, ...]
    last: bool
    kind: str = "gudid"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSupplier(Command):
    """Add a supplier."""

    number: str
    names: Mapping[str, str]
    country: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveSupply(Command):
    """Put a supplier on the approved list for an item and a site of ours."""

    supplier_number: str
    item_number: str
    site: str
    valid_from: date
    valid_to: date | None = None
    status: str = "approved"
    rating: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSupplierStatus(Command):
    """Approve, restrict or block a supplier; `why` goes on the record."""

    supplier_number: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetInspectionSeverity(Command):
    """Set with which severity a class of characteristics is inspected; `why` goes on the record.

    `defect_class` is critical, major or minor; `severity` reduced, normal or tightened.
    """

    supplier_number: str
    item_number: str
    defect_class: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterLocation(Command):
    """Add a place that holds stock."""

    location: NewLocation


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterInstrument(Command):
    """Add a measuring instrument; it may be used once it is calibrated."""

    number: str
    instrument_type: str
    names: Mapping[str, str]
    unit_code: str
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCalibration(Command):
    """Record the outcome of a calibration."""

    instrument_number: str
    calibrated_at: datetime
    due_on: date
    in_tolerance: bool
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTraining(Command):
    """Record that a person was trained in a subject, until a day."""

    training: Training


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterInspectionPlan(Command):
    """Put a version of an inspection plan in force from a day on."""

    item_number: str
    plan: Mapping[str, Any]


def add_to(known: CommandRegistry) -> None:
    """Add the ledger's commands to those that the engine knows."""
    known.register(RegisterUnits, _register_units)
    known.register(RegisterItem, _register_item)
    known.register(ReleaseItem, _release_item)
    known.register(MergeItemNumbers, _merge_items)
    known.register(ImportItems, _import_items)
    known.register(RegisterSupplier, _register_supplier)
    known.register(ApproveSupply, _approve_supply)
    known.register(SetSupplierStatus, _set_supplier_status)
    known.register(SetInspectionSeverity, _set_severity)
    known.register(RegisterLocation, _register_location)
    known.register(RegisterInstrument, _register_instrument)
    known.register(RecordCalibration, _record_calibration)
    known.register(RecordTraining, _record_training)
    known.register(RegisterInspectionPlan, _register_plan)
    known.register(lapses.TellLapse, lapses.tell)
    known.periodically(lapses.periodic())
    known.register(expiries.HoldExpired, _hold_expired)
    known.register(expiries.WarnOfExpiry, expiries.warn)
    known.periodically(expiries.periodic())


def _hold_expired(context: CommandContext, command: expiries.HoldExpired) -> Mapping[str, Any]:
    return expiries.hold_expired(context, ledger_context(context), command)


def ledger_context(context: CommandContext) -> ServiceContext:
    """Give the ledger the context of a command that no process instance is part of."""

    def record(event: dict[str, Any]) -> None:
        context.record(REGISTER, event)

    return ServiceContext(
        db=context.db,
        tenant_id=context.tenant_id,
        now=context.at,
        actor=context.actor,
        command_id=context.command.command_id,
        process_instance_id=None,
        activity_id=None,
        record=record,
        configuration=context.configuration,
        new_id=context.new_id,
    )


class NumberTaken(LedgerRefusal):
    """INV-05: a number names one thing for ever."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} is in the book already. Choose another number.",
            f"{number} 已存在，请使用其他编号。",
            found=number,
        )


def _require_new(
    find: Callable[[Connection, str, str], object], context: CommandContext, number: str
) -> None:
    """Refuse a number that is taken, with a sentence instead of a database error."""
    try:
        find(context.db, context.tenant_id, number)
    except NotInLedger:
        return
    raise NumberTaken(number)


def _register_units(context: CommandContext, command: RegisterUnits) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    units.register(ledger, command.units)
    for conversion in command.conversions:
        units.register_conversion(ledger, conversion)
    return {"units": [unit.code for unit in command.units]}


def _register_item(context: CommandContext, command: RegisterItem) -> Mapping[str, Any]:
    _require_new(items.by_number, context, command.item.number)
    for package in command.item.packages:
        for identifier in package.identifiers:
            if packages.by_identifier(context.db, context.tenant_id, identifier.value) is not None:
                raise NumberTaken(identifier.value)
    ledger = ledger_context(context)
    item_id = item_registration.register(ledger, [command.item])[0]
    item_registration.record_registered(ledger, command.item)
    return {"item_id": str(item_id)}


def _release_item(context: CommandContext, command: ReleaseItem) -> Mapping[str, Any]:
    found = items.by_number(context.db, context.tenant_id, command.item_number)
    items.release(
        ledger_context(context),
        found.item_id,
        criticality=command.criticality,
        name_zh=command.name_zh,
    )
    return {"item_id": str(found.item_id)}


def _merge_items(context: CommandContext, command: MergeItemNumbers) -> Mapping[str, Any]:
    found = items.by_number(context.db, context.tenant_id, command.item_number)
    into = items.by_number(context.db, context.tenant_id, command.into)
    items.merge(ledger_context(context), found, into, reason=command.why or "")
    return {"item_number": found.number, "into": into.number}


def _import_items(context: CommandContext, command: ImportItems) -> Mapping[str, Any]:
    done = item_import.import_batch(
        ledger_context(context),
        file_hash=command.file_hash,
        kind=command.kind,
        name=command.file_name,
        records=command.records,
        last=command.last,
    )
    return {
        "records_read": done.records_read,
        "accepted": done.accepted,
        "unchanged": done.unchanged,
        "refused": done.refused,
        "complete": done.complete,
    }


def _register_supplier(context: CommandContext, command: RegisterSupplier) -> Mapping[str, Any]:
    _require_new(suppliers.by_number, context, command.number)
    supplier_id = suppliers.register(
        ledger_context(context),
        command.number,
        command.names,
        country=command.country,
        status=command.status,
    )
    return {"supplier_id": str(supplier_id)}


def _approve_supply(context: CommandContext, command: ApproveSupply) -> Mapping[str, Any]:
    source = suppliers.by_number(context.db, context.tenant_id, command.supplier_number)
    found = items.by_number(context.db, context.tenant_id, command.item_number)
    suppliers.approve(
        ledger_context(context),
        source,
        found.item_id,
        found.number,
        site=command.site,
        status=command.status,
        rating=command.rating,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )
    return {}


def _set_supplier_status(context: CommandContext, command: SetSupplierStatus) -> Mapping[str, Any]:
    source = suppliers.by_number(context.db, context.tenant_id, command.supplier_number)
    suppliers.set_status(ledger_context(context), source, command.status, command.why or "")
    if source.status != command.status:
        told = {"supplier": source.number, "status": command.status, "reason": command.why}
        messages.publish(context, REGISTER, SUPPLIER_STATUS, source.number, told)
    return {}


def _set_severity(context: CommandContext, command: SetInspectionSeverity) -> Mapping[str, Any]:
    source = suppliers.by_number(context.db, context.tenant_id, command.supplier_number)
    found = items.by_number(context.db, context.tenant_id, command.item_number)
    switching.decide(
        ledger_context(context),
        source.supplier_id,
        found.item_id,
        defect_class=command.defect_class,
        severity=command.severity,
        reason=command.why or "",
    )
    return {}


def _register_location(context: CommandContext, command: RegisterLocation) -> Mapping[str, Any]:
    _require_new(locations.by_code, context, command.location.code)
    location_id = locations.register(ledger_context(context), command.location)
    return {"location_id": str(location_id)}


def _register_instrument(context: CommandContext, command: RegisterInstrument) -> Mapping[str, Any]:
    _require_new(instruments.by_number, context, command.number)
    instrument_id = instruments.register(
        ledger_context(context),
        command.number,
        command.instrument_type,
        command.names,
        unit_code=command.unit_code,
        resolution=Decimal(command.resolution),
    )
    return {"instrument_id": str(instrument_id)}


def _record_calibration(context: CommandContext, command: RecordCalibration) -> Mapping[str, Any]:
    outcome = Calibration(
        calibrated_at=command.calibrated_at,
        due_on=command.due_on,
        in_tolerance=command.in_tolerance,
        certificate=command.certificate,
    )
    doubted = instruments.record_calibration(
        ledger_context(context), command.instrument_number, outcome
    )
    if not command.in_tolerance:
        told = {
            "instrument": command.instrument_number,
            "found_at": instant_text(command.calibrated_at),
            "certificate": command.certificate,
        }
        messages.publish(context, REGISTER, OUT_OF_TOLERANCE, command.instrument_number, told)
    return {"readings_in_doubt": doubted}


def _record_training(context: CommandContext, command: RecordTraining) -> Mapping[str, Any]:
    trainings.record(ledger_context(context), command.training)
    return {}


def _register_plan(context: CommandContext, command: RegisterInspectionPlan) -> Mapping[str, Any]:
    found = items.by_number(context.db, context.tenant_id, command.item_number)
    plan = plans.read_plan(command.plan, found.item_id)
    plan_id = plans.register(ledger_context(context), plan)
    return {"inspection_plan_id": str(plan_id)}
