"""Contractor and registrant: two releases of one record, with messages between tenants."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from api import installation
from api.story.teller import TaleRefused, Teller
from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.commands.identities import CreateAccount
from engine.commands.process_instances import CancelProcessInstance
from engine.identifiers import new_id
from engine.identities import accounts
from engine.identities.signing import SignatureRequest, record_hash
from engine.outcomes import Rejected
from processes import demo, registry
from processes.ledger import balances, lots, status
from processes.ledger.commands import RegisterItem
from processes.ledger.item_registration import NewItem, NewPackage
from processes.ledger.production.dossiers import TakeDossierReply
from processes.ledger.production.tables import dossier, dossier_answered, dossier_reply
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


def released_by_contractor(contractor: Making) -> UUID:
    scenario = contractor.scenario
    contractor.make()
    instance = contractor.finish()
    scenario.do("Review", DORA, instance, finding="complete")
    scenario.do("Release", DORA, instance)
    scenario.do("PutAway", ANN, instance, location="A-01-02")
    carried(contractor)
    return instance


def carried(contractor: Making) -> None:
    """Let the background work carry between the tenants what waits."""
    contractor.scenario.clock.advance(minutes=5)
    contractor.scenario.background.run_until_idle()


def reviewing(registrant: Teller) -> UUID:
    """Give the registrant's release that waits for its review."""
    [item] = [each for each in registrant.of_everybody() if each.activity_id == "Review"]
    return item.work_item_id.process_instance_id


def answers(contractor: Making) -> list[tuple[str, bool, str | None]]:
    """Give what the contractor's book says that registrants answered."""
    with contractor.scenario.database.reading() as db:
        rows = db.execute(select(dossier_answered).order_by(dossier_answered.c.taken_at))
        return [(row.registrant, row.accepted, row.reasons) for row in rows]


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


def test_the_answer_goes_back_both_ways_until_it_is_on_the_market(
    making: Making,  # the fixture
) -> None:
    scenario, registrant = making.scenario, registrant_of(making)
    contractor = released_by_contractor(making)
    assert scenario.status(contractor) == "running"  # waits for the registrant
    first = reviewing(registrant)
    registrant.do("Review", "rosa", first, complete=False, reason="steriliser chart missing")
    carried(making)
    assert answers(making) == [(REGISTRANT, False, "steriliser chart missing")]
    shown = scenario.context(scenario.open("Decide", DORA, contractor))
    assert shown["answer"]["reasons"] == "steriliser chart missing"
    assert shown["answer"]["answered_by"] == "rosa"
    scenario.do("Decide", DORA, contractor, again=True, reason="chart 77 added")
    carried(making)
    second = reviewing(registrant)
    assert second != first
    [item] = [each for each in registrant.of_everybody() if each.activity_id == "Review"]
    assert registrant.context(item)["record"]["completed"] == "chart 77 added"
    registrant.do("Review", "rosa", second, complete=True)
    registrant.do("Release", "rosa", second, location="Q-01")
    carried(making)
    assert answers(making)[1:] == [(REGISTRANT, True, None)]
    assert scenario.status(contractor) == "completed"
    carried(making)  # once only
    assert len(answers(making)) == 2
    assert scenario.verify().differences == []


def test_a_refusal_may_become_a_nonconformity_at_the_contractor(making: Making) -> None:
    scenario, registrant = making.scenario, registrant_of(making)
    contractor = released_by_contractor(making)
    registrant.do("Review", "rosa", reviewing(registrant), complete=False, reason="cracked plates")
    carried(making)
    scenario.do("Decide", DORA, contractor, again=False, reason="they are cracked")
    assert scenario.status(contractor) == "completed"
    [sent] = [e for e in scenario.events(contractor) if e["event"] == "message.thrown"]
    assert (sent["name"], sent["payload"]["description"]) == ("nc.raised", "cracked plates")
    with scenario.database.reading() as db:
        lot = lots.by_number(db, TENANT, making.lot_number)
        assert status.open_holds(db, TENANT, lot.lot_id)


def test_who_gets_no_answer_asks_for_it(making: Making) -> None:
    scenario, registrant = making.scenario, registrant_of(making)
    contractor = released_by_contractor(making)
    scenario.clock.advance(days=5)
    scenario.background.run_until_idle()
    scenario.do("Chase", DORA, contractor, agreed="they review it on Monday")
    second = reviewing(registrant)
    registrant.do("Review", "rosa", second, complete=True)
    registrant.do("Release", "rosa", second, location="Q-01")
    carried(making)
    assert scenario.status(contractor) == "completed"


def test_a_release_that_the_registrant_cancels_is_answered(making: Making) -> None:
    registrant = registrant_of(making)
    released_by_contractor(making)
    [item] = [each for each in registrant.of_everybody() if each.activity_id == "Review"]
    meanings = making.scenario.dispatcher.documents(REGISTRANT)["signature_meanings"]
    record = {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": REGISTRANT,
        "process_instance": str(item.work_item_id.process_instance_id),
        "definition": item.deployed.definition.hash,
        "meaning": "CLOS",
        "statement": meanings["CLOS"]["statement"]["zh"],
        "language": "zh",
        "signer": ROSA.username,
        "why": "registration expired",
    }
    signature = SignatureRequest(
        username=ROSA.username,
        password=ROSA.password,
        meaning="CLOS",
        shown_hash=record_hash(record),
        language="zh",
    )
    cancel = CancelProcessInstance(
        command_id=new_id(),
        process_instance_id=item.work_item_id.process_instance_id,
        why="registration expired",
        signature=signature,
    )
    with making.scenario.database.reading() as db:
        rosa = accounts.find_by_username(db, REGISTRANT, "rosa")
    assert rosa is not None
    making.scenario.must(making.scenario.dispatcher.dispatch(cancel, rosa.actor()))
    carried(making)
    assert answers(making) == [(REGISTRANT, False, "registration expired")]


def test_an_answer_to_another_record_is_not_taken(making: Making) -> None:
    scenario, registrant = making.scenario, registrant_of(making)
    contractor = released_by_contractor(making)
    first = reviewing(registrant)
    registrant.do("Review", "rosa", first, complete=False, reason="x y z")
    with making.scenario.database.reading() as db:
        [answer] = db.execute(select(dossier_reply)).all()
        [mine] = db.execute(select(dossier)).all()
    assert answer.content_hash == mine.content_hash
    stranger = TakeDossierReply(command_id=new_id(), dossier_id=first)
    actor = engine_actor(TENANT, "dossiers")
    assert isinstance(scenario.dispatcher.dispatch(stranger, actor), Rejected)
    theirs = TakeDossierReply(command_id=new_id(), dossier_id=mine.dossier_id)
    outsider = engine_actor(REGISTRANT, "dossiers")
    assert isinstance(scenario.dispatcher.dispatch(theirs, outsider), Rejected)
    assert scenario.status(contractor) == "running"


def test_a_record_that_was_altered_on_its_way_is_not_released(making: Making) -> None:
    """Whoever may write to the database still cannot have another record released."""
    registrant, database = registrant_of(making), making.scenario.database
    released_by_contractor(making)
    instance = reviewing(registrant)
    registrant.do("Review", "rosa", instance, complete=True)
    with database.transaction() as db:
        [row] = db.execute(select(dossier)).all()
        kept = "refuse_update_dossier" if db.dialect.name == "sqlite" else "refuse_change_dossier"
        where = "" if db.dialect.name == "sqlite" else " ON dossier"
        db.execute(text(f"DROP TRIGGER {kept}{where}"))
        altered = {**row.content, "quantity": int(row.content["quantity"]) + 1}
        db.execute(update(dossier).values(content=altered))
        db.commit()
    with pytest.raises(TaleRefused, match="not the one that the contractor released"):
        registrant.do("Release", "rosa", instance, location="Q-01")
    with database.reading() as db:
        assert lots.search(db, REGISTRANT, making.lot_number) == []
