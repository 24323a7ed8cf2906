"""What a nonconformity does to the next delivery: skip-lot is withdrawn, a grave one tightens."""

from datetime import timedelta

from sqlalchemy import insert

from engine.identifiers import new_id
from processes.ledger import items, suppliers
from processes.ledger.tables import supplier_event
from processes.nonconformance.scenarios.nonconformance import HANA, receive, report
from tests.people import ANN, BEN, DORA
from tests.scenario import TENANT, Scenario

CATHETER = "00817470007305"
"""Criticality B, from S-1001, which is rated 92."""


def accepted_before(company: Scenario, item_number: str, lots: int) -> None:
    """Put accepted lots of the past weeks into the supplier's history."""
    with company.database.transaction() as db:
        source = suppliers.by_number(db, TENANT, "S-1001")
        item = items.by_number(db, TENANT, item_number)
        rows = [
            {
                "tenant_id": TENANT,
                "supplier_event_id": new_id(),
                "supplier_id": source.supplier_id,
                "item_id": item.item_id,
                "kind": "lot_inspected",
                "resubmission": False,
                "severity": "normal",
                "accepted": True,
                "accepted_one_step_tighter": True,
                "acceptance_number": 0,
                "received_at": company.clock() - timedelta(days=lots - number),
                "recorded_at": company.clock(),
                "actor": "ben",
            }
            for number in range(lots)
        ]
        db.execute(insert(supplier_event), rows)
        db.commit()


def mode_of_next(company: Scenario, supplier_lot: str) -> tuple[str, str]:
    """Receive a delivery of the catheter; give the mode of its inspection and its lot."""
    receiving = company.start("receiving", by=ANN)
    expiry = (company.clock().date() + timedelta(days=900)).isoformat()
    company.do(
        "Receive",
        ANN,
        receiving,
        supplier="S-1001",
        delivery_note="DN-1",
        item_number=CATHETER,
        supplier_lot=supplier_lot,
        expiry=expiry,
        quantity="10",
        containers=1,
        packages_whole=True,
        location="Q-01",
    )
    lot_number = company.variables(receiving)["receipt"]["lot_number"]
    (inspection,) = [
        each.work_item_id.process_instance_id
        for each in company.worklist(BEN)
        if lot_number in (each.title or "") and each.activity_id == "CheckDocuments"
    ]
    return company.variables(inspection)["mode"]["mode"], lot_number


def test_skip_lot_is_withdrawn_by_a_nonconformity_and_given_back_when_it_was_none(
    company: Scenario,
) -> None:
    accepted_before(company, CATHETER, 13)
    mode, lot_number = mode_of_next(company, "L1")
    assert mode == "SKIP-LOT"
    nc = report(company, lot_number)
    assert mode_of_next(company, "L2")[0] == "NORMAL"
    nc.do("Triage", HANA, verdict="duplicate", verdict_reason="reported twice")
    nc.do("ConfirmVoid", DORA, confirmed=True, reason="reported twice")
    assert mode_of_next(company, "L3")[0] == "SKIP-LOT"
    assert company.verify().differences == []


def test_a_grave_one_that_the_supplier_caused_tightens_the_next_lots(company: Scenario) -> None:
    accepted_before(company, CATHETER, 13)
    _mode, lot_number = mode_of_next(company, "L1")
    nc = report(company, lot_number)
    nc.triage(severity="S4", supplier_caused=True)
    nc.scope()
    assert mode_of_next(company, "L2")[0] == "TIGHTENED"


def test_a_grave_one_that_was_our_own_does_not(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.triage(severity="S4", supplier_caused=False)
    nc.scope()
    told = [each for each in company.events(nc.instance) if each["event"] == "supplier.event"]
    assert [(each["kind"], each["nonconformity"]) for each in told] == [
        ("nonconformity", nc.record.number)
    ]
