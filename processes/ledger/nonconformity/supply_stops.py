"""A stop of receipts: what inspection discontinued comes in again when the supplier has acted.

Five lots that were not accepted under tightened inspection discontinue it (IQ-03, ISO 2859-1, 9.4).
The supplier is asked for an 8D report, and the dock takes nothing of that item from that supplier
until the request is closed as effective, or the supplier has been qualified anew after a request
that was not.
"""

from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from engine.services import ServiceContext
from processes.ledger import switching, words
from processes.ledger.items import Item
from processes.ledger.nonconformity import supplier_requests
from processes.ledger.nonconformity.supplier_requests import NewRequest, SupplierRequest
from processes.ledger.nonconformity.tables import supplier_request
from processes.ledger.refusals import LedgerRefusal

_STOPPING = (
    select(supplier_request.c.request_number, supplier_request.c.status)
    .where(supplier_request.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_request.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_request.c.item_id == bindparam("item_id"))
    .where(supplier_request.c.stops_receipts.is_(True))
    .order_by(supplier_request.c.issued_at.desc())
    .limit(1)
)
_LIFT = (
    update(supplier_request)
    .where(supplier_request.c.tenant_id == bindparam("key_tenant_id"))
    .where(supplier_request.c.supplier_id == bindparam("key_supplier_id"))
    .where(supplier_request.c.item_id == bindparam("key_item_id"))
    .where(supplier_request.c.stops_receipts.is_(True))
    .where(supplier_request.c.status != "open")
    .values(stops_receipts=False)
)


class ReceiptsStopped(LedgerRefusal):
    """Nothing is received of an item whose inspection is discontinued."""

    def __init__(self, item_number: str, supplier: str, request: str, status: str) -> None:
        state = words.said("state", status)
        what = (
            ("Wait until it is closed as effective", "请等待该要求以“有效”关闭")
            if status == "open"
            else (
                "Open it again, or qualify the supplier anew",
                "请重新打开该要求，或重新评定供应商",
            )
        )
        super().__init__(
            f"Receipts of {item_number} from {supplier} are stopped: inspection is discontinued "
            f"and request {request} is {state.en}. {what[0]}; refuse the delivery or set it aside.",
            f"供应商 {supplier} 的物料 {item_number} 已停止收货：检验已暂停，"
            f"整改要求 {request} {state.zh}。{what[1]}；本次到货请拒收或单独存放。",
            expected="-",
            found=f"{request} {status}",
        )


def stopping(
    db: Connection, tenant_id: str, supplier_id: UUID, item_id: UUID
) -> tuple[str, str] | None:
    """Give number and status of the request that stops the receipts; None where none does."""
    key = {"tenant_id": tenant_id, "supplier_id": supplier_id, "item_id": item_id}
    row = db.execute(_STOPPING, key).one_or_none()
    return None if row is None else (row.request_number, row.status)


def require_none(context: ServiceContext, supplier_id: UUID, supplier: str, item: Item) -> None:
    """Refuse what comes in while its receipts are stopped; a waiver does not change that."""
    found = stopping(context.db, context.tenant_id, supplier_id, item.item_id)
    if found is not None:
        raise ReceiptsStopped(item.number, supplier, *found)


def begin(
    context: ServiceContext, supplier_id: UUID, item: Item, *, because: str
) -> SupplierRequest:
    """Ask the supplier to act, and stop what it delivers of the item until it has."""
    lots = context.configuration("inspection_rules")["switching"]["tightened_rejected"]
    return supplier_requests.issue(
        context,
        NewRequest(
            supplier_id=supplier_id,
            problem=f"{because}: {lots} lots of {item.number} were not accepted under tightened "
            "inspection; inspection is discontinued.",
            problem_zh=f"{because}：物料 {item.number} 在加严检验下累计 {lots} 批不接收，"
            "暂停检验。",
            critical=True,
            item_id=item.item_id,
            stops_receipts=True,
        ),
    )


def end(context: ServiceContext, request: SupplierRequest, reason: str) -> None:
    """Let what a closed request stopped come in again: inspected tightened, as IQ-03 has it.

    Nothing happens where the request stopped nothing, is open still, or was closed without effect.
    """
    if not request.stops_receipts or request.item_id is None or request.effective is not True:
        return
    lift(context, request.supplier_id, request.item_id, f"{request.number}: {reason}")


def lift(context: ServiceContext, supplier_id: UUID, item_id: UUID, why: str) -> None:
    """End the stop by requests that are over, and begin inspection again where it is discontinued.

    A request that is open still stops the receipts: the supplier has not answered yet.
    """
    key = {
        "key_tenant_id": context.tenant_id,
        "key_supplier_id": supplier_id,
        "key_item_id": item_id,
    }
    context.db.execute(_LIFT, key)
    if stopping(context.db, context.tenant_id, supplier_id, item_id) is None:
        switching.resume(context, supplier_id, item_id, why)
