"""The writes at the end of a command: gathered, then handed to the database together.

PostgreSQL takes several small writes as one statement (data-modifying common table expressions),
which spares the round trip and the preparation of each: a completed and signed step then costs
three statements instead of nine. The parts of such a statement see one snapshot and run in no
promised order, so it is used only where no two of them concern the same row. SQLite, which has no
such statement and no round trips, gets them one after another, as does everything that is large.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Delete,
    Executable,
    Insert,
    Table,
    Update,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from engine.outcomes import ConcurrentChange

Row = dict[str, Any]
Operation = Literal["insert", "update", "move", "delete"]
"""`move` is an update that has to find its row as the key says: see Writes.flush."""
Kind = tuple[Table, Operation, tuple[str, ...], tuple[str, ...]]

TOGETHER = 8
"""Writes that are joined at most: beyond that, many rows of one kind are cheaper as such."""


@dataclass(frozen=True, slots=True)
class Write:
    """One row's write. `key` names the key columns, `values` the others."""

    table: Table
    operation: Operation
    key: Row
    values: Row

    @property
    def kind(self) -> Kind:
        return self.table, self.operation, tuple(self.key), tuple(self.values)


@dataclass(slots=True)
class Writes:
    """Gathers writes; nothing reaches the database before `flush`."""

    _gathered: list[Write] = field(default_factory=list)

    def add(self, table: Table, operation: Operation, key: Row, values: Row) -> None:
        self._gathered.append(Write(table, operation, key, values))

    def flush(self, db: Connection) -> None:
        """Hand everything over, in the order of adding where the order matters.

        Raises ConcurrentChange when a `move` did not find its row: another writer was faster.
        """
        gathered, self._gathered = self._gathered, []
        independent = _are_independent(gathered)
        if independent and db.dialect.name == "postgresql" and 1 < len(gathered) <= TOGETHER:
            statement = _together(tuple(write.kind for write in gathered))
            moved = db.execute(statement, _parameters(gathered)).scalar_one()
            if moved != sum(write.operation == "move" for write in gathered):
                raise ConcurrentChange
            return
        for kind, rows in _batches(gathered, independent=independent):
            if kind[1] == "move":
                _move(db, kind, rows)
            else:
                db.execute(_alone(kind), rows if len(rows) > 1 else rows[0])


def _move(db: Connection, kind: Kind, rows: list[Row]) -> None:
    for row in rows:
        if db.execute(_alone(kind), row).rowcount != 1:
            raise ConcurrentChange


def _are_independent(writes: list[Write]) -> bool:
    """Tell whether no two writes concern the same row."""
    touched = {(write.table, *write.key.values()) for write in writes}
    return len(touched) == len(writes)


def _batches(writes: list[Write], *, independent: bool) -> Iterator[tuple[Kind, list[Row]]]:
    """Give the rows of one kind together: all of them, or those in a row where order matters."""
    if independent:
        kinds: dict[Kind, list[Row]] = defaultdict(list)
        for write in writes:
            kinds[write.kind].append(_row(write))
        yield from kinds.items()
        return
    for kind, group in groupby(writes, lambda write: write.kind):
        yield kind, [_row(write) for write in group]


@lru_cache(maxsize=512)
def _alone(kind: Kind) -> Executable:
    return _part(kind, "")


@lru_cache(maxsize=512)
def _together(kinds: tuple[Kind, ...]) -> Executable:
    """Give the one statement for these kinds; built once, so that its compiled form is reused."""
    parts: list[CTE] = []
    moved: ColumnElement[int] = literal_column("0")
    for n, kind in enumerate(kinds):
        part = _part(kind, f"w{n}_")
        if kind[1] == "move":
            one = part.returning(literal_column("1").label("one")).cte(f"w{n}")
            moved = moved + select(func.count()).select_from(one).scalar_subquery()
        else:
            one = part.cte(f"w{n}")
        parts.append(one)
    return select(moved).add_cte(*parts)


def _part(kind: Kind, prefix: str) -> Insert | Update | Delete:
    table, operation, keys, columns = kind
    if operation == "insert":
        return insert(table).values(dict(_bound(table, prefix, "", keys + columns)))
    this = and_(*(table.c[name] == value for name, value in _bound(table, prefix, "key_", keys)))
    if operation == "delete":
        return delete(table).where(this)
    return update(table).where(this).values(dict(_bound(table, prefix, "", columns)))


def _bound(
    table: Table, prefix: str, role: str, names: tuple[str, ...]
) -> Iterator[tuple[str, ColumnElement[Any]]]:
    for name in names:
        yield name, bindparam(f"{prefix}{role}{name}", type_=table.c[name].type)


def _row(write: Write, prefix: str = "") -> Row:
    role = "" if write.operation == "insert" else "key_"
    row = {f"{prefix}{role}{name}": value for name, value in write.key.items()}
    row.update({f"{prefix}{name}": value for name, value in write.values.items()})
    return row


def _parameters(writes: list[Write]) -> Row:
    row: Row = {}
    for n, write in enumerate(writes):
        row |= _row(write, f"w{n}_")
    return row
