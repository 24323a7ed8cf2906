"""An order through the real dock and the real inspection: their messages fit together."""

from processes.incoming_inspection.scenarios.inspection import Inspection
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
