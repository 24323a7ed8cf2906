"""Markets: what an authority is asked, what waits for its answer, what it leads to."""

from engine.identifiers import new_id
from engine.outcomes import Accepted, Outcome, Rejected
from processes.change_control.scenarios.change import (
    HANA,
    JIN,
    SCREW,
    ChangeCase,
    request,
)
from processes.ledger import items
from processes.ledger.changes import assessments, market_gates
from processes.ledger.changes.commands import RecordAuthorityAnswer
from processes.ledger.changes.market_gates import MarketClosed
from tests.people import DORA, Person
from tests.scenario import TENANT, Scenario


def planned(company: Scenario, **markets: str) -> ChangeCase:
    """Bring a change through the board; some markets want an approval."""
    change = request(company)
    change.to_decision("specification", criticality="B", **markets)
    change.approve()
    given = [
        {"number": f"SUB-{place}", "submitted_on": "2026-11-23"}
        for place in range(len(change.case["approved"]["submissions"]))
    ]
    change.do("Submit", JIN, submissions=given)
    return change


def answer(change: ChangeCase, market: str, by: Person = JIN, said: str = "approved") -> Outcome:
    command = RecordAuthorityAnswer(
        command_id=new_id(),
        change=change.order.number,
        market=market,
        reference=f"{market}-2026-1",
        answer=said,
    )
    return change.company.ask(command, by)


def may_ship(change: ChangeCase, market: str, revision: str) -> bool:
    with change.company.database.reading() as db:
        item = items.by_number(db, TENANT, SCREW)
        try:
            market_gates.require_open(
                db,
                TENANT,
                item_id=item.item_id,
                item_number=SCREW,
                item_revision=revision,
                market=market,
            )
        except MarketClosed:
            return False
    return True


def test_the_table_proposes_and_regulatory_affairs_decides(staffed: Scenario) -> None:
    change = request(staffed)
    change.screen("specification", criticality="B")
    change.assess()
    proposed = {row["code"]: row["proposed"] for row in change.case["markets"]["rows"]}
    assert proposed == {
        "CN": "REGISTRATION_CHANGE",
        "US": "LETTER_TO_FILE",
        "EU": "NB_NOTIFICATION",
    }
    change.decide_markets(CN="FILING")
    with staffed.database.reading() as db:
        states = assessments.markets(db, TENANT, change.order)
    assert {each.market: each.outcome for each in states}["CN"] == "FILING"


def test_a_registration_change_holds_the_release(staffed: Scenario) -> None:
    change = planned(staffed, CN="REGISTRATION_CHANGE")
    assert not may_ship(change, "CN", "B")
    assert may_ship(change, "CN", "A")
    assert may_ship(change, "US", "B")
    change.to_release()
    assert change.open_activities() == []
    assert change.status == "running"
    assert isinstance(answer(change, "CN", by=DORA), Rejected)  # not hers to record
    assert isinstance(answer(change, "CN"), Accepted)
    assert may_ship(change, "CN", "B")
    assert change.open_activities() == ["ReleaseQA"]


def test_an_approval_that_comes_early_is_not_lost(staffed: Scenario) -> None:
    change = planned(staffed, CN="REGISTRATION_CHANGE")
    assert isinstance(answer(change, "CN"), Accepted)
    change.to_release()
    assert change.open_activities() == ["ReleaseQA"]


def test_elsewhere_only_the_market_waits(staffed: Scenario) -> None:
    change = planned(staffed, EU="NB_APPROVAL", US="NEW_510K")
    change.to_release()
    change.release()
    assert change.order.status == "effective"
    change.finish()
    assert change.open_activities() == []
    answer(change, "US")
    assert change.open_activities() == []
    assert not may_ship(change, "EU", "B")
    answer(change, "EU")
    assert change.open_activities() == ["Close"]


def test_a_refusal_leads_back_to_the_assessment(staffed: Scenario) -> None:
    change = planned(staffed, CN="REGISTRATION_CHANGE")
    change.to_release()
    answer(change, "CN", said="refused")
    assert change.order.round == 2
    assert "ImpactQA" in change.open_activities()


def test_a_silent_authority_is_followed_up(staffed: Scenario) -> None:
    change = planned(staffed, CN="REGISTRATION_CHANGE")
    change.to_release()
    staffed.clock.advance(days=30, minutes=1)
    staffed.background.run_until_idle()
    assert change.open_activities() == ["AwaitFirstFollowUp"]
    change.do("AwaitFirstFollowUp", JIN, answer="none", note="they are thinking")
    assert change.open_activities() == []
    staffed.clock.advance(days=30, minutes=1)
    staffed.background.run_until_idle()
    heard = {"answer": "approved", "market": "CN", "reference": "R-9"}
    change.do("AwaitFirstFollowUp", JIN, **heard)
    assert change.open_activities() == ["ReleaseQA"]


def test_an_answer_nobody_asked_for_is_refused(staffed: Scenario) -> None:
    change = planned(staffed, CN="REGISTRATION_CHANGE")
    assert isinstance(answer(change, "US"), Rejected)
    assert isinstance(answer(change, "CN", said="perhaps"), Rejected)
    assert HANA.username == "hana"
