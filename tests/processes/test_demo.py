"""The demo fills an empty installation once, through commands, with devices that can be scanned."""

from api import installation
from engine.store.database import Database
from engine.verification import verify
from processes import demo, registry
from processes.ledger import items, locations, packages, plans

TENANT = "demo"


def test_the_demo_is_filled_in_once(sqlite: Database) -> None:
    dispatcher = installation.dispatcher(sqlite)
    assert "demo data" in installation.prepare(dispatcher, TENANT, demo=True)
    assert installation.prepare(dispatcher, TENANT, demo=True) == "nothing was missing"
    today = dispatcher.clock().date()
    with sqlite.reading() as db:
        assert {place.zone for place in locations.every(db, TENANT)} >= {"quarantine", "released"}
        for item in demo.demo_items():
            found = items.by_number(db, TENANT, item.number)
            items.require_released(found)
            plans.in_force(db, TENANT, found.item_id, found.number, today)
            for package in item.packages:
                for identifier in package.identifiers:
                    scanned = packages.by_identifier(db, TENANT, identifier.value)
                    assert scanned is not None
                    assert scanned.item_id == found.item_id
        assert verify(db, TENANT).differences == []


def test_every_role_of_the_diagrams_has_somebody() -> None:
    held = {role for account in demo.accounts() for role in account["roles"]}
    assert held >= {"WH", "WHL", "IQC", "QCL", "QA", "AUD", "ADM"}
    assert held <= set(registry.roles())


def test_chinese_names_are_chinese() -> None:
    for item in demo.demo_items():
        assert any("\u4e00" <= character <= "\u9fff" for character in item.names["zh"])
