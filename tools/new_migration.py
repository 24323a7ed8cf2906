"""Draft a migration from the tables: `python tools/new_migration.py engine|ledger "what changes"`.

Compares an empty database after all migrations with the tables as they are written. Read the draft
before you commit it; guards of append-only tables are added by hand (engine/store/guards.py).
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Table

from engine.store import migration, tables
from engine.store.base import metadata
from engine.store.database import Database
from processes import migrations, registry

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {
    "engine": ROOT / "engine" / "store" / "migrations" / "versions",
    "ledger": migrations.FOLDERS[0],
}


def main() -> None:
    """Write the draft."""
    branch, message = sys.argv[1:3]
    registry.process_folders()  # importing the registry has read the tables of the business
    every = frozenset(metadata.tables)
    own = {table.name for table in vars(tables).values() if isinstance(table, Table)}
    meant = own if branch == "engine" else every - own
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/draft.sqlite3")
        migration.migrate(database, [FOLDERS["ledger"]])
        with database.transaction() as connection:
            config = migration.configuration(connection, [FOLDERS["ledger"]])
            config.attributes["tables"] = frozenset(meant)
            first = not any(FOLDERS[branch].glob("*.py"))
            command.revision(
                config,
                message,
                autogenerate=True,
                head="base" if first else f"{branch}@head",
                branch_label=branch if first else None,
                version_path=str(FOLDERS[branch]),
                rev_id=f"{branch}_{len(list(FOLDERS[branch].glob('*.py'))) + 1:04}",
            )


if __name__ == "__main__":
    main()
