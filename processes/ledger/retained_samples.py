"""Retained samples: kept aside as SAMPLE, never saleable, as long as the plan asks for them."""

from engine.services import ServiceContext
from processes.ledger import locations, receipts, status_changes
from processes.ledger.balances import Place
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.locations import Location
from processes.ledger.movements import Document, Movement, post, post_serials
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.usage_decisions import in_quarantine


class NoPlaceForSamples(LedgerRefusal):
    """Retained samples lie in a place of their own."""

    def __init__(self, site: str) -> None:
        super().__init__(
            f"Site {site} has no place for samples. Ask the warehouse lead for one.",
            f"场所 {site} 没有样品货位，请联系仓库主管设置。",
            expected="sample",
        )


class TooFewForSamples(LedgerRefusal):
    """The delivery is smaller than what the plan keeps back."""

    def __init__(self, wanted: int, there: int) -> None:
        super().__init__(
            "There is less in quarantine than the retained samples that the plan asks for.",
            "待检数量少于检验方案要求的留样数量。",
            expected=str(wanted),
            found=str(there),
        )


def keep(context: ServiceContext, inspection: InspectionLot, quantity: int) -> str | None:
    """Move retained samples from quarantine to the samples' place (RETAIN); give its code.

    `quantity` is the stored integer; nothing happens for 0.
    """
    if not quantity:
        return None
    lot, place, there = in_quarantine(context, inspection)
    if quantity >= there:
        raise TooFewForSamples(quantity, there)
    where = _place_for_samples(context, inspection)
    movement = Movement(
        movement_type="RETAIN",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=Document("inspection", inspection.number),
        source=place,
        target=Place(where.location_id, "SAMPLE"),
    )
    if lot.has_serials:
        units = status_changes.serials_at(context, lot, place)
        post_serials(context, movement, units[: quantity // 10**lot.unit.decimals])
    else:
        post(context, movement)
    return where.code


def _place_for_samples(context: ServiceContext, inspection: InspectionLot) -> Location:
    line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
    found = [
        each
        for each in locations.every(context.db, context.tenant_id)
        if each.zone == "sample" and each.site == line.site
    ]
    if not found:
        raise NoPlaceForSamples(line.site)
    return min(found, key=lambda each: each.code)
