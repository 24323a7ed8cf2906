"""From when the new counts, and what becomes of the old: each way of cutting over (CC-04)."""

import pytest

from engine.outcomes import Rejected
from processes.change_control.scenarios.change import HANA, NORA, REVISION, ChangeCase, request
from processes.ledger import lots, status
from processes.ledger.status import Hold
from processes.nonconformance.scenarios.nonconformance import receive
from tests.people import DORA
from tests.scenario import TENANT, Scenario


def holds(company: Scenario, lot_number: str) -> list[Hold]:
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, lot_number)
        return status.open_holds(db, TENANT, lot.lot_id)


def approved(company: Scenario) -> ChangeCase:
    change = request(company, REVISION)
    change.to_decision("format")
    change.approve()
    return change


def told(company: Scenario, change: ChangeCase) -> list[object]:
    return [
        event["payload"]["lot_number"]
        for event in company.events(change.instance)
        if event["event"] == "signal.thrown" and event["name"] == "lot.hold"
    ]


@pytest.mark.parametrize("kind", ["immediate", "rework", "scrap"])
def test_old_stock_is_held_with_the_change_as_reason(staffed: Scenario, kind: str) -> None:
    old = receive(staffed)
    change = approved(staffed)
    change.to_release(effectivity=kind)
    assert holds(staffed, old) == []
    change.release()
    staffed.background.run_until_idle()
    held = holds(staffed, old)
    assert [each.document for each in held] == [f"change_control {change.order.number}"]
    assert change.order.number in held[0].reason
    assert told(staffed, change) == [old]
    new = receive(staffed, supplier_lot="HX-78")
    assert holds(staffed, new) == []


@pytest.mark.parametrize("kind", ["date", "use_up", "mixed"])
def test_old_stock_stays_in_use_where_it_may(staffed: Scenario, kind: str) -> None:
    old = receive(staffed)
    change = approved(staffed)
    change.to_release(effectivity=kind)
    change.release()
    staffed.background.run_until_idle()
    assert holds(staffed, old) == []
    assert told(staffed, change) == []


def test_old_stock_is_held_on_the_day_and_not_before(staffed: Scenario) -> None:
    old = receive(staffed)
    change = approved(staffed)
    day = staffed.clock().date().replace(day=1, month=12)
    change.to_release(effectivity="scrap", effective_from=day.isoformat())
    change.release()
    assert holds(staffed, old) == []
    staffed.clock.advance(days=(day - staffed.clock().date()).days + 1)
    staffed.background.run_until_idle()
    assert [each.document for each in holds(staffed, old)] == [
        f"change_control {change.order.number}"
    ]


def released(company: Scenario, kind: str) -> ChangeCase:
    change = approved(company)
    change.to_release(effectivity=kind)
    change.release()
    company.background.run_until_idle()
    return change


def refusal(change: ChangeCase, *old_stock: tuple[str, str, str]) -> str:
    refused = change.attempt("CutIn", NORA, **change.cut_over(*old_stock))
    assert isinstance(refused, Rejected)
    return refused.message["en"]


def test_what_is_scrapped_goes_to_a_nonconformity_that_ends_the_hold(staffed: Scenario) -> None:
    old = receive(staffed)
    change = released(staffed, "scrap")
    change.cut_in((old, "4", "scrap"), (old, "6", "rework"))
    staffed.background.run_until_idle()
    raised = change.sent("nc.raised")
    assert [each["payload"]["lot_number"] for each in raised] == [old]
    assert "scrap 报废 4, rework 返工 6" in raised[0]["payload"]["description"]
    triage = staffed.open("Triage", HANA)
    number = staffed.variables(triage.work_item_id.process_instance_id)["nc"]["number"]
    assert [each.document for each in holds(staffed, old)] == [
        f"change_control {change.order.number}",
        f"nonconformity {number}",
    ]
    instance = triage.work_item_id.process_instance_id
    void = {"verdict": "invalid", "verdict_reason": "made right already"}
    staffed.do("Triage", HANA, instance, **void)
    staffed.do("ConfirmVoid", DORA, instance, confirmed=True, reason="made right already")
    assert holds(staffed, old) == []


def test_of_every_held_lot_it_is_said_what_becomes_of_it(staffed: Scenario) -> None:
    first, second = receive(staffed), receive(staffed, supplier_lot="HX-78")
    change = released(staffed, "rework")
    assert second in refusal(change, (first, "10", "rework"))
    assert "cannot be used up" in refusal(change, (first, "10", "use_up"), (second, "1", "hold"))
    assert "not 11" in refusal(change, (first, "6", "hold"), (first, "5", "rework"))
    assert "not a quantity" in refusal(change, (first, "ten", "hold"), (second, "1", "hold"))
    change.cut_in((first, "10", "hold"), (second, "10", "hold"))
    assert change.sent("nc.raised") == []
    assert len(holds(staffed, first)) == len(holds(staffed, second)) == 1


def test_the_cut_in_holds_what_the_plan_left_in_use(staffed: Scenario) -> None:
    kept, used = receive(staffed), receive(staffed, supplier_lot="HX-78")
    change = released(staffed, "date")
    change.cut_in((kept, "10", "hold"), (used, "10", "use_up"))
    assert [each.document for each in holds(staffed, kept)] == [
        f"change_control {change.order.number}"
    ]
    assert holds(staffed, used) == []
