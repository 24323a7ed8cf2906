"""What the scenarios of the processes share: a company with master data, and deliveries to it."""

import pytest

from processes import demo
from tests.scenario import TENANT, Scenario


@pytest.fixture
def company(scenario: Scenario) -> Scenario:
    """The scenario's installation with the demo's devices, suppliers, plans and instruments."""
    demo.seed_master_data(scenario.dispatcher, TENANT)
    return scenario
