"""A screen says beforehand that a step is for another person, as the command would."""

from tests.api.conftest import Server
from tests.people import ANN


def test_a_step_that_another_one_is_separate_from_says_so(server: Server) -> None:
    """Only Recount names the other in the diagram."""
    server.workshop.start("toy_both", by=ANN)
    count = server.workshop.open("Count", ANN)
    browser = server.browser(ANN)
    address = f"/api/work-items/{count.work_item_id}"
    assert browser.get(address).get_json()["may"]["complete"]
    server.workshop.do("Recount", ANN)
    may = browser.get(address).get_json()["may"]
    assert not may["complete"]
    assert not may["claim"]
    assert may["why_not"]
