"""Complaints: judged for each region, reported in time, leading on to what is needed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from engine.outcomes import Rejected
from processes.ledger.clocks import clocks
from processes.ledger.complaints import complaints
from processes.recall.scenarios.field_action import HANA, JIN, LENA, MEI, OMAR, QUIN, SCREW
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario

DEVICE = {
    "is_complaint": True,
    "item_number": SCREW,
    "lot_number": "L-1",
    "problem": "breakage",
    "outcome": "serious_injury",
    "remedial": False,
    "unanticipated": False,
    "public_health_threat": False,
    "place": "home",
    "markets": "ALL",
}


class Complaint:
    def __init__(
        self,
        company: Scenario,
        people: Sequence[Person] = (HANA, JIN, LENA, MEI, OMAR, QUIN),
    ) -> None:
        self.company = company
        for person in people:
            company.add(person)
        self.instance: UUID = company.start("complaint", by=MEI)
        self.do(
            "Intake",
            MEI,
            channel="phone",
            aware_at=company.clock().isoformat(),
            complainant="Dr Li",
            country="CN",
            description="screw broke",
        )

    def do(self, activity_id: str, by: Any, **data: Any) -> Any:
        return self.company.do(activity_id, by, self.instance, **data)

    @property
    def number(self) -> str:
        return str(self.company.variables(self.instance)["complaint"]["number"])

    def judge(self, *, report: bool = True, **device: Any) -> None:
        self.do("Complete", MEI, **{**DEVICE, **device})
        answers = {f"report_{region}": report for region in ("cn", "us", "eu")}
        self.do("Decide", JIN, **answers, reason="as proposed")
        self.do("Confirm", LENA, agreed=True)

    def running(self) -> list[str]:
        with self.company.database.reading() as db:
            found = clocks.of_subject(db, TENANT, "complaint", self.number)
        return sorted(each.rule_code for each in found if each.stopped_at is None)

    def report(self) -> None:
        for item in self.company.items(self.instance):
            if item.activity_id == "Report" and item.status == "open":
                at = self.company.clock().isoformat()
                self.company.do(
                    "Report", JIN, self.instance, item=item, submitted_at=at, reference="ACK"
                )

    def investigate(self, **more: Any) -> None:
        answers = {"investigated": True, "findings": "brittle", "cause": "material"}
        self.do("Investigate", HANA, **{**answers, "new_hazard": False, **more})

    def follow(self, **more: bool) -> None:
        answers = {"nonconformity": False, "field_action": False, "capa": False, **more}
        self.do("FollowUp", DORA, **answers, reason="as found")

    def finish(self) -> None:
        self.do("Reply", MEI, reply="We replace it.", sent_on="2026-11-23")
        self.do("Close", QUIN, complete=True)

    def sent(self, name: str) -> list[Any]:
        events = self.company.events(self.instance)
        return [e for e in events if e["event"] == "message.thrown" and e["name"] == name]


def test_a_serious_injury_is_reported_in_three_regions_and_closed(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.judge()
    assert complaint.running() == ["CN-AE20", "EU-15", "US-MDR30"]
    complaint.report()
    assert complaint.running() == []
    complaint.investigate()
    complaint.follow()
    complaint.finish()
    assert company.status(complaint.instance) == "completed"
    with company.database.reading() as db:
        assert complaints.by_number(db, TENANT, complaint.number).status == "closed"
    assert company.verify().differences == []


def test_a_group_event_is_reported_three_times_in_china(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.judge(markets="CN_US", group_event=True)
    assert complaint.running() == ["CN-AEG12", "CN-AEG24", "CN-AEG7", "US-MDR30"]
    complaint.report()
    assert complaint.running() == []
    complaint.investigate()
    complaint.follow()
    complaint.finish()
    assert company.status(complaint.instance) == "completed"


def test_what_is_no_complaint_is_filed_with_its_reason(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.do("Complete", MEI, is_complaint=False, why_not="asks for a catalogue")
    assert company.status(complaint.instance) == "completed"
    with company.database.reading() as db:
        assert complaints.by_number(db, TENANT, complaint.number).status == "inquiry"


def test_the_decision_on_reporting_is_two_peoples(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.do("Complete", MEI, **DEVICE)
    answers = {f"report_{region}": False for region in ("cn", "us", "eu")}
    complaint.do("Decide", JIN, **answers, reason="not ours")
    complaint.do("Confirm", LENA, agreed=False, objection="it is ours")
    answers = dict.fromkeys(answers, True)
    complaint.do("Decide", JIN, **answers, reason="ours")
    complaint.do("Confirm", LENA, agreed=True)
    assert len(complaint.running()) == 3


def test_it_starts_a_nonconformity_a_recall_and_a_capa(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.judge(report=False, outcome="none")
    assert complaint.running() == []
    complaint.investigate(new_hazard=True)
    complaint.follow(nonconformity=True, field_action=True, capa=True)
    for name in ("nc.raised", "fieldaction.assess"):
        assert [e["correlation"] for e in complaint.sent(name)] == [complaint.number]
    asked = next(item for item in company.worklist(DORA) if item.activity_id == "Open")
    context = company.context(asked)
    assert (context["source_number"], context["lots"]) == (complaint.number, ["L-1"])
    company.clock.advance(days=5, minutes=1)
    company.background.run_until_idle()
    complaint.do("Chase", DORA, agreed="until Friday")


def test_a_new_hazard_cannot_be_left_alone(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.judge(report=False, outcome="none")
    complaint.investigate(new_hazard=True)
    refused = company.attempt(
        "FollowUp",
        DORA,
        complaint.instance,
        nonconformity=True,
        field_action=False,
        capa=False,
        reason="x",
    )
    assert isinstance(refused, Rejected)


def test_nothing_is_destroyed_before_the_authority_knows(company: Scenario) -> None:
    complaint = Complaint(company)
    complaint.judge(report=False, outcome="none")
    refused = company.attempt(
        "Investigate",
        HANA,
        complaint.instance,
        investigated=True,
        findings="x",
        destructive=True,
        authority_told=False,
        cause="material",
        new_hazard=False,
    )
    assert isinstance(refused, Rejected)
