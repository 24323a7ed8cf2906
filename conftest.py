"""Fixtures for tests/ and for the scenarios in processes/: databases, an engine, a scenario."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher
from sqlalchemy import create_engine, text

from engine.identities import passwords
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations
from tests import postgresql
from tests.databases import PRISTINE, Databases, Fill, named
from tests.refusals import in_words

if TYPE_CHECKING:
    from tests.scenario import Scenario

SHARED = Path(__file__).parent.parent / "shared"


CopyOf = Callable[[Fill], Database]


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Real argon2id, at its cheapest: what it costs is not what the tests are about."""
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._NOBODY = passwords._HASHER.hash("nobody")


@pytest.fixture(scope="session", autouse=True)
def refusals_in_words() -> Iterator[None]:
    """Whatever the book refuses in a test is said in words, not in its codes."""
    with in_words():
        yield


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
            connection.execute(text(f"CREATE DATABASE {PRISTINE}"))
        database = Database(named(url, PRISTINE))
        migrate(database, migrations.FOLDERS)
        database.dispose()
        admin.dispose()
        yield url


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A SQLite database of the test's own."""
    path = tmp_path / "test.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Databases that were filled once; they go with their folder and their server."""

    def server() -> str:
        url: str = request.getfixturevalue("postgresql_server")
        return url

    return Databases(sqlite_template, server, tmp_path_factory.mktemp("filled"))


@pytest.fixture
def postgres(databases: Databases) -> Iterator[Database]:
    """A PostgreSQL database of the test's own."""
    with databases.kept(None) as database:
        yield database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the two kinds of database, one after the other."""
    name: str = request.param
    return name


@pytest.fixture
def database(kind: str, request: pytest.FixtureRequest) -> Database:
    """A database of the test's own, on each of the two kinds."""
    name = "sqlite" if kind == "sqlite" else "postgres"
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture
def copy_of(kind: str, databases: Databases, tmp_path: Path) -> Iterator[CopyOf]:
    """Give a database filled by a function, as the function left it."""
    with ExitStack() as opened:

        def copy(fill: Fill) -> Database:
            if kind != "sqlite":
                return opened.enter_context(databases.kept(fill))
            database = databases.file(fill, tmp_path)
            opened.callback(database.dispose)
            return database

        yield copy


@pytest.fixture
def scenario(copy_of: CopyOf) -> "Scenario":
    """The product's processes with people in them, on each of the two databases."""
    from tests.scenario import Scenario  # noqa: PLC0415  # most tests need no whole product

    return Scenario(copy_of(Scenario), installed=True)
