"""Where this installation keeps its data and how it is reached; from the environment."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import has_request_context, request

from engine.devices.server_key import ServerKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`database` is an SQLAlchemy URL; `folder` holds the embedded database and the secret that
    session cookies are signed with; `server_key` signs receipts of what devices hand in; `demo`
    shows the demo accounts at sign-in."""

    database: str
    folder: Path
    tenant: str
    secret_key: str
    server_key: ServerKey
    demo: bool
    web: Path
    secure_cookies: bool


def from_environment() -> Settings:
    """Read COUNTERSIGN_DATA, COUNTERSIGN_DATABASE, COUNTERSIGN_TENANT, COUNTERSIGN_DEMO,
    COUNTERSIGN_SECURE_COOKIES and COUNTERSIGN_WEB (the built client's folder); what is not set has
    a value that works on one machine. ValueError where a mail server is named and the rest of what
    mail needs is not: who would be sent a dead link cannot tell us."""
    mail_from_environment()
    root = Path(__file__).parent.parent
    folder = Path(os.environ.get("COUNTERSIGN_DATA", root / "data")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    database = os.environ.get("COUNTERSIGN_DATABASE", f"sqlite:///{folder / 'countersign.sqlite3'}")
    return Settings(
        database=database,
        folder=folder,
        tenant=os.environ.get("COUNTERSIGN_TENANT", "main"),
        secret_key=_secret(folder / "secret"),
        server_key=_server_key(folder / "server_key.pem"),
        demo=os.environ.get("COUNTERSIGN_DEMO", "") == "1",
        web=Path(os.environ.get("COUNTERSIGN_WEB", root / "web" / "dist")).resolve(),
        secure_cookies=os.environ.get("COUNTERSIGN_SECURE_COOKIES", "") == "1",
    )


def public_address(path: str) -> str:
    """Give an address as consignees see it: COUNTERSIGN_ADDRESS, else where this is asked from."""
    base = os.environ.get("COUNTERSIGN_ADDRESS", "").rstrip("/")
    if not base and has_request_context():
        base = request.host_url.rstrip("/")
    return f"{base}{path}"


def client_address() -> str:
    """Give the address that the request under way comes from. Behind the proxies whose addresses
    COUNTERSIGN_PROXY lists (with commas), the nearest in X-Forwarded-For that is none of theirs:
    what stands before that was written by whoever asks, and is believed of nobody."""
    listed = os.environ.get("COUNTERSIGN_PROXY", "").split(",")
    proxies = {each.strip() for each in listed if each.strip()}
    told = request.headers.get("X-Forwarded-For", "").split(",")
    hops = [*(each.strip() for each in told if each.strip()), request.remote_addr or ""]
    while len(hops) > 1 and hops[-1] in proxies:
        hops.pop()
    return hops[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """The mail server that notices are sent through; `tls` is "none", "starttls" or "tls"."""

    host: str
    port: int
    tls: str
    username: str | None
    password: str | None
    sender: str


def mail_from_environment() -> MailSettings | None:
    """Read COUNTERSIGN_SMTP (smtps://user:password@host:465, smtp://host:587 for STARTTLS,
    smtp+plain://host:25 for a server of one's own) and COUNTERSIGN_MAIL_FROM; None: no mail.
    ValueError where one of them, or COUNTERSIGN_ADDRESS, which the links need, cannot be used."""
    given = os.environ.get("COUNTERSIGN_SMTP", "")
    if not given:
        return None
    address = urlsplit(given)
    tls = {"smtps": "tls", "smtp": "starttls", "smtp+plain": "none"}.get(address.scheme)
    sender = os.environ.get("COUNTERSIGN_MAIL_FROM", "")
    if tls is None or not address.hostname or not sender:
        message = "COUNTERSIGN_SMTP needs smtps://, smtp:// or smtp+plain://, with MAIL_FROM set"
        raise ValueError(message)
    if not parseaddr(sender)[1].isascii():
        message = (
            "COUNTERSIGN_MAIL_FROM needs an address in ASCII, like recall@example.com. "
            "COUNTERSIGN_MAIL_FROM 须为 ASCII 邮箱地址，例如 recall@example.com。"
        )
        raise ValueError(message)
    _require_address()
    return MailSettings(
        host=address.hostname,
        port=address.port or (465 if tls == "tls" else 587),
        tls=tls,
        username=unquote(address.username) if address.username else None,
        password=unquote(address.password) if address.password else None,
        sender=sender,
    )


def _require_address() -> None:
    """A mail is written outside any request: only the environment can say where its link leads."""
    given = urlsplit(os.environ.get("COUNTERSIGN_ADDRESS", ""))
    if given.scheme in ("https", "http") and given.hostname:
        return
    message = (
        "COUNTERSIGN_SMTP is set: set COUNTERSIGN_ADDRESS as well (https://recall.example.com), "
        "where consignees reach this server. "
        "已设置 COUNTERSIGN_SMTP，请同时设置 COUNTERSIGN_ADDRESS（收货方访问本服务器的网址，"
        "例如 https://recall.example.com）。"
    )
    raise ValueError(message)


def _secret(path: Path) -> str:
    """Read the installation's secret, or make it at the first start."""
    return _kept(path, lambda: secrets.token_urlsafe(48).encode()).decode("ascii").strip()


def _server_key(path: Path) -> ServerKey:
    """Read the keys that receipts are signed with, or make them at the first start. Several servers
    of one installation share this file."""
    return ServerKey.read(_kept(path, lambda: ServerKey.new().written()))


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Give what a file holds; made when it is not there, and only its owner may read it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        made = make()
        file.write(made)
    return made
