"""Inspection in the book: what must hold before a lot is released (INV-11, 17, 18)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from engine.services import ServiceContext
from processes.ledger import (
    certificate_values,
    inspection_lots,
    inspection_results,
    instruments,
    plans,
    receipts,
    status,
    usage_decisions,
)
from processes.ledger.attribute_sampling import SamplingPlan
from processes.ledger.certificate_values import CertificateValue
from processes.ledger.evaluation import evaluate, summary
from processes.ledger.inspection_lots import InspectionClosed, InspectionLot, Sampling
from processes.ledger.inspection_results import (
    DocumentFinding,
    Reading,
    ReadingExists,
    ReadingsIncomplete,
    RetestNotAllowed,
)
from processes.ledger.instruments import Calibration, OutOfCalibration, Use, WrongInstrument
from processes.ledger.plans import NoInspectionPlan
from processes.ledger.receipts import Delivery
from processes.ledger.status import SignatureMissing
from processes.ledger.usage_decisions import Decision, NothingToDecide, ReleaseRefused
from tests.processes.conftest import ANN, BEN, CLEO, DORA, NOW, TENANT, TODAY, Book

PLAN = {
    "number": "IP-1",
    "version": 1,
    "effective_from": "2026-01-01",
    "approved_by": ["QE", "QA"],
    "documents_required": [{"code": "coc", "names": {"en": "CoC", "zh": "合格证明"}}],
    "characteristics": [
        {
            "names": {"en": "Bore", "zh": "孔径"},
            "class": "critical",
            "kind": "measured",
            "method": "WI-1",
            "instrument_type": "caliper",
            "unit": "mm",
            "lower_limit": "9.90",
            "upper_limit": "10.10",
            "sampling": {"rule": "fixed", "sample_size": 2, "acceptance_number": 0},
        },
        {
            "names": {"en": "Surface", "zh": "表面"},
            "class": "minor",
            "kind": "attribute",
            "method": "WI-2",
            "requirement": {"en": "clean", "zh": "清洁"},
            "sampling": {"rule": "fixed", "sample_size": 3, "acceptance_number": 1},
        },
    ],
}


class Bench:
    """An inspection lot of ten valves in quarantine, with a plan and a caliper."""

    def __init__(self, book: Book) -> None:
        self.book = book
        context = book.by(CLEO)
        plans.register(context, plans.read_plan(PLAN, book.item_id))
        names = {"en": "Caliper", "zh": "卡尺"}
        for number in ("CAL-1", "CAL-2", "CAL-3"):
            instruments.register(
                context, number, "caliper", names, unit_code="mm", resolution=Decimal("0.01")
            )
        self.calibrate("CAL-1", days_ago=30)
        self.calibrate("CAL-2", days_ago=400)
        self.line = receipts.post(book.by(ANN), delivery())
        self.inspection = inspection_lots.open_for(book.by(BEN), self.line)
        self.plan = inspection_lots.plan_of(book.db, TENANT, self.inspection)
        self.samplings = [
            Sampling(
                characteristic_number=each.number,
                plan=SamplingPlan(
                    sample_size=each.sampling["sample_size"],
                    acceptance_number=each.sampling["acceptance_number"],
                    rejection_number=each.sampling["acceptance_number"] + 1,
                    basis={"en": "fixed", "zh": "固定数量"},
                ),
                sample_units=tuple(range(1, each.sampling["sample_size"] + 1)),
            )
            for each in self.plan.characteristics
        ]
        inspection_lots.fix_sampling(
            context, self.inspection, self.samplings, mode="NORMAL", severity="normal", seed="s"
        )

    def calibrate(self, number: str, *, days_ago: int, in_tolerance: bool = True) -> int:
        at = NOW - timedelta(days=days_ago)
        outcome = Calibration(
            calibrated_at=at,
            due_on=at.date() + timedelta(days=365),
            in_tolerance=in_tolerance,
            certificate="C-1",
        )
        return instruments.record_calibration(self.book.by(CLEO), number, outcome)

    def measure(
        self, *values: str, number: int = 0, instrument: str = "CAL-1"
    ) -> list[inspection_results.Result]:
        readings = [
            Reading(sample_number=place, value=Decimal(value))
            if number == 0
            else Reading(sample_number=place, defects=int(value))
            for place, value in enumerate(values, start=1)
        ]
        return inspection_results.record_readings(
            self.book.by(BEN),
            self.inspection,
            self.plan.characteristics[number],
            self.samplings[number],
            readings,
            instrument_number=instrument if number == 0 else None,
        )

    def documents(self, finding: str = "conforming") -> None:
        findings = [DocumentFinding(code="coc", finding=finding)]
        inspection_results.record_documents(self.book.by(BEN), self.inspection, findings)

    def inspected(self) -> "Bench":
        self.documents()
        self.measure("10.00", "10.05")
        self.measure("0", "1", "0", number=1)
        return self

    def evaluated(self) -> dict[str, Any]:
        results = inspection_results.results_of(
            self.book.db, TENANT, self.inspection.inspection_lot_id
        )
        retested = inspection_results.retests_of(
            self.book.db, TENANT, self.inspection.inspection_lot_id
        )
        return summary(evaluate(self.plan, self.samplings, results), retested)

    def release(self, context: ServiceContext, accepted: int = 10) -> None:
        decision = Decision(
            decision="ACCEPT", verdict="ACCEPT", accepted=accepted, quantity=10, reason=None
        )
        usage_decisions.release(context, self.inspection, decision)

    def reread(self) -> InspectionLot:
        return inspection_lots.find(self.book.db, TENANT, self.inspection.inspection_lot_id)


def delivery(supplier_lot: str = "A1") -> Delivery:
    return Delivery(
        item="VALVE-1",
        supplier="S-1",
        delivery_note="DN-1",
        supplier_lot=supplier_lot,
        quantity=Decimal(10),
        location="Q-01",
    )


@pytest.fixture
def bench(book: Book) -> Bench:
    return Bench(book)


def test_a_lot_that_passed_is_released_by_another_person(bench: Bench) -> None:
    bench.inspected().release(bench.book.by(DORA, "REL"))
    bench.inspection = bench.reread()
    assert bench.inspection.status == "decided"
    with pytest.raises(InspectionClosed):
        bench.measure("10.00", "10.00")


def _another_inspection(bench: Bench) -> None:
    movement = receipts.post(bench.book.by(ANN), delivery("A1"))
    again = receipts.ReceiptLine(
        **{
            **{name: getattr(movement, name) for name in movement.__slots__},
            "lot": bench.line.lot,
        }
    )
    inspection_lots.open_for(bench.book.by(BEN), again)


def _hold(bench: Bench) -> None:
    status.place_hold(
        bench.book.by(DORA),
        bench.line.lot,
        reason="complaint",
        owner_role="QA",
        document_kind="ncr",
        document_id="N-1",
    )


def _missing_document(bench: Bench) -> None:
    bench.documents("missing")


def _certificate_out_of_limits(bench: Bench) -> None:
    value = CertificateValue(
        document_code="coc", characteristic_number=1, value=Decimal("11.00"), conforming=False
    )
    certificate_values.record(bench.book.by(BEN), bench.inspection, 1, [value])


@pytest.mark.parametrize(
    "spoil", [_another_inspection, _hold, _missing_document, _certificate_out_of_limits]
)
def test_inv_11_what_speaks_against_a_release_stops_it(
    bench: Bench, spoil: Callable[[Bench], None]
) -> None:
    bench.inspected()
    spoil(bench)
    with pytest.raises(ReleaseRefused):
        bench.release(bench.book.by(DORA, "REL"))
    assert bench.reread().status == "open"


def test_inv_11_without_a_document_check_nothing_is_released(bench: Bench) -> None:
    bench.measure("10.00", "10.05")
    with pytest.raises(ReleaseRefused):
        bench.release(bench.book.by(DORA, "REL"))


def test_inv_11_nobody_releases_what_they_inspected(bench: Bench) -> None:
    bench.inspected()
    both = bench.book.by(BEN, "REL")
    with pytest.raises(ReleaseRefused, match="yourself"):
        bench.release(both)


def test_inv_17_a_decision_is_signed_in_its_command(bench: Bench) -> None:
    bench.inspected()
    with pytest.raises(SignatureMissing):
        bench.release(bench.book.by(DORA))
    hold = Decision(decision="HOLD", verdict="HOLD", accepted=0, quantity=10, reason="look again")
    with pytest.raises(SignatureMissing):
        usage_decisions.refuse(bench.book.by(DORA, "REL"), bench.inspection, hold)
    usage_decisions.refuse(bench.book.by(DORA, "REJ"), bench.inspection, hold)


@pytest.mark.parametrize("accepted", [0, -1, 11])
def test_no_more_is_accepted_than_there_is(bench: Bench, accepted: int) -> None:
    bench.inspected()
    with pytest.raises(NothingToDecide):
        bench.release(bench.book.by(DORA, "REL"), accepted)


def test_inv_18_a_reading_needs_an_instrument_in_calibration(bench: Bench) -> None:
    for number in ("CAL-2", "CAL-3"):  # overdue; never calibrated
        with pytest.raises(OutOfCalibration):
            bench.measure("10.00", "10.00", instrument=number)
    usable = instruments.in_calibration(bench.book.db, TENANT, "caliper", Use(NOW, TODAY))
    assert [each.number for each in usable] == ["CAL-1"]
    bench.measure("10.00", "10.00")


def test_inv_18_a_calibration_out_of_tolerance_names_the_readings_in_doubt(bench: Bench) -> None:
    bench.measure("10.00", "10.05")
    assert bench.calibrate("CAL-1", days_ago=0, in_tolerance=False) == 2
    caliper = instruments.by_number(bench.book.db, TENANT, "CAL-1")
    doubted = instruments.readings_in_doubt(bench.book.db, TENANT, caliper.instrument_id, NOW)
    assert [row.value for row in doubted] == [Decimal("10.00"), Decimal("10.05")]
    with pytest.raises(OutOfCalibration, match="out of tolerance"):
        instruments.require_usable(bench.book.db, TENANT, "CAL-1", "caliper", Use(NOW, TODAY))


def test_a_method_names_its_type_of_instrument(bench: Bench) -> None:
    with pytest.raises(WrongInstrument):
        instruments.require_usable(bench.book.db, TENANT, "CAL-1", "micrometer", Use(NOW, TODAY))


def test_readings_out_of_limits_are_kept_as_they_are(bench: Bench) -> None:
    results = bench.measure("10.11", "9.90")
    assert [(each.value, each.conforming) for each in results] == [
        (Decimal("10.11"), False),
        (Decimal("9.90"), True),
    ]


def test_as_many_units_as_the_plan_says(bench: Bench) -> None:
    for values in ((), ("10.00",), ("10.00", "10.00", "10.00")):
        with pytest.raises(ReadingsIncomplete):
            bench.measure(*values)


def test_a_reading_is_not_overwritten_and_retested_once(bench: Bench) -> None:
    bench.measure("10.11", "10.00")
    with pytest.raises(ReadingExists):
        bench.measure("10.00", "10.00")
    cleo = bench.book.by(CLEO)
    with pytest.raises(RetestNotAllowed):  # conforms, or was not measured
        inspection_results.authorise_retest(cleo, bench.inspection, [2], "why")
    inspection_results.authorise_retest(cleo, bench.inspection, [1], "zero not set")
    assert bench.measure("10.02", "10.00")[0].attempt == 2
    with pytest.raises(ReadingExists):
        bench.measure("10.00", "10.00")
    with pytest.raises(RetestNotAllowed):
        inspection_results.authorise_retest(cleo, bench.inspection, [1], "again")


def test_the_retest_counts_and_the_original_stays(bench: Bench) -> None:
    bench.measure("10.11", "10.00")
    found = bench.evaluated()
    assert found["critical_nonconforming"] == 1
    assert [each["value"] for each in found["retest_candidates"]] == ["1"]
    inspection_results.authorise_retest(bench.book.by(CLEO), bench.inspection, [1], "why")
    bench.measure("10.02", "10.00")
    found = bench.evaluated()
    assert (found["critical_nonconforming"], found["retest_candidates"]) == (0, [])
    first = found["characteristics"][0]
    assert (first["smallest"], first["mean"], first["largest"]) == (
        Decimal("10.00"),
        Decimal("10.010"),
        Decimal("10.02"),
    )


def test_defects_are_counted_by_class_against_the_acceptance_number(bench: Bench) -> None:
    bench.measure("10.00", "10.00")
    bench.measure("1", "1", "0", number=1)
    found = bench.evaluated()
    assert (found["minor_nonconforming"], found["minor_accepted"]) == (2, False)
    assert (found["major_accepted"], found["complete"]) == (True, True)


def test_a_receipt_line_is_under_one_inspection_at_a_time(bench: Bench) -> None:
    point = bench.book.db.begin_nested()
    with pytest.raises(IntegrityError):
        inspection_lots.open_for(bench.book.by(BEN), bench.line)
    point.rollback()


def test_the_plan_is_frozen_into_the_inspection(bench: Bench) -> None:
    newer = {**PLAN, "version": 2, "effective_from": "2026-06-01"}
    plans.register(bench.book.by(CLEO), plans.read_plan(newer, bench.book.item_id))
    in_force = plans.in_force(bench.book.db, TENANT, bench.book.item_id, "VALVE-1", NOW.date())
    assert in_force.version == 2
    frozen = inspection_lots.plan_of(bench.book.db, TENANT, bench.inspection)
    assert frozen.version == 1


def test_without_a_plan_nothing_is_inspected(book: Book) -> None:
    with pytest.raises(NoInspectionPlan):
        plans.in_force(book.db, TENANT, book.item_id, "VALVE-1", date(2025, 1, 1))
