"""What the tables of the ledger are made of: keys led by the tenant, references, allowed words."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Text
from sqlalchemy.types import TypeEngine

_DIGITS_AND_CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBER_CHARACTERS = _DIGITS_AND_CAPITALS + "-"
"""Lot numbers and serial numbers that we give or take over (INV-06)."""
GS1_CHARACTERS = _DIGITS_AND_CAPITALS + "abcdefghijklmnopqrstuvwxyz" + "!\"%&'()*+,-./:;<=>?_"
"""GS1 AI encodable character set 82 without the blank: what a supplier's lot may look like."""
NUMBER_LENGTH = 20

COMPACT: dict[str, Any] = {"sqlite_with_rowid": False}


def key(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> Column[Any]:
    """Give a column of the primary key."""
    return Column(name, kind, primary_key=True)


def tenant() -> Column[Any]:
    """Give the column that leads every key."""
    return key("tenant_id", Text)


def must(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> Column[Any]:
    """Give a column that is never empty."""
    return Column(name, kind, nullable=False)


def refers(table: str, *columns: str) -> ForeignKeyConstraint:
    """Refer to the key of `table`; a column "own=theirs" has different names on the two sides."""
    pairs = [column.partition("=") for column in ("tenant_id", *columns)]
    return ForeignKeyConstraint(
        [own for own, _, _ in pairs], [f"{table}.{theirs or own}" for own, _, theirs in pairs]
    )


def one_of(column: str, words: Iterable[str]) -> CheckConstraint:
    """Let a column hold only these words; none where it may be empty."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def number(column: str, characters: str = NUMBER_CHARACTERS) -> CheckConstraint:
    """Refuse other characters and lengths.

    Trimming every allowed character leaves nothing: the one way of asking that PostgreSQL and
    SQLite share.
    """
    allowed = characters.replace("'", "''")
    return CheckConstraint(
        f"length({column}) BETWEEN 1 AND {NUMBER_LENGTH} AND ltrim({column}, '{allowed}') = ''",
        name=f"{column}_characters",
    )
