"""What one event of the trail means for a read model: rows to insert, update or delete.

The same changes are written to the database when the event is recorded, and replayed into memory
when the record is verified: there is one description of each projection.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from engine.store.writes import Operation, Row, Writes


@dataclass(frozen=True, slots=True)
class Change:
    """One row's change. `key` names the key columns (without the tenant), `values` the others."""

    table: Table
    operation: Operation
    key: Mapping[str, Any]
    values: Mapping[str, Any]


def write(writes: Writes, tenant_id: str, changes: Iterable[Change]) -> None:
    """Add changes to what a command writes at its end."""
    for change in changes:
        key = {"tenant_id": tenant_id, **change.key}
        writes.add(change.table, change.operation, key, dict(change.values))


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
