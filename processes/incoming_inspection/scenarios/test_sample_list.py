"""The sample list: kept as data, printed with a label for each sample, and read."""

from io import BytesIO
from uuid import UUID

from pypdf import PdfReader
from sqlalchemy import select

from processes.documents import pdf, symbols
from processes.documents.report import Labels, Language
from processes.incoming_inspection import sample_page
from processes.incoming_inspection.scenarios.inspection import Inspection, deliver
from processes.ledger import inspection_lots, samples
from processes.ledger.attribute_sampling import SamplingPlan
from processes.ledger.inspection_lots import InspectionLot, Sampling
from processes.ledger.samples import Sample
from processes.ledger.tables import characteristic_result
from tests.scenario import TENANT, Scenario

PAGES: dict[Language, tuple[str, str]] = {
    "zh": ("抽样清单", "样品标签"),
    "en": ("Sample list", "Labels"),
}


def listed(inspection: Inspection) -> list[Sample]:
    inspected = UUID(str(inspection.case["inspection"]["id"]))
    with inspection.company.database.reading() as db:
        return samples.of_inspection(db, TENANT, inspected)


def test_each_unit_that_is_drawn_is_one_sample_with_a_code(company: Scenario) -> None:
    inspection = deliver(company)
    case = inspection.case
    found = listed(inspection)
    assert [each.unit for each in found] == case["sampling"]["units"]
    assert [each.code for each in found[:2]] == [
        f"{case['inspection']['number']}-001",
        f"{case['inspection']['number']}-002",
    ]
    assert {each.box for each in found} == {1}
    assert case["sampling"]["boxes"] == [1]
    meant = {
        each["number"]: {one["unit"] for one in each["samples"]}
        for each in case["sampling"]["to_measure"]
    }
    for number, units in meant.items():
        assert units == {each.unit for each in found if number in each.characteristics}


def test_units_are_looked_for_in_the_box_that_they_lie_in() -> None:
    """Ten units in three boxes as they stand: 1 to 3, 4 to 6, 7 to 10."""
    id_ = UUID(int=0)
    inspection = InspectionLot(
        inspection_lot_id=id_,
        number="IQC-1",
        receipt_line_id=id_,
        lot_id=id_,
        supplier_id=id_,
        inspection_plan_id=id_,
        quantity=10,
        resubmission=False,
        status="open",
        mode=None,
        severity=None,
        verdict=None,
        decision=None,
        process_instance_id=id_,
    )
    every = Sampling(
        characteristic_number=1,
        plan=SamplingPlan(sample_size=10, acceptance_number=0, rejection_number=1),
        severity="normal",
        sample_units=tuple(range(1, 11)),
    )
    found = samples.listed(inspection, [every], lot_size=10, boxes=3)
    assert [each.box for each in found] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 3]


def test_readings_refer_to_the_sample_that_they_were_taken_of(company: Scenario) -> None:
    inspection = deliver(company)
    inspection.inspect()
    table = characteristic_result
    with company.database.reading() as db:
        kept = db.execute(
            select(table.c.unit_reference).where(table.c.characteristic_number == 2)
        ).scalars()
        references = set(kept)
    assert references == {each.code for each in listed(inspection) if 2 in each.characteristics}


def test_the_page_has_a_label_for_each_sample(company: Scenario) -> None:
    inspection = deliver(company)
    number = inspection.case["inspection"]["number"]
    with company.database.reading() as db:
        found = inspection_lots.by_number(db, TENANT, number)
        for language, words in PAGES.items():
            page = sample_page.page(db, TENANT, found, language, company.clock())
            text = "\n".join(
                each.extract_text() for each in PdfReader(BytesIO(pdf.render(page))).pages
            )
            for shown in (*words, number, inspection.case["sampling"]["seed"]):
                assert shown in text.replace("\u200b", ""), shown
            for each in listed(inspection):
                assert text.replace("\u200b", "").count(each.code) == 2, each.code
            assert "签名" not in text
    (labels,) = page.sections[-1].blocks
    assert isinstance(labels, Labels)
    assert "<svg" in labels.labels[0].picture


def test_the_picture_is_of_the_code_that_it_stands_beside(company: Scenario) -> None:
    inspection = deliver(company)
    with company.database.reading() as db:
        found = inspection_lots.by_number(db, TENANT, inspection.case["inspection"]["number"])
        page = sample_page.page(db, TENANT, found, "en", company.clock())
    (labels,) = page.sections[-1].blocks
    assert isinstance(labels, Labels)
    for each in labels.labels:
        assert each.picture == symbols.data_matrix(each.code)
    assert len({each.picture for each in labels.labels}) == len(labels.labels)
