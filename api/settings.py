"""Where this installation keeps its data and how it is reached; from the environment."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`database` is an SQLAlchemy URL; `folder` holds the embedded database and the secret that
    session cookies are signed with; `demo` shows the demo accounts at sign-in."""

    database: str
    folder: Path
    tenant: str
    secret_key: str
    demo: bool
    web: Path
    secure_cookies: bool


def from_environment() -> Settings:
    """Read COUNTERSIGN_DATA, COUNTERSIGN_DATABASE, COUNTERSIGN_TENANT, COUNTERSIGN_DEMO,
    COUNTERSIGN_SECURE_COOKIES and COUNTERSIGN_WEB (the built client's folder); what is not set has
    a value that works on one machine."""
    root = Path(__file__).parent.parent
    folder = Path(os.environ.get("COUNTERSIGN_DATA", root / "data")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    database = os.environ.get("COUNTERSIGN_DATABASE", f"sqlite:///{folder / 'countersign.sqlite3'}")
    return Settings(
        database=database,
        folder=folder,
        tenant=os.environ.get("COUNTERSIGN_TENANT", "main"),
        secret_key=_secret(folder / "secret"),
        demo=os.environ.get("COUNTERSIGN_DEMO", "") == "1",
        web=Path(os.environ.get("COUNTERSIGN_WEB", root / "web" / "dist")).resolve(),
        secure_cookies=os.environ.get("COUNTERSIGN_SECURE_COOKIES", "") == "1",
    )


def _secret(path: Path) -> str:
    """Read the installation's secret, or make it at the first start; only its owner may read it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
    return secret
