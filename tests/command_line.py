"""The command line as people run it: a process of its own over a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_LANGUAGE = {"LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"}


def command(*words: str) -> list[str]:
    """Give what runs `countersign WORDS` with this Python."""
    return [sys.executable, "-m", "api.cli", *words]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Give the environment of a command line whose data lie in `home`; nothing of ours but that."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in _LANGUAGE and not key.startswith("COUNTERSIGN_")
    }
    return kept | {
        "COUNTERSIGN_DATA": str(home),
        "COLUMNS": "1000",
        "PYTHONIOENCODING": "utf-8",
        **more,
    }


def countersign(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end; `more` is put into its environment."""
    return subprocess.run(
        command(*words),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
        env=environment(home, **more),
    )
