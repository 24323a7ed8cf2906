"""Fixtures for tests/ and for the scenarios in processes/: databases, an engine, a scenario."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from engine.identities import passwords
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations
from tests import postgresql

if TYPE_CHECKING:
    from tests.scenario import Scenario

SHARED = Path(__file__).parent.parent / "shared"


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Real argon2id, at its cheapest: what it costs is not what the tests are about."""
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._NOBODY = passwords._HASHER.hash("nobody")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the checkout; tests that read it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here: the reference data is not part of the product")
    return SHARED


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite database, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database, migrations.FOLDERS)
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server with an empty migrated database called template_countersign."""
    with postgresql.server() as url:
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE template_countersign"))
        database = Database(_named(url, "template_countersign"))
        migrate(database, migrations.FOLDERS)
        database.dispose()
        admin.dispose()
        yield url


def _named(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database of the test's own."""
    path = tmp_path / "test.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def postgres(postgresql_server: str) -> Iterator[Database]:
    """A PostgreSQL database of the test's own."""
    name = f"test_{uuid4().hex}"
    admin = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_countersign"))
    database = Database(_named(postgresql_server, name))
    yield database
    database.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest) -> Database:
    """A database of the test's own, on each of the two kinds."""
    name = "sqlite" if request.param == "sqlite" else "postgres"
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture
def scenario(database: Database) -> "Scenario":
    """The product's processes with people in them, on each of the two databases."""
    from tests.scenario import Scenario  # noqa: PLC0415  # most tests need no whole product

    return Scenario(database)
