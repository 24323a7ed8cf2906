"""Anyone may report: what the diagram opens to everybody, the starter also goes on with."""

from uuid import UUID

import pytest

from engine.commands.process_instances import StartProcessInstance
from engine.identifiers import new_id
from engine.outcomes import Reason, Rejected
from engine.reading import readers
from engine.reading.readers import Reader
from processes import demo
from tests.people import ANN, BEN, DORA, EVE, Person
from tests.scenario import TENANT, Scenario

RITA = Person("rita", "Rita Gu", "顾丽", ("REQ",))
REX = Person("rex", "Rex Lu", "陆雷", ("REQ",))
NOBODY = Person("nils", "Nils Fu", "傅宁", ())
FIRST_STEPS = {"nonconformance": "Report", "complaint": "Intake", "change_control": "WriteRequest"}


@pytest.fixture
def company(scenario: Scenario) -> Scenario:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    return scenario


@pytest.mark.parametrize(("process_id", "first"), FIRST_STEPS.items())
@pytest.mark.parametrize("by", [ANN, BEN, EVE], ids=lambda each: each.roles[0])
def test_whoever_starts_it_goes_on_with_the_first_step(
    company: Scenario, process_id: str, first: str, by: Person
) -> None:
    instance = company.start(process_id, by=by)
    (item,) = [each for each in company.worklist(by) if each.activity_id == first]
    assert (item.work_item_id.process_instance_id, item.role) == (instance, by.roles[0])
    others = {ANN, BEN, EVE} - {by}
    assert not any(each.activity_id == first for who in others for each in company.worklist(who))
    assert company.verify().differences == []


def test_a_warehouse_reports_what_does_not_conform(company: Scenario) -> None:
    instance = company.start("nonconformance", by=ANN)
    company.do("Report", ANN, instance, what="crushed by the fork lift", where="stock")
    opened = {each.activity_id for each in company.items(instance) if each.status == "open"}
    assert "Report" not in opened
    assert company.verify().differences == []


def test_who_reports_reads_what_they_reported_and_nothing_of_others(company: Scenario) -> None:
    """The step that goes with reporting makes no reader: neither its lane nor the same role."""
    for who in (RITA, REX):
        company.add(who)
    case = company.start("nonconformance", by=RITA)
    assert reads(company, REX, case)  # the report waits for this role: anyone of it may write it
    company.do("Report", RITA, case, what="dented", where="stock")
    assert reads(company, RITA, case)
    assert not reads(company, REX, case)
    assert "nonconformance" not in reader(company, REX).process_ids
    assert reads(company, DORA, case)


def reader(company: Scenario, who: Person) -> Reader:
    with company.database.reading() as db:
        in_force = company.dispatcher.resources.catalogue.active(db, TENANT)
    account_id = company.actor(who).account_id
    assert account_id is not None
    return readers.reader_of(company.dispatcher.documents(TENANT), in_force, account_id, who.roles)


def reads(company: Scenario, who: Person, case: UUID) -> bool:
    with company.database.reading() as db:
        return readers.may_read(db, TENANT, reader(company, who), case)


def test_what_is_not_opened_to_everybody_stays_with_its_lane(company: Scenario) -> None:
    refused = company.ask(StartProcessInstance(command_id=new_id(), process_id="recall"), ANN)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.NOT_ALLOWED


def test_who_has_no_role_starts_nothing(company: Scenario) -> None:
    company.add(NOBODY)
    command = StartProcessInstance(command_id=new_id(), process_id="nonconformance")
    refused = company.ask(command, NOBODY)
    assert isinstance(refused, Rejected)
    assert refused.reason is Reason.NOT_ALLOWED
