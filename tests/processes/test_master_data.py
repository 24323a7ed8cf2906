"""Master data comes by commands; what is taken or unknown is refused with a sentence."""

from dataclasses import replace

import pytest

from api import installation
from engine.actors import engine_actor
from engine.commands.base import Command
from engine.identifiers import new_id
from engine.outcomes import Accepted, Reason, Rejected
from engine.store.database import Database
from processes import demo
from processes.ledger import items, suppliers
from processes.ledger.commands import (
    RegisterInstrument,
    RegisterItem,
    RegisterLocation,
    RegisterSupplier,
    RegisterUnits,
    ReleaseItem,
    SetSupplierStatus,
)
from processes.ledger.locations import NewLocation
from processes.ledger.units import Unit
from tests.processes.conftest import person

TENANT = "test"
NAMES = {"en": "x", "zh": "某"}


class Company:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.dispatcher = installation.dispatcher(database)
        installation.prepare(self.dispatcher, TENANT, demo=True)

    def ask(self, command: Command) -> Accepted | Rejected:
        return self.dispatcher.dispatch(command, engine_actor(TENANT, "test"))


@pytest.fixture
def company(sqlite: Database) -> Company:
    return Company(sqlite)


def taken() -> list[Command]:
    item = demo.demo_items()[0]
    other = replace(item, number="NEW-1")
    location = NewLocation(code="Q-01", names=NAMES, site="SZ01", zone="hold")
    return [
        RegisterItem(command_id=new_id(), item=item),
        RegisterItem(command_id=new_id(), item=other),  # the number is new, its barcode is not
        RegisterSupplier(
            command_id=new_id(), number="S-1001", names=NAMES, country="CN", status="approved"
        ),
        RegisterLocation(command_id=new_id(), location=location),
        RegisterInstrument(
            command_id=new_id(),
            number="CAL-0007",
            instrument_type="caliper",
            names=NAMES,
            unit_code="mm",
            resolution="0.01",
        ),
        RegisterUnits(command_id=new_id(), units=(Unit(code="ea", names=NAMES, decimals=2),)),
    ]


@pytest.mark.parametrize("command", taken(), ids=lambda command: type(command).__name__)
def test_a_number_names_one_thing(company: Company, command: Command) -> None:
    outcome = company.ask(command)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.INVALID_STATE
    assert outcome.message["zh"]


def test_a_draft_item_is_released_with_its_criticality(company: Company) -> None:
    draft = replace(demo.demo_items()[0], number="NEW-1", packages=(), status="draft")
    base = replace(demo.demo_items()[0].packages[0], identifiers=())
    company.ask(RegisterItem(command_id=new_id(), item=replace(draft, packages=(base,))))
    release = ReleaseItem(command_id=new_id(), item_number="NEW-1", criticality="C")
    assert isinstance(company.ask(release), Accepted)
    with company.database.reading() as db:
        found = items.by_number(db, TENANT, "NEW-1")
    assert (found.status, found.criticality, found.revision) == ("released", "C", 2)


def test_a_supplier_is_blocked_with_the_reason_on_the_record(company: Company) -> None:
    block = SetSupplierStatus(
        command_id=new_id(), supplier_number="S-1001", status="blocked", why="certificate expired"
    )
    assert isinstance(company.ask(block), Accepted)
    with company.database.reading() as db:
        assert suppliers.by_number(db, TENANT, "S-1001").status == "blocked"


def test_master_data_is_not_everybodys(company: Company) -> None:
    block = SetSupplierStatus(command_id=new_id(), supplier_number="S-1001", status="blocked")
    outcome = company.dispatcher.dispatch(block, person("ann", "WH"))
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.NOT_ALLOWED
