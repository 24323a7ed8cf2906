"""Fixtures for tests/ and for the scenarios in processes/: databases, an engine, a scenario."""

import shutil
from collections.abc import Callable, Iterator
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


CopyOf = Callable[[Callable[[Database], object]], Database]


class Templates:
    """Databases that a function filled once in a session: installing the product compiles every
    process, which no test should pay for again."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self._request = request
        self._folder = folder
        self._filled: dict[tuple[str, object], str] = {}

    def copy(self, kind: str, fill: Callable[[Database], object], folder: Path) -> Database:
        """Copy the database that `fill` fills; it is filled at the first time."""
        key = (kind, fill)
        if kind == "sqlite":
            if key not in self._filled:
                self._filled[key] = self._fill_sqlite(fill)
            path = folder / f"filled-{uuid4().hex}.sqlite3"
            shutil.copy(self._filled[key], path)
            return Database(f"sqlite:///{path}")
        if key not in self._filled:
            name = self._make_postgresql("template_countersign")
            self._fill(Database(_named(self._server, name)), fill)
            self._filled[key] = name
        return Database(_named(self._server, self._make_postgresql(self._filled[key])))

    def drop(self, database: Database) -> None:
        """Remove a copy that a server keeps; a file goes with its folder."""
        if not database.is_sqlite:
            self._admin(f"DROP DATABASE {database.engine.url.database} WITH (FORCE)")

    @property
    def _server(self) -> str:
        url: str = self._request.getfixturevalue("postgresql_server")
        return url

    def _fill_sqlite(self, fill: Callable[[Database], object]) -> str:
        path = self._folder / f"{len(self._filled)}.sqlite3"
        shutil.copy(self._request.getfixturevalue("sqlite_template"), path)
        self._fill(Database(f"sqlite:///{path}"), fill)
        return str(path)

    def _fill(self, database: Database, fill: Callable[[Database], object]) -> None:
        fill(database)
        database.dispose()  # the last connection writes SQLite's log back into the file

    def _make_postgresql(self, template: str) -> str:
        name = f"test_{uuid4().hex}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def _admin(self, statement: str) -> None:
        admin = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(statement))
        admin.dispose()


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


@pytest.fixture(scope="session")
def templates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Templates:
    """Databases that were filled once, to be copied; they go with their folder and server."""
    return Templates(request, tmp_path_factory.mktemp("filled"))


@pytest.fixture
def copy_of(kind: str, templates: Templates, tmp_path: Path) -> Iterator[CopyOf]:
    """Give a database filled by a function, by copying the one that it filled first."""
    opened: list[Database] = []

    def copy(fill: Callable[[Database], object]) -> Database:
        opened.append(templates.copy(kind, fill, tmp_path))
        return opened[-1]

    yield copy
    for database in opened:
        database.dispose()
        templates.drop(database)


@pytest.fixture
def scenario(copy_of: CopyOf) -> "Scenario":
    """The product's processes with people in them, on each of the two databases."""
    from tests.scenario import Scenario  # noqa: PLC0415  # most tests need no whole product

    return Scenario(copy_of(Scenario), installed=True)
