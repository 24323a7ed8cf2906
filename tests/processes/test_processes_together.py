"""Two processes at a time, both real: what one asks reaches the other, and the answer comes back.

The static half of this is `test_messages.py`.
"""

from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Rejected
from processes.change_control.scenarios.change import ChangeCase, request
from processes.complaint.scenarios.test_complaint import Complaint
from processes.corrective_action.scenarios.test_capa import planned, screen, to_plan
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import lots
from processes.nonconformance.scenarios.nonconformance import (
    SCREW,
    Nonconformance,
    receive,
    report,
)
from processes.procurement.scenarios.purchase import Purchase, begin
from processes.recall.scenarios.field_action import Company, Recall, open_action
from tests.people import DORA
from tests.processes.whole_company import HANA, MEI, QUIN, instance_of, staff, thrown
from tests.scenario import Scenario


@pytest.fixture
def whole(scenario: Scenario) -> Scenario:
    return staff(scenario)


def close_capa(company: Scenario, capa: UUID) -> None:
    company.do("Screen", DORA, capa, warranted=False, reason="known and mended")
    company.do("Close", DORA, capa, reason="not warranted")


def asked_change(company: Scenario) -> ChangeCase:
    return ChangeCase(company, instance_of(company, "Screen", HANA))


def small_change(change: ChangeCase, *objects: dict[str, Any]) -> None:
    """Take a change of format to its release: the short way."""
    change.screen("format", criticality="C", **({"objects": list(objects)} if objects else {}))
    change.assess()
    change.assess_quality()
    change.approve()
    change.to_release()
    change.release()


def investigated(nc: Nonconformance, **more: Any) -> Any:
    return nc.attempt(
        "Investigate",
        HANA,
        method="five_why",
        findings="the drawing allows a burr",
        cause_code="method",
        engineer="Ivan Luo",
        risk_before="cosmetic",
        risk_after="none",
        **more,
    )


def test_a_nonconformity_asks_for_a_change_and_waits_for_it(whole: Scenario) -> None:
    nc = report(whole, receive(whole))
    nc.triage()
    nc.scope()
    refused = investigated(nc, change_needed=True)
    assert isinstance(refused, Rejected)  # what is to change is named
    whole.must(investigated(nc, change_needed=True, change_title="No burr on the drawing"))
    change = asked_change(whole)
    assert change.case["change"]["source_number"] == nc.record.number
    assert (change.order.title, change.order.reason) == (
        "No burr on the drawing",
        "the drawing allows a burr",
    )
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    assert nc.open_activities() == []  # the goods are settled, the change is not
    small_change(change)
    assert nc.open_activities() == ["DecideCapa"]
    assert nc.case["change"]["change"] == change.order.number
    nc.close()
    assert whole.verify().differences == []


def test_a_change_that_takes_long_does_not_hold_the_record_for_ever(whole: Scenario) -> None:
    nc = report(whole)
    nc.triage(product_kind="software")
    nc.scope()
    assert isinstance(investigated(nc), Rejected)  # a patch is a change: say so
    whole.must(investigated(nc, change_needed=True, change_title="Patch 1.2"))
    assert nc.open_activities() == []
    whole.clock.advance(days=30, minutes=1)
    whole.background.run_until_idle()
    nc.do("ChangeWaiting", HANA, go_on=True, reason="board meets on Monday")
    whole.clock.advance(days=30, minutes=1)
    whole.background.run_until_idle()
    nc.do("ChangeWaiting", HANA, go_on=False, reason="followed in the change")
    assert nc.open_activities() == ["DecideCapa"]


def test_a_nonconformity_of_shipped_goods_is_assessed_and_answered(whole: Scenario) -> None:
    maker = Company(whole, team=())
    _, device = maker.set_up("US")
    nc = report(whole, device.number)
    nc.to_disposition(
        severity="S5", product_kind="sterile_finished", resterilisation_validated=False
    )
    recall = Recall(maker, instance_of(whole, "Open", DORA), (device,))
    opened = whole.context(whole.open("Open", DORA, recall.instance))
    assert (opened["source_number"], opened["lots"]) == (nc.record.number, [device.number])
    recall.do(
        "Open",
        DORA,
        mode="real",
        title="Burrs in the field",
        description="burrs on the thread",
        aware_at=opened["aware_at"],
        aware_evidence="the nonconformity",
        affected=[{"lot": device.number}],
    )
    recall.evaluate()
    recall.decide()
    assert nc.case["assessment"] == {
        "source_kind": "nonconformity",
        "source_number": nc.record.number,
        "field_action": recall.number,
        "decision": "recall",
    }
    assert "ChaseAssessment" not in nc.open_activities()


def test_who_inspects_a_recalled_lot_is_told_and_told_when_it_is_given_back(
    whole: Scenario,
) -> None:
    maker = Company(whole, team=())
    inspection = deliver(whole)
    number = inspection.case["inspection"]["lot_number"]
    with maker.book(DORA) as context:
        lot = lots.by_number(context.db, context.tenant_id, number)
    recall = open_action(maker, lot)
    assert [each["lot_number"] for each in thrown(whole, recall.instance, "lot.recalled")] == [
        number
    ]
    recall.evaluate(violation=False, risk=False, harm="unlikely")
    recall.decide("none")
    recall.do("GiveBack", DORA, confirmed=True, reason="drawing misread")
    assert thrown(whole, recall.instance, "lot.released") == [
        {
            "lot_number": number,
            "reason": "drawing misread",
            "source_kind": "recall",
            "source_number": recall.number,
        }
    ]
    assert recall.status == "completed"


def test_a_recall_asks_for_a_change_and_a_corrective_action(whole: Scenario) -> None:
    maker = Company(whole, team=())
    part, _ = maker.set_up("US")
    recall = open_action(maker, part)
    recall.evaluate()
    recall.decide()
    recall.plan()
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"used": "4"})
    recall.check_effect(by=QUIN)
    recall.do(
        "RootCause",
        DORA,
        root_cause="heat treatment skipped",
        capa=True,
        change=True,
        change_title="Interlock in the furnace",
    )
    assert recall.case["asked"] == {"capa": True, "change": True}
    capa = instance_of(whole, "Screen", DORA)
    change = asked_change(whole)
    assert whole.variables(capa)["capa"]["source_number"] == recall.number
    assert change.order.title == "Interlock in the furnace"
    nobody_forgets_what_was_asked(whole, recall)
    close_capa(whole, capa)
    assert recall.case["capa_closed"]["capa"] == whole.variables(capa)["capa"]["number"]
    small_change(change)
    assert recall.case["change"]["change"] == change.order.number
    assert recall.case["change"]["effective_from"] == whole.clock().date().isoformat()


def nobody_forgets_what_was_asked(whole: Scenario, recall: Recall) -> None:
    """After its time somebody has to chase it, and again; the answer is still waited for."""
    for _ in range(2):
        assert not {"ChaseCapa", "ChaseChange"} & set(recall.open_activities())
        whole.clock.advance(days=61)
        whole.background.run_until_idle()
        recall.do("ChaseCapa", DORA, note="asked the owner: tests take longer")
        recall.do("ChaseChange", DORA, note="asked engineering")


def test_a_complaint_waits_for_what_follows_from_it(whole: Scenario) -> None:
    complaint = Complaint(whole, people=())
    complaint.judge(report=False, outcome="none", lot_number=receive(whole))
    complaint.investigate(new_hazard=True)
    complaint.follow(nonconformity=True, capa=True, keep_open=True)
    nc = Nonconformance(whole, instance_of(whole, "Triage", HANA), None)
    assert nc.record.source_number == complaint.number
    complaint.do("Reply", MEI, reply="We replace it.", sent_on="2026-11-23")
    assert open_of(whole, complaint.instance) == []
    close_capa(whole, instance_of(whole, "Screen", DORA))
    assert open_of(whole, complaint.instance) == []
    nc.do("Triage", HANA, verdict="duplicate", verdict_reason="known already")
    nc.do("ConfirmVoid", DORA, confirmed=True, reason="known already")
    assert open_of(whole, complaint.instance) == ["Close"]
    case = whole.variables(complaint.instance)
    assert case["nc_closed"]["nonconformity"] == nc.record.number
    assert case["capa_closed"]["effective"] is None


def test_a_complaint_need_not_wait_for_ever(whole: Scenario) -> None:
    complaint = Complaint(whole, people=())
    complaint.judge(report=False, outcome="none")
    complaint.investigate(new_hazard=True)
    complaint.follow(capa=True, keep_open=True)
    whole.clock.advance(days=60, minutes=1)
    whole.background.run_until_idle()
    complaint.do("GoOn", DORA, go_on=False, reason="followed in the CAPA")
    assert open_of(whole, complaint.instance) == ["Reply"]
    complaint.finish()
    assert whole.status(complaint.instance) == "completed"


def open_of(company: Scenario, instance: UUID) -> list[str]:
    return sorted(each.activity_id for each in company.items(instance) if each.status == "open")


def test_a_change_that_reaches_the_field_has_it_assessed(whole: Scenario) -> None:
    maker = Company(whole, team=())
    part, _ = maker.set_up("US")
    change = request(whole)
    change.to_decision("specification", criticality="B")
    change.approve()
    change.plan("QE", shipped="field_action")
    [asked] = thrown(whole, change.instance, "fieldaction.assess")
    assert (asked["source_number"], asked["item_number"]) == (change.order.number, SCREW)
    recall = Recall(maker, instance_of(whole, "Open", DORA), (part,))
    recall.do(
        "Open",
        DORA,
        mode="real",
        title="Old threads in the field",
        description="threads strip",
        aware_at=asked["aware_at"],
        aware_evidence="the change",
        affected=[{"lot": part.number}],
    )
    recall.evaluate()
    recall.decide("correction")
    assert change.case["field_action"] == {"number": recall.number, "decision": "correction"}
    assert [said for said, _ in change.decided("field_assessment")] == ["asked", "correction"]
    change.carry_out()
    change.verify()
    change.release()
    assert change.order.status == "effective"


def test_a_change_without_effect_waits_for_its_corrective_action(whole: Scenario) -> None:
    change = request(whole)
    change.to_decision("format")
    change.approve()
    change.to_release()
    change.release()
    change.finish(effective=False)
    assert change.open_activities() == []
    whole.clock.advance(days=90, minutes=1)
    whole.background.run_until_idle()
    change.do("CapaWaiting", HANA, go_on=True, reason="half done")
    close_capa(whole, instance_of(whole, "Screen", DORA))
    assert change.open_activities() == ["Close"]
    assert change.case["capa"]["effective"] is None


def test_a_corrective_action_asks_for_a_change(whole: Scenario) -> None:
    nc = report(whole, receive(whole))
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    nc.do("DecideCapa", DORA, start=True, keep_open=False)
    capa = instance_of(whole, "Screen", DORA)
    screen(whole, capa, "S3", "repeated")
    whole.do("Contain", HANA, capa, team="Hana, Ivan", containment="100 % inspection")
    to_plan(whole, capa)
    planned(whole, capa, change_needed=True)
    change = asked_change(whole)
    assert "replace the tool every 5,000 pieces" in change.case["change"]["proposal"]
    small_change(change)
    assert whole.variables(capa)["change"]["change"] == change.order.number
    assert open_of(whole, capa) == ["Implement"]


def test_purchasing_asks_for_an_item_and_its_change_opens(whole: Scenario) -> None:
    purchase: Purchase = begin(whole)
    purchase.request(item_number="NEW-CLAMP")
    change = asked_change(whole)
    assert change.case["change"]["source_kind"] == "requisition"
    assert "NEW-CLAMP" in change.case["change"]["proposal"]
    small_change(change)
    assert purchase.case["item_change"]["change"] == change.order.number
