"""`countersign verify` finds what was done to the record behind the engine's back."""

import json
import zlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import Connection, delete, text, update

from engine.audit.dictionary import compress, decompress
from engine.audit.entries import ENTRY_DOMAIN
from engine.canonical import canonical_bytes, domain_hash
from engine.commands.instance import encode_variables
from engine.definitions.catalogue import Catalogue, Stored
from engine.store import tables
from engine.store.database import Database
from tests.engine.test_deploying import deploy, toy
from tests.engine.workshop import Workshop
from tests.people import BEN, DORA
from tests.scenario import TENANT

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}


@pytest.fixture
def told(workshop: Workshop) -> Workshop:
    """An engine with some history."""
    workshop.start("toy_order", by=BEN)
    workshop.do("fill", BEN, **GOOD)
    workshop.do("reply", DORA)
    workshop.start("toy_order", by=BEN)
    assert workshop.verify().whole
    return workshop


def unguarded(database: Database, change: Callable[[Connection], None]) -> None:
    """Do what an administrator of the database could do: take the guard away first."""
    with database.transaction() as db:
        if database.is_sqlite:
            for verb in ("update", "delete"):
                db.execute(text(f"DROP TRIGGER refuse_{verb}_audit_entry"))
        else:
            db.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        change(db)
        db.commit()


def codes(workshop: Workshop) -> set[str]:
    return {difference.code for difference in workshop.verify().differences}


def rewritten(body: bytes, old: bytes, new: bytes) -> bytes:
    content = decompress(body)
    assert old in content
    return compress(content.replace(old, new))


def test_a_changed_entry_is_found(told: Workshop) -> None:
    def change(db: Connection) -> None:
        for row in db.execute(tables.audit_entry.select()):
            if b"12.50" in decompress(row.body):
                new = rewritten(row.body, b"12.50", b"12.05")
                db.execute(_this(row).values(body=new))

    unguarded(told.database, change)
    assert {"trail.hash", "signature.record"} <= codes(told)


def test_an_entry_with_a_new_hash_breaks_the_chain(told: Workshop) -> None:
    def change(db: Connection) -> None:
        for row in db.execute(tables.audit_entry.select()):
            if b"12.50" in decompress(row.body):
                new = rewritten(row.body, b"12.50", b"12.05")
                digest = domain_hash(ENTRY_DOMAIN, decompress(new))
                db.execute(_this(row).values(body=new, hash=digest))

    unguarded(told.database, change)
    assert "trail.chain" in codes(told)


def test_a_removed_last_entry_is_found(told: Workshop) -> None:
    def change(db: Connection) -> None:
        row = db.execute(
            tables.audit_entry.select().order_by(tables.audit_entry.c.seq.desc()).limit(1)
        ).one()
        table = tables.audit_entry
        db.execute(delete(table).where(table.c.stream_id == row.stream_id, table.c.seq == row.seq))

    unguarded(told.database, change)
    assert "trail.head" in codes(told)


def test_a_removed_entry_in_the_middle_is_found(told: Workshop) -> None:
    def change(db: Connection) -> None:
        db.execute(delete(tables.audit_entry).where(tables.audit_entry.c.seq == 2))

    unguarded(told.database, change)
    assert "trail.gap" in codes(told)


def test_a_removed_chain_is_found(told: Workshop) -> None:
    instance = told.worklist(BEN)[0].work_item_id.process_instance_id

    def change(db: Connection) -> None:
        table = tables.audit_entry
        db.execute(delete(table).where(table.c.stream_id == instance))

    unguarded(told.database, change)
    assert "trail.missing" in codes(told)


def test_an_overwritten_entry_is_found(told: Workshop) -> None:
    def change(db: Connection) -> None:
        row = db.execute(tables.audit_entry.select().limit(1)).one()
        db.execute(_this(row).values(body=zlib.compress(b"not json")))

    unguarded(told.database, change)
    assert "trail.unreadable" in codes(told)


@pytest.mark.parametrize("part", [b'"actor"', b'"events"', b'"event"', b'"task_ref"', b'"prev"'])
def test_an_entry_that_lacks_a_part_is_found_and_the_others_are_looked_at(
    told: Workshop, part: bytes
) -> None:
    def change(db: Connection) -> None:
        for row in db.execute(tables.audit_entry.select()).all():
            content = decompress(row.body)
            if b"work_item.completed" in content:
                # Its hash is right again: only what it should hold is missing.
                new = canonical_bytes(json.loads(content.replace(part, b'"x"')))
                digest = domain_hash(ENTRY_DOMAIN, new)
                db.execute(_this(row).values(body=compress(new), hash=digest))

    unguarded(told.database, change)
    assert {"trail.unreadable", "trail.head"} <= codes(told)


@pytest.mark.parametrize(("part", "other"), [(b'"tenant":"test"', b'"tenant":"demo"'), (b"", b"")])
def test_an_entry_of_another_chain_or_tenant_is_found(
    told: Workshop, part: bytes, other: bytes
) -> None:
    def change(db: Connection) -> None:
        for row in db.execute(tables.audit_entry.select()).all():
            if b"process_instance.started" in decompress(row.body):
                stream = str(row.stream_id).encode()
                old, new = (part, other) if part else (stream, str(UUID(int=7)).encode())
                body = rewritten(row.body, old, new)
                digest = domain_hash(ENTRY_DOMAIN, decompress(body))
                db.execute(_this(row).values(body=body, hash=digest))

    unguarded(told.database, change)
    assert "trail.place" in codes(told)


@pytest.mark.parametrize(
    ("table", "values", "code"),
    [
        (tables.work_item, {"role": "QA"}, "projection.work_item"),
        (tables.work_item, {"completed_by": None}, "projection.work_item"),
        (tables.signature, {"meaning": "APPR"}, "projection.signature"),
        (tables.timer, {"activity_id": "elsewhere"}, "projection.timer"),
        (tables.subscription, {"correlation": "L2"}, "projection.subscription"),
        (tables.process_instance, {"status": "completed"}, "instance.status"),
        (tables.process_instance, {"title": "another"}, "instance.title"),
        (tables.process_instance, {"variables": encode_variables({})}, "instance.variables"),
        (tables.process_instance, {"state": b"another"}, "instance.state"),
        (tables.content, {"data": b"another"}, "content.hash"),
    ],
    ids=lambda value: getattr(value, "name", None) or (value if isinstance(value, str) else ""),
)
def test_a_changed_row_is_found(
    told: Workshop, table: object, values: dict[str, object], code: str
) -> None:
    told.start("toy_order", by=BEN)
    if table is tables.subscription:
        told.do("fill", BEN, **GOOD)
    with told.database.transaction() as db:
        db.execute(update(table).values(values))  # type: ignore[arg-type]
        db.commit()
    assert code in codes(told)


def test_a_removed_row_is_found(told: Workshop) -> None:
    with told.database.transaction() as db:
        db.execute(delete(tables.work_item))
        db.commit()
    assert "projection.work_item" in codes(told)


def _this(row: Any) -> Any:
    table = tables.audit_entry
    return update(table).where(
        table.c.tenant_id == row.tenant_id,
        table.c.stream_id == row.stream_id,
        table.c.seq == row.seq,
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            update(tables.configuration)
            .where(tables.configuration.c.key == "security_policy")
            .values(document=b"{}"),
            "configuration.changed",
        ),
        (
            delete(tables.configuration).where(tables.configuration.c.key == "security_policy"),
            "configuration.missing",
        ),
        (update(tables.account).values(roles="QA ADM"), "account.changed"),
        (
            update(tables.account).values(username=tables.account.c.username + "x"),
            "account.changed",
        ),
        (update(tables.process_definition).values(status="retired"), "definition.changed"),
        (
            update(tables.process_definition).values(compiled=zlib.compress(b"{}")),
            "definition.changed",
        ),
    ],
)
def test_a_changed_role_threshold_or_definition_is_found(
    told: Workshop, change: Any, code: str
) -> None:
    with told.database.transaction() as db:
        db.execute(change)
        db.commit()
    assert code in codes(told)


def test_what_differs_is_told_in_one_order_and_in_both_languages(told: Workshop) -> None:
    with told.database.transaction() as db:
        db.execute(update(tables.account).values(roles="QA ADM"))
        db.execute(update(tables.process_definition).values(status="retired"))
        db.execute(
            delete(tables.configuration).where(tables.configuration.c.key == "security_policy")
        )
        db.commit()
    differences = told.verify().differences
    accounts = [d for d in differences if d.code == "account.changed"]
    assert len(accounts) > 2
    assert [d.stream for d in accounts] == sorted(d.stream for d in accounts)
    (document,) = (d for d in differences if d.code == "configuration.missing")
    assert document.message["zh"] == "配置文档 security_policy 1 缺失。"
    assert accounts[0].message["zh"] == f"账户 {accounts[0].stream} 与审计追踪不一致（roles）。"
    definition = next(d for d in differences if d.code == "definition.changed")
    assert definition.message["zh"].startswith("流程定义 ")


def test_a_document_that_the_trail_does_not_tell_of_is_found(told: Workshop) -> None:
    with told.database.transaction() as db:
        row = db.execute(tables.configuration.select()).first()
        assert row is not None
        db.execute(tables.configuration.insert(), {**row._asdict(), "version": 99})
        db.commit()
    assert codes(told) == {"configuration.untold"}


def test_a_step_that_lacks_the_signature_it_should_have_is_found(told: Workshop) -> None:
    with told.database.transaction() as db:
        table = tables.process_definition
        row = db.execute(table.select().where(table.c.process_id == "toy_order")).one()
        stored = msgspec.json.decode(zlib.decompress(row.compiled), type=Stored)
        steps = stored.definition.activities
        other = msgspec.structs.replace(steps["fill"], signature="APPR")
        definition = msgspec.structs.replace(stored.definition, activities={**steps, "fill": other})
        now = msgspec.structs.replace(stored, definition=definition)
        written = zlib.compress(msgspec.json.encode(now))
        this = table.c.definition_hash == row.definition_hash
        db.execute(update(table).where(this).values(compiled=written))
        db.commit()
    found = [d for d in told.verify().differences if d.code == "signature.missing"]
    assert len(found) == 1
    assert "APPR" in found[0].message["en"]
    assert "填写" in found[0].message["zh"]


def test_an_instance_of_a_version_that_was_not_in_force_is_found(
    told: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told.database.reading() as db:
        old = Catalogue().active_of(db, TENANT, "toy_order")
    files = toy("toy_order")
    files["process.bpmn"] += b"<!-- a better one -->"
    told.clock.advance(days=1)
    told.must(deploy(told, files, "toy_order"))
    told.start("toy_order", by=BEN)
    told.clock.advance(days=1)
    assert told.verify().whole
    monkeypatch.setattr(Catalogue, "active_of", lambda *_: old)
    begun = told.start("toy_order", by=BEN)
    [found] = told.verify().differences
    assert (found.code, found.stream) == ("instance.version", str(begun))
