"""Nonconformities on screen: read by whoever has a part in them, and by nobody else."""

from pathlib import Path

import pytest

from api.app import create_app
from api.context import EngineAccess
from engine.store.database import Database
from processes import demo
from processes.nonconformance.scenarios.nonconformance import HANA, QUALITY
from tests.api.conftest import Browser
from tests.people import ANN, BEN, DORA, EVE, Person
from tests.scenario import TENANT, Scenario

REGISTER = "/api/nonconformities"


class Floor:
    """A company in which the warehouse found something, and people who look at it."""

    def __init__(self, database: Database, web: Path) -> None:
        self.company = Scenario(database)
        demo.seed_master_data(self.company.dispatcher, TENANT)
        for person in QUALITY:
            self.company.add(person)
        access = EngineAccess(dispatcher=self.company.dispatcher, tenant=TENANT)
        self.app = create_app(access, secret_key="test", web=web)  # noqa: S106
        instance = self.company.start("nonconformance", by=ANN)
        found = {"what": "a wet box", "where": "stock"}
        self.company.do("Report", ANN, instance, **found)
        self.number = self.company.variables(instance)["nc"]["number"]

    def answers(self, person: Person) -> list[tuple[int, str | None]]:
        """Ask for the register and for the record: how each is answered, and why not."""
        browser = Browser(self.app.test_client(), "zh").sign_in(person)
        told = (browser.get(address) for address in (REGISTER, f"{REGISTER}/{self.number}"))
        return [(each.status_code, each.get_json().get("reason")) for each in told]


OPEN, CLOSED = (200, None), (403, "not_yours")


@pytest.fixture
def floor(database: Database, tmp_path: Path) -> Floor:
    return Floor(database, tmp_path)


def test_nonconformities_are_read_by_who_has_a_part_in_them(floor: Floor) -> None:
    for person in (HANA, DORA, EVE):
        assert floor.answers(person) == [OPEN, OPEN], person
    assert floor.answers(BEN) == [CLOSED, CLOSED]
    assert floor.answers(ANN) == [CLOSED, OPEN]  # who reported it reads it, and no other
    told = Browser(floor.app.test_client(), "zh").sign_in(BEN).get(f"{REGISTER}/{floor.number}")
    assert "无权查看" in told.get_json()["detail"]
    assert "wet" not in told.text
    missing = Browser(floor.app.test_client(), "zh").sign_in(BEN).get(f"{REGISTER}/NC-0")
    assert missing.status_code == 404
