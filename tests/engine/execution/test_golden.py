"""What an earlier version saved is read and finished by this one (see golden.py)."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.execution.runtime import Runtime
from tests.engine.execution.golden import FOLDER, INSTANCES, picture, program_of, read, take
from tests.engine.execution.host import NOON, TestHost


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_an_instance_in_flight_is_finished(path: Path) -> None:
    golden = read(path)
    host = TestHost(time=NOON + timedelta(minutes=golden.minutes))
    program = program_of(golden.diagram)
    runtime = Runtime.restore(program, bytes.fromhex(golden.state), golden.variables, host)
    assert picture(runtime) == golden.waits
    for step in golden.then:
        take(runtime, host, step)
        runtime = Runtime.restore(program, runtime.save(), runtime.variables, host)
    assert picture(runtime) == golden.at_the_end


def test_every_wait_state_has_its_golden_instance() -> None:
    written = {path.name.split(".")[0] for path in FOLDER.glob("*.json")}
    assert set(INSTANCES) <= written
