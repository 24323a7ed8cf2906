"""What the scenarios of the processes share: a company with master data, and deliveries to it."""

import pytest

from conftest import CopyOf
from engine.store.database import Database
from processes import demo
from tests.scenario import TENANT, Scenario


def _company(database: Database) -> None:
    demo.seed_master_data(Scenario(database).dispatcher, TENANT)


@pytest.fixture
def company(copy_of: CopyOf) -> Scenario:
    """The scenario's installation with the demo's devices, suppliers, plans and instruments."""
    return Scenario(copy_of(_company), installed=True)
