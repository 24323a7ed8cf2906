"""What can be asked about changes outside their process: an authority's answer, data findings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from engine.commands.base import Command, CommandRegistry
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.outcomes import Reason, Rejection
from processes.ledger.changes import (
    assessments,
    control,
    data_quality,
    data_quality_runs,
    market_gates,
    orders,
    progress,
)
from processes.ledger.changes.data_quality import Finding
from processes.ledger.changes.tables import MARKET_ANSWERS
from processes.ledger.commands import REGISTER, ledger_context
from processes.ledger.refusals import LedgerRefusal, listed

APPROVED = "authority.approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAuthorityAnswer(Command):
    """Record what an authority answered to a submission; the waiting change goes on.

    `change` (of every command) is the number of the change, `reference` that of the letter.
    """

    market: str
    reference: str
    answer: str = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDataQualityChecks(Command):
    """Look at all master data with the rules of the document `data_quality_rules`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignFinding(Command):
    """Give a finding to somebody to clear up, until a day."""

    finding_id: UUID
    revision: int
    assignee: str
    due_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveFinding(Command):
    """Close a finding: corrected (it is looked at again), or accepted; `why` is the reason."""

    finding_id: UUID
    revision: int
    resolution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportChangeProgress(Command):
    """Put on the record of a change what happened to its lots and its old stock since."""

    number: str


class NoSuchAnswer(LedgerRefusal):
    """An authority approves or refuses."""

    def __init__(self, answer: str) -> None:
        super().__init__(
            f"“{answer}” is no answer of an authority. Choose one of: {listed(MARKET_ANSWERS)}.",
            f"“{answer}”不是有效答复，请选择：{listed(MARKET_ANSWERS)}。",
            expected=listed(MARKET_ANSWERS),
            found=answer,
        )


class NotTheOwner(Rejection):
    """A finding is cleared up by the role that owns it."""

    def __init__(self, found: Finding) -> None:
        super().__init__(
            Reason.NOT_YOURS,
            {
                "en": f"This finding belongs to {found.owner_role}.",
                "zh": f"该检查结果由 {found.owner_role} 负责处理。",
            },
            expected=found.owner_role,
        )


def add_to(known: CommandRegistry) -> None:
    """Add the commands of change control, and put what is released under it."""
    known.register(RecordAuthorityAnswer, _record_answer)
    known.register(RunDataQualityChecks, _run_checks)
    known.register(AssignFinding, _assign)
    known.register(ResolveFinding, _resolve)
    known.register(ReportChangeProgress, _report)
    known.periodically(data_quality_runs.periodic(RunDataQualityChecks))
    known.periodically(progress.periodic(ReportChangeProgress))
    control.guard(known)


def _record_answer(context: CommandContext, command: RecordAuthorityAnswer) -> Mapping[str, Any]:
    if command.answer not in MARKET_ANSWERS:
        raise NoSuchAnswer(command.answer)
    ledger = ledger_context(context)
    change = orders.by_number(context.db, context.tenant_id, command.change or "")
    market, reference = command.market, command.reference
    new = assessments.answered(ledger, change, market, command.answer, reference, command.why)
    if new:
        if command.answer == "approved":
            market_gates.lift(ledger, change, market, reference)
        _tell_the_process(context, command, change.number)
    return {"change": change.number, "market": market, "new": new}


def _tell_the_process(
    context: CommandContext, command: RecordAuthorityAnswer, change_number: str
) -> None:
    """Publish the answer: the waiting instance hears it."""
    payload = {
        "change": change_number,
        "market": command.market,
        "reference": command.reference,
        "answer": command.answer,
    }
    publish(context, REGISTER, APPROVED, change_number, payload)


def _report(context: CommandContext, command: ReportChangeProgress) -> Mapping[str, Any]:
    change = orders.by_number(context.db, context.tenant_id, command.number)
    return {"change": change.number, **progress.report(ledger_context(context), change)}


def _run_checks(context: CommandContext, command: RunDataQualityChecks) -> Mapping[str, Any]:
    del command
    return data_quality.run(ledger_context(context))


def _assign(context: CommandContext, command: AssignFinding) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    found = _own(context, command.finding_id)
    data_quality.assign(ledger, found, command.revision, command.assignee, command.due_on)
    return {"finding_id": str(found.finding_id), "revision": found.revision + 1}


def _own(context: CommandContext, finding_id: UUID) -> Finding:
    """Give a finding that the actor's role owns."""
    found = data_quality.find(context.db, context.tenant_id, finding_id)
    if found.owner_role not in context.actor.roles:
        raise NotTheOwner(found)
    return found


def _resolve(context: CommandContext, command: ResolveFinding) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    found = _own(context, command.finding_id)
    data_quality.resolve(ledger, found, command.revision, command.resolution, command.why or "")
    return {"finding_id": str(found.finding_id), "revision": found.revision + 1}
