"""The generated company: its golden answers, and the ledger's own to the same questions."""

import json
from pathlib import Path
from typing import Any

import pytest

from api import installation
from engine.dispatcher import Dispatcher
from engine.store.database import Database
from engine.verification import verify
from processes import generated
from processes.ledger import balances, instruments, lots
from processes.ledger.distribution import consignees, containers
from processes.ledger.genealogy import edges, mass_balance, scope, trace
from tests.scenario import TENANT, TestClock

GOLDEN = Path(__file__).parent.parent / "golden" / "generated" / "small_7.json"
SEED = 7


@pytest.fixture
def company(database: Database) -> tuple[Dispatcher, dict[str, Any]]:
    dispatcher = installation.dispatcher(database, clock=TestClock())
    installation.prepare_without_processes(dispatcher, TENANT)
    return dispatcher, generated.generate(dispatcher, TENANT, "small", SEED)


def test_trace_scope_and_balance_give_the_expected_answers(
    company: tuple[Dispatcher, dict[str, Any]],
) -> None:
    dispatcher, expected = company
    assert expected == json.loads(GOLDEN.read_text(encoding="utf-8"))
    with dispatcher.database.reading() as db:
        for defect in ("bad_supplier_lot", "steriliser_load", "split_lot"):
            answer = expected[defect]
            lot = lots.by_number(db, TENANT, answer["lot"])
            found = scope.recall_scope(db, TENANT, [lot.lot_id])
            assert sorted(each.lot_number for each in found.lots) == answer["lots"]
            consigned: dict[str, int] = {}
            for line in found.shipped:
                number = line.consignee_number
                consigned[number] = consigned.get(number, 0) + line.quantity
            assert consigned == answer["consignees"]
            for each in found.lots:
                back = trace.backward(db, TENANT, [each.lot_id]).lots
                assert lot.lot_id in {reached.lot_id for reached in back}
            for number, balance in answer["balances"].items():
                of_lot = mass_balance.of_lot(db, TENANT, lots.by_number(db, TENANT, number).lot_id)
                assert of_lot.unexplained == 0
                assert {
                    "came_in": of_lot.came_in,
                    "used": of_lot.issued + of_lot.to_lots,
                    "shipped": of_lot.shipped,
                    "on_hand": of_lot.on_hand,
                } == balance, number
        assert balances.differences(db, TENANT) == []
        assert edges.link_differences(db, TENANT) == []
        assert edges.movements_without_edges(db, TENANT) == []
        assert verify(db, TENANT).whole


def test_the_defects_are_there(company: tuple[Dispatcher, dict[str, Any]]) -> None:
    dispatcher, expected = company
    bad = expected["bad_supplier_lot"]
    with dispatcher.database.reading() as db:
        finished = [
            number
            for number in bad["lots"]
            if lots.by_number(db, TENANT, number).item_number == "G-DEVICE"
        ]
        assert len(finished) == bad["finished_lots"] == generated.BAD_IN
        box = containers.find(db, TENANT, expected["mixed_box"]["sscc"])
        inside = containers.content_of(db, TENANT, box.container_id)
        assert sorted(row.lot_number for row in inside) == expected["mixed_box"]["lots"]
        assert len(consignees.every(db, TENANT)) == generated.SIZES["small"].consignees
        assert instruments.by_number(db, TENANT, "G-GAUGE").number == "G-GAUGE"
    assert expected["duplicate_serial"]["refused_as"] == "SerialExists"
    assert expected["expired_lot"]["refused_as"] == "ExpiresBeforeUse"
    assert expected["offline_conflict"]["refused_as"] == "InsufficientStock"
    assert len(expected["short_shipments"]) >= generated.SHORT
