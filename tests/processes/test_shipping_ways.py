"""Shipping what may not leave, by each way in: refused every time, with the reason, on the record;
and the trace, the scope and the mass balance as the screens read them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.app import create_app
from api.context import EngineAccess
from engine.actors import engine_actor
from engine.commands.handed_in import HandInMessage
from engine.identifiers import new_id
from engine.outcomes import Accepted, Rejected
from engine.reading.instances import history_of
from engine.store.tables import register
from processes.ledger import status
from processes.ledger.distribution.commands import (
    PackContainer,
    PackedGoods,
    PostShipment,
    ShippedGoods,
)
from processes.ledger.distribution.shipment_file import FileUnreadable, import_shipments
from processes.ledger.lot_numbers import Expiry
from processes.ledger.tables import item
from tests.api.conftest import Browser
from tests.people import ANN, EVE
from tests.processes.conftest import DORA, TODAY, small_book
from tests.processes.making import (
    add_consignee,
    add_device,
    add_market,
    add_places,
    link,
    release,
)
from tests.processes.whole_company import MEI
from tests.scenario import TENANT, Scenario

BOX = "340069000000000017"
FORBIDDEN = ("quarantined", "expired", "held", "not registered")


@dataclass
class Shop:
    """An installation with goods that may leave and goods that may not."""

    scenario: Scenario
    lots: Mapping[str, str]
    good_lot_id: Any

    def order(self, kind: str, number: str = "SO-1") -> dict[str, Any]:
        market = "US" if kind == "not registered" else None
        place = "Q-01" if kind == "quarantined" else "D-01"
        lot = self.lots["good" if kind == "not registered" else kind]
        line = {"lot_number": lot, "location": place, "quantity": Decimal(1)}
        return {
            "consignee": "C-1",
            "order_number": number,
            "site": "SZ01",
            "market": market,
            "lines": (line,),
        }

    def on_record(self) -> list[Mapping[str, Any]]:
        """Every event of the ledger's chain."""
        with self.scenario.database.reading() as db:
            named = select(register.c.stream_id).where(register.c.name == "ledger")
            stream = db.execute(named).scalar_one_or_none()
            if stream is None:
                return []
            entries, _ = history_of(db, TENANT, stream)
        return [event for entry in entries for event in entry.document["events"]]

    def refusals(self) -> list[Mapping[str, Any]]:
        return [each for each in self.on_record() if each["event"] == "shipment.refused"]


@pytest.fixture
def shop(scenario: Scenario) -> Shop:
    with scenario.database.transaction() as db:
        book = small_book(db)
        add_places(book)
        add_device(book)
        add_market(book)
        add_consignee(book)
        found = item.select().where(item.c.item_number == "DEVICE-1")
        device = db.execute(found).one().item_id
        soon = Expiry(on=TODAY + timedelta(days=1), precision="day", raw="x")
        good = release(book, book.lot("G", item_id=device), 9, "D-01")
        expired = release(book, book.lot("E", item_id=device, expiry=soon), 9, "D-01")
        held = release(book, book.lot("H", item_id=device), 9, "D-01")
        status.place_hold(
            book.by(DORA), held, reason="裂纹", owner_role="QA", document_kind="nc", document_id="1"
        )
        waiting = book.lot("Q", item_id=device)
        book.receive(waiting, 9)
        link(book, expired, good)
        db.commit()
    scenario.clock.advance(days=2)
    lots = {"good": good, "expired": expired, "held": held, "quarantined": waiting}
    numbers = {kind: lot.number for kind, lot in lots.items()}
    return Shop(scenario, numbers, good.lot_id)


def goods(order: Mapping[str, Any]) -> PostShipment:
    lines = tuple(ShippedGoods(**line) for line in order["lines"])
    return PostShipment(command_id=new_id(), **{**order, "lines": lines})


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_a_command_is_refused_on_the_record(shop: Shop, kind: str) -> None:
    outcome = shop.scenario.ask(goods(shop.order(kind)), ANN)
    assert isinstance(outcome, Rejected)
    (refused,) = shop.refusals()
    assert refused["reason"] == dict(outcome.message)
    assert refused["order"] == "SO-1"
    assert shop.scenario.verify().whole


Way = Callable[[Shop, Mapping[str, Any]], Mapping[str, str]]
WAYS = ("screen", "interface", "file", "message")


def test_refused_by_each_way_with_the_reason_on_the_record(shop: Shop, tmp_path: Path) -> None:
    """Quarantined, expired, held, not registered: by screen, interface, import and message."""
    shop.scenario.add(MEI)
    own = browser(shop)
    for kind in FORBIDDEN:
        wanted = REASONS[kind]
        for way in WAYS:
            number = f"{way}-{kind}".replace(" ", "-")
            order = shop.order(kind, number)
            ways: dict[str, Way] = {
                "screen": by_screen,
                "interface": partial(by_interface, own),
                "file": partial(by_file, tmp_path),
                "message": by_message,
            }
            reason = ways[way](shop, order)
            assert wanted in reason["en"], (kind, way, reason)
            assert reason["zh"]
    on_shelf = shop.scenario.worklist(ANN)
    assert [each for each in on_shelf if each.activity_id in ("Pick", "Load")] == []
    assert shop.scenario.verify().whole


REASONS = {
    "quarantined": "(it lies at Q-01, quarantine area)",
    "expired": "expired on",
    "held": "is on hold (裂纹)",
    "not registered": "no registration in force in the United States",
}


def test_a_container_is_shipped_over_http(shop: Shop) -> None:
    goods_in = (PackedGoods(lot_number=shop.lots["good"], quantity=Decimal(4)),)
    packed = PackContainer(command_id=new_id(), sscc=BOX, location="D-01", content=goods_in)
    shop.scenario.must(shop.scenario.ask(packed, ANN))
    own = browser(shop)
    body = {"consignee": "C-1", "order_number": "SO-7", "site": "SZ01", "containers": [BOX]}
    answer = own.post("/api/ledger/shipments", {"command_id": str(new_id()), **body})
    assert answer.status_code == 200, answer.get_json()
    again = own.post("/api/ledger/shipments", {"command_id": str(new_id()), **body})
    assert again.status_code == 409
    shown = own.get(f"/api/ledger/lots/{shop.good_lot_id}/scope").get_json()
    assert [(each["container"], each["quantity"]) for each in shown["shipped"]] == [(BOX, "4")]
    assert shown["containers"] == []


def test_a_lot_shows_the_boxes_that_hold_it(shop: Shop) -> None:
    goods_in = (PackedGoods(lot_number=shop.lots["held"], quantity=Decimal(2)),)
    packed = PackContainer(command_id=new_id(), sscc=BOX, location="D-01", content=goods_in)
    shop.scenario.must(shop.scenario.ask(packed, ANN))
    own = browser(shop)
    [found] = own.get(f"/api/ledger/lots?query={shop.lots['held']}").get_json()["items"]
    shown = own.get(f"/api/ledger/lots/{found['lot_id']}").get_json()
    [box] = shown["containers"]
    assert (box["sscc"], box["location"], box["quantity"]) == (BOX, "D-01", "2")
    traced = own.get(f"/api/ledger/lots/{found['lot_id']}/trace").get_json()
    assert [(each["containers"], each["on_hold"]) for each in traced["lots"]] == [([BOX], True)]


def refused_in_process(shop: Shop, number: str) -> Mapping[str, str]:
    """Find who has to clear the order up, and give what its instance has on record."""
    [item] = [
        each
        for each in shop.scenario.worklist(MEI)
        if each.activity_id == "Clarify" and number in (each.title or "")
    ]
    events = shop.scenario.events(item.work_item_id.process_instance_id)
    [kept] = [each for each in events if each["event"] == "shipment.refused"]
    reason: Mapping[str, str] = kept["reason"]
    return reason


def by_screen(shop: Shop, order: Mapping[str, Any]) -> Mapping[str, str]:
    """Sales fills in the form of the process and signs."""
    instance = shop.scenario.start("shipping", by=MEI)
    entered = {name: order[name] for name in ("order_number", "consignee", "site")}
    if order["market"]:
        entered["market"] = order["market"]
    lines = [{**line, "quantity": "1", "unit": "ea"} for line in order["lines"]]
    shop.scenario.do("Order", MEI, instance, **entered, lines=lines)
    return refused_in_process(shop, order["order_number"])


def by_interface(own: Browser, shop: Shop, order: Mapping[str, Any]) -> Mapping[str, str]:
    """Another system asks over HTTP."""
    lines = [{**line, "quantity": "1"} for line in order["lines"]]
    body = {"command_id": str(new_id()), **order, "lines": lines}
    answer = own.post("/api/ledger/shipments", body)
    assert answer.status_code == 409, answer.get_json()
    return on_the_ledger(shop, order)


def by_file(folder: Path, shop: Shop, order: Mapping[str, Any]) -> Mapping[str, str]:
    """Somebody imports a file of shipments."""
    line = order["lines"][0]
    head = "order_number,consignee,site,lot_number,location,quantity,market"
    row = (order["order_number"], "C-1", "SZ01", line["lot_number"], line["location"], "1")
    file = folder / "out.csv"
    file.write_text(f"{head}\n{','.join(row)},{order['market'] or ''}\n", encoding="utf-8")
    actor = engine_actor(TENANT, "import")
    [(_, outcome)] = list(import_shipments(shop.scenario.dispatcher, actor, file))
    assert isinstance(outcome, Rejected)
    return on_the_ledger(shop, order)


def by_message(shop: Shop, order: Mapping[str, Any]) -> Mapping[str, str]:
    """Another system hands the order in as a message."""
    line = order["lines"][0]
    payload = {
        "order_number": order["order_number"],
        "consignee": "C-1",
        "site": "SZ01",
        "market": order["market"] or "CN",
        "lot_number": line["lot_number"],
        "location": line["location"],
        "quantity": "1",
    }
    command = HandInMessage(command_id=new_id(), name="shipping.ordered", payload=payload)
    shop.scenario.must(shop.scenario.ask(command, MEI))
    return refused_in_process(shop, order["order_number"])


def on_the_ledger(shop: Shop, order: Mapping[str, Any]) -> Mapping[str, str]:
    [kept] = [each for each in shop.refusals() if each["order"] == order["order_number"]]
    reason: Mapping[str, str] = kept["reason"]
    return reason


def test_what_may_leave_leaves_and_only_once(shop: Shop) -> None:
    command = goods(shop.order("good"))
    first = shop.scenario.ask(command, ANN)
    assert isinstance(first, Accepted)
    again = shop.scenario.ask(command, ANN)
    assert isinstance(again, Accepted)
    assert again.result == first.result
    posted = [each for each in shop.on_record() if each["event"] == "shipment.posted"]
    assert len(posted) == 1
    assert shop.scenario.verify().whole


def test_who_may_not_ship_is_refused(shop: Shop) -> None:
    outcome = shop.scenario.ask(goods(shop.order("good")), EVE)
    assert isinstance(outcome, Rejected)


def browser(shop: Shop, language: str = "zh") -> Browser:
    access = EngineAccess(dispatcher=shop.scenario.dispatcher, tenant=TENANT)
    app = create_app(access, secret_key="test", web=Path("/nonexistent"))  # noqa: S106
    return Browser(app.test_client(), language).sign_in(ANN)


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_the_interface_is_refused_on_the_record(shop: Shop, kind: str) -> None:
    order = shop.order(kind)
    order["lines"] = [{**line, "quantity": "1"} for line in order["lines"]]
    body = {"command_id": str(new_id()), **order}
    answer = browser(shop).post("/api/ledger/shipments", body)
    assert answer.status_code == 409, answer.get_json()
    (refused,) = shop.refusals()
    assert answer.get_json()["detail"] == refused["reason"]["zh"]


def test_the_interface_lets_leave_what_may(shop: Shop) -> None:
    order = shop.order("good")
    order["lines"] = [{**line, "quantity": "2"} for line in order["lines"]]
    own = browser(shop)
    answer = own.post("/api/ledger/shipments", {"command_id": str(new_id()), **order})
    assert answer.status_code == 200, answer.get_json()
    at = f"/api/ledger/lots/{shop.good_lot_id}"
    assert [each["lot_number"] for each in own.get(f"{at}/backward").get_json()["lots"]] == [
        shop.lots["good"],
        shop.lots["expired"],
    ]
    assert [each["depth"] for each in own.get(f"{at}/forward").get_json()["lots"]] == [0]
    reached = own.get(f"{at}/scope").get_json()
    assert [(each["consignee"], each["quantity"]) for each in reached["shipped"]] == [("C-1", "2")]
    assert [(each["location"], each["quantity"]) for each in reached["stock"]] == [("D-01", "7")]
    balance = own.get(f"{at}/mass-balance").get_json()
    assert (balance["received"], balance["shipped"], balance["unexplained"]) == ("9", "2", "0")
    for view in ("forward", "backward", "scope", "mass-balance"):
        assert own.get(f"/api/ledger/lots/{new_id()}/{view}").status_code == 404
    named = own.get("/api/openapi.json").get_json()["paths"]
    assert "/api/ledger/lots/{lot_id}/mass-balance" in named
    assert "/api/ledger/shipments" in named


def written(shop: Shop, path: Path, *kinds: str) -> Path:
    lines = ["order_number,consignee,site,lot_number,location,quantity,market"]
    for number, kind in enumerate(kinds, start=1):
        order = shop.order(kind, f"SO-{number}")
        line = order["lines"][0]
        lines.append(
            f"{order['order_number']},C-1,SZ01,{line['lot_number']},{line['location']},1,"
            f"{order['market'] or ''}"
        )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_file_is_refused_line_by_line_on_the_record(shop: Shop, tmp_path: Path) -> None:
    file = written(shop, tmp_path / "out.csv", *FORBIDDEN, "good")
    actor = engine_actor(TENANT, "import")
    found = list(import_shipments(shop.scenario.dispatcher, actor, file))
    assert [isinstance(outcome, Accepted) for _, outcome in found] == [False] * 4 + [True]
    assert [each["order"] for each in shop.refusals()] == ["SO-1", "SO-2", "SO-3", "SO-4"]


@pytest.mark.parametrize(("quantity", "found"), [("many", "many"), ("", "quantity")])
def test_a_file_that_cannot_be_read_books_nothing(
    shop: Shop, tmp_path: Path, quantity: str, found: str
) -> None:
    file = tmp_path / "out.csv"
    head = "order_number,consignee,site,lot_number,location,quantity\n"
    good = f"SO-1,C-1,SZ01,{shop.lots['good']},D-01,1\n"
    file.write_text(f"{head}{good}SO-2,C-1,SZ01,X,D-01,{quantity}\n", encoding="utf-8")
    actor = engine_actor(TENANT, "import")
    with pytest.raises(FileUnreadable) as refused:
        list(import_shipments(shop.scenario.dispatcher, actor, file))
    assert (refused.value.where, refused.value.refusal.found) == (3, found)
    assert shop.on_record() == []
