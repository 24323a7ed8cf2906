"""The random walks are shown to find what they are there for: planted faults, each found."""

# ruff: noqa: ARG001, ARG005 - a fault takes the arguments of what it replaces

from collections.abc import Callable
from typing import Any

import pytest
from SpiffWorkflow.bpmn.specs.defaults import ParallelGateway as VanillaParallelGateway

from engine.execution import building, codec, events, multi_instance, program, pruning, workflow
from engine.execution.flow_nodes import BoundaryGroup, FlowNode
from engine.execution.gateways import EventBasedGateway, InclusiveGateway, Join
from engine.execution.scopes import Variables
from engine.execution.timers import to_stored
from engine.execution.tree_task import UNFINISHED, TreeTask
from tests.engine.execution.walks import walk

Fault = Callable[[pytest.MonkeyPatch], None]
ENOUGH = 600


def the_parallel_gateway_of_spiffworkflow(patch: pytest.MonkeyPatch) -> None:
    class Vanilla(FlowNode, VanillaParallelGateway):  # type: ignore[misc]  # untyped library
        def _update_hook(self, my_task: TreeTask) -> bool:
            fires = bool(VanillaParallelGateway._update_hook(self, my_task))
            if fires:
                self.enter(my_task)
            return fires

    by_age = property(lambda task: task.id)
    patch.setattr(TreeTask, "last_state_change", by_age, raising=False)
    # it looks for arrivals in the history, so the history stays
    patch.setattr("engine.execution.runtime.prune", lambda top: None)
    patch.setitem(building._GATEWAYS, "parallelGateway", Vanilla)


def pruning_forgets_arrivals(patch: pytest.MonkeyPatch) -> None:
    def is_kept(task: TreeTask) -> bool:
        return bool(task._state & UNFINISHED) and not isinstance(task.task_spec, Join)

    patch.setattr(pruning, "is_kept", is_kept)


def pruning_forgets_parents(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pruning, "needs_parent", lambda task: False)


def saving_drops_local_variables(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(codec, "_encode_locals", lambda variables: b"")


def saving_drops_what_an_event_keeps(patch: pytest.MonkeyPatch) -> None:
    row = codec._row
    patch.setattr(codec, "_row", lambda task, parent: row(task, parent)[:5])


def saving_drops_visits(patch: pytest.MonkeyPatch) -> None:
    encode = codec.encode

    def forgetful(top: workflow.InstanceWorkflow) -> bytes:
        top.visits.clear()
        return encode(top)

    patch.setattr("engine.execution.runtime.encode", forgetful)


def a_boundary_event_outlives_its_activity(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BoundaryGroup, "child_completed", lambda self, my_task, child: None)


def an_interrupted_activity_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BoundaryGroup, "interrupt", lambda self, my_task: None)


def a_boundary_event_fires_once_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(events.BoundaryEvent, "_stay_armed", lambda self, group, kept: None)


def an_event_gateway_takes_every_event(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(EventBasedGateway, "disarm", lambda self, my_task: None)


def an_inclusive_join_waits_for_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(InclusiveGateway, "_may_fire", lambda self, my_task, arrivals: True)


def a_join_leaves_its_arrivals(patch: pytest.MonkeyPatch) -> None:
    def update(self: Join, my_task: TreeTask) -> bool:
        my_task._set_state(8)
        fires = self._may_fire(my_task, self._arrivals(my_task))
        if fires:
            FlowNode.enter(self, my_task)
        return fires

    patch.setattr(Join, "_update_hook", update)


def a_variable_keeps_its_first_value(patch: pytest.MonkeyPatch) -> None:
    assign = Variables.assign

    def once(self: Variables, scope: int, name: str, value: Any) -> None:
        if name == "r" or name not in self.seen_from(scope):
            assign(self, scope, name, value)

    patch.setattr(Variables, "assign", once)


def a_local_variable_leaks(patch: pytest.MonkeyPatch) -> None:
    def assign(self: Variables, scope: int, name: str, value: Any) -> None:
        self.document[name] = value

    patch.setattr(Variables, "assign", assign)


def a_result_is_gathered_in_the_order_of_completion(patch: pytest.MonkeyPatch) -> None:
    completed = multi_instance.MultiInstance.instance_completed

    def by_time(self: Any, task: TreeTask, child: TreeTask, progress: Any) -> None:
        child.item_index = progress.done
        completed(self, task, child, progress)

    patch.setattr(multi_instance.MultiInstance, "instance_completed", by_time)


def a_terminate_ends_only_its_token(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workflow.ScopeWorkflow, "terminate", lambda self, by: None)


def a_repetition_counts_from_when_it_was_looked_at(patch: pytest.MonkeyPatch) -> None:
    advance = events._advance

    def drifting(task: TreeTask) -> None:
        missed = to_stored(task.workflow.top_workflow.host.now())
        missed -= task.internal_data[events.DUE]
        advance(task)
        task.internal_data[events.DUE] += missed

    patch.setattr(events, "_advance", drifting)


def a_cancelled_scope_lives_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workflow.InstanceWorkflow, "drop_inner", lambda self, task: None)


def a_deadlock_is_not_told(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(workflow.InstanceWorkflow, "require_rest", lambda self: None)


FAULTS: list[tuple[Fault, str]] = [
    (the_parallel_gateway_of_spiffworkflow, "gateways"),
    (pruning_forgets_arrivals, "gateways"),
    (pruning_forgets_parents, "gateways"),
    (saving_drops_local_variables, "loops"),
    (saving_drops_what_an_event_keeps, "events"),
    (saving_drops_visits, "gateways"),
    (a_boundary_event_outlives_its_activity, "events"),
    (an_interrupted_activity_goes_on, "events"),
    (a_boundary_event_fires_once_only, "events"),
    (an_event_gateway_takes_every_event, "events"),
    (an_inclusive_join_waits_for_nobody, "gateways"),
    (a_join_leaves_its_arrivals, "gateways"),
    (a_variable_keeps_its_first_value, "all"),
    (a_local_variable_leaks, "loops"),
    (a_result_is_gathered_in_the_order_of_completion, "loops"),
    (a_terminate_ends_only_its_token, "events"),
    (a_repetition_counts_from_when_it_was_looked_at, "events"),
    (a_cancelled_scope_lives_on, "events"),
    (a_deadlock_is_not_told, "events"),
]


@pytest.mark.parametrize(("fault", "family"), FAULTS, ids=[f.__name__ for f, _ in FAULTS])
def test_a_planted_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, family: str
) -> None:
    monkeypatch.setattr(program, "_PREPARED", program.BoundedCache(1))
    monkeypatch.setattr(program, "_PROGRAMS", program.BoundedCache(1))
    fault(monkeypatch)
    for seed in range(ENOUGH):
        try:
            walk(seed, family)
        except Exception as found:  # noqa: BLE001 - whatever form the damage takes
            print(f"found by seed {seed}: {type(found).__name__}: {str(found)[:120]}")
            return
    pytest.fail(f"{ENOUGH} walks of the family {family!r} did not find it")
