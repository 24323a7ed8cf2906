"""A small book to try the ledger on: an item, a supplier, places and people, on each database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from engine.actors import Actor
from engine.services import ServiceContext
from engine.store.database import Database
from processes import registry
from processes.ledger import (
    item_registration,
    items,
    locations,
    lots,
    movements,
    suppliers,
    units,
)
from processes.ledger.balances import Place
from processes.ledger.item_registration import Identifier, NewItem, NewPackage
from processes.ledger.locations import NewLocation
from processes.ledger.lots import Lot, NewLot
from processes.ledger.movements import Document, Movement
from processes.ledger.suppliers import Supplier
from processes.ledger.units import Unit

TENANT = "test"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = NOW.date()


def person(username: str, *roles: str) -> Actor:
    names = {"en": username.capitalize(), "zh": username}
    account_id = UUID(int=sum(username.encode()))
    return Actor(
        tenant_id=TENANT,
        account_id=account_id,
        username=username,
        names=names,
        roles=frozenset(roles),
        zone="Asia/Shanghai",
    )


ANN = person("ann", "WH")
BEN = person("ben", "IQC")
CLEO = person("cleo", "QCL")
DORA = person("dora", "QA")


def counted_ids() -> Callable[[], UUID]:
    """Ids in a row, as tests want them: the same in every run."""
    made = 0

    def new_id() -> UUID:
        nonlocal made
        made += 1
        return UUID(int=made)

    return new_id


@dataclass(kw_only=True)
class Book:
    """A ledger in one transaction, with what the tests book on."""

    context: ServiceContext
    events: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, UUID] = field(default_factory=dict)
    item_id: UUID = field(init=False)
    supplier: Supplier = field(init=False)

    def by(self, actor: Actor, *signatures: str, now: datetime = NOW) -> ServiceContext:
        """The context of a command of this person, with what they signed in it."""
        command_id = self.context.new_id()
        return replace(
            self.context, actor=actor, signatures=signatures, now=now, command_id=command_id
        )

    @property
    def db(self) -> Connection:
        return self.context.db

    def place(self, code: str, status: str) -> Place:
        return Place(self.places[code], status)

    def lot(self, supplier_lot: str = "A1", *, item_id: UUID | None = None, **more: Any) -> Lot:
        new = NewLot(
            item_id=item_id or self.item_id,
            item_revision="A",
            supplier_id=self.supplier.supplier_id,
            supplier_lot_raw=supplier_lot,
            **more,
        )
        return lots.receive(self.by(ANN), new, join_same_lot=False)

    def receive(self, lot: Lot, quantity: int, code: str = "Q-01") -> UUID:
        movement = Movement(
            movement_type="RCV",
            lot_id=lot.lot_id,
            quantity=quantity,
            document=Document("receipt", "R1"),
            target=self.place(code, "QUARANTINE"),
        )
        return movements.post(self.by(ANN), movement)

    def add_item(self, number: str, **more: Any) -> UUID:
        new = NewItem(
            **{
                "number": number,
                "names": {"en": f"Item {number}", "zh": f"物料 {number}"},
                "item_type": "component",
                "criticality": "B",
                "tracking": "lot",
                "unit_code": "ea",
                "packages": (NewPackage(name="each"),),
                "status": "released",
                **more,
            }
        )
        return item_registration.register(self.context, [new])[0]


@pytest.fixture
def book(database: Database) -> Iterator[Book]:
    """The small book on SQLite and on PostgreSQL; undone afterwards."""
    with database.transaction() as db:
        yield small_book(db)


def small_book(db: Connection) -> Book:
    events: list[dict[str, Any]] = []
    documents = registry.documents()
    context = ServiceContext(
        db=db,
        tenant_id=TENANT,
        now=NOW,
        actor=ANN,
        command_id=UUID(int=1),
        process_instance_id=UUID(int=2),
        activity_id="Task",
        record=events.append,
        configuration=documents.__getitem__,
        new_id=counted_ids(),
    )
    book = Book(context=context, events=events)
    units.register(
        context,
        [
            Unit(code="ea", names={"en": "each", "zh": "件"}, decimals=0),
            Unit(code="kg", names={"en": "kilogram", "zh": "千克"}, decimals=3),
            Unit(code="g", names={"en": "gram", "zh": "克"}, decimals=0),
            Unit(code="mm", names={"en": "millimetre", "zh": "毫米"}, decimals=3),
        ],
    )
    case = (
        NewPackage(name="each", identifiers=(Identifier(issuing_agency="GS1", value="1" * 14),)),
        NewPackage(
            name="case",
            identifiers=(Identifier(issuing_agency="GS1", value="2" * 14, kind="package"),),
            contains=0,
            contained_quantity=12,
        ),
    )
    book.item_id = book.add_item("VALVE-1", packages=case)
    zones = {"Q-01": "quarantine", "A-01": "released", "R-01": "reject", "S-01": "sample"}
    for code, zone in zones.items():
        names = {"en": code, "zh": code}
        new = NewLocation(code=code, names=names, site="SZ01", zone=zone)
        book.places[code] = locations.register(context, new)
    suppliers.register(
        context, "S-1", {"en": "Supplier", "zh": "供应商"}, country="CN", status="approved"
    )
    book.supplier = suppliers.by_number(db, TENANT, "S-1")
    item = items.find(db, TENANT, book.item_id)
    suppliers.approve(
        context,
        book.supplier,
        item.item_id,
        item.number,
        site="SZ01",
        rating=80,
        valid_from=date(2026, 1, 1),
    )
    return book


def decimal(text: str) -> Decimal:
    return Decimal(text)
