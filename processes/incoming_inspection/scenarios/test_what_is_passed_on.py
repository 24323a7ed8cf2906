"""What an inspection leaves behind: word to purchasing and quality, labels, the report."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from sqlalchemy import insert

from engine.identifiers import new_id
from engine.outcomes import Rejected
from engine.store import contents
from processes.incoming_inspection.scenarios.inspection import (
    SCREW,
    Inspection,
    deliver,
    send,
)
from processes.incoming_inspection.scenarios.test_out_of_specification import CHECK
from processes.ledger import items, suppliers
from processes.ledger.tables import supplier_event
from tests.people import ANN, BEA, BEN, CLEO, DORA, Person
from tests.scenario import TENANT, Scenario

PIA = Person("pia", "Pia Deng", "邓琵", ("SQE",))


def ordered(company: Scenario) -> Inspection:
    """A delivery that purchasing waits for: the receipt names its order."""
    first = deliver(company)
    line = company.variables(first.instance)["receipt_line_id"]
    send(company, "receipt.cancelled", line, {"cancellation": {"why": "order was not named"}})
    first.do("ConfirmCancel", DORA, confirmed=True, reason="order was not named")
    case = company.variables(first.instance)
    names = ["receipt_line_id", "receipt_number", "lot_number", "item_number"]
    names += ["quantity", "unit", "packages_whole"]
    payload = {name: case[name] for name in names}
    order = {"purchase_order": "PO-1", "purchase_order_line": 1}
    send(company, "receipt.posted", line, payload | order)
    item = next(i for i in company.worklist(BEN) if i.activity_id == "CheckDocuments")
    return Inspection(company, item.work_item_id.process_instance_id)


def test_purchasing_hears_what_was_accepted_and_quality_of_the_rest(company: Scenario) -> None:
    inspection = ordered(company)
    inspection.inspect()
    inspection.review()
    inspection.accept("7")
    (told,) = inspection.sent("iqc.decided")
    payload = told["payload"]
    assert (payload["decision"], payload["accepted_quantity"], payload["rejected_quantity"]) == (
        "ACCEPT",
        7,
        3,
    )
    assert (payload["purchase_order"], payload["purchase_order_line"]) == ("PO-1", 1)
    (raised,) = inspection.sent("nc.raised")
    assert raised["payload"]["quantity"] == 3


def test_purchasing_hears_of_a_refusal(company: Scenario) -> None:
    inspection = ordered(company)
    inspection.inspect(defects=3)
    inspection.review()
    inspection.refuse("REJECT", "scratched surfaces")
    (told,) = inspection.sent("iqc.decided")
    assert told["payload"]["rejected_quantity"] == 10


def report_of(inspection: Inspection) -> str:
    (kept,) = inspection.case["report"]["files"]
    with inspection.company.database.reading() as db:
        found = contents.read(db, TENANT, bytes.fromhex(kept["sha256"]))
    assert found is not None
    media_type, data = found
    assert (media_type, len(data)) == ("application/pdf", int(kept["size"]))
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def test_the_report_shows_what_was_found_and_who_signed(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    assert inspection.case["inspection"]["label"]["colour"] == "yellow"
    inspection.accept()
    assert inspection.case["released"]["label"]["colour"] == "green"
    assert inspection.sent("iqc.decided") == []
    inspection.do("PutAway", ANN, label_applied=True, location="A-01-01")
    text = report_of(inspection)
    case = inspection.case["inspection"]
    for shown in (case["number"], case["lot_number"], "HX-77", "2.680", "螺纹外径", "放行"):
        assert shown in text, shown
    for name in ("李本", "孙可", "王朵"):
        assert name in text, name
    assert inspection.case["sampling"]["seed"] in text
    kept = [e for e in company.events(inspection.instance) if e["event"] == "attachment.stored"]
    assert len(kept) == 1
    assert company.verify().differences == []


def test_the_report_of_a_refusal_shows_the_signature_of_that_moment(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(defects=3)
    inspection.review()
    inspection.refuse("REJECT", "scratched surfaces")
    text = report_of(inspection)
    assert "REJECT" in text
    assert "拒收" in text
    assert "不合格" in text


def refused_before(company: Scenario, lots: int) -> None:
    """Put refused lots into the history of the screws: two tighten, five more discontinue."""
    with company.database.transaction() as db:
        supplier = suppliers.by_number(db, TENANT, "S-1001")
        item = items.by_number(db, TENANT, SCREW)
        rows = [_refused(company, supplier, item, number) for number in range(lots)]
        db.execute(insert(supplier_event), rows)
        db.commit()


def refuse(inspection: Inspection) -> None:
    inspection.inspect(defects=3)
    inspection.review()
    inspection.refuse("REJECT", "scratched surfaces")


def dock(company: Scenario, supplier_lot: str) -> Mapping[str, Any]:
    """Look at a delivery of the screws at the dock; give what was found."""
    instance = company.start("receiving", by=ANN)
    came = {
        "supplier": "S-1001",
        "delivery_note": "DN-9",
        "item_number": SCREW,
        "supplier_lot": supplier_lot,
        "quantity": "10",
        "containers": 1,
        "packages_whole": True,
        "location": "Q-01",
    }
    company.do("Receive", ANN, instance, **came)
    found: Mapping[str, Any] = company.variables(instance)["check"]
    return found


def answered(company: Scenario, number: str, *, effective: bool) -> None:
    """Have the supplier answer a request in its four steps, and QA judge it."""
    item = next(
        each
        for each in company.worklist(PIA)
        if each.activity_id == "Answer" and number in (each.title or "")
    )
    instance = item.work_item_id.process_instance_id
    for _ in range(4):
        at = company.clock().isoformat()
        company.do("Answer", PIA, instance, answered_at=at, answer="new tool", accepted=True)
    verdict = {"effective": effective, "evidence": "5 lots", "reason": "as measured"}
    company.do("Judge", DORA, instance, **verdict)


def test_five_refused_under_tightened_stop_the_supplier(company: Scenario) -> None:
    """IQ-03: at the fifth the supplier has to act, and the dock takes no more of the item."""
    company.add(PIA)
    refused_before(company, 6)
    inspection, another = deliver(company), deliver(company, supplier_lot="HX-78")
    assert inspection.case["inspection"]["history"]["severity"] == "tightened"
    assert inspection.case["mode"]["severity"] == "tightened"
    refuse(inspection)
    assert inspection.case["history"]["severity"] == "discontinued"
    (told,) = inspection.sent("supplier.requested")
    assert told["payload"] == {"supplier": "S-1001", "item_number": SCREW, "site": "SZ01"}
    (issued,) = inspection.sent("scar.issued")
    number = str(issued["payload"]["scar"])
    problem = issued["payload"]["questions"]  # each reader reads it in their own language
    assert "discontinued" in problem["en"]
    assert "暂停检验" in problem["zh"]
    assert not {"。", "，"} & set(problem["en"])
    refuse(another)  # it was here before; it asks nobody a second time
    assert another.sent("scar.issued") == another.sent("supplier.requested") == []
    (finding,) = dock(company, "NEXT")["findings"]
    assert finding["code"] == "ReceiptsStopped"
    assert number in finding["message"]["en"]
    assert "已停止收货" in finding["message"]["zh"]
    answered(company, number, effective=True)
    after = deliver(company, supplier_lot="NEXT")
    assert after.case["inspection"]["history"]["severity"] == "tightened"
    assert company.verify().differences == []


def test_what_had_no_effect_stops_on(company: Scenario) -> None:
    """A request that is closed without effect leaves the dock shut until one has."""
    company.add(PIA)
    refused_before(company, 6)
    inspection = deliver(company)
    refuse(inspection)
    number = str(inspection.sent("scar.issued")[0]["payload"]["scar"])
    answered(company, number, effective=False)
    (finding,) = dock(company, "NEXT")["findings"]
    assert number in finding["message"]["en"]
    again = company.start("supplier_corrective_action", by=PIA)
    asked = {"reopens": number, "problem": "burrs are back", "critical": True}
    company.do("Request", PIA, again, **asked, reopen_reason="the tool was not replaced")
    next_number = str(company.variables(again)["request"]["number"])
    assert next_number in dock(company, "NEXT")["findings"][0]["message"]["en"]
    answered(company, next_number, effective=True)
    assert dock(company, "NEXT")["findings"] == []


def test_what_no_rule_foresees_is_decided_by_a_person(company: Scenario) -> None:
    """IQ-01, default: the lot waits until quality assurance says how it is inspected."""
    refused_before(company, 7)
    assert dock(company, "HX-77")["findings"] == []
    (item,) = (each for each in company.worklist(DORA) if each.activity_id == "DecideMode")
    inspection = Inspection(company, item.work_item_id.process_instance_id)
    assert inspection.case["mode"]["route"] == "QA_REVIEW"
    assert inspection.open_activities() == ["DecideMode"]
    inspection.do("DecideMode", DORA, severity="normal", reason="the history is of another mould")
    assert inspection.case["mode"]["route"] == "QA"
    assert {each["severity"] for each in inspection.case["sampling"]["to_measure"]} == {"normal"}
    inspection.inspect()
    inspection.review()
    inspection.accept()
    assert inspection.open_activities() == ["PutAway"]


def _refused(company: Scenario, supplier: Any, item: Any, number: int) -> dict[str, Any]:
    """A refused lot of the past: two lead to tightened inspection, four are under it."""
    return {
        "tenant_id": TENANT,
        "supplier_event_id": new_id(),
        "supplier_id": supplier.supplier_id,
        "item_id": item.item_id,
        "kind": "lot_inspected",
        "lot_id": None,
        "inspection_lot_id": None,
        "resubmission": False,
        "severity": "normal",
        "accepted": False,
        "accepted_one_step_tighter": False,
        "acceptance_number": 0,
        "received_at": company.clock().replace(year=2025, month=number + 1),
        "recorded_at": company.clock(),
        "actor": "ben",
        "note": None,
    }


def test_a_critical_item_is_never_released_before_its_results(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.check_documents()
    drawn = inspection.case["sampling"]["sample_count"]
    refused = inspection.attempt("DrawSamples", BEN, drawn=drawn, marked=True, urgent=True)
    assert isinstance(refused, Rejected)
    inspection.draw_samples()
    assert "StateNeed" not in inspection.open_activities()


def test_who_looked_for_a_laboratory_error_does_not_review(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(values={2: ["60.00"]})
    inspection.do("LaboratoryCheck", CLEO, **CHECK, finding="no_error", reason="all in order")
    refused = inspection.attempt("Review", CLEO, complete=True, retests_justified=True, agrees=True)
    assert isinstance(refused, Rejected)
    inspection.review(by=BEA)
