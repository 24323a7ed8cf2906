"""A supplier answers for its lot: in time, late, badly."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import send
from processes.ledger import suppliers
from processes.ledger.nonconformity import supplier_requests
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario

PIA = Person("pia", "Pia Deng", "邓琵", ("SQE",))
GAO = Person("gao", "Gao Ming", "高明", ("PUM",))


def asked(company: Scenario) -> UUID:
    """A request to the supplier of the screws, written by SQE."""
    for person in (PIA, GAO):
        company.add(person)
    instance = company.start("supplier_corrective_action", by=PIA)
    problem = {"supplier": "S-1001", "problem": "burrs on every tenth screw", "critical": False}
    company.do("Request", PIA, instance, **problem)
    return instance


def answer(company: Scenario, instance: UUID, *, accepted: bool = True) -> None:
    given: dict[str, Any] = {
        "answered_at": company.clock().isoformat(),
        "answer": "tool replaced",
        "accepted": accepted,
    }
    if not accepted:
        given["remark"] = "not a root cause"
    company.do("Answer", PIA, instance, **given)


def told(company: Scenario, instance: UUID) -> list[Mapping[str, Any]]:
    return [
        event["payload"]
        for event in company.events(instance)
        if event["event"] == "message.thrown" and event["name"] == "scar.answered"
    ]


def judge(company: Scenario, instance: UUID, *, effective: bool) -> None:
    company.do(
        "Judge", DORA, instance, effective=effective, evidence="5 lots", reason="as measured"
    )


def test_four_answers_and_the_effect(company: Scenario) -> None:
    instance = asked(company)
    number = company.variables(instance)["request"]["number"]
    for step in ("containment", "root_cause", "plan"):
        assert company.variables(instance)["step"]["step"] == step
        assert told(company, instance) == []
        answer(company, instance)
    sent = {"scar": number, "answer": "tool replaced", "effective": None}
    assert told(company, instance) == [sent]  # the plan is accepted: whoever asked may go on
    answer(company, instance)
    judge(company, instance, effective=True)
    assert company.status(instance) == "completed"
    assert len(told(company, instance)) == 1
    with company.database.reading() as db:
        request = supplier_requests.by_number(db, TENANT, number)
        assert (request.status, request.effective) == ("closed", True)
        assert supplier_requests.open_of_supplier(db, TENANT, request.supplier_id) == []
    assert company.verify().differences == []


def test_an_answer_is_sent_back_once_and_then_judged(company: Scenario) -> None:
    instance = asked(company)
    answer(company, instance, accepted=False)
    answer(company, instance, accepted=False)
    judge(company, instance, effective=False)
    assert [each["effective"] for each in told(company, instance)] == [False]


def test_what_is_missing_is_said(company: Scenario) -> None:
    instance = asked(company)
    refused = company.attempt(
        "Answer",
        PIA,
        instance,
        answered_at=company.clock().isoformat(),
        answer="sorry",
        accepted=False,
    )
    assert isinstance(refused, Rejected)


def test_who_does_not_answer_becomes_conditional(company: Scenario) -> None:
    instance = asked(company)
    company.clock.advance(hours=24, minutes=1)
    company.background.run_until_idle()
    company.do(
        "Overdue",
        GAO,
        instance,
        consequence="conditional",
        spoken_to="Mr Hu",
        reason="no answer to two calls",
    )
    with company.database.reading() as db:
        assert suppliers.by_number(db, TENANT, "S-1001").status == "conditional"
    answer(company, instance)  # it still has to answer
    late = [e for e in company.events(instance) if e["event"] == "supplier_request.answered"]
    assert [e["late"] for e in late] == [True]


def test_a_request_of_another_process_starts_it(company: Scenario) -> None:
    company.add(PIA)
    with company.database.reading() as db:
        supplier_id = suppliers.by_number(db, TENANT, "S-1001").supplier_id
    assert supplier_id is not None
    send(
        company,
        "scar.issued",
        "SCAR-2026-00099",
        {
            "scar": "SCAR-2026-00099",
            "nonconformity": "NC-2026-00001",
            "supplier": "S-1001",
            "questions": "burrs",
        },
    )
    # it names a request that is not in the book: held as an incident, not lost
    assert [each.activity_id for each in company.worklist(PIA)] == []


def test_a_request_that_is_over_is_opened_again_once_as_its_next_cycle(company: Scenario) -> None:
    first = asked(company)
    number = company.variables(first)["request"]["number"]
    again: dict[str, Any] = {"reopens": number, "problem": "burrs are back", "critical": True}
    reason: dict[str, Any] = {"reopen_reason": "three lots in a row"}
    instance = company.start("supplier_corrective_action", by=PIA)
    early = company.attempt("Request", PIA, instance, **again, **reason)
    assert isinstance(early, Rejected)
    assert number in early.message["en"]
    for _ in range(4):
        answer(company, first)
    judge(company, first, effective=True)
    silent = company.attempt("Request", PIA, instance, **again)
    assert isinstance(silent, Rejected)
    company.do("Request", PIA, instance, **again, **reason)
    request = company.variables(instance)["request"]
    assert (request["reopens"], request["supplier"]["number"]) == (number, "S-1001")
    with company.database.reading() as db:
        assert supplier_requests.by_number(db, TENANT, number).status == "closed"  # as it was
    third = company.start("supplier_corrective_action", by=PIA)
    twice = company.attempt("Request", PIA, third, **again, **reason)
    assert isinstance(twice, Rejected)
    assert request["number"] in twice.message["en"]
    assert company.verify().differences == []
