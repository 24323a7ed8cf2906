"""More to try the book on: released lots, edges between them, consignees and registrations."""

from datetime import date
from typing import Any

from processes.ledger import locations, movements, status_changes
from processes.ledger.distribution import consignees, registrations
from processes.ledger.distribution.consignees import Licence, NewConsignee
from processes.ledger.distribution.registrations import NewRegistration
from processes.ledger.genealogy import edges
from processes.ledger.genealogy.edges import Edge
from processes.ledger.item_registration import Identifier, NewPackage
from processes.ledger.locations import NewLocation
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from tests.processes.conftest import ANN, DORA, TODAY, Book

DOCUMENT = Document("test", "1")


def add_places(book: Book) -> None:
    """Add a shipping dock, a return shelf and a shop floor to the small book."""
    for code, zone in {"D-01": "shipping", "T-01": "return", "W-01": "wip", "H-01": "hold"}.items():
        new = NewLocation(code=code, names={"en": code, "zh": code}, site="SZ01", zone=zone)
        book.places[code] = locations.register(book.context, new)


def release(book: Book, lot: Lot, quantity: int, where: str = "A-01") -> Lot:
    """Receive, accept and put away some of a lot."""
    book.receive(lot, quantity)
    accept(book, lot, quantity, where)
    return lot


def accept(book: Book, lot: Lot, quantity: int, where: str = "A-01") -> None:
    """Release what lies in quarantine and put it away."""
    status_changes.change(
        book.by(DORA, "REL"),
        lot,
        book.place("Q-01", "QUARANTINE"),
        "RELEASED",
        quantity,
        reason="accepted",
        document=DOCUMENT,
    )
    put_away = Movement(
        movement_type="PUT",
        lot_id=lot.lot_id,
        quantity=quantity,
        document=DOCUMENT,
        source=book.place("Q-01", "RELEASED"),
        target=book.place(where, "RELEASED"),
    )
    movements.post(book.by(ANN), put_away)


def link(book: Book, near: Lot, far: Lot, quantity: int = 1, kind: str = "consume") -> None:
    """Put an edge between two lots."""
    edges.add(
        book.by(ANN),
        Edge(
            kind=kind,
            from_lot_id=near.lot_id,
            to_lot_id=far.lot_id,
            quantity=quantity,
            unit_code=near.unit.code,
            document=DOCUMENT,
        ),
    )


def add_device(book: Book, number: str = "DEVICE-1", **more: Any) -> Any:
    """Add a finished device with model, catalogue number and identifier."""
    digits = f"{sum(number.encode()):014}"
    return book.add_item(
        number,
        **{
            "item_type": "finished",
            "model": "M1",
            "catalogue_number": f"REF-{number}",
            "packages": (
                NewPackage(
                    name="each", identifiers=(Identifier(issuing_agency="GS1", value=digits),)
                ),
            ),
            **more,
        },
    )


def add_market(book: Book, item_number: str = "DEVICE-1", market: str = "CN") -> None:
    """Let an item be sold in a market."""
    registrations.register(
        book.by(DORA),
        NewRegistration(
            item_number=item_number,
            market=market,
            number=f"REG-{market}-{item_number}",
            holder="Countersign Devices",
            valid_from=date(2024, 1, 1),
            valid_to=date(2028, 12, 31),
            expected_life="5 years",
        ),
    )


def add_consignee(book: Book, number: str = "C-1", **more: Any) -> None:
    """Add a hospital with a licence in force."""
    new = NewConsignee(
        **{
            "number": number,
            "name": f"第一医院 {number}",
            "kind": "hospital",
            "country": "CN",
            "market": "CN",
            "region": "华南",
            "address": "深圳市南山区 1 号",
            "contact": "设备科 0755-1000",
            "recall_contact": "李主任",
            "recall_phone": "0755-1001",
            "licences": (
                Licence(
                    kind="medical_institution",
                    number=f"LIC-{number}",
                    valid_from=date(2024, 1, 1),
                    valid_to=date(TODAY.year + 1, 12, 31),
                ),
            ),
            **more,
        }
    )
    consignees.register(book.by(ANN), new)
