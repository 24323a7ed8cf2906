"""Column types of the ledger: exact decimals and small documents, the same on both databases."""

from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Row, Select, Table, Text, bindparam, select
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row whose columns are named by the statement beside the function that reads it."""


def rows_of(table: Table, parent: str, *order: str) -> Select[Any]:
    """Give the statement that reads what a table holds of one record, in an order: `parent` names
    the column, and the parameter, that says which record."""
    return (
        select(table)
        .where(table.c.tenant_id == bindparam("tenant_id"))
        .where(table.c[parent] == bindparam(parent))
        .order_by(*(table.c[name] for name in order))
    )


_encoder = msgspec.json.Encoder(decimal_format="string", order="deterministic")
_decoder = msgspec.json.Decoder()


class Exact(TypeDecorator[Decimal]):
    """A decimal that is compared by people and rules, never summed by the database: kept as text.

    SQLite has no decimal type (NUMERIC becomes a binary float), and a measured "12.50" must come
    back with both its digits.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value)


class Document(TypeDecorator[Any]):
    """A small JSON document that is read whole and never searched; decimals become strings."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else _encoder.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        del dialect
        return None if value is None else _decoder.decode(value)
