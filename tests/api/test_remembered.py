"""A command's author is not read before it, so what changed meanwhile must be found by the door.

The change is made at the door of the same database without the server's knowing, as another server
would make it.
"""

from uuid import UUID

import pytest

from engine.actors import Actor
from engine.commands.identities import ChangeAccount, UnlockSigning
from engine.identifiers import new_id
from engine.identities import accounts
from engine.outcomes import Accepted
from tests.api.conftest import Browser, Server
from tests.api.test_commands import GOOD, completion, start
from tests.people import ADA, BEN, CLEO
from tests.scenario import TENANT


def actor(server: Server, name: str) -> Actor:
    with server.workshop.database.reading() as db:
        found = accounts.find_by_username(db, TENANT, name)
    assert found is not None
    return found.actor()


def change(server: Server, name: str, roles: tuple[str, ...], *, active: bool = True) -> None:
    account_id = actor(server, name).account_id
    assert isinstance(account_id, UUID)
    command = ChangeAccount(
        command_id=new_id(), account_id=account_id, roles=roles, active=active, why="moved on"
    )
    outcome = server.workshop.dispatcher.dispatch(command, actor(server, ADA.username))
    assert isinstance(outcome, Accepted), outcome


def claim(browser: Browser, item: str) -> tuple[int, str]:
    body = {"command_id": str(new_id()), "work_item_id": item}
    answer = browser.post("/api/commands/claim-work-item", body)
    return answer.status_code, answer.get_json().get("reason", "")


def known(server_on: Server) -> tuple[Browser, str]:
    """Give somebody whose account the server remembers from a command, and an open work item."""
    ben = server_on.browser(BEN)
    start(ben)
    return ben, start(ben)


def test_a_role_that_was_taken_away_counts_at_once(server_on: Server) -> None:
    ben, item = known(server_on)
    change(server_on, "ben", ("WH",))
    assert claim(ben, item) == (403, "not_yours")
    change(server_on, "ben", ("IQC",))
    assert claim(ben, item) == (200, "")


def test_a_closed_account_is_signed_out_by_its_next_command(server_on: Server) -> None:
    ben, item = known(server_on)
    change(server_on, "ben", ("IQC",), active=False)
    assert claim(ben, item) == (401, "unauthorized")
    assert ben.get("/api/worklist").status_code == 401


def test_a_command_of_a_closed_account_leaves_no_answer(server_on: Server) -> None:
    """The same command is carried out when the account is open again."""
    ben, item = known(server_on)
    body = {"command_id": str(new_id()), "work_item_id": item}
    change(server_on, "ben", ("IQC",), active=False)
    assert ben.post("/api/commands/claim-work-item", body).status_code == 401
    change(server_on, "ben", ("IQC",))
    again = server_on.browser(BEN)
    assert again.post("/api/commands/claim-work-item", body).status_code == 200


def test_who_was_unlocked_elsewhere_signs_at_once(server_on: Server) -> None:
    ben, item = known(server_on)
    signed = completion(ben, item, BEN, GOOD)
    for _ in range(5):
        wrong = {**signed, "command_id": str(new_id())}
        wrong["signature"] = {**signed["signature"], "password": "not it"}
        ben.post("/api/commands/complete-work-item", wrong)
    locked = ben.post("/api/commands/complete-work-item", {**signed, "command_id": str(new_id())})
    assert locked.get_json()["reason"] == "signing_locked"
    account_id = actor(server_on, "ben").account_id
    assert isinstance(account_id, UUID)
    unlock = UnlockSigning(command_id=new_id(), account_id=account_id, why="it was a typo")
    outcome = server_on.workshop.dispatcher.dispatch(unlock, actor(server_on, ADA.username))
    assert isinstance(outcome, Accepted), outcome
    assert ben.post("/api/commands/complete-work-item", signed).status_code == 200


def test_a_cookie_that_was_changed_is_nobody_s(server: Server) -> None:
    ben = server.browser(BEN)
    assert ben.get("/api/worklist").status_code == 200
    assert ben.get("/api/worklist").status_code == 200  # the cookie is known by now
    cookie = ben.client.get_cookie("countersign")
    assert cookie is not None
    middle = len(cookie.value) // 3
    other = "A" if cookie.value[middle] != "A" else "B"
    changed = cookie.value[:middle] + other + cookie.value[middle + 1 :]
    ben.client.set_cookie("countersign", changed)
    assert ben.get("/api/worklist").status_code == 401


def test_one_person_s_request_changes_nobody_else_s_session(server: Server) -> None:
    ben, cleo = server.browser(BEN), server.browser(CLEO)
    for browser, name in ((ben, "ben"), (cleo, "cleo"), (ben, "ben")):
        said = browser.get("/api/session").get_json()
        assert said["user"]["username"] == name
        assert said["csrf"] == browser.csrf


@pytest.mark.parametrize("days", [30, 32])
def test_a_remembered_cookie_grows_old(
    server: Server, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Only its age is asked here: a session ends much earlier by the customer's policy."""
    from api.cookie_sessions import CookieSessions  # noqa: PLC0415

    ben = server.browser(BEN)
    cookie = ben.client.get_cookie("countersign")
    assert cookie is not None
    sessions = CookieSessions()
    now = server.workshop.dispatcher.clock()
    verified = (({"csrf": "x"}), now.timestamp() - days * 86_400)
    monkeypatch.setattr(sessions, "_verified", {cookie.value: verified})
    with server.app.test_request_context(
        headers={"Cookie": f"countersign={cookie.value}"}
    ) as given:
        found = sessions.open_session(server.app, given.request)
    assert dict(found or {}) == ({"csrf": "x"} if days < 31 else {})
