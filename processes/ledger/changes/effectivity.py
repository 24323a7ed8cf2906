"""From which lot or serial number a change counts (CC-04), where its day alone does not say.

The number belongs to the new revision of an item: what is made or received with a number below it
keeps the revision before. A change without a new revision cannot count by number, because nothing
on its goods would show on which side they lie.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from processes.ledger import items, lot_numbers
from processes.ledger.changes.affected import Affected
from processes.ledger.changes.implementation import Effectivity
from processes.ledger.refusals import LedgerRefusal

BY_NUMBER = ("lot", "serial")
REVISION = "item_revision"


class NoRevisionToCount(LedgerRefusal):
    """A lot or serial number divides revisions, and nothing else."""

    def __init__(self) -> None:
        super().__init__(
            "A change counts from a lot or serial number only where it brings a new revision of an "
            "item. Add the revision to the change, or choose a day.",
            "只有产生物料新版本的变更才能按批号或序列号切换。请在变更中加入新版本，或改按日期切换。",
            expected=REVISION,
        )


class NoSerials(LedgerRefusal):
    """Serial numbers divide what has them."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"Item {number} has no serial numbers. Choose a lot number or a day.",
            f"物料 {number} 不按序列号管理，请改按批号或日期切换。",
            found=number,
        )


def require_countable(
    db: Connection, tenant_id: str, planned: Effectivity, objects: Iterable[Affected]
) -> None:
    """Refuse a plan whose number would divide nothing, or that is no number."""
    if planned.kind not in BY_NUMBER:
        return
    revised = [each.key for each in objects if each.kind == REVISION]
    if not revised:
        raise NoRevisionToCount
    for number in (planned.from_number or "").split():
        lot_numbers.supplier_number(number)
    if planned.kind == "serial":
        for key in revised:
            if not items.by_number(db, tenant_id, key).has_serials:
                raise NoSerials(key)


def first_numbers(planned: Effectivity) -> tuple[str | None, str | None]:
    """Give the first lot number and the first serial number that a change counts from."""
    by_lot, by_serial = (planned.kind == kind for kind in BY_NUMBER)
    return planned.from_number if by_lot else None, planned.from_number if by_serial else None
