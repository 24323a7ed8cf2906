"""A company makes and ships by commands, over HTTP; what may not be is refused in its language."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.context import EngineAccess
from engine.identifiers import new_id
from engine.outcomes import Accepted, Rejected
from processes.ledger import lots
from processes.ledger.distribution.commands import TakeBackGoods
from processes.ledger.genealogy import mass_balance, trace
from processes.ledger.production import boms
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.commands import SplitLot
from tests.api.conftest import Browser
from tests.people import ANN, EVE, Person
from tests.processes.conftest import DORA, TODAY, small_book
from tests.processes.making import add_consignee, add_device, add_market, add_places, release
from tests.scenario import TENANT, Scenario

NORA = Person("nora", "Nora Guo", "郭诺", ("PRD", "PLN"))


@pytest.fixture
def factory(scenario: Scenario) -> Scenario:
    """An installation with screws that may be used, a device made of two, and a customer."""
    with scenario.database.transaction() as db:
        book = small_book(db)
        add_places(book)
        screw = book.add_item("SCREW-1")
        device = add_device(book)
        add_market(book)
        add_consignee(book)
        bill = NewBom(
            item_number="DEVICE-1",
            item_revision="A",
            version=1,
            effective_from=TODAY.replace(day=1),
            change_reason="first",
            approved_by=("dora",),
            lines=(NewBomLine(component="SCREW-1", quantity=Decimal(2)),),
        )
        boms.register(book.by(DORA), bill)
        release(book, book.lot("S", item_id=screw), 40)
        release(book, book.lot("D", item_id=device), 9, "D-01")
        db.commit()
    scenario.add(NORA)
    return scenario


def browser(scenario: Scenario, person: Person) -> Browser:
    access = EngineAccess(dispatcher=scenario.dispatcher, tenant=TENANT)
    app = create_app(access, secret_key="test", web=Path("/nonexistent"))  # noqa: S106
    return Browser(app.test_client(), "zh").sign_in(person)


def done(by: Browser, act: str, **body: Any) -> Any:
    answer = by.post(f"/api/ledger/acts/{act}", {"command_id": str(new_id()), **body})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["result"]


def refused(by: Browser, act: str, **body: Any) -> str:
    answer = by.post(f"/api/ledger/acts/{act}", {"command_id": str(new_id()), **body})
    assert answer.status_code == 409, answer.get_json()
    return str(answer.get_json()["detail"])


def lot_of(scenario: Scenario, item_number: str) -> str:
    with scenario.database.reading() as db:
        [found] = lots.search(db, TENANT, item_number)
        return found.number


def screws(scenario: Scenario) -> str:
    return lot_of(scenario, "SCREW-1")


def test_an_order_is_made_by_commands(factory: Scenario) -> None:
    nora, ann = browser(factory, NORA), browser(factory, ANN)
    part = screws(factory)
    day = TODAY.isoformat()
    made = done(
        nora,
        "release-work-order",
        item_number="DEVICE-1",
        quantity="5",
        site="SZ01",
        planned_start=day,
        planned_end=day,
    )
    order = {"work_order": made["work_order"]}
    given = {**order, "lot_number": part, "location": "A-01"}
    done(ann, "issue-material", **given, quantity="10")
    done(ann, "return-material", **given, quantity="2")
    done(ann, "issue-material", **given, quantity="2")
    job = done(nora, "print-labels", **order, template="L-1 A", printed=5)["label_job"]
    done(nora, "reconcile-labels", label_job=job, applied=5, destroyed=0, retained=0)
    came = done(nora, "book-output", **order, quantity="5", location="Q-01")
    assert came["lot_number"] == made["lot_number"]
    with factory.database.reading() as db:
        lot = lots.by_number(db, TENANT, made["lot_number"])
        used = lots.by_number(db, TENANT, part)
        assert lot.lot_id in {e.lot_id for e in trace.forward(db, TENANT, [used.lot_id]).lots}
        assert mass_balance.of_lot(db, TENANT, used.lot_id).issued == 10
    assert factory.verify().whole


def test_what_may_not_be_made_is_refused_in_the_readers_language(factory: Scenario) -> None:
    nora, ann = browser(factory, NORA), browser(factory, ANN)
    part, day = screws(factory), TODAY.isoformat()
    made = done(
        nora,
        "release-work-order",
        item_number="DEVICE-1",
        quantity="5",
        site="SZ01",
        planned_start=day,
        planned_end=day,
    )
    given = {"work_order": made["work_order"], "lot_number": part, "location": "A-01"}
    assert "上限为 10" in refused(ann, "issue-material", **given, quantity="50")
    assert "序列号" in refused(ann, "issue-material", **given, quantity="1", serial_numbers=["X"])
    lost = {**given, "kind": "vanished", "quantity": "1", "why": "?"}
    lost.pop("location")
    assert "损耗类型" in refused(nora, "record-loss", **lost)
    lost |= {"kind": "scrap", "why": "  "}
    assert "原因" in refused(nora, "record-loss", **lost)
    body = {"command_id": str(new_id()), **given, "quantity": "1", "unknown": 1}
    assert nora.post("/api/ledger/acts/issue-material", body).status_code == 422


def test_lots_are_divided_and_joined_by_commands(factory: Scenario) -> None:
    ann, nora = browser(factory, ANN), browser(factory, NORA)
    part = screws(factory)
    of = {"lot_number": part, "location": "A-01", "status": "RELEASED", "quantity": "6"}
    assert "原因" in refused(ann, "split-lot", **of)
    first = done(ann, "split-lot", **of, why="two shelves")["lot_number"]
    second = done(ann, "split-lot", **of, why="new boxes", repacked=True)["lot_number"]
    assert (first, second) == (f"{part}-S1", f"{part}-P1")
    both = [{"lot_number": n, "location": "A-01", "quantity": "6"} for n in (first, second)]
    joined = done(
        nora, "merge-lots", parts=both, status="RELEASED", location="A-01", why="one box"
    )["lot_number"]
    with factory.database.reading() as db:
        start = lots.by_number(db, TENANT, part)
        reached = {each.lot_number for each in trace.forward(db, TENANT, [start.lot_id]).lots}
        assert reached == {part, first, second, joined}
    assert factory.verify().whole


def test_stock_is_kept_for_an_order_and_given_up_once(factory: Scenario) -> None:
    ann, nora = browser(factory, ANN), browser(factory, NORA)
    kept = done(
        ann,
        "reserve-stock",
        order_kind="sales_order",
        order_number="SO-1",
        item_number="SCREW-1",
        site="SZ01",
        quantity="3",
        usable_until=TODAY.isoformat(),
    )["reservations"]
    assert [(each["lot_number"], each["quantity"]) for each in kept] == [(screws(factory), 3)]
    one = {"reservation_id": kept[0]["reservation_id"]}
    done(nora, "end-reservation", **one)
    assert "预留" in refused(nora, "end-reservation", **one)


def test_who_may_not_is_refused(factory: Scenario) -> None:
    split = SplitLot(
        command_id=new_id(),
        lot_number=screws(factory),
        location="A-01",
        status="RELEASED",
        quantity=Decimal(1),
        why="x",
    )
    assert isinstance(factory.ask(split, EVE), Rejected)
    assert isinstance(factory.ask(split, ANN), Rejected)  # the same command of another
    again = SplitLot(
        command_id=new_id(),
        lot_number=screws(factory),
        location="A-01",
        status="RELEASED",
        quantity=Decimal(1),
        why="x",
    )
    first = factory.ask(again, ANN)
    assert isinstance(first, Accepted)
    assert factory.ask(again, ANN) == first  # sent twice: split once


def test_what_a_customer_sends_back_is_booked_and_no_more(factory: Scenario) -> None:
    ann, device = browser(factory, ANN), lot_of(factory, "DEVICE-1")
    shipment = {
        "command_id": str(new_id()),
        "consignee": "C-1",
        "order_number": "SO-1",
        "site": "SZ01",
        "lines": [{"lot_number": device, "location": "D-01", "quantity": "4"}],
    }
    posted = ann.post("/api/ledger/shipments", shipment).get_json()["result"]
    back = {"shipment_number": posted["shipment_number"], "line": 1, "location": "T-01"}
    assert "原因" in refused(ann, "take-back", **back, quantity="3")
    assert done(ann, "take-back", **back, quantity="3", why="box torn")["lot_number"] == device
    assert "1" in refused(ann, "take-back", **back, quantity="2", why="box torn")
    with factory.database.reading() as db:
        balance = mass_balance.of_lot(db, TENANT, lots.by_number(db, TENANT, device).lot_id)
    assert (balance.shipped, balance.on_hand, balance.unexplained) == (1, 8, 0)
    assert factory.verify().whole


def test_nothing_comes_back_of_what_was_never_sent(factory: Scenario) -> None:
    back = TakeBackGoods(
        command_id=new_id(),
        shipment_number="SHP-2026-00001",
        line=1,
        quantity=Decimal(1),
        location="T-01",
        why="broken",
    )
    outcome = factory.ask(back, ANN)
    assert isinstance(outcome, Rejected)
    assert "SHP-2026-00001/1" in outcome.message["en"]
