"""Run the diagram named after the test: `run(variables)` starts it, the driver steps it.

Between any two steps the driver saves and restores, as the product does between two commands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.definitions.model import CompiledDefinition
from engine.execution import OpenActivity, Program, Runtime, Subscription, Thrown, load_program
from tests.engine.execution.compile import compile_diagram, compile_drawn, diagram
from tests.engine.execution.host import TestHost

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(slots=True)
class Driver:
    """An instance of a diagram; asks and steps by the ids of the diagram."""

    program: Program
    host: TestHost
    runtime: Runtime
    thrown: list[Thrown] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, Any]:
        return self.runtime.variables

    @property
    def open(self) -> list[str]:
        """The activities that wait for people, by id, sorted."""
        return sorted(activity.activity_id for activity in self.runtime.open_activities())

    @property
    def finished(self) -> str | None:
        return self.runtime.finished

    @property
    def due(self) -> dict[str, str]:
        """When each timer is due, by id, as text to the minute."""
        return {
            timer.activity_id: f"{timer.due_at:%Y-%m-%d %H:%M}" for timer in self.runtime.timers()
        }

    @property
    def left(self) -> list[str]:
        return [activity_id for activity_id, _ in self.host.left]

    def activity(self, activity_id: str, item_index: int | None = None) -> OpenActivity:
        return next(
            found
            for found in self.runtime.open_activities()
            if found.activity_id == activity_id
            and (item_index is None or found.item_index == item_index)
        )

    def subscription(self, activity_id: str) -> Subscription:
        return next(s for s in self.runtime.subscriptions() if s.activity_id == activity_id)

    def do(self, activity_id: str, item_index: int | None = None, /, **data: Any) -> "Driver":
        """Complete an open activity with these values."""
        self.runtime.complete(self.activity(activity_id, item_index).task_ref, data)
        return self.put_down_and_pick_up()

    def tell(self, activity_id: str, **payload: Any) -> "Driver":
        """Deliver the message or signal that an event waits for."""
        self.runtime.deliver(self.subscription(activity_id).task_ref, payload)
        return self.put_down_and_pick_up()

    def wait(self, **duration: float) -> int:
        """Let time pass and fire what is due; gives how many timers fired."""
        fired = self.runtime.fire_timers(self.host.wait(**duration))
        self.put_down_and_pick_up()
        return fired

    def put_down_and_pick_up(self) -> "Driver":
        """Save and restore, as between two commands."""
        self.thrown += self.runtime.take_thrown()
        state, variables = self.runtime.save(), _ENCODER.encode(self.runtime.variables)
        self.runtime = Runtime.restore(self.program, state, _DECODER.decode(variables), self.host)
        assert self.runtime.save() == state
        return self


Run = Callable[..., Driver]


@pytest.fixture
def definition(request: pytest.FixtureRequest) -> CompiledDefinition:
    """The first process of the diagram that has the name of the test."""
    decisions = getattr(request.module, "DECISIONS", {})
    return compile_diagram(_name_of(request), decisions=decisions)


@pytest.fixture
def called(request: pytest.FixtureRequest) -> Mapping[str, CompiledDefinition]:
    """The process "called" of the same diagram, where there is one."""
    content = diagram(_name_of(request))
    if b'id="called"' not in content:
        return {}
    return {"called": compile_drawn(content, "called")}


@pytest.fixture
def run(definition: CompiledDefinition, called: Mapping[str, CompiledDefinition]) -> Run:
    """Start the diagram: `run(variables, services={…}, start_event=…, payload=…, time=…)`."""

    def start(
        variables: Mapping[str, Any] | None = None,
        *,
        services: Mapping[str, Any] | None = None,
        time: datetime | None = None,
        **how: Any,
    ) -> Driver:
        host = TestHost(services or {})
        host.time = time or host.time
        program = load_program(definition, called)
        runtime = Runtime.start(program, variables or {}, host, **how)
        return Driver(program, host, runtime).put_down_and_pick_up()

    return start


def _name_of(request: pytest.FixtureRequest) -> str:
    name = getattr(request.node, "originalname", None) or request.node.name
    return str(name).removeprefix("test_")
