"""Every screen has an address that can be opened by itself; what is no screen is not there."""

import pytest

from tests.api.conftest import Server

ITEM = "0193f7a2-1111-7000-8000-000000000001.8"


@pytest.mark.parametrize("path", ["/", f"/work/{ITEM}", "/records", "/stock/lots/7", "/settings"])
def test_a_screen_is_the_one_page(server: Server, path: str) -> None:
    answer = server.browser().get(path)
    assert answer.status_code == 200
    assert b"<title>Countersign</title>" in answer.data


@pytest.mark.parametrize(
    "path", ["/favicon.ico", "/old-worker.js", "/assets/gone-1a2b.js", "/a.8b"]
)
def test_what_is_no_screen_is_not_there(server: Server, path: str) -> None:
    assert server.browser().get(path).status_code == 404
