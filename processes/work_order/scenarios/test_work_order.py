"""An order is examined, picked, made at a cleared line, counted and handed over to its release."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.commands.handed_in import HandInMessage
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes import registry
from processes.ledger import locations, lots
from processes.ledger.commands import RecordTraining
from processes.ledger.distribution import registrations
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.genealogy import trace
from processes.ledger.locations import NewLocation
from processes.ledger.production.boms import NewBomLine
from processes.ledger.production.commands import FinishWorkOrder, QualifyEquipment
from processes.ledger.trainings import Training
from processes.work_order.scenarios.making import (
    CAP,
    LINE,
    PLATE,
    Factory,
    factory,
    put_bill,
    register,
    stock_up,
)
from tests.people import ANN, DORA
from tests.processes.whole_company import ISLA, NORA, OLGA, booking, instance_of
from tests.scenario import TENANT

__all__ = ["factory"]


def test_an_order_from_plan_to_release(factory: Factory) -> None:
    company = factory.company
    factory.begin()
    factory.issue("10", operation="10")
    used = {"began_at": company.clock().isoformat(), "ended_at": company.clock().isoformat()}
    factory.do("Work", NORA, what="equipment", equipment_number="press-1", **used)
    factory.do("Work", NORA, what="labels", template="plate rev. 2", printed=6)
    factory.output("5")
    assert factory.case["progress"]["yield_percent"] == "100.0"
    factory.finish((5, 1, 0))
    assert company.status(factory.running) == "completed"
    release = instance_of(company, "Review", DORA)
    record = company.variables(release)["record"]
    assert (record["work_order"], record["made"]) == (factory.order, 5)
    assert [each["lot_number"] for each in record["components"]] == [factory.screws]
    assert record["labels"][0]["applied"] == 5
    company.do("Review", DORA, release, finding="complete")
    assert factory.status() == "closed"
    with company.database.reading() as db:
        made = lots.by_number(db, TENANT, factory.made)
        inside = trace.backward(db, TENANT, [made.lot_id]).lots
    assert factory.screws in {each.lot_number for each in inside}
    assert company.verify().differences == []


def test_what_its_process_hands_over_has_one_release(factory: Factory) -> None:
    """Asked for from outside, before or after, the release would begin a second time."""
    company = factory.company
    factory.begin()
    factory.issue("10", operation="10")
    factory.output("5")
    ask = partial(FinishWorkOrder, work_order=factory.order)
    for handed_over in (False, True):
        if handed_over:
            factory.finish()
        answer = company.ask(ask(command_id=new_id()), NORA)
        assert isinstance(answer, Rejected)
        assert "Finish it there" in answer.message["en"]
        assert "请在流程中办理完工" in answer.message["zh"]
    releases = [
        each.work_item_id.process_instance_id
        for each in company.worklist(DORA)
        if each.activity_id == "Review" and factory.order in (each.title or "")
    ]
    assert len(releases) == 1


def test_everything_that_speaks_against_an_order_is_said_at_once(factory: Factory) -> None:
    company = factory.company
    day = company.clock().date()
    routing = {
        "version": "1",
        "effective_from": "2026-01-01",
        "validated_until": (day - timedelta(days=1)).isoformat(),
        "operations": [{"operation": "10", "equipment": ["PRESS-1"], "training": "WI-310"}],
    }
    _set_routing(factory, routing)
    factory.plan(market="US", operators=[{"person": "olga"}])
    assert factory.open() == ["Correct"]
    rules = {each["rule"] for each in factory.events("work_order.refused")}
    assert rules == {
        "NotRegisteredToMake",
        "RoutingNotInForce",
        "EquipmentNotQualified",
        "OperatorNotTrained",
    }
    _set_routing(factory, {**routing, "validated_until": None})
    qualified = QualifyEquipment(
        command_id=new_id(),
        equipment_number="press-1",
        qualified_on=day,
        valid_to=day,
        evidence="PQ-12",
    )
    company.must(company.ask(qualified, ISLA))
    training = Training(
        person="olga", subject="WI-310", valid_from=day, valid_to=day, evidence="TR-9"
    )
    trained = RecordTraining(command_id=new_id(), training=training)
    company.must(company.ask(trained, DORA))
    again = factory.planned(operators=[{"person": "olga"}])
    factory.do("Correct", NORA, action="correct", reason="qualified, trained", **again)
    assert factory.open() == ["Release"]
    factory.do("Release", OLGA, decision="back", reason="press is in use")
    factory.do("Correct", NORA, action="give_up", reason="made elsewhere")
    assert company.status(factory.running) == "completed"


def _set_routing(factory: Factory, routing: Mapping[str, object]) -> None:
    configure(factory, "routings", items={PLATE: routing})


def configure(factory: Factory, key: str, **changed: Any) -> None:
    """Change a document of the customer's before go-live, as an installation does."""
    document = {**registry.documents()[key], **changed}
    command = ChangeConfiguration(command_id=new_id(), key=key, document=document, why="test")
    dispatcher = factory.company.dispatcher
    factory.company.must(dispatcher.dispatch(command, engine_actor(TENANT, "installation")))


def test_an_order_that_is_handed_in_from_outside_begins_once(factory: Factory) -> None:
    company = factory.company
    day = company.clock().date()
    with booking(company, DORA) as context:
        held = NewRegistration(
            item_number=PLATE, market="CN", number="REG-7", holder="Example", valid_from=day
        )
        registrations.register(context, held)
    payload = {
        "plan_number": "MRP-7",
        "item_number": PLATE,
        "quantity": "5",
        "site": "SZ01",
        "planned_start": day.isoformat(),
        "planned_end": day.isoformat(),
        "expiry": (day + timedelta(days=900)).isoformat(),
        "market": "CN",
    }
    for _ in range(2):
        command = HandInMessage(command_id=new_id(), name="work_order.planned", payload=payload)
        company.must(company.ask(command, NORA))
    [only] = [each for each in company.worklist(OLGA) if each.activity_id == "Release"]
    factory.instance = only.work_item_id.process_instance_id
    factory.do("Release", OLGA, decision="release")
    assert factory.case["progress"]["planned"] == 5


def test_a_line_that_is_not_clear_is_cleared_again_and_by_two_people(factory: Factory) -> None:
    factory.plan()
    assert isinstance(factory.attempt("Release", NORA, decision="release"), Rejected)  # her plan
    factory.do("Release", OLGA, decision="release")
    with booking(factory.company, DORA) as context:
        line = NewLocation(code="W-01", names={"en": "Line", "zh": "线边"}, site="SZ01", zone="wip")
        locations.register(context, line)
    factory.pick(line="W-01")
    assert factory.case["progress"]["picks"][0]["quantity"] == 10
    assert factory.stock(factory.screws)[("W-01", "RELEASED")] == 10
    done = {"product_removed": True, "labels_removed": True, "cleaned": True}
    refused = factory.attempt(
        "ClearLine", NORA, line=LINE, previous="L-1", **{**done, "cleaned": False}
    )
    assert isinstance(refused, Rejected)
    factory.do("ClearLine", NORA, line=LINE, previous="L-1", **done)
    assert isinstance(factory.attempt("VerifyLine", NORA, clear=True), Rejected)
    factory.do("VerifyLine", OLGA, clear=False, found="a label of L-1")
    factory.do("ClearLine", NORA, line=LINE, previous="L-1", **done)
    factory.do("VerifyLine", OLGA, clear=True)
    assert len(factory.events("work_order.line_cleared")) == 1
    assert factory.open() == ["Work"]


def test_class_a_is_verified_and_more_than_needed_is_approved_by_another(factory: Factory) -> None:
    factory.begin(quantity="4")
    factory.do("Work", NORA, **factory.scan("7"))
    same = factory.attempt("Verify", NORA, right=True)
    assert isinstance(same, Rejected)
    assert "Another person" in same.message["en"]
    factory.do("Verify", OLGA, right=False, found="label torn")
    assert factory.case["progress"]["issued"] == []
    factory.issue("7")
    too_much = factory.attempt("Work", NORA, **factory.scan("2"))
    assert isinstance(too_much, Rejected)  # without a reason
    factory.do("Work", NORA, **factory.scan("2", reason="one bent"))
    factory.do("Verify", OLGA, right=True)
    assert isinstance(factory.attempt("Approve", NORA, approved=True, reason="mine"), Rejected)
    factory.do("Approve", OLGA, approved=False, reason="straighten it")
    assert [each["quantity"] for each in factory.case["progress"]["issued"]] == [7]
    factory.do("Work", NORA, **factory.scan("2", reason="one bent"))
    factory.do("Verify", OLGA, right=True)
    factory.do("Approve", OLGA, approved=True, reason="bent indeed")
    assert [each["quantity"] for each in factory.case["progress"]["issued"]] == [9]
    assert len(factory.events("work_order.issue_not_agreed")) == 2


def test_what_may_not_go_in_is_refused_at_the_scan(factory: Factory) -> None:
    company = factory.company
    day = company.clock().date()
    register(company, CAP, criticality="C")
    cap = stock_up(company, CAP, 50)
    short = stock_up(
        company, factory.screw_item, 20, expiry=day + timedelta(days=3), expiry_precision="day"
    )
    factory.begin(planned_end=(day + timedelta(days=10)).isoformat())
    for lot, quantity, said in (
        (cap, "1", "not in the bill"),
        (short, "1", "expires on"),
        (factory.screws, "9999", "not 9999"),
    ):
        refused = factory.attempt("Work", NORA, **factory.scan(quantity, lot_number=lot))
        assert isinstance(refused, Rejected)
        assert said in refused.message["en"], lot
    assert factory.case["progress"]["issued"] == []


def test_material_goes_back_is_lost_and_small_parts_are_booked_at_the_end(
    factory: Factory,
) -> None:
    company = factory.company
    day = company.clock().date()
    register(company, CAP, criticality="C")
    cap = stock_up(company, CAP, 50)
    lines = [
        NewBomLine(component=factory.screw_item, quantity=Decimal(2)),
        NewBomLine(component=CAP, quantity=Decimal(3)),
    ]
    put_bill(company, lines, version=2)
    configure(factory, "production_rules", opened_days={factory.screw_item: 30})
    factory.begin()
    factory.issue("10")
    back = {"lot_number": factory.screws, "location": "A-01-01", "quantity": "1"}
    unlabelled = factory.attempt("Work", NORA, what="return", opened=True, new_label=False, **back)
    assert isinstance(unlabelled, Rejected)
    factory.do("Work", NORA, what="return", opened=True, new_label=True, **back)
    with company.database.reading() as db:
        [opened] = [
            each
            for each in lots.search(db, TENANT, factory.screws)
            if each.number != factory.screws
        ]
    assert opened.expiry == day + timedelta(days=30)
    loss = {"lot_number": factory.screws, "quantity": "1", "kind": "scrap"}
    factory.do("Work", NORA, what="loss", reason="bent", **loss)
    factory.do("Work", NORA, what="labels", template="plate rev. 2", printed=5)
    factory.output("4")
    factory.do("Work", NORA, what="finish")
    [missing] = factory.case["ending"]["small_parts"]
    assert (missing["item_number"], missing["quantity"]) == (CAP, 12)
    parts = [{"lot_number": cap, "location": "A-01-01"}]
    counted = [{"applied": 4, "destroyed": 0, "retained": 0}]
    short = factory.attempt("Finish", OLGA, labels=counted, small_parts=parts)
    assert isinstance(short, Rejected)  # five were printed
    counted = [{"applied": 4, "destroyed": 1, "retained": 0}]
    own = factory.attempt("Finish", NORA, labels=counted, small_parts=parts)
    assert isinstance(own, Rejected)
    factory.do("Finish", OLGA, labels=counted, small_parts=parts)
    assert factory.stock(cap) == {("A-01-01", "RELEASED"): 38}
    assert factory.company.status(factory.running) == "completed"
    assert company.verify().differences == []


def test_a_difference_is_counted_again_or_explained(factory: Factory) -> None:
    factory.begin()
    factory.issue("10")
    early = factory.attempt("Work", NORA, what="finish")
    assert isinstance(early, Rejected)  # nothing is made
    factory.output("4")
    factory.finish()
    assert factory.open() == ["Explain"]
    factory.do("Explain", OLGA, action="recount")
    back = {"lot_number": factory.screws, "location": "A-01-01", "quantity": "1"}
    factory.do("Work", NORA, what="return", opened=False, new_label=True, **back)
    factory.finish()
    factory.do("Explain", OLGA, action="explain", explanation="one screw under the press")
    assert factory.company.status(factory.running) == "completed"
    assert "Explanation" not in factory.open()
    [handed] = factory.events("work_order.handed_over")
    assert handed["explained"] == "one screw under the press"


def test_what_is_picked_is_scanned(factory: Factory) -> None:
    factory.plan()
    factory.do("Release", OLGA, decision="release")
    wrong = factory.attempt("Pick", ANN, rows=[{"scanned": "L-2026-09999"}])
    assert isinstance(wrong, Rejected)
    factory.pick()
    assert factory.open() == ["ClearLine"]
