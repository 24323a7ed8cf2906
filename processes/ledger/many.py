"""Many rows at once: ids that a statement names by the thousand, and rows that are written.

PostgreSQL takes ids as one array and rows as one statement of arrays, which spares it a parameter
an id and a statement a row; a freeze of ten thousand lots takes half the time. SQLite has neither
arrays nor round trips, and gets a parameter an id and a row after the other, in the driver's own
form: SQLAlchemy would look at each value of each row.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Self, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Connection,
    Executable,
    Insert,
    Table,
    any_,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType

Key = TypeVar("Key")
AT_ONCE = 1000
"""How many ids one statement names: the planner still goes by an index, however big the table."""


def slices(ids: Iterable[Key]) -> Iterator[list[Key]]:
    """Give the ids, or numbers, in handfuls."""
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield some


class among(FunctionElement[bool]):  # noqa: N801  # reads as the condition that it is
    """The condition that a column is one of a list, which is given under a name at execution."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Column[Any], name: str) -> None:
        self.named = bindparam(name, type_=ARRAY(column.type), required=True)
        super().__init__(column, self.named)

    def self_group(self, against: OperatorType | None = None) -> Self:  # noqa: ARG002
        """Stand as it is: on SQLite a condition would be compared with 1, past every index."""
        return self


@compiles(among)
def _listed(element: among, compiler: SQLCompiler, **how: Any) -> str:
    column, named = element.clauses
    listed = bindparam(cast("Any", named).key, type_=column.type, expanding=True, required=True)
    return compiler.process(column.in_(listed), **how)


@compiles(among, "postgresql")
def _in_an_array(element: among, compiler: SQLCompiler, **how: Any) -> str:
    column, named = element.clauses
    return compiler.process(column == any_(cast("Any", named)), **how)


def add(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the same columns; none is nothing to do."""
    if not rows:
        return
    if len(rows) == 1:
        db.execute(_plain(table), list(rows))
        return
    if db.dialect.name != "postgresql":
        statement = _by_place(table, tuple(rows[0]))
        db.exec_driver_sql(statement, list(zip(*_columns(db, table, rows), strict=True)))
        return
    first = rows[0]
    differ = tuple(name for name in first if any(row[name] != first[name] for row in rows))
    alike = tuple(name for name in first if name not in differ)
    given: dict[str, Any] = {name: [row[name] for row in rows] for name in differ}
    given.update({name: first[name] for name in alike})
    db.execute(_of_arrays(table, alike, differ), given)


@lru_cache(maxsize=128)
def _plain(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=128)
def _by_place(table: Table, names: tuple[str, ...]) -> str:
    """Give the statement with a place for each of these columns, in their order."""
    places = ", ".join("?" for _ in names)
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608


def _columns(
    db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> Iterator[list[Any]]:
    """Give column after column as the driver takes it; what is the same in all rows, once."""
    for name in rows[0]:
        process = table.c[name].type.dialect_impl(db.dialect).bind_processor(db.dialect)
        values = [row[name] for row in rows]
        if process is None:
            yield values
        elif all(value is values[0] for value in values):
            yield [process(values[0])] * len(values)
        else:
            yield [process(value) for value in values]


@lru_cache(maxsize=128)
def _of_arrays(table: Table, alike: tuple[str, ...], differ: tuple[str, ...]) -> Executable:
    """Give the statement that takes a value for what is alike, an array for what is not."""
    columns = table.c
    arrays = [bindparam(name, type_=ARRAY(columns[name].type)) for name in differ]
    rows = func.unnest(*arrays).table_valued(*differ, name="rows").render_derived()
    values = [bindparam(name, type_=columns[name].type) for name in alike]
    return insert(table).from_select([*alike, *differ], select(*values, *rows.c))
