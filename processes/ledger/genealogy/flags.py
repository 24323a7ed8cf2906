"""Holds that reach what a lot went into (INV-13): asked for wherever goods are used or shipped."""

from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from processes.ledger.columns import AnyRow
from processes.ledger.genealogy.tables import hold_reach
from processes.ledger.genealogy.trace import UP
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import hold, hold_release, lot

_ANY = select(hold_reach.c.hold_id).where(hold_reach.c.tenant_id == bindparam("tenant_id")).limit(1)
_ABOVE = (
    select(lot.c.lot_number, hold.c.kind, hold.c.reason)
    .select_from(UP)
    .join(hold, (hold.c.tenant_id == bindparam("tenant_id")) & (hold.c.lot_id == UP.c.lot_id))
    .join(
        hold_reach,
        (hold_reach.c.tenant_id == hold.c.tenant_id) & (hold_reach.c.hold_id == hold.c.hold_id),
    )
    .join(lot, (lot.c.tenant_id == hold.c.tenant_id) & (lot.c.lot_id == hold.c.lot_id))
    .outerjoin(
        hold_release,
        (hold_release.c.tenant_id == hold.c.tenant_id) & (hold_release.c.hold_id == hold.c.hold_id),
    )
    .where(hold_release.c.hold_id.is_(None))
    .order_by(hold.c.hold_id)
)


class HeldFromAbove(LedgerRefusal):
    """INV-13: what went into this lot is on a hold that reaches everything made of it."""

    def __init__(self, lot_number: str, held: AnyRow) -> None:
        super().__init__(
            f"Lot {lot_number} contains lot {held.lot_number}, which is on hold: {held.reason}. "
            "Put it back and ask quality.",
            f"批次 {lot_number} 含有已冻结的批次 {held.lot_number}（{held.reason}），"
            "请放回原处并咨询质量部。",
            found=held.lot_number,
        )


def require_free(db: Connection, tenant_id: str, lot_id: UUID, lot_number: str) -> None:
    """Refuse a lot that contains what is on a hold with reach."""
    key = {"tenant_id": tenant_id, "lot_ids": [lot_id]}
    if db.execute(_ANY, {"tenant_id": tenant_id}).first() is None:
        return  # nothing is on such a hold: no need to walk
    held = db.execute(_ABOVE, key).first()
    if held is not None:
        raise HeldFromAbove(lot_number, held)
