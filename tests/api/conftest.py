"""A server over the toy processes, and people's browsers."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.store.database import Database
from tests.people import Person
from tests.scenario import TENANT


class Browser:
    """One person's browser: cookies, CSRF token, language."""

    def __init__(self, client: FlaskClient, language: str = "en") -> None:
        self.client = client
        self.language = language
        self.csrf = self.get("/api/session").get_json()["csrf"]

    def get(self, path: str, **more: Any) -> Any:
        answer = self.client.get(path, headers={"Accept-Language": self.language}, **more)
        answer.get_data()
        answer.close()  # a served file stays open until then
        return answer

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        headers = {"Accept-Language": self.language, "X-CSRF-Token": self.csrf}
        headers |= more.pop("headers", {})
        if body is not None:
            more["data"] = json.dumps(body)
            headers["Content-Type"] = "application/json"
        return self.client.open(path, method=method, headers=headers, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return self.send("POST", path, body, **more)

    def sign_in(self, person: Person) -> "Browser":
        body = {"username": person.username, "password": person.password}
        answer = self.post("/api/session", body)
        assert answer.status_code == 200, answer.get_json()
        self.csrf = answer.get_json()["csrf"]
        return self


class Server:
    """The HTTP application over a workshop."""

    def __init__(self, database: Database, web: Path) -> None:
        from api.app import create_app  # noqa: PLC0415
        from api.context import EngineAccess  # noqa: PLC0415
        from tests.engine.workshop import Workshop  # noqa: PLC0415

        self.workshop = Workshop(database)
        self.app = create_app(
            EngineAccess(dispatcher=self.workshop.dispatcher, tenant=TENANT),
            secret_key="test",  # noqa: S106
            web=web,
        )

    def browser(self, person: Person | None = None, language: str = "en") -> Browser:
        found = Browser(self.app.test_client(), language)
        return found if person is None else found.sign_in(person)


@pytest.fixture
def server(sqlite: Database, tmp_path: Path) -> Server:
    """A server over SQLite; what depends on the database is tested below the API."""
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html><title>Countersign</title>")
    (web / "assets" / "main-1a2b.js").write_text("// the client")
    return Server(sqlite, web)


@pytest.fixture
def server_on(database: Database, tmp_path: Path) -> Server:
    """A server over each of the two databases."""
    return Server(database, tmp_path)
