"""No diagram waits for ever: beside each wait for a message, a signal or a condition there is a
timer, and each work for people says when it is due (processes.md 3.0, rule 5).

A listener, which nothing after it waits for and which ends with its process, needs none; each one
is named here with its reason. A boundary event is no wait: what it lies on goes on by itself.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.architecture.test_diagrams import processes
from tools.lay_out import BPMN, OURS

ROOT = Path(__file__).parents[2]
WAITS = ("messageEventDefinition", "signalEventDefinition", "conditionalEventDefinition")
WHILE_INSPECTED = "heard while the inspection runs, whose own steps have their times; ends with it"
LISTENERS = {
    ("incoming_inspection", "LotHeld"): WHILE_INSPECTED,
    ("incoming_inspection", "LotRecalled"): WHILE_INSPECTED,
    ("incoming_inspection", "SupplierBlocked"): WHILE_INSPECTED,
    ("incoming_inspection", "SupplierStatus"): WHILE_INSPECTED,
    ("incoming_inspection", "PlanChanged"): WHILE_INSPECTED,
    ("recall", "TierKnown"): "heard while the action is carried out, for as often as a next tier "
    "becomes known; most actions have none, and nothing waits for it",
    ("change_control", "FieldAssessed"): "the answer is noted on a branch of its own; the recall "
    "that gives it has a due time and an escalation for each step up to it",
    ("change_control", "OldStockSeen"): "heard each time old stock is used up or comes back, which "
    "may be years later or never; nothing waits for it, and it ends with the change",
}
UNTIMED = {
    ("change_control", "WriteRequest"): "who asks fills it in when starting; a request of another "
    "process may wait until its owner takes it up",
}
"""Work without a due time."""

Element = etree._Element  # lxml gives its element type no public name


def waits(root: Element) -> Iterator[Element]:
    """Give every event and task that waits for something from outside."""
    yield from root.iter(f"{{{BPMN}}}receiveTask")
    for event in root.iter(f"{{{BPMN}}}intermediateCatchEvent"):
        if any(event.find(f"{{{BPMN}}}{kind}") is not None for kind in WAITS):
            yield event


def has_timer(root: Element, wait: Element) -> bool:
    """Tell whether a timer stands beside a wait: at the same event gateway, or on its edge."""
    known = {each.get("id"): each for each in root.iter() if each.get("id")}

    def at(reference: Element, end: str) -> Element:
        return known[known[(reference.text or "").strip()].get(end)]

    if has_timed_edge(root, wait):
        return True
    before = [at(flow, "sourceRef") for flow in wait.iterfind(f"{{{BPMN}}}incoming")]
    return bool(before) and all(
        gateway.tag == f"{{{BPMN}}}eventBasedGateway"
        and any(_times(at(flow, "targetRef")) for flow in gateway.iterfind(f"{{{BPMN}}}outgoing"))
        for gateway in before
    )


def has_timed_edge(root: Element, activity: Element) -> bool:
    """Tell whether a timer lies on the edge of an activity."""
    return any(
        edge.get("attachedToRef") == activity.get("id") and _times(edge)
        for edge in root.iter(f"{{{BPMN}}}boundaryEvent")
    )


def _times(event: Element) -> bool:
    return event.find(f"{{{BPMN}}}timerEventDefinition") is not None


def waiting_for_ever(process: str, root: Element) -> list[str]:
    return [
        str(each.get("id"))
        for each in waits(root)
        if (process, each.get("id")) not in LISTENERS and not has_timer(root, each)
    ]


def read(process: str) -> Element:
    return etree.parse(ROOT / "processes" / process / "process.bpmn").getroot()


@pytest.mark.parametrize("process", processes())
def test_a_wait_has_a_timer_beside_it(process: str) -> None:
    assert waiting_for_ever(process, read(process)) == []


@pytest.mark.parametrize("process", processes())
def test_work_says_when_it_is_due(process: str) -> None:
    root = read(process)
    without = [
        task.get("id")
        for task in root.iter(f"{{{BPMN}}}userTask", f"{{{BPMN}}}manualTask")
        if task.get(f"{{{OURS}}}due") is None and not has_timed_edge(root, task)
        if (process, task.get("id")) not in UNTIMED
    ]
    assert without == []


def test_an_exception_is_of_something_that_is_there() -> None:
    for process, id_ in (*LISTENERS, *UNTIMED):
        assert [each for each in read(process).iter() if each.get("id") == id_], (process, id_)


def test_a_wait_without_its_timer_is_found() -> None:
    root = read("complaint")
    for event in list(root.iter(f"{{{BPMN}}}intermediateCatchEvent")):
        if _times(event) and event.get("id") == "WaitLate":
            for timer in event.findall(f"{{{BPMN}}}timerEventDefinition"):
                event.remove(timer)
    assert waiting_for_ever("complaint", root) == ["NcClosed", "CapaClosed"]
