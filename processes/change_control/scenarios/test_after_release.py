"""After the release: who is told, the first article, the observation, old stock used up; and what a
rule does not know, and an emergency that nobody approved in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from engine.identifiers import new_id
from engine.outcomes import Rejected
from engine.services import ServiceContext
from processes import registry
from processes.change_control.scenarios.change import (
    HANA,
    HUGO,
    IVAN,
    NORA,
    PAT,
    SCREW,
    ChangeCase,
    request,
)
from processes.change_control.scenarios.test_other_ways import (
    DEVIATION,
    deviation,
    emergency,
    in_force,
)
from processes.ledger import balances, items, lots, status_changes
from processes.ledger.balances import Place
from processes.ledger.changes import temporary
from processes.ledger.changes.first_articles import FirstArticleOpen
from processes.ledger.changes.tables import RENEWALS_AT_MOST
from processes.ledger.movements import Document
from processes.nonconformance.scenarios.nonconformance import receive
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario

DOCUMENT = Document("test", "1")


@contextmanager
def booking(company: Scenario, by: Person, *signatures: str) -> Iterator[ServiceContext]:
    """A transaction on the book outside any process."""
    documents = registry.documents()
    with company.database.transaction() as db:
        yield ServiceContext(
            db=db,
            tenant_id=TENANT,
            now=company.clock(),
            actor=company.actor(by),
            command_id=new_id(),
            process_instance_id=new_id(),
            activity_id="Test",
            record=lambda _: None,
            configuration=documents.__getitem__,
            new_id=new_id,
            signatures=signatures,
        )
        db.commit()


def decide_on(company: Scenario, number: str, new_status: str = "RELEASED") -> None:
    """Have all of a lot leave quarantine."""
    signature = "REL" if new_status == "RELEASED" else "REJ"
    with booking(company, DORA, signature) as context:
        lot = lots.by_number(context.db, TENANT, number)
        for each in balances.of_lot(context.db, TENANT, lot.lot_id):
            place = Place(each.location_id, each.status)
            status_changes.change(
                context,
                lot,
                place,
                new_status,
                each.quantity,
                reason="inspected",
                document=DOCUMENT,
            )


def released(company: Scenario, **planned: str) -> ChangeCase:
    change = request(company)
    change.to_decision("format")
    change.approve()
    change.to_release(**planned)
    change.release()
    company.background.run_until_idle()
    return change


# --- CC-01, QA_REVIEW ----------------------------------------------------------------------------


def test_what_no_rule_knows_quality_decides(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("regulation", criticality="B")
    assert change.open_activities() == ["DecideClass"]
    assert change.case["assessment"]["change_class"] == "MAJOR"
    change.do("DecideClass", DORA, change_class="MINOR", reason="only a reference changes")
    assert change.order.change_class == "MINOR"
    assert change.decided("class") == [("MINOR", "dora")]
    assert change.open_activities() == ["ImpactQA", "ImpactQE"]


def test_one_aspect_that_no_rule_knows_is_enough(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("sterilisation", "regulation", criticality="A")
    assert change.open_activities() == ["DecideClass"]
    change.do("DecideClass", DORA, change_class="MAJOR", reason="sterilisation is touched")
    assert "ImpactRA" in change.open_activities()


# --- who is told ---------------------------------------------------------------------------------


def test_warehouse_and_training_are_told(staffed: Scenario) -> None:
    old = receive(staffed)
    change = request(staffed)
    change.screen("format")
    train = {
        "answer": "impact",
        "topics": [{"topic": "training"}],
        "action": "train",
        "reason": "new drawing",
    }
    change.assess(QE=train)
    change.assess_quality()
    change.approve()
    change.plan()
    change.carry_out()
    change.verify(training=[{"role": "QE", "people": 2, "trained": 2, "reference": "T-2"}])
    change.release()
    assert change.open_activities() == ["CutIn", "TellTraining", "TellWarehouse"]
    assert change.case["released"]["old_lots"] == [old]
    assert "hana" in change.case["released"]["untrained_text"]
    change.cut_in()
    assert "InspectArticle" not in change.open_activities()
    change.do("TellTraining", HUGO, assigned=True, reference="TP-1")
    refused = change.attempt("TellWarehouse", PAT, done=False, places="still on the shelf")
    assert isinstance(refused, Rejected)
    change.do("TellWarehouse", PAT, done=True, places="R-01")
    assert change.open_activities() == ["InspectArticle"]


# --- first article -------------------------------------------------------------------------------


def test_nothing_is_released_before_the_first_article_passed(staffed: Scenario) -> None:
    change = released(staffed)
    change.cut_in()
    first = receive(staffed, supplier_lot="HX-80")
    second = receive(staffed, supplier_lot="HX-81")
    with pytest.raises(FirstArticleOpen):
        decide_on(staffed, second)
    by_planner = change.attempt(
        "InspectArticle", HANA, lot_number=second, result="passed", reference="FAI-0"
    )
    assert isinstance(by_planner, Rejected)
    assert first in by_planner.message["en"]
    change.inspect_first("failed", first)
    staffed.background.run_until_idle()
    assert [m["payload"]["lot_number"] for m in change.sent("nc.raised")] == [first]
    assert change.open_activities() == ["InspectArticle"]
    change.inspect_first("passed", second)
    assert [said for said, _ in change.decided("first_article")] == ["failed", "passed"]
    decide_on(staffed, second)
    assert change.open_activities() == []
    assert staffed.verify().differences == []


# --- observation ---------------------------------------------------------------------------------


def observed(company: Scenario) -> tuple[ChangeCase, str]:
    change = released(company)
    change.cut_in()
    first = change.inspect_first()
    return change, first


def test_the_effect_is_checked_after_the_lots_that_are_wanted(staffed: Scenario) -> None:
    change, first = observed(staffed)
    assert change.open_activities() == []
    staffed.clock.advance(hours=2)
    staffed.background.run_until_idle()
    assert change.open_activities() == []  # the lot waits in quarantine: nobody has judged it
    decide_on(staffed, first)
    staffed.clock.advance(hours=2)
    staffed.background.run_until_idle()
    assert change.open_activities() == ["Effectiveness"]
    assert change.decided("observation")[-1][0] == "lots_reached"
    assert change.case["observation"]["lots"] == 1


def test_with_too_few_lots_it_is_observed_longer(staffed: Scenario) -> None:
    change, first = observed(staffed)
    change.observe()
    assert change.open_activities() == ["DecideObservation"]
    too_long = (staffed.clock().date() + timedelta(days=400)).isoformat()
    longer = {"action": "extend", "reason": "nothing was made yet"}
    refused = change.attempt("DecideObservation", HANA, until=too_long, **longer)
    assert isinstance(refused, Rejected)
    until = (staffed.clock().date() + timedelta(days=30)).isoformat()
    change.do("DecideObservation", HANA, until=until, **longer)
    assert change.open_activities() == []
    decide_on(staffed, first, "REJECTED")
    change.observe(31)
    assert change.open_activities() == ["Effectiveness"]


def test_or_checked_with_fewer_for_a_reason(staffed: Scenario) -> None:
    change, _ = observed(staffed)
    change.observe()
    change.do("DecideObservation", HANA, action="check", reason="tested in the laboratory")
    assert change.open_activities() == ["Effectiveness"]
    assert [said for said, _ in change.decided("observation")] == ["begun", "fewer_lots"]


# --- old stock that is used up -------------------------------------------------------------------


def test_the_planner_is_told_when_old_stock_is_gone_and_when_some_comes_back(
    staffed: Scenario,
) -> None:
    old = receive(staffed)
    change = released(staffed, effectivity="use_up")
    assert change.open_activities() == ["CutIn", "TellWarehouse"]
    move(staffed, old, out=True)
    staffed.clock.advance(hours=2)
    staffed.background.run_until_idle()
    assert "NoticeOldStock" in change.open_activities()
    assert change.case["old_stock"]["state"] == "gone"
    change.do("NoticeOldStock", NORA, noted=True)
    move(staffed, old, out=False)
    staffed.clock.advance(hours=2)
    staffed.background.run_until_idle()
    assert "NoticeOldStock" in change.open_activities()
    assert change.case["old_stock"] == {"change": change.order.number, "state": "back", "lots": old}
    change.do("NoticeOldStock", NORA, noted=True)
    assert [said for said, _ in change.decided("old_stock")] == ["gone", "back"]


def move(company: Scenario, number: str, *, out: bool) -> None:
    """Take all of a lot from its place, or put it back."""
    with booking(company, DORA) as context:
        lot = lots.by_number(context.db, TENANT, number)
        [lies] = balances.of_lot(context.db, TENANT, lot.lot_id) if out else [GONE[number]]
        place = Place(lies.location_id, lies.status)
        if out:
            GONE[number] = lies
            balances.take(context.db, TENANT, lot.lot_id, place, lies.quantity)
        else:
            balances.put(context.db, TENANT, lot.lot_id, place, lies.quantity)


GONE: dict[str, balances.Balance] = {}


# --- temporary -----------------------------------------------------------------------------------


def test_an_emergency_that_is_not_approved_in_time_is_decided_on(staffed: Scenario) -> None:
    change = emergency(staffed)
    change.do("OkQA", DORA, agreed=True)
    change.do("OkENG", IVAN, agreed=True)
    assert change.case["change"]["due"]["impact"] == "2wd"
    staffed.clock.advance(days=8)
    staffed.background.run_until_idle()
    assert "DecideLate" in change.open_activities()
    change.do("DecideLate", DORA, decision="stop", reason="nobody has assessed it")
    assert not in_force(change)
    assert change.decided("emergency_late") == [("stop", "dora")]
    assert "ImpactQA" in change.open_activities()


def test_an_emergency_that_was_approved_in_time_is_left_alone(staffed: Scenario) -> None:
    change = emergency(staffed)
    change.do("OkQA", DORA, agreed=True)
    change.do("OkENG", IVAN, agreed=True)
    change.assess()
    change.decide_markets()
    change.assess_quality()
    change.vote()
    change.approve()
    staffed.clock.advance(days=8)
    staffed.background.run_until_idle()
    assert "DecideLate" not in change.open_activities()
    assert in_force(change)


def test_a_deviation_ends_with_the_last_of_its_quantity(staffed: Scenario) -> None:
    change = deviation(staffed)
    assert RENEWALS_AT_MOST
    with staffed.database.reading() as db:
        lots_named = temporary.of_change(db, TENANT, change.order)[0].lots
    with booking(staffed, DORA) as context:
        item = items.by_number(context.db, TENANT, SCREW)
        assert item.number == DEVIATION["item_number"]
    number = receive(staffed, supplier_lot=lots_named[0], quantity="100")
    with booking(staffed, DORA) as context:
        lot = lots.by_number(context.db, TENANT, number)
        temporary.use(context, change.order.number, lot, 100, DOCUMENT)
    staffed.background.run_until_idle()
    assert not in_force(change)
    assert change.open_activities() == ["Close"]
    assert change.decided("temporary") == [("approved_way", "dora")]
