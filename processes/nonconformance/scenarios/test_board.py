"""The board is several people: roles held together give nobody a second vote."""

from engine.outcomes import Reason, Rejected
from processes.nonconformance.scenarios.nonconformance import (
    IVAN,
    NORA,
    Nonconformance,
    receive,
    report,
)
from tests.people import DORA, Person
from tests.scenario import Scenario

ZOE = Person("zoe", "Zoe Fang", "方卓", ("QE", "ENG", "PRD", "QA"))
"""Sits on the board by three roles, and is an engineer of quality besides."""


def refused(nc: Nonconformance, activity: str, by: Person, **data: object) -> Reason | None:
    outcome = nc.attempt(activity, by, **data)
    return outcome.reason if isinstance(outcome, Rejected) else None


def proposed(company: Scenario) -> Nonconformance:
    company.add(ZOE)
    nc = report(company, receive(company))
    nc.to_disposition()
    return nc


def test_one_person_gives_one_vote_and_does_not_approve(company: Scenario) -> None:
    nc = proposed(company)
    nc.propose(("10", "SCRAP"))
    nc.do("VoteEngineering", ZOE, agrees=True)
    for activity in ("VoteProduction", "VoteQuality"):
        assert refused(nc, activity, ZOE, agrees=True) is Reason.SEGREGATION_OF_DUTIES
    nc.do("VoteProduction", NORA, agrees=True)
    nc.do("VoteQuality", DORA, agrees=True)
    approval = {"decision": "approve", "rejected_location": "R-01"}
    assert refused(nc, "Approve", ZOE, **approval) is Reason.SEGREGATION_OF_DUTIES
    nc.do("Approve", DORA, **approval)


def test_who_proposed_does_not_vote(company: Scenario) -> None:
    nc = proposed(company)
    split = {"lot_number": nc.lot_number, "quantity": "10", "disposition": "SCRAP"}
    nc.do("Propose", ZOE, splits=[{**split, "reason": "burrs"}])
    for activity in ("VoteEngineering", "VoteProduction", "VoteQuality"):
        assert refused(nc, activity, ZOE, agrees=True) is Reason.SEGREGATION_OF_DUTIES


def test_a_second_round_is_voted_by_the_same_board(company: Scenario) -> None:
    nc = proposed(company)
    nc.propose(("10", "SCRAP"))
    nc.vote(against="VoteEngineering")
    nc.do("Approve", DORA, decision="return", reason="sort it first")
    nc.propose(("10", "SORT"))
    nc.do("VoteEngineering", IVAN, agrees=True)
    nc.vote()
    nc.do("Approve", DORA, decision="approve", rejected_location="R-01")
