"""A delivery is booked into quarantine, or goes to the warehouse lead, but never into the book."""

from typing import Any
from uuid import UUID

import pytest

from engine.outcomes import Rejected
from forms.barcodes import read_scan
from processes.ledger import balances, items, lots, status
from tests.people import ANN, Person
from tests.scenario import TENANT, Scenario

LENA = Person("lena", "Lena Qian", "钱蕾", ("WHL",))
SCREW = "00841132112939"
TUBING, TUBING_BOX = "00840861100781", "10840861100788"


def delivery(**more: Any) -> dict[str, Any]:
    return {
        "supplier": "S-1001",
        "delivery_note": "DN-1",
        "item_number": SCREW,
        "supplier_lot": "HX-77",
        "quantity": "10",
        "containers": 1,
        "packages_whole": True,
        "location": "Q-01",
        **more,
    }


def receive(company: Scenario, **more: Any) -> UUID:
    instance = company.start("receiving", by=ANN)
    company.do("Receive", ANN, instance, **delivery(**more))
    return instance


def test_a_delivery_is_booked_into_quarantine(company: Scenario) -> None:
    instance = receive(company)
    assert company.status(instance) == "completed"
    receipt = company.variables(instance)["receipt"]
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, receipt["lot_number"])
        found = balances.of_lot(db, TENANT, lot.lot_id)
        assert [(b.location_code, b.status, b.quantity) for b in found] == [
            ("Q-01", "QUARANTINE", 10)
        ]
        assert lot.supplier_lot == "HX-77"
    assert "stock.moved" in [event["event"] for event in company.events(instance)]
    assert company.verify().differences == []


def test_a_delivery_of_several_lots_is_one_receipt(company: Scenario) -> None:
    instance = receive(company, more=True)
    first = company.variables(instance)["receipt"]
    assert company.status(instance) == "running"  # inspection has been told of the first already
    company.do("Receive", ANN, instance, **delivery(supplier_lot="HX-78", quantity="5", more=True))
    company.do("Receive", ANN, instance, **delivery(supplier_lot="HX-79", quantity="2"))
    last = company.variables(instance)["receipt"]
    assert company.status(instance) == "completed"
    assert (first["number"], first["line"]) == (last["number"], 1)
    assert last["line"] == 3
    told = [e["payload"] for e in company.events(instance) if e["event"] == "message.thrown"]
    assert [(each["receipt_number"], each["quantity"]) for each in told] == [
        (first["number"], 10),
        (first["number"], 5),
        (first["number"], 2),
    ]
    assert company.verify().differences == []


def test_one_receipt_has_one_delivery_note(company: Scenario) -> None:
    instance = receive(company, more=True)
    other = company.attempt("Receive", ANN, instance, **delivery(delivery_note="DN-2"))
    assert isinstance(other, Rejected)
    assert "DN-1" in other.message["en"]
    company.add(LENA)
    company.do("Receive", ANN, instance, **delivery(supplier="S-1002"))
    company.do("Clarify", LENA, instance, decision="refuse", reason="not ordered")
    assert company.status(instance) == "completed"
    number = company.variables(instance)["receipt"]["number"]
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, company.variables(instance)["receipt"]["lot_number"])
        held = balances.of_lot(db, TENANT, lot.lot_id)
    assert (number[:3], [each.quantity for each in held]) == ("RCV", [10])


def test_a_box_counts_as_what_is_in_it(company: Scenario) -> None:
    instance = receive(
        company,
        supplier="S-1002",
        item_number=TUBING_BOX,
        supplier_lot="RP1",
        quantity="3",
    )
    receipt = company.variables(instance)["receipt"]
    assert (receipt["item_number"], receipt["quantity"], receipt["unit"]) == (TUBING, 300, "ea")


def test_one_scan_fills_item_lot_and_expiry(company: Scenario) -> None:
    """The box of twelve sutures, by the barcode on its label."""
    raw = "]d20120817470007309172806301" + "0MW-2231"
    scan = read_scan(raw, now=company.clock()).to_json()
    instance = receive(
        company,
        supplier="S-1001",
        label=scan,
        item_number="20817470007309",
        supplier_lot="MW-2231",
        expiry="2028-06-30",
        quantity="2",
    )
    receipt = company.variables(instance)["receipt"]
    assert (receipt["item_number"], receipt["quantity"]) == ("00817470007305", 24)
    other = company.start("receiving", by=ANN)
    refused = company.attempt("Receive", ANN, other, **delivery(label=scan, supplier_lot="MW-9999"))
    assert isinstance(refused, Rejected)
    assert {error.path for error in refused.errors} == {"/item_number", "/supplier_lot"}


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        ({"supplier": "S-1002"}, "NotApprovedToSupply"),
        ({"item_number": "99999999999999"}, "NotInLedger"),
        ({"location": "A-01-01"}, "StatusDoesNotFit"),
        ({"quantity": "0.5"}, "QuantityNotExact"),
    ],
)
def test_what_cannot_be_booked_goes_to_the_warehouse_lead(
    company: Scenario, wrong: dict[str, Any], finding: str
) -> None:
    company.add(LENA)
    instance = receive(company, **wrong)
    assert company.variables(instance)["check"]["findings"][0]["code"] == finding
    company.do("Clarify", LENA, instance, decision="correct", reason="typed wrong")
    company.do("Receive", ANN, instance, **delivery())
    assert company.status(instance) == "completed"


def test_a_delivery_is_refused_and_nothing_is_booked(company: Scenario) -> None:
    company.add(LENA)
    instance = receive(company, supplier="S-1002")
    company.do("Clarify", LENA, instance, decision="refuse", reason="not ordered")
    assert company.status(instance) == "completed"
    with company.database.reading() as db:
        item = items.by_number(db, TENANT, SCREW)
        assert lots.search(db, TENANT, item.number) == []
    refused = [e for e in company.events(instance) if e["event"] == "delivery.refused"]
    assert refused[0]["reason"] == "not ordered"


def test_expired_goods_do_not_come_in(company: Scenario) -> None:
    company.add(LENA)
    tubing = {"supplier": "S-1002", "item_number": "00840861100491", "supplier_lot": "R9"}
    instance = receive(company, **tubing)
    assert company.variables(instance)["check"]["findings"][0]["code"] == "ExpiryMissing"
    instance = receive(company, **tubing, expiry="2027-01")
    assert company.variables(instance)["check"]["findings"][0]["code"] == "RemainingLifeTooShort"
    instance = receive(company, **tubing, expiry="2028-01")
    assert company.status(instance) == "completed"
    assert company.variables(instance)["delivery"]["expiry"] == "2028-01-31"


def test_units_with_serial_numbers_are_scanned_one_by_one(company: Scenario) -> None:
    company.add(LENA)
    pump = {
        "supplier": "S-1003",
        "item_number": "00813502011258",
        "supplier_lot": "P7",
        "expiry": "2029-06-30",
        "quantity": "2",
    }
    instance = receive(company, **pump, serials=[{"serial": "SN-1"}])
    assert company.variables(instance)["check"]["findings"][0]["code"] == "SerialsDiffer"
    instance = receive(company, **pump, serials=[{"serial": "SN-1"}, {"serial": "SN-2"}])
    assert company.status(instance) == "completed"
    again = company.start("receiving", by=ANN)
    outcome = company.attempt(
        "Receive", ANN, again, **delivery(**pump, serials=[{"serial": "SN-2"}, {"serial": "SN-3"}])
    )
    assert isinstance(outcome, Rejected)
    assert "SN-2" in outcome.message["en"]


def test_what_may_be_counterfeit_is_held_and_reported_as_severe(company: Scenario) -> None:
    instance = receive(company, counterfeit=True)
    assert company.status(instance) == "completed"
    assert "receipt" in holds_of(company, instance)
    raised = next(e for e in company.events(instance) if e.get("name") == "nc.raised")
    assert (raised["payload"]["severity"], raised["payload"]["lot_number"]) == (
        "S4",
        company.variables(instance)["receipt"]["lot_number"],
    )


def test_a_free_sample_is_kept_from_production(company: Scenario) -> None:
    instance = receive(company, free_sample=True)
    assert holds_of(company, instance) == ["sample"]
    assert not [e for e in company.events(instance) if e.get("name") == "nc.raised"]


def holds_of(company: Scenario, instance: UUID) -> list[str]:
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, company.variables(instance)["receipt"]["lot_number"])
        return [each.document.split()[0] for each in status.open_holds(db, TENANT, lot.lot_id)]


def test_a_wrong_password_books_nothing(company: Scenario) -> None:
    instance = company.start("receiving", by=ANN)
    outcome = company.attempt("Receive", ANN, instance, password="wrong", **delivery())  # noqa: S106
    assert isinstance(outcome, Rejected)
    assert company.status(instance) == "running"
    with company.database.reading() as db:
        assert lots.search(db, TENANT, SCREW) == []


def test_a_typed_lot_that_looks_like_a_known_one_is_asked_about(company: Scenario) -> None:
    """Edge case 18: the label says O123, the book 0123; only the label tells which it is."""
    company.add(LENA)
    receive(company, supplier_lot="0123")
    instance = receive(company, supplier_lot="O123", delivery_note="DN-2")
    (finding,) = company.variables(instance)["check"]["findings"]
    assert finding["code"] == "LooksAlike"
    assert "0123" in finding["message"]["en"]
    company.do("Clarify", LENA, instance, decision="correct", reason="look again")
    company.do(
        "Receive",
        ANN,
        instance,
        **delivery(supplier_lot="O123", delivery_note="DN-2", lot_confirmed=True),
    )
    assert company.status(instance) == "completed"
    receipt = company.variables(instance)["receipt"]
    with company.database.reading() as db:
        assert lots.by_number(db, TENANT, receipt["lot_number"]).supplier_lot == "O123"


def test_what_was_scanned_is_marked_and_not_asked_about(company: Scenario) -> None:
    receive(company, supplier_lot="0123")
    instance = receive(
        company, supplier_lot="O123", supplier_lot_entry={"raw": "]C0O123"}, delivery_note="DN-2"
    )
    assert company.status(instance) == "completed"
    done = [e for e in company.events(instance) if e["event"] == "work_item.completed"]
    assert done[0]["data"]["supplier_lot_entry"] == {"how": "scanned", "raw": "]C0O123"}
    assert done[0]["data"]["item_number_entry"] == {"how": "typed"}
    (posted,) = [e for e in company.events(instance) if e["event"] == "receipt.posted"]
    assert posted["typed"] == ["item_number"]
