"""A device that came back: decontaminated before it is opened, followed from hand to hand."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from engine.outcomes import Accepted, Outcome, Rejected
from processes.complaint.scenarios.test_complaint import Complaint
from processes.ledger.complaints import custody
from processes.recall.scenarios.field_action import HANA, MEI, QUIN
from tests.people import ANN, DORA
from tests.processes.test_who_may_cancel import cancel
from tests.scenario import TENANT, Scenario


class Returned:
    """One device that came back for a complaint, and what is asked of it."""

    def __init__(self, complaint: Complaint, condition: str = "used") -> None:
        self.company, self.complaint = complaint.company, complaint
        self.instance: UUID = self.company.start("returned_device", by=ANN)
        self.company.do(
            "Receive",
            ANN,
            self.instance,
            complaint=complaint.number,
            sender="Dr Li",
            condition=condition,
            quantity=1,
            received_at=self.now,
            holder="Ann Zhao",
            place="returns cabinet 1",
        )

    @property
    def now(self) -> str:
        return self.company.clock().isoformat()

    @property
    def number(self) -> str:
        return str(self.company.variables(self.instance)["device"]["number"])

    def clean(self, outcome: str = "decontaminated", **more: Any) -> Outcome:
        shown: dict[str, Any] = (
            {"method": "autoclave 134 °C, DP-7"} if outcome == "decontaminated" else {}
        )
        shown |= {"reason": "never opened"} if outcome != "decontaminated" else {}
        return self.company.attempt(
            "Decontaminate",
            HANA,
            self.instance,
            outcome=outcome,
            done_at=self.now,
            holder="Hana Wu",
            place="lab 2",
            **shown,
            **more,
        )

    def hand_on(self, kind: str, **more: Any) -> Outcome:
        given = {"happened_at": self.now, "holder": "Hana Wu", "place": "lab 2", **more}
        return self.company.attempt("HandOn", HANA, self.instance, kind=kind, **given)

    def chain(self) -> list[Mapping[str, Any]]:
        with self.company.database.reading() as db:
            return custody.shown(db, TENANT, self.number)


def judged(company: Scenario) -> Complaint:
    complaint = Complaint(company)
    complaint.judge(report=False, outcome="none")
    return complaint


def test_it_is_known_who_had_it_when_and_where_it_lies(company: Scenario) -> None:
    returned = Returned(judged(company))
    company.clock.advance(hours=1)
    assert isinstance(returned.clean(), Accepted)
    company.clock.advance(hours=1)
    opened = returned.hand_on("examined", holder="Metallurgy lab", place="lab 3")
    assert isinstance(opened, Accepted)
    assert isinstance(returned.hand_on("destroyed", evidence="certificate D-9"), Accepted)
    assert company.status(returned.instance) == "completed"
    assert [(each["kind"], each["holder"], each["place"]) for each in returned.chain()] == [
        ("received", "Ann Zhao", "returns cabinet 1"),
        ("decontaminated", "Hana Wu", "lab 2"),
        ("examined", "Metallurgy lab", "lab 3"),
        ("destroyed", "Hana Wu", "lab 2"),
    ]
    assert [each["by"] for each in returned.chain()] == ["ann", "hana", "hana", "hana"]
    assert company.verify().differences == []


def test_nobody_opens_what_is_not_decontaminated(company: Scenario) -> None:
    returned = Returned(judged(company))
    assert isinstance(returned.clean("not_decontaminated"), Accepted)
    for kind in ("examined", "tested", "given_back", "retained"):
        refused = returned.hand_on(kind, evidence="x")
        assert isinstance(refused, Rejected), kind
        assert refused.expected == "decontaminated"
    assert isinstance(returned.hand_on("decontaminated", evidence="DP-8"), Accepted)
    assert isinstance(returned.hand_on("examined"), Accepted)


def test_what_came_back_from_outside_is_decontaminated_again(company: Scenario) -> None:
    returned = Returned(judged(company))
    returned.clean()
    returned.hand_on("sent_out", evidence="waybill 7", holder="Test lab", place="Suzhou")
    returned.hand_on("came_back")
    assert isinstance(returned.hand_on("examined"), Rejected)


def test_only_what_was_never_used_needs_no_decontamination(company: Scenario) -> None:
    complaint = judged(company)
    assert isinstance(Returned(complaint).clean("exempted"), Rejected)
    sealed = Returned(complaint, condition="unused_sealed")
    assert isinstance(sealed.clean("exempted"), Accepted)
    assert isinstance(sealed.hand_on("examined"), Accepted)


def test_the_chain_goes_forward_in_time(company: Scenario) -> None:
    returned = Returned(judged(company))
    returned.clean()
    early = (company.clock() - timedelta(hours=2)).isoformat()
    assert isinstance(returned.hand_on("stored", happened_at=early), Rejected)
    late = (company.clock() + timedelta(hours=2)).isoformat()
    assert isinstance(returned.hand_on("stored", happened_at=late), Rejected)


def test_the_end_of_the_chain_is_shown_by_something(company: Scenario) -> None:
    returned = Returned(judged(company))
    returned.clean()
    assert isinstance(returned.hand_on("destroyed"), Rejected)


def test_a_test_that_alters_it_waits_for_the_report(company: Scenario) -> None:
    complaint = Complaint(company)
    early = Returned(complaint)
    early.clean()
    assert isinstance(early.hand_on("tested"), Rejected)  # nobody has decided on reporting
    complaint.judge()
    refused = early.hand_on("tested")
    assert isinstance(refused, Rejected)
    assert refused.found == "CN-AE20, EU-15, US-MDR30"
    complaint.report()
    assert isinstance(early.hand_on("tested"), Accepted)


def test_an_investigation_agrees_with_the_chain(company: Scenario) -> None:
    complaint = judged(company)
    answers: dict[str, Any] = {"investigated": True, "findings": "brittle", "cause": "material"}
    answers |= {"new_hazard": False, "returned": True}
    refused = company.attempt("Investigate", HANA, complaint.instance, **answers)
    assert isinstance(refused, Rejected)
    assert refused.expected == "examined"
    returned = Returned(complaint)
    returned.clean()
    returned.hand_on("examined")
    complaint.investigate(returned=True)


def test_a_destructive_test_is_not_reported_before_the_authority_knows(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.judge()
    answers: dict[str, Any] = {"investigated": True, "findings": "brittle", "cause": "material"}
    answers |= {"new_hazard": False, "destructive": True, "authority_told": True}
    assert isinstance(company.attempt("Investigate", HANA, complaint.instance, **answers), Rejected)
    complaint.report()
    complaint.investigate(destructive=True, authority_told=True)


def test_a_complaint_closes_when_it_is_known_what_became_of_the_device(company: Scenario) -> None:
    complaint = judged(company)
    returned = Returned(complaint)
    returned.clean()
    complaint.investigate()
    complaint.follow()
    complaint.do("Reply", MEI, reply="Replaced.", sent_on="2026-11-23")
    refused = company.attempt("Close", QUIN, complaint.instance, complete=True)
    assert isinstance(refused, Rejected)
    assert refused.found == returned.number
    returned.hand_on("retained")
    complaint.do("Close", QUIN, complete=True)
    assert company.status(complaint.instance) == "completed"


def test_what_was_registered_by_mistake_is_withdrawn_with_its_reason(company: Scenario) -> None:
    returned = Returned(judged(company))
    assert isinstance(cancel(company, returned.instance, DORA), Accepted)
    last = returned.chain()[-1]
    assert (last["kind"], last["evidence"]) == ("withdrawn", "opened twice")
