"""Who reads which case: those with a part in it and those whom the customer names; nobody else."""

import hashlib
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select

from engine.commands.configuration import ChangeConfiguration
from engine.commands.work_items import ClaimWorkItem
from engine.identifiers import new_id
from engine.reading import readers
from engine.reading.instances import instances_of
from engine.reading.readers import DOCUMENT, Reader
from engine.store.tables import case_file, configuration, definition_file
from tests.api.conftest import Browser, Server
from tests.people import ADA, ANN, BEA, BEN, CLEO, EVE, Person
from tests.scenario import TENANT

GOOD = {"lot": "L1", "quantity": "12.50"}


def begun(server: Server) -> str:
    """Start an order of incoming inspection; give the case."""
    return str(server.workshop.start("toy_order", by=BEN))


def listed(browser: Browser) -> list[str]:
    return [i["process_instance_id"] for i in browser.get("/api/instances").get_json()["items"]]


def addresses(server: Server, case: str) -> list[str]:
    (item,) = server.workshop.items(UUID(case))
    return [
        f"/api/instances/{case}",
        f"/api/instances/{case}/history",
        f"/api/work-items/{item.work_item_id}",
    ]


def configure(server: Server, **changed: Any) -> None:
    command = ChangeConfiguration(
        command_id=new_id(), key=DOCUMENT, document={"about": {}, **changed}, why="another rule"
    )
    server.workshop.must(server.workshop.ask(command, ADA))


def reader(server: Server, person: Person, *roles: str) -> Reader:
    """Give somebody as a reader who has these roles now."""
    dispatcher = server.workshop.dispatcher
    with server.workshop.database.reading() as db:
        in_force = dispatcher.resources.catalogue.active(db, TENANT)
    account_id = server.workshop.actor(person).account_id
    assert account_id is not None
    return readers.reader_of(dispatcher.documents(TENANT), in_force, account_id, roles)


@pytest.mark.parametrize("person", [BEN, BEA, CLEO, EVE, ADA], ids=lambda p: p.username)
def test_who_has_a_part_or_oversees_reads_a_case(server_on: Server, person: Person) -> None:
    case = begun(server_on)
    browser = server_on.browser(person)
    assert listed(browser) == [case]
    for address in addresses(server_on, case):
        assert browser.get(address).status_code == 200


def test_who_has_no_part_reads_nothing_of_it(server_on: Server) -> None:
    case = begun(server_on)
    ann = server_on.browser(ANN, "zh")
    assert listed(ann) == []
    for address in addresses(server_on, case):
        answer = ann.get(address)
        assert answer.status_code == 403, address
        assert answer.get_json()["reason"] == "not_yours"
        assert "无权查看" in answer.get_json()["detail"]
        assert "L1" not in answer.text
    assert ann.get(f"/api/instances/{new_id()}").status_code == 404


def test_pages_hold_only_what_one_may_read(server_on: Server) -> None:
    """A page is full of one's own cases, however many of others lie between."""
    company = server_on.workshop
    mine = [str(company.start("toy_late", by=ANN)) for _ in range(2)]
    for _ in range(3):
        begun(server_on)
    mine.append(str(company.start("toy_late", by=ANN)))
    assert listed(server_on.browser(ANN)) == mine[::-1]
    assert len(listed(server_on.browser(EVE))) == 6


def test_the_customer_says_who_else_reads(server_on: Server) -> None:
    case = begun(server_on)
    configure(server_on, every_case=["QA"], processes={"toy_order": ["WH"]})
    assert listed(server_on.browser(ANN)) == [case]
    eve = server_on.browser(EVE)
    assert listed(eve) == []
    assert eve.get(f"/api/instances/{case}").status_code == 403
    with server_on.workshop.database.reading() as db:
        kept = select(configuration.c.version).where(configuration.c.key == DOCUMENT)
        assert sorted(db.execute(kept).scalars()) == [1, 2]


def test_a_role_may_read_no_more_than_its_own_cases(server_on: Server) -> None:
    """A requester has steps in change control, and reads the changes that concern them."""
    company = server_on.workshop
    case = company.start("toy_order", by=BEN)
    configure(server_on, own_cases={"toy_order": ["QCL"]})
    lead = reader(server_on, ANN, "QCL")
    assert "toy_order" not in lead.process_ids
    assert "toy_order" in reader(server_on, ANN, "QCL", "IQC").process_ids
    with company.database.reading() as db:
        assert not readers.may_read(db, TENANT, lead, case)
    company.do("fill", BEN, case, **GOOD)
    with company.database.reading() as db:
        assert not readers.may_read(db, TENANT, lead, case)
        assert readers.may_read(db, TENANT, reader(server_on, BEN, "QCL"), case)


def test_without_the_document_only_those_with_a_part_read() -> None:
    alone = readers.reader_of({}, [], UUID(int=1), ["QA", "AUD"])
    assert not alone.every_case
    assert alone.process_ids == ()


def test_who_did_a_step_reads_the_case_in_another_role_too(server_on: Server) -> None:
    company = server_on.workshop
    case = company.start("toy_order", by=BEN)
    other = company.start("toy_order", by=BEA)
    moved = reader(server_on, BEN, "WH")  # works in the warehouse by now
    with company.database.reading() as db:
        assert not readers.may_read(db, TENANT, moved, case)
    company.do("fill", BEN, case, **GOOD)
    with company.database.reading() as db:
        assert readers.may_read(db, TENANT, moved, case)
        assert not readers.may_read(db, TENANT, moved, other)
        rows, after = instances_of(db, TENANT, moved)
    assert ([row.process_instance_id for row in rows], after) == ([case], None)


def test_who_claimed_a_step_reads_its_case(server_on: Server) -> None:
    company = server_on.workshop
    case = company.start("toy_order", by=BEN)
    (item,) = company.items(case)
    claim = ClaimWorkItem(command_id=new_id(), work_item_id=item.work_item_id)
    company.must(company.ask(claim, BEA))
    with company.database.reading() as db:
        assert readers.may_read(db, TENANT, reader(server_on, BEA, "WH"), case)
        assert not readers.may_read(db, TENANT, reader(server_on, CLEO, "WH"), case)


# --- files of a case -------------------------------------------------------------------------

PHOTO = b"\xff\xd8\xff" + b"a lot and a name" * 50


def sent(browser: Browser, content: bytes = PHOTO) -> dict[str, Any]:
    """Send a file as a device does; give how a form names it."""
    digest = hashlib.sha256(content).hexdigest()
    kind = {"Content-Type": "image/jpeg"}
    address = f"/api/attachments/{digest}"
    assert browser.send("PUT", address, data=content, headers=kind).status_code == 200
    return {"sha256": digest, "name": "lot.jpg", "mime": "image/jpeg", "size": len(content)}


def asked_for(browser: Browser, paper: dict[str, Any]) -> str:
    """Begin a case whose start form names the file."""
    body = {
        "command_id": str(new_id()),
        "process_id": "toy_request",
        "data": {**GOOD, "paper": [paper]},
    }
    answer = browser.post("/api/commands/start-process-instance", body)
    assert answer.status_code == 200, answer.get_json()
    return str(answer.get_json()["result"]["process_instance_id"])


def test_a_file_is_opened_by_those_who_read_its_case(server_on: Server) -> None:
    ben = server_on.browser(BEN)
    paper = sent(ben)
    asked_for(ben, paper)
    for person in (BEN, BEA, CLEO, EVE):
        answer = server_on.browser(person).get(f"/api/attachments/{paper['sha256']}")
        assert (answer.status_code, answer.data) == (200, PHOTO), person
        assert "Cookie" in answer.headers["Vary"]  # not for the next person at this device


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "无权查看"), ("en", "Your roles have no part in this case")]
)
def test_whoever_knows_the_hash_alone_opens_nothing(
    server_on: Server, language: str, said: str
) -> None:
    ben = server_on.browser(BEN)
    paper = sent(ben)
    asked_for(ben, paper)
    answer = server_on.browser(ANN, language).get(f"/api/attachments/{paper['sha256']}")
    assert (answer.status_code, answer.get_json()["reason"]) == (403, "not_yours")
    assert said in answer.get_json()["detail"]
    assert server_on.browser(ANN).get(f"/api/attachments/{'0' * 64}").status_code == 404


def test_before_a_case_names_it_a_file_is_its_senders(server_on: Server) -> None:
    address = f"/api/attachments/{sent(server_on.browser(BEN))['sha256']}"
    statuses = {p.username: server_on.browser(p).get(address).status_code for p in (BEN, BEA, EVE)}
    assert statuses == {"ben": 200, "bea": 403, "eve": 200}


def test_a_diagram_is_no_attachment(server_on: Server) -> None:
    with server_on.workshop.database.reading() as db:
        files = db.execute(select(definition_file.c.content_hash)).scalars().all()
    assert server_on.browser(BEN).get(f"/api/attachments/{files[0].hex()}").status_code == 403


def test_which_case_names_which_file_is_proven(server_on: Server) -> None:
    ben = server_on.browser(BEN)
    asked_for(ben, sent(ben))
    company = server_on.workshop
    assert company.verify().whole
    with company.database.transaction() as db:
        db.execute(delete(case_file))
        db.commit()
    assert "projection.case_file" in {each.code for each in company.verify().differences}
