"""What the service tasks of put-away do: propose a bin, compare it with the goods, book."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import locations, lots, movements, status_changes, words
from processes.ledger.balances import Place
from processes.ledger.distribution import bins, containers, contents
from processes.ledger.distribution.bins import Goods, NothingToPutAway
from processes.ledger.locations import Location
from processes.ledger.movements import Document, Movement
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal
from processes.values import context_of, text

SERVICES = ServiceRegistry()
KIND = "put_away"


class AlreadyThere(LedgerRefusal):
    """Put away is what lies elsewhere."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The goods lie at {code} already. Scan the bin that they are to go to.",
            f"货物已在 {code}，请扫描要送至的货位。",
            found=code,
        )


@SERVICES.service("put_away.propose")
def propose(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Propose the bin that fits what was scanned; those that were tried are left out."""
    asked = context_of(inputs["asked"])
    before, tried = context_of(inputs.get("proposal")), context_of(inputs.get("place"))
    what, place, goods = _scanned(context, asked)
    without = _tried(before, tried)
    found = bins.proposed(context, goods, place, without)
    counts = dict.fromkeys(each.counts_as for each in goods)
    return {
        "what": what,
        "sscc": text(asked.get("sscc")),
        "lot_number": text(asked.get("lot_number")),
        "serial_number": text(asked.get("serial_number")),
        "items": ", ".join(dict.fromkeys(each.lot.item_number for each in goods)),
        "quantity": ", ".join(_amount(each) for each in goods),
        "counts_as": words.listed("status", counts).en,
        "from": place.code,
        "bin": found[0].code if found else None,
        "without": without,
        "due": context.configuration(bins.RULES)["due"],
    }


def _tried(before: Mapping[str, Any], tried: Mapping[str, Any]) -> list[str]:
    """Give the bins not to propose again; none once room was looked for."""
    if not before.get("bin"):
        return []
    code = text(tried.get("location")) or str(before["bin"])
    return list(dict.fromkeys([*before["without"], code]))


def _scanned(
    context: ServiceContext, asked: Mapping[str, Any]
) -> tuple[str, Location, Sequence[Goods]]:
    """Give what was scanned, where it lies, and which goods that is."""
    place = locations.by_code(context.db, context.tenant_id, str(asked["location"]))
    sscc = text(asked.get("sscc"))
    if sscc is not None:
        where, inside = bins.of_container(context, sscc)
        if where.code != place.code or not inside:
            raise NothingToPutAway(sscc, place.code)
        return sscc, place, inside
    lot = lots.by_number(context.db, context.tenant_id, str(asked["lot_number"]))
    found = bins.of_lot(context, lot, place)
    serial = text(asked.get("serial_number"))
    if serial is None:
        return lot.number, place, [found]
    one = Goods(
        lot=lot,
        status=found.status,
        counts_as=found.counts_as,
        quantity=10**lot.unit.decimals,
    )
    return f"{lot.number} / {serial}", place, [one]


def _amount(goods: Goods) -> str:
    amount = amount_of(goods.quantity, goods.lot.unit)
    return f"{goods.lot.number}: {amount:f} {goods.lot.unit.code}"


@SERVICES.service("put_away.check")
def check(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Say how the bin that was scanned fits; the decision table has the say."""
    place = context_of(inputs["place"])
    if text(place.get("problem")) is not None:
        whole = {"status": True, "temperature": True, "lane": True}
        return {"problem": str(place["problem"]), **whole}
    _what, source, goods = _scanned(context, _asked(inputs))
    target = locations.by_code(context.db, context.tenant_id, str(place["location"]))
    if target.code == source.code:
        raise AlreadyThere(target.code)
    fit = bins.fitting(context, goods, [target])[target.location_id]
    return {
        "problem": None,
        "status": fit.status and target.active,
        "temperature": fit.temperature,
        "lane": fit.lane,
    }


def _asked(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    proposal = context_of(inputs["proposal"])
    return {**proposal, "location": proposal["from"]}


@SERVICES.service("put_away.book")
def book(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move what lies there to the bin; a container with all that is in it."""
    proposal = context_of(inputs["proposal"])
    target = locations.by_code(
        context.db, context.tenant_id, str(context_of(inputs["place"])["location"])
    )
    document = Document(KIND, str(context.process_instance_id))
    if proposal.get("sscc") is not None:
        made = containers.move(
            context, str(proposal["sscc"]), target.code, movement_type="PUT", document=document
        )
        return {"location": target.code, "movements": len(made)}
    _what, source, [goods] = _scanned(context, _asked(inputs))
    movement = Movement(
        movement_type="PUT",
        lot_id=goods.lot.lot_id,
        quantity=goods.quantity,
        document=document,
        source=Place(source.location_id, goods.status),
        target=Place(target.location_id, goods.status),
    )
    if goods.lot.has_serials:
        units = _units(context, proposal, goods, source)
        return {
            "location": target.code,
            "movements": len(movements.post_serials(context, movement, units)),
        }
    movements.post(context, movement)
    return {"location": target.code, "movements": 1}


def _units(
    context: ServiceContext, proposal: Mapping[str, Any], goods: Goods, source: Location
) -> list[UUID]:
    """Give the unit that was scanned, or all of the lot that lie loose there."""
    serial = text(proposal.get("serial_number"))
    if serial is not None:
        return [lots.unit_of(context.db, context.tenant_id, goods.lot, serial)]
    there = Place(source.location_id, goods.status)
    return [
        unit
        for unit in status_changes.serials_at(context, goods.lot, there)
        if contents.box_of(context.db, context.tenant_id, unit) is None
    ]
