"""The company of the scenarios of buying: its people, and suppliers that may deliver."""

import pytest

from processes import demo
from processes.procurement.scenarios.purchase import BUYERS
from tests.scenario import TENANT, Scenario


@pytest.fixture
def buyers(scenario: Scenario) -> Scenario:
    """An installation with the demo's master data and the people who buy."""
    demo.seed_master_data(scenario.dispatcher, TENANT)
    for person in BUYERS:
        scenario.add(person)
    return scenario
