"""The company of these scenarios: with everybody who takes part in a nonconformance."""

import pytest

from processes import demo
from processes.nonconformance.scenarios.nonconformance import QUALITY
from tests.scenario import TENANT, Scenario


@pytest.fixture
def company(scenario: Scenario) -> Scenario:
    """The demo's master data, and the people of quality, regulatory affairs and production."""
    demo.seed_master_data(scenario.dispatcher, TENANT)
    for person in QUALITY:
        scenario.add(person)
    return scenario
