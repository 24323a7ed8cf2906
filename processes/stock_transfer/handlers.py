"""What the service tasks of a transfer do: let goods leave, book what arrives and what is lost."""

from collections.abc import Mapping
from typing import Any

from engine.services import ServiceContext, ServiceRegistry
from processes.ledger import locations, lots
from processes.ledger.distribution import bins, transfers
from processes.ledger.distribution.transfers import Transferred, What
from processes.ledger.locations import Location
from processes.ledger.numbers import next_number
from processes.ledger.quantities import amount_of, scaled
from processes.ledger.refusals import LedgerRefusal
from processes.values import amount, context_of, rows, text

SERVICES = ServiceRegistry()
COUNTED_AS_ONE = "container"


class OnTheWay(LedgerRefusal):
    """Goods in transit are not forgotten by cancelling."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Goods of {number} are on their way. Receive them, or say what became of them.",
            f"{number} 的货物仍在途，请先接收，或说明其去向。",
            found=number,
        )


class OtherUnits(LedgerRefusal):
    """What arrives was sent."""

    def __init__(self, serials: list[str]) -> None:
        shown = ", ".join(serials)
        super().__init__(
            f"These units were not sent with this transfer: {shown}. Scan again.",
            f"以下序列号不属于本次调拨：{shown}，请重新扫描。",
            found=shown,
        )


@SERVICES.service("stock_transfer.send")
def send(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move goods where they go, or into transit to another site."""
    asked = context_of(inputs["asked"])
    source, target = _place(context, asked["location"]), _place(context, asked["target"])
    sscc, number = text(asked.get("sscc")), next_number(context, "XFR")
    what = What(
        lot_number=None if sscc else text(asked.get("lot_number")),
        quantity=None if sscc else _stored(context, asked),
        serials=() if sscc else tuple(_serials(asked)),
        sscc=sscc,
    )
    gone = transfers.send(context, what, source, target, number)
    return _transfer(context, asked, number, what, gone)


def _transfer(
    context: ServiceContext,
    asked: Mapping[str, Any],
    number: str,
    what: What,
    gone: Transferred,
) -> Mapping[str, Any]:
    unit = COUNTED_AS_ONE if what.sscc else gone.goods[0].lot.unit.code
    left = "1" if what.sscc else f"{amount_of(gone.quantity, gone.goods[0].lot.unit):f}"
    shown = ", ".join(
        f"{each.lot.number}: {amount_of(each.quantity, each.lot.unit):f} {each.lot.unit.code}"
        for each in gone.goods
    )
    return {
        "number": number,
        "what": f"{what.sscc} ({shown})" if what.sscc else shown,
        "scan": what.sscc or str(what.lot_number),
        "sscc": what.sscc,
        "lot_number": what.lot_number,
        "serials": list(what.serials),
        "has_serials": bool(what.serials),
        "from": str(asked["location"]),
        "to": str(asked["target"]),
        "at": gone.at.code,
        "in_transit": gone.in_transit,
        "missing": left if gone.in_transit else "0",
        "unit": unit,
        "condition": None,
        "due": context.configuration(bins.RULES)["due"],
    }


@SERVICES.service("stock_transfer.receive")
def receive(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move what arrived out of transit to where it lies now; the rest is still missing."""
    transfer, arrived = context_of(inputs["transfer"]), context_of(inputs["arrived"])
    done = amount(arrived["quantity"])
    if done:
        target = _place(context, arrived["location"])
        _move(context, transfer, _part(context, transfer, arrived), target)
    gone = set(_serials(arrived))
    return {
        **transfer,
        "missing": f"{amount(transfer['missing']) - done:f}",
        "serials": [each for each in transfer["serials"] if each not in gone],
        "condition": arrived["condition"],
    }


@SERVICES.service("stock_transfer.settle")
def settle(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Book what is missing as lost or as never sent; or go on waiting for it."""
    transfer, explained = context_of(inputs["transfer"]), context_of(inputs["explained"])
    decision, reason = str(explained["decision"]), str(explained["reason"])
    event = {"event": "transfer.difference", "transfer": transfer["number"], "decision": decision}
    context.record({**event, "missing": transfer["missing"], "reason": reason})
    if decision == "coming":
        return transfer
    rest = _rest(context, transfer)
    if decision == "back":
        _move(context, transfer, rest, _place(context, transfer["from"]))
    else:
        transit = _place(context, transfer["at"])
        goods = transfers.part(context, rest, transit)
        transfers.lose(context, rest, goods, transit, str(transfer["number"]), reason)
    return {**transfer, "missing": "0"}


@SERVICES.service("stock_transfer.cancelled")
def cancelled(context: ServiceContext, case: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse to cancel over goods on their way."""
    del context
    transfer = context_of(case.get("transfer"))
    if transfer and transfer["missing"] != "0":
        raise OnTheWay(str(transfer["number"]))
    return {}


def _move(
    context: ServiceContext, transfer: Mapping[str, Any], what: What, target: Location
) -> None:
    """Move goods out of transit; the place has to fit them as they are now."""
    transit = _place(context, transfer["at"])
    goods = transfers.part(context, what, transit)
    fit = bins.fitting(context, goods, [target])[target.location_id]
    if not fit.status:
        raise transfers.DoesNotBelongThere(goods[0], target, status=True)
    transfers.move(context, what, goods, transit, target, str(transfer["number"]))


def _part(context: ServiceContext, transfer: Mapping[str, Any], arrived: Mapping[str, Any]) -> What:
    if transfer["sscc"] is not None:
        return What(sscc=str(transfer["sscc"]))
    serials = _serials(arrived)
    strange = sorted(set(serials) - {str(each) for each in transfer["serials"]})
    if strange:
        raise OtherUnits(strange)
    given = {"lot_number": transfer["lot_number"], "quantity": arrived["quantity"]}
    return What(
        lot_number=str(transfer["lot_number"]),
        quantity=_stored(context, given),
        serials=tuple(serials),
    )


def _rest(context: ServiceContext, transfer: Mapping[str, Any]) -> What:
    if transfer["sscc"] is not None:
        return What(sscc=str(transfer["sscc"]))
    given = {"lot_number": transfer["lot_number"], "quantity": transfer["missing"]}
    serials = tuple(str(each) for each in transfer["serials"])
    lot_number = str(transfer["lot_number"])
    return What(lot_number=lot_number, quantity=_stored(context, given), serials=serials)


def _stored(context: ServiceContext, given: Mapping[str, Any]) -> int | None:
    if given.get("quantity") is None:
        return None
    lot = lots.by_number(context.db, context.tenant_id, str(given["lot_number"]))
    return scaled(amount(given["quantity"]), lot.unit)


def _serials(given: Mapping[str, Any]) -> list[str]:
    return [str(row["serial_number"]) for row in rows(given.get("units"))]


def _place(context: ServiceContext, code: object) -> Location:
    return locations.by_code(context.db, context.tenant_id, str(code))
