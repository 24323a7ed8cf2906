"""What can be asked of distribution: markets, consignees, and the shipment itself.

A shipment that is refused leaves its reason on the record, whoever asked for it and by which way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from engine.outcomes import Rejection
from processes.ledger import lots
from processes.ledger.commands import REGISTER, NumberTaken, ledger_context
from processes.ledger.distribution import (
    consignees,
    containers,
    packing,
    registrations,
    shipments,
)
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.containers import Content
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.movements import Document, ReasonMissing
from processes.ledger.quantities import scaled
from processes.ledger.refusals import NotInLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterConsignee(Command):
    """Add a consignee with its licences."""

    consignee: NewConsignee


@dataclass(frozen=True, slots=True, kw_only=True)
class AddConsigneeLicence(Command):
    """Enter a renewed licence of a consignee."""

    consignee_number: str
    licence: Licence


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterInMarket(Command):
    """Enter the registration of an item in a market."""

    registration: NewRegistration


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRegistration(Command):
    """End a registration before its day; `why` goes on the record."""

    registration_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedGoods:
    """Some of a lot that goes into a container, or is taken out.

    `quantity` is counted in the lot's stock unit, or in packages where `package` is the identifier
    (GTIN) that was scanned: a case counts as what is in it. `status` is said only where the lot
    lies at the place in several.
    """

    lot_number: str
    quantity: Decimal = Decimal(1)
    serial_number: str | None = None
    package: str | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackContainer(Command):
    """Begin a container at a place under an SSCC, with what lies there."""

    sscc: str
    location: str
    content: tuple[PackedGoods, ...] = ()
    kind: str = "case"
    inside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FillContainer(Command):
    """Put more into a container."""

    sscc: str
    content: tuple[PackedGoods, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackContainer(Command):
    """Take content out of a container; without `content` all that is in it, boxes excepted."""

    sscc: str
    content: tuple[PackedGoods, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PutContainerInside(Command):
    """Put a box onto a pallet that stands beside it, or take it off (None)."""

    sscc: str
    inside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveContainer(Command):
    """Move a container with all that is in it."""

    sscc: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedGoods:
    """A line of a shipment as it is asked for; `quantity` in the stock unit of the lot's item."""

    lot_number: str
    location: str
    quantity: Decimal
    serial_number: str | None = None
    specification: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostShipment(Command):
    """Let goods leave for a consignee, past every gate."""

    consignee: str
    order_number: str
    site: str
    lines: tuple[ShippedGoods, ...]
    market: str | None = None
    carrier: str | None = None
    seal: str | None = None
    logger: str | None = None
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackGoods(Command):
    """Book what a customer sent back of a shipment's line into return quarantine; `why` is
    required."""

    shipment_number: str
    line: int
    quantity: Decimal
    location: str


def add_to(known: CommandRegistry) -> None:
    """Add the commands of distribution to those that the engine knows."""
    known.register(RegisterConsignee, _register_consignee)
    known.register(AddConsigneeLicence, _add_licence)
    known.register(RegisterInMarket, _register_in_market)
    known.register(EndRegistration, _end_registration)
    known.register(PackContainer, _pack)
    known.register(FillContainer, _fill)
    known.register(UnpackContainer, _unpack)
    known.register(PutContainerInside, _put_inside)
    known.register(MoveContainer, _move)
    known.register(PostShipment, _post_shipment)
    known.register(TakeBackGoods, _take_back)


def _register_consignee(context: CommandContext, command: RegisterConsignee) -> Mapping[str, Any]:
    number = command.consignee.number
    try:
        consignees.by_number(context.db, context.tenant_id, number)
    except NotInLedger:
        made = consignees.register(ledger_context(context), command.consignee)
        return {"consignee_id": str(made)}
    raise NumberTaken(number)


def _add_licence(context: CommandContext, command: AddConsigneeLicence) -> Mapping[str, Any]:
    consignees.add_licence(ledger_context(context), command.consignee_number, command.licence)
    return {}


def _register_in_market(context: CommandContext, command: RegisterInMarket) -> Mapping[str, Any]:
    made = registrations.register(ledger_context(context), command.registration)
    return {"registration_id": str(made)}


def _end_registration(context: CommandContext, command: EndRegistration) -> Mapping[str, Any]:
    registrations.end(
        ledger_context(context),
        command.registration_id,
        on=command.on,
        reason=command.why or "",
    )
    return {}


def _pack(context: CommandContext, command: PackContainer) -> Mapping[str, Any]:
    made = containers.pack(
        ledger_context(context),
        command.sscc,
        _content(context, command.content),
        location=command.location,
        kind=command.kind,
        inside=command.inside,
    )
    return {"container_id": str(made)}


def _fill(context: CommandContext, command: FillContainer) -> Mapping[str, Any]:
    content = _content(context, command.content)
    containers.put_in(ledger_context(context), command.sscc, content)
    return {}


def _unpack(context: CommandContext, command: UnpackContainer) -> Mapping[str, Any]:
    content = _content(context, command.content) if command.content else None
    taken = containers.unpack(ledger_context(context), command.sscc, content)
    return {"parts": len(taken)}


def _put_inside(context: CommandContext, command: PutContainerInside) -> Mapping[str, Any]:
    containers.nest(ledger_context(context), command.sscc, command.inside)
    return {}


def _move(context: CommandContext, command: MoveContainer) -> Mapping[str, Any]:
    made = containers.move(ledger_context(context), command.sscc, command.location)
    return {"movements": [str(each) for each in made]}


def _content(context: CommandContext, goods: tuple[PackedGoods, ...]) -> list[Content]:
    return [
        packing.content_of(
            context.db,
            context.tenant_id,
            each.lot_number,
            each.quantity,
            serial_number=each.serial_number,
            package=each.package,
            status=each.status,
        )
        for each in goods
    ]


def _post_shipment(context: CommandContext, command: PostShipment) -> Mapping[str, Any]:
    try:
        made = shipments.post(ledger_context(context), _asked(context, command))
    except Rejection as refusal:
        refusal.consequence = partial(_record_refusal, command=command, refusal=refusal)
        raise
    return {"shipment_id": str(made.shipment_id), "shipment_number": made.number}


def _take_back(context: CommandContext, command: TakeBackGoods) -> Mapping[str, Any]:
    why = (command.why or "").strip()
    if not why:
        raise ReasonMissing("RTN")
    lines = shipments.lines_of(context.db, context.tenant_id, command.shipment_number)
    line = next((each for each in lines if each.line == command.line), None)
    if line is None:
        named = f"{command.shipment_number}/{command.line}"
        raise NotInLedger("shipment line", "发货行", named)
    unit = lots.find(context.db, context.tenant_id, line.lot_id).unit
    movement_id = shipments.take_back(
        ledger_context(context),
        line.shipment_line_id,
        scaled(command.quantity, unit),
        location=command.location,
        reason=why,
        document=Document("command", str(command.command_id)),
    )
    return {"movement_id": str(movement_id), "lot_number": line.lot_number}


def _asked(context: CommandContext, command: PostShipment) -> NewShipment:
    return NewShipment(
        consignee=command.consignee,
        order_number=command.order_number,
        site=command.site,
        market=command.market,
        carrier=command.carrier,
        seal=command.seal,
        logger=command.logger,
        containers=command.containers,
        new_first_because=command.why,
        lines=tuple(
            NewLine(
                lot_number=each.lot_number,
                location=each.location,
                quantity=scaled(
                    each.quantity,
                    lots.by_number(context.db, context.tenant_id, each.lot_number).unit,
                ),
                serial_number=each.serial_number,
                specification=each.specification,
                model=each.model,
            )
            for each in command.lines
        ),
    )


def _record_refusal(context: CommandContext, command: PostShipment, refusal: Rejection) -> None:
    """Leave on the record that goods were to leave that may not, and why they may not."""
    context.record(
        REGISTER,
        {
            "event": "shipment.refused",
            "consignee": command.consignee,
            "order": command.order_number,
            "lots": [each.lot_number for each in command.lines],
            **({"containers": list(command.containers)} if command.containers else {}),
            "rule": type(refusal).__name__,
            "code": refusal.expected,
            "reason": dict(refusal.message),
        },
    )
