"""What makes a lot wait: documents that are missing, time that passes, a cancelled receipt."""

from engine.commands.process_instances import CancelProcessInstance
from engine.identifiers import new_id
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import deliver, send
from processes.ledger import inspection_lots, lots
from tests.people import BEN, CLEO, DORA
from tests.scenario import TENANT, Scenario


def test_missing_documents_are_obtained_and_checked_again(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.check_documents("conforming", "missing")
    assert inspection.open_activities() == ["Obtain"]
    inspection.do("Obtain", BEN, asked_on="2026-11-23", contact="Mr Hu", available=True)
    inspection.check_documents()
    assert inspection.case["documents"]["round"] == 2
    assert inspection.open_activities() == ["DrawSamples"]


def test_the_supplier_is_chased_after_three_working_days_and_not_over_a_weekend(
    company: Scenario,
) -> None:
    company.clock.advance(days=(4 - company.clock().weekday()) % 7)
    inspection = deliver(company)
    inspection.check_documents("missing", "conforming")
    company.clock.advance(days=3, minutes=1)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["Obtain"]
    company.clock.advance(days=2)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["Chase", "Obtain"]


def test_the_supplier_is_chased_after_three_days(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.check_documents("missing", "conforming")
    company.clock.advance(days=3, minutes=1)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["Chase", "Obtain"]
    inspection.do("Chase", CLEO, spoken_to="Mr Hu", note="will be sent tomorrow")
    assert inspection.open_activities() == ["Obtain"]


def test_documents_that_never_come_lead_to_a_hold(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.check_documents("conforming", "missing")
    inspection.do(
        "Obtain",
        BEN,
        asked_on="2026-11-23",
        contact="Mr Hu",
        available=False,
        note="lost at the mill",
    )
    inspection.check_documents("conforming", "missing")
    assert inspection.open_activities() == ["Review"]
    assert inspection.case["verdict"]["verdict"] == "HOLD"


def test_a_wrong_certificate_holds_the_lot(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.check_documents("conforming", "wrong")
    inspection.draw_samples()
    inspection.measure()
    assert inspection.case["verdict"]["verdict"] == "HOLD"


def test_a_lot_that_waits_too_long_is_escalated(company: Scenario) -> None:
    inspection = deliver(company)
    company.clock.advance(days=7, minutes=1)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["CheckDocuments", "Delay"]
    company.clock.advance(days=7, minutes=1)
    company.background.run_until_idle()
    assert inspection.open_activities() == ["CheckDocuments", "Overdue"]
    inspection.do("Overdue", DORA, arranged="extra shift on Saturday")
    assert inspection.open_activities() == ["CheckDocuments"]


def test_an_inspection_is_cancelled_with_reason_and_signature(company: Scenario) -> None:
    inspection = deliver(company)
    company.clock.advance(days=7, minutes=1)
    company.background.run_until_idle()
    inspection.do("Delay", CLEO, action="cancel", reason="goods belong to another order")
    inspection.do("ConfirmCancel", DORA, confirmed=True, reason="receipt was booked twice")
    assert inspection.status == "completed"
    assert inspection.stock() == {("Q-01", "QUARANTINE"): 10}
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, inspection.case["inspection"]["lot_number"])
        assert inspection_lots.open_of_lot(db, TENANT, lot.lot_id) == {}
    signed = [e for e in company.events(inspection.instance) if e["event"] == "signature.made"]
    assert [e["meaning"] for e in signed] == ["REJ"]


def test_a_cancellation_that_is_not_confirmed_changes_nothing(company: Scenario) -> None:
    inspection = deliver(company)
    company.clock.advance(days=7, minutes=1)
    company.background.run_until_idle()
    inspection.do("Delay", CLEO, action="cancel", reason="seems to be booked twice")
    inspection.do("ConfirmCancel", DORA, confirmed=False, reason="it was not")
    assert inspection.open_activities() == ["CheckDocuments"]


def test_an_instance_that_is_cancelled_leaves_no_open_inspection(company: Scenario) -> None:
    """The engine's own cancelling: the goods must not stay locked by an inspection nobody does."""
    inspection = deliver(company)
    why = "entered for the wrong site"
    meaning = company.dispatcher.documents(TENANT)["signature_meanings"]["CLOS"]
    record = {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": TENANT,
        "process_instance": str(inspection.instance),
        "definition": company.items(inspection.instance)[0].deployed.definition.hash,
        "meaning": "CLOS",
        "statement": meaning["statement"]["zh"],
        "language": "zh",
        "signer": DORA.username,
        "why": why,
    }
    signature = SignatureRequest(
        username=DORA.username,
        password=DORA.password,
        meaning="CLOS",
        shown_hash=record_hash(record),
        language="zh",
    )
    command = CancelProcessInstance(
        command_id=new_id(),
        process_instance_id=inspection.instance,
        why=why,
        signature=signature,
    )
    company.must(company.ask(command, DORA))
    assert inspection.status == "cancelled"
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, inspection.case["inspection"]["lot_number"])
        assert inspection_lots.open_of_lot(db, TENANT, lot.lot_id) == {}
    assert company.verify().differences == []


def test_a_receipt_that_is_taken_back_stops_its_inspection(company: Scenario) -> None:
    """As `receipt_cancellation` sends it (its own scenarios tell the whole way)."""
    inspection = deliver(company)
    line = company.variables(inspection.instance)["receipt_line_id"]
    send(company, "receipt.cancelled", line, {"cancellation": {"why": "booked twice"}})
    assert inspection.open_activities() == ["CheckDocuments", "ConfirmCancel"]


def test_what_was_typed_at_receipt_is_shown_to_inspection_and_review(company: Scenario) -> None:
    inspection = deliver(company)
    typed = [each["en"] for each in inspection.case["inspection"]["typed"]]
    assert typed == ["item", "supplier's lot"]
    item = company.open("CheckDocuments", BEN, inspection.instance)
    assert company.context(item)["inspection"]["typed"][0]["zh"] == "物料"


def test_the_label_is_compared_with_the_receipt(company: Scenario) -> None:
    """Another number is no match; one that only looks alike is pointed at, and recorded."""
    inspection = deliver(company, supplier_lot="0123")
    goods = {"shelf_life_ok": True, "documents": [{"finding": "conforming"}] * 2}
    refused = inspection.attempt("CheckDocuments", BEN, label_lot="O123", identity_ok=True, **goods)
    assert isinstance(refused, Rejected)
    inspection.do(
        "CheckDocuments", BEN, label_lot="O123", identity_ok=False, remark="label says O", **goods
    )
    (done,) = [
        e for e in company.events(inspection.instance) if e["event"] == "work_item.completed"
    ]
    assert done["data"]["label_lot_entry"] == {"how": "typed"}
