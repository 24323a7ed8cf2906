"""Draft a migration from the tables: `python tools/new_migration.py BRANCH "what changes"`.

BRANCH is `engine`, `ledger`, or the name of an area of the ledger (a folder with `tables.py`).
Compares an empty database after all migrations with the tables as they are written. Read the draft
before you commit it; guards of append-only tables are added by hand (engine/store/guards.py).
"""

import sys
import tempfile
from pathlib import Path
from types import ModuleType

from alembic import command
from sqlalchemy import Table

from engine.store import device_tables, migration, tables
from engine.store.database import Database
from processes import migrations

ROOT = Path(__file__).resolve().parent.parent


def branches() -> dict[str, tuple[Path, ModuleType]]:
    """Name the branches, each with its folder and its tables."""
    names = ("ledger", *(area.name for area in migrations.AREAS))
    places = zip(migrations.FOLDERS, migrations.table_modules(), strict=True)
    engine = ROOT / "engine" / "store" / "migrations" / "versions"
    return {"engine": (engine, tables), **dict(zip(names, places, strict=True))}


def main() -> None:
    """Write the draft."""
    branch, message = sys.argv[1:3]
    known = branches()
    folder, module = known[branch]
    folder.mkdir(exist_ok=True)
    said = {**vars(module), **(vars(device_tables) if branch == "engine" else {})}
    own = {name: table for name, table in said.items() if isinstance(table, Table)}
    meant = {table.name for table in own.values() if not _is_borrowed(table, module, known)}
    with tempfile.TemporaryDirectory() as scratch:
        database = Database(f"sqlite:///{scratch}/draft.sqlite3")
        migration.migrate(database, migrations.FOLDERS)
        with database.transaction() as connection:
            config = migration.configuration(connection, migrations.FOLDERS)
            config.attributes["tables"] = frozenset(meant)
            first = not any(folder.glob("*.py"))
            command.revision(
                config,
                message,
                autogenerate=True,
                head="base" if first else f"{branch}@head",
                branch_label=branch if first else None,
                depends_on=_needed(first=first, branch=branch),
                version_path=str(folder),
                rev_id=f"{branch}_{len(list(folder.glob('*.py'))) + 1:04}",
            )


def _is_borrowed(
    table: Table, module: ModuleType, known: dict[str, tuple[Path, ModuleType]]
) -> bool:
    """Tell whether a module only imported a table: then another, nearer the root, holds it too."""
    others = [other for _, other in known.values() if len(other.__name__) < len(module.__name__)]
    return any(table is each for other in others for each in vars(other).values())


def _needed(*, first: bool, branch: str) -> str | None:
    """An area's first tables may refer to those of the book: they are made after them."""
    return "ledger_0001" if first and branch not in ("engine", "ledger") else None


if __name__ == "__main__":
    main()
