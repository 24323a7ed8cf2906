"""Complaints: opened with the instant of awareness, decided per region, closed with a reply."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import items
from processes.ledger.clocks import clocks
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.complaints.tables import complaint, complaint_report, reportability
from processes.ledger.numbers import next_number
from processes.ledger.refusals import LedgerRefusal, NotInLedger

KIND = "complaint"
_ALL = select(complaint).where(complaint.c.tenant_id == bindparam("tenant_id"))
_BY_NUMBER = _ALL.where(complaint.c.complaint_number == bindparam("number"))
_BY_ID = _ALL.where(complaint.c.complaint_id == bindparam("complaint_id"))
_DECISIONS = rows_of(reportability, "complaint_id", "region", "decision_number")
_SAME = (
    select(func.count())
    .select_from(complaint)
    .where(complaint.c.tenant_id == bindparam("tenant_id"))
    .where(complaint.c.complaint_id != bindparam("complaint_id"))
    .where(complaint.c.status != "inquiry")
)
_SAME_ITEM = _SAME.where(complaint.c.item_number.in_(bindparam("item_numbers", expanding=True)))
_SAME_LOT = _SAME_ITEM.where(complaint.c.lot_number == bindparam("lot_number"))
_INSERT = insert(complaint)
_INSERT_DECISION = insert(reportability)
_INSERT_REPORT = insert(complaint_report)
_REPORTED = (
    select(complaint_report.c.region)
    .distinct()
    .where(complaint_report.c.tenant_id == bindparam("tenant_id"))
    .where(complaint_report.c.complaint_id == bindparam("complaint_id"))
)
_KEY = (complaint.c.tenant_id == bindparam("key_tenant_id")) & (
    complaint.c.complaint_id == bindparam("key_complaint_id")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a region's authority is told, by which clock, and why."""

    region: str
    reportable: bool
    clock_rule: str | None
    reason: str


class ReportsMissing(LedgerRefusal):
    """A complaint is closed when every report that was decided is sent."""

    def __init__(self, regions: str) -> None:
        super().__init__(
            f"The report to {regions} is not sent. Send it before you close the complaint.",
            f"尚未向 {regions} 提交报告，请先提交再关闭投诉。",
            expected=regions,
        )


class ComplaintOpen(LedgerRefusal):
    """What is still open is not opened again."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} is still open. Add what is new to it.",
            f"{number} 尚未关闭，请在原投诉中补充。",
            expected="closed",
            found="open",
        )


def open_complaint(
    context: ServiceContext,
    *,
    channel: str,
    complainant: Mapping[str, Any],
    description: str,
    aware_at: datetime,
    reopens: str | None = None,
) -> str:
    """Open a complaint; give its number. One that `reopens` a closed one is its next cycle."""
    if reopens is not None:
        before = by_number(context.db, context.tenant_id, reopens)
        if before.status == "open":
            raise ComplaintOpen(reopens)
    number = next_number(context, "CPL")
    row: dict[str, Any] = dict.fromkeys(column.name for column in complaint.columns)
    row |= {
        "tenant_id": context.tenant_id,
        "complaint_id": context.new_id(),
        "complaint_number": number,
        "status": "open",
        "channel": channel,
        "complainant": dict(complainant),
        "description": description,
        "aware_at": aware_at,
        "reopens": reopens,
        "process_instance_id": context.process_instance_id,
        "actor": context.actor.username,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "complaint.opened", "complaint": number, "aware_at": aware_at}
    context.record({**event, "reopens": reopens})
    return number


def by_number(db: Connection, tenant_id: str, number: str) -> AnyRow:
    """Give a complaint; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("complaint", "投诉", number)
    return row


def find(db: Connection, tenant_id: str, complaint_id: UUID) -> AnyRow:
    """Give a complaint by its id."""
    return db.execute(_BY_ID, {"tenant_id": tenant_id, "complaint_id": complaint_id}).one()


def change(context: ServiceContext, number: str, **values: Any) -> None:
    """Write what is known now; the trail keeps what was there before."""
    found = by_number(context.db, context.tenant_id, number)
    key = {"key_tenant_id": context.tenant_id, "key_complaint_id": found.complaint_id}
    context.db.execute(update(complaint).where(_KEY).values(values), key)
    context.record({"event": "complaint.changed", "complaint": number, "values": values})


def decide(context: ServiceContext, number: str, decision: Decision) -> None:
    """Keep the decision for a region and start its clock from the instant of awareness."""
    found = by_number(context.db, context.tenant_id, number)
    earlier = [
        row
        for row in decisions_of(context.db, context.tenant_id, found.complaint_id)
        if row.region == decision.region
    ]
    row = {
        "tenant_id": context.tenant_id,
        "complaint_id": found.complaint_id,
        "region": decision.region,
        "decision_number": len(earlier) + 1,
        "reportable": decision.reportable,
        "clock_rule": decision.clock_rule,
        "reason": decision.reason,
        "actor": context.actor.username,
        "decided_at": context.now,
    }
    context.db.execute(_INSERT_DECISION, row)
    context.record(
        {
            "event": "complaint.reportability_decided",
            "complaint": number,
            "region": decision.region,
            "reportable": decision.reportable,
            "rule": decision.clock_rule,
        }
    )
    if decision.clock_rule is not None:
        clocks.start(context, decision.clock_rule, KIND, number, found.aware_at, f"{number}")


def count_more(context: ServiceContext, number: str, rules: Iterable[str]) -> None:
    """Start the other clocks of an event that is reported more than once (a group event)."""
    found = by_number(context.db, context.tenant_id, number)
    for rule in rules:
        clocks.start(context, rule, KIND, number, found.aware_at, f"{number}")


def decisions_of(db: Connection, tenant_id: str, complaint_id: UUID) -> list[AnyRow]:
    """List the decisions on reporting, by region; the latest of a region counts."""
    key = {"tenant_id": tenant_id, "complaint_id": complaint_id}
    return list(db.execute(_DECISIONS, key))


def report(
    context: ServiceContext,
    number: str,
    region: str,
    rule: str,
    *,
    reference: str,
    submitted_at: datetime,
) -> None:
    """Keep the receipt of a report and stop the clock that it was for."""
    found = by_number(context.db, context.tenant_id, number)
    row = {
        "tenant_id": context.tenant_id,
        "report_id": context.new_id(),
        "complaint_id": found.complaint_id,
        "region": region,
        "reference": reference,
        "actor": context.actor.username,
        "submitted_at": submitted_at,
    }
    context.db.execute(_INSERT_REPORT, row)
    context.record(
        {
            "event": "complaint.reported",
            "complaint": number,
            "region": region,
            "reference": reference,
        }
    )
    for each in clocks.of_subject(context.db, context.tenant_id, KIND, number):
        if each.rule_code == rule and each.stopped_at is None:
            clocks.stop(context, each.clock_id, submitted_at, reference)


def reported_in(db: Connection, tenant_id: str, number: str) -> set[str]:
    """Give the regions whose authorities have a report of a complaint."""
    found = by_number(db, tenant_id, number)
    key = {"tenant_id": tenant_id, "complaint_id": found.complaint_id}
    return set(db.execute(_REPORTED, key).scalars())


def history(db: Connection, tenant_id: str, complaint_number: str) -> Mapping[str, int]:
    """Count earlier complaints on the same lot and the same item."""
    found = by_number(db, tenant_id, complaint_number)
    key = {"tenant_id": tenant_id, "complaint_id": found.complaint_id}
    number = found.item_number
    numbers = [] if number is None else items.same_numbers(db, tenant_id, number)
    item, lot = {"item_numbers": numbers}, {"lot_number": found.lot_number}
    return {
        "same_item": db.execute(_SAME_ITEM, key | item).scalar_one(),
        "same_lot": db.execute(_SAME_LOT, key | item | lot).scalar_one(),
    }


def close(context: ServiceContext, number: str, reply: str) -> None:
    """Close a complaint; refused while a report is owed."""
    owed = [
        each.rule_code
        for each in clocks.of_subject(context.db, context.tenant_id, KIND, number)
        if each.stopped_at is None
    ]
    if owed:
        raise ReportsMissing(", ".join(owed))
    change(context, number, status="closed", closed_at=context.now, reply=reply)
