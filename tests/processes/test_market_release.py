"""Contractor and registrant: two releases of one record, with a message between their tenants."""

from typing import Any

from api import installation
from api.story.teller import Teller
from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.commands.identities import CreateAccount
from engine.identifiers import new_id
from processes import demo, registry
from processes.ledger import balances, lots
from processes.ledger.commands import RegisterItem
from processes.ledger.item_registration import NewItem, NewPackage
from processes.production_release.scenarios.test_production_release import PLATE, Making, making
from tests.people import ANN, DORA, Person
from tests.scenario import TENANT

__all__ = ["making"]  # the fixture: a contractor that makes plates

REGISTRANT = "registrant"
ROSA = Person("rosa", "Rosa Lin", "林若莎", ("QA",))


def registrant_of(contractor: Making) -> Teller:
    """Found the registrant: its own tenant, with the plate as an item and one quality manager."""
    dispatcher = contractor.scenario.dispatcher
    installation.prepare(dispatcher, REGISTRANT, demo=False)
    demo.seed_master_data(dispatcher, REGISTRANT)
    teller = Teller(dispatcher, REGISTRANT, lambda _: None, passwords={"rosa": ROSA.password})
    plate = NewItem(
        number=PLATE,
        names={"en": "Bone plate", "zh": "接骨板"},
        item_type="finished",
        criticality="A",
        tracking="lot",
        unit_code="ea",
        packages=(NewPackage(name="each"),),
        status="released",
    )
    teller.install(RegisterItem(command_id=new_id(), item=plate))
    account = CreateAccount(
        command_id=new_id(),
        username=ROSA.username,
        names={"en": ROSA.english, "zh": ROSA.chinese},
        roles=ROSA.roles,
        zone="Asia/Shanghai",
        password=ROSA.password,
    )
    teller.install(account)
    rules: dict[str, Any] = {**registry.documents()["production_rules"]}
    rules["made_for"] = {PLATE: REGISTRANT}
    change = ChangeConfiguration(
        command_id=new_id(), key="production_rules", document=rules, why="entrusted production"
    )
    actor = engine_actor(TENANT, "installation")
    contractor.scenario.must(dispatcher.dispatch(change, actor))
    return teller


def released_by_contractor(contractor: Making) -> None:
    scenario = contractor.scenario
    contractor.make()
    instance = contractor.finish()
    scenario.do("Review", DORA, instance, finding="complete")
    scenario.do("Release", DORA, instance)
    scenario.do("PutAway", ANN, instance, location="A-01-02")
    scenario.clock.advance(minutes=5)
    scenario.background.run_until_idle()


def test_two_releases_of_one_record(making: Making) -> None:  # the fixture
    registrant = registrant_of(making)
    released_by_contractor(making)
    [item] = [each for each in registrant.of_everybody() if each.activity_id == "Review"]
    record = registrant.context(item)["record"]
    assert (record["lot_number"], record["contractor"]) == (making.lot_number, TENANT)
    assert [each["quantity"] for each in record["components"]] == [10]
    instance = item.work_item_id.process_instance_id
    registrant.do("Review", "rosa", instance, complete=True)
    registrant.do("Release", "rosa", instance, location="Q-01")
    assert registrant.status(instance) == "completed"
    with making.scenario.database.reading() as db:
        lot = lots.by_number(db, REGISTRANT, making.lot_number)
        there = balances.of_lot(db, REGISTRANT, lot.lot_id)
    assert [(each.status, each.quantity) for each in there if each.quantity] == [("RELEASED", 5)]
    making.scenario.clock.advance(minutes=5)
    making.scenario.background.run_until_idle()  # once only
    assert not [each for each in registrant.of_everybody() if each.activity_id == "Review"]
    assert making.scenario.verify().differences == []


def test_an_incomplete_record_is_not_released(making: Making) -> None:  # the fixture
    registrant = registrant_of(making)
    released_by_contractor(making)
    [item] = [each for each in registrant.of_everybody() if each.activity_id == "Review"]
    instance = item.work_item_id.process_instance_id
    registrant.do("Review", "rosa", instance, complete=False, reason="steriliser chart missing")
    assert registrant.status(instance) == "completed"
