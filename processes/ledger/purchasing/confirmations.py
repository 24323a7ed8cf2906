"""What a supplier answers to an order, and where the answer differs from it (PRC-44)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from engine.services import ServiceContext
from processes.ledger.purchasing import orders, rows
from processes.ledger.purchasing.orders import Order
from processes.ledger.purchasing.tables import order_confirmation
from processes.ledger.quantities import case_number, scaled
from processes.ledger.units import Unit

_INSERT = insert(order_confirmation)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedLine:
    """What the supplier says about a line; `quantity` in the unit of the line."""

    line: int
    quantity: Decimal
    unit_price: Decimal
    promised_date: date
    item_revision: str | None


def record(
    context: ServiceContext,
    order: Order,
    answer: Sequence[ConfirmedLine],
    *,
    reference: str,
    confirmed: bool,
    units: Mapping[int, Unit],
    need_date: date,
) -> dict[str, Any]:
    """Write the answer down and give its differences from the version in force.

    `price_percent` is the largest rise of a unit price, `late_days` the longest delay behind the
    date that was needed; a line that is not confirmed counts as a quantity of nothing.
    """
    known = {line.line: line for line in answer}
    price_percent, late_days = Decimal(0), 0
    quantity_differs, revision_differs = not confirmed, False
    listed: list[dict[str, Any]] = []
    for line in orders.lines_of(context.db, context.tenant_id, order):
        given = known.get(line.line)
        if given is None or not confirmed:
            quantity_differs = True
            listed.append({"line": line.line, "field": "quantity", "ordered": line.ordered})
            continue
        unit = units[line.line]
        rise = (given.unit_price - line.unit_price) / line.unit_price * 100
        price_percent = max(price_percent, rise)
        late_days = max(late_days, (given.promised_date - need_date).days)
        if scaled(given.quantity, unit) != line.ordered:
            quantity_differs = True
            listed.append(
                _difference(line.line, "quantity", case_number(line.ordered, unit), given.quantity)
            )
        if given.item_revision not in (None, line.item_revision):
            revision_differs = True
            listed.append(
                _difference(line.line, "revision", line.item_revision, given.item_revision)
            )
        if rise != 0:
            listed.append(_difference(line.line, "price", line.unit_price, given.unit_price))
        if given.promised_date != line.promised_date:
            listed.append(_difference(line.line, "date", line.promised_date, given.promised_date))
    found = {
        "confirmed": confirmed,
        "price_percent": price_percent,
        "late_days": late_days,
        "quantity_differs": quantity_differs,
        "revision_differs": revision_differs,
    }
    row = {
        **rows.stamped(context, "recorded_at"),
        "order_confirmation_id": context.new_id(),
        "purchase_order_id": order.purchase_order_id,
        "version": order.version,
        "reference": reference,
        "answer": [_written(line) for line in answer],
        "differences": {**found, "listed": listed},
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "purchase_order.confirmed" if confirmed else "purchase_order.not_confirmed",
            "order": order.number,
            "version": order.version,
            "reference": reference,
            "differences": listed,
        }
    )
    return {**found, "listed": listed}


def _difference(line: int, field: str, ordered: object, confirmed: object) -> dict[str, Any]:
    return {"line": line, "field": field, "ordered": str(ordered), "confirmed": str(confirmed)}


def _written(line: ConfirmedLine) -> dict[str, Any]:
    return {
        "line": line.line,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "promised_date": line.promised_date.isoformat(),
        "item_revision": line.item_revision,
    }
