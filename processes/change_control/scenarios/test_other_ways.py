"""Emergencies, deviations, rejections, withdrawals, messages, reopened changes."""

from typing import Any

from engine.commands.process_instances import CancelProcessInstance
from engine.identifiers import new_id
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Outcome, Rejected
from engine.reading import readers
from processes.change_control.scenarios.change import (
    FINN,
    HANA,
    IVAN,
    KAI,
    OMAR,
    QUIN,
    REVISION,
    SCREW,
    ChangeCase,
    request,
)
from processes.incoming_inspection.scenarios.inspection import send
from processes.ledger.changes import orders, temporary
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario

EMERGENCY: dict[str, Any] = {
    "kind": "emergency",
    "item_number": SCREW,
    "lots": "L-1 L-2",
    "valid_until": "2026-12-10",
}
DEVIATION = {**EMERGENCY, "kind": "deviation", "quantity": "100"}


def in_force(change: ChangeCase) -> bool:
    with change.company.database.reading() as db:
        now = change.company.clock()
        return temporary.in_force(db, TENANT, change.order, now) is not None


def emergency(company: Scenario) -> ChangeCase:
    change = request(company, **EMERGENCY)
    aspects = [{"aspect": "specification"}]
    change.do("Screen", HANA, decision="emergency", aspects=aspects, criticality="B")
    return change


# --- emergency --------------------------------------------------------------------------------


def test_an_emergency_counts_at_once_and_is_assessed_afterwards(staffed: Scenario) -> None:
    change = emergency(staffed)
    assert change.open_activities() == ["OkENG", "OkQA"]
    change.do("OkQA", DORA, agreed=True)
    assert not in_force(change)
    change.do("OkENG", IVAN, agreed=True)
    assert in_force(change)
    assert change.decided("emergency_ok") == [("agreed", "dora"), ("agreed", "ivan")]
    assert "ImpactQA" in change.open_activities()
    change.assess()
    change.decide_markets()
    change.assess_quality()
    change.vote()
    change.approve()
    change.to_release()
    change.release()
    assert not in_force(change)  # the released change took its place
    staffed.clock.advance(days=30)
    staffed.background.run_until_idle()
    assert change.open_activities() == ["CutIn"]


def test_an_emergency_that_runs_out_is_stopped(staffed: Scenario) -> None:
    change = emergency(staffed)
    change.do("OkQA", DORA, agreed=True)
    change.do("OkENG", IVAN, agreed=True)
    staffed.clock.advance(days=18, minutes=1)
    staffed.background.run_until_idle()
    assert not in_force(change)
    assert "StopUse" in change.open_activities()
    change.do("StopUse", DORA, stopped=True, arranged="old drawing is back on the line")
    assert "StopUse" not in change.open_activities()
    assert "ImpactQA" in change.open_activities()


def test_without_both_an_emergency_goes_the_usual_way(staffed: Scenario) -> None:
    change = emergency(staffed)
    change.do("OkENG", IVAN, agreed=True)
    change.do("OkQA", DORA, agreed=False, condition="not safe without a test")
    assert not in_force(change)
    assert "ImpactQA" in change.open_activities()


def test_an_emergency_lasts_thirty_days_at_most(staffed: Scenario) -> None:
    change = request(staffed, **{**EMERGENCY, "valid_until": "2027-01-10"})
    aspects = [{"aspect": "specification"}]
    change.do("Screen", HANA, decision="emergency", aspects=aspects, criticality="B")
    change.do("OkQA", DORA, agreed=True)
    refused = change.attempt("OkENG", IVAN, agreed=True)
    assert isinstance(refused, Rejected)
    assert "2026-12-23" in refused.message["en"]


def test_a_permanent_request_does_not_take_the_emergency_path(staffed: Scenario) -> None:
    change = request(staffed)
    aspects = [{"aspect": "format"}]
    refused = change.attempt("Screen", HANA, decision="emergency", aspects=aspects, criticality="C")
    assert isinstance(refused, Rejected)


# --- planned deviation ------------------------------------------------------------------------


def deviation(company: Scenario) -> ChangeCase:
    change = request(company, **DEVIATION)
    change.to_decision("format")
    change.approve()
    return change


def test_a_deviation_is_renewed_twice_and_then_ends(staffed: Scenario) -> None:
    change = deviation(staffed)
    assert in_force(change)
    for until in ("2026-12-20", "2026-12-30"):
        change.do("UseDeviation", HANA, action="renew", valid_until=until, reason="late")
        change.do("ApproveRenewal", DORA, approved=True)
    refused = change.attempt(
        "UseDeviation", HANA, action="renew", valid_until="2027-01-10", reason="later"
    )
    assert isinstance(refused, Rejected)
    with staffed.database.reading() as db:
        found = temporary.of_change(db, TENANT, change.order)
    assert [each.renewal for each in found] == [0, 1, 2]
    change.do("UseDeviation", HANA, action="end", reason="parts have come")
    assert not in_force(change)
    change.do("Close", DORA, reason="no longer needed")
    assert change.order.status == "closed"


def test_a_deviation_ends_on_its_day(staffed: Scenario) -> None:
    change = deviation(staffed)
    staffed.clock.advance(days=18, minutes=1)
    staffed.background.run_until_idle()
    assert not in_force(change)
    assert change.open_activities() == ["Close"]


def test_a_renewal_that_is_not_approved_ends_it(staffed: Scenario) -> None:
    change = deviation(staffed)
    change.do("UseDeviation", HANA, action="renew", valid_until="2026-12-20", reason="late")
    change.do("ApproveRenewal", DORA, approved=False, reason="no")
    assert change.open_activities() == ["Close"]
    assert not in_force(change)


# --- rejection, appeal, withdrawal, reopening -------------------------------------------------


def test_a_request_is_sent_back_and_appealed_once(staffed: Scenario) -> None:
    change = request(staffed)
    change.do("Screen", HANA, decision="reject", reason="not understandable")
    assert change.case["rejected"]["reason"] == "not understandable"
    change.do("ReadRejection", FINN, appeal=True, reason="it is clear to everybody")
    change.do("Appeal", OMAR, granted=True, reason="ask the author")
    change.do("Screen", HANA, decision="reject", reason="still not")
    refused = change.attempt("ReadRejection", FINN, appeal=True, reason="again")
    assert isinstance(refused, Rejected)
    change.do("ReadRejection", FINN, appeal=False)
    assert change.status == "completed"
    assert change.order.status == "rejected"


def test_the_board_rejects_with_its_signature(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.do("Board", DORA, decision="reject", reason="no benefit")
    change.do("Reject", DORA, reason="no benefit")
    signed = [e for e in staffed.events(change.instance) if e["event"] == "signature.made"]
    assert signed[-1]["meaning"] == "REJ"
    change.do("ReadRejection", FINN, appeal=True, reason="there is one")
    change.do("Appeal", OMAR, granted=False, reason="there is none")
    assert change.order.status == "rejected"
    assert ("denied", "omar") in change.decided("appeal")


def test_a_rejection_nobody_answers_stands(staffed: Scenario) -> None:
    change = request(staffed)
    change.do("Screen", HANA, decision="reject", reason="duplicate", duplicate_of="CHG-1")
    staffed.clock.advance(days=10, minutes=1)
    staffed.background.run_until_idle()
    assert change.order.status == "rejected"


def test_a_change_is_withdrawn_with_reason_and_signature(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("format")
    outcome = withdraw(change, DORA)
    assert not isinstance(outcome, Rejected)
    assert change.status == "cancelled"
    assert change.order.status == "withdrawn"


def test_what_is_in_force_is_not_withdrawn(staffed: Scenario) -> None:
    change = request(staffed)
    change.to_decision("format")
    change.approve()
    change.to_release()
    change.release()
    refused = withdraw(change, DORA)
    assert isinstance(refused, Rejected)
    assert change.order.status == "effective"


def test_a_finished_change_is_reopened_as_its_next_cycle(staffed: Scenario) -> None:
    first = request(staffed)
    first.do("Screen", HANA, decision="reject", reason="no data")
    first.do("ReadRejection", FINN, appeal=False)
    again = request(staffed, earlier=first.order.number)
    assert (again.order.number, again.order.cycle) == (first.order.number, 2)
    with staffed.database.reading() as db:
        frozen = orders.find(db, TENANT, first.order.change_id)
    assert (frozen.cycle, frozen.status) == (1, "rejected")


def test_a_running_change_is_not_reopened(staffed: Scenario) -> None:
    first = request(staffed)
    instance = staffed.start("change_control", by=FINN)
    asked: dict[str, Any] = {
        "kind": "permanent",
        "earlier": first.order.number,
        "title": "t",
        "problem": "p",
        "proposal": "p",
        "reason": "r",
        "urgency": "normal",
    }
    refused = staffed.attempt("WriteRequest", FINN, instance, **asked)
    assert isinstance(refused, Rejected)
    assert first.order.number in refused.message["en"]


# --- messages --------------------------------------------------------------------------------


def test_another_process_asks_for_a_change_and_hears_of_it(staffed: Scenario) -> None:
    payload = {
        "source_kind": "corrective_action",
        "source_number": "CAPA-2026-00001",
        "title": "Longer thread",
        "reason": "root cause: thread too short",
        "objects": [REVISION, {"kind": "item", "key": "?", "field": "model", "new": "X"}],
    }
    send(staffed, "change.requested", "CAPA-2026-00001", payload)
    item = next(i for i in staffed.worklist(HANA) if i.activity_id == "Screen")
    change = ChangeCase(staffed, item.work_item_id.process_instance_id)
    assert "item_revision" in change.case["change"]["summary"]
    assert "(item ?" in change.case["change"]["proposal"]  # what cannot be read is seen by a person
    change.to_decision("format")
    change.approve()
    change.to_release()
    change.release()
    sent = change.sent("change.effective")
    assert [m["correlation"] for m in sent] == ["CAPA-2026-00001"]
    assert sent[0]["payload"]["change"] == change.order.number


def withdraw(change: ChangeCase, by: Person) -> Outcome:
    """Cancel the instance as the screen does it: reason, record shown, signature."""
    company = change.company
    why = "the customer left"
    meaning = company.dispatcher.documents(TENANT)["signature_meanings"]["CLOS"]
    record = {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": TENANT,
        "process_instance": str(change.instance),
        "definition": company.items(change.instance)[0].deployed.definition.hash,
        "meaning": "CLOS",
        "statement": meaning["statement"]["zh"],
        "language": "zh",
        "signer": by.username,
        "why": why,
    }
    signature = SignatureRequest(
        username=by.username,
        password=by.password,
        meaning="CLOS",
        shown_hash=record_hash(record),
        language="zh",
    )
    command = CancelProcessInstance(
        command_id=new_id(),
        process_instance_id=change.instance,
        why=why,
        signature=signature,
    )
    return company.ask(command, by)


def test_a_withdrawal_needs_the_right_role(staffed: Scenario) -> None:
    change = request(staffed)
    assert isinstance(withdraw(change, KAI), Rejected)
    assert not isinstance(withdraw(change, QUIN), Rejected)


# --- who reads it -----------------------------------------------------------------------------


def test_a_requester_reads_the_changes_they_asked_for_and_no_others(staffed: Scenario) -> None:
    change = request(staffed)
    documents = staffed.dispatcher.documents(TENANT)

    def reads(person: Person, role: str) -> bool:
        account_id = staffed.actor(person).account_id
        assert account_id is not None
        with staffed.database.reading() as db:
            in_force = staffed.dispatcher.resources.catalogue.active(db, TENANT)
            who = readers.reader_of(documents, in_force, account_id, [role])
            return readers.may_read(db, TENANT, who, change.instance)

    assert reads(FINN, "REQ")
    assert not reads(KAI, "REQ")
    assert reads(KAI, "FIN")
