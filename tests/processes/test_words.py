"""Refusals speak in words: every code of the book has one in both languages, and shows it."""

import re

import pytest

from processes.ledger import items, movements, status, tables, words
from processes.ledger.changes.tables import STATUSES as CHANGE_STATES
from processes.ledger.locations import ALLOWED
from processes.ledger.movement_rules import RULES
from processes.ledger.movements import Document, Movement
from processes.ledger.nonconformity.tables import DISPOSITIONS
from processes.ledger.purchasing.tables import (
    ORDER_STATUSES,
    QUALIFICATION_STATUSES,
    REQUISITION_STATUSES,
)
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.status import NotReleased, SignatureMissing
from tests.processes.conftest import ANN, DORA, TENANT, Book
from tests.refusals import ShowsCode, codes_in, in_words

CHINESE = re.compile("[\u4e00-\u9fff]")
USED = {
    "status": (*tables.STATUSES, *(r.outcome for r in RULES.values() if r.outcome)),
    "zone": tuple(ALLOWED),
    "movement": tuple(RULES),
    "disposition": DISPOSITIONS,
    "state": (
        *(*ORDER_STATUSES, *REQUISITION_STATUSES, *QUALIFICATION_STATUSES, *CHANGE_STATES),
        *("draft", "released", "obsolete", "candidate", "approved", "conditional", "blocked"),
        *("open", "closed", "cancelled", "not_warranted"),
    ),
    "signature": ("REL", "REJ", "CONC", "APPR", "PERF", "VERF", "DISP", "REVW", "AUTH"),
    "role": ("QA", "WH", "IQC", "BUY"),
}


@pytest.mark.parametrize("family", USED)
def test_every_code_has_its_words(family: str) -> None:
    for code in USED[family]:
        said = words.said(family, str(code))
        assert not codes_in(f"{said.en} {said.zh}"), (family, code)
        assert code not in said.zh, (family, code)
        assert CHINESE.search(said.zh), (family, code)
        assert not CHINESE.search(said.en), (family, code)


def test_a_code_of_the_customers_own_is_said_as_it_is() -> None:
    assert words.said("role", "OUR_OWN") == ("OUR_OWN", "OUR_OWN")


def test_goods_on_the_quarantine_shelf(book: Book) -> None:
    made = book.lot()
    place = book.place("Q-01", "RELEASED")
    with pytest.raises(NotReleased) as found:
        status.require_released(book.by(ANN), made, place, None)
    assert "it lies at Q-01, quarantine area" in found.value.message["en"]
    assert "位于 Q-01，待检区" in found.value.message["zh"]
    assert "已放行" in found.value.message["zh"]


def test_a_signature_is_asked_for_by_its_meaning() -> None:
    found = SignatureMissing(["REL", "REJ"])
    assert found.expected == "REL, REJ"
    assert not codes_in(found.message["en"] + found.message["zh"])


def test_a_movement_is_refused_by_its_name(book: Book) -> None:
    made = book.lot()
    for movement_type in RULES:
        wrong = Movement(
            movement_type=movement_type,
            lot_id=made.lot_id,
            quantity=1,
            document=Document("test", "T1"),
            source=book.place("Q-01", "QUARANTINE"),
            target=book.place("Q-01", "QUARANTINE"),
        )
        with pytest.raises(LedgerRefusal) as found:
            movements.post(book.by(DORA), wrong)
        assert not codes_in(found.value.message["en"] + found.value.message["zh"])


def test_an_item_that_is_a_draft(book: Book) -> None:
    draft = items.find(book.db, TENANT, book.add_item("D-1", status="draft"))
    with pytest.raises(items.ItemNotReleased) as found:
        items.require_released(draft)
    assert "草稿" in found.value.message["zh"]
    assert "draft" not in found.value.message["zh"]


def test_the_check_finds_a_code() -> None:
    with in_words(), pytest.raises(ShowsCode, match="QUARANTINE"):
        raise LedgerRefusal("It is QUARANTINE.", "当前为待检。")
    with in_words(), pytest.raises(ShowsCode, match="ea"):
        raise LedgerRefusal("Only 5 ea are left.", "仅剩 5 件。")
    assert codes_in("SHP-2026-00001 lies in REL-03 of QA") == []
