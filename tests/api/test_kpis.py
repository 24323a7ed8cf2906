"""Key figures over the wire: each with its meaning in both languages, value, target and basis."""

from pathlib import Path

from api.app import create_app
from api.context import EngineAccess
from processes.ledger.kpis import figures
from tests.api.conftest import Browser
from tests.people import DORA
from tests.scenario import TENANT, Scenario


def test_the_figures_are_read_over_the_wire(scenario: Scenario, tmp_path: Path) -> None:
    access = EngineAccess(dispatcher=scenario.dispatcher, tenant=TENANT)
    app = create_app(access, secret_key="test", web=tmp_path)  # noqa: S106
    answer = Browser(app.test_client()).sign_in(DORA).get("/api/kpis").get_json()
    known = {each["code"]: each for each in answer["items"]}
    assert set(known) == {each.code for each in figures.READINGS}
    late = known["late_work"]
    assert (late["names"]["zh"], late["unit"], late["better"]) == ("逾期待办", "percent", "less")
    assert (late["target"], late["value"], late["met"], late["counted"]) == ("2", None, None, 0)
    assert answer["now"] == late["until"] > late["since"]
