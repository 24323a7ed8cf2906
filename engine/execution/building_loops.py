"""Read the multi-instance or loop characteristics of an activity."""

from typing import TYPE_CHECKING

from lxml import etree

from engine.definitions.model import Activity
from engine.execution.expressions import Expressions
from engine.execution.flow_nodes import require
from engine.execution.multi_instance import LoopActivity, MultiInstance, StandardLoop
from engine.execution.parsing import CS, NodeElement

if TYPE_CHECKING:
    from SpiffWorkflow.bpmn.specs import BpmnProcessSpec


def loop_of(
    scope: "BpmnProcessSpec", node: NodeElement, activity: Activity, expressions: Expressions
) -> LoopActivity | None:
    """Give the loop activity that a node asks for; None when it runs once."""
    several = node.child("multiInstanceLoopCharacteristics")
    again = node.child("standardLoopCharacteristics")
    if several is not None:
        return _multi_instance(MultiInstance(scope, activity), several, node, expressions)
    if again is not None:
        return _standard_loop(StandardLoop(scope, activity), again, node, expressions)
    return None


def _multi_instance(
    loop: MultiInstance, xml: etree._Element, node: NodeElement, expressions: Expressions
) -> MultiInstance:
    path = "multiInstanceLoopCharacteristics"
    require(xml.get("behavior", "All") == "All", f"{node.id!r} throws events as it loops.")
    extension = {name: (xml.get(CS + name) or "").strip() for name in _EXTENSIONS}
    loop.sequential = xml.get("isSequential") == "true"
    loop.cardinality = expressions.optional(node.text(f"{path}/loopCardinality"), node.id)
    loop.collection = expressions.optional(extension["collection"], node.id)
    require(
        (loop.cardinality is None) != (loop.collection is None),
        f"{node.id!r} needs either a cardinality or a collection.",
    )
    loop.element = extension["element"]
    loop.output_collection = extension["outputCollection"]
    loop.output_element = expressions.optional(extension["outputElement"], node.id)
    require(
        loop.output_collection or loop.output_element is None,
        f"{node.id!r} has an output element but no output collection.",
    )
    loop.completion = expressions.optional(node.text(f"{path}/completionCondition"), node.id)
    return loop


def _standard_loop(
    loop: StandardLoop, xml: etree._Element, node: NodeElement, expressions: Expressions
) -> StandardLoop:
    loop.condition = expressions.optional(
        node.text("standardLoopCharacteristics/loopCondition"), node.id
    )
    maximum = xml.get("loopMaximum", "").strip()
    require(not maximum or maximum.isdecimal(), f"{node.id!r}: loopMaximum must be a number.")
    loop.maximum = int(maximum or 0)
    require(
        loop.condition is not None or loop.maximum,
        f"{node.id!r} loops without a condition and without a maximum.",
    )
    loop.test_before = xml.get("testBefore") == "true"
    return loop


_EXTENSIONS = ("collection", "element", "outputCollection", "outputElement")
