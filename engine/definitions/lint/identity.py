"""What must hold before anything else can be checked: a process, ids, each once."""

import re
from collections.abc import Iterator

from lxml import etree

from engine.definitions.bpmn import BPMN, FLOW_NODES, Element, children_of, kind_of, line_of
from engine.definitions.diagram import nearest_id
from engine.problems import Problem

_ID = re.compile(r"[^\W\d][\w.\-]{0,127}")
# Names that SpiffWorkflow gives to nodes of its own in every process.
_RESERVED = frozenset({"Start", "End", "Root", "StartEventSplit", "StartEventJoin"})
_RESERVED_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin")


def find_process(root: Element, process_id: str) -> Element | None:
    """Give the process of that id among the root elements."""
    return next((p for p in children_of(root, "process") if p.get("id") == process_id), None)


def check_identity(root: Element, process_id: str, file: str) -> Iterator[Problem]:
    """Check the root, the process and the ids; a finding here ends the checks."""
    if kind_of(root) != "definitions":
        yield _problem(
            "bpmn.not_bpmn",
            root,
            file,
            f"This is no BPMN 2.0 file (its root is {etree.QName(root).localname}, not"
            f" definitions of {BPMN}); export the diagram as BPMN 2.0.",
            f"这不是 BPMN 2.0 文件（根元素是 {etree.QName(root).localname}，"
            "而不是 definitions）；请以 BPMN 2.0 格式导出。",
        )
        return
    if find_process(root, process_id) is None:
        yield _problem(
            "bpmn.process_missing",
            root,
            file,
            f"The diagram has no process with the id “{process_id}”{_there(root, 'en')}; give the"
            " process the id of its folder.",
            f"图中没有 id 为“{process_id}”的流程{_there(root, 'zh')}；流程的 id 必须与文件夹同名。",
        )
    seen: dict[str, Element] = {}
    for element in root.iter():
        kind = kind_of(element)
        if kind is None:
            continue
        yield from _check_id(element, kind, seen, file)


def _there(root: Element, language: str) -> str:
    """Say which processes are there instead."""
    ids = [str(process.get("id")) for process in children_of(root, "process")]
    if not ids:
        return ""
    named = "、".join(f"“{each}”" for each in ids)
    return f" (it has {named})" if language == "en" else f"（图中为{named}）"


def _check_id(
    element: Element, kind: str, seen: dict[str, Element], file: str
) -> Iterator[Problem]:
    id_ = element.get("id")
    if id_ is None:
        if kind in FLOW_NODES or kind in {"sequenceFlow", "process"}:
            yield _problem(
                "bpmn.id_missing",
                element,
                file,
                f"A {kind} has no id; the trail names activities by their id, so give it one.",
                f"有一个 {kind} 没有 id；审计追踪用 id 指明活动，请补上。",
            )
        return
    if id_ in seen:
        yield _problem(
            "bpmn.id_twice",
            element,
            file,
            f"The id “{id_}” is also that of the {kind_of(seen[id_])} in line"
            f" {line_of(seen[id_])}; give one of them another id.",
            f"id“{id_}”与第 {line_of(seen[id_])} 行的 {kind_of(seen[id_])} 重复；请修改其中一个。",
        )
    seen.setdefault(id_, element)
    if not _ID.fullmatch(id_):
        yield _problem(
            "bpmn.id_unusable",
            element,
            file,
            f"The id “{id_[:40]}” is no XML name; use letters, digits, _ . - and start with a"
            " letter or _ (at most 128 characters).",
            f"id“{id_[:40]}”不是合法的 XML 名称；请使用字母、数字和 _ . -，"
            "并以字母或 _ 开头（最多 128 个字符）。",
        )
    elif kind in FLOW_NODES and (id_ in _RESERVED or id_.endswith(_RESERVED_ENDINGS)):
        yield _problem(
            "bpmn.id_reserved",
            element,
            file,
            f"The id “{id_}” is used by the engine itself; give the {kind} another id.",
            f"id“{id_}”由引擎内部使用；请为该 {kind} 换一个 id。",
        )


def _problem(code: str, element: Element, file: str, en: str, zh: str) -> Problem:
    return Problem(
        code=code,
        message={"en": en, "zh": zh},
        file=file,
        element_id=nearest_id(element),
        line=line_of(element),
    )
