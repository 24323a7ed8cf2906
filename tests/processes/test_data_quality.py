"""Gaps and doubles in master data: found by rules that are data, worked off by their owners."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from engine.outcomes import Rejection
from processes.ledger import suppliers
from processes.ledger.changes import data_quality
from processes.ledger.changes.data_quality import (
    Finding,
    FindingClosed,
    FindingMovedOn,
    NotResolvedThisWay,
)
from tests.processes.conftest import NOW, TENANT, Book

EVERY_ROLE = ("ENG", "QE", "SQE", "WHL")


def open_findings(book: Book) -> list[Finding]:
    return data_quality.worklist(book.db, TENANT, EVERY_ROLE, 100)


def about(book: Book, rule: str) -> list[Finding]:
    return [each for each in open_findings(book) if each.rule == rule]


def check(book: Book, days: int = 0) -> Any:
    return data_quality.run(replace(book.context, now=NOW + timedelta(days=days)))


def test_gaps_and_doubles_are_found_and_named(book: Book) -> None:
    same = {"manufacturer": "ACME", "catalogue_number": "X-1"}
    book.add_item("TWIN-1", **same)
    book.add_item("TWIN-2", manufacturer="Acme ", catalogue_number="x-1")
    book.add_item("DATED-1", expiry_required=True, manufacturer="ACME")
    names = {"en": "SUPPLIER ", "zh": "又一供应商"}
    suppliers.register(book.context, "S-2", names, country="CN", status="candidate")
    done = check(book)
    assert done["found"] == done["new"] == len(open_findings(book))
    twins = about(book, "item_same_catalogue")
    assert [(f.object_key, f.detail["same_as"]) for f in twins] == [
        ("TWIN-1", ["TWIN-2"]),
        ("TWIN-2", ["TWIN-1"]),
    ]
    assert [f.object_key for f in about(book, "item_shelf_life")] == ["DATED-1"]
    assert [f.object_key for f in about(book, "supplier_same_name")] == ["S-1", "S-2"]
    assert "VALVE-1" in [f.object_key for f in about(book, "item_without_plan")]
    assert "VALVE-1" not in [f.object_key for f in about(book, "item_without_supplier")]
    assert [f.object_key for f in about(book, "item_manufacturer")] == ["VALVE-1"]


def test_a_second_look_finds_nothing_new(book: Book) -> None:
    first = check(book)
    again = check(book)
    assert (again["found"], again["new"], again["gone"]) == (first["found"], 0, 0)


def test_what_is_gone_closes_itself(book: Book) -> None:
    names = {"en": "Supplier", "zh": "供应商"}
    suppliers.register(book.context, "S-2", names, country="CN", status="candidate")
    check(book)
    assert len(about(book, "supplier_same_name")) == 2
    rules = book.context.configuration("data_quality_rules")["rules"]
    fewer = {"rules": [each for each in rules if each["rule"] != "supplier_same_name"]}
    book.context = replace(book.context, configuration={"data_quality_rules": fewer}.__getitem__)
    assert check(book)["gone"] == 2
    assert about(book, "supplier_same_name") == []


def test_a_finding_is_assigned_and_resolved_by_reason(book: Book) -> None:
    check(book)
    finding = about(book, "item_without_plan")[0]
    data_quality.assign(book.context, finding, finding.revision, "hana", date(2026, 12, 1))
    taken = data_quality.find(book.db, TENANT, finding.finding_id)
    assert (taken.state, taken.assigned_to, taken.revision) == ("assigned", "hana", 2)
    with pytest.raises(FindingMovedOn):
        data_quality.assign(book.context, taken, 1, "max", None)
    for resolution, reason in (("done", "x"), ("accepted", "  ")):
        with pytest.raises(NotResolvedThisWay):
            data_quality.resolve(book.context, taken, 2, resolution, reason)
    data_quality.resolve(book.context, taken, 2, "accepted", "bought with a certificate only")
    closed = data_quality.find(book.db, TENANT, finding.finding_id)
    assert (closed.state, closed.resolution, closed.resolved_by) == ("resolved", "accepted", "ann")
    with pytest.raises(FindingClosed):
        data_quality.resolve(book.context, closed, 3, "accepted", "again")


def test_called_corrected_but_still_there_comes_back(book: Book) -> None:
    check(book)
    finding = about(book, "item_without_plan")[0]
    data_quality.resolve(book.context, finding, 1, "corrected", "plan is written")
    assert check(book, days=1)["new"] == 1
    back = data_quality.find(book.db, TENANT, finding.finding_id)
    assert (back.state, back.resolution, back.assigned_to) == ("open", None, None)


def test_accepted_stays_accepted_until_it_is_about_something_else(book: Book) -> None:
    same = {"manufacturer": "ACME", "catalogue_number": "X-1"}
    book.add_item("TWIN-1", **same)
    book.add_item("TWIN-2", **same)
    check(book)
    for finding in about(book, "item_same_catalogue"):
        data_quality.resolve(book.context, finding, 1, "accepted", "left and right")
    assert check(book, days=1)["new"] == 0
    book.add_item("TWIN-3", **same)
    check(book, days=2)
    assert [f.object_key for f in about(book, "item_same_catalogue")] == [
        "TWIN-1",
        "TWIN-2",
        "TWIN-3",
    ]


def test_a_refusal_says_what_to_do(book: Book) -> None:
    check(book)
    finding = open_findings(book)[0]
    with pytest.raises(Rejection) as refused:
        data_quality.resolve(book.context, finding, 1, "accepted", "")
    assert refused.value.message["zh"]
