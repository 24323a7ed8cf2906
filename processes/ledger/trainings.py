"""Trainings of people: who was trained in what, until when, and which steps ask for it.

A step asks for one in its diagram (cs:training): for a document by its number, or with @ for the
one that the customer's document `inspection_rules` names (`training`). It refuses a person whose
training ran out or never was, at claim and at completion (ISO 13485, 6.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select

from engine.outcomes import Reason
from engine.services import ServiceContext
from processes.ledger import site_days
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import training_record

RULES = "inspection_rules"
"""The customer's document that says, under `training`, which step asks for which."""

_LAST = (
    select(training_record.c.valid_from, training_record.c.valid_to)
    .where(training_record.c.tenant_id == bindparam("tenant_id"))
    .where(training_record.c.person == bindparam("person"))
    .where(training_record.c.subject == bindparam("subject"))
    .order_by(training_record.c.recorded_at.desc(), training_record.c.training_record_id.desc())
    .limit(1)
)
_INSERT = insert(training_record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """A training of a person by user name; `valid_to` is the last day that it covers."""

    person: str
    subject: str
    valid_from: date
    valid_to: date
    evidence: str


class NotTrained(LedgerRefusal):
    """A step is done by who is trained for it."""

    def __init__(self, subject: str, found: str, found_zh: str) -> None:
        super().__init__(
            f"This step asks for the training {subject}; yours {found}. Ask your manager to renew "
            "it, and let a trained colleague take the step meanwhile.",
            f"本步骤要求培训“{subject}”，您的培训{found_zh}。请联系主管续训，期间由有资格的同事处理。",
            expected=subject,
            found=found,
        )
        self.reason = Reason.NOT_QUALIFIED


class TrainingBackwards(LedgerRefusal):
    """A training ends after it began."""

    def __init__(self, valid_from: date, valid_to: date) -> None:
        super().__init__(
            f"A training from {valid_from} cannot end on {valid_to}. Correct the days.",
            f"培训自 {valid_from} 起，不能于 {valid_to} 到期，请更正日期。",
            expected=f"≥ {valid_from}",
            found=str(valid_to),
        )


def record(context: ServiceContext, new: Training) -> None:
    """Add a training; one that is renewed is another one."""
    if new.valid_to < new.valid_from:
        raise TrainingBackwards(new.valid_from, new.valid_to)
    row = {
        "tenant_id": context.tenant_id,
        "training_record_id": context.new_id(),
        "person": new.person,
        "subject": new.subject,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "evidence": new.evidence,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT, row)
    event = {"event": "training.recorded", "person": new.person, "subject": new.subject}
    context.record({**event, "valid_to": str(new.valid_to), "evidence": new.evidence})


def valid_until(db: Connection, tenant_id: str, person: str, subject: str) -> date | None:
    """Give the last day of a person's last training in a subject; None without one."""
    key = {"tenant_id": tenant_id, "person": person, "subject": subject}
    row = db.execute(_LAST, key).one_or_none()
    return None if row is None else row.valid_to


class BookOfTrainings:
    """Answers the engine for the steps whose diagram asks (cs:training). With @ a step names what
    `inspection_rules` says under `training`; where that says nothing, nothing is asked. The day is
    that of the usual site: a step is no one site's."""

    def require(
        self,
        db: Connection,
        documents: Mapping[str, Any],
        *,
        tenant_id: str,
        username: str,
        training: str,
        at: datetime,
    ) -> None:
        """Refuse a person who is not trained at an instant."""
        subject = training
        if training.startswith("@"):
            subject = documents[RULES].get("training", {}).get(training[1:])
        if subject is not None:
            until = valid_until(db, tenant_id, username, subject)
            _require_until(subject, until, site_days.day_of(documents.__getitem__, at))


def require(context: ServiceContext, step: str, site: str) -> None:
    """Refuse a person who is not trained for a step on this day at the site."""
    subject = context.configuration(RULES).get("training", {}).get(step)
    if subject is None:
        return
    until = valid_until(context.db, context.tenant_id, context.actor.username, subject)
    _require_until(subject, until, site_days.today(context, site))


def _require_until(subject: str, until: date | None, today: date) -> None:
    if until is None:
        raise NotTrained(subject, "is not on record", "尚无记录")
    if until < today:
        raise NotTrained(subject, f"ran out on {until}", f"已于 {until} 到期")
