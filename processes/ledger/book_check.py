"""The ledger's part in proving the record: every balance is the sum of its movements (INV-01)."""

from sqlalchemy import Connection, and_, bindparam, func, select

from engine.verification import Report
from processes.ledger import balances
from processes.ledger.tables import location, lot, stock_balance

_KEPT = (
    select(func.count())
    .select_from(stock_balance)
    .where(stock_balance.c.tenant_id == bindparam("tenant_id"))
)
_NAMES = (
    select(lot.c.lot_number, location.c.code)
    .select_from(lot.join(location, lot.c.tenant_id == location.c.tenant_id))
    .where(
        and_(
            lot.c.tenant_id == bindparam("tenant_id"),
            lot.c.lot_id == bindparam("lot_id"),
            location.c.location_id == bindparam("location_id"),
        )
    )
)


def check_balances(db: Connection, tenant_id: str, report: Report) -> None:
    """Name each lot and location whose balance is not what its movements add up to."""
    report.checked["balances"] += db.execute(_KEPT, {"tenant_id": tenant_id}).scalar_one()
    for found in balances.differences(db, tenant_id):
        key = {"lot_id": found.lot_id, "location_id": found.place.location_id}
        names = db.execute(_NAMES, {"tenant_id": tenant_id, **key}).one_or_none()
        number, code = (found.lot_id, found.place.location_id) if names is None else names
        report.differ(
            "ledger.balance",
            found.lot_id,
            None,
            f"Lot {number} at {code} in status {found.place.status}: the balance says"
            f" {found.kept}, its movements add up to {found.summed} (in the smallest unit kept).",
            f"批次 {number} 在 {code}（状态 {found.place.status}）：账面结存为 {found.kept}，"
            f"而库存移动合计为 {found.summed}（按最小记账单位）。",
        )
