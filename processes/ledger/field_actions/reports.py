"""Reports to authorities: their fields filled from the book, as data and as PDF.

Which fields a report has is the customer's document `field_action_reports`. What has no answer is
listed as missing in the report itself, as 21 CFR 806.10(c)(13) asks: nothing is left blank unseen.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.services import ServiceContext
from processes.documents.report import Block, Fields, Paragraph, Report, Section, Signature, Table
from processes.ledger import site_days
from processes.ledger.clocks import clocks
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions import (
    actions,
    effectiveness,
    markets,
    notices,
    reconciliation,
    recoveries,
    responses,
    scope,
)
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.tables import authority_report, authority_submission
from processes.ledger.genealogy import mass_balance
from processes.ledger.numbers import next_number
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import NotInLedger
from processes.ledger.units import Unit

_accepted = (
    select(
        authority_submission.c.report_id,
        func.count().label("submissions"),
        func.max(authority_submission.c.submitted_at).label("submitted_at"),
    )
    .where(authority_submission.c.tenant_id == bindparam("tenant_id"))
    .where(authority_submission.c.accepted)
    .group_by(authority_submission.c.report_id)
    .subquery("accepted")
)
_REPORTS = (
    select(authority_report, _accepted.c.submissions, _accepted.c.submitted_at)
    .outerjoin(_accepted, _accepted.c.report_id == authority_report.c.report_id)
    .where(authority_report.c.tenant_id == bindparam("tenant_id"))
)
_OF_ACTION = _REPORTS.where(
    authority_report.c.field_action_id == bindparam("field_action_id")
).order_by(authority_report.c.report_number)
_BY_NUMBER = _REPORTS.where(authority_report.c.report_number == bindparam("report_number"))
_INSERT = insert(authority_report)
_INSERT_SUBMISSION = insert(authority_submission)

Facts = Mapping[str, Any]


def prepare(context: ServiceContext, action: FieldAction, kind: str) -> Mapping[str, Any]:
    """Fill in a report from the book as it stands now; give its number and what is missing."""
    document = context.configuration("field_action_reports")
    described = document["kinds"][kind]
    rules = context.configuration("field_action_rules")
    known = _known(context, action, rules, described["language"])
    number = next_number(context, "MOCK-REP" if action.is_mock else "REP")
    known["report_number"] = number
    channels = document["publication_channels"].get(action.class_in_force("china") or "")
    known["channel"] = None if channels is None else channels[described["language"]]
    content = {name: known.get(name) for name in described["fields"]}
    optional = document.get("optional", ())
    content = {
        name: value for name, value in content.items() if value or name not in optional
    }  # a device without software has no version that could be missing
    missing = [name for name, value in content.items() if value in (None, "", [], {})]
    extension = scope.extensions_of(context.db, context.tenant_id, action)[-1].extension
    row = {
        "tenant_id": context.tenant_id,
        "report_id": context.new_id(),
        "report_number": number,
        "field_action_id": action.field_action_id,
        "extension": extension,
        "market": described["market"],
        "kind": kind,
        "content": content,
        "missing": missing,
        "actor": context.actor.username,
        "prepared_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "authority_report.prepared",
            "field_action": action.number,
            "report": number,
            "kind": kind,
            "missing": missing,
        }
    )
    return {
        "number": number,
        "kind": kind,
        "market": described["market"],
        "names": described["names"],
        "missing": missing,
    }


def submit(
    context: ServiceContext,
    action: FieldAction,
    number: str,
    *,
    reference: str,
    accepted: bool,
    submitted_at: datetime,
) -> None:
    """Keep the proof that a report was sent, and stop the clocks that it was for."""
    report = by_number(context.db, context.tenant_id, number)
    row = {
        "tenant_id": context.tenant_id,
        "submission_id": context.new_id(),
        "report_id": report.report_id,
        "reference": reference,
        "accepted": accepted,
        "actor": context.actor.username,
        "submitted_at": submitted_at,
    }
    context.db.execute(_INSERT_SUBMISSION, row)
    context.record(
        {
            "event": "authority_report.submitted",
            "field_action": action.number,
            "report": number,
            "reference": reference,
            "accepted": accepted,
            "at": submitted_at,
        }
    )
    if accepted and not action.is_mock:
        kinds = context.configuration("field_action_reports")["kinds"]
        stopped = stop_clocks(
            context, action, kinds[report.kind]["clock"], submitted_at, f"{number}: {reference}"
        )
        if kinds[report.kind].get("again") and action.completed_at is None:
            _count_again(context, action, stopped, submitted_at, number)


def _count_again(
    context: ServiceContext,
    action: FieldAction,
    rules: Iterable[str],
    at: datetime,
    number: str,
) -> None:
    """Count to the next report on progress: from the last one (NMPA Art. 20, 21 CFR 7.53)."""
    for rule in rules:
        clocks.start(context, rule, scope.DOCUMENT_KIND, action.number, at, f"after {number}")


def stop_clocks(
    context: ServiceContext,
    action: FieldAction,
    rules: Sequence[str],
    at: datetime,
    evidence: str,
) -> list[str]:
    """Stop the running clocks of an action by their rules; give the rules of those."""
    stopped = []
    for each in clocks.of_subject(
        context.db, context.tenant_id, scope.DOCUMENT_KIND, action.number
    ):
        if each.rule_code in rules and each.stopped_at is None and each.started_at <= at:
            clocks.stop(context, each.clock_id, at, evidence)
            stopped.append(each.rule_code)
    return stopped


def of_action(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List the reports of an action, by number, with whether they were accepted."""
    key = {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
    return list(db.execute(_OF_ACTION, key))


def by_number(db: Connection, tenant_id: str, number: str) -> AnyRow:
    """Give a report; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "report_number": number}).one_or_none()
    if row is None:
        raise NotInLedger("report", "报告", number)
    return row


def is_accepted(report: AnyRow) -> bool:
    """Tell whether the authority has a report and took it."""
    return bool(report.submissions)


# --- what the fields say ------------------------------------------------------------------------


def _known(
    context: ServiceContext, action: FieldAction, rules: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """Work out every field; a table is a list of rows, anything else a text or None."""
    book = _Book(context, action)
    plan = action.plan
    message = notices.message_in(plan, language) or _any_message(plan)
    company = rules["company"]
    named = company["name"]
    facts = plan.get("facts", {})
    hhe = plan.get("hhe", {})
    known: dict[str, Any] = {
        "company": ", ".join(
            part for part in (named[language], company["address"][language]) if part
        ),
        "manufacturer": named[language],
        "registration": facts.get("registration")
        or company.get("licence")
        or company.get("fda_registration"),
        "contact": plan.get("contact"),
        "reporter": context.actor.names.get(language, context.actor.username),
        "date": site_days.today(context).isoformat(),
        "evaluation": "; ".join(f"{name}: {text}" for name, text in hhe.items() if text) or None,
        "injuries": facts.get("injuries"),
        "found": facts.get("how_found"),
        "software": facts.get("software"),
        "agent": _agents(context, action, rules),
        "measures": (message.instructions if message else None) or plan.get("measures"),
        "product": message.product if message else None,
        "reason": message.reason if message else action.description,
        "hazard": message.hazard if message else None,
        "root_cause": plan.get("root_cause") or facts.get("cause"),
        "result": action.decision_reason,
        **{
            name: plan.get(name)
            for name in (
                *("organisation", "timeline", "publication", "expected_effect", "handling"),
            )
        },
        "depth": action.depth,
        **{f"class_{region}": action.class_in_force(region) for region in actions.REGIONS},
    }
    known |= book.fields()
    return known


def _agents(context: ServiceContext, action: FieldAction, rules: Mapping[str, Any]) -> str | None:
    found = markets.of_action(
        context.db, context.tenant_id, action, rules, site_days.today(context)
    ).agents
    return ", ".join(found) or None


def _any_message(plan: Mapping[str, Any]) -> notices.Message | None:
    texts = plan.get("texts", [])
    return notices.message_in(plan, texts[0]["language"]) if texts else None


class _Book:
    """The part of a report that is counted: lots, consignees, answers, what came back."""

    def __init__(self, context: ServiceContext, action: FieldAction) -> None:
        db, tenant_id = context.db, context.tenant_id
        self._db, self._tenant_id, self._action = db, tenant_id, action
        self._configuration = context.configuration
        self._lots = scope.lots_of(db, tenant_id, action)
        self._people = scope.consignees_of(db, tenant_id, action)
        self._lines = scope.lines_of(db, tenant_id, action)
        self._single = scope.units_of(db, tenant_id, action)
        self._units = {
            row.lot_id: Unit(code=row.unit_code, names={}, decimals=row.decimals)
            for row in self._lots
        }

    def fields(self) -> dict[str, Any]:
        parts: Mapping[str, Callable[[], Any]] = {
            "model": self._models,
            "identification": self._identification,
            "quantity_made": self._made,
            "quantity_shipped": self._shipped,
            "regions": lambda: ", ".join(sorted({p.market for p in self._people})),
            "countries": lambda: ", ".join(sorted({p.country for p in self._people})),
            "dates": self._dates,
            "consignees": self._consignees,
            "communications": self._communications,
            "notified_on": self._notified_on,
            "notified": self._notified,
            "responded": self._responded,
            "not_responded": self._not_responded,
            "reconciliation": self._reconciliation,
            "effectiveness": self._effectiveness,
            "by_country": self._by_country,
        }
        known = {name: part() for name, part in parts.items()}
        disposed = recoveries.dispositions_of(self._db, self._tenant_id, self._action)
        if disposed:
            known["handling"] = "; ".join(
                f"{row.disposition} {self._amount(row.lot_id, row.quantity)} ({row.reference})"
                for row in disposed
            )
        return known

    def _amount(self, lot_id: UUID, quantity: int) -> str:
        unit = self._units[lot_id]
        return f"{format(amount_of(quantity, unit), 'f')} {unit.code}"

    def _models(self) -> str:
        return ", ".join(sorted({row.model for row in self._lots if row.model}))

    def _identification(self) -> list[dict[str, str]]:
        """Give all that determines the scope: lot, serial number, UDI (NMPA's 识别信息)."""
        marked: dict[UUID, list[Any]] = {}
        for line in self._lines:
            marked.setdefault(line.lot_id, []).append(line)
        rows = []
        for lot in self._lots:
            lines = marked.get(lot.lot_id, [])
            sent = {x.serial_number for x in lines if x.serial_number}
            single = [row.serial_number for row in self._single.get(lot.lot_id, [])]
            serials = single or sorted(sent)
            rows.append(
                {
                    "item": lot.item_number,
                    "lot": lot.lot_number,
                    "serial": ", ".join(serials),
                    "udi": ", ".join(sorted({x.udi for x in lines if x.udi})),
                }
            )
        return rows

    def _made(self) -> list[dict[str, str]]:
        rows = []
        for lot in self._lots:
            if lot.lot_id in self._single:  # the rest of the lot is not concerned
                made = len(self._single[lot.lot_id]) * 10 ** self._units[lot.lot_id].decimals
            else:
                found = mass_balance.of_lot(self._db, self._tenant_id, lot.lot_id)
                made = found.received + found.produced + found.from_lots
            amount = format(amount_of(made, self._units[lot.lot_id]), "f")
            rows.append({"lot": lot.lot_number, "quantity": amount, "unit": lot.unit_code})
        return rows

    def _shipped(self) -> list[dict[str, str]]:
        sums: dict[UUID, int] = {}
        for line in self._lines:
            if line.shipment_line_id is not None:
                sums[line.lot_id] = sums.get(line.lot_id, 0) + line.quantity
        numbers = {row.lot_id: row.lot_number for row in self._lots}
        return [
            {
                "lot": numbers[lot_id],
                "quantity": format(amount_of(total, self._units[lot_id]), "f"),
                "unit": self._units[lot_id].code,
            }
            for lot_id, total in sums.items()
        ]

    def _day(self, instant: datetime) -> str:
        """Give the day that a report names for an instant: that of the usual site."""
        return site_days.day_of(self._configuration, instant).isoformat()

    def _dates(self) -> list[dict[str, str]]:
        shipped: dict[UUID, list[str]] = {}
        for line in self._lines:
            day = self._day(line.delivered_at)
            shipped.setdefault(line.lot_id, []).append(day)
        return [
            {
                "lot": row.lot_number,
                "made": "" if row.produced_on is None else row.produced_on.isoformat(),
                "expiry": "" if row.expiry is None else row.expiry.isoformat(),
                "shipped": _span(shipped.get(row.lot_id, [])),
            }
            for row in self._lots
        ]

    def _consignees(self) -> list[dict[str, str]]:
        sums: dict[UUID, list[str]] = {}
        for line in self._lines:
            text = f"{line.lot_number}: {self._amount(line.lot_id, line.quantity)}"
            sums.setdefault(line.consignee_id, []).append(
                f"{text} ({self._day(line.delivered_at)})"
            )
        return [
            {
                "name": row.name,
                "address": row.address,
                "phone": row.phone or row.email or "",
                "quantity": "; ".join(sums.get(row.consignee_id, [])),
            }
            for row in self._people
        ]

    def _communications(self) -> str | None:
        sent = notices.of_action(self._db, self._tenant_id, self._action)
        return sent[0].body if sent else None

    def _notified_on(self) -> str | None:
        days = [
            self._day(row.delivered_at)
            for row in notices.deliveries_of_action(self._db, self._tenant_id, self._action)
            if row.reached
        ]
        return _span(days) or None

    def _notified(self) -> list[dict[str, str]]:
        found = notices.deliveries_of_action(self._db, self._tenant_id, self._action)
        names = {row.consignee_id: row.name for row in self._people}
        return [
            {
                "name": names[row.consignee_id],
                "notified": self._day(row.delivered_at),
                "channel": row.channel,
            }
            for row in found
            if row.reached
        ]

    def _responded(self) -> list[dict[str, str]]:
        names = {row.consignee_id: row.name for row in self._people}
        return [
            {
                "name": names[row.consignee_id],
                "responded": self._day(row.responded_at),
                "channel": row.channel,
            }
            for row in responses.of_action(self._db, self._tenant_id, self._action)
        ]

    def _not_responded(self) -> str:
        answered = {
            row.consignee_id for row in responses.of_action(self._db, self._tenant_id, self._action)
        }
        silent = [row.name for row in self._people if row.consignee_id not in answered]
        return ", ".join(silent) or "0"

    def _reconciliation(self) -> list[dict[str, str]]:
        words = ("returned", "used", "destroyed", "corrected", "still_there", "passed_on")
        found = reconciliation.of_action(self._db, self._tenant_id, self._action)
        rows = []
        for account in found.accounts:
            shown = reconciliation.shown(account)
            rows.append(
                {
                    "name": shown["name"],
                    "lot": shown["lot"],
                    "quantity": shown["shipped"],
                    **{word: shown[word] for word in words},
                    "unaccounted": shown["unaccounted"],
                }
            )
        return rows

    def _effectiveness(self) -> str | None:
        rounds = effectiveness.samples_of(self._db, self._tenant_id, self._action)
        if not rounds:
            return None
        last = rounds[-1]
        percent = effectiveness.percent_effective(self._db, self._tenant_id, self._action)
        found = "–" if percent is None else f"{percent} %"
        return f"{last.level}: {len(last.consignees)}/{last.population}, {found}"

    def _by_country(self) -> list[dict[str, str]]:
        """Give, for each country, who answered, what is accounted for and what the checks found
        (MEDDEV 2.12-1, annex 4)."""
        db, tenant_id, action = self._db, self._tenant_id, self._action
        country = {row.consignee_id: row.country for row in self._people}
        answered = {row.consignee_id for row in responses.of_action(db, tenant_id, action)}
        accounts = reconciliation.of_action(db, tenant_id, action).accounts
        checks = {
            row.consignee_id: row.effective
            for row in effectiveness.checks_of(db, tenant_id, action)
        }
        rows = []
        for each in sorted(set(country.values())):
            people = {one for one, where in country.items() if where == each}
            mine = [one for one in accounts if one.consignee_id in people]
            checked = [good for one, good in checks.items() if one in people]
            open_units = sum(one.unaccounted for one in mine)
            rows.append(
                {
                    "country": each,
                    "consignees": str(len(people)),
                    "answered": str(len(people & answered)),
                    "recovered": _percent(
                        sum(one.shipped for one in mine) - open_units,
                        sum(one.shipped for one in mine),
                    ),
                    "effective": _percent(sum(checked), len(checked)),
                }
            )
        return rows


def _percent(part: int, whole: int) -> str:
    return "–" if whole == 0 else f"{100 * part // whole}"


def _span(days: Sequence[str]) -> str:
    if not days:
        return ""
    first, last = min(days), max(days)
    return first if first == last else f"{first} – {last}"


# --- as PDF -------------------------------------------------------------------------------------


def document(
    report: AnyRow,
    action: FieldAction,
    described: Mapping[str, Any],
    signatures: Sequence[Signature] = (),
    *,
    printed_at: datetime,
) -> Report:
    """Give a report as the document that pdf.render sets; an exercise is marked on every page."""
    kind = described["kinds"][report.kind]
    language = kind["language"]
    labels = {name: text[language] for name, text in described["labels"].items()}
    single = [
        (labels[name], _text(value))
        for name, value in report.content.items()
        if not isinstance(value, list)
    ]
    blocks: list[Section] = [Section(title=action.number, blocks=[Fields(rows=single)])]
    columns = {name: text[language] for name, text in described["columns"].items()}
    for name, value in report.content.items():
        if isinstance(value, list) and value:
            blocks.append(Section(title=labels[name], blocks=[_table(value, columns)]))
    words = {
        "en": ("What is missing", "Nothing is missing.", "EXERCISE"),
        "zh": ("缺失内容", "无缺失内容。", "演练"),
    }[language]
    listed = [Paragraph(labels[name]) for name in report.missing] or [Paragraph(words[1])]
    blocks.append(Section(title=words[0], blocks=list[Block](listed)))
    return Report(
        title=kind["names"][language],
        language=language,
        sections=blocks,
        signatures=list(signatures),
        number=report.report_number,
        watermark=words[2] if action.is_mock else None,
        printed_at=printed_at,
    )


def _table(rows: Sequence[Mapping[str, str]], columns: Mapping[str, str]) -> Table:
    names = list(rows[0])
    return Table(
        head=[columns[name] for name in names],
        rows=[[row.get(name, "") for name in names] for row in rows],
    )


def _text(value: Any) -> str | None:
    return None if value in (None, "") else str(value)
