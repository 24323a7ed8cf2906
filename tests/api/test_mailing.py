"""Mail that cannot be sent: refused at the start, or given up on the record; no link is dead."""

from pathlib import Path

import pytest

from api import settings


@pytest.mark.parametrize("address", ["", "answers.example.com", "https://"])
def test_no_mail_server_without_the_address_that_links_lead_to(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COUNTERSIGN_DATA", str(tmp_path))
    monkeypatch.setenv("COUNTERSIGN_SMTP", "smtp+plain://127.0.0.1:25")
    monkeypatch.setenv("COUNTERSIGN_MAIL_FROM", "recall@example.com")
    monkeypatch.setenv("COUNTERSIGN_ADDRESS", address)
    with pytest.raises(ValueError, match="set COUNTERSIGN_ADDRESS as well"):
        settings.from_environment()
    monkeypatch.setenv("COUNTERSIGN_ADDRESS", "https://answers.example.com")
    assert settings.from_environment().tenant == "main"


def test_mail_is_sent_from_an_address_that_servers_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_SMTP", "smtp+plain://127.0.0.1:25")
    monkeypatch.setenv("COUNTERSIGN_MAIL_FROM", "召回@example.com")
    monkeypatch.setenv("COUNTERSIGN_ADDRESS", "https://answers.example.com")
    with pytest.raises(ValueError, match="ASCII"):
        settings.mail_from_environment()
    monkeypatch.setenv("COUNTERSIGN_MAIL_FROM", "召回中心 <recall@example.com>")
    assert settings.mail_from_environment() is not None
