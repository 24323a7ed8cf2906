"""Once begun, master data is looked over every day by itself; the customer says how often."""

from sqlalchemy import func, select

from engine.identifiers import new_id
from processes import demo
from processes.ledger.changes.commands import RunDataQualityChecks
from processes.ledger.changes.tables import quality_check_run
from tests.people import DORA
from tests.scenario import TENANT, Scenario


def runs(scenario: Scenario) -> list[str]:
    statement = select(quality_check_run.c.actor).order_by(quality_check_run.c.run_at)
    with scenario.database.reading() as db:
        return [row.actor for row in db.execute(statement)]


def pass_hours(scenario: Scenario, hours: int) -> None:
    scenario.clock.advance(hours=hours)
    scenario.background.run_until_idle()


def test_the_first_look_is_somebodys_the_next_come_by_themselves(scenario: Scenario) -> None:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    pass_hours(scenario, 50)
    assert runs(scenario) == []
    scenario.must(scenario.ask(RunDataQualityChecks(command_id=new_id()), DORA))
    pass_hours(scenario, 23)
    assert runs(scenario) == ["dora"]
    pass_hours(scenario, 2)
    assert len(runs(scenario)) == 2
    pass_hours(scenario, 100)  # nobody was there for four days: one look makes up for them
    assert len(runs(scenario)) == 3
    with scenario.database.reading() as db:
        last = select(func.max(quality_check_run.c.run_at))
        assert db.execute(last).scalar_one() == scenario.clock()
