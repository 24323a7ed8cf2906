"""A supplier is qualified, refused, watched, scored, evaluated again and suspended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.commands.process_instances import CancelProcessInstance
from engine.identifiers import new_id
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Rejected
from processes import demo
from processes.ledger import items, supplier_history, suppliers, switching
from processes.ledger.purchasing import assessments, certificates, qualifications
from processes.ledger.suppliers import Supply
from processes.ledger.tables import supplier_event
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario

SCREW = "00841132112939"
"""Criticality A."""
TUBE = "00840861100781"
FINN = Person("finn", "Finn Hu", "胡峰", ("BUY",))
GAO = Person("gao", "Gao Lin", "高林", ("PUM",))
HANA = Person("hana", "Hana Qi", "齐花", ("QE",))
IVAN = Person("ivan", "Ivan Du", "杜文", ("ENG",))
OMAR = Person("omar", "Omar Jin", "金奥", ("MR",))
PIA = Person("pia", "Pia Su", "苏皮", ("SQE",))
TERMS = (
    *("scope", "standards", "acceptance", "responsibilities", "process", "validation"),
    *("release", "change", "communication"),
)


@dataclass(frozen=True, slots=True)
class Qualification:
    """One qualification, as the people go through it."""

    company: Scenario
    instance: UUID

    @property
    def case(self) -> Mapping[str, Any]:
        return self.company.variables(self.instance)

    @property
    def open(self) -> list[str]:
        found = self.company.items(self.instance)
        return sorted(item.activity_id for item in found if item.status == "open")

    def do(self, activity_id: str, by: Person, **data: Any) -> Any:
        return self.company.do(activity_id, by, self.instance, **data)

    def need(self, **more: Any) -> None:
        new = {
            "known": False,
            "number": "S-2001",
            "name_en": "New Valley Metals",
            "name_zh": "新谷金属有限公司",
            "country": "CN",
            "item_number": SCREW,
            "site": "SZ01",
            "purpose": "second source",
        }
        self.do("Need", FINN, **{**new, **more})

    def classify(self, **more: Any) -> None:
        found = {
            "supply_type": "component",
            "specialness": 0,
            "history": 0,
            "single_source": False,
            "directed": False,
        }
        self.do("Classify", PIA, **{**found, **more})

    def papers(self, kind: str = "iso13485", days: int = 400) -> None:
        today = self.company.clock().date()
        certificate = {
            "kind": kind,
            "number": f"{kind}-7",
            "scope": "bone screws",
            "body": "a notified body",
            "valid_from": (today - timedelta(days=10)).isoformat(),
            "valid_to": (today + timedelta(days=days)).isoformat(),
        }
        self.do("Collect", FINN, questionnaire=True, certificates=[certificate])

    def review(self, decision: str = "go_on") -> None:
        self.do("Review", PIA, decision=decision, reason="papers read")
        if "ReviewEngineering" in self.open:
            self.do("ReviewEngineering", IVAN, decision="go_on", reason="process understood")

    def audit(self, outcome: str = "passed") -> None:
        today = self.company.clock().date().isoformat()
        self.do("Audit", PIA, kind="on_site", on=today, outcome=outcome, report="AR-1")

    def samples(self, outcome: str = "passed") -> None:
        self.do("Samples", HANA, outcome=outcome, report="FAI-1")

    def agreement(self, number: str = "QAG-7") -> None:
        today = self.company.clock().date()
        self.do(
            "Agreement",
            DORA,
            number=number,
            **dict.fromkeys(TERMS, "as agreed"),
            signed_for_supplier="Ms Gu",
            signed_for_us="Dora Wang",
            valid_from=today.isoformat(),
            valid_to=(today + timedelta(days=700)).isoformat(),
        )

    def decide(self, purchasing: str = "approved", quality: str = "approved") -> None:
        self.do("DecidePurchasing", GAO, decision=purchasing, reason="good offer")
        self.do("DecideQuality", DORA, decision=quality, reason="all in order")

    def qualify(self) -> None:
        """Go from the need to the entry on the list."""
        self.need()
        self.classify(specialness=1)
        self.papers()
        self.review()
        self.audit()
        self.samples()
        self.agreement()
        self.decide()

    def listed(self) -> Supply | None:
        with self.company.database.reading() as db:
            source = suppliers.by_number(db, TENANT, self.case["matter"]["supplier"]["number"])
            item = items.by_number(db, TENANT, SCREW)
            return suppliers.supply(db, TENANT, source.supplier_id, item.item_id, "SZ01")

    def rating(self) -> int:
        entry = self.listed()
        assert entry is not None
        return entry.rating

    def status(self) -> str:
        with self.company.database.reading() as db:
            number = self.case["matter"]["supplier"]["number"]
            return suppliers.by_number(db, TENANT, number).status

    def thrown(self, name: str) -> list[Mapping[str, Any]]:
        return [
            each["payload"]
            for each in self.company.events(self.instance)
            if each["event"] in ("message.thrown", "signal.thrown") and each["name"] == name
        ]

    def after(self, days: int) -> None:
        self.company.clock.advance(days=days)
        self.company.background.run_until_idle()


@pytest.fixture
def qualification(scenario: Scenario) -> Qualification:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    for person in (FINN, GAO, HANA, IVAN, OMAR, PIA):
        scenario.add(person)
    return Qualification(scenario, scenario.start("supplier_qualification", by=FINN))


def test_a_new_supplier_comes_onto_the_list(qualification: Qualification) -> None:
    qualification.qualify()
    entry = qualification.listed()
    today = qualification.company.clock().date()
    assert entry is not None
    assert (entry.status, qualification.status()) == ("approved", "approved")
    assert entry.valid_to == today.replace(year=today.year + 1)  # A: every year
    told = qualification.thrown("supplier.decided")
    assert [each["decision"] for each in told] == ["approved"]
    assert qualification.open == ["Attend"]
    with qualification.company.database.reading() as db:
        source = suppliers.by_number(db, TENANT, "S-2001")
        agreement = certificates.agreement_in_force(db, TENANT, source.supplier_id, today)
    assert agreement == "QAG-7"
    assert qualification.company.verify().differences == []


@pytest.mark.parametrize(
    ("kind", "more", "total", "level"),
    [
        ("iso13485", {}, 5, "DOCUMENTS"),
        ("iso9001", {}, 6, "REMOTE"),
        ("insurance", {}, 8, "REMOTE"),
        ("iso13485", {"specialness": 2, "single_source": True}, 9, "ON_SITE"),
        ("iso13485", {"specialness": 3, "history": 3}, 11, "ON_SITE"),
    ],
)
def test_the_risk_says_how_to_audit(
    qualification: Qualification, kind: str, more: dict[str, Any], total: int, level: str
) -> None:
    qualification.need()
    qualification.classify(**more)
    qualification.papers(kind)
    qualification.review()
    assert qualification.case["risk"]["total"] == total
    assert qualification.case["level"]["level"] == level
    assert qualification.open == ["Samples" if level == "DOCUMENTS" else "Audit"]


def test_high_risk_is_audited_on_site(qualification: Qualification) -> None:
    qualification.need()
    qualification.classify(specialness=3, history=3)
    qualification.papers()
    qualification.review()
    today = qualification.company.clock().date().isoformat()
    desk: dict[str, Any] = {"kind": "remote", "on": today, "outcome": "passed", "report": "AR-1"}
    refused = qualification.company.attempt("Audit", PIA, qualification.instance, **desk)
    assert isinstance(refused, Rejected)
    qualification.audit("findings")
    raised = qualification.thrown("nc.raised")
    assert [each["source_kind"] for each in raised] == ["supplier_audit"]


def test_more_papers_are_asked_for(qualification: Qualification) -> None:
    qualification.need()
    qualification.classify()
    qualification.papers("insurance")
    assert qualification.case["papers_kept"]["missing"] == ["iso13485"]
    qualification.do("Review", PIA, decision="return", reason="no certificate")
    qualification.papers()
    assert qualification.case["papers_kept"]["missing"] == []


@pytest.mark.parametrize("way", ["papers", "engineering", "audit", "samples", "decision"])
def test_a_supplier_that_does_not_come_through_is_told_so(
    qualification: Qualification, way: str
) -> None:
    qualification.need()
    qualification.classify(specialness=1)
    qualification.papers()
    if way == "papers":
        qualification.review("reject")
    elif way == "engineering":
        qualification.do("Review", PIA, decision="go_on", reason="read")
        qualification.do("ReviewEngineering", IVAN, decision="reject", reason="not capable")
    else:
        qualification.review()
        qualification.audit("failed" if way == "audit" else "passed")
    if way in ("samples", "decision"):
        qualification.samples("failed" if way == "samples" else "passed")
    if way == "decision":
        qualification.agreement()
        qualification.decide(quality="rejected")
    assert qualification.company.status(qualification.instance) == "completed"
    told = qualification.thrown("supplier.decided")
    assert [each["decision"] for each in told] == ["rejected"]
    assert (qualification.listed(), qualification.status()) == (None, "candidate")


@pytest.mark.parametrize(
    ("management", "then"), [("accept", ["Samples"]), ("refuse", [])], ids=["accepted", "refused"]
)
def test_a_monopolist_refuses_the_audit(
    qualification: Qualification, management: str, then: list[str]
) -> None:
    qualification.need()
    qualification.classify(specialness=3, single_source=True)
    qualification.papers()
    qualification.review()
    qualification.audit("refused")
    qualification.do("AcceptRiskQuality", DORA, decision="accept", reason="tightened inspection")
    qualification.do("AcceptRiskManagement", OMAR, decision=management, reason="no other source")
    assert qualification.open == then


def test_the_stricter_decision_counts(qualification: Qualification) -> None:
    qualification.need()
    qualification.classify()
    qualification.papers()
    qualification.review()
    qualification.samples()
    qualification.agreement()
    qualification.decide(quality="conditional")
    entry = qualification.listed()
    assert entry is not None
    assert (entry.status, qualification.status()) == ("conditional", "conditional")


def test_each_month_has_its_score_and_papers_are_renewed(qualification: Qualification) -> None:
    qualification.need()
    qualification.classify()
    qualification.papers(days=60)
    qualification.review()
    qualification.samples()
    qualification.agreement()
    qualification.decide()
    assert qualification.rating() == 75  # nothing has been delivered yet: no skip-lot by that
    qualification.after(31)
    qualification.do("Judge", PIA, points=15)
    assert qualification.case["score"]["total"] == 100
    assert [each["warning"] for each in qualification.case["score"]["expiring"]] == [30]
    assert qualification.open == ["Attend", "Renew"]
    assert qualification.rating() == 100
    today = qualification.company.clock().date()
    certificate = {
        "kind": "iso13485",
        "number": "iso13485-8",
        "scope": "bone screws",
        "body": "a notified body",
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=1000)).isoformat(),
    }
    qualification.do("Renew", PIA, certificates=[certificate], answer="renewed")
    assert qualification.open == ["Attend"]


def test_a_year_later_it_is_evaluated_again(qualification: Qualification) -> None:
    qualification.qualify()
    before = qualification.listed()
    for _ in range(12):
        qualification.after(31)
    assert "Classify" in qualification.open
    qualification.classify(specialness=1)
    qualification.papers()
    qualification.review()
    qualification.audit()
    qualification.samples()
    with pytest.raises(AssertionError, match="QAG-7"):  # the number of the first agreement
        qualification.agreement()
    qualification.agreement("QAG-8")
    qualification.decide()
    after = qualification.listed()
    assert before is not None
    assert before.valid_to is not None
    assert after is not None
    assert after.valid_to is not None
    assert after.valid_to > before.valid_to


def test_who_is_qualified_again_is_inspected_again(qualification: Qualification) -> None:
    """IQ-03: what five refused lots have stopped begins again tightened, by this decision."""
    qualification.qualify()
    company = qualification.company
    with company.database.transaction() as db:
        source = suppliers.by_number(db, TENANT, "S-2001")
        item = items.by_number(db, TENANT, SCREW)
        for _ in range(7):
            refused = {
                "tenant_id": TENANT,
                "supplier_event_id": new_id(),
                "supplier_id": source.supplier_id,
                "item_id": item.item_id,
                "kind": "lot_inspected",
                "resubmission": False,
                "accepted": False,
                "received_at": company.clock(),
                "recorded_at": company.clock(),
                "actor": "ben",
            }
            db.execute(insert(supplier_event), refused)
        db.commit()

    def severity() -> str:
        rules = company.dispatcher.documents(TENANT)["inspection_rules"]
        with company.database.reading() as db:
            found = supplier_history.history(db, TENANT, source.supplier_id, item.item_id)
        return switching.switching_state(found, rules).severity

    assert severity() == "discontinued"
    company.clock.advance(days=1)
    qualification.do("Attend", PIA, decision="reevaluate", reason="five lots refused")
    qualification.classify()
    qualification.papers()
    qualification.review()
    qualification.samples()
    qualification.agreement("QAG-8")
    assert severity() == "discontinued"
    qualification.decide()
    assert severity() == "tightened"


def test_a_supplier_that_changed_is_watched_like_a_new_one(qualification: Qualification) -> None:
    """IQ-01: after a move its next lots are the first ones again."""
    qualification.qualify()
    company = qualification.company
    qualification.do("Attend", PIA, decision="reevaluate", reason="moved its site")
    qualification.classify()
    qualification.papers()
    qualification.review()
    qualification.samples()
    qualification.agreement("QAG-8")
    qualification.decide()
    with company.database.reading() as db:
        source = suppliers.by_number(db, TENANT, "S-2001")
        item = items.by_number(db, TENANT, SCREW)
        found = supplier_history.history(db, TENANT, source.supplier_id, item.item_id)
    assert [each.kind for each in found] == ["item_changed"]
    told = [e for e in company.events(qualification.instance) if e["event"] == "supplier.event"]
    assert told[0]["note"].endswith("moved its site")


def test_a_cancelled_qualification_says_so_and_changes_nothing(
    qualification: Qualification,
) -> None:
    qualification.need()
    company = qualification.company
    why = "not needed any more"
    statement = company.dispatcher.documents(TENANT)["signature_meanings"]["CLOS"]["statement"]
    record = {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": TENANT,
        "process_instance": str(qualification.instance),
        "definition": company.items(qualification.instance)[0].deployed.definition.hash,
        "meaning": "CLOS",
        "statement": statement["zh"],
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
        command_id=new_id(),
        process_instance_id=qualification.instance,
        why=why,
        signature=signature,
    )
    company.must(company.ask(command, DORA))
    (said,) = [
        each
        for each in company.events(qualification.instance)
        if each["event"] == "supplier.qualification_cancelled"
    ]
    assert (said["supplier"], said["reason"]) == ("S-2001", "not needed any more")
    assert (qualification.listed(), qualification.status()) == (None, "candidate")
    with company.database.reading() as db:
        ended = qualifications.by_number(db, TENANT, qualification.case["matter"]["number"])
    assert (ended.status, ended.reason) == ("cancelled", "not needed any more")
    assert company.verify().differences == []


def test_a_suspended_supplier_is_qualified_again_as_the_next_cycle(
    qualification: Qualification,
) -> None:
    company = qualification.company
    qualification.qualify()
    number = qualification.case["matter"]["number"]
    next_one = Qualification(company, company.start("supplier_qualification", by=FINN))
    wanted = {"known": True, "supplier": "S-2001", "item_number": SCREW, "site": "SZ01"}
    again = {**wanted, "purpose": "new owner, new management", "reopens": number}
    early = company.attempt("Need", FINN, next_one.instance, **again)
    assert isinstance(early, Rejected)  # it supplies
    qualification.do("Attend", PIA, decision="suspend", reason="repeated defects")
    qualification.do("Suspend", DORA, decision="suspend", reason="no answer to three requests")
    other = company.attempt("Need", FINN, next_one.instance, **{**again, "item_number": TUBE})
    assert isinstance(other, Rejected)
    next_one.do("Need", FINN, **again)
    matter = next_one.case["matter"]
    assert (matter["reopens"], matter["supplier"]["status"]) == (number, "blocked")
    with company.database.reading() as db:
        before = qualifications.by_number(db, TENANT, number)
        now = qualifications.by_number(db, TENANT, matter["number"])
    assert (before.status, now.status) == ("suspended", "open")
    third = company.start("supplier_qualification", by=FINN)
    assert isinstance(company.attempt("Need", FINN, third, **again), Rejected)
    assert company.verify().differences == []


def test_a_supplier_is_suspended_and_everybody_told(qualification: Qualification) -> None:
    qualification.qualify()
    qualification.do("Attend", PIA, decision="suspend", reason="repeated defects")
    qualification.do("Suspend", DORA, decision="suspend", reason="no answer to three requests")
    assert qualification.status() == "blocked"
    signal = qualification.thrown("supplier.blocked")
    assert [(each["supplier"], each["items"]) for each in signal] == [("S-2001", [SCREW])]
    assert qualification.company.status(qualification.instance) == "completed"


def test_quality_may_keep_a_supplier(qualification: Qualification) -> None:
    qualification.qualify()
    qualification.do("Attend", PIA, decision="suspend", reason="late")
    qualification.do("Suspend", DORA, decision="keep", reason="plan agreed")
    assert qualification.open == ["Attend"]
    qualification.do("Attend", PIA, decision="reevaluate", reason="moved its site")
    assert qualification.open == ["Classify"]
    with qualification.company.database.reading() as db:
        source = suppliers.by_number(db, TENANT, "S-2001")
        assert assessments.last_score(db, TENANT, source.supplier_id) is None


@pytest.mark.parametrize(("grade", "then"), [("C", "Improve"), ("D", "Suspend")])
def test_a_bad_grade_asks_for_a_plan_or_for_suspension(
    qualification: Qualification, grade: str, then: str
) -> None:
    """The customer sets the grades; here so that even a full score is a bad one."""
    company = qualification.company
    rules = company.dispatcher.documents(TENANT)["purchasing_rules"]
    grades = [{"grade": grade, "from": 0}]
    command = ChangeConfiguration(
        command_id=new_id(),
        key="purchasing_rules",
        document={**rules, "score": {**rules["score"], "grades": grades}},
        why="a test of the grades",
    )
    company.must(company.dispatcher.dispatch(command, engine_actor(TENANT, "test")))
    qualification.qualify()
    qualification.after(31)
    qualification.do("Judge", PIA, points=15)
    assert then in qualification.open
    if grade == "C":
        until = company.clock().date().isoformat()
        qualification.do("Improve", PIA, plan="second inspection", until=until)
        assert qualification.open == ["Attend"]
    else:
        qualification.do("Suspend", DORA, decision="suspend", reason="score below 60")
        assert qualification.status() == "blocked"
