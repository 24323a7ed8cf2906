"""Multi-instance activities and loops say how often, over what, and where results go."""

from collections.abc import Iterator

from engine.definitions.bpmn import Element, child_text, children_of
from engine.definitions.diagram import Diagram, FlowNode, extension
from engine.definitions.lint.drawing import Drawing
from engine.definitions.lint.words import is_variable
from engine.problems import Problem

_DATA_REFERENCES = ("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem")


def check_repetition(drawing: Drawing) -> Iterator[Problem]:
    """Check the multi-instance or loop characteristics of every activity."""
    for node in drawing.drawn.nodes.values():
        loop = node.loop
        if loop is None:
            continue
        if node.is_multi_instance:
            yield from _check_multi_instance(drawing.drawn, node, loop)
        else:
            yield from _check_loop(drawing.drawn, node, loop)


def _check_multi_instance(diagram: Diagram, node: FlowNode, loop: Element) -> Iterator[Problem]:
    cardinality = child_text(loop, "loopCardinality")
    collection = extension(loop, "collection")
    if bool(cardinality) == bool(collection):
        yield diagram.problem(
            "multi_instance.how_often",
            node,
            en=f"{node.label} must say either how many (loopCardinality) or over what"
            " (cs:collection), in FEEL; now it says"
            f" {'both' if cardinality else 'neither'}.",
            zh=f"{node.label} 须用 FEEL 写明次数（loopCardinality）或集合（cs:collection）之一；"
            f"目前{'两者都有' if cardinality else '两者都没有'}。",
        )
    if bool(collection) != bool(extension(loop, "element")):
        yield diagram.problem(
            "multi_instance.element",
            node,
            en=f"{node.label}: cs:collection and cs:element belong together; name the variable that"
            ' holds each element (cs:element="characteristic").',
            zh=f"{node.label}：cs:collection 与 cs:element 须同时使用；请为每个元素命名变量"
            '（cs:element="characteristic"）。',
        )
    if extension(loop, "outputElement") and not extension(loop, "outputCollection"):
        yield diagram.problem(
            "multi_instance.output",
            node,
            en=f"{node.label} says what is gathered (cs:outputElement) but not where; name the"
            " variable in cs:outputCollection.",
            zh=f"{node.label} 写明了收集什么（cs:outputElement），但没有写明放到哪里；"
            "请在 cs:outputCollection 中写明变量。",
        )
    for name in ("element", "outputCollection"):
        value = extension(loop, name)
        if value is not None and not is_variable(value):
            yield _no_variable(diagram, node, f"cs:{name}", value)
    if children_of(loop, *_DATA_REFERENCES) and not collection:
        yield diagram.problem(
            "multi_instance.data_reference",
            node,
            en=f"{node.label} iterates over a BPMN data reference; write the collection as FEEL in"
            " cs:collection instead.",
            zh=f"{node.label} 使用了 BPMN 数据引用；请改在 cs:collection 中用 FEEL 书写集合。",
        )


def _check_loop(diagram: Diagram, node: FlowNode, loop: Element) -> Iterator[Problem]:
    maximum = loop.get("loopMaximum", "").strip()
    if maximum and not (maximum.isascii() and maximum.isdigit() and 0 < int(maximum) <= 10_000):
        yield diagram.problem(
            "loop.maximum",
            node,
            en=f"The loop maximum of {node.label}, “{maximum}”, must be a whole number from 1 to"
            " 10000.",
            zh=f"{node.label} 的最大循环次数“{maximum}”须为 1 到 10000 的整数。",
        )
    if not maximum and not child_text(loop, "loopCondition"):
        yield diagram.problem(
            "loop.how_often",
            node,
            en=f"The loop of {node.label} says neither its condition (loopCondition, FEEL) nor its"
            " maximum (loopMaximum); give one.",
            zh=f"{node.label} 的循环既没有条件（loopCondition，FEEL）也没有最大次数"
            "（loopMaximum）；请给出其一。",
        )


def _no_variable(diagram: Diagram, node: FlowNode, attribute: str, value: str) -> Problem:
    return diagram.problem(
        "extension.no_variable",
        node,
        en=f'{attribute}="{value}" of {node.label} is no variable name; use letters, digits and _'
        " and start with a letter.",
        zh=f'{node.label} 的 {attribute}="{value}" 不是变量名；请使用字母、数字和 _，'
        "并以字母开头。",
    )
