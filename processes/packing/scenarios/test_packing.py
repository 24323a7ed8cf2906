"""Units and lots packed into boxes and onto a pallet, and what is refused at the packing table."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Outcome, Rejected
from processes.ledger.distribution import containers
from processes.ledger.item_registration import Identifier, NewPackage
from processes.ledger.lots import Lot
from processes.picking.scenarios.test_picking import units
from tests.people import ANN
from tests.processes.conftest import Book, small_book
from tests.processes.making import add_device, add_places, release
from tests.scenario import TENANT, Scenario

BOX, OTHER, PALLET = "340069000000000017", "340069000000000024", "340069000000000031"
CASE = "10000000000014"


@dataclass
class Table:
    """A packing table at A-01 with screws in cases of twelve, and pumps with serial numbers."""

    scenario: Scenario
    screws: Lot
    pumps: Lot

    def begin(self) -> UUID:
        return self.scenario.start("packing", by=ANN)

    def pack(self, instance: UUID, *lines: dict[str, Any], **more: Any) -> Outcome:
        box = {"order_number": "SO-1", "sscc": BOX, "location": "A-01", "next": "done"}
        return self.scenario.attempt("Pack", ANN, instance, **{**box, **more}, lines=list(lines))

    def label(self, instance: UUID, number: int, **more: Any) -> Outcome:
        counts = {"printed": number, "applied": number, "destroyed": 0}
        said = {"instructions": "zh", "intact": True, **counts, **more}
        return self.scenario.attempt("Labels", ANN, instance, **said)

    def inside(self, sscc: str) -> list[tuple[str, str | None, int]]:
        with self.scenario.database.reading() as db:
            found = containers.find(db, TENANT, sscc)
            content = containers.content_of(db, TENANT, found.container_id)
        return [(each.lot_number, each.serial_number, each.quantity) for each in content]

    def events(self, instance: UUID, name: str) -> list[Any]:
        return [each for each in self.scenario.events(instance) if each["event"] == name]


@pytest.fixture
def table(scenario: Scenario) -> Table:
    with scenario.database.transaction() as db:
        book: Book = small_book(db)
        add_places(book)
        add_device(book)
        case = (Identifier(issuing_agency="GS1", value=CASE),)
        packages = (
            NewPackage(name="each"),
            NewPackage(name="case", contains=0, contained_quantity=12, identifiers=case),
        )
        screw = book.add_item("SCREW-9", packages=packages)
        screws = release(book, book.lot("S", item_id=screw), 30)
        pumps = units(book)
        db.commit()
    return Table(scenario, screws, pumps)


def test_boxes_are_packed_stacked_and_labelled(table: Table) -> None:
    instance = table.begin()
    case = {"lot_number": table.screws.number, "package": CASE, "quantity": "2"}
    table.scenario.must(table.pack(instance, case, next="box"))
    unit = {"serial_number": "SN-1", "quantity": "1"}
    table.scenario.must(table.pack(instance, unit, sscc=OTHER, next="pallet"))
    assert table.inside(BOX) == [(table.screws.number, None, 24)]
    assert table.inside(OTHER) == [(table.pumps.number, "SN-1", 1)]
    wrong = [{"scanned": OTHER}, {"scanned": BOX}]
    refused = table.scenario.attempt("Stack", ANN, instance, sscc=PALLET, rows=wrong)
    assert isinstance(refused, Rejected)
    right = [{"scanned": BOX}, {"scanned": f"00{OTHER}"}]
    table.scenario.do("Stack", ANN, instance, sscc=PALLET, rows=right)
    assert isinstance(table.label(instance, 2), Rejected)  # two boxes and a pallet
    assert isinstance(table.label(instance, 3, printed=4), Rejected)
    assert isinstance(table.label(instance, 3, intact=False), Rejected)
    table.scenario.must(table.label(instance, 3, printed=4, destroyed=1))
    assert table.scenario.status(instance) == "completed"
    [listed] = table.events(instance, "packing.listed")
    assert (listed["pallet"], [each["sscc"] for each in listed["boxes"]]) == (PALLET, [BOX, OTHER])
    [labelled] = table.events(instance, "packing.labelled")
    assert (labelled["printed"], labelled["applied"], labelled["destroyed"]) == (4, 3, 1)
    with table.scenario.database.reading() as db:
        pallet = containers.find(db, TENANT, PALLET).container_id
        standing = [each.sscc for each in containers.standing_in(db, TENANT, pallet)]
    assert standing == [BOX, OTHER]
    assert table.scenario.verify().whole


def test_what_is_refused_at_the_table(table: Table) -> None:
    instance = table.begin()
    screws = {"lot_number": table.screws.number, "quantity": "1"}
    for lines, more in (
        ([{**screws, "quantity": "31"}], {}),  # not so much there
        ([{**screws, "package": CASE, "quantity": "3"}], {}),  # three cases are thirty-six
        ([screws], {"location": "D-01"}),  # it lies elsewhere
        ([screws], {"sscc": BOX[:-1] + "0"}),  # the check digit
        ([{"quantity": "1"}], {}),  # nothing scanned
        ([{"serial_number": "SN-9", "quantity": "1"}], {}),  # no such unit there
        ([{"lot_number": table.pumps.number, "quantity": "1"}], {}),  # which unit?
        ([{"lot_number": table.pumps.number, "package": CASE, "quantity": "1"}], {}),
    ):
        refused = table.pack(instance, *lines, **more)
        assert isinstance(refused, Rejected), (lines, more)
        assert refused.message["zh"]
    table.scenario.must(table.pack(instance, screws))
    again = table.begin()
    assert isinstance(table.pack(again, screws), Rejected)  # the code is used
    table.scenario.must(table.label(instance, 1))
    assert table.scenario.verify().whole
