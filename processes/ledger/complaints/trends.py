"""When complaints are a trend: counted by item, problem and period, against a rule that is data.

EU MDR Art. 88 asks for the statistically significant increase of what is not serious. Complaints
are rare and independent, so that a period's count is a Poisson count: it is a signal above the mean
of the periods before plus so many of its square roots (a c-chart, as `nonconformity/statistics.py`
has it for nonconformities). A rule without earlier periods is a plain limit.

A signal is raised by the engine, once for what it counts (`RaiseComplaintTrend`): either quality
assurance judges it in the process complaint_trend, or a corrective action is asked for at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import Connection, bindparam, exists, func, insert, select

from engine.commands.base import Command, Periodic
from engine.commands.context import CommandContext
from engine.commands.messages import publish
from engine.configuration.documents import read_documents
from engine.identifiers import derived_id
from engine.services import ServiceContext
from engine.store.tables import tenant
from processes.ledger import items
from processes.ledger.columns import AnyRow
from processes.ledger.commands import REGISTER, ledger_context
from processes.ledger.complaints.tables import (
    complaint,
    reportability,
    trend_judgement,
    trend_signal,
)
from processes.ledger.numbers import next_number
from processes.ledger.refusals import NotInLedger

RULES = "complaint_trend_rules"
LOOK_EVERY = timedelta(hours=1)
SIGNAL = "complaint.trend"
CAPA = "capa.requested"
SOURCE = "complaint_trend"
_TENANTS = select(tenant.c.tenant_id)
_SERIOUS = exists(
    select(reportability.c.region)
    .where(reportability.c.tenant_id == complaint.c.tenant_id)
    .where(reportability.c.complaint_id == complaint.c.complaint_id)
    .where(reportability.c.reportable.is_(True))
)
_COUNTED = (
    select(
        complaint.c.complaint_number,
        complaint.c.item_number,
        complaint.c.problem_code,
        complaint.c.aware_at,
        _SERIOUS.label("serious"),
    )
    .where(complaint.c.tenant_id == bindparam("tenant_id"))
    .where(complaint.c.aware_at > bindparam("since"))
    .where(complaint.c.aware_at <= bindparam("until"))
    .where(complaint.c.item_number.is_not(None))
    .where(complaint.c.status.in_(("open", "closed")))
    .order_by(complaint.c.complaint_number)
)
_RAISED = (
    select(
        trend_signal.c.rule_code,
        trend_signal.c.item_number,
        trend_signal.c.problem_code,
        func.max(trend_signal.c.raised_at).label("raised_at"),
    )
    .where(trend_signal.c.tenant_id == bindparam("tenant_id"))
    .group_by(
        trend_signal.c.rule_code,
        trend_signal.c.item_number,
        trend_signal.c.problem_code,
    )
)
_OF_NUMBER = (
    select(trend_signal)
    .where(trend_signal.c.tenant_id == bindparam("tenant_id"))
    .where(trend_signal.c.signal_number == bindparam("number"))
)
_INSERT = insert(trend_signal)
_JUDGE = insert(trend_judgement)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the document: what is counted, and when the count is too many."""

    code: str
    names: Mapping[str, str]
    by_problem: bool
    length: timedelta
    at_least: int
    earlier_periods: int
    sigmas: int
    only_not_serious: bool
    leads_to: str
    quiet: timedelta

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            code=str(document["code"]),
            names=document["names"],
            by_problem=document["by_problem"] is True,
            length=timedelta(days=int(document["days"])),
            at_least=int(document["at_least"]),
            earlier_periods=int(document.get("earlier_periods", 0)),
            sigmas=int(document.get("sigmas", 0)),
            only_not_serious=document.get("only_not_serious") is True,
            leads_to=str(document["leads_to"]),
            quiet=timedelta(days=int(document["quiet_days"])),
        )

    def crossed(self, latest: int, earlier: Sequence[int]) -> bool:
        """Tell whether a period's count is a signal, given those of the periods before."""
        if latest < self.at_least:
            return False
        if not self.earlier_periods:
            return True
        # latest > mean + s·√mean, in whole numbers: (latest·n − total)² > s²·total·n
        total, periods = sum(earlier), len(earlier)
        above = latest * periods - total
        return above > 0 and above * above > self.sigmas * self.sigmas * total * periods


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What a rule found: so many complaints in a period, and how many in each period before."""

    rule: Rule
    item_number: str
    problem_code: str
    complaints: tuple[str, ...]
    earlier: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseComplaintTrend(Command):
    """Raise what a rule found, if it still finds it; asked by the engine alone."""

    rule: str
    item_number: str
    problem_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What quality assurance makes of a signal, and what follows from it."""

    significant: bool
    corrective_action: bool
    field_action: bool
    reason: str
    reference: str | None = None
    submitted_at: datetime | None = None


def periodic() -> Periodic:
    """Give the look that raises trends."""
    return Periodic(name="complaint_trends", every=LOOK_EVERY, due=_due)


def found(
    db: Connection, tenant_id: str, documents: Iterable[Mapping[str, Any]], now: datetime
) -> Iterator[Signal]:
    """Give what the rules find now and have not raised lately."""
    raised = {_subject(row): row.raised_at for row in db.execute(_RAISED, {"tenant_id": tenant_id})}
    for rule in map(Rule.read, documents):
        for signal in _found_by(db, tenant_id, rule, now):
            last = raised.get((rule.code, signal.item_number, signal.problem_code))
            if last is None or last + rule.quiet <= now:
                yield signal


def raise_signal(context: CommandContext, command: RaiseComplaintTrend) -> Mapping[str, Any]:
    """Keep the signal, and tell whom the rule names."""
    rules = context.configuration(RULES)["rules"]
    asked = (command.rule, command.item_number, command.problem_code)
    for each in found(context.db, context.tenant_id, rules, context.at):
        if (each.rule.code, each.item_number, each.problem_code) == asked:
            return _raise(context, each)
    return {}


def by_number(db: Connection, tenant_id: str, number: str) -> AnyRow:
    """Give a signal; NotInLedger when there is none."""
    row = db.execute(_OF_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("trend signal", "趋势信号", number)
    return row


def judge(context: ServiceContext, number: str, given: Judgement) -> None:
    """Keep what was made of a signal; once."""
    row = {
        "tenant_id": context.tenant_id,
        "signal_number": number,
        "significant": given.significant,
        "authority": given.reference is not None,
        "corrective_action": given.corrective_action,
        "field_action": given.field_action,
        "reason": given.reason,
        "reference": given.reference,
        "submitted_at": given.submitted_at,
        "actor": context.actor.username,
        "judged_at": context.now,
    }
    context.db.execute(_JUDGE, row)
    event = {"event": "complaint.trend_judged", "signal": number}
    context.record({**event, "significant": given.significant, "reference": given.reference})


def _due(db: Connection, now: datetime) -> Iterable[tuple[str, Command]]:
    for tenant_id in db.execute(_TENANTS).scalars():
        rules = read_documents(db, tenant_id).get(RULES, {}).get("rules", ())
        for each in found(db, tenant_id, rules, now):
            subject = (each.rule.code, each.item_number, each.problem_code)
            command_id = derived_id(SOURCE, tenant_id, *subject, *each.complaints)
            rule, item_number, problem_code = subject
            yield (
                tenant_id,
                RaiseComplaintTrend(
                    command_id=command_id,
                    rule=rule,
                    item_number=item_number,
                    problem_code=problem_code,
                ),
            )


def _found_by(db: Connection, tenant_id: str, rule: Rule, now: datetime) -> Iterator[Signal]:
    since = now - rule.length * (rule.earlier_periods + 1)
    key = {"tenant_id": tenant_id, "since": since, "until": now}
    in_use = items.numbers_in_use(db, tenant_id)  # several numbers that were merged are one item
    subjects: dict[tuple[str, str], list[AnyRow]] = defaultdict(list)
    for row in db.execute(_COUNTED, key):
        if not (rule.only_not_serious and row.serious):
            problem = (row.problem_code or "") if rule.by_problem else ""
            subjects[in_use.get(row.item_number, row.item_number), problem].append(row)
    for (item_number, problem), rows in sorted(subjects.items()):
        ages = [(now - row.aware_at) // rule.length for row in rows]
        earlier = tuple(ages.count(age) for age in range(1, rule.earlier_periods + 1))
        if rule.crossed(ages.count(0), earlier):
            latest = [row for row, age in zip(rows, ages, strict=True) if age == 0]
            yield Signal(
                rule=rule,
                item_number=item_number,
                problem_code=problem,
                complaints=tuple(row.complaint_number for row in latest),
                earlier=earlier,
            )


def _raise(context: CommandContext, signal: Signal) -> Mapping[str, Any]:
    ledger = ledger_context(context)
    number = next_number(ledger, "TRD")
    row = {
        "tenant_id": context.tenant_id,
        "signal_number": number,
        "rule_code": signal.rule.code,
        "item_number": signal.item_number,
        "problem_code": signal.problem_code,
        "found": len(signal.complaints),
        "at_least": signal.rule.at_least,
        "earlier": list(signal.earlier),
        "complaints": list(signal.complaints),
        "period_from": context.at - signal.rule.length,
        "period_to": context.at,
        "leads_to": signal.rule.leads_to,
        "raised_at": context.at,
    }
    context.db.execute(_INSERT, row)
    said = {name: row[name] for name in ("rule_code", "item_number", "problem_code", "complaints")}
    ledger.record({"event": "complaint.trend_raised", "signal": number, **said})
    if signal.rule.leads_to == "capa":
        asked = {
            "source_kind": SOURCE,
            "source_number": number,
            "trigger": "trend",
            "description": _description(signal),
        }
        publish(context, REGISTER, CAPA, number, asked)
    else:
        publish(context, REGISTER, SIGNAL, number, {"signal": number})
    return {"signal": number}


def _description(signal: Signal) -> str:
    names, count = signal.rule.names, len(signal.complaints)
    subject = " · ".join(each for each in (signal.item_number, signal.problem_code) if each)
    return f"{names['en']} · {names['zh']}: {subject}, {count} ({', '.join(signal.complaints)})"


def _subject(row: AnyRow) -> tuple[str, str, str]:
    return row.rule_code, row.item_number, row.problem_code
