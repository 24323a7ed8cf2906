"""Make this checkout ready: `python3 tools/setup.py run|test`. Needs nothing but Python 3.11+.

Run with the system's Python. Makes .venv, installs the locked packages, and for tests the system's
browser and database server; says what it does and how long it takes; does nothing twice.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
COMMAND = VENV / "bin" / "countersign"
LOCKS = {"run": "build.txt", "test": "development.txt"}
SYSTEM_PACKAGES = {
    "chromium": ["chromium", "fonts-noto-cjk"],
    "initdb": ["postgresql"],
}


def main() -> None:
    """Set up for running or for testing."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    if sys.version_info < (3, 11):
        _fail(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    _virtual_environment()
    _packages(LOCKS[purpose])
    _command()
    if purpose == "test":
        _system_packages()


def _fail(sentence: str) -> None:
    print(f"\n{sentence}", file=sys.stderr)
    raise SystemExit(1)


def _say(sentence: str) -> None:
    print(f"· {sentence}", flush=True)


def _run(what: str, command: list[str | Path], help_: str, **more: object) -> None:
    """Run a step, tell how long it took, and on failure say what to do."""
    begun = time.monotonic()
    _say(f"{what} …")
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **more,  # type: ignore[call-overload]
    )
    if done.returncode:
        print(done.stdout[-3000:], file=sys.stderr)
        _fail(help_)
    _say(f"{what}: {time.monotonic() - begun:.0f} s")


def _virtual_environment() -> None:
    if PYTHON.exists():
        return
    _run(
        "Making the virtual environment",
        [sys.executable, "-m", "venv", VENV],
        "The Python module venv is missing: install your system's package python3-venv.",
    )


def _packages(lock: str) -> None:
    """Install the locked packages unless this lock was installed already."""
    path = ROOT / "requirements" / lock
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    stamp = VENV / f".installed-{lock}"
    if stamp.exists() and stamp.read_text() == digest:
        return
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        _run(
            "Fetching the installer",
            [
                PYTHON,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                ROOT / "requirements" / "uv.txt",
            ],
            "The package registry (PyPI) cannot be reached: check the network or pip's settings.",
        )
    _run(
        "Installing the locked packages",
        [uv, "pip", "install", "-q", "--require-hashes", "--python", PYTHON, "-r", path],
        "A package could not be installed: see above; check the network or pip's settings.",
        env={**os.environ, "UV_LINK_MODE": "copy", **_pip_settings()},
    )
    stamp.write_text(digest)


def _command() -> None:
    """Make the command `countersign`: the checkout is the product, nothing of it is installed."""
    text = f"""#!{PYTHON}
import sys

sys.path.insert(0, {str(ROOT)!r})
from api.cli import main

main()
"""
    if not COMMAND.exists() or COMMAND.read_text() != text:
        COMMAND.write_text(text)
        COMMAND.chmod(0o755)


def _pip_settings() -> dict[str, str]:
    """Hand pip's own index settings to uv, which does not read them."""
    shown = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout
    settings = {}
    for line in shown.splitlines():
        name, _, value = line.partition("=")
        key = name.split(".")[-1]
        if key == "index-url" and "UV_DEFAULT_INDEX" not in os.environ:
            settings["UV_DEFAULT_INDEX"] = value.strip("'\"")
        if key == "cert":
            settings["SSL_CERT_FILE"] = value.strip("'\"")
    return settings


def _found(program: str) -> bool:
    if program == "initdb" and list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return True
    return any(
        shutil.which(name)
        for name in (program, "chromium-browser", "google-chrome")
        if program in ("chromium", name)
    )


def _system_packages() -> None:
    """Install browser and database server from the system's packages where that is possible."""
    missing = [program for program in SYSTEM_PACKAGES if not _found(program)]
    if not missing:
        return
    packages = [name for program in missing for name in SYSTEM_PACKAGES[program]]
    wanted = " ".join(packages)
    help_ = f"Install these packages of your system, then run make test again: {wanted}"
    apt = shutil.which("apt-get")
    root = os.geteuid() == 0
    if apt is None or not (root or _may_sudo()):
        _fail(help_)
    before: list[str | Path] = [] if root else ["sudo", "-n"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run("Reading the system's package lists", [*before, str(apt), "update", "-q"], help_, env=env)
    command = [*before, str(apt), "install", "-y", "-q", "--no-install-recommends", *packages]
    _run(f"Installing {wanted}", command, help_, env=env)


def _may_sudo() -> bool:
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0


if __name__ == "__main__":
    main()
