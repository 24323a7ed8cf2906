"""What storage promises for growth, asked of the migrated databases themselves: a tenant can be
taken to another machine, and nothing counts, calls or refers across tenants."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, text

from engine.store import device_tables, tables
from engine.store.base import metadata
from engine.store.database import Database
from processes import migrations

ROOT = Path(__file__).parents[2]
TENANT = "tenant_id"
DUE = {
    # What has come due is looked for by time over all tenants of a database: one clock, one look.
    "ix_timer_due_at",
    "ix_outbox_due_at",
    "ix_incident_retry_at",
    "ix_work_item_notice_at",
    "ix_clock_state_next_check",
    "ix_notice_mail_due",
    "ix_order_mail_due",
    "ix_device_pending_due_at",
}
CALLS = re.compile(r"(^|\.)(Sequence|Identity|next_value)$")
WORDS = re.compile(r"\b(CREATE SEQUENCE|nextval|AUTOINCREMENT|BIGSERIAL|pg_notify|NOTIFY)\b")
"""How a sequence or a notification is asked for, in SQLAlchemy's words and in SQL's."""


def _ours(database: Database) -> Iterator[tuple[str, Any]]:
    """Give each table that the migrations made, with the inspector to ask about it."""
    with database.reading() as db:
        found = inspect(db)
        migrations.table_modules()  # the metadata knows what has been read
        names = {name for name in found.get_table_names() if "alembic" not in name}
        assert names == set(metadata.tables)
        for name in sorted(names):
            yield name, found


def test_every_key_begins_with_the_tenant(database: Database) -> None:
    wrong = []
    for table, found in _ours(database):
        keys = [found.get_pk_constraint(table)["constrained_columns"]]
        keys += [each["column_names"] for each in found.get_unique_constraints(table)]
        keys += [each["column_names"] for each in found.get_indexes(table) if each["unique"]]
        wrong += [f"{table}{key}" for key in keys if key[0] != TENANT]
    assert not wrong, f"lead the key by the tenant: {wrong}"


def test_only_what_is_due_is_found_across_tenants(database: Database) -> None:
    crossing = {
        index["name"]
        for table, found in _ours(database)
        for index in found.get_indexes(table)
        if index["column_names"][0] != TENANT
    }
    assert crossing == DUE


def test_no_reference_leads_to_another_tenant(database: Database) -> None:
    wrong, count = [], 0
    for table, found in _ours(database):
        for key in found.get_foreign_keys(table):
            count += 1
            pairs = list(zip(key["constrained_columns"], key["referred_columns"], strict=True))
            together = all((mine == TENANT) == (theirs == TENANT) for mine, theirs in pairs)
            if (TENANT, TENANT) not in pairs or not together:
                wrong.append(f"{table} {pairs}")
    assert count > 100
    assert not wrong, f"a foreign key takes the tenant with it: {wrong}"


def test_the_guard_of_the_trail_is_the_one_trigger(database: Database) -> None:
    engines = {*tables.APPEND_ONLY, *device_tables.APPEND_ONLY}
    guarded = {*engines, *migrations.append_only()}
    with database.reading() as db:
        if db.dialect.name == "sqlite":
            asked = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
            expected = {
                (f"refuse_{verb}_{table}", table)
                for table in guarded
                for verb in ("update", "delete", "replace")
            }
        else:
            asked = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
            expected = {(f"refuse_change_{table}", table) for table in guarded}
            functions = db.execute(
                text("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
            )
            assert functions.scalars().all() == ["refuse_change"]
        assert {tuple(row) for row in db.execute(text(asked))} == expected


def test_nothing_is_numbered_by_a_sequence(database: Database) -> None:
    with database.reading() as db:
        if db.dialect.name == "sqlite":  # made by the first AUTOINCREMENT
            counted = "SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence'"
        else:
            counted = "SELECT sequencename FROM pg_sequences"
        assert db.execute(text(counted)).all() == []


@pytest.mark.parametrize("folder", ["api", "engine", "processes"])
def test_the_code_asks_for_no_sequence_and_no_notification(folder: str) -> None:
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                asks = CALLS.search(ast.unparse(node.func))
            elif isinstance(node, ast.Constant) and id(node) not in told:  # no docstring
                asks = WORDS.search(str(node.value))
            else:
                continue
            if asks:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno} {asks.group()}")
    assert not found, f"keys are made by the application (engine/identifiers.py): {found}"
