"""What can be asked of complaints beside their process: news about an event that was reported, and
by the engine alone the trends that it finds.

21 CFR 803.56: what becomes known after a report to the FDA is supplemented within a month of the
day on which it was received, also when the complaint itself is closed by then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from processes.ledger.clocks import clocks
from processes.ledger.commands import ledger_context
from processes.ledger.complaints import complaints, trends
from processes.ledger.complaints.complaints import KIND
from processes.ledger.refusals import LedgerRefusal, NotInLedger

SUPPLEMENT = {"US": "US-MDRS"}
"""Which clock counts to the supplement of a region's report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordNewInformation(Command):
    """Keep what became known about a reported event; the clock to its supplement starts."""

    complaint: str
    region: str
    information: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSupplement(Command):
    """Keep the authority's receipt of a supplement; its clock stops."""

    complaint: str
    region: str
    reference: str
    submitted_at: datetime


class NothingReported(LedgerRefusal):
    """Only a report that was sent is supplemented."""

    def __init__(self, number: str, region: str) -> None:
        super().__init__(
            f"{number} was not reported in {region}, or nothing new is waiting. "
            "Decide on reporting in the complaint itself.",
            f"投诉 {number} 未在 {region} 报告，或没有待补充的信息，请在投诉流程中作出报告决定。",
            found=region,
        )


def add_to(known: CommandRegistry) -> None:
    """Add the commands of complaints to those that the engine knows."""
    known.register(RecordNewInformation, _news)
    known.register(RecordSupplement, _supplement)
    known.register(trends.RaiseComplaintTrend, trends.raise_signal)
    known.periodically(trends.periodic())


def _news(context: CommandContext, command: RecordNewInformation) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    rule = SUPPLEMENT.get(command.region)
    sent = complaints.reported_in(context.db, context.tenant_id, command.complaint)
    if rule is None or command.region not in sent:
        raise NothingReported(command.complaint, command.region)
    ledger.record(
        {
            "event": "complaint.new_information",
            "complaint": command.complaint,
            "information": command.information,
            "received_at": command.received_at,
        }
    )
    said = command.information[:400]
    clock_id = clocks.start(ledger, rule, KIND, command.complaint, command.received_at, said)
    return {"clock_id": str(clock_id)}


def _supplement(context: CommandContext, command: RecordSupplement) -> Mapping[str, Any]:
    rule = SUPPLEMENT.get(command.region)
    if rule is None:
        raise NotInLedger("region", "地区", command.region)
    running = [
        each
        for each in clocks.of_subject(context.db, context.tenant_id, KIND, command.complaint)
        if each.rule_code == rule and each.stopped_at is None
    ]
    if not running:
        raise NothingReported(command.complaint, command.region)
    complaints.report(
        ledger_context(context),
        command.complaint,
        command.region,
        rule,
        reference=command.reference,
        submitted_at=command.submitted_at,
    )
    return {"stopped": len(running)}
