"""A company with goods in three markets, for the recall's scenarios."""

import pytest

from processes import demo
from processes.recall.scenarios.field_action import Company
from tests.scenario import TENANT, Scenario


@pytest.fixture
def maker(scenario: Scenario) -> Company:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    return Company(scenario)
