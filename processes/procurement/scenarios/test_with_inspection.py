"""An order through the real dock and the real inspection: their messages fit together."""

from collections.abc import Mapping
from typing import Any

from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import Inspection
from processes.nonconformance.scenarios.nonconformance import HANA, IVAN, JIN, Nonconformance
from processes.procurement.scenarios.purchase import Purchase, begin
from tests.people import BEN
from tests.scenario import Scenario


def test_what_inspection_accepts_closes_the_line(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.request(quantity="10")
    purchase.approve("Requisition")
    purchase.source()
    purchase.build(purchase.line("10"))
    purchase.approve("Order")
    purchase.confirm()
    receipt = purchase.receive(10)
    item = next(
        item
        for item in buyers.worklist(BEN)
        if item.activity_id == "CheckDocuments" and receipt["lot_number"] in (item.title or "")
    )
    inspection = Inspection(buyers, item.work_item_id.process_instance_id)
    inspection.inspect()
    inspection.review()
    inspection.accept()
    line = purchase.case["order"]["lines"][0]
    assert (line["accepted"], line["rejected"], line["status"]) == (10, 0, "closed")
    assert purchase.open == ["Invoice"]
    assert buyers.verify().differences == []


def ordered(buyers: Scenario, **asked: Any) -> Purchase:
    """Give an order of ten screws whose line asks for something of its own."""
    purchase = begin(buyers)
    purchase.request(quantity="10")
    purchase.approve("Requisition")
    purchase.source()
    purchase.build({**purchase.line("10"), **asked})
    purchase.approve("Order")
    purchase.confirm()
    return purchase


def under_inspection(buyers: Scenario, receipt: Mapping[str, Any]) -> Inspection:
    item = next(
        item
        for item in buyers.worklist(BEN)
        if item.activity_id == "CheckDocuments" and receipt["lot_number"] in (item.title or "")
    )
    return Inspection(buyers, item.work_item_id.process_instance_id)


ASKED: dict[str, Any] = {"asked_on": "2026-11-23", "contact": "Mr Hu"}


def test_inspection_asks_for_what_the_line_asked_for(buyers: Scenario) -> None:
    """PRC-30: its certificates are looked for with each lot, and do not "not apply"."""
    purchase = ordered(buyers, certificate_of_analysis=True, other_certificates="RoHS declaration")
    inspection = under_inspection(buyers, purchase.receive(10))
    wanted = inspection.case["inspection"]["documents_required"]
    assert [each["code"] for each in wanted] == ["coc", "material", "coa", "ordered"]
    assert wanted[3]["names"]["en"] == "RoHS declaration"
    goods = {"identity_ok": True, "shelf_life_ok": True}
    good = {"finding": "conforming"}
    short = inspection.attempt("CheckDocuments", BEN, documents=[good, good], **goods)
    assert isinstance(short, Rejected)
    waved = [good, good, {"finding": "not_applicable"}, good]
    refused = inspection.attempt("CheckDocuments", BEN, documents=waved, **goods)
    assert isinstance(refused, Rejected)
    assert str(purchase.case["order"]["number"]) in refused.message["en"]
    inspection.check_documents("conforming", "conforming", "conforming", "missing")
    assert inspection.open_activities() == ["Obtain"]
    inspection.do("Obtain", BEN, **ASKED, available=False, note="the supplier has none")
    inspection.check_documents("conforming", "conforming", "conforming", "missing")
    assert inspection.case["verdict"]["verdict"] == "HOLD"  # only a concession accepts it now
    assert buyers.verify().differences == []


def test_a_line_says_how_much_more_may_come(buyers: Scenario) -> None:
    """PRC-30, PR-05: its own tolerance counts before that of the criticality."""
    purchase = ordered(buyers, over_tolerance_percent="20")
    receiving = purchase.at_the_dock(12)
    assert buyers.variables(receiving)["tolerance"]["result"] == "ACCEPT"
    other = ordered(buyers, over_tolerance_percent="20")
    assert buyers.variables(other.at_the_dock(13))["tolerance"]["result"] == "OVER"


def test_what_inspection_holds_is_decided_by_its_nonconformity(buyers: Scenario) -> None:
    """HOLD decides nothing about the order; the dispositions do, and the buyer claims."""
    for person in (IVAN, JIN):
        buyers.add(person)
    purchase = begin(buyers)
    purchase.request(quantity="10")
    purchase.approve("Requisition")
    purchase.source()
    purchase.build(purchase.line("10"))
    purchase.approve("Order")
    purchase.confirm()
    receipt = purchase.receive(10)
    item = next(
        item
        for item in buyers.worklist(BEN)
        if item.activity_id == "CheckDocuments" and receipt["lot_number"] in (item.title or "")
    )
    inspection = Inspection(buyers, item.work_item_id.process_instance_id)
    inspection.inspect()
    inspection.review()
    inspection.refuse("HOLD", "burrs, to be looked at")
    assert purchase.case["order"]["lines"][0]["undecided"] == 10
    found = next(each for each in buyers.worklist(HANA) if each.activity_id == "Triage")
    nc = Nonconformance(buyers, found.work_item_id.process_instance_id, receipt["lot_number"])
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    assert purchase.case["order"]["lines"][0]["undecided"] == 10
    nc.close()
    (told,) = nc.sent("iqc.decided")
    assert (told["decision"], told["rejected_quantity"]) == ("DISPOSED", 10)
    line = purchase.case["order"]["lines"][0]
    assert (line["accepted"], line["rejected"], line["undecided"]) == (0, 10, 0)
    assert "Claim" in purchase.open
    assert nc.holds() == []
    assert buyers.verify().differences == []
