"""Where a step stands in its instance, said by a device that has not asked: its address.

A device that ran ahead (web/src/ahead_of_server) names a step by the logical address (activity,
visit, index), which follows from the diagram and from what was done; the task ref is the server's.
Here an address finds its task ref, and what a device said would come next is compared with what
came.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.execution.runtime import Runtime
from engine.execution.views import OpenActivity


def resolve(
    runtime: Runtime, process_id: str, activity_id: str, visit: int, index: int | None
) -> int | None:
    """Give the task ref of the open step at an address; None when none is open there.

    `process_id` is that of the diagram which holds the activity, the instance's own or that of a
    called process. Whether it was done, was cancelled or is still to come, `visits_so_far` tells.
    """
    for waiting in runtime.open_activities():
        at = (waiting.process_id, waiting.activity_id, waiting.visit, waiting.item_index)
        if at == (process_id, activity_id, visit, index):
            return waiting.task_ref
    return None


def visits_so_far(runtime: Runtime, process_id: str, activity_id: str) -> int:
    """Tell how often an activity was entered: a visit above it has not come yet, one up to it that
    is not open was done or cancelled. LookupError when the diagram has no such activity."""
    return runtime.visits(process_id, activity_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a device said would open, beside what did: activity ids, as often as they differ."""

    missing: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()

    @property
    def came_true(self) -> bool:
        return not self.missing and not self.unexpected


def compare(
    predicted: Sequence[str] | None,
    before: Iterable[OpenActivity],
    after: Iterable[OpenActivity],
) -> Prediction:
    """Compare what a device said a step would open (`next` of its record) with what it opened.

    None is what a device says where the server goes on: then nothing was predicted, and nothing
    differs. `before` and `after` are what was open around the one command.
    """
    if predicted is None:
        return Prediction()
    known = {waiting.task_ref for waiting in before}
    opened = Counter(w.activity_id for w in after if w.task_ref not in known)
    said = Counter(predicted)
    return Prediction(
        missing=tuple(sorted((said - opened).elements())),
        unexpected=tuple(sorted((opened - said).elements())),
    )
