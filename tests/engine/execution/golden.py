"""Write the golden in-flight instances: one saved instance a wait state, finished by later code.

`python -m tests.engine.execution.golden` writes those that are missing; what is there stays, for it
is what an earlier version of this code saved. A file is named after its diagram and the format of
its state.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from engine.execution import Program, Runtime, load_program
from engine.execution.codec import FORMAT
from tests.engine.execution.compile import compile_diagram, compile_drawn, diagram
from tests.engine.execution.host import TestHost

FOLDER = Path(__file__).parents[2] / "golden" / "in_flight"
_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")

Step = tuple[str, str, dict[str, Any]]
"""What is done ("complete", "deliver", "minutes"), where, and with what values."""

LOTS = {"lots": ["L1", "L2"]}
INSTANCES: dict[str, tuple[dict[str, Any], list[Step], list[Step]]] = {
    # diagram: variables at the start, steps before it is saved, steps after
    "embedded_subprocess_shares_the_variables": (
        {},
        [],
        [("complete", "a", {"x": 2}), ("complete", "c", {})],
    ),
    "parallel_join_in_a_loop_waits_for_both_in_every_round": (
        {},
        [
            ("complete", "a", {}),
            ("complete", "b", {}),
            ("complete", "review", {"again": True}),
            ("complete", "b", {}),
        ],
        [("complete", "a", {}), ("complete", "review", {"again": False})],
    ),
    "inclusive_join_waits_for_what_can_still_arrive": (
        {},
        [("complete", "a", {"x": 3}), ("complete", "c", {})],
        [("complete", "b", {}), ("complete", "after", {})],
    ),
    "boundary_timer_repeats_beside_its_activity": (
        {},
        [("minutes", "61", {})],
        [("minutes", "180", {}), ("complete", "a", {})],
    ),
    "event_gateway_takes_what_happens_first": (
        {"order": Decimal("12.50")},
        [],
        [("minutes", "60", {}), ("complete", "b", {})],
    ),
    "multi_instance_subprocess_keeps_its_instances_apart": (
        LOTS,
        [("complete", "measure", {"value": Decimal("0.10")})],
        [
            ("complete", "confirm", {"by": "Ben"}),
            ("complete", "measure", {"value": 9}),
            ("complete", "confirm", {"by": "Cleo"}),
        ],
    ),
    "multi_instance_in_sequence": (
        {"items": [1, 2]},
        [("complete", "a", {"value": Decimal("1.50")})],
        [("complete", "a", {"value": 2}), ("complete", "b", {})],
    ),
    "standard_loop_repeats_while_its_condition_is_true": (
        {},
        [("complete", "a", {"ok": False})],
        [("complete", "a", {"ok": True}), ("complete", "b", {})],
    ),
    "call_activity_with_inputs_has_its_own_variables": (
        {"receipt": {"lot": "L1"}},
        [],
        [("complete", "a", {"ok": True}), ("complete", "c", {})],
    ),
    "boundary_message_that_does_not_interrupt_stays_armed": (
        {"order": "PO-1"},
        [("deliver", "change", {"number": 1})],
        [
            ("deliver", "change", {"number": 2}),
            ("complete", "a", {}),
            ("complete", "look", {}),
            ("complete", "look", {}),
        ],
    ),
    "boundary_condition_fires_each_time_it_turns_true": (
        {},
        [("complete", "a", {"temperature": 9})],
        [("complete", "a", {"temperature": 10}), ("complete", "w", {})],
    ),
    "signal_reaches_everyone_who_waits": ({"lot": "L1"}, [], [("complete", "a", {})]),
    # Saved by the code before 41bbcd8, when what was set free moved in another order.
    "inclusive_join_in_a_loop_counts_every_round_anew": (
        {},
        [("complete", "a", {"both": True}), ("complete", "c", {})],
        [("complete", "b", {}), ("complete", "review", {"again": False})],
    ),
    "multi_instance_within_multi_instance": (
        {"lots": [{"points": [1, 2]}, {"points": [10]}]},
        [("complete", "measure", {"value": Decimal("0.5")})],
        [("complete", "measure", {"value": 1}), ("complete", "measure", {"value": 2})],
    ),
    "message_event_waits_for_its_correlation": (
        {},
        [("complete", "a", {"order": "PO-1"})],
        [("deliver", "m", {"quantity": 5}), ("complete", "b", {})],
    ),
    "timer_event_waits_for_a_duration": (
        {},
        [],
        [("minutes", "90", {}), ("complete", "a", {})],
    ),
    "conditional_event_waits_for_its_condition": (
        {},
        [],
        [("complete", "a", {"level": 5}), ("complete", "b", {})],
    ),
    "boundary_timer_interrupts_its_activity": (
        {},
        [],
        [("minutes", "60", {}), ("complete", "b", {})],
    ),
}


class Golden(msgspec.Struct):
    """A saved instance and what must become of it."""

    diagram: str
    state: str
    variables: dict[str, Any]
    waits: dict[str, Any]
    then: list[Step]
    minutes: int
    at_the_end: dict[str, Any]


def read(path: Path) -> Golden:
    """Read a golden file; numbers keep their digits."""
    found: Golden = msgspec.convert(_DECODER.decode(path.read_bytes()), Golden)
    return found


def program_of(name: str) -> Program:
    """Load the program of a diagram, with the process it calls if there is one."""
    called = {}
    if b'id="called"' in diagram(name):
        called["called"] = compile_drawn(diagram(name), "called")
    return load_program(compile_diagram(name), called)


def take(runtime: Runtime, host: TestHost, step: Step) -> None:
    """Take a step; of several tasks of a name the first."""
    what, where, values = step
    if what == "minutes":
        runtime.fire_timers(host.wait(minutes=int(where)))
    elif what == "deliver":
        waiting = next(s for s in runtime.subscriptions() if s.activity_id == where)
        runtime.deliver(waiting.task_ref, values)
    else:
        activity = next(a for a in runtime.open_activities() if a.activity_id == where)
        runtime.complete(activity.task_ref, values)


def picture(runtime: Runtime) -> dict[str, Any]:
    """Say what an instance waits for, in values that JSON keeps."""
    return {
        "open": [
            [a.task_ref, a.activity_id, a.visit, a.item_index, dict(a.locals)]
            for a in runtime.open_activities()
        ],
        "timers": [[t.task_ref, t.activity_id, t.due_at.isoformat()] for t in runtime.timers()],
        "subscriptions": [
            [s.task_ref, s.activity_id, s.name, s.correlation] for s in runtime.subscriptions()
        ],
        "finished": runtime.finished,
        "variables": dict(runtime.variables),
    }


def make(name: str, variables: Mapping[str, Any], before: list[Step], then: list[Step]) -> Golden:
    """Run a diagram to the wait state, save it, and run it on to the end."""
    host = TestHost()
    begun = host.time
    runtime = Runtime.start(program_of(name), variables, host)
    for step in before:
        take(runtime, host, step)
    state, waits, document = runtime.save(), picture(runtime), dict(runtime.variables)
    minutes = int((host.time - begun).total_seconds() // 60)
    for step in then:
        take(runtime, host, step)
    return Golden(name, state.hex(), document, waits, then, minutes, picture(runtime))


def main() -> None:
    """Write what is missing."""
    for name, (variables, before, then) in INSTANCES.items():
        path = FOLDER / f"{name}.{FORMAT}.json"
        if not path.exists():
            golden = _ENCODER.encode(make(name, variables, before, then))
            path.write_bytes(msgspec.json.format(golden, indent=1) + b"\n")
            print(json.dumps(str(path.name)))


if __name__ == "__main__":
    main()
