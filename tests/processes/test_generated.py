"""The generated company: its golden answers, and the ledger's own to the same questions."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, select

from api import installation
from engine.actors import engine_actor
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.services import ServiceContext
from engine.store.database import Database
from engine.verification import verify
from processes import generated, registry
from processes.ledger import balances, instruments, lots
from processes.ledger.distribution import consignees, containers
from processes.ledger.field_actions import actions, reconciliation, recoveries
from processes.ledger.field_actions import scope as reach
from processes.ledger.field_actions.actions import FieldAction, NewAction
from processes.ledger.field_actions.reconciliation import Account
from processes.ledger.field_actions.recoveries import Recovered
from processes.ledger.genealogy import edges, mass_balance, scope, trace
from processes.ledger.tables import serial_unit
from tests.scenario import TENANT, TestClock

GOLDEN = Path(__file__).parent.parent / "golden" / "generated" / "small_7.json"
SEED = 7
SIZE = os.environ.get("COUNTERSIGN_COMPANY", "medium")
"""The size of the larger company; `make fuzz` generates the large one."""
_UNITS = (
    select(serial_unit.c.serial_unit_id, serial_unit.c.serial_number)
    .where(serial_unit.c.tenant_id == bindparam("tenant_id"))
    .where(serial_unit.c.lot_id == bindparam("lot_id"))
)


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
        for defect in ("bad_supplier_lot", "steriliser_load", "split_lot", "part_of_units"):
            reaches_as_expected(db, [expected[defect]["lot"]], expected[defect])
        assert balances.differences(db, TENANT) == []
        assert edges.link_differences(db, TENANT) == []
        assert edges.movements_without_edges(db, TENANT) == []
        assert verify(db, TENANT).whole


def reaches_as_expected(db: Connection, roots: list[str], answer: Mapping[str, Any]) -> None:
    """Trace from these lots; compare lots, consignees, units and balances with the answer."""
    ids = [lots.by_number(db, TENANT, number).lot_id for number in roots]
    found = scope.recall_scope(db, TENANT, ids)
    assert sorted(each.lot_number for each in found.lots) == answer["lots"]
    serials = {
        row.serial_unit_id: row.serial_number
        for each in found.lots
        for row in db.execute(_UNITS, {"tenant_id": TENANT, "lot_id": each.lot_id})
    }
    consigned: dict[str, int] = {}
    units: dict[str, list[str]] = {}
    for line in found.shipped:
        number = line.consignee_number
        consigned[number] = consigned.get(number, 0) + line.quantity
        if line.serial_unit_id is not None:
            units.setdefault(number, []).append(serials[line.serial_unit_id])
    assert consigned == answer["consignees"]
    assert {number: sorted(sent) for number, sent in units.items()} == answer["units"]
    for each in found.lots:
        back = trace.backward(db, TENANT, [each.lot_id]).lots
        assert set(ids) & {reached.lot_id for reached in back}
    for number, balance in answer["balances"].items():
        of_lot = mass_balance.of_lot(db, TENANT, lots.by_number(db, TENANT, number).lot_id)
        assert of_lot.unexplained == 0
        assert {
            "came_in": of_lot.came_in,
            "used": of_lot.issued + of_lot.to_lots,
            "shipped": of_lot.shipped,
            "on_hand": of_lot.on_hand,
        } == balance, number


def test_a_gauge_out_of_tolerance_leads_to_the_lots_that_it_measured(
    company: tuple[Dispatcher, dict[str, Any]],
) -> None:
    """Those between its last good calibration and the bad one, and none measured otherwise."""
    dispatcher, expected = company
    answer = expected["gauge_out_of_tolerance"]
    found_out = dispatcher.clock() - timedelta(days=generated.BAD)
    with dispatcher.database.reading() as db:
        gauge = instruments.by_number(db, TENANT, answer["instrument"])
        doubted = instruments.readings_in_doubt(db, TENANT, gauge.instrument_id, found_out)
        numbers = {lots.find(db, TENANT, row.lot_id).number for row in doubted}
        assert sorted(numbers) == answer["in_doubt"]
        assert len(numbers) < len(generated.MEASURED)
        reaches_as_expected(db, answer["in_doubt"], answer)


def test_a_mock_recall_of_the_bad_lot_finds_and_accounts_for_everything(
    company: tuple[Dispatcher, dict[str, Any]],
) -> None:
    dispatcher, expected = company
    answer = expected["bad_supplier_lot"]
    with dispatcher.database.transaction() as db:
        context = in_the_book(dispatcher, db)
        new = NewAction(
            mode="mock",
            title="exercise",
            description="exercise",
            aware_at=context.now,
            aware_evidence="schedule",
        )
        action = actions.open_action(context, new)
        frozen = reach.freeze(
            context, action, [answer["lot"]], reason="exercise", initiated_at=context.now
        )
        assert sorted(frozen.lots) == answer["lots"]
        assert sorted(frozen.consignees) == sorted(answer["consignees"])
        assert frozen.holds == 0
        accounts = reconciliation.of_action(db, TENANT, action).accounts
        shipped = dict.fromkeys(answer["consignees"], 0)
        for account in accounts:
            shipped[account.consignee_number] += account.shipped
        assert shipped == answer["consignees"]
        for account in accounts:  # each says that it has everything still
            give_back(context, action, account)
        found = reconciliation.of_action(db, TENANT, action)
        assert (str(found.percent), found.unexplained) == ("100.0", ())


def give_back(context: ServiceContext, action: FieldAction, account: Account) -> None:
    given = Recovered(
        consignee=account.consignee_number,
        lot=account.lot_number,
        kind="returned",
        quantity=account.shipped,
        reference="RMA-1",
    )
    recoveries.book(context, action, given)


def in_the_book(dispatcher: Dispatcher, db: Connection) -> ServiceContext:
    return ServiceContext(
        db=db,
        tenant_id=TENANT,
        now=dispatcher.clock(),
        actor=engine_actor(TENANT, "test"),
        command_id=new_id(),
        process_instance_id=new_id(),
        activity_id="Test",
        record=lambda _event: None,
        configuration=registry.documents().__getitem__,
        new_id=new_id,
        signatures=(),
    )


def test_a_larger_company_is_whole(database: Database) -> None:
    dispatcher = installation.dispatcher(database, clock=TestClock())
    installation.prepare_without_processes(dispatcher, TENANT)
    expected = generated.generate(dispatcher, TENANT, SIZE, SEED)
    with dispatcher.database.reading() as db:
        for defect in ("bad_supplier_lot", "steriliser_load", "split_lot", "part_of_units"):
            reaches_as_expected(db, [expected[defect]["lot"]], expected[defect])
        gauge = expected["gauge_out_of_tolerance"]
        reaches_as_expected(db, gauge["in_doubt"], gauge)
        assert verify(db, TENANT).whole
        assert verify(db, TENANT, registry.checks()).differences == []


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
