"""What an action reaches beside the shelf, and whom it is reported to beside where it went."""

from datetime import date, timedelta
from typing import Any

import pytest

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes import registry
from processes.ledger.distribution import registrations
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.field_actions import recoveries, reports, scope
from processes.recall.scenarios.field_action import HHE, SCREW, Company, Recall, open_action
from tests.people import ANN, DORA
from tests.processes.whole_company import HANA, JIN, LENA, MEI, OMAR
from tests.scenario import TENANT


def register(maker: Company, market: str, **more: Any) -> None:
    with maker.book(ANN) as context:
        new = NewRegistration(
            item_number=SCREW,
            market=market,
            number=f"REG-{market}",
            holder="Example",
            valid_from=date(2024, 1, 1),
            expected_life="10 years",
            **more,
        )
        registrations.register(context, new)


def report_kinds(recall: Recall) -> list[str]:
    return [str(row.kind) for row in recall.read(reports.of_action)]


def content(recall: Recall, kind: str) -> dict[str, Any]:
    found = [row for row in recall.read(reports.of_action) if row.kind == kind]
    return dict(found[-1].content)


def planned(maker: Company, *markets: str) -> Recall:
    _, device = maker.set_up(*markets)
    recall = open_action(maker, device)
    recall.evaluate()
    return recall


def test_china_is_told_in_public_with_proof(maker: Company) -> None:
    recall = planned(maker, "CN")
    recall.decide()
    recall.plan()
    assert "CN-PUBLICATION" in report_kinds(recall)
    assert content(recall, "CN-PUBLICATION")["channel"] == "省级药品监督管理部门网站"  # class II
    waiting = recall.items("Package")
    recall.report_to_authorities()
    assert len(waiting) == 3
    with maker.scenario.database.reading() as db:
        published = [
            row
            for row in reports.of_action(db, TENANT, recall.action())
            if row.kind == "CN-PUBLICATION"
        ]
    assert reports.is_accepted(published[0])


def test_a_withdrawal_is_not_published(maker: Company) -> None:
    recall = planned(maker, "CN")
    recall.decide("market_withdrawal")
    recall.plan()
    assert "CN-PUBLICATION" not in report_kinds(recall)


def test_an_action_elsewhere_is_reported_in_the_eu_or_reasoned(maker: Company) -> None:
    register(maker, "DE")
    recall = planned(maker, "US")
    given = {"class_china": "II", "class_fda": "II", "class_eu": "none"}
    decision: dict[str, Any] = {"action_type": "recall", "reason": "as evaluated", **given}
    assert isinstance(recall.attempt("Decide", OMAR, **decision), Rejected)
    reason = "the devices for the EU are made elsewhere"
    recall.do("Decide", OMAR, **decision, not_eu_reason=reason)
    recall.do("DecideQa", DORA, agreed=False, objection="same drawing: report it")
    recall.do("DecideRa", JIN, agreed=True)
    recall.decide()  # classified as an FSCA after all
    recall.plan()
    assert "EU-FSCA" in report_kinds(recall)


def test_an_agent_in_china_reports_what_is_recalled_abroad(maker: Company) -> None:
    register(maker, "CN", agent="Example China Agent Ltd.")
    recall = planned(maker, "US")
    assert recall.case["assessment"]["china_agents"] == ["Example China Agent Ltd."]
    recall.decide()
    recall.plan()
    assert "CN-EVENT" in report_kinds(recall)
    assert content(recall, "CN-EVENT")["agent"] == "Example China Agent Ltd."


def test_the_eu_hears_of_software_and_of_each_country(maker: Company) -> None:
    _, device = maker.set_up("DE", "FR")
    recall = open_action(maker, device)
    recall.do("Convene", MEI, members="all", meeting_at="2026-11-23T10:00:00+08:00")
    recall.do(
        "Facts",
        HANA,
        defect="alarm stays silent",
        cause="software",
        how_found="complaints",
        software="2.1.0 to 2.1.3",
        complaints=3,
        injuries="none",
    )
    recall.do("Evaluate", LENA, **HHE)
    recall.do("EvaluateQa", DORA, agreed=True)
    recall.do("EvaluateRa", JIN, agreed=True)
    recall.decide()
    recall.plan()
    assert content(recall, "EU-FSCA")["software"] == "2.1.0 to 2.1.3"
    recall.report_to_authorities()
    recall.release_notices()
    recall.deliver({"returned": "4"}, only="C-1")
    maker.scenario.clock.advance(days=15)
    maker.scenario.background.run_until_idle()
    rows = {row["country"]: row for row in content(recall, "EU-STATUS")["by_country"]}
    assert (rows["DE"]["answered"], rows["FR"]["answered"]) == ("1", "0")


def test_what_is_on_the_road_is_listed_and_told(maker: Company) -> None:
    _, device = maker.set_up("CN")
    recall = open_action(maker, device)
    with maker.scenario.database.reading() as db:
        [first] = scope.extensions_of(db, TENANT, recall.action())
    moving = [each for each in first.stock if each["status"] == scope.IN_TRANSIT]
    assert [each["quantity"] for each in moving] == [4]
    assert device.number in recall.case["reach"]["in_use"]


def test_units_are_corrected_and_taken_back_one_by_one(maker: Company) -> None:
    maker.set_up("CN")
    lot = maker.serial_lot("MON-1", ["SN-1", "SN-2"], "CN")
    maker.ship_units(lot, "C-1", "SN-1", "SN-2")
    recall = open_action(maker, lot)
    recall.evaluate()
    recall.decide("correction")
    recall.plan()
    row = {
        "consignee": "C-1",
        "lot": lot.number,
        "kind": "corrected",
        "unit": "ea",
        "quantity": "1",
        "reference": "visit 7, software 2.2.0",
    }
    assert isinstance(recall.attempt("Returns", ANN, rows=[row]), Rejected)  # which one?
    recall.returned([{**row, "serial_number": "SN-1"}])
    twice = recall.attempt("Returns", ANN, rows=[{**row, "serial_number": "SN-1"}])
    assert isinstance(twice, Rejected)
    strange = recall.attempt("Returns", ANN, rows=[{**row, "serial_number": "SN-9"}])
    assert isinstance(strange, Rejected)
    back = {**row, "kind": "returned", "serial_number": "SN-2", "location": "T-01"}
    recall.returned([{**back, "reference": "RMA-1"}])
    kept = recall.read(recoveries.of_action)
    assert [(each.serial_number, each.kind) for each in kept] == [
        ("SN-1", "corrected"),
        ("SN-2", "returned"),
    ]
    assert recall.stock(lot) == {("T-01", "RETURN_QUARANTINE"): 1}


@pytest.mark.parametrize("days", [0, 400])
def test_the_yearly_exercise_begins_by_itself_once(maker: Company, days: int) -> None:
    scenario = maker.scenario
    _, device = maker.set_up("CN")
    rules = {**registry.documents()["field_action_rules"]}
    first = (scenario.clock().date() + timedelta(days=1)).isoformat()
    rules["mock_schedule"] = {"every_months": 12, "first_on": first}
    change = ChangeConfiguration(
        command_id=new_id(), key="field_action_rules", document=rules, why="exercise each year"
    )
    scenario.must(scenario.dispatcher.dispatch(change, engine_actor(TENANT, "installation")))
    scenario.background.run_until_idle()
    assert not [each for each in scenario.worklist(DORA) if each.activity_id == "Open"]
    scenario.clock.advance(days=2)
    for _ in range(2):
        scenario.clock.advance(hours=7)
        scenario.background.run_until_idle()
    [item] = [each for each in scenario.worklist(DORA) if each.activity_id == "Open"]
    assert scenario.context(item)["lots"] == [device.number]
    if not days:
        return
    instance = item.work_item_id.process_instance_id
    scenario.do(
        "Open",
        DORA,
        instance,
        mode="mock",
        title="Exercise 2026",
        description="yearly exercise",
        aware_at=scenario.clock().isoformat(),
        aware_evidence="schedule",
        affected=[{"lot": device.number}],
    )
    scenario.clock.advance(days=days)
    scenario.background.run_until_idle()
    assert [each for each in scenario.worklist(DORA) if each.activity_id == "Open"]
