"""A company with something in every register, and its people at devices of any size.

One recall with an answer and a silent consignee, one order half delivered and invoiced, one change
on its way, one nonconformity with what was decided about it. Tests and pictures use the same.
"""

from typing import Any

from playwright.sync_api import Browser

from api.context import EngineAccess
from engine.identifiers import new_id
from engine.store.database import Database
from processes import demo
from processes.change_control.scenarios import change as changing
from processes.ledger.changes.commands import RunDataQualityChecks
from processes.nonconformance.scenarios import nonconformance as nonconforming
from processes.procurement.scenarios import purchase as buying
from processes.recall.scenarios.field_action import TEAM, Company, Recall, open_action
from tests.browser import product
from tests.browser.seat import Seat
from tests.people import EVERYONE, Person
from tests.scenario import TENANT, Scenario


class Furnished:
    """The company, and the numbers of what is in its registers."""

    def __init__(self, database: Database) -> None:
        self.scenario = Scenario(database)
        demo.seed_master_data(self.scenario.dispatcher, TENANT)
        company = Company(self.scenario)
        self.people = {each.username: each for each in EVERYONE}
        self._hire()
        self.part, self.device = company.set_up("CN", "US")
        self.order = self._order()
        self.change = self._change()
        self.nonconformity = self._nonconformity()
        self.recall = self._recall(company)
        self._break_a_message()
        self._look_at_master_data()
        self.access = EngineAccess(dispatcher=self.scenario.dispatcher, tenant=TENANT)

    def _hire(self) -> None:
        """Add everybody whom the scenarios name; who is there already stays."""
        self.people |= {each.username: each for each in TEAM}
        for person in (*nonconforming.QUALITY, *buying.BUYERS, *changing.STAFF):
            if person.username not in self.people:
                self.people[person.username] = person
                self.scenario.add(person)

    def _break_a_message(self) -> None:
        """Have a receipt announced that never was: the inspection that it starts cannot begin."""
        buying.send(self.scenario, "receipt.posted", "no-receipt", {"lot_number": "NO-SUCH-LOT"})

    def _look_at_master_data(self) -> None:
        command = RunDataQualityChecks(command_id=new_id())
        self.scenario.must(self.scenario.ask(command, self.people["hana"]))

    def _order(self) -> str:
        bought = buying.begin(self.scenario)
        bought.order()
        bought.deliver(50)
        return str(bought.case["order"]["number"])

    def _change(self) -> str:
        case = changing.request(self.scenario)
        case.to_decision()
        case.approve()
        case.plan()
        return case.order.number

    def _nonconformity(self) -> str:
        lot = nonconforming.receive(self.scenario)
        found = nonconforming.report(self.scenario, lot)
        found.to_disposition()
        found.propose(("4", "SCRAP"), ("6", "RETURN"))
        return found.record.number

    def _recall(self, company: Company) -> Recall:
        recall = open_action(company, self.part)
        recall.evaluate()
        recall.decide()
        recall.plan()
        recall.report_to_authorities()
        recall.release_notices()
        recall.deliver({"used": "1", "on_hand": "0", "returned": "3"}, only="C-1")
        return recall


class Devices:
    """Devices at which people of the company sit, against one address."""

    def __init__(self, browser: Browser, address: str, people: dict[str, Person]) -> None:
        self.browser = browser
        self.address = address
        self.people = people
        self.contexts: list[Any] = []

    def seat(self, who: str, size: str = "phone", language: str = "en", **more: Any) -> Seat:
        """Sit a person down and sign them in."""
        context = self.browser.new_context(
            viewport=product.SIZES[size], locale=product.LOCALES[language], **more
        )
        self.contexts.append(context)
        person = self.people[who]
        account = {"username": person.username, "password": person.password}
        return Seat(context, self.address, who, language, account=account).sign_in()

    def close(self) -> None:
        for context in self.contexts:
            context.close()
