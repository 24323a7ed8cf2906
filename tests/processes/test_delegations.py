"""A manager who is away has another do a role's work: on the record, apart, for a time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.commands.delegations import DelegateRole, EndDelegation
from engine.commands.identities import ChangeAccount
from engine.commands.work_items import ClaimWorkItem
from engine.identifiers import new_id
from engine.identities import delegations
from engine.outcomes import Outcome, Reason, Rejected
from processes import demo
from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from tests.people import ADA, BEN, CLEO, DORA, Person
from tests.scenario import TENANT, Scenario

MEI = Person("mei", "Mei He", "何梅", ("QE",))
GOOD = {"decision": "ACCEPT", "accepted_quantity": "10"}


@pytest.fixture
def company(scenario: Scenario) -> Scenario:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    scenario.add(MEI)
    return scenario


def give(
    company: Scenario,
    role: str = "QA",
    to: str = "mei",
    *,
    by: Person = DORA,
    days: float = 7,
    starts: timedelta = timedelta(0),
    why: str | None = "on leave",
) -> Outcome:
    begins = company.clock() + starts
    command = DelegateRole(
        command_id=new_id(),
        role=role,
        to_username=to,
        starts_at=begins,
        ends_at=begins + timedelta(days=days),
        why=why,
    )
    return company.ask(command, by)


def given(company: Scenario, **more: Any) -> UUID:
    return UUID(company.must(give(company, **more))["delegation_id"])


def mark(company: Scenario, delegation_id: UUID) -> Mapping[str, Any]:
    with company.database.reading() as db:
        found = delegations.find(db, TENANT, delegation_id)
    assert found is not None
    return found.mark()


def decided(inspection: Inspection, by: Person = MEI) -> Outcome:
    item = inspection.company.open("UsageDecision", DORA, inspection.instance)
    return inspection.company.attempt("UsageDecision", by, inspection.instance, item=item, **GOOD)


def reviewed(company: Scenario) -> Inspection:
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    return inspection


def refused(outcome: Outcome, reason: Reason) -> Rejected:
    assert isinstance(outcome, Rejected), outcome
    assert outcome.reason is reason, outcome
    return outcome


def test_the_work_is_done_for_the_other_and_both_are_on_the_record(company: Scenario) -> None:
    inspection = reviewed(company)
    refused(decided(inspection), Reason.NOT_YOURS)
    delegation = given(company)
    company.must(decided(inspection))
    item = company.open("Release", DORA, inspection.instance)
    unsaid = company.attempt("Release", MEI, inspection.instance, item=item)
    refused(unsaid, Reason.RECORD_DIFFERS)  # what is signed says for whom
    company.acts_for = mark(company, delegation)
    company.must(company.attempt("Release", MEI, inspection.instance, item=item))
    company.acts_for = None
    done = [e for e in company.events(inspection.instance) if e["event"] == "work_item.completed"]
    assert [each["for"]["username"] for each in done[-2:]] == ["dora", "dora"]
    assert done[-1]["for"]["names"] == {"en": "Dora Wang", "zh": "王朵"}
    assert inspection.stock() == {("Q-01", "RELEASED"): 10}
    assert company.verify().differences == []


def test_it_counts_in_its_time_only(company: Scenario) -> None:
    inspection = reviewed(company)
    given(company, starts=timedelta(days=1), days=2)
    refused(decided(inspection), Reason.NOT_YOURS)
    company.clock.advance(days=4)
    refused(decided(inspection), Reason.NOT_YOURS)


def test_it_is_taken_back_by_either(company: Scenario) -> None:
    inspection = reviewed(company)
    for who in (DORA, MEI):
        delegation = given(company)
        end = EndDelegation(command_id=new_id(), delegation_id=delegation)
        refused(
            company.ask(EndDelegation(command_id=new_id(), delegation_id=delegation), BEN),
            Reason.NOT_FOUND,
        )
        company.must(company.ask(end, who))
        refused(decided(inspection), Reason.NOT_YOURS)


def test_duties_stay_apart_for_both(company: Scenario) -> None:
    """Cleo drew the samples: whoever reviews for her reviews her own work."""
    inspection = deliver(company)
    inspection.check_documents()
    inspection.draw_samples(by=CLEO)
    inspection.measure()
    given(company, role="IQC", by=CLEO)
    answers: dict[str, Any] = {"complete": True, "retests_justified": True, "agrees": True}
    item = company.open("Review", CLEO, inspection.instance)
    outcome = company.attempt("Review", MEI, inspection.instance, item=item, **answers)
    assert "Cleo" in refused(outcome, Reason.SEGREGATION_OF_DUTIES).message["en"]


def test_who_did_a_step_does_not_do_the_separate_one_for_another(company: Scenario) -> None:
    inspection = reviewed(company)
    given(company, to="ben")
    refused(decided(inspection, by=BEN), Reason.SEGREGATION_OF_DUTIES)


def test_what_is_not_ones_own_is_not_given(company: Scenario) -> None:
    refused(give(company, role="QCL"), Reason.NOT_ALLOWED)
    refused(give(company, role="ADM", by=ADA), Reason.NOT_ALLOWED)
    given(company)
    passed_on = give(company, by=MEI, to="ben")
    refused(passed_on, Reason.NOT_ALLOWED)  # Mei holds it for Dora, not for herself


def test_it_names_a_person_a_time_and_a_reason(company: Scenario) -> None:
    for to in ("dora", "nobody"):
        refused(give(company, to=to), Reason.NOT_FOUND)
    refused(give(company, role="IQC", by=CLEO, to="ben"), Reason.INVALID_STATE)
    refused(give(company, days=-1), Reason.INVALID_DATA)
    refused(give(company, days=200), Reason.INVALID_DATA)
    refused(give(company, why=" "), Reason.INVALID_DATA)


def leave(company: Scenario, person: Person, roles: tuple[str, ...] = ()) -> None:
    account = company.actor(person).account_id
    assert account is not None
    change = ChangeAccount(
        command_id=new_id(), account_id=account, roles=roles, active=False, why="has left"
    )
    company.must(company.ask(change, ADA))


def test_a_leaver_s_work_is_free_and_delegations_end(company: Scenario) -> None:
    inspection = reviewed(company)
    delegation = given(company)
    item = company.open("UsageDecision", DORA, inspection.instance)
    company.must(
        company.ask(ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id), DORA)
    )
    leave(company, DORA)
    assert company.items(inspection.instance)[-1].assignee_id is None
    with company.database.reading() as db:
        found = delegations.find(db, TENANT, delegation)
    assert found is not None
    assert found.ended_at is not None
    assert company.verify().differences == []


def test_who_no_longer_holds_the_role_has_given_nothing(company: Scenario) -> None:
    inspection = reviewed(company)
    given(company)
    account = company.actor(DORA).account_id
    assert account is not None
    change = ChangeAccount(
        command_id=new_id(), account_id=account, roles=("QE",), why="another position"
    )
    company.must(company.ask(change, ADA))
    refused(decided(inspection), Reason.NOT_YOURS)
