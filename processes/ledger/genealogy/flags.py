"""Holds that reach what a lot went into (INV-13): asked for wherever goods are used or shipped."""

from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from processes.ledger import lots
from processes.ledger.genealogy.tables import hold_reach
from processes.ledger.genealogy.trace import UP
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import hold, hold_release

_ANY = select(hold_reach.c.hold_id).where(hold_reach.c.tenant_id == bindparam("tenant_id")).limit(1)
ABOVE = (
    select(hold.c.lot_id, hold.c.reason)
    .select_from(UP)
    .join(hold, (hold.c.tenant_id == UP.c.tenant_id) & (hold.c.lot_id == UP.c.lot_id))
    .join(
        hold_reach,
        (hold_reach.c.tenant_id == hold.c.tenant_id) & (hold_reach.c.hold_id == hold.c.hold_id),
    )
    .outerjoin(
        hold_release,
        (hold_release.c.tenant_id == hold.c.tenant_id) & (hold_release.c.hold_id == hold.c.hold_id),
    )
    .where(hold_release.c.hold_id.is_(None))
    .order_by(hold.c.hold_id)
)
"""The open holds with reach on what went into :lot_ids."""


class HeldFromAbove(LedgerRefusal):
    """INV-13: what went into this lot is on a hold that reaches everything made of it."""

    def __init__(self, lot_number: str, held: str, reason: str) -> None:
        super().__init__(
            f"Lot {lot_number} contains lot {held}, which is on hold: {reason}. "
            "Put it back and ask quality.",
            f"批次 {lot_number} 含有已冻结的批次 {held}（{reason}），请放回原处并咨询质量部。",
            found=held,
        )


def require_free(db: Connection, tenant_id: str, lot_id: UUID, lot_number: str) -> None:
    """Refuse a lot that contains what is on a hold with reach."""
    key = {"tenant_id": tenant_id, "lot_ids": [lot_id]}
    if db.execute(_ANY, {"tenant_id": tenant_id}).first() is None:
        return  # nothing is on such a hold: no need to walk
    held = db.execute(ABOVE, key).first()
    if held is not None:
        above = lots.find(db, tenant_id, held.lot_id)
        raise HeldFromAbove(lot_number, above.number, held.reason)
