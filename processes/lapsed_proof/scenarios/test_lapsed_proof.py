"""What lapses is told once, and somebody answers for it: each way, to its end."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.actors import engine_actor
from engine.commands.configuration import ChangeConfiguration
from engine.identifiers import new_id
from engine.outcomes import Rejected
from engine.store.tables import process_instance
from processes.incoming_inspection.scenarios.inspection import deliver
from processes.ledger import suppliers, trainings
from processes.ledger.commands import RecordCalibration, RecordTraining, SetSupplierStatus
from processes.ledger.purchasing import certificates
from processes.ledger.purchasing.certificates import Certificate
from processes.ledger.purchasing.commands import RegisterCertificate
from processes.ledger.trainings import Training
from tests.people import BEN, DORA, Person
from tests.scenario import TENANT, Scenario

SAM = Person("sam", "Sam Gu", "顾三", ("SQE",))
HANA = Person("hana", "Hana Qi", "齐花", ("QE",))
BO = Person("bo", "Bo Lin", "林博", ("BUY",))


def ask(company: Scenario, command: Any) -> Any:
    result = company.must(
        company.dispatcher.dispatch(command, engine_actor(TENANT, "installation"))
    )
    company.background.run_until_idle()
    return result


def opened(company: Scenario, activity: str, by: Person) -> UUID:
    return company.open(activity, by).work_item_id.process_instance_id


def people(company: Scenario) -> None:
    for each in (SAM, HANA, BO):
        company.add(each)


def lapses(company: Scenario) -> int:
    with company.database.reading() as db:
        table = process_instance
        found = db.execute(select(table.c.process_id).where(table.c.process_id == "lapsed_proof"))
        return len(found.all())


def certificate(company: Scenario, number: str, ends_in: int) -> None:
    today = company.clock().date()
    shown = Certificate(
        kind="iso9001",
        number=number,
        scope="screws",
        body="TÜV",
        valid_from=today - timedelta(days=300),
        valid_to=today + timedelta(days=ends_in),
    )
    ask(
        company,
        RegisterCertificate(command_id=new_id(), supplier_number="S-1002", certificate=shown),
    )


def test_an_expired_certificate_is_told_once_and_renewed(company: Scenario) -> None:
    people(company)
    before = lapses(company)
    certificate(company, "C-OLD", ends_in=400)
    assert lapses(company) == before
    company.clock.advance(days=402)
    company.background.run_until_idle()
    company.background.run_until_idle()
    mine = [
        item
        for item in company.worklist(SAM)
        if item.activity_id == "RenewCertificate" and "C-OLD" in (item.title or "")
    ]
    assert len(mine) == 1
    instance = mine[0].work_item_id.process_instance_id
    until = (company.clock() + timedelta(days=700)).date()
    company.do(
        "RenewCertificate",
        SAM,
        instance,
        decision="renewed",
        number="C-NEW",
        scope="screws",
        body="TÜV",
        valid_from=company.clock().date().isoformat(),
        valid_to=until.isoformat(),
        reason="renewed in time for the audit",
    )
    assert company.status(instance) == "completed"
    with company.database.reading() as db:
        source = suppliers.by_number(db, TENANT, "S-1002")
        shown = certificates.newest(db, TENANT, source.supplier_id)
    assert "C-NEW" in {each.number for each in shown}


def test_without_it_the_supplier_is_conditional_and_buying_reviews_its_orders(
    company: Scenario,
) -> None:
    people(company)
    certificate(company, "C-OLD", ends_in=400)
    company.clock.advance(days=402)
    company.background.run_until_idle()
    mine = next(i for i in company.worklist(SAM) if "C-OLD" in (i.title or ""))
    instance = mine.work_item_id.process_instance_id
    company.do("RenewCertificate", SAM, instance, decision="restrict", reason="audit is late")
    told = [e for e in company.events(instance) if e["event"] == "message.thrown"]
    assert [(each["name"], each["payload"]["status"]) for each in told] == [
        ("supplier.status", "conditional")
    ]
    with company.database.reading() as db:
        assert suppliers.by_number(db, TENANT, "S-1002").status == "conditional"


def train(company: Scenario, until: date) -> None:
    new = Training(
        person="ben",
        subject="WI-INSPECT",
        valid_from=until - timedelta(days=365),
        valid_to=until,
        evidence="TR-1",
    )
    ask(company, RecordTraining(command_id=new_id(), training=new))


def test_a_training_that_ran_out_stops_the_step_until_it_is_renewed(company: Scenario) -> None:
    people(company)
    rules = dict(company.dispatcher.documents(TENANT)["inspection_rules"])
    rules["training"] = {"measure": "WI-INSPECT"}
    ask(
        company,
        ChangeConfiguration(
            command_id=new_id(), key="inspection_rules", document=rules, why="skills matrix"
        ),
    )
    train(company, company.clock().date())
    inspection = deliver(company)
    inspection.check_documents()
    inspection.draw_samples()
    first, *others = inspection.to_measure()
    inspection.measure_one(first, {}, by=BEN, defects=0)
    company.clock.advance(days=2)
    company.background.run_until_idle()
    data = {"findings": [{"conforming": True}]}
    size = company.context(others[-1])["characteristic"]["sample_size"]
    refused = company.attempt(
        "Measure", BEN, inspection.instance, item=others[-1], findings=data["findings"] * size
    )
    assert isinstance(refused, Rejected)
    assert "WI-INSPECT" in refused.message["en"]
    instance = opened(company, "RenewTraining", DORA)
    until = (company.clock() + timedelta(days=365)).date()
    company.do(
        "RenewTraining",
        DORA,
        instance,
        renewed=True,
        valid_to=until.isoformat(),
        evidence="TR-2",
        reason="yearly course",
    )
    with company.database.reading() as db:
        assert trainings.valid_until(db, TENANT, "ben", "WI-INSPECT") == until
    inspection.measure()
    assert "Review" in inspection.open_activities()


def test_an_instrument_out_of_tolerance_raises_its_nonconformity(company: Scenario) -> None:
    people(company)
    inspection = deliver(company)
    inspection.inspect()
    company.clock.advance(days=1)
    at = company.clock()
    failed = RecordCalibration(
        command_id=new_id(),
        instrument_number="MIC-0003",
        calibrated_at=at,
        due_on=at.date() + timedelta(days=365),
        in_tolerance=False,
        certificate="CAL-99",
    )
    ask(company, failed)
    instance = opened(company, "AssessReadings", HANA)
    doubt = company.variables(instance)["doubt"]
    case = inspection.case["inspection"]
    assert (doubt["inspections"], doubt["lots"]) == ([case["number"]], [case["lot_number"]])
    company.do(
        "AssessReadings", HANA, instance, effect="possible", severity="S3", reason="+0.02 mm"
    )
    assert company.status(instance) == "completed"
    (raised,) = [e for e in company.events(instance) if e["event"] == "message.thrown"]
    assert raised["payload"]["lot_number"] == case["lot_number"]
    assert (raised["payload"]["source_kind"], raised["payload"]["severity"]) == (
        "calibration",
        "S3",
    )
    assert company.verify().differences == []


def test_one_that_measured_nothing_since_ends_by_itself(company: Scenario) -> None:
    people(company)
    at = company.clock()
    failed = RecordCalibration(
        command_id=new_id(),
        instrument_number="FRC-0001",
        calibrated_at=at,
        due_on=at.date() + timedelta(days=365),
        in_tolerance=False,
        certificate="CAL-98",
    )
    ask(company, failed)
    assert [i for i in company.worklist(HANA) if i.activity_id == "AssessReadings"] == []


def test_a_supplier_that_became_conditional_has_its_waiting_lots_planned_anew(
    company: Scenario,
) -> None:
    people(company)
    for place in range(3):
        good = deliver(company, supplier_lot=f"GOOD-{place + 2}")
        good.inspect()
        good.review()
        good.accept()
    waiting = deliver(company, supplier_lot="WAIT-9")
    assert waiting.case["mode"]["mode"] == "NORMAL"
    other = SetSupplierStatus(
        command_id=new_id(), supplier_number="S-1002", status="conditional", why="late answers"
    )
    ask(company, other)
    assert "DecidePlan" not in waiting.open_activities()
    made = SetSupplierStatus(
        command_id=new_id(), supplier_number="S-1001", status="conditional", why="late answers"
    )
    ask(company, made)
    assert "DecidePlan" in waiting.open_activities()
