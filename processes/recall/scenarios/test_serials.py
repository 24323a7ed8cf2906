"""Single units are called back: by serial number or a range, and the rest of their lot is not."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Rejected
from processes.ledger import lots, status
from processes.ledger.distribution import shipments
from processes.ledger.distribution.shipments import NewLine, NewShipment
from processes.ledger.field_actions import notices, reconciliation, reports, scope
from processes.ledger.genealogy import edges
from processes.ledger.genealogy.edges import Edge
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.recall.scenarios.field_action import MEI, Company, Recall, open_action
from tests.people import ANN, DORA
from tests.scenario import TENANT

SERIALS = [f"SN-{number}" for number in range(1, 13)]
NAMED = [f"SN-{number}" for number in range(3, 12)]
"""The range of the scenario: SN-9 lies before SN-10, as people read it."""


@pytest.fixture
def lot(maker: Company) -> Lot:
    """Twelve monitors: three with a hospital in China, two in the United States, seven here."""
    maker.set_up("CN", "US")
    made = maker.serial_lot("MON-1", SERIALS, "CN", "US")
    maker.ship_units(made, "C-1", "SN-2", "SN-3", "SN-4")
    maker.ship_units(made, "C-2", "SN-9", "SN-10")
    return made


def range_of(lot: Lot) -> dict[str, str]:
    return {"lot": lot.number, "serial_from": "SN-3", "serial_to": "SN-11"}


def held(maker: Company, lot: Lot) -> list[str]:
    with maker.scenario.database.reading() as db:
        units = {number: lots.unit_of(db, TENANT, lot, number) for number in SERIALS}
        return [
            number
            for number, unit_id in units.items()
            if status.open_holds(db, TENANT, lot.lot_id, unit_id)
        ]


def speaks_against(maker: Company, lot: Lot, serial: str) -> bool:
    with maker.book(ANN) as context:
        line = NewLine(lot_number=lot.number, location="D-01", quantity=1, serial_number=serial)
        new = NewShipment(consignee="C-1", order_number="SO", site="SZ01", lines=(line,))
        return bool(shipments.check(context, new))


def told_of(recall: Recall) -> dict[str, list[str]]:
    """Give the serial numbers in each consignee's notice."""
    return {
        row.consignee_number: [each for each in SERIALS if f" {each} " in row.body]
        for row in recall.read(notices.of_action)
    }


def test_a_range_of_serial_numbers_is_held_told_and_accounted_for_alone(
    maker: Company, lot: Lot
) -> None:
    recall = open_action(maker, range_of(lot))
    assert held(maker, lot) == NAMED
    assert speaks_against(maker, lot, "SN-11")
    assert not speaks_against(maker, lot, "SN-12")  # of the same lot, and nothing is wrong with it
    maker.ship_units(lot, "C-1", "SN-12")
    assert recall.case["reach"]["holds"] == len(NAMED)
    lines = recall.read(scope.lines_of)
    assert sorted(each.serial_number for each in lines) == ["SN-10", "SN-3", "SN-4", "SN-9"]
    [first] = recall.read(scope.extensions_of)
    assert first.root_lots == [f"{lot.number} (SN-3 – SN-11)"]
    lying = {
        each["location"]: each["quantity"] for each in first.stock if each["location"] == "D-01"
    }
    assert lying == {"D-01": 5}  # SN-5 to 8, and 11
    recall.evaluate()
    recall.decide("correction", class_eu="none")
    recall.plan()
    reported(recall, lot)
    recall.report_to_authorities()
    recall.release_notices()
    assert told_of(recall) == {"C-1": ["SN-3", "SN-4"], "C-2": ["SN-9", "SN-10"]}
    recall.deliver({"on_hand": "1"})
    corrected(recall, lot)
    accounts = {
        each.consignee_number: each for each in recall.read(reconciliation.of_action).accounts
    }
    assert (accounts["C-1"].shipped, accounts["C-1"].corrected) == (2, 1)
    assert (accounts["C-1"].still_there, accounts["C-1"].unexplained) == (1, 0)
    assert maker.scenario.verify().differences == []


def reported(recall: Recall, lot: Lot) -> None:
    found = {row.kind: row.content for row in recall.read(reports.of_action)}
    for kind in ("CN-EVENT", "US-806"):
        content: Mapping[str, Any] = found[kind]
        [unit] = [each for each in content["identification"] if each["lot"] == lot.number]
        assert sorted(unit["serial"].split(", ")) == sorted(NAMED), kind
        [made] = [each for each in content["quantity_made"] if each["lot"] == lot.number]
        assert made["quantity"] == str(len(NAMED)), kind


def corrected(recall: Recall, lot: Lot) -> None:
    """A visit is recorded for each unit; one that is not in reach is none of this action."""
    row = {
        "consignee": "C-1",
        "lot": lot.number,
        "kind": "corrected",
        "unit": "ea",
        "quantity": "1",
        "reference": "visit 7, software 2.2.0",
    }
    recall.returned([{**row, "serial_number": "SN-3"}])
    other = recall.attempt("Returns", ANN, rows=[{**row, "serial_number": "SN-2"}])
    assert isinstance(other, Rejected)


def test_more_units_and_then_the_whole_lot_are_added_each_once(maker: Company, lot: Lot) -> None:
    recall = open_action(maker, {"lot": lot.number, "serial_from": "SN-3"})
    recall.evaluate()
    recall.decide(class_eu="none")
    recall.plan()
    recall.report_to_authorities()

    def extend(row: Mapping[str, str]) -> None:
        recall.do("Review", MEI, what="extend", minutes="more of them", affected=[dict(row)])
        recall.do("ApproveExtension", DORA, agreed=True)

    extend(range_of(lot))
    assert held(maker, lot) == NAMED
    extend({"lot": lot.number})
    assert held(maker, lot) == SERIALS
    again = {"what": "extend", "minutes": "?", "affected": [range_of(lot)]}
    recall.do("Review", MEI, **again)
    assert isinstance(recall.attempt("ApproveExtension", DORA, agreed=True), Rejected)
    lines = [each.serial_number for each in recall.read(scope.lines_of)]
    assert sorted(lines) == sorted(["SN-2", "SN-3", "SN-4", "SN-9", "SN-10"])
    assert [each.holds for each in recall.read(scope.extensions_of)] == [1, 8, 3]
    assert maker.scenario.verify().differences == []


@pytest.mark.parametrize(
    "given",
    [
        {"serial_from": "SN-77"},
        {"serial_from": "SN-11", "serial_to": "SN-3"},
        {"serial_from": "SN-20", "serial_to": "SN-40"},
    ],
)
def test_serial_numbers_that_the_lot_does_not_have_are_refused(
    maker: Company, lot: Lot, given: dict[str, str]
) -> None:
    refused = open_with(maker, {"lot": lot.number, **given})
    assert isinstance(refused, Rejected)
    assert given["serial_from"] in refused.message["zh"] or "SN-3" in refused.message["zh"]
    assert held(maker, lot) == []


def test_a_lot_without_serial_numbers_is_named_as_a_whole(maker: Company, lot: Lot) -> None:
    del lot
    part = maker.lot("PLAIN", 5)
    refused = open_with(maker, {"lot": part.number, "serial_from": "SN-1"})
    assert isinstance(refused, Rejected)


def open_with(maker: Company, row: Mapping[str, str]) -> Any:
    instance = maker.scenario.start("recall", by=DORA)
    return maker.scenario.attempt(
        "Open",
        DORA,
        instance,
        mode="real",
        title="Alarm fails",
        description="No sound",
        aware_at=maker.scenario.clock().isoformat(),
        aware_evidence="call",
        affected=[dict(row)],
    )


def test_a_unit_is_followed_into_the_unit_that_it_was_built_into(maker: Company, lot: Lot) -> None:
    cart = maker.serial_lot("CART-1", ["CT-1", "CT-2"], "CN")
    with maker.book(ANN) as context:

        def install(serial: str, far: Lot, into: UUID | None) -> None:
            edge = Edge(
                kind="install",
                from_lot_id=lot.lot_id,
                to_lot_id=far.lot_id,
                from_serial_id=lots.unit_of(context.db, TENANT, lot, serial),
                to_serial_id=into,
                quantity=1,
                unit_code="ea",
                document=Document("test", "1"),
            )
            edges.add(context, edge)

        install("SN-5", cart, lots.unit_of(context.db, TENANT, cart, "CT-1"))
        install("SN-6", cart, lots.unit_of(context.db, TENANT, cart, "CT-2"))
    maker.ship_units(cart, "C-1", "CT-1", "CT-2")
    recall = open_action(maker, {"lot": lot.number, "serial_from": "SN-5"})
    assert held(maker, lot) == ["SN-5"]
    single = recall.read(scope.units_of)
    assert [row.serial_number for row in single[cart.lot_id]] == ["CT-1"]
    assert [each.serial_number for each in recall.read(scope.lines_of)] == ["CT-1"]
    depths = {row.lot_number: row.depth for row in recall.read(scope.lots_of)}
    assert depths == {lot.number: 0, cart.number: 1}


def test_an_exercise_names_units_and_holds_none(maker: Company, lot: Lot) -> None:
    recall = open_action(maker, range_of(lot), mode="mock")
    assert held(maker, lot) == []
    assert len(recall.read(scope.units_of)[lot.lot_id]) == len(NAMED)


def test_what_was_held_unit_by_unit_is_given_back(maker: Company, lot: Lot) -> None:
    recall = open_action(maker, range_of(lot))
    recall.evaluate(harm="unlikely", risk=False, violation=False)
    recall.decide("none", class_china="unclassified", class_fda="unclassified", class_eu="none")
    recall.do("GiveBack", DORA, confirmed=True, reason="tested: nothing is wrong")
    assert held(maker, lot) == []
