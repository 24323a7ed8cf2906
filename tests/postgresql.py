"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = (
    "fsync=off",  # a test's data may be lost with the machine
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=60",
    "shared_buffers=64MB",
)


def binaries() -> Path | None:
    """Find the server's programs: the newest of the system's packages, or those on the path."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if packaged:
        return packaged[-1].parent
    found = shutil.which("initdb")
    return None if found is None else Path(found).parent


@contextmanager
def server() -> Iterator[str]:
    """Run a server and give the URL of its first database; root runs it as user postgres."""
    programs = binaries()
    if programs is None:
        message = "PostgreSQL is not installed: run `make test`, or install your system's package"
        raise RuntimeError(message)
    folder = Path(tempfile.mkdtemp(prefix="countersign-pg-"))
    demotion = _as_postgres(folder) if os.geteuid() == 0 else {}
    data, log = folder / "data", folder / "log"
    try:
        _run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            demotion,
        )
        options = " ".join(f"-c {setting}" for setting in SETTINGS) + f" -k {folder}"
        _run([programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start"], demotion)
        try:
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], demotion)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_postgres(folder: Path) -> dict[str, int | list[int]]:
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _run(command: list[str | Path], demotion: dict[str, int | list[int]]) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        text=True,
        **demotion,  # type: ignore[call-overload]
    )
    if done.returncode:
        message = f"{command[0]} failed: {done.stderr.strip()}"
        raise RuntimeError(message)
