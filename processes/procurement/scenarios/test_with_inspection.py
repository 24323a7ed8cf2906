"""An order through the real dock and the real inspection: their messages fit together."""

from processes.incoming_inspection.scenarios.inspection import Inspection
from processes.nonconformance.scenarios.nonconformance import HANA, IVAN, JIN, Nonconformance
from processes.procurement.scenarios.purchase import begin
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
