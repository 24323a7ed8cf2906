"""One order out of several requisitions: each keeps its own trail, none strands the others."""

from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Rejected
from processes.ledger.purchasing import orders, requisitions
from processes.procurement.scenarios.purchase import (
    BY_ROLE,
    FINN,
    GAO,
    SCREW,
    Purchase,
    begin,
)
from processes.procurement.scenarios.test_several_items import CLIP
from tests.people import Person
from tests.scenario import TENANT, Scenario


def approved(company: Scenario, item: str, quantity: str, **more: Any) -> Purchase:
    """Give a requisition for which a supplier is chosen, to be ordered together with others."""
    purchase = begin(company, item)
    purchase.request(quantity=quantity, estimated_price="2.00")
    purchase.approve("Requisition")
    purchase.source(unit_price="2.00", **{"together": True, **more})
    return purchase


@pytest.fixture
def others(buyers: Scenario) -> tuple[Purchase, Purchase]:
    """Two requisitions that wait for a common order from S-1001."""
    return approved(buyers, CLIP, "40"), approved(buyers, SCREW, "20")


@pytest.fixture
def first(buyers: Scenario, others: tuple[Purchase, Purchase]) -> Purchase:
    """The requisition with which the order begins; the buyer is about to write it."""
    assert [each.open for each in others] == [["Together"], ["Together"]]
    return approved(buyers, SCREW, "100", together=False)


def write(first: Purchase, *things: str) -> None:
    """Write the order: one line for each thing, in pieces as they were asked for."""
    offered = {each["thing"]: each for each in first.case["template"]["lines"]}
    first.build(
        *[
            first.line(
                str(offered[each]["quantity"]), "2.00", thing=each, specification=f"D-{each}"
            )
            for each in things
        ],
        **({"reason": "changed"} if first.case["template"]["version"] else {}),
    )


def number(purchase: Purchase) -> str:
    found: str = purchase.case["requisition"]["number"]
    return found


def standing(purchase: Purchase) -> str:
    """Give where the requisition stands in the book."""
    with purchase.company.database.reading() as db:
        id_ = UUID(purchase.case["requisition"]["id"])
        return requisitions.find(db, TENANT, id_).status


def everything(others: tuple[Purchase, Purchase]) -> list[str]:
    return ["1", *(f"{number(each)}/1" for each in others)]


def order_all(first: Purchase, others: tuple[Purchase, Purchase]) -> None:
    write(first, *everything(others))
    first.approve("Order")
    first.confirm()


def test_one_order_meets_several_requisitions(
    first: Purchase, others: tuple[Purchase, Purchase]
) -> None:
    order_all(first, others)
    lines = first.case["order"]["lines"]
    wanted = [number(first), number(others[0]), number(others[1])]
    assert [each["requisition"] for each in lines] == wanted
    assert [each["item_number"] for each in lines] == [SCREW, CLIP, SCREW]
    assert [standing(each) for each in (first, *others)] == ["ordered"] * 3
    assert others[0].case["joint"]["order"] == first.case["order"]["number"]  # it was told
    with first.company.database.reading() as db:
        order = orders.by_number(db, TENANT, first.case["order"]["number"])
        frozen = orders.content_of(db, TENANT, order, 1)["content"]
    assert [x["number"] for x in frozen["snapshot"]["requisitions"]] == sorted(wanted)
    first.deliver(100)
    first.decided(first.receive(40, 2, item_number=CLIP), 40)
    first.deliver(20, 3)
    first.invoice(("100", "2.00"), ("40", "2.00"), ("20", "2.00"))
    first.do("CloseOrder", FINN)
    assert [each.status for each in (first, *others)] == ["completed"] * 3
    assert [standing(each) for each in (first, *others)] == ["closed"] * 3
    assert first.company.verify().differences == []


def test_what_is_withdrawn_before_the_order_strands_nobody(
    first: Purchase, others: tuple[Purchase, Purchase]
) -> None:
    write(first, *everything(others))
    others[0].do("Together", FINN, decision="give_up", reason="not needed")
    others[0].do("ConfirmCancel", GAO, decision="cancel", reason="not needed")
    assert standing(others[0]) == "cancelled"
    *before, last = first.asked("Order")
    for role in before:
        first.do(f"Order{role}", BY_ROLE[role], decision="approve")
    refused = first.attempt(f"Order{last}", BY_ROLE[last], decision="approve")
    assert isinstance(refused, Rejected)
    assert number(others[0]) in refused.message["en"]
    first.do(f"Order{last}", BY_ROLE[last], decision="return", comment="without the clips")
    offered = [each["value"] for each in first.case["template"]["things"]]
    assert offered == ["1", f"{number(others[1])}/1"]
    write(first, *offered)
    first.approve("Order")
    assert first.case["order"]["version"] == 1
    assert standing(others[1]) == "ordered"


def test_when_the_first_is_given_up_the_others_wait_on(
    first: Purchase, others: tuple[Purchase, Purchase]
) -> None:
    write(first, *everything(others))
    role = first.asked("Order")[0]
    first.do(f"Order{role}", BY_ROLE[role], decision="reject", comment="too dear")
    for each in first.asked("Order"):
        first.do(f"Order{each}", BY_ROLE[each], decision="approve")
    first.do("ConfirmCancel", GAO, decision="cancel", reason="too dear")
    assert standing(first) == "cancelled"
    assert [standing(each) for each in others] == ["approved", "approved"]
    assert others[0].case["joint"]["order"] is None
    others[0].do("Together", FINN, decision="alone", reason="the clips are urgent")
    assert others[0].open == ["Build"]
    offered = [each["value"] for each in others[0].case["template"]["things"]]
    assert offered == ["1", f"{number(others[1])}/1"]


def test_what_is_ordered_leaves_by_a_change_only(
    first: Purchase, others: tuple[Purchase, Purchase]
) -> None:
    order_all(first, others)
    refused = others[0].attempt("Together", FINN, decision="alone", reason="urgent")
    assert isinstance(refused, Rejected)
    assert first.case["order"]["number"] in refused.message["en"]
    first.do("Attend", FINN, decision="change", reason="clips from elsewhere")
    write(first, "1", f"{number(others[1])}/1")
    first.approve("Order")
    assert [standing(each) for each in others] == ["approved", "ordered"]
    others[0].do("Together", FINN, decision="source", reason="another supplier")
    assert others[0].open == ["Source"]


def test_nobody_approves_the_order_of_what_they_asked_for(
    buyers: Scenario,
) -> None:
    both = Person("bo", "Bo Zhu", "朱波", ("REQ", "PUM", "PRD"))
    buyers.add(both)
    asked = Purchase(buyers, buyers.start("procurement", by=both), SCREW)
    asked.request(both, quantity="10")
    asked.approve("Requisition")
    asked.source(together=True)
    first = approved(buyers, SCREW, "100", together=False)
    write(first, "1", f"{number(asked)}/1")
    *before, last = first.asked("Order")
    first.do("OrderPRD", both, decision="approve")
    for role in (each for each in (*before, last) if each != "PRD"):
        outcome = first.attempt(f"Order{role}", BY_ROLE[role], decision="approve")
    assert isinstance(outcome, Rejected)
    assert number(asked) in outcome.message["en"]
