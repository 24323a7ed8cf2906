"""Goods on consignment, from the order to its closing; and the package that a line asks for."""

from typing import Any

from sqlalchemy import Connection, select

from engine.outcomes import Rejected
from processes.change_control.scenarios.test_after_release import booking
from processes.ledger import balances, items, locations, lots, movements, ownership, packages
from processes.ledger.balances import Place
from processes.ledger.movements import Document, Movement
from processes.ledger.purchasing.tables import order_settlement
from processes.procurement.scenarios.purchase import FINN, GAO, SCREW, Purchase, begin
from tests.people import ANN
from tests.scenario import TENANT, Scenario


def use(company: Scenario, lot_number: str, quantity: int, kind: str = "SAMPLE") -> None:
    """Use some of what lies in quarantine up in a test, or send it back."""
    with booking(company, ANN) as context:
        lot = lots.by_number(context.db, TENANT, lot_number)
        place = locations.by_code(context.db, TENANT, "Q-01")
        movements.post(
            context,
            Movement(
                movement_type=kind,
                lot_id=lot.lot_id,
                quantity=quantity,
                document=Document("test", "1"),
                source=Place(place.location_id, "QUARANTINE"),
                outcome="SAMPLED" if kind == "SAMPLE" else "RETURNED",
                consigned=None if kind == "SAMPLE" else quantity,
                reason="x",
            ),
        )
    company.background.run_until_idle()


def theirs(company: Scenario) -> list[tuple[str, int]]:
    with company.database.reading() as db:
        assert balances.differences(db, TENANT) == []
        return [(row.number, row.consigned) for row in ownership.not_ours(db, TENANT)]


def test_goods_on_consignment_are_paid_as_they_are_used(buyers: Scenario) -> None:
    purchase = begin(buyers)
    purchase.order(purchase.line(consigned=True))
    receipt = purchase.receive(100)
    assert theirs(buyers) == [("S-1001", 100)]
    purchase.decided(receipt, 100)
    assert purchase.open == ["Attend"]  # all accepted, nothing used: nothing to pay, nothing over
    use(buyers, receipt["lot_number"], 40)
    assert purchase.open == ["Attend", "Invoice"]
    purchase.invoice(("60", "12.50"))
    assert purchase.open == ["Attend", "MatchDifference"]
    assert [x["field"] for x in purchase.case["match"]["differences"]] == ["not_used"]
    purchase.do("MatchDifference", GAO, decision="another", reason="40 were used")
    purchase.invoice(("40", "12.50"))
    assert purchase.open == ["Attend"]
    refused = purchase.attempt("Attend", FINN, decision="cancel", reason="enough")
    assert not isinstance(refused, Rejected)
    over = purchase.attempt("ConfirmCancel", GAO, decision="cancel", reason="enough")
    assert isinstance(over, Rejected)  # 60 lie here that are the supplier's
    purchase.do("ConfirmCancel", GAO, decision="keep", reason="use them up first")
    use(buyers, receipt["lot_number"], 50)
    use(buyers, receipt["lot_number"], 10, "RTV")
    assert theirs(buyers) == []
    purchase.invoice(("50", "12.50"), number="F-2")
    purchase.do("CloseOrder", FINN)
    assert purchase.status == "completed"
    with buyers.database.reading() as db:
        kinds = db.execute(select(order_settlement.c.kind, order_settlement.c.quantity)).all()
    assert sorted(map(tuple, kinds)) == [("returned", 10), ("used", 40), ("used", 50)]
    assert buyers.verify().differences == []


def package(db: Connection, name: str) -> Any:
    item = items.by_number(db, TENANT, SCREW)
    return next(x for x in packages.of_item(db, TENANT, item.item_id) if x.name == name)


def ordered_by(buyers: Scenario, name: str, *, strict: bool) -> Purchase:
    purchase = begin(buyers)
    purchase.order(purchase.line(package=name, package_strict=strict))
    return purchase


def test_a_line_that_takes_one_package_refuses_another(buyers: Scenario) -> None:
    purchase = ordered_by(buyers, "case", strict=True)
    instance = purchase.at_the_dock(100)
    found = buyers.variables(instance)["check"]["findings"]
    assert [each["code"] for each in found] == ["PackageDiffers"]
    assert "外箱" in found[0]["message"]["zh"]
    assert purchase.case["order"]["lines"][0]["received"] == 0


def test_another_package_is_taken_and_noted_where_it_may_be(buyers: Scenario) -> None:
    receipt = ordered_by(buyers, "case", strict=False).receive(100)
    assert receipt["package"] == {"ordered": "case", "came": "each", "contains": 1}
    assert receipt["quantity"] == 100
    with buyers.database.reading() as db:
        assert package(db, "each").base_quantity == 1


def test_the_package_that_was_ordered_needs_no_word(buyers: Scenario) -> None:
    receipt = ordered_by(buyers, "each", strict=True).receive(100)
    assert receipt["package"] is None
