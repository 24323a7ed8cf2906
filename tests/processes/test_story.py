"""One story through all five processes, as `countersign demo story` tells it: what is ordered, what
is found, what is changed, what is made and shipped, and what is called back; on each database."""

import pytest

from api import installation, story
from api.story import Ending, chapters
from api.story.teller import TaleRefused, Teller
from engine.dispatcher import Dispatcher
from engine.store.database import Database
from processes.ledger import lots, plans, status
from processes.ledger.field_actions import actions, reconciliation
from processes.ledger.genealogy import mass_balance
from processes.ledger.items import by_number as item_by_number
from tests.scenario import TENANT, TestClock

SCREW = "00841132112939"


@pytest.fixture
def installed(database: Database) -> Dispatcher:
    """A fresh installation with the demo's company, as the command makes it."""
    dispatcher = installation.dispatcher(database, clock=TestClock())
    installation.prepare(dispatcher, TENANT, demo=True)
    return dispatcher


def test_from_the_order_to_the_recall(installed: Dispatcher) -> None:
    said: list[str] = []
    ending = story.tell(installed, TENANT, said.append)
    assert ending.report.differences == []
    assert ending.whole
    nothing_is_left_over(ending)
    the_plan_is_tighter_and_the_plates_are_held(installed, ending)
    told = "\n".join(said)
    for sentence in ("Do not release the lot", "Release (engineering)", "unexplained 0"):
        assert sentence in told
    with pytest.raises(TaleRefused):  # a company is founded once
        story.tell(installed, TENANT, said.append)
    the_same_company_may_live_through_it_again(installed, said)


def the_same_company_may_live_through_it_again(installed: Dispatcher, said: list[str]) -> None:
    """As the bench tells it, to see that the book may grow."""
    teller = Teller(installed, TENANT, said.append)
    teller.passwords |= {name: f"{name}-tells-it-1" for name, *_ in chapters.MORE_PEOPLE}
    named = chapters.happen(teller, 2)
    with installed.database.reading() as db:
        found = [lots.by_number(db, TENANT, number) for number in named.values()]
        balances = [mass_balance.of_lot(db, TENANT, each.lot_id) for each in found]
        assert [each.unexplained for each in balances] == [0, 0, 0]
        assert actions.by_number(db, TENANT, "FA-2026-00002").status == "closed"


def nothing_is_left_over(ending: Ending) -> None:
    bad, good, plates = (ending.balances[name] for name in ending.lots)
    assert (bad.received, bad.scrapped) == (10, 10)
    assert (good.received, good.issued, plates.produced) == (10, 10, 5)
    assert (plates.shipped, plates.destroyed) == (2, 2)  # net of what came back
    assert [each.unexplained for each in (bad, good, plates)] == [0, 0, 0]


def the_plan_is_tighter_and_the_plates_are_held(installed: Dispatcher, ending: Ending) -> None:
    with installed.database.reading() as db:
        today = installed.clock().date()
        item_id = item_by_number(db, TENANT, SCREW).item_id
        plan = plans.in_force(db, TENANT, item_id, SCREW, today)
        assert format(plan.characteristics[1].upper_limit or 0, "f") == "56.20"
        plates = lots.by_number(db, TENANT, ending.lots["plates"])
        held = [each.document for each in status.open_holds(db, TENANT, plates.lot_id)]
        assert held == ["field_action FA-2026-00001"]
        action = actions.by_number(db, TENANT, "FA-2026-00001")
        assert action.status == "closed"
        assert reconciliation.of_action(db, TENANT, action).complete
