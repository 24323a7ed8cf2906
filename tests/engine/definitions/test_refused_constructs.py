"""Every construct that is not executed is refused at deployment, with its element, line and reason.

The list is engine/execution/coverage.py; here is a smallest diagram for each entry of it.
"""

import pytest

from engine.definitions import import_diagram
from engine.execution import REFUSED
from engine.problems import Problem

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">'
    "<process id='p' isExecutable='true'>"
)
FLOWS = (
    "<sequenceFlow id='f1' sourceRef='s' targetRef='x'/>"
    "<sequenceFlow id='f2' sourceRef='x' targetRef='e'/>"
)
START, END = "<startEvent id='s'/>", "<endEvent id='e'/>"
AFTER = "<userTask id='a'/><boundaryEvent id='x' attachedToRef='a'{more}>{inside}</boundaryEvent>"
INNER = "<userTask id='a'/>"
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def in_the_way(element: str) -> str:
    """Put an element `x` between start and end."""
    return START + element + END + FLOWS


def started_by(definition: str) -> str:
    return (
        f"<startEvent id='x'>{definition}</startEvent><userTask id='a'/>"
        "<sequenceFlow id='f1' sourceRef='x' targetRef='a'/>"
    )


def ended_by(definition: str) -> str:
    return (
        f"{START}<userTask id='a'/><endEvent id='x'>{definition}</endEvent>"
        "<sequenceFlow id='f1' sourceRef='s' targetRef='a'/>"
        "<sequenceFlow id='f2' sourceRef='a' targetRef='x'/>"
    )


def on_the_edge(inside: str, more: str = "") -> str:
    return (
        START
        + AFTER.format(inside=inside, more=more)
        + END
        + "<sequenceFlow id='f1' sourceRef='s' targetRef='a'/>"
        "<sequenceFlow id='f2' sourceRef='x' targetRef='e'/>"
    )


def catching(definition: str) -> str:
    return in_the_way(f"<intermediateCatchEvent id='x'>{definition}</intermediateCatchEvent>")


def throwing(definition: str) -> str:
    return in_the_way(f"<intermediateThrowEvent id='x'>{definition}</intermediateThrowEvent>")


TWO = "<signalEventDefinition/>" + TIMER
COMPENSATE = "<compensateEventDefinition/>"
DIAGRAMS = {
    "transaction": in_the_way(f"<transaction id='x'>{INNER}</transaction>"),
    "adHocSubProcess": in_the_way(f"<adHocSubProcess id='x'>{INNER}</adHocSubProcess>"),
    "subProcess@triggeredByEvent=true": (
        f"{START}<subProcess id='x' triggeredByEvent='true'><startEvent id='i'>{TIMER}</startEvent>"
        "</subProcess>"
    ),
    "complexGateway": in_the_way("<complexGateway id='x'/>"),
    "activity@isForCompensation=true": START + "<userTask id='x' isForCompensation='true'/>",
    "activity@startQuantity": in_the_way("<userTask id='x' startQuantity='2'/>"),
    "activity@completionQuantity": in_the_way("<userTask id='x' completionQuantity='2'/>"),
    "receiveTask@instantiate=true": "<receiveTask id='x' instantiate='true'/>",
    "eventBasedGateway@instantiate=true": "<eventBasedGateway id='x' instantiate='true'/>",
    "eventBasedGateway@eventGatewayType=Parallel": in_the_way(
        "<eventBasedGateway id='x' eventGatewayType='Parallel'/>"
    ),
    "multiInstanceLoopCharacteristics@behavior": in_the_way(
        "<userTask id='x'><multiInstanceLoopCharacteristics behavior='One'>"
        "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
    ),
    "startEvent/timer": started_by(TIMER),
    "startEvent/signal": started_by("<signalEventDefinition/>"),
    "startEvent/conditional": started_by("<conditionalEventDefinition/>"),
    "startEvent/error": started_by("<errorEventDefinition/>"),
    "startEvent/escalation": started_by("<escalationEventDefinition/>"),
    "startEvent/compensate": started_by(COMPENSATE),
    "startEvent/multiple": started_by(TWO),
    "subProcess>startEvent/message": in_the_way(
        "<subProcess id='u'><startEvent id='x'><messageEventDefinition/></startEvent></subProcess>"
    ).replace("Ref='x'", "Ref='u'"),
    "endEvent/cancel": ended_by("<cancelEventDefinition/>"),
    "endEvent/compensate": ended_by(COMPENSATE),
    "endEvent/multiple": ended_by("<terminateEventDefinition/><signalEventDefinition/>"),
    "intermediateThrowEvent/compensate": throwing(COMPENSATE),
    "intermediateThrowEvent/multiple": throwing("<signalEventDefinition/><signalEventDefinition/>"),
    "intermediateThrowEvent/link@unmatched": throwing("<linkEventDefinition name='far'/>"),
    "intermediateCatchEvent/link@unmatched": catching("<linkEventDefinition name='far'/>"),
    "intermediateCatchEvent/none": catching(""),
    "intermediateCatchEvent/multiple": catching(TWO),
    "boundaryEvent/none": on_the_edge(""),
    "boundaryEvent/error@cancelActivity=false": on_the_edge(
        "<errorEventDefinition/>", " cancelActivity='false'"
    ),
    "boundaryEvent/cancel": on_the_edge("<cancelEventDefinition/>"),
    "boundaryEvent/compensate": on_the_edge(COMPENSATE),
    "boundaryEvent/multiple": on_the_edge(TWO),
    "eventDefinitionRef": catching("<eventDefinitionRef>t</eventDefinitionRef>"),
    "implicitThrowEvent": in_the_way("<implicitThrowEvent id='x'/>"),
    "choreographyTask": in_the_way("<choreographyTask id='x'/>"),
    "subChoreography": in_the_way("<subChoreography id='x'/>"),
    "callChoreography": in_the_way("<callChoreography id='x'/>"),
}
BESIDE = {
    # Root elements: no process holds them. A call of one is a call of a process that is not there.
    kind: f"<{kind} id='y'/>"
    for kind in (
        "choreography",
        "globalTask",
        "globalUserTask",
        "globalManualTask",
        "globalScriptTask",
        "globalBusinessRuleTask",
    )
}


def findings(drawn: str, beside: str = "") -> list[Problem]:
    xml = f"{HEAD}\n{drawn}\n</process>{beside}</definitions>"
    return [p for p in import_diagram(xml.encode(), "p").problems if p.severity == "error"]


def test_every_refused_construct_has_a_diagram() -> None:
    assert set(DIAGRAMS) | set(BESIDE) == set(REFUSED)


@pytest.mark.parametrize("kind", DIAGRAMS)
def test_a_refused_construct_is_named_with_its_place_and_reason(kind: str) -> None:
    said = [problem for problem in findings(DIAGRAMS[kind]) if problem.element_id == "x"]
    unmatched = kind.endswith("@unmatched")  # the rule of links says more: which name
    code = "event.link_unmatched" if unmatched else "bpmn.unsupported"
    found = [problem for problem in said if problem.code == code]
    assert found, said
    assert all(problem.line == 2 for problem in found)
    if not unmatched:
        assert any(problem.message["en"].endswith(REFUSED[kind]["en"]) for problem in found), found
        assert any(problem.message["zh"].endswith(REFUSED[kind]["zh"]) for problem in found), found


@pytest.mark.parametrize("kind", BESIDE)
def test_what_stands_beside_a_process_is_not_taken_for_one(kind: str) -> None:
    good = in_the_way("<userTask id='x'/>")
    assert findings(good, BESIDE[kind]) == []
