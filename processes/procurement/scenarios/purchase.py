"""A purchase as the scenarios tell it: who asks, who approves, what the supplier does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from engine.background.work import BackgroundWork
from engine.commands.instance import encode_variables
from engine.identifiers import new_id
from engine.outcomes import Outcome
from engine.store.tables import outbox
from tests.people import ANN, DORA, Person
from tests.scenario import TENANT, Scenario

SCREW = "00841132112939"
"""Criticality A, from S-1001."""
NORA = Person("nora", "Nora Yan", "严诺", ("REQ", "PRD", "PLN"))
OLGA = Person("olga", "Olga Ren", "任欧", ("PRD",))
FINN = Person("finn", "Finn Hu", "胡峰", ("BUY",))
GAO = Person("gao", "Gao Lin", "高林", ("PUM",))
KAI = Person("kai", "Kai Ma", "马凯", ("FIN",))
OMAR = Person("omar", "Omar Jin", "金奥", ("GM",))
HANA = Person("hana", "Hana Qi", "齐花", ("QE",))
PIA = Person("pia", "Pia Su", "苏皮", ("SQE",))
BUYERS = (NORA, OLGA, FINN, GAO, KAI, OMAR, HANA, PIA)
BY_ROLE = {
    "PRD": OLGA,
    "PUM": GAO,
    "FIN": KAI,
    "GM": OMAR,
    "QE": HANA,
    "QA": DORA,
    "SQE": PIA,
}


@dataclass(slots=True)
class Purchase:
    """One need, from the requisition to the closed order."""

    company: Scenario
    instance: UUID
    item: str = SCREW
    received: int = field(default=0)

    @property
    def case(self) -> Mapping[str, Any]:
        return self.company.variables(self.instance)

    @property
    def status(self) -> str:
        return self.company.status(self.instance)

    @property
    def open(self) -> list[str]:
        return sorted(
            item.activity_id for item in self.company.items(self.instance) if item.status == "open"
        )

    @property
    def need_date(self) -> date:
        return self.company.clock().date() + timedelta(days=30)

    def do(self, activity_id: str, by: Person, **data: Any) -> Any:
        return self.company.do(activity_id, by, self.instance, **data)

    def attempt(self, activity_id: str, by: Person, **data: Any) -> Outcome:
        return self.company.attempt(activity_id, by, self.instance, **data)

    def request(self, by: Person = NORA, **more: Any) -> None:
        entered = {
            "site": "SZ01",
            "item_number": self.item,
            "quantity": "100",
            "need_date": self.need_date.isoformat(),
            "purpose": "stock",
            "cost_centre": "4100",
            "estimated_price": "12.50",
            "currency": "CNY",
            "emergency": False,
        }
        self.do("Request", by, **{**entered, **more})

    def asked(self, prefix: str) -> list[str]:
        """Give the roles that are asked to approve now."""
        return sorted(each.removeprefix(prefix) for each in self.open if each.startswith(prefix))

    def approve(self, prefix: str) -> None:
        """Let everybody approve who is asked."""
        for role in self.asked(prefix):
            self.do(prefix + role, BY_ROLE[role], decision="approve")

    def source(self, **more: Any) -> None:
        entered = {
            "decision": "order",
            "supplier": "S-1001",
            "unit_price": "12.50",
            "currency": "CNY",
            "lead_time_days": 6,
            "incoterm": "DAP",
            "single_source": False,
            "reason": "best offer",
        }
        self.do("Source", FINN, **{**entered, **more})

    def build(self, *lines: Mapping[str, Any], **more: Any) -> None:
        clauses = self.case["template"]["clauses"]
        entered = {
            "decision": "order",
            "ship_to": "SZ01",
            "bill_to": "Countersign Demo Ltd",
            "payment_terms": "net_30",
            "currency": "CNY",
            "incoterm": "DAP",
            "lines": list(lines) or [self.line()],
            "specification": "D-2112 rev B",
            "clauses": [{"agreed": each["agreed"]} for each in clauses],
        }
        self.do("Build", FINN, **{**entered, **more})

    def line(self, quantity: str = "100", price: str = "12.50", **more: Any) -> dict[str, Any]:
        promised = (self.company.clock().date() + timedelta(days=6)).isoformat()
        return {"quantity": quantity, "unit_price": price, "promised_date": promised, **more}

    def confirm(self, **line: Any) -> None:
        """Send the order and enter the supplier's confirmation; `line` changes every line of it."""
        self.do("Send", FINN, channel="mail", recipient="sales")
        answers = [
            {
                "quantity": str(each["ordered"]),
                "unit_price": str(each["unit_price"]),
                "promised_date": each["promised_date"],
                "item_revision": each["item_revision"],
                **line,
            }
            for each in self.case["order"]["lines"]
        ]
        self.do("Confirmation", FINN, confirmed=True, reference="OC-1", lines=answers)

    def order(self, *lines: Mapping[str, Any]) -> None:
        """Go from the need to an order that the supplier has confirmed."""
        self.request()
        self.approve("Requisition")
        self.source()
        self.build(*lines)
        self.approve("Order")
        self.confirm()

    def receive(self, quantity: int, line: int = 1, **more: Any) -> Mapping[str, Any]:
        """Receive goods against the order; give the receipt."""
        instance = self.at_the_dock(quantity, line, **more)
        receipt: Mapping[str, Any] = self.company.variables(instance)["receipt"]
        return receipt

    def at_the_dock(self, quantity: int, line: int = 1, **more: Any) -> UUID:
        """Enter a delivery against the order; give the instance of receiving."""
        self.received += 1
        number = self.case["order"]["number"]
        instance = self.company.start("receiving", by=ANN)
        entered = {
            "order_line": f"{number}/{line}",
            "supplier": "S-1001",
            "delivery_note": f"DN-{self.received}",
            "item_number": self.item,
            "supplier_lot": f"L{self.received}",
            "quantity": str(quantity),
            "containers": 1,
            "packages_whole": True,
            "location": "Q-01",
        }
        self.company.do("Receive", ANN, instance, **{**entered, **more})
        return instance

    def decided(self, receipt: Mapping[str, Any], accepted: int, rejected: int = 0) -> None:
        """Send the word of inspection, as incoming inspection does."""
        number = self.case["order"]["number"]
        send(
            self.company,
            "iqc.decided",
            number,
            {
                "receipt_line_id": receipt["line_id"],
                "lot_number": receipt["lot_number"],
                "item_number": self.item,
                "decision": "ACCEPT" if accepted else "REJECT",
                "accepted_quantity": accepted,
                "rejected_quantity": rejected,
                "unit": "ea",
                "purchase_order": number,
                "purchase_order_line": int(receipt["purchase_order_line"]),
            },
        )

    def deliver(self, quantity: int, line: int = 1) -> None:
        """Receive goods and let inspection accept all of them."""
        self.decided(self.receive(quantity, line), quantity)

    def invoice(self, *lines: tuple[str, str], number: str = "F-1", **more: Any) -> None:
        amount = sum(float(quantity) * float(price) for quantity, price in lines)
        entered = {
            "number": number,
            "date": self.company.clock().date().isoformat(),
            "amount": f"{amount:.2f}",
            "lines": [{"quantity": each[0], "unit_price": each[1]} for each in lines],
        }
        self.do("Invoice", KAI, **{**entered, **more})

    def events(self, name: str) -> list[Mapping[str, Any]]:
        return [each for each in self.company.events(self.instance) if each["event"] == name]

    def thrown(self, name: str) -> list[Mapping[str, Any]]:
        """Give the payloads of the messages of a name that the purchase sent."""
        return [
            each["payload"]
            for each in self.company.events(self.instance)
            if each["event"] in ("message.thrown", "signal.thrown") and each["name"] == name
        ]


def begin(company: Scenario, item: str = SCREW) -> Purchase:
    """Let Nora start a purchase."""
    return Purchase(company, company.start("procurement", by=NORA), item)


def send(
    company: Scenario,
    name: str,
    correlation: str,
    payload: Mapping[str, Any],
    *,
    kind: str = "message",
) -> None:
    """Put a message or a signal into the outbox as another process would, and deliver it."""
    now = company.clock()
    row = {
        "tenant_id": TENANT,
        "outbox_id": new_id(),
        "kind": kind,
        "name": name,
        "correlation": correlation,
        "payload": encode_variables(payload),
        "source_instance_id": None,
        "status": "pending",
        "attempts": 0,
        "due_at": now,
        "created_at": now,
    }
    with company.database.transaction() as db:
        db.execute(insert(outbox), row)
        db.commit()
    company.background.run_until_idle()


def pass_days(company: Scenario, days: int) -> None:
    """Let time pass, and what is due happen."""
    company.clock.advance(days=days)
    background: BackgroundWork = company.background
    background.run_until_idle()
