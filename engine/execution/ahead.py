"""What a device needs of a running instance to go on without the server: the state of its steps.

The twin of `State` in web/src/ahead_of_server/machine.ts, as JSON: the case document, what waits
for people with the variables around it, the loops under way, how often each step was visited. Of
called processes nothing is given: they run on the server.

Values are written so that no digit is lost and nothing is taken for something else: a number is
{"": "12.50"}, and an object whose one key is "" is {"": {…}}.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.execution.errors import ValueUnusable
from engine.execution.events import BoundaryEvent
from engine.execution.flow_nodes import HumanTask
from engine.execution.multi_instance import LoopActivity
from engine.execution.runtime import Runtime
from engine.execution.scopes import CASE, Progress
from engine.execution.tree_task import WAITING, TreeTask
from engine.execution.workflow import InstanceWorkflow

VERSION = "1"


def device_state(runtime: Runtime) -> dict[str, Any]:
    """Give what a device needs to run the open steps of an instance ahead of the server."""
    return _Export(runtime.top).state()


def exact(value: Any) -> Any:
    """Write a value of the case document as JSON that keeps its digits; ValueUnusable for a float
    and for what is no value."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | Decimal):
        return {"": f"{Decimal(value):f}"}
    if isinstance(value, list | tuple):
        return [exact(item) for item in value]
    if isinstance(value, Mapping):
        written = {str(key): exact(item) for key, item in value.items()}
        return {"": written} if written.keys() == {""} else written
    raise ValueUnusable(f"{value!r} cannot be a process variable; use Decimal, text or lists.")


class _Export:
    """One instance being written; frames and runs are written as they are met."""

    def __init__(self, top: InstanceWorkflow) -> None:
        self._top = top
        self._own = top.program.process_id
        self._frames: dict[str, Any] = {}
        self._runs: dict[str, Any] = {}

    def state(self) -> dict[str, Any]:
        tasks = [task for task in self._top.all_tasks() if task.is_open]
        opened = [self._open(task) for task in sorted(tasks, key=_ref) if self._is_own(task)]
        return {
            "v": VERSION,
            "variables": exact(self._top.variables.document),
            "visits": self._visits(),
            "open": opened,
            "frames": self._frames,
            "runs": self._runs,
            "away": any(self._is_elsewhere(task) for task in self._top.all_tasks()),
        }

    def _is_own(self, task: TreeTask) -> bool:
        return bool(task.task_spec.process_id == self._own)

    def _open(self, task: TreeTask) -> dict[str, Any]:
        return {
            "activity": task.task_spec.bpmn_id,
            "visit": task.visit,
            "index": None if task.item_index < 0 else task.item_index,
            "frame": self._frame(task.scope),
        }

    def _frame(self, key: int) -> str | None:
        """Write the variables around a step and the loop they belong to; give their key."""
        if key == CASE:
            return None
        if str(key) not in self._frames:
            scope = self._top.variables.scopes[key]
            instance = self._top.find(key)
            assert instance is not None  # a loop's scope has the key of its instance's task
            loop = instance.parent
            self._frames[str(key)] = {
                "outer": self._frame(scope.outer),
                "run": self._run(loop),
                "index": instance.item_index,
                "values": {name: exact(value) for name, value in scope.values.items()},
                "keeps": scope.keeps,
            }
        return str(key)

    def _run(self, loop: TreeTask) -> str:
        key = str(loop.id)
        if key not in self._runs:
            progress: Progress = self._top.variables.progress[loop.id]
            self._runs[key] = {
                "loop": loop.task_spec.bpmn_id,
                "visit": loop.visit,
                "frame": self._frame(loop.scope),
                "total": progress.total,
                "done": progress.done,
                "elements": exact(progress.elements),
                "results": {str(index): exact(found) for index, found in progress.results.items()},
            }
        return key

    def _visits(self) -> dict[str, int]:
        """Give how often each step and each loop was visited; gateways and events need no count."""
        counted = self._top.visits.get(self._own, [])
        nodes = {
            node.bpmn_id: node.position
            for scope in self._top.prepared.scopes.values()
            for node in scope.task_specs.values()
            if isinstance(node, HumanTask | LoopActivity) and node.position >= 0
        }
        visits = {name: counted[at] for name, at in nodes.items() if at < len(counted)}
        return {name: count for name, count in visits.items() if count}

    def _is_elsewhere(self, task: TreeTask) -> bool:
        """Tell whether a task holds a token that a device neither sees nor moves: an event that is
        waited for, a join that waits, a called process."""
        if not self._is_own(task):
            return task.is_open or task._state == WAITING  # noqa: SLF001 - the same package
        waits = task._state == WAITING  # noqa: SLF001
        return bool(waits and not isinstance(task.task_spec, BoundaryEvent))


def _ref(task: TreeTask) -> int:
    return task.id
