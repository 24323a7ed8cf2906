"""A change as the scenarios tell it: who does what at which step."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.identifiers import new_id
from engine.outcomes import Outcome
from processes.ledger.changes import orders
from processes.ledger.changes.orders import Change
from processes.nonconformance.scenarios.nonconformance import receive
from tests.people import ADA, DORA, Person
from tests.scenario import TENANT, Scenario

FINN = Person("finn", "Finn Guo", "郭枫", ("BUY", "REQ"))
GAO = Person("gao", "Gao Lin", "高林", ("PUM",))
HANA = Person("hana", "Hana Qiu", "邱娜", ("QE",))
IVAN = Person("ivan", "Ivan Tang", "唐毅", ("ENG",))
JIN = Person("jin", "Jin Luo", "罗进", ("RA",))
KAI = Person("kai", "Kai Fang", "方凯", ("FIN",))
MEI = Person("mei", "Mei Song", "宋梅", ("RCC", "CS", "SAL"))
NORA = Person("nora", "Nora Pan", "潘诺", ("PRD", "PLN", "REQ"))
OMAR = Person("omar", "Omar Jia", "贾欧", ("GM", "MR"))
PIA = Person("pia", "Pia Shen", "沈琵", ("SQE",))
HUGO = Person("hugo", "Hugo Bai", "白谷", ("QE",))
ISLA = Person("isla", "Isla Mao", "毛岚", ("ENG",))
PAT = Person("pat", "Pat Yin", "尹帕", ("WH",))
QUIN = Person("quin", "Quin Ren", "任群", ("QA",))
BOARD = {"ENG": IVAN, "PRD": NORA, "RA": JIN, "PUM": GAO, "FIN": KAI}
WHO = {
    **BOARD,
    "QE": HANA,
    "QA": DORA,
    "SQE": PIA,
    "WH": PAT,
    "SAL": MEI,
    "CS": MEI,
    "ADM": ADA,
}
STAFF = (FINN, GAO, HANA, IVAN, JIN, KAI, MEI, NORA, OMAR, PIA, HUGO, ISLA, PAT, QUIN)
SCREW = "00841132112939"
REVISION = {"kind": "item_revision", "key": SCREW, "field": "revision", "new": "B"}
CRITERION = "no defect in 5 lots; one in ten before"
OUTCOMES = {"CN": "QMS_ONLY", "US": "LETTER_TO_FILE", "EU": "INTERNAL"}


@dataclass(frozen=True, slots=True)
class ChangeCase:
    """One change, and the people who work on it."""

    company: Scenario
    instance: UUID

    @property
    def case(self) -> Mapping[str, Any]:
        return self.company.variables(self.instance)

    @property
    def order(self) -> Change:
        with self.company.database.reading() as db:
            return orders.find(db, TENANT, UUID(self.case["change"]["id"]))

    @property
    def status(self) -> str:
        return self.company.status(self.instance)

    def open_activities(self) -> list[str]:
        return sorted(
            item.activity_id for item in self.company.items(self.instance) if item.status == "open"
        )

    def do(self, activity_id: str, by: Person, **data: Any) -> Any:
        return self.company.do(activity_id, by, self.instance, **data)

    def attempt(self, activity_id: str, by: Person, **data: Any) -> Outcome:
        return self.company.attempt(activity_id, by, self.instance, **data)

    def screen(self, *aspects: str, criticality: str = "C", **more: Any) -> None:
        named = [{"aspect": each} for each in aspects or ("specification",)]
        data = {"decision": "accept", "aspects": named, "criticality": criticality, **more}
        self.do("Screen", HANA, **data)

    def assess(self, **answers: Mapping[str, Any]) -> None:
        """Every function that is asked answers; `answers` replace “no impact”."""
        for activity in [each for each in self.open_activities() if each.startswith("Impact")]:
            role = activity.removeprefix("Impact")
            seen = [{"topic": "specification"}]
            plain = {"answer": "no_impact", "topics": seen, "reason": f"seen by {role}"}
            self.do(activity, WHO[role], **answers.get(role, plain))

    def decide_markets(self, **outcomes: str) -> None:
        decided = [
            {"outcome": outcome, "rationale": f"{market}: as discussed"}
            for market, outcome in {**OUTCOMES, **outcomes}.items()
        ]
        self.do("Regulatory", JIN, decisions=decided, notify=False)

    def assess_quality(self, cost: str = "0") -> None:
        self.do(
            "AssessQuality",
            HANA,
            risk_file=True,
            vv_plan="tensile test of 30 parts",
            revalidation=False,
            clinical=False,
            training=True,
            cost=cost,
        )

    def vote(self, **opinions: Mapping[str, Any]) -> None:
        for activity in [each for each in self.open_activities() if each.startswith("Vote")]:
            role = activity.removeprefix("Vote")
            self.do(activity, BOARD[role], **opinions.get(role, {"opinion": "approve"}))

    def approve(self) -> None:
        self.do("Board", DORA, decision="approve")
        self.do("Approve", DORA)

    def planned(self, *owners: str, **more: Any) -> dict[str, Any]:
        """Give a plan with a task for each owner."""
        tasks = [
            {
                "kind": "document",
                "description": f"what {owner} does",
                "owner": owner,
                "due_on": "2026-12-20",
                "evidence": "report",
            }
            for owner in owners or ("QE",)
        ]
        effective = {
            "effectivity": "date",
            "effective_from": self.company.clock().date().isoformat(),
            "interchangeable": True,
            "stock": "use up",
            "wip": "finish",
            "open_orders": "deliver as ordered",
            "shipped": "none",
            "criterion": CRITERION,
        }
        return {"tasks": tasks, **effective, **more}

    def plan(self, *owners: str, **more: Any) -> None:
        self.do("Plan", IVAN, **self.planned(*owners, **more))
        self.do("ApprovePlan", DORA, approved=True)

    def carry_out(self, **states: str) -> None:
        for item in [i for i in self.company.items(self.instance) if i.status == "open"]:
            if item.activity_id.startswith("Task"):
                role = item.activity_id.removeprefix("Task")
                data = {"state": states.get(role, "done"), "evidence": "R-1"}
                self.company.do(item.activity_id, WHO[role], self.instance, item=item, **data)

    def verify(self, **more: Any) -> None:
        ready = {
            "vv_passed": True,
            "documents_effective": True,
            "old_documents_withdrawn": True,
            "orders_and_wip_decided": True,
            "training": [{"role": "PRD", "people": 4, "trained": 4, "reference": "T-1"}],
        }
        self.do("Verify", HANA, **{**ready, **more})

    def release(self) -> None:
        self.do("ReleaseQA", DORA)
        self.do("ReleaseENG", ISLA)

    def cut_over(self, *old_stock: tuple[str, str, str]) -> dict[str, Any]:
        """Give what is written at the cut-in; old stock as lot, quantity, what is done."""
        told = [
            {"lot": lot, "quantity": quantity, "treatment": treatment}
            for lot, quantity, treatment in old_stock
        ]
        today = self.company.clock().date().isoformat()
        first = {"cut_in_on": today, "first_number": "L-100", "first_article": True}
        return {**first, "old_stock": told}

    def cut_in(self, *old_stock: tuple[str, str, str]) -> None:
        self.do("CutIn", NORA, **self.cut_over(*old_stock))

    def inform(self) -> None:
        """Warehouse, production and training do what they were told."""
        told: dict[str, tuple[Person, dict[str, Any]]] = {
            "TellWarehouse": (PAT, {"done": True, "places": "R-01"}),
            "TellProduction": (NORA, {"done": True, "orders": "finished the old way"}),
            "TellTraining": (HANA, {"assigned": True, "reference": "TP-1"}),
        }
        for activity, (person, data) in told.items():
            if activity in self.open_activities():
                self.do(activity, person, **data)

    def inspect_first(self, result: str = "passed", lot: str | None = None) -> str:
        """Receive the first lot of the new revision, and inspect it as the first article."""
        number = lot or receive(self.company, supplier_lot=f"FA-{new_id().hex[:6]}")
        found = {"lot_number": number, "result": result, "reference": "FAI-1", "remark": "as drawn"}
        self.do("InspectArticle", HANA, **found)
        return number

    def observe(self, days: int = 91) -> None:
        """Let the time of the observation pass."""
        self.company.clock.advance(days=days)
        self.company.background.run_until_idle()

    def to_check(self) -> None:
        """Go from the cut-in to the check of the effect, by the time that has passed."""
        self.cut_in()
        self.inform()
        if "InspectArticle" in self.open_activities():
            self.inspect_first()
        self.observe()
        if "DecideObservation" in self.open_activities():
            self.do("DecideObservation", HANA, action="check", reason="seen at every inspection")

    def finish(self, *, effective: bool = True) -> None:
        self.to_check()
        self.do(
            "Effectiveness",
            HUGO,
            criterion=CRITERION,
            lots=5,
            data="none found",
            effective=effective,
        )

    def to_decision(self, *aspects: str, criticality: str = "B", **markets: str) -> None:
        """Go from the screening to the decision of the board."""
        self.screen(*aspects, criticality=criticality)
        self.assess()
        if "Regulatory" in self.open_activities():
            self.decide_markets(**markets)
        self.assess_quality()
        self.vote()

    def to_release(self, *owners: str, **planned: Any) -> None:
        """Go from the plan to the release."""
        self.plan(*owners, **planned)
        self.carry_out()
        self.verify()

    def decided(self, step: str) -> list[tuple[str, str]]:
        """Give what was decided at a step, with who decided it."""
        with self.company.database.reading() as db:
            found = orders.decisions(db, TENANT, self.order.change_id)
        return [(each.decision, each.actor) for each in found if each.step == step]

    def sent(self, name: str) -> list[Mapping[str, Any]]:
        return [
            event
            for event in self.company.events(self.instance)
            if event["event"] == "message.thrown" and event["name"] == name
        ]


def request(
    company: Scenario, *objects: Mapping[str, Any], by: Person = FINN, **more: Any
) -> ChangeCase:
    """Ask for a change; give its case."""
    instance = company.start("change_control", by=by)
    asked = {
        "kind": "permanent",
        "title": "Stronger screw",
        "problem": "threads strip",
        "proposal": "revision B with a longer thread",
        "reason": "complaints from the field",
        "urgency": "normal",
        "objects": list(objects) or [REVISION],
        **more,
    }
    company.do("WriteRequest", by, instance, **asked)
    return ChangeCase(company, instance)
