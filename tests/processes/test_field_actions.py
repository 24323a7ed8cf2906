"""The book of field actions: freeze, notices, answers, reconciliation, effectiveness, closure."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from processes import registry
from processes.ledger import balances, status
from processes.ledger.distribution import shipments
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.field_actions import (
    actions,
    closure,
    effectiveness,
    links,
    mails,
    notices,
    reconciliation,
    recoveries,
    reports,
    responses,
    scope,
)
from processes.ledger.field_actions.actions import FieldAction, NewAction, NotOver
from processes.ledger.field_actions.links import LinkRefused
from processes.ledger.field_actions.notices import LanguageMissing, Message, NoticeRefused
from processes.ledger.field_actions.recoveries import MoreThanRecovered, Recovered
from processes.ledger.field_actions.responses import Answer, AnswerIncomplete
from processes.ledger.field_actions.scope import NothingNew, NotReached
from processes.ledger.genealogy import mass_balance
from processes.ledger.lots import Lot
from tests.processes.conftest import ANN, DORA, NOW, TENANT, Book, person
from tests.processes.making import add_consignee, add_device, add_market, add_places, link, release

MEI = person("mei", "RCC")
RULES = registry.documents()["field_action_rules"]
TEXT = {
    "product": "DEVICE-1 导管",
    "reason": "密封件可能泄漏，已收到三起投诉",
    "hazard": "可能导致空气进入管路，造成短暂伤害",
    "instructions": "停止使用，清点库存，寄回全部产品",
}
PLAN: dict[str, Any] = {
    "texts": [{"language": "zh", **TEXT}],
    "contact": "召回热线 0755-2000",
    "response_days": 7,
}


class Recall:
    """A component in a device, the device with two hospitals, and a field action on it."""

    def __init__(self, book: Book, mode: str = "real") -> None:
        self.book = book
        add_places(book)
        item_id = add_device(book)
        add_market(book)
        add_consignee(book, recall_email="one@example.com")
        add_consignee(book, "C-2")
        self.part = release(book, book.lot("PART"), 50)
        self.device = release(book, book.lot("DEV", item_id=item_id, expiry=None), 20, "D-01")
        link(book, self.part, self.device, 20)
        self.ship("C-1", 6)
        self.ship("C-2", 4)
        new = NewAction(
            mode=mode,
            title="泄漏",
            description="密封件泄漏",
            aware_at=NOW,
            aware_evidence="complaint by telephone",
        )
        self.action = actions.open_action(book.by(MEI), new)
        self.frozen = scope.freeze(
            book.by(MEI), self.action, [self.part.number], reason="leak", initiated_at=NOW
        )
        self.action = actions.change(
            book.by(MEI), self.action, plan=PLAN, action_type="recall", class_china="II"
        )

    def ship(self, consignee: str, quantity: int, lot: Lot | None = None) -> None:
        line = NewLine(lot_number=(lot or self.device).number, location="D-01", quantity=quantity)
        new = NewShipment(consignee=consignee, order_number="SO", site="SZ01", lines=(line,))
        shipments.post(self.book.by(ANN), new)

    def person(self, number: str) -> Any:
        return scope.consignee_of(self.book.db, TENANT, self.action, number)

    def issue(self, number: str = "C-1", kind: str = "notice") -> Any:
        return notices.issue(
            self.book.by(MEI), self.action, self.person(number), extension=0, kind=kind
        )

    def answer(self, notice: Any, **stated: Any) -> Any:
        (line,) = scope.lines_of(self.book.db, TENANT, self.action, notice.consignee_id)
        given = Answer(
            channel="phone",
            understood=True,
            name="李主任",
            lines=[{"line_id": str(line.line_id), **stated}],
        )
        return responses.record(self.book.by(MEI), self.action, notice, given)

    def accounts(self) -> dict[str, reconciliation.Account]:
        found = reconciliation.of_action(self.book.db, TENANT, self.action)
        return {each.consignee_number: each for each in found.accounts}

    def take_back(self, number: str, quantity: int) -> None:
        given = Recovered(
            consignee=number,
            lot=self.device.number,
            kind="returned",
            quantity=quantity,
            reference="RMA-1",
            location="T-01",
        )
        recoveries.book(self.book.by(ANN), self.action, given)


@pytest.fixture
def recall(book: Book) -> Recall:
    return Recall(book)


def test_a_freeze_holds_everything_in_reach_and_names_who_has_it(recall: Recall) -> None:
    frozen = recall.frozen
    assert set(frozen.lots) == {recall.part.number, recall.device.number}
    assert frozen.holds == 2
    assert frozen.consignees == ("C-1", "C-2")
    assert (frozen.markets, frozen.lines) == (("CN",), 2)
    for lot in (recall.part, recall.device):
        (hold,) = status.open_holds(recall.book.db, TENANT, lot.lot_id)
        assert (hold.kind, hold.owner_role) == ("RECALLED", "RCC")
    line = NewLine(lot_number=recall.device.number, location="D-01", quantity=1)
    again = NewShipment(consignee="C-1", order_number="SO", site="SZ01", lines=(line,))
    assert shipments.check(recall.book.by(ANN), again)


def test_a_mock_recall_traces_and_holds_nothing(book: Book) -> None:
    recall = Recall(book, mode="mock")
    assert recall.action.number.startswith("MOCK-")
    assert (recall.frozen.holds, len(recall.frozen.lots)) == (0, 2)
    assert status.open_holds(book.db, TENANT, recall.device.lot_id) == []
    notice = recall.issue()
    assert "演练" in notice.subject
    assert mails.of_notice(book.db, TENANT, notice.notice_id) == []
    assert mails.due(book.db, TENANT, NOW) == []


def test_an_extension_adds_what_is_new_only(recall: Recall) -> None:
    other = release(recall.book, recall.book.lot("OTHER"), 5)
    more = scope.freeze(
        recall.book.by(MEI), recall.action, [other.number], reason="also", initiated_at=NOW
    )
    assert (more.extension, more.lots, more.holds) == (1, (other.number,), 1)
    with pytest.raises(NothingNew):
        scope.freeze(
            recall.book.by(MEI), recall.action, [other.number], reason="x", initiated_at=NOW
        )


def test_a_notice_is_in_the_consignees_language_with_its_own_lots(recall: Recall) -> None:
    notice = recall.issue()
    assert notice.subject.startswith("紧急医疗器械召回通知")
    assert recall.device.number in notice.body
    assert "6 ea" in notice.body
    assert "4 ea" not in notice.body
    (mail,) = mails.of_notice(recall.book.db, TENANT, notice.notice_id)
    assert (mail.address, mail.status) == ("one@example.com", "pending")
    other = recall.issue("C-2")  # no address: to be handed over
    assert mails.of_notice(recall.book.db, TENANT, other.notice_id) == []


def test_a_language_without_a_text_is_refused(recall: Recall) -> None:
    plan = {**PLAN, "texts": [{"language": "fr", **TEXT}]}  # nor is there what stands in: English
    changed = replace(recall.action, plan=plan)
    with pytest.raises(LanguageMissing):
        notices.issue(
            recall.book.by(MEI), changed, recall.person("C-1"), extension=0, kind="notice"
        )


@pytest.mark.parametrize(
    ("part", "words"),
    [("hazard", "该问题无需担心，不会有任何影响"), ("reason", "漏"), ("instructions", "")],
)
def test_a_notice_neither_plays_down_nor_leaves_out(recall: Recall, part: str, words: str) -> None:
    plan = {**PLAN, "texts": [{"language": "zh", **TEXT, part: words}]}
    with pytest.raises(NoticeRefused):
        notices.require_sayable(
            registry.documents()["field_action_texts"], plan, [recall.person("C-1")]
        )


def test_the_linter_passes_a_plain_text() -> None:
    message = Message(**TEXT)
    assert notices.lint(message, registry.documents()["field_action_texts"], "zh") == []


def test_a_link_is_kept_as_a_hash_and_works_once(recall: Recall) -> None:
    book, notice, token = recall.book, recall.issue(), links.new_token()
    links.add(book.by(MEI), notice, links.hash_of(token), days=60)
    kept = book.db.execute(text("SELECT token_hash FROM response_link")).scalar_one()
    assert kept == links.hash_of(token) != token
    assert links.usable(book.db, TENANT, kept, NOW).consignee_id == notice.consignee_id
    for broken, at in ((links.hash_of("x"), NOW), (kept, NOW + timedelta(days=60))):
        with pytest.raises(LinkRefused):
            links.usable(book.db, TENANT, broken, at)
    recall.answer(notice, on_hand=6)
    with pytest.raises(LinkRefused, match="answered"):
        links.usable(book.db, TENANT, kept, NOW)


def test_inv_14_shipped_is_accounted_for_by_consignee_and_lot(recall: Recall) -> None:
    recall.answer(recall.issue(), on_hand=2, used=3, destroyed=1)
    account = recall.accounts()["C-1"]
    assert (account.shipped, account.accounted, account.unaccounted) == (6, 6, 0)
    silent = recall.accounts()["C-2"]
    assert (silent.answered, silent.unaccounted) == (False, 4)
    recall.answer(recall.issue("C-2"), on_hand=1, missing=3)
    assert recall.accounts()["C-2"].unexplained == 3
    found = reconciliation.of_action(recall.book.db, TENANT, recall.action)
    assert str(found.percent) == "70.0"
    assert [each.consignee_number for each in found.unexplained] == ["C-2"]
    reconciliation.justify(
        recall.book.by(MEI), recall.action, "C-2", recall.device.number, 3, "fire in the store"
    )
    assert reconciliation.of_action(recall.book.db, TENANT, recall.action).complete


def test_the_latest_answer_counts_and_more_than_shipped_is_a_finding(recall: Recall) -> None:
    notice = recall.issue()
    recall.answer(notice, on_hand=6)
    recall.answer(notice, on_hand=7)
    assert recall.accounts()["C-1"].unaccounted == -1
    assert recall.accounts()["C-1"].unexplained == 1


def test_what_was_passed_on_is_looked_for_below_or_shown_as_a_gap(recall: Recall) -> None:
    with pytest.raises(AnswerIncomplete):
        recall.answer(recall.issue(), transferred=6)
    recall.answer(recall.issue(), transferred=6, transferred_to="镇医院")
    assert recall.accounts()["C-1"].depth_gap == 6
    add_consignee(recall.book, "C-9", tier=2, parent="C-1")
    row = {"consignee": "C-9", "lot": recall.device.number, "quantity": "4"}
    added = responses.add_next_tier(recall.book.by(MEI), recall.action, recall.person("C-1"), [row])
    assert added == ["C-9"]
    assert recall.accounts()["C-1"].depth_gap == 2
    assert recall.person("C-9").tier == 2
    recall.answer(recall.issue("C-9", "next_tier"), on_hand=4)
    assert recall.accounts()["C-9"].unaccounted == 0


def test_an_answer_names_only_its_own_goods(recall: Recall) -> None:
    notice = recall.issue()
    (other,) = scope.lines_of(
        recall.book.db, TENANT, recall.action, recall.person("C-2").consignee_id
    )
    given = Answer(
        channel="phone", understood=True, name="x", lines=[{"line_id": str(other.line_id)}]
    )
    with pytest.raises(AnswerIncomplete):
        responses.record(recall.book.by(MEI), recall.action, notice, given)


def test_what_comes_back_is_in_the_returns_zone_and_is_destroyed_with_a_witness(
    recall: Recall,
) -> None:
    book = recall.book
    recall.answer(recall.issue(), returned=6)
    assert recall.accounts()["C-1"].still_there == 6
    recall.take_back("C-1", 6)
    account = recall.accounts()["C-1"]
    assert (account.returned, account.still_there, account.unaccounted) == (6, 0, 0)
    there = balances.at(
        book.db, TENANT, recall.device.lot_id, book.place("T-01", "RETURN_QUARANTINE")
    )
    assert there == 6
    with pytest.raises(MoreThanRecovered):
        recall.take_back("C-1", 1)
    assert recoveries.mark_recalled(book.by(DORA, "DISP"), recall.action) == 1
    row = {
        "lot": recall.device.number,
        "quantity": "6",
        "disposition": "destroy",
        "reference": "CERT-1",
    }
    recoveries.dispose(book.by(ANN), recall.action, [row], {"name": "王处", "of": "药监局"})
    assert recoveries.awaiting(book.db, TENANT, recall.action) == []
    assert mass_balance.of_lot(book.db, TENANT, recall.device.lot_id).unexplained == 0
    assert balances.differences(book.db, TENANT) == []
    with pytest.raises(MoreThanRecovered):
        recoveries.dispose(book.by(ANN), recall.action, [row], {})


def test_the_effectiveness_sample_can_be_drawn_again(recall: Recall) -> None:
    number, drawn = effectiveness.draw(recall.book.by(DORA), recall.action, level="B", percent=50)
    (kept,) = effectiveness.samples_of(recall.book.db, TENANT, recall.action)
    assert (number, len(drawn), kept.population) == (1, 1, 2)
    assert effectiveness.sample(["C-2", "C-1"], kept.percent, kept.seed) == drawn
    answers = dict.fromkeys(effectiveness.QUESTIONS, True)
    assert effectiveness.check(recall.book.by(DORA), recall.action, 1, drawn[0], answers)
    assert effectiveness.percent_effective(recall.book.db, TENANT, recall.action) == 100


def test_one_no_makes_a_check_fail(recall: Recall) -> None:
    _, drawn = effectiveness.draw(recall.book.by(DORA), recall.action, level="A", percent=100)
    answers = dict.fromkeys(effectiveness.QUESTIONS, True)
    first = effectiveness.check(recall.book.by(DORA), recall.action, 1, drawn[0], answers)
    bad = {**answers, "acted": False}
    second = effectiveness.check(recall.book.by(DORA), recall.action, 1, drawn[1], bad)
    assert (first, second) == (True, False)
    assert effectiveness.percent_effective(recall.book.db, TENANT, recall.action) == 50


@pytest.mark.parametrize(("level", "missing"), [("A", 2), ("B", 1), ("E", 0)])
def test_nobody_asked_is_no_proof(recall: Recall, level: str, missing: int) -> None:
    db = recall.book.db
    with_level = actions.change(recall.book.by(MEI), recall.action, level=level)
    assert effectiveness.percent_effective(db, TENANT, with_level) is None
    found = closure.facts(db, TENANT, with_level, RULES)
    assert (found["effectiveness_percent"], found["checks_missing"]) == (None, missing)
    effectiveness.draw(recall.book.by(DORA), with_level, level="E", percent=0)
    assert effectiveness.missing(db, TENANT, with_level, RULES) == missing


@pytest.mark.parametrize("level", "ABCDE")
def test_level_e_asks_nobody_and_every_other_at_least_one(level: str) -> None:
    percent = RULES["percent_of_level"][level]
    drawn = effectiveness.sample([f"C-{n}" for n in range(20)], percent, "seed")
    assert len(drawn) == {"A": 20, "B": 10, "C": 2, "D": 1, "E": 0}[level]


def test_a_report_says_what_is_missing(recall: Recall) -> None:
    recall.issue()
    made = reports.prepare(recall.book.by(MEI), recall.action, "US-806")
    report = reports.by_number(recall.book.db, TENANT, made["number"])
    assert "registration" in made["missing"]
    assert [row["lot"] for row in report.content["identification"]] == [
        recall.part.number,
        recall.device.number,
    ]
    assert "(01)" in report.content["identification"][1]["udi"]
    people = {row["name"]: row["quantity"] for row in report.content["consignees"]}
    assert "6 ea" in people["第一医院 C-1"]
    assert not reports.is_accepted(report)
    reports.submit(
        recall.book.by(MEI),
        recall.action,
        made["number"],
        reference="ESG-1",
        accepted=True,
        submitted_at=NOW,
    )
    assert reports.is_accepted(reports.by_number(recall.book.db, TENANT, made["number"]))


def test_what_closure_still_waits_for_is_named(recall: Recall) -> None:
    facts = closure.facts(recall.book.db, TENANT, recall.action, RULES)
    assert facts["not_notified"] == ["C-1", "C-2"]
    assert facts["not_answered"] == ["C-1", "C-2"]
    for number in ("C-1", "C-2"):
        notice = recall.issue(number)
        for channel in ("mail", "phone", "phone"):
            notices.record_delivery(
                recall.book.by(MEI),
                notice,
                channel=channel,
                reached=True,
                proof="receipt",
                delivered_at=NOW,
            )
    facts = closure.facts(recall.book.db, TENANT, recall.action, RULES)
    assert facts["not_notified"] == []
    assert (facts["not_answered"], facts["given_up"]) == ([], 2)
    severe = actions.change(recall.book.by(MEI), recall.action, assigned_china="I")
    assert closure.facts(recall.book.db, TENANT, severe, RULES)["not_answered"] == ["C-1", "C-2"]
    assert severe.classes["china"] == "II"
    assert severe.classes["fda"] is None


def test_a_closed_action_is_reopened_as_a_new_cycle(recall: Recall) -> None:
    def reopened() -> FieldAction:
        new = NewAction(
            mode="real",
            title="again",
            description="late information",
            aware_at=NOW,
            aware_evidence="letter",
            reopens=recall.action.number,
        )
        return actions.open_action(recall.book.by(MEI), new)

    with pytest.raises(NotOver):
        reopened()
    actions.change(recall.book.by(MEI), recall.action, status="closed", closed_at=NOW)
    assert (reopened().cycle, reopened().reopens) == (2, recall.action.number)


def test_who_is_not_reached_is_not_part_of_it(recall: Recall) -> None:
    with pytest.raises(NotReached):
        recall.person("C-77")


@pytest.mark.parametrize("table", ["notice", "field_action_line", "field_action_lot"])
def test_what_was_reached_and_sent_cannot_be_changed(recall: Recall, table: str) -> None:
    recall.issue()
    with pytest.raises(DBAPIError):
        recall.book.db.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # our own words
