"""What one event of the trail means for a read model: rows to insert, update or delete.

The same changes are written to the database when the event is recorded, and replayed into memory
when the record is verified: there is one description of each projection.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Executable, Table, and_, bindparam, delete, insert, update

Row = dict[str, Any]
Operation = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Change:
    """One row's change. `key` names the key columns (without the tenant), `values` the others."""

    table: Table
    operation: Operation
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@lru_cache(maxsize=256)
def _statement(
    table: Table, operation: Operation, keys: tuple[str, ...], columns: tuple[str, ...]
) -> Executable:
    """Give the one statement of a kind of change; built once, so its compiled form is reused."""
    if operation == "insert":
        return insert(table)
    this = and_(*(table.c[name] == bindparam(f"key_{name}") for name in ("tenant_id", *keys)))
    if operation == "delete":
        return delete(table).where(this)
    return update(table).where(this).values({name: bindparam(name) for name in columns})


def apply(db: Connection, tenant_id: str, changes: Iterable[Change]) -> None:
    """Write changes to the database, one statement a kind, in the order kinds first appear."""
    batches: dict[Executable, list[Row]] = defaultdict(list)
    for change in changes:
        keys, columns = tuple(change.key), tuple(change.values)
        statement = _statement(change.table, change.operation, keys, columns)
        if change.operation == "insert":
            row = {"tenant_id": tenant_id, **change.key, **change.values}
        else:
            named = {f"key_{name}": value for name, value in change.key.items()}
            row = {"key_tenant_id": tenant_id, **named, **change.values}
        batches[statement].append(row)
    for statement, rows in batches.items():
        db.execute(statement, rows if len(rows) > 1 else rows[0])


class Replay:
    """Read models rebuilt in memory, to be compared with the tables."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = defaultdict(dict)

    def apply(self, changes: Iterable[Change]) -> None:
        """Carry out changes on the rows in memory; a change of a missing row is ignored there
        too, as UPDATE and DELETE ignore it."""
        for change in changes:
            rows = self.tables[change.table.name]
            columns = [c.name for c in change.table.primary_key if c.name != "tenant_id"]
            key = tuple(change.key[name] for name in columns)
            if change.operation == "insert":
                rows[key] = {**change.key, **change.values}
            elif change.operation == "delete":
                rows.pop(key, None)
            elif key in rows:
                rows[key].update(change.values)
