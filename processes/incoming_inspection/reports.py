"""The inspection report: what was inspected, found and decided, with every signature, as PDF.

Made at the end, from the book and the trail; kept by its hash like every attachment of the record.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from engine.audit import trail
from engine.audit.entries import document_of
from engine.services import ServiceContext, ServiceRegistry
from engine.store import contents
from processes.documents import pdf
from processes.documents.pdf import Fields, Language, Report, Section, Signature, Table
from processes.ledger import (
    certificate_values,
    evaluation,
    inspection_documents,
    inspection_lots,
    inspection_results,
    items,
    receipts,
    suppliers,
)
from processes.ledger.inspection_lots import InspectionLot
from processes.ledger.inspection_results import Result
from processes.ledger.plans import Plan
from processes.ledger.quantities import amount_of
from processes.values import context_of, identifier, text

SERVICES = ServiceRegistry()
PDF = "application/pdf"


@SERVICES.service("inspection.report")
def report(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the report in the languages that the customer asks for; give them as attachments."""
    inspection = inspection_lots.find(
        context.db, context.tenant_id, identifier(inputs["inspection_id"])
    )
    seed = text(context_of(inputs.get("sampling")).get("seed"))
    files = [
        _kept(context, inspection, seed, language)
        for language in context.configuration("inspection_rules")["report_languages"]
    ]
    return {"files": files}


def _kept(
    context: ServiceContext, inspection: InspectionLot, seed: str | None, language: Language
) -> dict[str, Any]:
    data = pdf.render(_report(context, inspection, seed, language))
    digest = contents.store(
        context.db,
        tenant_id=context.tenant_id,
        data=data,
        media_type=PDF,
        at=context.now,
        by=context.actor.account_id,
    ).hex()
    name = f"{inspection.number}-{language}.pdf"
    context.record({"event": "attachment.stored", "sha256": digest, "name": name})
    return {"sha256": digest, "name": name, "mime": PDF, "size": len(data)}


def _report(
    context: ServiceContext, inspection: InspectionLot, seed: str | None, language: Language
) -> Report:
    db, tenant_id = context.db, context.tenant_id
    words = _words()[language]
    plan = inspection_lots.plan_of(db, tenant_id, inspection)
    item = items.find(db, tenant_id, plan.item_id)
    results = inspection_results.results_of(db, tenant_id, inspection.inspection_lot_id)
    signatures, head = _signatures(context, language)
    inspected = [
        (words["plan"], f"{plan.number} v{plan.version}"),
        (words["mode"], inspection.mode),
        (words["severity"], inspection.severity),
        (words["seed"], seed),
    ]
    decided = [(words["verdict"], inspection.verdict), (words["decided"], inspection.decision)]
    return Report(
        title=words["title"],
        subtitle=f"{item.number} {item.names.get(language, '')}",
        number=inspection.number,
        language=language,
        record_hash=head,
        printed_at=context.now,
        signatures=signatures,
        sections=[
            Section(words["lot"], [Fields(_lot(context, inspection, plan, words, language))]),
            Section(words["inspection"], [Fields(inspected)]),
            Section(words["documents"], [_documents(context, inspection, plan, words, language)]),
            Section(
                words["sampling"], [_sampling(context, inspection, plan, results, words, language)]
            ),
            Section(words["readings"], [_readings(plan, results, words, language)]),
            Section(
                words["certificate"], [_certificate(context, inspection, plan, words, language)]
            ),
            Section(words["decision"], [Fields(decided)]),
        ],
    )


def _lot(
    context: ServiceContext,
    inspection: InspectionLot,
    plan: Plan,
    words: Mapping[str, str],
    language: Language,
) -> list[tuple[str, str | None]]:
    db, tenant_id = context.db, context.tenant_id
    line = receipts.find_line(db, tenant_id, inspection.receipt_line_id)
    item = items.find(db, tenant_id, plan.item_id)
    supplier = suppliers.find(db, tenant_id, inspection.supplier_id)
    amount = amount_of(inspection.quantity, line.lot.unit)
    return [
        (words["item"], f"{item.number} {item.names.get(language, '')}"),
        (words["revision"], line.lot.item_revision),
        (words["criticality"], item.criticality),
        (words["our_lot"], line.lot.number),
        (words["supplier_lot"], line.lot.supplier_lot_raw),
        (words["supplier"], f"{supplier.number} {supplier.names.get(language, '')}"),
        (words["manufacturer"], line.lot.manufacturer),
        (words["expiry"], None if line.lot.expiry is None else line.lot.expiry.isoformat()),
        (words["receipt"], line.receipt_number),
        (words["received"], f"{line.received_at:%Y-%m-%d %H:%M} UTC"),
        (words["quantity"], f"{amount:f} {line.lot.unit.code}"),
    ]


def _documents(
    context: ServiceContext,
    inspection: InspectionLot,
    plan: Plan,
    words: Mapping[str, str],
    language: Language,
) -> Table:
    found = inspection_results.documents_of(
        context.db, context.tenant_id, inspection.inspection_lot_id
    )
    names = {
        str(each["code"]): str(context_of(each.get("names")).get(language) or each["code"])
        for each in inspection_documents.required(context, plan, inspection.receipt_line_id)
    }
    names["identity"] = words["identity"]
    rows = [[names.get(code, code), words.get(each, each)] for code, each in found.items()]
    return Table([words["document"], words["finding"]], rows, widths=[3, 1])


def _sampling(
    context: ServiceContext,
    inspection: InspectionLot,
    plan: Plan,
    results: list[Result],
    words: Mapping[str, str],
    language: Language,
) -> Table:
    samplings = inspection_lots.samplings_of(
        context.db, context.tenant_id, inspection.inspection_lot_id
    )
    last: dict[int, int] = {}
    for each in results:
        last[each.characteristic_number] = max(
            last.get(each.characteristic_number, 1), each.attempt
        )
    bad = Counter(
        each.characteristic_number
        for each in results
        if not each.conforming and each.attempt == last[each.characteristic_number]
    )
    rows: list[list[str | None]] = [
        [
            _name(plan, each.characteristic_number, language),
            each.plan.basis[language],
            str(each.plan.sample_size),
            str(each.plan.acceptance_number),
            str(bad[each.characteristic_number]),
        ]
        for each in samplings
    ]
    head = [words[key] for key in ("characteristic", "basis", "n", "ac", "found")]
    return Table(head, rows, widths=[3, 4, 1, 1, 2], numeric=[2, 3, 4])


def _readings(
    plan: Plan, results: list[Result], words: Mapping[str, str], language: Language
) -> Table:
    rows: list[list[str | None]] = [
        [
            _name(plan, each.characteristic_number, language),
            str(each.attempt),
            str(each.sample_number),
            None if each.value is None else format(each.value, "f"),
            words["yes"] if each.conforming else words["no"],
            each.actor,
            f"{each.performed_at:%Y-%m-%d %H:%M}",
        ]
        for each in results
    ]
    head = [
        words[key]
        for key in ("characteristic", "attempt", "sample", "value", "conforms", "by", "at")
    ]
    return Table(head, rows, widths=[4, 1, 1, 2, 2, 2, 3], numeric=[1, 2, 3])


def _certificate(
    context: ServiceContext,
    inspection: InspectionLot,
    plan: Plan,
    words: Mapping[str, str],
    language: Language,
) -> Table:
    """Show what the supplier's certificate says beside the mean of our readings."""
    db, tenant_id, inspected = context.db, context.tenant_id, inspection.inspection_lot_id
    values = certificate_values.of_inspection(db, tenant_id, inspected)
    evaluated = evaluation.evaluate(
        plan,
        inspection_lots.samplings_of(db, tenant_id, inspected),
        inspection_results.results_of(db, tenant_id, inspected),
    )
    rows: list[list[str | None]] = [
        [
            each["names"][language],
            f"{each['value']:f} {each['unit']}",
            None if each["own_mean"] is None else f"{each['own_mean']:f}",
            None if each["difference"] is None else f"{each['difference']:+f}",
            words["yes"] if each["conforming"] else words["no"],
        ]
        for each in certificate_values.compare(plan, values, evaluated)
    ]
    head = [
        words[key] for key in ("characteristic", "certified", "own_mean", "difference", "conforms")
    ]
    return Table(head, rows, widths=[4, 2, 2, 2, 2], numeric=[1, 2, 3])


def _name(plan: Plan, number: int, language: Language) -> str:
    return next(each.names[language] for each in plan.characteristics if each.number == number)


def _signatures(context: ServiceContext, language: Language) -> tuple[list[Signature], str | None]:
    """Give every signature on the record of this instance, and the hash of its last entry.

    The one of the command that makes the report is not on the record yet; it is shown from what
    was signed in the command, without the hash that it will be bound to.
    """
    meanings = context.configuration("signature_meanings")
    assert context.process_instance_id is not None
    found: list[Signature] = []
    head = None
    entries = trail.entries_of(context.db, context.tenant_id, context.process_instance_id)
    for entry in entries:
        head = entry.hash.hex()
        document = document_of(entry.body)
        found.extend(
            _signed(document, event, meanings, language)
            for event in document["events"]
            if event["event"] == "signature.made"
        )
    for meaning in context.signatures:
        zone = ZoneInfo(context.actor.zone)
        found.append(
            Signature(
                printed_name=_printed(context.actor.names, language),
                username=context.actor.username,
                role=", ".join(sorted(context.actor.roles)),
                meaning=meanings[meaning]["names"][language],
                statement=meanings[meaning]["statement"][language],
                signed_at=context.now.astimezone(zone),
                zone=context.actor.zone,
            )
        )
    return found, head


def _signed(
    entry: Mapping[str, Any],
    event: Mapping[str, Any],
    meanings: Mapping[str, Any],
    language: Language,
) -> Signature:
    at = datetime.fromisoformat(entry["at"])
    return Signature(
        printed_name=_printed(entry["actor"]["name"], language) + _acted_for(event, language),
        username=entry["actor"]["username"],
        role=entry["actor"]["role"] or "",
        meaning=meanings[event["meaning"]]["names"][language],
        statement=event["statement"],
        signed_at=at.astimezone(ZoneInfo(entry["zone"])),
        zone=entry["zone"],
        record_hash=event["record_hash"],
        comment=text(entry["why"]),
    )


def _acted_for(event: Mapping[str, Any], language: Language) -> str:
    """Give for whom it was signed by a delegation; nothing where it was for oneself."""
    given = event.get("for")
    if given is None:
        return ""
    name = _printed(given["names"], language)
    return f" (for {name})" if language == "en" else f"（代{name}）"


def _printed(names: Mapping[str, str], language: Language) -> str:
    other = names.get("zh" if language == "en" else "en")
    own = names.get(language) or other or ""
    return own if other in (None, own) else f"{own} ({other})"


@cache
def _words() -> Mapping[Language, Mapping[str, str]]:
    path = Path(__file__).parent / "report_words.json"
    return cast("Mapping[Language, Mapping[str, str]]", json.loads(path.read_text("utf-8")))
