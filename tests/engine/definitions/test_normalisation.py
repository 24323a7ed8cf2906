"""What BPMN leaves implicit is written out, each change is said, and nothing else is changed."""

from lxml import etree

from engine.definitions.bpmn import bpmn, children_of, kind_of
from engine.definitions.lint.identity import find_process
from engine.definitions.normalisation import Normalised, normalise
from engine.definitions.xml import read_xml
from tests.engine.definitions.packages import good_package

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:cs="urn:countersign:bpmn:1" xmlns:x="urn:other"><process id="p">'
)


def normalised(body: str, roots: str = "") -> Normalised:
    root = read_xml(f"{HEAD}{body}</process>{roots}</definitions>".encode(), "process.bpmn")
    before = etree.tostring(root)
    process = find_process(root, "p")
    assert process is not None
    result = normalise(root, process)
    assert etree.tostring(root) == before, "the original is never changed"
    again = read_xml(result.xml.encode(), "process.bpmn")
    process_again = find_process(again, "p")
    assert process_again is not None
    second = normalise(again, process_again)
    assert etree.canonicalize(second.xml) == etree.canonicalize(result.xml), "normal stays normal"
    assert second.changes == ()
    return result


def codes(result: Normalised) -> list[str]:
    return [change.code for change in result.changes if change.code != "normalised.executable"]


def flows(result: Normalised) -> set[tuple[str, str]]:
    found = result.process.iter(bpmn("sequenceFlow"))
    return {(str(flow.get("sourceRef")), str(flow.get("targetRef"))) for flow in found}


def kinds(result: Normalised) -> dict[str, str]:
    return {str(e.get("id")): kind_of(e) or "" for e in result.process.iter() if e.get("id")}


def test_a_process_becomes_executable() -> None:
    result = normalised("<startEvent id='s'/>")
    assert result.process.get("isExecutable") == "true"
    assert "normalised.executable" in [change.code for change in result.changes]


def test_a_task_alone_gets_a_start_and_an_end() -> None:
    result = normalised("<task id='a'/>")
    assert codes(result) == ["normalised.implicit_start", "normalised.implicit_end"]
    assert flows(result) == {("p__start", "a"), ("a", "a__end")}


def test_two_heads_start_together() -> None:
    result = normalised("<task id='a'/><task id='b'/>")
    assert kinds(result)["p__start__split"] == "parallelGateway"
    assert ("p__start", "p__start__split") in flows(result)
    assert {("p__start__split", "a"), ("p__start__split", "b")} <= flows(result)


def test_a_scope_with_a_start_gets_no_second_one() -> None:
    result = normalised("<startEvent id='s'/><task id='a'/>")
    assert codes(result) == ["normalised.implicit_end", "normalised.implicit_end"]
    assert ("p__start", "a") not in flows(result)


def test_several_flows_out_of_a_task_fork() -> None:
    result = normalised(
        "<startEvent id='s'/><task id='a'/><endEvent id='e'/><endEvent id='f'/>"
        "<sequenceFlow id='1' sourceRef='s' targetRef='a'/>"
        "<sequenceFlow id='2' sourceRef='a' targetRef='e'/>"
        "<sequenceFlow id='3' sourceRef='a' targetRef='f'/>"
    )
    assert codes(result) == ["normalised.implicit_split"]
    assert kinds(result)["a__split"] == "parallelGateway"
    assert flows(result) == {("s", "a"), ("a", "a__split"), ("a__split", "e"), ("a__split", "f")}


def test_conditional_flows_out_of_a_task_choose() -> None:
    """BPMN 2.0 13.3.1: every flow whose condition is true, those without one always."""
    result = normalised(
        "<startEvent id='s'/><task id='a' default='4'/><endEvent id='e'/><endEvent id='f'/>"
        "<endEvent id='g'/><sequenceFlow id='1' sourceRef='s' targetRef='a'/>"
        "<sequenceFlow id='2' sourceRef='a' targetRef='e'>"
        "<conditionExpression>x</conditionExpression></sequenceFlow>"
        "<sequenceFlow id='3' sourceRef='a' targetRef='f'/>"
        "<sequenceFlow id='4' sourceRef='a' targetRef='g'/>"
    )
    [gateway] = children_of(result.process, "inclusiveGateway")
    assert gateway.get("default") == "4"
    [task] = children_of(result.process, "task")
    assert task.get("default") is None
    conditions = {
        flow.get("id"): [condition.text for condition in flow]
        for flow in children_of(result.process, "sequenceFlow")
        if flow.get("sourceRef") == "a__split"
    }
    assert conditions == {"2": ["x"], "3": ["true"], "4": []}


def test_several_flows_into_a_task_merge() -> None:
    result = normalised(
        "<startEvent id='s'/><parallelGateway id='g'/><task id='a'/><endEvent id='e'/>"
        "<sequenceFlow id='1' sourceRef='s' targetRef='g'/>"
        "<sequenceFlow id='2' sourceRef='g' targetRef='a'/>"
        "<sequenceFlow id='3' sourceRef='g' targetRef='a'/>"
        "<sequenceFlow id='4' sourceRef='a' targetRef='e'/>"
    )
    assert codes(result) == ["normalised.implicit_merge"]
    assert kinds(result)["a__merge"] == "exclusiveGateway"
    assert flows(result) == {("s", "g"), ("g", "a__merge"), ("a__merge", "a"), ("a", "e")}


def test_links_become_flows() -> None:
    result = normalised(
        "<startEvent id='s'/>"
        "<intermediateThrowEvent id='t'><linkEventDefinition name='L'/></intermediateThrowEvent>"
        "<intermediateCatchEvent id='c'><linkEventDefinition name='L'/></intermediateCatchEvent>"
        "<endEvent id='e'/><sequenceFlow id='1' sourceRef='s' targetRef='t'/>"
        "<sequenceFlow id='2' sourceRef='c' targetRef='e'/>"
    )
    assert codes(result) == ["normalised.link"]
    assert flows(result) == {("s", "t"), ("t", "c"), ("c", "e")}
    assert kinds(result)["c"] == "intermediateThrowEvent"
    assert "linkEventDefinition" not in result.xml


def test_the_one_free_flow_of_a_gateway_is_its_default() -> None:
    result = normalised(
        "<startEvent id='s'/><exclusiveGateway id='g'/><endEvent id='e'/><endEvent id='f'/>"
        "<sequenceFlow id='1' sourceRef='s' targetRef='g'/>"
        "<sequenceFlow id='2' sourceRef='g' targetRef='e'>"
        "<conditionExpression>x</conditionExpression></sequenceFlow>"
        "<sequenceFlow id='3' sourceRef='g' targetRef='f'/>"
    )
    assert codes(result) == ["normalised.default_flow"]
    [gateway] = children_of(result.process, "exclusiveGateway")
    assert gateway.get("default") == "3"


def test_a_drawn_default_flow_bears_no_condition() -> None:
    result = normalised(
        "<startEvent id='s'/><exclusiveGateway id='g' default='2'/><endEvent id='e'/>"
        "<endEvent id='f'/><sequenceFlow id='1' sourceRef='s' targetRef='g'/>"
        "<sequenceFlow id='2' sourceRef='g' targetRef='e'>"
        "<conditionExpression>x</conditionExpression></sequenceFlow>"
        "<sequenceFlow id='3' sourceRef='g' targetRef='f'>"
        "<conditionExpression>y</conditionExpression></sequenceFlow>"
    )
    assert codes(result) == []
    assert ">x<" not in result.xml
    assert ">y<" in result.xml


def test_subprocesses_are_normalised_inside() -> None:
    result = normalised("<subProcess id='u'><task id='a'/></subProcess>")
    assert ("u__start", "a") in flows(result)
    assert ("a", "a__end") in flows(result)


def test_added_ids_never_clash() -> None:
    result = normalised("<task id='a'/><task id='a__end'/><task id='p__start'/>")
    ids = [str(e.get("id")) for e in result.process.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert ("a", "a__end_2") in flows(result)


def test_what_is_not_executed_stays_behind_and_is_said() -> None:
    result = normalised(
        "<documentation>long</documentation><startEvent id='s' x:colour='red'>"
        "<extensionElements><x:thing/><cs:input name='a' value='1'/></extensionElements>"
        "</startEvent><dataObject id='d'/><textAnnotation id='n'/><ioSpecification id='i'/>",
        "<process id='other'/><dataStore id='z'/><collaboration id='k'/>",
    )
    assert codes(result)[:3] == [
        "normalised.partner_left_out",
        "normalised.data_left_out",
        "normalised.data_left_out",
    ]
    for gone in ("long", "colour", "thing", "dataObject", "textAnnotation", "other", "dataStore"):
        assert gone not in result.xml
    assert '<cs:input name="a" value="1"/>' in result.xml


def test_references_lose_their_prefix() -> None:
    result = normalised(
        "<startEvent id='s'><messageEventDefinition messageRef='x:m'/></startEvent>",
        "<message id='m' name='lot.received'/>",
    )
    assert 'messageRef="m"' in result.xml
    assert 'name="lot.received"' in result.xml


def test_drawn_ids_and_attributes_of_ours_are_kept() -> None:
    package = good_package()
    root = read_xml(package.files["process.bpmn"], "process.bpmn")
    process = find_process(root, "inspection")
    assert process is not None
    result = normalise(root, process)
    drawn = {e.get("id"): e for e in process.iter() if e.get("id")}
    made = {e.get("id"): e for e in result.process.iter() if e.get("id")}
    assert drawn.keys() <= made.keys()
    for id_, element in drawn.items():
        ours = {k: v for k, v in element.attrib.items() if "countersign" in k}
        assert ours == {k: v for k, v in made[id_].attrib.items() if "countersign" in k}
