"""Which documents an inspection asks for: those of the plan, and those that the order line asked.

A line of a purchase order says which certificates come with each lot (PRC-30). What it asks for is
looked for at the inspection like the plan's own documents, and "does not apply" is no answer to it:
a lot without it is held, and accepted by a concession or not at all.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.services import ServiceContext
from processes.ledger.inspection_results import DocumentFinding
from processes.ledger.plans import Plan
from processes.ledger.purchasing import order_receipts, orders, rows
from processes.ledger.refusals import LedgerRefusal, listed

ORDERED = "ordered"
"""Code of what a line asks for in words of its own (`other_certificates`)."""


class DocumentsIncomplete(LedgerRefusal):
    """Each document that is asked for is found to be one thing or another."""

    def __init__(self, wanted: int, found: int) -> None:
        super().__init__(
            f"{wanted} documents are required, {found} were checked. Say of each what you found.",
            f"应查文件 {wanted} 份，已录入 {found} 份，请逐份填写结论。",
            expected=str(wanted),
            found=str(found),
        )


class OrderAsksForIt(LedgerRefusal):
    """What the order asks for applies; only a concession accepts a lot without it."""

    def __init__(self, names: Mapping[str, str], order: str) -> None:
        super().__init__(
            f"{order} asks for “{names['en']}” with each lot: it is missing, wrong or conforming. "
            "Without it the lot is held, and only a concession accepts it.",
            f"{order} 要求每批附“{names['zh']}”，不能判为不适用。请判为缺少、不符合或符合；"
            "缺少时本批暂扣，只能经让步接收。",
            found="not_applicable",
        )


def required(context: ServiceContext, plan: Plan, receipt_line_id: UUID) -> list[dict[str, Any]]:
    """List the documents to check: the plan's, then what the order line asks beside them.

    One that the order asks for names it in `order` ("PO-…/1"), the plan's own too.
    """
    asked = _of_order(context, receipt_line_id)
    found = [
        {**each, **({"order": asked[code]["order"]} if code in asked else {})}
        for each in plan.documents_required
        for code in [str(each["code"])]
    ]
    known = {str(each["code"]) for each in found}
    return [*found, *(each for code, each in asked.items() if code not in known)]


def require_answered(
    wanted: Sequence[Mapping[str, Any]], findings: Sequence[DocumentFinding]
) -> None:
    """Refuse a check that leaves a document out, or waves away what the order asks for."""
    said = {each.code: each.finding for each in findings}
    answered = [each for each in wanted if str(each["code"]) in said]
    if len(answered) < len(wanted):
        raise DocumentsIncomplete(len(wanted), len(answered))
    for each in wanted:
        if each.get("order") and said[str(each["code"])] == "not_applicable":
            raise OrderAsksForIt(each["names"], str(each["order"]))


def _of_order(context: ServiceContext, receipt_line_id: UUID) -> dict[str, dict[str, Any]]:
    """Give what the line asks for that the goods came against, by code; nothing without one."""
    db, tenant_id = context.db, context.tenant_id
    came = order_receipts.find(db, tenant_id, receipt_line_id)
    if came is None:
        return {}
    order = orders.by_number(db, tenant_id, came.order)
    frozen = orders.content_of(db, tenant_id, order, order.version)["content"]
    line = next((each for each in frozen["lines"] if each["line"] == came.line), None)
    if line is None:
        return {}
    named = {"order": f"{came.order}/{came.line}"}
    papers: Mapping[str, Mapping[str, Any]] = rows.rules(context)["papers"]
    found = {
        str(paper["code"]): {**paper, **named}
        for name, paper in papers.items()
        if line.get(name) is True
    }
    other = line.get("other_certificates")
    if other:
        words = {"en": listed([other]), "zh": listed([other])}
        found[ORDERED] = {"code": ORDERED, "names": words, **named}
    return found
