"""Every rule by which the law counts is started by something: a decision table that a process asks,
a document that it reads, or the book itself. Read from the sources, so that a rule that nothing
starts is found without a case that happens to need it."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.identifiers import new_id
from engine.outcomes import Rejected
from processes import demo, registry
from processes.complaint.scenarios.test_complaint import Complaint
from processes.ledger.clocks import clocks
from processes.ledger.complaints.commands import RecordNewInformation, RecordSupplement
from processes.recall.scenarios.field_action import JIN, Company, Recall, open_action
from tests.scenario import TENANT, Scenario

PROCESSES = Path(registry.__file__).parent
RULES = sorted(registry.documents()["clock_rules"]["rules"])
READ_BY_HANDLERS = ("complaint_rules", "nonconformity_rules")
"""Documents whose words handlers start clocks by."""


def _tables() -> set[str]:
    """Give the texts that decision tables answer, of tables that a diagram asks."""
    found = set()
    for path in PROCESSES.glob("*/*.dmn"):
        diagram = (path.parent / "process.bpmn").read_text(encoding="utf-8")
        if path.stem in diagram:
            answers = re.findall(r"<outputEntry>\s*<text>\"([^\"]+)\"", path.read_text("utf-8"))
            found |= set(answers)
    return found


def _texts(value: object) -> set[str]:
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        return {text for each in (*value, *value.values()) for text in _texts(each)}
    if isinstance(value, list):
        return {text for each in value for text in _texts(each)}
    return set()


def _modules() -> set[str]:
    """Give the constants of modules that start clocks."""
    found = set()
    for path in PROCESSES.rglob("*.py"):
        if "scenarios" in path.parts or "master_data" in path.parts:
            continue
        source = path.read_text(encoding="utf-8")
        if "clocks.start(" in source:
            found |= {
                node.value
                for node in ast.walk(ast.parse(source))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return found


def started() -> set[str]:
    documents = registry.documents()
    read = {text for name in READ_BY_HANDLERS for text in _texts(documents[name])}
    rules = documents["clock_rules"]["rules"]
    follow = {each["then"] for code, each in rules.items() if each.get("then", code) != code}
    return _tables() | _modules() | read | follow


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_started_by_something(rule: str) -> None:
    assert rule in started(), f"nothing starts {rule}"


def test_what_is_started_has_a_rule() -> None:
    for path in (PROCESSES / "recall" / "clocks_to_start.dmn",):
        answers = re.findall(r"<outputEntry>\s*<text>\"([^\"]+)\"", path.read_text("utf-8"))
        assert set(answers) <= set(RULES)


@pytest.fixture
def maker(scenario: Scenario) -> Company:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    return Company(scenario)


def running(scenario: Scenario, kind: str, number: str) -> list[str]:
    with scenario.database.reading() as db:
        found = clocks.of_subject(db, TENANT, kind, number)
    return sorted(each.rule_code for each in found if each.stopped_at is None)


def shipped_recall(maker: Company, *markets: str) -> Recall:
    _, device = maker.set_up(*markets)
    recall = open_action(maker, device)
    recall.evaluate()
    recall.decide()
    recall.plan()
    recall.report_to_authorities()
    recall.release_notices()
    return recall


def test_status_reports_are_counted_from_one_to_the_next(maker: Company) -> None:
    recall = shipped_recall(maker, "CN", "US")
    scenario = maker.scenario
    assert {"CN-PROG2", "US-STAT"} <= set(running(scenario, "field_action", recall.number))
    scenario.clock.advance(days=14, minutes=1)
    scenario.background.run_until_idle()
    recall.report_to_authorities()  # China's progress and the FDA's status
    with scenario.database.reading() as db:
        found = clocks.of_subject(db, TENANT, "field_action", recall.number)
    again = [each for each in found if each.rule_code == "US-STAT"]
    assert [each.stopped_at is None for each in again] == [False, True]
    assert again[1].started_at - again[0].started_at > timedelta(days=14)


def test_news_after_a_report_to_the_fda_is_supplemented(maker: Company) -> None:
    scenario = maker.scenario
    complaint = Complaint(scenario, people=())
    news: dict[str, Any] = {
        "complaint": complaint.number,
        "region": "US",
        "information": "the patient was operated on again",
        "received_at": scenario.clock(),
    }
    early = scenario.ask(RecordNewInformation(command_id=new_id(), **news), JIN)
    assert isinstance(early, Rejected)  # nothing was reported yet
    complaint.judge()
    complaint.report()
    scenario.must(scenario.ask(RecordNewInformation(command_id=new_id(), **news), JIN))
    assert complaint.running() == ["US-MDRS"]
    sent: dict[str, Any] = {"complaint": complaint.number, "region": "US", "reference": "MW-2"}
    supplement = RecordSupplement(command_id=new_id(), submitted_at=scenario.clock(), **sent)
    scenario.must(scenario.ask(supplement, JIN))
    assert complaint.running() == []
    again = RecordSupplement(command_id=new_id(), submitted_at=scenario.clock(), **sent)
    assert isinstance(scenario.ask(again, JIN), Rejected)
