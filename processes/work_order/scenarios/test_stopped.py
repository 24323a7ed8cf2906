"""What went into an open order is held or recalled: production is told, and quality decides."""

from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import send
from processes.ledger import lots
from processes.ledger.genealogy import mass_balance
from processes.recall.scenarios.field_action import Company, open_action
from processes.work_order.scenarios.making import Factory, factory, stock_up
from tests.people import DORA
from tests.processes.whole_company import HANA, NORA, OLGA, QUIN, instance_of
from tests.scenario import TENANT

__all__ = ["factory"]


def report(factory: Factory, lot_number: str) -> None:
    """Somebody finds that a lot does not conform: nonconformance holds it and says so."""
    company = factory.company
    instance = company.start("nonconformance", by=NORA)
    found = {"what": "burr", "where": "stock", "lot_number": lot_number}
    company.do("Report", NORA, instance, **found, found_at=company.clock().isoformat())


def worked_on(factory: Factory) -> Factory:
    """An order with material and some goods made of it."""
    factory.begin()
    factory.issue("10")
    factory.output("2")
    return factory


def test_a_hold_on_what_went_in_lets_the_order_stand_still(factory: Factory) -> None:
    company = worked_on(factory).company
    report(factory, factory.screws)
    assert factory.open() == ["Decide", "StandStill", "Work"]
    for act in (
        factory.scan("1"),
        {"what": "output", "quantity": "1", "location": "Q-01"},
        {"what": "labels", "template": "plate rev. 2", "printed": 1},
        {"what": "finish"},
    ):
        refused = factory.attempt("Work", NORA, **act)
        assert isinstance(refused, Rejected)
        assert "stands still" in refused.message["en"], act
    factory.do("StandStill", OLGA, stopped=True, where="two plates on the press")
    company.background.run_until_idle()
    assert len(factory.events("work_order.stopped")) == 1
    factory.do("Decide", QUIN, decision="go_on", reason="the burr is on another drawing position")
    assert factory.open() == ["Work"]
    factory.output("3")
    factory.finish()
    assert company.status(factory.running) == "completed"
    assert company.verify().differences == []


def test_quality_quarantines_what_the_order_makes(factory: Factory) -> None:
    company = worked_on(factory).company
    report(factory, factory.screws)
    factory.do("Decide", QUIN, decision="quarantine", reason="to be measured when made")
    assert factory.holds() == [f"work_order {factory.order}"]
    factory.output("3")
    factory.finish()
    assert factory.open() == ["StandStill"] or company.status(factory.running) == "completed"
    release = instance_of(company, "Review", DORA)
    refused = company.attempt("Review", DORA, release, finding="complete")
    assert isinstance(refused, Rejected)
    assert factory.stock() == {("Q-01", "QUARANTINE"): 5}


def test_quality_closes_the_order_with_a_nonconformity(factory: Factory) -> None:
    company = worked_on(factory).company
    factory.do("Work", NORA, what="labels", template="plate rev. 2", printed=4)
    report(factory, factory.screws)
    reason = {"reason": "all of it contains the burr", "severity": "major"}
    factory.do("Decide", QUIN, decision="close", **reason)
    assert factory.open() == ["StandStill", "WindUp"]
    row = {"returned": "5", "location": "A-01-01", "scrapped": "1"}
    counted = [{"applied": 2, "destroyed": 2, "retained": 0}]
    factory.do("WindUp", NORA, rows=[row], labels=counted, reason="closed by quality")
    own = factory.open()
    assert "CloseOut" in own
    factory.do("CloseOut", DORA, explanation="closed: one screw was scrapped")
    assert company.status(factory.running) == "completed"
    assert factory.status() == "closed"
    triage = instance_of(company, "Triage", HANA)
    about = {
        each.work_item_id.process_instance_id
        for each in company.worklist(HANA)
        if each.activity_id == "Triage"
    }
    assert triage in about
    assert len(about) == 2  # of the screws, and of what was made of them
    [held] = factory.holds()
    assert held.startswith("nonconformity ")
    with company.database.reading() as db:
        made = lots.by_number(db, TENANT, factory.made)
        assert mass_balance.of_lot(db, TENANT, made.lot_id).unexplained == 0
    assert company.verify().differences == []


def test_a_recall_reaches_the_order_that_makes_something_of_it(factory: Factory) -> None:
    company = worked_on(factory).company
    open_action(Company(company, team=()), {"lot": factory.screws})
    assert factory.open() == ["Decide", "StandStill", "Work"]
    [stopped] = factory.events("work_order.stopped")
    assert stopped["cause"] == "lot.recalled"
    assert stopped["source"].startswith("recall ")
    assert isinstance(factory.attempt("Work", NORA, what="finish"), Rejected)


def test_two_signals_are_decided_one_by_one(factory: Factory) -> None:
    company = worked_on(factory).company
    blocked = {"supplier": "S-1001", "items": [factory.screw_item], "reason": "certificate forged"}
    report(factory, factory.screws)
    send(company, "supplier.blocked", "", blocked, kind="signal")
    send(company, "supplier.blocked", "", {**blocked, "supplier": "S-9"}, kind="signal")
    found = [each for each in company.items(factory.running) if each.activity_id == "Decide"]
    assert len(found) == 2
    causes = {company.context(each)["stop"]["cause"] for each in found}
    assert causes == {"lot.hold", "supplier.blocked"}
    for each in found:
        assert isinstance(factory.attempt("Work", NORA, what="finish"), Rejected)
        company.do("Decide", QUIN, item=each, decision="go_on", reason="shown to conform")
    factory.output("3")
    factory.finish()
    events = factory.events("work_order.stop_decided")
    assert {each["subject"] for each in events} == {
        factory.screws,
        f"S-1001: {factory.screws}",
    }


def test_what_is_only_kept_is_given_up_for_another_lot(factory: Factory) -> None:
    other = stock_up(factory.company, factory.screw_item, 40)
    unused = stock_up(factory.company, factory.screw_item, 40)
    factory.begin()
    assert [each["lot_number"] for each in factory.case["progress"]["picks"]] == [factory.screws]
    report(factory, unused)
    report(factory, factory.screws)
    assert factory.open() == ["Work"]
    refused = factory.attempt("Work", NORA, **factory.scan("2"))
    assert isinstance(refused, Rejected)
    factory.issue("10", lot_number=other)
    assert [each["lot_number"] for each in factory.case["progress"]["issued"]] == [other]


def test_an_order_ends_early_and_goes_on_as_a_new_cycle(factory: Factory) -> None:
    company = factory.company
    factory.begin()
    factory.issue("10")
    factory.do("Work", NORA, what="end", reason="press broken")
    assert factory.open() == ["WindUp"]
    row = {"returned": "9", "location": "A-01-01", "scrapped": "1"}
    factory.do("WindUp", NORA, rows=[row], labels=[], reason="press broken")
    factory.do("CloseOut", DORA, explanation="press broken; one screw scrapped")
    assert factory.status() == "cancelled"
    assert company.status(factory.running) == "completed"
    ended = factory.order
    factory.plan(reopens=ended, reason="press mended")
    factory.do("Release", OLGA, decision="release")
    assert factory.case["progress"]["cycle"] == 2
    again = factory.instance
    factory.plan(reopens=ended, reason="once more")
    assert factory.open() == ["Correct"]
    assert again != factory.instance
    assert company.verify().differences == []
