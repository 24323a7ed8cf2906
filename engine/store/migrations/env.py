"""Alembic's way in: runs over the connection that engine/store/migration.py gives, and compares
with the tables that are meant when a new migration is drafted."""

from typing import Any, Literal

from alembic import context

from engine.store.base import metadata

config = context.config
connection = config.attributes["connection"]
meant: frozenset[str] | None = config.attributes.get("tables")


def _render_type(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    module = type(thing).__module__
    if kind == "type" and not module.startswith("sqlalchemy"):
        autogen.imports.add(f"from {module} import {type(thing).__name__}")
        return f"{type(thing).__name__}()"
    return False


def _is_meant(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001
    return kind != "table" or meant is None or name in meant


context.configure(
    connection=connection,
    target_metadata=metadata,
    transaction_per_migration=False,
    render_item=_render_type,
    include_object=_is_meant,
)
context.run_migrations()
