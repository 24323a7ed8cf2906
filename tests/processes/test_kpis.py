"""Key figures: each against records whose answer was worked out by hand, on both databases."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
    insert,
    select,
)

from engine.store.base import Id, Instant, metadata
from processes import migrations, registry
from processes.ledger.kpis import figures
from processes.ledger.kpis.figures import Figure
from processes.ledger.kpis.reading import middle, share
from tests.processes.conftest import Book

TENANT = "kpi"
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, noon in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS: Mapping[str, Mapping[str, Any]] = {
    "item": {"item_type": "finished", "criticality": "A", "tracking": "lot", "status": "released"},
    "unit_of_measure": {"unit_code": "ea", "decimals": 0},
    "package_level": {"level": 0},
    "effectiveness_sample": {"level": "A"},
    "supplier": {"status": "approved"},
    "lot": {"origin": "produced"},
    "location": {"zone": "released"},
    "nonconformity": {"stage": "incoming", "cycle": 1},
    "nonconformity_cycle": {"cycle": 1},
    "nonconformity_closure": {"outcome": "closed", "signature_meaning": "CLOS"},
    "nonconformity_lot": {"finding": "affected"},
    "hold": {"kind": "HOLD"},
    "corrective_action": {"scale": "full", "status": "open"},
    "change_order": {"kind": "permanent", "urgency": "normal", "status": "closed"},
    "inspection_lot": {"status": "decided"},
    "complaint": {"status": "open", "complainant": {}},
    "complaint_reportability": {"region": "CN", "reportable": False},
    "clock": {"nature": "deadline", "authority": "NMPA", "rule": {}},
    "clock_state": {"state": "running"},
    "field_action": {"mode": "real", "status": "executing", "cycle": 1},
    "notice": {"kind": "notice"},
    "notice_delivery": {"channel": "mail", "reached": True},
    "consignee": {"kind": "hospital", "tier": 1, "language": "zh", "recall_phone": "1"},
    "field_action_consignee": {"tier": 1, "language": "zh"},
    "requisition": {"status": "ordered"},
    "purchase_order": {"status": "sent", "version": 1, "draft": {}},
    "purchase_order_version": {"version": 1, "content": {}},
    "approved_supply": {"status": "approved", "rating": 80},
    "work_item": {"status": "open"},
    "process_instance": {"status": "running"},
}
SHARED = ("unit_of_measure", "item", "package_level")
"""One row for all that refer to one."""
_numbers = count(1)


class Records:
    """Rows put into tables, with the rows that they refer to made along the way."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        migrations.table_modules()

    def put(self, name: str, **given: Any) -> dict[str, Any]:
        """Insert a row; what is not given gets some value, and what it refers to a row."""
        table = metadata.tables[name]
        row = {"tenant_id": TENANT, **WORDS.get(name, {}), **given}
        for reference in table.foreign_key_constraints:
            self._refer(table, reference, row)
        for column in table.columns:
            if column.name not in row and not column.nullable:
                row[column.name] = _some(column.type)
        self.db.execute(insert(table), row)
        return row

    def _refer(self, table: Table, reference: ForeignKeyConstraint, row: dict[str, Any]) -> None:
        pairs = [(own.parent.name, own.column.name) for own in reference.elements]
        missing = [own for own, _ in pairs if own not in row]
        if not missing or any(table.columns[own].nullable for own in missing):
            return
        parent = reference.referred_table
        known = self._only(parent) if parent.name in SHARED else None
        theirs = {their: row[own] for own, their in pairs if own in row}
        made = known or self.put(parent.name, **theirs)
        row |= {own: made[their] for own, their in pairs}

    def _only(self, table: Table) -> dict[str, Any] | None:
        found = self.db.execute(select(table).where(table.c.tenant_id == TENANT)).first()
        return None if found is None else dict(found._mapping)

    def figure(self, code: str, **settings: Any) -> Figure:
        documents = dict(registry.documents())
        usual = documents["kpi_targets"]["figures"][code]
        one = {"period_days": 90, "figures": {code: {**usual, **settings}}}
        [found] = figures.every(self.db, TENANT, documents | {"kpi_targets": one}, NOW)
        return found

    def value(self, code: str, **settings: Any) -> tuple[str | None, int]:
        measured = self.figure(code, **settings).measured
        shown = None if measured.value is None else format(measured.value, "f")
        return shown, measured.counted


def _some(kind: Any) -> Any:
    number = next(_numbers)
    if isinstance(kind, Id):
        return UUID(int=number)
    if isinstance(kind, Instant):
        return NOW
    for sort, value in (
        (Boolean, False),
        (Integer, number),
        (Date, NOW.date()),
        (Text, f"X{number}"),
    ):
        if isinstance(kind, sort):
            return value
    return {} if type(kind).__name__ == "Document" else Decimal(1)


@pytest.fixture
def records(book: Book) -> Records:
    """The tables under another tenant than the small book's own: nothing there but what is put."""
    return Records(book.db)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def test_a_median_has_its_ninetieth_percentile_beside_it() -> None:
    found = middle([Decimal(each) for each in (9, 1, 3, 2, 5, 4, 8, 7, 6, 50)])
    assert (found.value, found.beside, found.counted) == (Decimal("5.5"), Decimal("9.0"), 10)
    assert middle([]).value is None
    assert share(1, 3).value == Decimal("33.3")
    assert share(0, 0).value is None  # nothing counted is neither nought nor hundred


def test_every_figure_is_named_and_has_its_target(records: Records) -> None:
    documents = registry.documents()
    found = figures.every(records.db, TENANT, documents, NOW)
    known = [each.code for each in figures.READINGS]
    assert sorted(known) == sorted(documents["kpi_targets"]["figures"])
    assert len(known) == len(set(known))
    assert {each.measured.value for each in found} == {None}
    assert {each.met for each in found} == {None}
    for each in found:
        assert set(each.reading.names) == set(each.reading.definition) == {"en", "zh"}


def test_the_target_and_the_period_are_data(records: Records) -> None:
    records.put("complaint", aware_at=ago(days=5), udi="(01)1")
    records.put("complaint", aware_at=ago(days=5))
    records.put("complaint", aware_at=ago(days=40))
    assert records.value("complaint_udi") == ("33.3", 3)
    assert records.value("complaint_udi", period_days=30) == ("50.0", 2)
    assert records.figure("complaint_udi", target="50", period_days=30).met is True
    assert records.figure("complaint_udi", target="50.1", period_days=30).met is False


def closed(records: Records, reported: datetime, at: datetime, **more: Any) -> None:
    found = records.put("nonconformity", reported_at=reported)
    key = {"nonconformity_id": found["nonconformity_id"]}
    records.put("nonconformity_cycle", **key)
    records.put("nonconformity_closure", **key, cycle=1, closed_at=at, **more)


def test_nc_cycle_time(records: Records) -> None:
    closed(records, ago(days=7), NOW)  # Monday noon to Monday noon: five working days
    closed(records, ago(days=3), NOW)  # Friday noon to Monday noon: one
    closed(records, ago(days=14), ago(days=7), outcome="void")  # five, and void ones count
    closed(records, ago(days=300), ago(days=200))  # closed before the period
    records.put("nonconformity", reported_at=ago(days=60))  # open
    found = records.figure("nc_cycle_time")
    assert (found.measured.value, found.measured.beside, found.measured.counted) == (
        Decimal("5.0"),
        Decimal("5.0"),
        3,
    )
    assert found.met is True


def test_nc_containment(records: Records) -> None:
    for hours in (1, 3):
        found = records.put("nonconformity", reported_at=ago(days=2))
        key = {"nonconformity_id": found["nonconformity_id"]}
        records.put("nonconformity_cycle", **key)
        held = records.put("hold", placed_at=ago(days=2) + hours * HOUR)
        records.put(
            "nonconformity_lot",
            **key,
            cycle=1,
            lot_id=held["lot_id"],
            hold_id=held["hold_id"],
        )
    figure = records.figure("nc_containment")
    assert (figure.measured.value, figure.measured.beside) == (Decimal("2.0"), Decimal("3.0"))
    assert figure.met is False


def received(records: Records, at: datetime) -> UUID:
    receipt = records.put("receipt", received_at=at)
    line = records.put("receipt_line", receipt_id=receipt["receipt_id"])
    line_id: UUID = line["receipt_line_id"]
    return line_id


def test_nc_rate(records: Records) -> None:
    for _ in range(8):
        received(records, ago(days=3))
    received(records, ago(days=100))
    records.put("nonconformity", reported_at=ago(days=3))
    assert records.value("nc_rate") == ("125.0", 8)


def test_capa(records: Records) -> None:
    for number, effective in enumerate((True, True, False, True)):
        found = records.put("corrective_action", opened_at=ago(days=100 - number * 20))
        records.put(
            "corrective_action_check",
            corrective_action_id=found["corrective_action_id"],
            check_number=1,
            effective=effective,
            checked_at=ago(days=1),
        )
    assert records.value("capa_effective") == ("75.0", 4)
    assert records.value("capa_old") == ("25.0", 4)  # 100 days; the others 80, 60, 40


def test_change_time(records: Records) -> None:
    for days in (10, 20, 60):
        records.put("change_order", requested_at=ago(days=days + 1), closed_at=ago(days=1))
    records.put("change_order", requested_at=ago(days=9), closed_at=ago(days=1), status="withdrawn")
    found = records.figure("change_time").measured
    assert (found.value, found.beside, found.counted) == (Decimal("20.0"), Decimal("60.0"), 3)


def test_emergencies_and_what_is_opened_again(records: Records) -> None:
    for more in ({}, {"kind": "emergency"}, {"cycle": 2}, {"kind": "deviation"}):
        records.put("change_order", requested_at=ago(days=30), **{"cycle": 1, **more})
    records.put("change_order", requested_at=ago(days=400), cycle=2, kind="emergency")
    assert records.value("change_emergency") == ("25.0", 4)
    assert records.value("change_reopened") == ("25.0", 4)


def test_holds(records: Records) -> None:
    records.put("hold", placed_at=ago(days=31))
    records.put("hold", placed_at=ago(days=29))
    released = records.put("hold", placed_at=ago(days=90))
    records.put("hold_release", hold_id=released["hold_id"], released_at=ago(days=1))
    assert records.value("holds_old") == ("50.0", 2)


def test_calibration(records: Records) -> None:
    def gauge(*calibrations: tuple[int, int, bool], in_service: bool = True) -> None:
        found = records.put("instrument", in_service=in_service)
        for days, lasts, good in calibrations:
            records.put(
                "calibration",
                instrument_id=found["instrument_id"],
                calibrated_at=ago(days=days),
                due_on=NOW.date() + lasts * DAY,
                in_tolerance=good,
            )

    gauge((10, 100, True))
    gauge((400, 0, True))  # due today: still good
    gauge((400, -1, True))  # overdue
    gauge((400, 30, True), (5, 300, False))  # the last one was out of tolerance
    gauge()  # never calibrated
    gauge(in_service=False)
    assert records.value("calibration") == ("40.0", 5)


def test_suppliers_valid(records: Records) -> None:
    for end in (None, NOW.date(), date(2026, 11, 22)):
        records.put("approved_supply", valid_to=end)
    records.put("approved_supply", valid_to=None, status="blocked")
    assert records.value("suppliers_valid") == ("66.7", 3)


def test_inspections(records: Records) -> None:
    given = [("ACCEPT", 10), ("ACCEPT", 72), ("REJECT", 73), ("CANCEL", 1)]
    for decision, hours in given:
        line_id = received(records, ago(days=5))
        records.put(
            "inspection_lot",
            receipt_line_id=line_id,
            decision=decision,
            decided_at=ago(days=5) + hours * HOUR,
        )
    again = received(records, ago(days=5))
    records.put(
        "inspection_lot",
        receipt_line_id=again,
        decision="ACCEPT",
        decided_at=ago(days=1),
        resubmission=True,
    )
    assert records.value("lot_acceptance") == ("66.7", 3)
    assert records.value("inspection_in_time") == ("66.7", 3)


def test_suppliers_deliver_on_time(records: Records) -> None:
    def line(promised: date, *came: tuple[int, datetime], status: str = "sent") -> None:
        order = records.put("purchase_order", status=status)
        key = {"purchase_order_id": order["purchase_order_id"]}
        records.put("purchase_order_version", **key, version=1)
        item = records.put("item")
        more = {"item_id": item["item_id"], "item_revision": "A", "quantity": 10}
        records.put("purchase_order_line", **key, version=1, line=1, promised_date=promised, **more)
        for quantity, at in came:
            line_id = received(records, at)
            records.put("order_receipt", **key, receipt_line_id=line_id, line=1, quantity=quantity)

    day = date(2026, 11, 16)
    noon, late = datetime(2026, 11, 16, 4, tzinfo=UTC), datetime(2026, 11, 16, 17, tzinfo=UTC)
    line(day, (10, noon))
    line(day, (4, noon - 3 * DAY), (6, noon))  # in two parts, whole by the day
    line(day, (4, noon), (6, late))  # 17:00 UTC is the next day in Shanghai
    line(day)  # nothing came
    line(day, (10, noon), status="cancelled")
    line(NOW.date(), (10, noon))  # the day is not over
    assert records.value("supplier_on_time") == ("50.0", 4)
    assert records.value("supplier_on_time", grace_days=1) == ("75.0", 4)


def test_complaints(records: Records) -> None:
    for days in (3, 7):
        found = records.put("complaint", aware_at=ago(days=days))
        records.put(
            "complaint_reportability",
            complaint_id=found["complaint_id"],
            decision_number=1,
            decided_at=NOW,
        )
    records.put("complaint", aware_at=ago(days=1), status="inquiry", closed_at=NOW)
    sold = records.put("shipment", shipped_at=ago(days=3))
    shelf = records.put("location", zone="quarantine")
    moved = records.put(
        "stock_movement",
        movement_type="RCV",
        to_location_id=shelf["location_id"],
        to_status="QUARANTINE",
        quantity=160,
        from_consigned=0,
        to_consigned=0,
    )
    records.put(
        "shipment_line",
        shipment_id=sold["shipment_id"],
        lot_id=moved["lot_id"],
        movement_id=moved["movement_id"],
        quantity=160,
        unit_code="ea",
    )
    figure = records.figure("complaint_decision")
    # Friday noon and the Monday before it, to Monday noon: one and five working days
    assert (figure.measured.value, figure.measured.beside) == (Decimal("3.0"), Decimal("5.0"))
    assert records.value("complaint_rate") == ("12.5", 160)


def test_reports_on_time(records: Records) -> None:
    def clock(due: datetime, stopped: datetime | None, authority: str = "NMPA") -> None:
        found = records.put("clock", authority=authority, started_at=ago(days=80))
        state = "running" if stopped is None else "stopped"
        records.put(
            "clock_state",
            clock_id=found["clock_id"],
            due_at=due,
            stopped_at=stopped,
            stop_evidence=None if stopped is None else "receipt",
            state=state,
        )

    clock(ago(days=5), ago(days=6))
    clock(ago(days=5), ago(days=5))
    clock(ago(days=5), ago(days=4))
    clock(ago(days=5), None)
    clock(ago(days=-5), None)  # not due yet
    clock(ago(days=5), None, "INTERNAL")
    assert records.value("reports_on_time") == ("50.0", 4)


def test_recalls(records: Records) -> None:
    def action(minutes: int, **more: Any) -> dict[str, Any]:
        aware = ago(days=10)
        frozen = aware + timedelta(minutes=minutes)
        return records.put(
            "field_action", aware_at=aware, frozen_at=frozen, decided_at=ago(days=9), **more
        )

    first, _ = action(5), action(25)
    mock = action(90, mode="mock", status="closed", closed_at=ago(days=100))
    for reached in (True, True, False, None):
        reader = records.put("field_action_consignee", field_action_id=first["field_action_id"])
        key = {name: reader[name] for name in ("field_action_id", "consignee_id")}
        if reached is not None:
            notice = records.put("notice", **key)
            records.put("notice_delivery", notice_id=notice["notice_id"], reached=reached)
            records.put("notice_delivery", notice_id=notice["notice_id"], reached=reached)
    figure = records.figure("recall_freeze")
    assert (figure.measured.value, figure.measured.beside) == (Decimal("15.0"), Decimal("25.0"))
    assert records.value("recall_notified") == ("50.0", 4)
    for effective in (True, True, False):
        for subject in (first, mock):
            records.put(
                "effectiveness_check",
                field_action_id=subject["field_action_id"],
                effective=effective,
                checked_at=ago(days=1),
            )
    assert records.value("recall_effective") == ("66.7", 3)
    assert records.value("mock_recall") == ("100", 1)
    assert records.figure("mock_recall").met is True


def test_late_work(records: Records) -> None:
    for hours in (-1, 1, 2, 3):
        records.put("work_item", due_at=NOW + hours * HOUR)
    records.put("work_item", due_at=ago(days=2), status="completed", closed_at=NOW)
    assert records.value("late_work") == ("25.0", 4)
