"""Forget the consumed past of an instance, so that its size follows its present.

Kept are the tasks that have not finished (tokens, and the arrivals of joins among them), and of the
finished ones those that an unfinished one is still told apart by: the node an arrival came from,
and the group of an activity with its boundary events, of an event-based gateway, of a loop.
"""

from typing import TYPE_CHECKING

from engine.execution.flow_nodes import BoundaryGroup
from engine.execution.gateways import EventBasedGateway, Join
from engine.execution.multi_instance import LoopActivity
from engine.execution.scopes import Variables
from engine.execution.tree_task import ROOT, UNFINISHED, TreeTask

if TYPE_CHECKING:
    from engine.execution.workflow import AnyWorkflow, InstanceWorkflow

_GROUPS = (BoundaryGroup, EventBasedGateway, LoopActivity)


def prune(top: "InstanceWorkflow") -> None:
    """Prune all trees of an instance, and the local variables nobody can see any more."""
    prune_tree(top)
    for inner in top.subprocesses.values():
        prune_tree(inner)
    if top.variables.scopes or top.variables.progress:
        prune_variables(top.variables, {t.id for t in top.all_tasks() if is_kept(t)})


def prune_tree(workflow: "AnyWorkflow") -> None:
    """Prune one tree to its present; what needs no parent hangs below the root."""
    tasks = workflow.tasks
    kept = {
        ref: task._parent if needs_parent(task) else ROOT  # noqa: SLF001
        for ref, task in tasks.items()
        if ref != ROOT and is_kept(task)
    }
    parents = dict.fromkeys(kept.values(), ROOT) | kept
    parents.pop(ROOT, None)
    if len(parents) + 1 == len(tasks):
        return
    for ref in [ref for ref in tasks if ref != ROOT and ref not in parents]:
        del tasks[ref]
    for task in tasks.values():
        task._children = []  # noqa: SLF001
    for ref, task in tasks.items():  # parents stand before their children: refs only grow
        if ref != ROOT:
            task._parent = parents[ref]  # noqa: SLF001
            tasks[parents[ref]]._children.append(ref)  # noqa: SLF001


def is_kept(task: TreeTask) -> bool:
    """Whether a task is part of the present."""
    return bool(task._state & UNFINISHED)  # noqa: SLF001


def needs_parent(task: TreeTask) -> bool:
    """Whether a task is told apart by its parent."""
    return isinstance(task.task_spec, Join) or isinstance(task.parent.task_spec, _GROUPS)


def prune_variables(variables: Variables, present: set[int]) -> None:
    """Forget the scopes and loops of activities that are over."""
    for key in [key for key in variables.scopes if abs(key) not in present]:
        del variables.scopes[key]
    for key in [key for key in variables.progress if key not in present]:
        del variables.progress[key]
