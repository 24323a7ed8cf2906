"""Consignees are told in their language as far as there are texts; who is not is told so, and a
translation is asked for before anything is sent."""

import pytest

from engine.outcomes import Rejected
from processes.ledger.field_actions import notices
from processes.ledger.language_tags import NotALanguage, tag
from processes.recall.scenarios.field_action import TEXT, Company, Recall, open_action
from tests.people import DORA
from tests.processes.whole_company import JIN, MEI
from tests.scenario import TENANT

GERMAN = {
    "language": "de",
    "product": "Knochenschraube 2,7 mm",
    "reason": "Das Gewinde kann unter Last brechen; drei Brüche wurden gemeldet.",
    "hazard": "Eine gebrochene Schraube kann eine weitere Operation erfordern.",
    "instructions": "Schrauben nicht mehr verwenden, getrennt halten und zurücksenden.",
}


def planned(maker: Company, language: str, *texts: dict[str, str]) -> Recall:
    """A recall of what a hospital has that reads a language; its reports are sent."""
    part, device = maker.set_up()
    maker.consignee("C-1", "DE", language=language, name="Klinikum Nord")
    maker.ship(device, "C-1", 4)
    recall = open_action(maker, part)
    recall.evaluate()
    recall.decide()
    recall.plan(texts=[{"language": "en", **TEXT}, *texts])
    recall.report_to_authorities()
    return recall


def letter(recall: Recall) -> tuple[str, str]:
    with recall.scenario.database.reading() as db:
        [row] = notices.of_action(db, TENANT, recall.action())
    return str(row.language), str(row.body)


def test_a_hospital_in_austria_reads_german(maker: Company) -> None:
    recall = planned(maker, "de-AT", GERMAN)
    assert "Translate" not in recall.open_activities()
    recall.release_notices()
    language, body = letter(recall)
    assert language == "de"
    assert body.startswith("DRINGEND: RÜCKRUF")
    assert GERMAN["hazard"] in body
    assert "Antworten Sie" not in body


def test_a_missing_language_is_asked_for_and_then_used(maker: Company) -> None:
    recall = planned(maker, "de")
    assert "Translate" in recall.open_activities()
    [asked] = recall.scenario.context(recall.items("Translate")[0])["round"]["untranslated"]
    assert (asked["language"], asked["fallback"], asked["readers"]) == ("de", "en", "C-1")
    nothing = recall.attempt("Translate", MEI, rows=[{}])
    assert isinstance(nothing, Rejected)
    given = {name: text for name, text in GERMAN.items() if name != "language"}
    recall.do("Translate", MEI, rows=[given])
    recall.release_notices()
    assert letter(recall)[0] == "de"
    assert [each["language"] for each in recall.action().plan["texts"]] == ["en", "de"]


def test_without_a_translation_the_notice_says_what_stands_in(maker: Company) -> None:
    recall = planned(maker, "pt-BR")
    recall.do("Translate", MEI, rows=[{"why_not": "no translator before tomorrow"}])
    recall.release_notices()
    language, body = letter(recall)
    assert language == "en"
    assert body.startswith("This notice is in English because there is no text in your language")
    assert "pt-BR" in body.splitlines()[0]
    [said] = [
        each
        for each in recall.scenario.events(recall.instance)
        if each["event"] == "notice.stands_in"
    ]
    assert said["reason"] == "no translator before tomorrow"


def test_without_any_text_nothing_is_sent(maker: Company) -> None:
    recall = planned(maker, "de")
    recall.do("Translate", MEI, rows=[{"why_not": "later"}])
    recall.do("ApproveNotices", DORA, approved=False, objection="English is wrong too")
    recall.do("CorrectTexts", MEI, texts=[{**GERMAN, "language": "fr"}])
    recall.do("ApproveNotices", DORA, approved=True)
    recall.scenario.clock.advance(hours=49)
    refused = recall.attempt("ReleaseNotices", JIN, approved=True, urgent=False)
    assert isinstance(refused, Rejected)
    assert refused.message["en"].startswith("There is no text in de, which C-1 read.")
    assert "缺少语言 de 的通知内容（C-1 需要）" in refused.message["zh"]
    assert refused.expected == "de"


@pytest.mark.parametrize(
    ("written", "meant"), [("DE-at", "de-AT"), ("zh-hant-tw", "zh-Hant-TW"), (" fr ", "fr")]
)
def test_a_tag_is_written_by_the_rules(written: str, meant: str) -> None:
    assert tag(written) == meant


@pytest.mark.parametrize("written", ["German", "d", "de_AT", "de-", "德语"])
def test_what_is_no_tag_is_refused(written: str) -> None:
    with pytest.raises(NotALanguage):
        tag(written)
