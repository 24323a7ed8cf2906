"""Bring a database to the newest schema; make one for the first time.

The engine's migrations and those of the business beside it are branches of their own: each has its
folder, and all of them are run.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from engine.store.database import Database
from engine.store.guards import guard_against_replacing

HERE = Path(__file__).parent / "migrations"


def configuration(connection: Connection, more: Sequence[Path] = ()) -> Config:
    """Give Alembic's configuration over a connection, with further folders of migrations."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    folders = [HERE / "versions", *more]
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in folders))
    config.attributes["connection"] = connection
    return config


def migrate(database: Database, more: Sequence[Path] = ()) -> None:
    """Run every migration that the database has not seen, and guard what they made, in one
    transaction."""
    with database.transaction() as connection:
        command.upgrade(configuration(connection, more), "heads")
        guard_against_replacing(connection)
        connection.commit()
