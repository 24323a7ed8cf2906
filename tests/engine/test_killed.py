"""The process is killed between click and answer: the record is whole, and the same command sent
again has its effect exactly once."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from engine.commands.work_items import CompleteWorkItem
from engine.identifiers import new_id
from tests.engine.workshop import Workshop
from tests.people import BEN

GOOD: dict[str, Any] = {"lot": "L1", "quantity": "12.50"}
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("moment", ["before commit", "after commit"])
def test_killed_between_click_and_answer(workshop: Workshop, moment: str) -> None:
    order = workshop.start("toy_order", by=BEN)
    item = workshop.open("fill", BEN)
    command = CompleteWorkItem(
        command_id=new_id(),
        work_item_id=item.work_item_id,
        revision=item.revision,
        data=GOOD,
        signature=workshop.sign(item, BEN, GOOD),
    )
    assert command.signature is not None
    asked = {
        "by": "ben",
        "command_id": str(command.command_id),
        "work_item_id": str(command.work_item_id),
        "revision": command.revision,
        "data": GOOD,
        "signature": asdict(command.signature),
    }
    url = workshop.database.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-m", "tests.engine.killed_worker", url, moment, json.dumps(asked)],
        check=False,
        cwd=ROOT,
        timeout=120,
    )
    assert killed.returncode == 9
    assert workshop.verify().whole
    done = [e["event"] for e in workshop.events(order)].count("work_item.completed")
    assert done == (1 if moment == "after commit" else 0)
    answer = workshop.must(workshop.ask(command, BEN))
    assert answer["process_instance_id"] == str(order)
    events = [e["event"] for e in workshop.events(order)]
    assert events.count("work_item.completed") == 1
    assert events.count("message.thrown") == 1
    assert workshop.verify().whole
