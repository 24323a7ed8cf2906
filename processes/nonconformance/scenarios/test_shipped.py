"""Affected units have left: the field is assessed, management knows within the hour."""

from datetime import timedelta

import pytest

from processes.incoming_inspection.scenarios.inspection import send
from processes.ledger.distribution import shipments
from processes.ledger.lots import Lot
from processes.nonconformance.scenarios.nonconformance import (
    JIN,
    OMAR,
    QUALITY,
    Nonconformance,
    report,
)
from tests.people import DORA
from tests.processes import test_shipments
from tests.processes.conftest import ANN as ANN_OF_THE_BOOK
from tests.processes.conftest import small_book
from tests.processes.making import add_consignee, add_device, add_market, add_places
from tests.scenario import Scenario

TOLD = (("InformQuality", DORA), ("Inform", OMAR), ("InformGeneral", OMAR))
"""Quality assurance, the management representative, the general manager: here two people."""


@pytest.fixture
def shipped(scenario: Scenario) -> Lot:
    """A lot of a device, of which two are with a hospital and eight on the shelf."""
    with scenario.database.transaction() as db:
        book = small_book(db)
        add_places(book)
        add_device(book)
        add_market(book)
        add_consignee(book)
        lot = test_shipments.device_lot(book)
        shipments.post(book.by(ANN_OF_THE_BOOK), test_shipments.order(lot))
        db.commit()
    for person in QUALITY:
        scenario.add(person)
    return lot


def critical(scenario: Scenario, lot: Lot) -> Nonconformance:
    nc = report(scenario, lot.number)
    nc.to_disposition(
        severity="S5", product_kind="sterile_finished", resterilisation_validated=False
    )
    return nc


def test_the_field_is_assessed_and_chased(scenario: Scenario, shipped: Lot) -> None:
    nc = critical(scenario, shipped)
    assert nc.case["reach"]["shipped"][0]["consignee"] == "C-1"
    assert nc.case["class"]["class"] == "CRITICAL"
    assert nc.case["classified"]["risk_score"] == 5 * 2 * 4
    [asked] = nc.sent("fieldaction.assess")
    assert asked["lots"] == [shipped.number]
    assert asked["aware_at"].startswith("2026-11-23T01:00")
    assert nc.open_activities() == ["Inform", "InformGeneral", "InformQuality", "Propose"]
    for activity, by in TOLD:
        nc.do(activity, by, arranged="daily meeting at 9")
    nc.approve(("8", "SCRAP"))
    assert nc.stock() == {("R-01", "REJECTED"): 8}
    nc.scrap()
    scenario.clock.advance(days=1, minutes=1)
    scenario.background.run_until_idle()
    assert nc.open_activities() == ["ChaseAssessment"]
    number = nc.record.number
    send(scenario, "fieldaction.assessed", number, {"field_action": "FA-1", "decision": "recall"})
    nc.do("ChaseAssessment", JIN, spoken_to="Mei Tang", note="decided this morning")
    assert nc.open_activities() == ["DecideCapa"]
    assert nc.case["capa_rule"]["trigger"] == "critical"
    nc.close(capa=True)
    assert nc.status == "completed"


def test_quality_management_and_general_manager_each_know_within_the_hour(
    scenario: Scenario, shipped: Lot
) -> None:
    nc = critical(scenario, shipped)
    assert nc.case["classified"]["class"] == "CRITICAL"
    for activity, by in TOLD:
        told = scenario.open(activity, by, nc.instance)
        assert told.due_at == scenario.clock() + timedelta(hours=1)
    nc.do("InformGeneral", OMAR, arranged="resources are free")
    assert {"Inform", "InformQuality"} <= set(nc.open_activities())  # one does not answer for all
    assert (nc.case["informed_general"]["arranged"], nc.case.get("informed")) == (
        "resources are free",
        None,
    )
