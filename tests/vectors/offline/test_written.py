"""The vectors of the offline protocol are what their maker writes.

The server and the device (web/test/device) are held to the files.
"""

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[3] / "tools" / "make_offline_vectors.py"


def test_files_are_what_the_tool_writes() -> None:
    done = subprocess.run(
        [sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
