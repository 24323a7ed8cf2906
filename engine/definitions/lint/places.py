"""BPMN elements stand where BPMN has them, and as often: else a reader may see what another skips.

Not the whole schema, only the elements that are executed: what stands elsewhere would be checked by
nobody, and perhaps run by somebody.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from engine.definitions.bpmn import (
    ACTIVITIES,
    EVENT_DEFINITIONS,
    EVENTS,
    FLOW_NODES,
    LOOPS,
    SCOPES,
    TIMER_VALUES,
    Element,
    kind_of,
)
from engine.definitions.lint.drawing import Drawing
from engine.problems import Problem

_LANE_SETS = frozenset({"laneSet", "childLaneSet"})

PLACES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(FLOW_NODES, SCOPES),
        "sequenceFlow": SCOPES,
        **dict.fromkeys(EVENT_DEFINITIONS, EVENTS),
        **dict.fromkeys(LOOPS, ACTIVITIES),
        **dict.fromkeys(TIMER_VALUES, frozenset({"timerEventDefinition"})),
        "conditionExpression": frozenset({"sequenceFlow"}),
        "condition": frozenset({"conditionalEventDefinition"}),
        "script": frozenset({"scriptTask"}),
        "loopCardinality": frozenset({"multiInstanceLoopCharacteristics"}),
        "completionCondition": frozenset({"multiInstanceLoopCharacteristics", "adHocSubProcess"}),
        "loopCondition": frozenset({"standardLoopCharacteristics"}),
        "laneSet": SCOPES,
        "childLaneSet": frozenset({"lane"}),
        "lane": _LANE_SETS,
        "flowNodeRef": frozenset({"lane"}),
        "process": frozenset({"definitions"}),
    }
)
"""Element -> the elements that may hold it."""

_ONCE = frozenset(
    {
        *("conditionExpression", "condition", "script", "extensionElements"),
        *("loopCardinality", "completionCondition", "loopCondition"),
        *TIMER_VALUES,
    }
)


def check_places(drawing: Drawing) -> Iterator[Problem]:
    """Require executed elements to stand where BPMN has them, and single ones once."""
    for holder in drawing.drawn.process.iter():
        seen: set[str] = set()
        for child in holder:
            kind = kind_of(child)
            if kind is None:
                continue
            if kind in PLACES and kind_of(holder) not in PLACES[kind]:
                yield _misplaced(drawing, child, kind, kind_of(holder) or "extension")
            single = "loop" if kind in LOOPS else kind
            if single in seen and (kind in _ONCE or kind in LOOPS):
                yield _twice(drawing, child, kind)
            seen.add(single)


def _misplaced(drawing: Drawing, element: Element, kind: str, holder: str) -> Problem:
    return drawing.drawn.problem(
        "bpmn.misplaced",
        element,
        en=f"A {kind} has no place inside a {holder}; draw it anew in the editor.",
        zh=f"{kind} 不能放在 {holder} 内；请在编辑器中重新绘制。",
    )


def _twice(drawing: Drawing, element: Element, kind: str) -> Problem:
    return drawing.drawn.problem(
        "bpmn.twice",
        element,
        en=f"There is a second {kind} in the same place, and only one could count; remove one.",
        zh=f"同一处有第二个 {kind}，只能保留一个；请删除其中一个。",
    )
