"""The ways that a nonconformance may take: raised, void, narrowed, shipped, supplier, reopened."""

from typing import Any

from engine.commands.process_instances import CancelProcessInstance
from engine.identifiers import new_id
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import send
from processes.nonconformance.scenarios.nonconformance import (
    HANA,
    NORA,
    OMAR,
    Nonconformance,
    receive,
    report,
)
from tests.people import DORA
from tests.scenario import Scenario


def raised(company: Scenario, **payload: Any) -> Nonconformance:
    """What another process found: the message, and the nonconformance that it starts."""
    sent = {
        "source_kind": "complaint",
        "source_number": "CPL-2026-00007",
        "item_number": None,
        "lot_number": None,
        "quantity": None,
        "unit": None,
        "description": "screw broke",
        "severity": "S3",
        **payload,
    }
    send(company, "nc.raised", str(sent["source_number"]), sent)
    item = next(each for each in company.worklist(HANA) if each.activity_id == "Triage")
    return Nonconformance(company, item.work_item_id.process_instance_id, sent["lot_number"])


def test_a_message_contains_before_anybody_looks(company: Scenario) -> None:
    nc = raised(company, lot_number=receive(company), source_kind="incoming_inspection")
    assert len(nc.holds()) == 1
    assert nc.record.stage == "incoming"
    assert nc.record.severity == "S3"
    assert nc.record.supplier_id is not None


def test_a_message_without_a_lot_is_scoped_by_hand(company: Scenario) -> None:
    lot_number = receive(company)
    nc = raised(company)
    nc.triage()
    assert nc.case["reach"]["candidates"] == []
    nc.scope(more=[{"lot_number": lot_number, "finding": "affected", "evidence": "same shift"}])
    nc = Nonconformance(company, nc.instance, lot_number)
    assert len(nc.holds()) == 1
    assert nc.sent("lot.hold")[0]["lot_number"] == lot_number
    nc.investigate()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    nc.close()
    [closed] = nc.sent("nc.closed")
    assert (closed["source_kind"], closed["source_number"]) == ("complaint", "CPL-2026-00007")


def test_void_takes_two_people_and_only_quality_releases(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.do("Triage", HANA, verdict="duplicate", verdict_reason="as NC-2026-00001")
    assert nc.holds()
    nc.do("ConfirmVoid", DORA, confirmed=False, reason="another lot")
    assert nc.open_activities() == ["Triage"]
    nc.do("Triage", HANA, verdict="invalid", verdict_reason="within the drawing")
    nc.do("ConfirmVoid", DORA, confirmed=True, reason="measured again")
    assert nc.status == "completed"
    assert nc.holds() == []
    assert nc.record.outcome == "void"
    assert nc.sent("nc.closed")


def test_only_a_part_is_held_when_that_is_shown(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.triage()
    nc.scope(
        {"finding": "affected", "quantity": "4"},
        narrow=True,
        narrow_reason="only box 2 of 5 was wet",
    )
    nc.investigate()
    nc.approve(("4", "SCRAP"))
    assert nc.holds() == []  # the rest is free, the four are rejected
    assert nc.stock() == {("Q-01", "QUARANTINE"): 6, ("Q-01", "REJECTED"): 4}
    nc.scrap()
    nc.close()
    assert nc.stock() == {("Q-01", "QUARANTINE"): 6}


def test_cleared_lots_are_cleared_with_evidence(company: Scenario) -> None:
    other = receive(company)
    nc = report(company, receive(company))  # the same supplier's lot, received twice
    nc.triage()
    assert [each["via"] for each in nc.case["reach"]["candidates"]] == ["reported", "supplier_lot"]
    rows = [{"finding": "affected"}, {"finding": "clear"}]
    refused = nc.attempt("Scope", HANA, lots=rows, narrow=False)
    assert isinstance(refused, Rejected)
    assert [error.path for error in refused.errors] == ["/lots/1/evidence"]
    nc.scope()
    assert nc.holds(other) == []


def test_a_suspect_lot_stops_the_disposition(company: Scenario) -> None:
    other = receive(company)
    nc = report(company, receive(company))
    nc.triage()
    nc.scope({"finding": "affected"}, {"finding": "suspect"})
    assert len(nc.holds(other)) == 1
    assert {each["lot_number"] for each in nc.sent("lot.hold")} == {nc.lot_number, other}


def test_the_supplier_is_asked_and_the_rest_does_not_wait(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition(supplier_caused=True)
    [issued] = nc.sent("scar.issued")
    assert issued["supplier"] == "S-1001"
    nc.propose(("10", "SCRAP"))
    assert "VoteSourcing" in nc.open_activities()
    nc.vote()
    nc.do("Approve", DORA, decision="approve", rejected_location="R-01")
    nc.scrap()
    assert "DecideCapa" not in nc.open_activities()  # the answer is still awaited
    company.clock.advance(days=14, minutes=1)
    company.background.run_until_idle()
    assert "DecideCapa" in nc.open_activities()
    assert nc.case["facts"]["supplier_answer_overdue"] is True
    assert nc.case["capa_rule"]["trigger"] == "supplier_overdue"
    nc.close(capa=True)
    [asked] = nc.sent("capa.requested")
    assert asked["trigger"] == "supplier_overdue"


def test_an_answered_request_lets_it_go_on(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition(supplier_caused=True)
    number = nc.sent("scar.issued")[0]["scar"]
    answer = {"scar": number, "answer": "tool replaced", "effective": None}
    send(company, "scar.answered", number, answer)
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    assert nc.case["supplier_answer"]["answer"] == "tool replaced"
    assert "DecideCapa" in nc.open_activities()


def test_what_may_harm_but_never_left_is_major(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.triage(severity="S5", regulatory=True)
    nc.scope()
    assert nc.case["class"]["class"] == "MAJOR"  # nothing was released or shipped
    assert nc.sent("fieldaction.assess") == []


def test_low_and_contained_is_minor_only_where_it_happened_once(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition(severity="S2", single_event=True)
    assert (nc.case["class"]["class"], nc.case["class"]["route"]) == ("MINOR", "BOARD")
    nc = report(company, receive(company, supplier_lot="B2"))
    nc.triage(severity="S2", single_event=False)
    nc.scope()
    assert (nc.case["class"]["class"], nc.case["class"]["route"]) == ("MAJOR", "QA_REVIEW")
    assert nc.open_activities() == ["ConfirmClass"]


def test_no_rule_leaves_the_class_to_quality(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.triage(severity="S2")
    nc.scope(more=[{"lot_number": receive(company, "C3"), "finding": "suspect", "evidence": "x"}])
    assert nc.open_activities() == ["ConfirmClass"]
    nc.do("ConfirmClass", DORA, **{"class": "CRITICAL", "reason": "several lots"})
    assert nc.case["classified"]["class"] == "CRITICAL"
    nc.do("Inform", OMAR, arranged="daily meeting at 9")


def test_a_closed_one_is_opened_again_as_a_new_cycle(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    nc.close()
    number = nc.record.number
    other = receive(company, "LATER")
    again = report(company, other, reopens=number, reopen_reason="customer found one more")
    assert (again.case["nc"]["number"], again.case["nc"]["cycle"]) == (number, 2)
    assert again.holds() == [f"nonconformity {number}"]
    assert nc.status == "completed"
    still_open = company.start("nonconformance", by=NORA)
    refused = company.attempt(
        "Report",
        NORA,
        still_open,
        what="more",
        where="stock",
        reopens=number,
        reopen_reason="again",
    )
    assert isinstance(refused, Rejected)


def test_a_cancelled_instance_leaves_the_holds_with_quality(company: Scenario) -> None:
    nc = report(company, receive(company))
    why = "entered for the wrong site"
    meaning = company.dispatcher.documents("test")["signature_meanings"]["CLOS"]
    record = {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": "test",
        "process_instance": str(nc.instance),
        "definition": company.items(nc.instance)[0].deployed.definition.hash,
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
        command_id=new_id(), process_instance_id=nc.instance, why=why, signature=signature
    )
    company.must(company.ask(command, DORA))
    assert nc.status == "cancelled"
    assert nc.record.outcome == "cancelled"
    assert len(nc.holds()) == 1
    assert company.verify().differences == []


def test_a_capa_may_keep_it_open(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    nc.do("DecideCapa", DORA, start=True, keep_open=True)
    assert nc.open_activities() == []
    company.clock.advance(days=90, minutes=1)
    company.background.run_until_idle()
    nc.do("CapaWaiting", DORA, go_on=True, reason="effect is measured in May")
    number = nc.record.number
    send(company, "capa.closed", number, {"capa": "CAPA-2026-00001", "effective": True})
    assert nc.open_activities() == ["Close"]
    assert nc.case["capa"]["effective"] is True


def test_waiting_for_a_capa_can_be_given_up(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    nc.do("DecideCapa", DORA, start=True, keep_open=True)
    company.clock.advance(days=90, minutes=1)
    company.background.run_until_idle()
    nc.do("CapaWaiting", DORA, go_on=False, reason="the CAPA has its own record")
    assert nc.open_activities() == ["Close"]


def test_closing_needs_a_complete_record(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition()
    nc.approve(("10", "SCRAP"))
    nc.scrap()
    refused = nc.attempt("DecideCapa", DORA, start=False)
    assert isinstance(refused, Rejected)  # no CAPA only with a reason
    nc.do("DecideCapa", DORA, start=False, reason="single event")
    refused = nc.attempt("Close", DORA, complete=False, exceptions_reviewed=True, reason="x")
    assert isinstance(refused, Rejected)
    assert nc.holds()


def test_what_concerns_no_goods_has_nothing_to_dispose_of(company: Scenario) -> None:
    nc = raised(company, source_kind="supplier_audit", source_number="SQ-2026-00001")
    assert nc.record.stage == "audit"
    nc.triage(product_kind="other", audit_finding_major=True)
    nc.scope()
    nc.investigate()
    assert nc.open_activities() == ["DecideCapa"]
    assert nc.case["capa_rule"]["trigger"] == "audit_finding"
    nc.close(capa=True)
    assert nc.status == "completed"
    assert nc.sent("nc.closed")[0]["dispositions"] == []
