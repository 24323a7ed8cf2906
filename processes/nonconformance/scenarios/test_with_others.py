"""Nonconformance among the other processes: what it is told, and what it asks of them."""

from processes.incoming_inspection.scenarios.inspection import deliver
from processes.nonconformance.scenarios.nonconformance import (
    HANA,
    PIA,
    Nonconformance,
    receive,
    report,
)
from tests.people import DORA
from tests.scenario import Scenario


def test_a_rejected_inspection_starts_it_and_holds_the_lot(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(defects=3)
    inspection.review()
    inspection.refuse("REJECT", "scratched surfaces")
    lot_number = inspection.case["inspection"]["lot_number"]
    item = next(each for each in company.worklist(HANA) if each.activity_id == "Triage")
    nc = Nonconformance(company, item.work_item_id.process_instance_id, lot_number)
    assert nc.record.source_number == inspection.case["inspection"]["number"]
    assert (nc.record.stage, nc.record.description) == ("incoming", "scratched surfaces")
    assert nc.holds() == [f"nonconformity {nc.record.number}"]
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    assert nc.case["facts"]["supplier_rejected"] == 1
    nc.close()
    assert nc.stock() == {}
    assert company.verify().differences == []


def test_the_supplier_answers_and_a_capa_begins(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition(supplier_caused=True)
    request = company.open("Answer", PIA).work_item_id.process_instance_id
    assert company.variables(request)["request"]["number"] == nc.sent("scar.issued")[0]["scar"]
    for _ in ("containment", "root cause", "plan"):
        given = {"answered_at": company.clock().isoformat(), "answer": "tool replaced"}
        company.do("Answer", PIA, request, accepted=True, **given)
    assert nc.case["supplier_answer"]["answer"] == "tool replaced"
    nc.propose(("10", "SCRAP"))
    nc.vote()
    nc.do("Approve", DORA, decision="approve", rejected_location="R-01")
    nc.scrap()
    nc.do("DecideCapa", DORA, start=True, keep_open=True)
    capa = company.open("Screen", DORA).work_item_id.process_instance_id
    assert company.variables(capa)["capa"]["source_number"] == nc.record.number
    company.do("Screen", DORA, capa, warranted=False, reason="the SCAR covers it")
    company.do("Close", DORA, capa, reason="not warranted")
    assert nc.open_activities() == ["Close"]  # told by capa.closed
    assert nc.case["capa"]["capa"] == company.variables(capa)["capa"]["number"]
