"""People read the diagram in English and Chinese: what they see has a name in both."""

from collections.abc import Iterator

from engine.definitions.bpmn import Element
from engine.definitions.diagram import extension
from engine.definitions.lint.drawing import Drawing
from engine.problems import Problem

_SHOWN = frozenset({"userTask", "manualTask", "task", "callActivity", "subProcess"})


def check_names(drawing: Drawing) -> Iterator[Problem]:
    """Warn of a name in one language only, and of a task for people without a name."""
    diagram = drawing.drawn
    yield from _check(drawing, diagram.process, f"The process {diagram.process_id}", needed=True)
    for lane in diagram.lanes:
        yield from _check(drawing, lane.element, f"The lane “{lane.name or lane.id}”", needed=True)
    for node in diagram.nodes.values():
        yield from _check(drawing, node.element, node.label, needed=node.kind in _SHOWN)


def _check(drawing: Drawing, element: Element, what: str, *, needed: bool) -> Iterator[Problem]:
    english = element.get("name", "").strip()
    chinese = extension(element, "nameZh")
    if (english and chinese) or not (english or chinese or needed):
        return
    if not english and not chinese:
        missing = (
            "a name (name) and a Chinese name (cs:nameZh)",
            "英文名（name）和中文名（cs:nameZh）",
        )
    elif chinese:
        missing = ("an English name (name)", "英文名（name）")
    else:
        missing = ("a Chinese name (cs:nameZh)", "中文名（cs:nameZh）")
    yield drawing.drawn.problem(
        "name.missing",
        element,
        en=f"{what} lacks {missing[0]}; people see it on their worklist or in the history.",
        zh=f"{element.get('id')}（{english or '无名称'}）缺少{missing[1]}；"
        "该名称会显示在任务列表或历史中。",
        severity="warning",
    )
