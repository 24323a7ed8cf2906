"""Logistic units: cases and pallets under a serial shipping container code (SSCC)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from biip.checksums import gs1_standard_check_digit
from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import lots
from processes.ledger.columns import AnyRow
from processes.ledger.distribution.tables import container, container_content
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import lot

_LENGTH = 18
_INSERT = insert(container)
_INSERT_CONTENT = insert(container_content)
_BY_SSCC = (
    select(container)
    .where(container.c.tenant_id == bindparam("tenant_id"))
    .where(container.c.sscc == bindparam("sscc"))
)
_CONTENT = (
    select(container_content, lot.c.lot_number)
    .join(
        lot,
        (lot.c.tenant_id == container_content.c.tenant_id)
        & (lot.c.lot_id == container_content.c.lot_id),
    )
    .where(container_content.c.tenant_id == bindparam("tenant_id"))
    .where(container_content.c.container_id == bindparam("container_id"))
    .order_by(container_content.c.line)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What lies in a container; `quantity` is a stored integer."""

    lot_number: str
    quantity: int
    serial_unit_id: UUID | None = None


class NotAnSscc(LedgerRefusal):
    """An SSCC has 18 digits, the last of which checks the others (GS1 General Specifications)."""

    def __init__(self, raw: str) -> None:
        super().__init__(
            f"“{raw}” is not an SSCC: 18 digits with the right check digit. Scan the label again.",
            f"“{raw}” 不是有效的 SSCC（18 位数字且校验位正确），请重新扫描标签。",
            found=raw,
        )


class SsccUsed(LedgerRefusal):
    """INV-05: an SSCC names one container for ever."""

    def __init__(self, sscc: str) -> None:
        super().__init__(
            f"SSCC {sscc} is in use. Print a new label.",
            f"SSCC {sscc} 已使用，请打印新标签。",
            found=sscc,
        )


def pack(
    context: ServiceContext, sscc: str, content: Sequence[Content], *, inside: str | None = None
) -> UUID:
    """Record what was packed into a container, and the container that it stands in."""
    digits = sscc.strip()
    if len(digits) != _LENGTH or not digits.isascii() or not digits.isdigit():
        raise NotAnSscc(sscc)
    if gs1_standard_check_digit(digits[:-1]) != int(digits[-1]):
        raise NotAnSscc(sscc)
    if _row(context.db, context.tenant_id, digits) is not None:
        raise SsccUsed(digits)
    parent = None if inside is None else find(context.db, context.tenant_id, inside).container_id
    container_id = context.new_id()
    key = {"tenant_id": context.tenant_id, "container_id": container_id}
    context.db.execute(
        _INSERT,
        {
            **key,
            "sscc": digits,
            "parent_id": parent,
            "actor": context.actor.username,
            "packed_at": context.now,
        },
    )
    rows = [
        {
            **key,
            "line": number,
            "lot_id": lots.by_number(context.db, context.tenant_id, each.lot_number).lot_id,
            "serial_unit_id": each.serial_unit_id,
            "quantity": each.quantity,
        }
        for number, each in enumerate(content, start=1)
    ]
    if rows:
        context.db.execute(_INSERT_CONTENT, rows)
    context.record(
        {
            "event": "container.packed",
            "sscc": digits,
            "inside": inside,
            "content": [{"lot": each.lot_number, "quantity": each.quantity} for each in content],
        }
    )
    return container_id


def find(db: Connection, tenant_id: str, sscc: str) -> AnyRow:
    """Give a container by its code; NotInLedger when there is none."""
    row = _row(db, tenant_id, sscc)
    if row is None:
        raise NotInLedger("container", "物流单元", sscc)
    return row


def content_of(db: Connection, tenant_id: str, container_id: UUID) -> list[AnyRow]:
    """List what lies in a container; more than one lot is a mixed box."""
    return list(db.execute(_CONTENT, {"tenant_id": tenant_id, "container_id": container_id}))


def _row(db: Connection, tenant_id: str, sscc: str) -> AnyRow | None:
    return db.execute(_BY_SSCC, {"tenant_id": tenant_id, "sscc": sscc}).one_or_none()
