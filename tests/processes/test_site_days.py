"""The day is that of the site: at 23:30 UTC it is tomorrow in Shanghai, and today in California.

What is booked, expires, counts or comes into force is asked at both sites at that hour, and again
two and a half hours later, when UTC has turned the page and California has not.
"""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from engine.configuration.documents import write_document
from engine.services import ServiceContext
from engine.verification import Report
from processes.ledger import (
    balances,
    inspection_lots,
    inspection_results,
    instruments,
    items,
    locations,
    movements,
    plans,
    receipts,
    site_days,
    status,
    suppliers,
)
from processes.ledger.book_rules import check_versions
from processes.ledger.instruments import Calibration
from processes.ledger.locations import NewLocation
from processes.ledger.lot_numbers import Expiry
from processes.ledger.lots import Lot
from processes.ledger.movements import Document, Movement
from processes.ledger.numbers import next_number
from processes.ledger.purchasing import approved_list, assessments, eligibility
from processes.ledger.receipts import Delivery
from processes.ledger.status import NotReleased
from tests.processes.conftest import DORA, TENANT, Book
from tests.processes.test_inspection_rules import PLAN
from tests.processes.test_purchasing import arrives, line, sent

DAY = date(2026, 11, 22)
NEXT = DAY + timedelta(days=1)
EVENING = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
"""The 23rd in Shanghai, the 22nd in UTC and in California."""
NIGHT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""The 23rd in Shanghai and in UTC, the 22nd in California."""
HERE, THERE = "SZ01", "CA01"


def with_california(configuration: Any) -> Any:
    """Give the documents with a second site of ours, in California."""
    keep = {"site_calendars": deepcopy(configuration("site_calendars"))}
    names = {"en": "Site CA01", "zh": "CA01 工厂"}
    keep["site_calendars"]["calendars"][THERE] = {
        "names": names,
        "zone": "America/Los_Angeles",
        "based_on": "US",
        "days_off": [],
        "working_days": [],
    }
    return lambda key: keep[key] if key in keep else configuration(key)


@pytest.fixture
def two_sites(book: Book) -> Book:
    book.context = replace(book.context, configuration=with_california(book.context.configuration))
    for code, zone in {"C-Q": "quarantine", "C-A": "released"}.items():
        new = NewLocation(code=code, names={"en": code, "zh": code}, site=THERE, zone=zone)
        book.places[code] = locations.register(book.context, new)
    return book


def at(book: Book, now: datetime, *signed: str) -> ServiceContext:
    return book.by(DORA, *signed, now=now)


def test_the_day_is_that_of_the_site(two_sites: Book) -> None:
    days = {
        (now, site): site_days.today(at(two_sites, now), site)
        for now in (EVENING, NIGHT)
        for site in (HERE, THERE, None, "unknown")
    }
    assert {key for key, day in days.items() if day == DAY} == {(EVENING, THERE), (NIGHT, THERE)}
    assert set(days.values()) == {DAY, NEXT}


def test_a_day_begins_and_ends_at_midnight_of_the_site(two_sites: Book) -> None:
    configuration = two_sites.context.configuration
    begins = {site: site_days.start_of(configuration, NEXT, site) for site in (HERE, THERE)}
    assert begins == {
        HERE: datetime(2026, 11, 22, 16, tzinfo=UTC),
        THERE: datetime(2026, 11, 23, 8, tzinfo=UTC),
    }
    assert site_days.end_of(configuration, DAY, HERE) == begins[HERE]
    assert site_days.text(begins[HERE]) == "2026-11-22T16:00:00Z"


def test_the_place_is_looked_up_only_when_its_site_matters(two_sites: Book) -> None:
    asked: list[str] = []

    def note(_conn: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(two_sites.db, "before_cursor_execute", note)
    noon = at(two_sites, datetime(2026, 11, 22, 10, tzinfo=UTC))
    assert site_days.today_at(noon, two_sites.places["C-A"]) == DAY
    assert asked == []
    assert site_days.today_at(at(two_sites, EVENING), two_sites.places["C-A"]) == DAY
    assert len(asked) == 1
    event.remove(two_sites.db, "before_cursor_execute", note)


# --- stock ----------------------------------------------------------------------------------


def expiring(book: Book, day: date) -> Lot:
    made = book.lot("X1", expiry=Expiry(on=day, precision="day", raw=day.isoformat()))
    for code in ("A-01", "C-A"):
        where = book.place(code, "RELEASED")
        balances.put(book.db, TENANT, made.lot_id, where, 10)
    return made


def use(book: Book, made: Lot, code: str, now: datetime) -> None:
    taken = Movement(
        movement_type="ISS",
        lot_id=made.lot_id,
        quantity=1,
        document=Document("work order", "WO-1"),
        source=book.place(code, "RELEASED"),
        outcome="CONSUMED",
    )
    movements.post(at(book, now), taken)


@pytest.mark.parametrize("now", [EVENING, NIGHT])
def test_what_expires_today_is_used_until_midnight_of_its_site(
    two_sites: Book, now: datetime
) -> None:
    made = expiring(two_sites, DAY)
    use(two_sites, made, "C-A", now)
    with pytest.raises(NotReleased) as refused:
        use(two_sites, made, "A-01", now)
    assert refused.value.found == "EXPIRED"


def test_and_says_so_when_it_is_asked(two_sites: Book) -> None:
    made = expiring(two_sites, DAY)
    here, there = two_sites.place("A-01", "RELEASED"), two_sites.place("C-A", "RELEASED")
    status.require_released(at(two_sites, EVENING), made, there, None)
    with pytest.raises(NotReleased):
        status.require_released(at(two_sites, EVENING), made, here, None)


# --- receiving and inspection ----------------------------------------------------------------


def delivery(code: str, **more: Any) -> Delivery:
    return Delivery(
        **{
            "item": "VALVE-1",
            "supplier": "S-1",
            "supplier_lot": "B7",
            "quantity": Decimal(10),
            "location": code,
            "delivery_note": "DN-1",
            **more,
        }
    )


def found_against(book: Book, code: str, now: datetime, **more: Any) -> list[str]:
    return [each.code for each in receipts.check(at(book, now), delivery(code, **more))]


def approve_there(book: Book, **more: Any) -> None:
    suppliers.approve(
        book.context, book.supplier, book.item_id, "VALVE-1", site=THERE, rating=80, **more
    )


@pytest.mark.parametrize("now", [EVENING, NIGHT])
def test_goods_that_expire_today_are_received_where_it_is_still_today(
    two_sites: Book, now: datetime
) -> None:
    approve_there(two_sites, valid_from=date(2026, 1, 1))
    expiry = DAY.isoformat()
    assert found_against(two_sites, "C-Q", now, expiry=expiry) == []
    assert found_against(two_sites, "Q-01", now, expiry=expiry) == ["RemainingLifeTooShort"]


def test_an_approval_ends_with_the_day_of_its_site(two_sites: Book) -> None:
    approve_there(two_sites, valid_from=date(2026, 1, 1), valid_to=DAY)
    assert found_against(two_sites, "C-Q", NIGHT) == []
    assert found_against(two_sites, "C-Q", NIGHT + timedelta(hours=7)) == ["NotApprovedToSupply"]


def test_an_approval_begins_with_the_day_of_its_site(two_sites: Book) -> None:
    approve_there(two_sites, valid_from=NEXT)
    assert found_against(two_sites, "C-Q", NIGHT) == ["NotApprovedToSupply"]
    assert found_against(two_sites, "C-Q", NIGHT + timedelta(hours=7)) == []


def test_who_is_entered_on_the_list_is_on_it_from_the_day_of_the_site(two_sites: Book) -> None:
    bought = items.find(two_sites.db, TENANT, two_sites.item_id)
    for site in (HERE, THERE):
        context = at(two_sites, EVENING)
        two_sites.db.execute(text("DELETE FROM approved_supply"))
        approved_list.enter(
            context,
            two_sites.supplier,
            bought,
            site=site,
            status="approved",
            rating=80,
            valid_to=None,
        )
        entry = suppliers.supply(
            two_sites.db, TENANT, two_sites.supplier.supplier_id, bought.item_id, site
        )
        assert entry is not None
        assert entry.valid_from == {HERE: NEXT, THERE: DAY}[site]
        assert eligibility.of(context, two_sites.supplier, bought, site).entry == "valid"


@pytest.mark.parametrize(("code", "plan"), [("Q-01", "IP-1 v2"), ("C-Q", "IP-1 v1")])
def test_an_inspection_goes_by_the_plan_of_the_day_of_its_site(
    two_sites: Book, code: str, plan: str
) -> None:
    approve_there(two_sites, valid_from=date(2026, 1, 1))
    for version, begins in enumerate((date(2026, 1, 1), NEXT), start=1):
        document = {**PLAN, "version": version, "effective_from": begins.isoformat()}
        plans.register(two_sites.context, plans.read_plan(document, two_sites.item_id))
    context = at(two_sites, EVENING)
    line = receipts.post(context, delivery(code))
    opened = inspection_lots.open_for(context, line)
    used = inspection_lots.plan_of(two_sites.db, TENANT, opened)
    assert f"{used.number} v{used.version}" == plan
    keep = {"key": site_days.DOCUMENT, "document": context.configuration(site_days.DOCUMENT)}
    write_document(two_sites.db, tenant_id=TENANT, **keep, at=EVENING, by=None, reason=None)
    report = Report()
    check_versions(two_sites.db, TENANT, report)
    assert report.differences == []


def test_an_instrument_is_used_until_the_end_of_its_last_day(two_sites: Book) -> None:
    names = {"en": "Caliper", "zh": "卡尺"}
    resolution = Decimal("0.01")
    instruments.register(
        two_sites.context, "CAL-1", "caliper", names, unit_code="mm", resolution=resolution
    )
    outcome = Calibration(calibrated_at=EVENING - timedelta(days=9), due_on=DAY, in_tolerance=True)
    instruments.record_calibration(two_sites.context, "CAL-1", outcome)
    approve_there(two_sites, valid_from=date(2026, 1, 1))
    plans.register(two_sites.context, plans.read_plan(PLAN, two_sites.item_id))
    usable = {}
    for code in ("Q-01", "C-Q"):
        context = at(two_sites, EVENING)
        opened = inspection_lots.open_for(context, receipts.post(context, delivery(code)))
        use_now = inspection_results.used_now(context, opened)
        found = instruments.in_calibration(two_sites.db, TENANT, "caliper", use_now)
        usable[code] = [each.number for each in found]
    assert usable == {"Q-01": [], "C-Q": ["CAL-1"]}


# --- numbers, scores ------------------------------------------------------------------------------


def test_a_number_has_the_year_of_the_usual_site(two_sites: Book) -> None:
    eve = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    made = [next_number(at(two_sites, now), "PO") for now in (eve, eve + timedelta(minutes=1))]
    assert made == ["PO-2026-00001", "PO-2027-00001"]


def test_what_came_on_the_promised_day_of_the_site_was_on_time(two_sites: Book) -> None:
    """Promised for the 22nd: half past eleven UTC is the day after in Suzhou."""
    scores = {}
    for hour in (15, 23):
        book = two_sites
        savepoint = book.db.begin_nested()
        ordered = sent(book, replace(line(book), promised_date=DAY))
        arrives(book, ordered, 100, now=datetime(2026, 11, 22, hour, 30, tzinfo=UTC))
        scores[hour] = assessments.score(
            at(book, NIGHT),
            book.supplier,
            since=date(2026, 11, 1),
            until=date(2026, 12, 1),
            service=10,
        ).delivery
        savepoint.rollback()
    assert scores[15] > scores[23] == 0
