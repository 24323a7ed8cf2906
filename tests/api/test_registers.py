"""Which registers are open to whom: a screen offers no door that stays shut."""

import pytest

from tests.api.conftest import Server
from tests.people import ANN, DORA, Person

NAMES = ["field-actions", "nonconformities", "purchase-orders"]


@pytest.mark.parametrize(("person", "closed"), [(ANN, NAMES), (DORA, [])])
def test_a_register_that_would_answer_403_is_named(
    server: Server, person: Person, closed: list[str]
) -> None:
    browser = server.browser(person)
    assert browser.get("/api/registers").get_json()["closed"] == closed
    for name in NAMES:
        answer = browser.get(f"/api/{name}", follow_redirects=True)
        assert (answer.status_code == 403) == (name in closed), name
