"""A nonconformance from the report to the closure, in one piece."""

from engine.outcomes import Rejected
from processes.nonconformance.scenarios.nonconformance import (
    HANA,
    receive,
    report,
)
from tests.scenario import Scenario


def test_a_lot_is_contained_scrapped_and_closed(company: Scenario) -> None:
    lot_number = receive(company)
    nc = report(company, lot_number)
    number = nc.case["nc"]["number"]
    assert nc.holds() == [f"nonconformity {number}"]  # in the command of the report
    assert nc.sent("lot.hold") == [
        {
            "lot_number": lot_number,
            "reason": "burrs on the thread",
            "source_kind": "nonconformity",
            "source_number": number,
        }
    ]
    nc.to_disposition()
    assert nc.case["class"]["class"] == "MAJOR"
    assert nc.open_activities() == ["Propose"]
    nc.approve(("10", "SCRAP"))
    assert nc.stock() == {("Q-01", "REJECTED"): 10}
    nc.scrap()
    assert nc.stock() == {}
    assert nc.open_activities() == ["DecideCapa"]
    nc.close()
    assert nc.status == "completed"
    assert nc.holds() == []
    assert nc.record.outcome == "closed"
    assert [each["lot_number"] for each in nc.sent("lot.released")] == [lot_number]
    [closed] = nc.sent("nc.closed")
    assert closed["dispositions"][0]["disposition"] == "SCRAP"
    signed = [e["meaning"] for e in company.events(nc.instance) if e["event"] == "signature.made"]
    assert signed == [
        *("AUTH", "REVW", "DISP", "AUTH", "DISP", "DISP", "DISP", "DISP"),
        *("APPR", "PERF", "WITN", "REVW", "CLOS"),
    ]
    assert company.verify().differences == []


def test_splits_that_do_not_add_up_are_refused(company: Scenario) -> None:
    nc = report(company, receive(company))
    nc.to_disposition()
    row = {"lot_number": nc.lot_number, "disposition": "SCRAP", "reason": "burrs"}
    refused = nc.attempt("Propose", HANA, splits=[{**row, "quantity": "9"}])
    assert isinstance(refused, Rejected)
    assert (refused.expected, refused.found) == ("10", "9")
