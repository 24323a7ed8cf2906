"""The company of the changes: everybody whose function is asked."""

import pytest

from processes.change_control.scenarios.change import STAFF
from tests.scenario import Scenario


@pytest.fixture
def staffed(company: Scenario) -> Scenario:
    """The demo's company with everybody whom a change needs."""
    for person in STAFF:
        company.add(person)
    return company
