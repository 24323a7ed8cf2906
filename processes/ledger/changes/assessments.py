"""What a change does: the impact that each function sees, what each market's authority wants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import words
from processes.ledger.changes.orders import Change
from processes.ledger.changes.tables import (
    authority_answer,
    impact_assessment,
    regulatory_decision,
    submission,
)
from processes.ledger.refusals import LedgerRefusal

_IMPACT = insert(impact_assessment)
_IMPACTS = (
    select(impact_assessment)
    .where(impact_assessment.c.tenant_id == bindparam("tenant_id"))
    .where(impact_assessment.c.change_id == bindparam("change_id"))
    .where(impact_assessment.c.round == bindparam("round"))
    .order_by(impact_assessment.c.role)
)
_DECIDE = insert(regulatory_decision)
_DECIDED = (
    select(
        regulatory_decision.c.market,
        regulatory_decision.c.outcome,
        regulatory_decision.c.approval_needed,
        regulatory_decision.c.before_release,
        submission.c.submission_number,
        authority_answer.c.answer,
        authority_answer.c.reference,
    )
    .select_from(
        regulatory_decision.outerjoin(
            submission,
            (submission.c.tenant_id == regulatory_decision.c.tenant_id)
            & (submission.c.change_id == regulatory_decision.c.change_id)
            & (submission.c.round == regulatory_decision.c.round)
            & (submission.c.market == regulatory_decision.c.market),
        ).outerjoin(
            authority_answer,
            (authority_answer.c.tenant_id == regulatory_decision.c.tenant_id)
            & (authority_answer.c.change_id == regulatory_decision.c.change_id)
            & (authority_answer.c.round == regulatory_decision.c.round)
            & (authority_answer.c.market == regulatory_decision.c.market),
        )
    )
    .where(regulatory_decision.c.tenant_id == bindparam("tenant_id"))
    .where(regulatory_decision.c.change_id == bindparam("change_id"))
    .where(regulatory_decision.c.round == bindparam("round"))
    .order_by(regulatory_decision.c.market)
)
_SUBMIT = insert(submission)
_ANSWER = insert(authority_answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What one function sees of a change: no impact, or impact with what must be done about it."""

    role: str
    answer: str
    reason: str
    topics: tuple[str, ...] = ()
    action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDecision:
    """What regulatory affairs decided for a market (CC-03)."""

    market: str
    proposed: str
    outcome: str
    approval_needed: bool
    before_release: bool
    rationale: str
    document_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketState:
    """Where a market stands: decided, submitted, answered."""

    market: str
    outcome: str
    approval_needed: bool
    before_release: bool
    submission_number: str | None
    answer: str | None
    reference: str | None

    @property
    def waits(self) -> bool:
        return self.approval_needed and self.answer is None


class NoApprovalAwaited(LedgerRefusal):
    """An authority answers what it was asked."""

    def __init__(self, change: Change, market: str) -> None:
        where = words.said("market", market)
        super().__init__(
            f"{change.number} does not wait for an authority in {where.en}. "
            "Check number and market.",
            f"{change.number} 未在等待{where.zh}主管部门的答复，请核对变更单号和市场。",
            found=market,
        )


def record_impact(context: ServiceContext, change: Change, impact: Impact) -> None:
    """Keep what a function sees, in the current round."""
    row = {
        **_round(context, change),
        "role": impact.role,
        "answer": impact.answer,
        "topics": list(impact.topics),
        "action": impact.action,
        "reason": impact.reason,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_IMPACT, row)
    context.record(
        {
            "event": "change.impact_assessed",
            "change": change.number,
            "role": impact.role,
            "answer": impact.answer,
            "topics": list(impact.topics),
            "action": impact.action,
            "reason": impact.reason,
        }
    )


def impacts(db: Connection, tenant_id: str, change: Change) -> list[Impact]:
    """List the impacts of the current round."""
    key = {"tenant_id": tenant_id, "change_id": change.change_id, "round": change.round}
    return [
        Impact(
            role=row.role,
            answer=row.answer,
            reason=row.reason,
            topics=tuple(row.topics),
            action=row.action,
        )
        for row in db.execute(_IMPACTS, key)
    ]


def decide_markets(
    context: ServiceContext, change: Change, decided: Sequence[MarketDecision]
) -> None:
    """Keep the decision for each market, in the current round."""
    for each in decided:
        row = {
            **_round(context, change),
            "market": each.market,
            "proposed": each.proposed,
            "outcome": each.outcome,
            "approval_needed": each.approval_needed,
            "before_release": each.before_release,
            "rationale": each.rationale,
            "document_reference": each.document_reference,
            "actor": context.actor.username,
            "decided_at": context.now,
        }
        context.db.execute(_DECIDE, row)
        context.record(
            {
                "event": "change.market_decided",
                "change": change.number,
                "market": each.market,
                "proposed": each.proposed,
                "outcome": each.outcome,
                "approval_needed": each.approval_needed,
                "rationale": each.rationale,
            }
        )


def markets(db: Connection, tenant_id: str, change: Change) -> list[MarketState]:
    """List where the markets of the current round stand."""
    key = {"tenant_id": tenant_id, "change_id": change.change_id, "round": change.round}
    return [MarketState(**row._mapping) for row in db.execute(_DECIDED, key)]  # noqa: SLF001  # a row's public mapping


def waiting_for(
    db: Connection, tenant_id: str, change: Change, *, only_before_release: bool
) -> list[str]:
    """Name the markets whose authority has not answered yet."""
    return [
        each.market
        for each in markets(db, tenant_id, change)
        if each.waits and (each.before_release or not only_before_release)
    ]


def submit(context: ServiceContext, change: Change, market: str, number: str, on: date) -> None:
    """Record a submission to a market's authority."""
    row = {
        **_round(context, change),
        "market": market,
        "submission_number": number,
        "submitted_on": on,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_SUBMIT, row)
    context.record(
        {
            "event": "change.submitted",
            "change": change.number,
            "market": market,
            "submission": number,
            "on": on.isoformat(),
        }
    )


def answered(
    context: ServiceContext,
    change: Change,
    market: str,
    answer: str,
    reference: str,
    note: str | None = None,
) -> bool:
    """Record an authority's answer; False when the same answer is on the record already."""
    state = next(
        (m for m in markets(context.db, context.tenant_id, change) if m.market == market), None
    )
    if state is None or not state.approval_needed:
        raise NoApprovalAwaited(change, market)
    if state.answer is not None:
        if (state.answer, state.reference) == (answer, reference):
            return False
        raise NoApprovalAwaited(change, market)
    row = {
        **_round(context, change),
        "market": market,
        "answer": answer,
        "reference": reference,
        "note": note,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_ANSWER, row)
    context.record(
        {
            "event": "change.authority_answered",
            "change": change.number,
            "market": market,
            "answer": answer,
            "reference": reference,
        }
    )
    return True


def _round(context: ServiceContext, change: Change) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "change_id": change.change_id,
        "round": change.round,
    }
