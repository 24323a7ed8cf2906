"""A good lot: from the delivery to the shelf for released stock."""

from engine.outcomes import Reason, Rejected
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import inspection_lots, lots, supplier_history, suppliers
from tests.people import ANN, BEN, CLEO, DORA
from tests.scenario import TENANT, Scenario


def test_an_accepted_lot_is_in_released_stock(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    assert inspection.stock() == {("Q-01", "QUARANTINE"): 10}
    inspection.accept()
    assert inspection.stock() == {("Q-01", "RELEASED"): 10}
    inspection.do("PutAway", ANN, label_applied=True, location="A-01-01")
    assert inspection.stock() == {("A-01-01", "RELEASED"): 10}
    assert inspection.status == "completed"
    assert inspection.open_activities() == []
    assert [e["decision"] for e in company.events(inspection.instance)
            if e["event"] == "inspection_lot.decided"] == ["ACCEPT"]  # fmt: skip


def test_the_lot_is_released_in_the_transaction_of_the_signature(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    inspection.do("UsageDecision", DORA, decision="ACCEPT", accepted_quantity="10")
    refused = inspection.attempt("Release", DORA, password="not mine")  # noqa: S106
    assert isinstance(refused, Rejected)
    assert inspection.stock() == {("Q-01", "QUARANTINE"): 10}
    inspection.do("Release", DORA)
    events = company.events(inspection.instance)
    names = [event["event"] for event in events]
    assert names.index("signature.made") < names.index("stock.moved")
    released = [e for e in events if e["event"] == "stock.moved" and e["type"] == "STAT"]
    assert [(e["from"]["status"], e["to"]["status"]) for e in released] == [
        ("QUARANTINE", "RELEASED")
    ]


def test_a_part_of_a_lot_is_accepted_and_the_rest_rejected(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    inspection.accept("7")
    assert inspection.stock() == {("Q-01", "RELEASED"): 7, ("Q-01", "REJECTED"): 3}


def test_the_first_lots_are_inspected_tightened_and_history_counts(company: Scenario) -> None:
    for number in range(4):
        inspection = deliver(company, supplier_lot=f"LOT-{number}")
        mode = inspection.case["mode"]["mode"]
        assert mode == ("TIGHTENED" if number < 3 else "NORMAL"), number
        if number == 3:
            break
        inspection.inspect()
        inspection.review()
        inspection.accept()
        inspection.do("PutAway", ANN, label_applied=True, location="A-01-01")
    with company.database.reading() as db:
        source = suppliers.by_number(db, TENANT, "S-1001")
        lot = lots.search(db, TENANT, "LOT-0")[0]
        events = supplier_history.history(db, TENANT, source.supplier_id, lot.item_id)
    assert [event.accepted for event in events] == [True, True, True]


def test_the_reviewer_is_another_person(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.check_documents(by=CLEO)
    inspection.draw_samples()
    inspection.measure()
    answers = {"complete": True, "retests_justified": True, "agrees": True}
    for person in (BEN, CLEO):
        refused = inspection.attempt("Review", person, **answers)
        assert isinstance(refused, Rejected)
        assert refused.reason is Reason.SEGREGATION_OF_DUTIES
    assert inspection.open_activities() == ["Review"]


def test_samples_are_kept_with_their_seed(company: Scenario) -> None:
    inspection = deliver(company)
    case = inspection.case
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, case["inspection"]["lot_number"])
        open_lots = inspection_lots.open_of_lot(db, TENANT, lot.lot_id)
        samplings = inspection_lots.samplings_of(db, TENANT, next(iter(open_lots)))
    assert len(case["sampling"]["seed"]) == 32
    assert sorted({u for s in samplings for u in s.sample_units}) == case["sampling"]["units"]


def test_the_whole_record_verifies(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect()
    inspection.review()
    inspection.accept()
    assert company.verify().differences == []
