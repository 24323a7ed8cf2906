"""What is not executed faithfully is refused, also when the lint was not asked."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.execution import (
    REFUSED,
    SUPPORTED,
    DefinitionNotExecutable,
    coverage,
    load_program,
    refusal,
)
from engine.execution.coverage import event_kind
from engine.execution.runtime import Runtime
from tests.engine.execution.compile import compile_normal
from tests.engine.execution.host import TestHost

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:cs="urn:countersign:bpmn:1">'
)


def load(inner: str, before: str = "") -> None:
    start = '<bpmn:startEvent id="s"/><bpmn:sequenceFlow id="f" sourceRef="s" targetRef="a"/>'
    xml = f'{HEAD}{before}<bpmn:process id="p">{start}{inner}</bpmn:process></bpmn:definitions>'
    load_program(compile_normal(xml, "p"))


USER = '<bpmn:userTask id="a"/>'
MESSAGE = '<bpmn:message id="m" name="m"/>'
REFUSALS = {
    "transaction": '<bpmn:transaction id="a"/>',
    "ad-hoc": '<bpmn:adHocSubProcess id="a"/>',
    "event sub-process": '<bpmn:subProcess id="a" triggeredByEvent="true"/>',
    "complex": '<bpmn:complexGateway id="a"/>',
    "compensation": '<bpmn:userTask id="a" isForCompensation="true"/>',
    "start quantity": '<bpmn:userTask id="a" startQuantity="2"/>',
    "instantiate": '<bpmn:receiveTask id="a" instantiate="true"/>',
    "parallel event gateway": '<bpmn:eventBasedGateway id="a" eventGatewayType="Parallel"/>',
    "timer start": f'{USER}<bpmn:startEvent id="t"><bpmn:timerEventDefinition/></bpmn:startEvent>',
    "cancel end": '<bpmn:endEvent id="a"><bpmn:cancelEventDefinition/></bpmn:endEvent>',
    "compensate": '<bpmn:intermediateThrowEvent id="a"><bpmn:compensateEventDefinition/>'
    "</bpmn:intermediateThrowEvent>",
    "multiple": '<bpmn:intermediateCatchEvent id="a"><bpmn:signalEventDefinition/>'
    "<bpmn:timerEventDefinition/></bpmn:intermediateCatchEvent>",
    "link left over": '<bpmn:intermediateCatchEvent id="a"><bpmn:linkEventDefinition/>'
    "</bpmn:intermediateCatchEvent>",
    "none catch": '<bpmn:intermediateCatchEvent id="a"/>',
    "non-interrupting error": f'{USER}<bpmn:boundaryEvent id="b" attachedToRef="a"'
    ' cancelActivity="false"><bpmn:errorEventDefinition/></bpmn:boundaryEvent>',
    "inner message start": '<bpmn:subProcess id="a"><bpmn:startEvent id="i">'
    '<bpmn:messageEventDefinition messageRef="m"/></bpmn:startEvent></bpmn:subProcess>',
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_not_executed_is_refused(name: str) -> None:
    with pytest.raises(DefinitionNotExecutable):
        load(REFUSALS[name], MESSAGE)


INCOMPLETE = {
    "flow to nowhere": f'{USER}<bpmn:sequenceFlow id="g" sourceRef="a" targetRef="x"/>',
    "condition on a task's flow": f'{USER}<bpmn:endEvent id="e"/><bpmn:sequenceFlow id="g"'
    ' sourceRef="a" targetRef="e"><bpmn:conditionExpression>x</bpmn:conditionExpression>'
    "</bpmn:sequenceFlow>",
    "flow without condition": '<bpmn:exclusiveGateway id="a"/><bpmn:endEvent id="e"/>'
    '<bpmn:endEvent id="d"/><bpmn:sequenceFlow id="g" sourceRef="a" targetRef="e"/>'
    '<bpmn:sequenceFlow id="h" sourceRef="a" targetRef="d"/>',
    "the same id twice": USER + USER,
    "boundary of nothing": f'{USER}<bpmn:boundaryEvent id="b" attachedToRef="x">'
    "<bpmn:signalEventDefinition/></bpmn:boundaryEvent>",
    "unknown message": '<bpmn:receiveTask id="a" messageRef="x"/>',
    "no message": '<bpmn:receiveTask id="a"/>',
    "nameless message": '<bpmn:receiveTask id="a" messageRef="n"/>',
    "error without a code": '<bpmn:endEvent id="a"><bpmn:errorEventDefinition/></bpmn:endEvent>',
    "sub-process without a start": '<bpmn:subProcess id="a"/>',
    "service without a handler": '<bpmn:serviceTask id="a"/>',
    "rule without a decision": '<bpmn:businessRuleTask id="a"/>',
    "call of nothing": '<bpmn:callActivity id="a"/>',
    "timer without a time": '<bpmn:intermediateCatchEvent id="a"><bpmn:timerEventDefinition/>'
    "</bpmn:intermediateCatchEvent>",
    "task after an event gateway": '<bpmn:eventBasedGateway id="a"/><bpmn:userTask id="u"/>'
    '<bpmn:sequenceFlow id="g" sourceRef="a" targetRef="u"/>',
    "loop without an end": '<bpmn:userTask id="a"><bpmn:standardLoopCharacteristics/>'
    "</bpmn:userTask>",
    "several of how many": '<bpmn:userTask id="a"><bpmn:multiInstanceLoopCharacteristics/>'
    "</bpmn:userTask>",
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_what_is_incomplete_is_refused(name: str) -> None:
    with pytest.raises(DefinitionNotExecutable):
        load(INCOMPLETE[name], '<bpmn:message id="n"/>')


@pytest.mark.parametrize(
    "xml",
    [
        "no xml",
        '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>',
        f'{HEAD}<bpmn:process id="q"/></bpmn:definitions>',
    ],
)
def test_what_is_no_diagram_is_refused(xml: str) -> None:
    definition = compile_normal(f'{HEAD}<bpmn:process id="p"/></bpmn:definitions>', "p")
    with pytest.raises(DefinitionNotExecutable):
        load_program(replace(definition, executable=xml, hash="0" * 64))


def test_an_expression_that_was_not_compiled_is_refused() -> None:
    xml = (
        f'{HEAD}<bpmn:process id="p"><bpmn:startEvent id="s"/><bpmn:scriptTask id="a">'
        "<bpmn:script>{a: 1}</bpmn:script></bpmn:scriptTask></bpmn:process></bpmn:definitions>"
    )
    definition = compile_normal(xml, "p")
    broken = replace(definition, expressions={}, hash="1" * 64)
    with pytest.raises(DefinitionNotExecutable, match="compile the package again"):
        load_program(broken)


def test_a_thousand_nodes_in_a_row_are_built() -> None:
    """SpiffWorkflow's parser follows the flows recursively and exhausts the stack."""
    count = 3000
    nodes = "".join(f'<bpmn:intermediateThrowEvent id="n{i}"/>' for i in range(count))
    flows = "".join(
        f'<bpmn:sequenceFlow id="g{i}" sourceRef="n{i}" targetRef="n{i + 1}"/>'
        for i in range(count - 1)
    )
    xml = (
        f'{HEAD}<bpmn:process id="p"><bpmn:startEvent id="s"/>{nodes}{flows}'
        '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="n0"/></bpmn:process></bpmn:definitions>'
    )
    host = TestHost()
    runtime = Runtime.start(load_program(compile_normal(xml, "p")), {}, host)
    assert (runtime.finished, len(host.left)) == ("completed", count + 1)


def test_constructs_are_executed_or_refused_never_both() -> None:
    assert SUPPORTED.keys().isdisjoint(REFUSED)
    for text in (*SUPPORTED.values(), *REFUSED.values()):
        assert set(text) == {"en", "zh"}
        assert all(text.values())


def test_the_readme_says_what_is_executed_and_refused() -> None:
    readme = Path(coverage.__file__).with_name("README.md").read_text(encoding="utf-8")
    for kind, text in {**SUPPORTED, **REFUSED}.items():
        assert f"| `{kind}` | {text['en']} |" in readme


def test_an_unknown_construct_is_refused() -> None:
    assert refusal("userTask") is None
    assert refusal("timeMachine") is not None
    assert event_kind("endEvent", ()) == "endEvent/none"
    assert event_kind("endEvent", ("errorEventDefinition",)) == "endEvent/error"
    assert event_kind("endEvent", ("a", "b")) == "endEvent/multiple"
