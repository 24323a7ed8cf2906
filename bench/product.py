"""The product as the benchmark meets it: WSGI in, WSGI out, five signed tasks, no password hash."""

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from api import installation
from api.app import create_app
from api.context import EngineAccess
from engine.actors import engine_actor
from engine.audit.signatures import completion_record
from engine.commands.definitions import DeployDefinition
from engine.commands.identities import CreateAccount
from engine.definitions import read_package
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.identities import passwords
from engine.identities.signing import record_hash
from engine.outcomes import Accepted
from engine.store.database import Database
from engine.store.migration import migrate
from processes import migrations

TENANT = "bench"
PASSWORD = "bench-Passw0rd"  # noqa: S105  # of an account that lives for a minute
STEPS = ("identify", "prepare", "measure", "review", "release")
FOLDER = Path(__file__).parent / "five_tasks"


def step_data(step: str, number: int) -> dict[str, Any]:
    """Give what a person enters at a step."""
    return {
        f"{step}_lot": f"L{number:06}",
        f"{step}_quantity": 100 + number % 900,
        f"{step}_value": "10.02",
        f"{step}_ok": True,
        f"{step}_remark": "as delivered",
    }


class Product:
    """One server over one database, driven through its WSGI interface by one person."""

    def __init__(self, database: Database) -> None:
        migrate(database, migrations.FOLDERS)
        self.database = database
        self.dispatcher: Dispatcher = installation.dispatcher(database)
        installation.prepare_without_processes(self.dispatcher, TENANT)
        actor = engine_actor(TENANT, "installation")
        self._must(
            CreateAccount(
                command_id=new_id(),
                username="bench",
                names={"en": "Ben Li", "zh": "李本"},
                roles=("IQC",),
                zone="Asia/Shanghai",
                password=PASSWORD,
            ),
            actor,
        )
        package = read_package(FOLDER)
        self._must(DeployDefinition(command_id=new_id(), files=package.files), actor)
        self.documents = self.dispatcher.documents(TENANT)
        self.app = create_app(
            EngineAccess(dispatcher=self.dispatcher, tenant=TENANT),
            secret_key="bench",  # noqa: S106
            web=Path("/nonexistent"),
        )
        self.cookie = ""
        self.csrf = ""
        self.csrf = self.send("GET", "/api/session")["csrf"]
        body = {"username": "bench", "password": PASSWORD}
        self.csrf = self.send("POST", "/api/session", body)["csrf"]

    def _must(self, command: Any, actor: Any) -> None:
        outcome = self.dispatcher.dispatch(command, actor)
        assert isinstance(outcome, Accepted), outcome

    def environ(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Give a request as a WSGI server would hand it over."""
        written = b"" if body is None else json.dumps(body).encode()
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookie,
            "HTTP_X_CSRF_TOKEN": self.csrf,
            "HTTP_ACCEPT_LANGUAGE": "zh",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(written)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(written),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def call(self, environ: dict[str, Any]) -> bytes:
        """Run one request; give the body of the answer."""
        headers: list[tuple[str, str]] = []

        def start(_status: str, given: list[tuple[str, str]], *_: Any) -> None:
            headers.extend(given)

        parts = self.app.wsgi_app(environ, start)  # type: ignore[arg-type]  # no write() callable
        body = b"".join(parts)
        for name, value in headers:
            if name == "Set-Cookie":
                self.cookie = value.split(";", 1)[0]
        return body

    def send(self, method: str, path: str, body: Any = None) -> Any:
        return json.loads(self.call(self.environ(method, path, body)))

    def start(self) -> str:
        """Start an instance; give the id of its first work item."""
        body = {"command_id": str(new_id()), "process_id": "five_tasks"}
        answer = self.send("POST", "/api/commands/start-process-instance", body)
        return str(answer["result"]["work_items"][0])

    def completion(self, item: str, step: str, number: int) -> dict[str, Any]:
        """Give the request that completes and signs a work item, as the browser makes it."""
        detail = self.send("GET", f"/api/work-items/{item}")
        data = step_data(step, number)
        meaning, language = detail["signature"], "zh"
        instance, task_ref = item.split(".")
        record = completion_record(
            tenant=TENANT,
            process_instance=instance,
            completed={
                "task_ref": int(task_ref),
                "activity": detail["activity_id"],
                "visit": detail["visit"],
                "definition": detail["definition_hash"],
                "form": detail["form_hash"],
                "data": data,
            },
            meaning=meaning,
            statement=detail["meaning"]["statement"][language],
            language=language,
            signer="bench",
            why=None,
        )
        signature = {
            "username": "bench",
            "password": PASSWORD,
            "meaning": meaning,
            "shown_hash": record_hash(record),
            "language": language,
        }
        body = {
            "command_id": str(new_id()),
            "work_item_id": item,
            "revision": detail["revision"],
            "data": data,
            "signature": signature,
            "device": "bench",
        }
        return self.environ("POST", "/api/commands/complete-work-item", body)

    def complete(self, environ: dict[str, Any]) -> str | None:
        """Complete a work item; give the next one's id, or None at the end."""
        answer = json.loads(self.call(environ))
        if answer.get("outcome") != "accepted":
            raise RuntimeError(answer)
        following: list[dict[str, str]] = answer["result"]["next_work_items"]
        return following[0]["work_item_id"] if following else None

    def run_through(self, number: int) -> None:
        """Run one instance from start to end."""
        item: str | None = self.start()
        for step in STEPS:
            assert item is not None  # five tasks in a row
            item = self.complete(self.completion(item, step, number))


@contextmanager
def without_password_hash() -> Iterator[None]:
    """Leave the password hash out: it costs 18 ms by design and would hide everything else."""
    real = passwords.verify_password
    passwords.verify_password = lambda stored, password: True  # noqa: ARG005
    try:
        yield
    finally:
        passwords.verify_password = real


@contextmanager
def counted(database: Database) -> Iterator[dict[str, int]]:
    """Count what reaches an SQLite database, as SQLite itself tells it: each BEGIN is a statement,
    and each COMMIT a commit."""
    counts = {"statements": 0, "commits": 0}

    def told(statement: str) -> None:
        counts["commits" if statement == "COMMIT" else "statements"] += 1

    def watch(connection: Any, _record: Any, _fairy: Any) -> None:
        connection.set_trace_callback(told)

    event.listen(database.engine, "checkout", watch)
    try:
        yield counts
    finally:
        event.remove(database.engine, "checkout", watch)
        with database.reading(snapshot=False) as db:
            db.connection.dbapi_connection.set_trace_callback(None)  # type: ignore[union-attr]


@contextmanager
def embedded() -> Iterator[Database]:
    """Give an empty SQLite database on disk."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
    database = Database(f"sqlite:///{folder / 'bench.sqlite3'}")
    try:
        yield database
    finally:
        database.dispose()
        shutil.rmtree(folder)
