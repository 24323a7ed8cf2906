"""A reading out of specification: recorded, looked into, measured again once at most."""

from engine.outcomes import Rejected
from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from processes.ledger import inspection_lots, inspection_results, lots
from tests.people import BEN, CLEO
from tests.scenario import TENANT, Scenario

CHECK = {"instrument_ok": True, "method_ok": True, "sample_ok": True}


def results(inspection: Inspection) -> list[tuple[int, str]]:
    """Give (attempt, value) of the readings of the thread diameter, first sample."""
    company = inspection.company
    with company.database.reading() as db:
        lot = lots.by_number(db, TENANT, inspection.case["inspection"]["lot_number"])
        found = next(iter(inspection_lots.open_of_lot(db, TENANT, lot.lot_id)))
        kept = inspection_results.results_of(db, TENANT, found)
    return [
        (each.attempt, str(each.value))
        for each in kept
        if each.characteristic_number == 1 and each.sample_number == 1
    ]


def test_a_laboratory_error_allows_one_retest_and_keeps_the_original(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(values={1: ["2.710"]})
    assert inspection.open_activities() == ["LaboratoryCheck"]
    inspection.do(
        "LaboratoryCheck",
        CLEO,
        **{**CHECK, "instrument_ok": False},
        finding="laboratory_error",
        retests=[{"retest": True}],
        reason="zero point was not set",
    )
    assert [inspection.company.context(i)["characteristic"]["attempt"]
            for i in inspection.to_measure()] == [2]  # fmt: skip
    inspection.measure()
    assert results(inspection) == [(1, "2.710"), (2, "2.680")]
    assert inspection.open_activities() == ["Review"]
    assert inspection.case["verdict"]["verdict"] == "ACCEPT"


def test_a_second_failure_stands(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(values={1: ["2.710"]})
    inspection.do(
        "LaboratoryCheck",
        CLEO,
        **{**CHECK, "sample_ok": False},
        finding="laboratory_error",
        retests=[{"retest": True}],
        reason="samples mixed up",
    )
    inspection.measure({1: ["2.720"]})
    assert inspection.open_activities() == ["Review"]
    assert inspection.case["verdict"]["verdict"] == "REJECT"


def test_without_a_laboratory_error_the_result_stands(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(values={1: ["2.710"]})
    inspection.do("LaboratoryCheck", CLEO, **CHECK, finding="no_error", reason="all in order")
    assert results(inspection) == [(1, "2.710")]
    assert inspection.case["verdict"]["verdict"] == "REJECT"


def test_an_error_has_to_be_shown(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect(values={1: ["2.710"]})
    refused = inspection.attempt(
        "LaboratoryCheck",
        CLEO,
        **CHECK,
        finding="laboratory_error",
        retests=[{"retest": True}],
        reason="hm",
    )
    assert isinstance(refused, Rejected)


def test_an_instrument_out_of_calibration_measures_nothing(company: Scenario) -> None:
    """INV-18: the overdue caliper is not offered, and is refused when it is sent all the same."""
    inspection = deliver(company)
    inspection.check_documents()
    inspection.draw_samples()
    item = inspection.to_measure()[1]
    characteristic = company.context(item)["characteristic"]
    assert [each["value"] for each in characteristic["instruments"]] == ["CAL-0007"]
    rows = [{"value": "56.00"}] * characteristic["sample_size"]
    refused = company.attempt(
        "Measure", BEN, inspection.instance, item=item, instrument="CAL-0008", readings=rows
    )
    assert isinstance(refused, Rejected)
