"""What lists of records read, on both databases: orders with what came of them, nonconformities."""

from uuid import UUID

from engine.identities.names import names_of
from processes import demo
from processes.ledger.nonconformity import listing as nonconformity_listing
from processes.ledger.nonconformity import nonconformities
from processes.ledger.purchasing import listing as order_listing
from processes.ledger.purchasing import orders
from processes.nonconformance.scenarios import nonconformance as nonconforming
from processes.procurement.scenarios.purchase import BUYERS, begin
from tests.scenario import TENANT, Scenario

FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)


def test_orders_with_what_came_and_was_invoiced(scenario: Scenario) -> None:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    for person in BUYERS:
        scenario.add(person)
    bought, later = begin(scenario), begin(scenario)
    bought.order()
    bought.deliver(60)
    bought.deliver(40)
    bought.invoice(("100", "13.00"), number="F-9")
    later.order()
    with scenario.database.reading() as db:
        newest, oldest = order_listing.latest(db, TENANT, before=LAST, limit=5)
        assert newest.order_number > oldest.order_number
        (again,) = order_listing.latest(db, TENANT, before=newest.purchase_order_id, limit=5)
        assert (again.order_number, again.supplier_number) == (oldest.order_number, "S-1001")
        found = orders.by_number(db, TENANT, oldest.order_number)
        came = order_listing.receipts_of(db, TENANT, found)
        assert [row.quantity for row in came] == [60, 40]
        decided = order_listing.decisions_of(db, TENANT, found)
        assert [(row.decision, row.accepted) for row in decided] == [("ACCEPT", 60), ("ACCEPT", 40)]
        (answer,) = order_listing.confirmations_of(db, TENANT, found)
        assert answer.reference == "OC-1"
        (invoice,) = order_listing.invoices_of(db, TENANT, found)
        assert (invoice.invoice_number, invoice.outcome) == ("F-9", "blocked")
        assert order_listing.waivers_of(db, TENANT, found) == []
        assert names_of(db, TENANT, ["ann", None, "engine"]) == {
            "ann": {"en": "Ann Zhao", "zh": "赵安"}
        }


def test_nonconformities_by_age_with_what_they_led_to(scenario: Scenario) -> None:
    demo.seed_master_data(scenario.dispatcher, TENANT)
    for person in nonconforming.QUALITY:
        scenario.add(person)
    old = nonconforming.report(scenario, nonconforming.receive(scenario))
    young = nonconforming.report(scenario)
    old.to_disposition()
    old.approve(("10", "SCRAP"))
    old.scrap()
    old.close()
    with scenario.database.reading() as db:
        found = nonconformities.by_number(db, TENANT, old.record.number)
        (still_open,) = nonconformity_listing.open_ones(db, TENANT, after=FIRST, limit=5)
        assert still_open.nonconformity_number == young.record.number
        every = nonconformity_listing.latest(db, TENANT, before=LAST, limit=5)
        assert [row.outcome for row in every] == [None, "closed"]
        assert (
            nonconformity_listing.open_ones(db, TENANT, after=still_open.nonconformity_id, limit=5)
            == []
        )
        (cycle,) = nonconformity_listing.cycles_of(db, TENANT, found)
        assert (cycle.cycle, cycle.closed_by) == (1, "dora")
        votes = nonconformity_listing.votes_of(db, TENANT, found)
        assert all(row.agrees for row in votes)
        assert {row.role for row in votes} >= {"QA"}
        assert nonconformity_listing.concessions_of(db, TENANT, found) == []
        assert nonconformity_listing.linked(db, TENANT, found) == []
