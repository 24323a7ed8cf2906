"""Bring a database to the newest schema; make one for the first time."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from engine.store.database import Database


def migrate(database: Database) -> None:
    """Run every migration that the database has not seen, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
