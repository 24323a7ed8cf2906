"""Shipments from a file of another system: each goes the way that a person's would, past the gates.

CSV in UTF-8 with a head line; the lines of one order stand together and become one shipment.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import groupby
from pathlib import Path
from uuid import UUID

from engine.actors import Actor
from engine.dispatcher import Dispatcher
from engine.outcomes import Outcome
from processes.ledger.distribution.commands import PostShipment, ShippedGoods
from processes.ledger.refusals import LedgerRefusal

REQUIRED = ("order_number", "consignee", "site", "lot_number", "location", "quantity")
OPTIONAL = ("serial_number", "market", "carrier", "specification", "model")


@dataclass(frozen=True, slots=True)
class FileUnreadable(Exception):
    """The file is not what it should be; `where` is the line, `refusal` says what to do."""

    where: int
    refusal: LedgerRefusal


def import_shipments(
    dispatcher: Dispatcher, actor: Actor, path: Path
) -> Iterator[tuple[str, Outcome]]:
    """Post the shipments of a file one by one; give each order's number with its outcome."""
    for command in read(path, dispatcher.resources.new_id):
        yield command.order_number, dispatcher.dispatch(command, actor)


def read(path: Path, new_id: Callable[[], UUID]) -> list[PostShipment]:
    """Read a file into commands; FileUnreadable for the first line that cannot be read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        _require_whole(number, row)
    return [
        _shipment(list(lines), new_id())
        for _, lines in groupby(rows, key=lambda row: row["order_number"])
    ]


def _shipment(rows: list[dict[str, str]], command_id: UUID) -> PostShipment:
    first = rows[0]
    return PostShipment(
        command_id=command_id,
        order_number=first["order_number"],
        consignee=first["consignee"],
        site=first["site"],
        market=first.get("market") or None,
        carrier=first.get("carrier") or None,
        lines=tuple(
            ShippedGoods(
                lot_number=row["lot_number"],
                location=row["location"],
                quantity=Decimal(row["quantity"]),
                serial_number=row.get("serial_number") or None,
                specification=row.get("specification") or None,
                model=row.get("model") or None,
            )
            for row in rows
        ),
    )


def _require_whole(number: int, row: Mapping[str, str | None]) -> None:
    missing = [name for name in REQUIRED if not (row.get(name) or "").strip()]
    if missing:
        raise FileUnreadable(
            number,
            LedgerRefusal(
                f"Line {number} lacks {', '.join(missing)}. Complete the file and import it again.",
                f"第 {number} 行缺少 {'、'.join(missing)}，请补全文件后重新导入。",
                found=", ".join(missing),
            ),
        )
    quantity = row["quantity"] or ""
    try:
        Decimal(quantity)
    except InvalidOperation:
        raise FileUnreadable(
            number,
            LedgerRefusal(
                f"Line {number}: “{quantity}” is not a quantity. Write a number such as 12.5.",
                f"第 {number} 行：“{quantity}” 不是数量，请填写数字，例如 12.5。",
                found=quantity,
            ),
        ) from None
