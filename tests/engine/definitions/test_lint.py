"""Rules whose finding depends on the length or number of something, and on what surrounds it."""

import pytest

from engine.definitions import DefinitionRefused, Package, import_diagram
from engine.definitions.extension import ATTRIBUTES
from engine.definitions.lint.expressions import MAX_ALL_TEXTS, MAX_TEXT
from engine.definitions.lint.words import is_variable, nearest
from engine.definitions.refusal import MAX_PROBLEMS
from tests.engine.definitions.packages import changed, compiled, good_package

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">'


def errors(package: Package) -> list[tuple[str, str | None, int | None]]:
    with pytest.raises(DefinitionRefused) as refused:
        compiled(package)
    return [(p.code, p.element_id, p.line) for p in refused.value.problems if p.severity == "error"]


def imported_errors(xml: str) -> list[str]:
    found = import_diagram(xml.encode(), "p").problems
    return [problem.code for problem in found if problem.severity == "error"]


def test_something_else_than_bpmn() -> None:
    for content in (b"<html/>", b"<definitions xmlns='https://www.omg.org/spec/DMN/x'/>"):
        with pytest.raises(DefinitionRefused) as refused:
            import_diagram(content, "p")
        assert [p.code for p in refused.value.problems] == ["bpmn.not_bpmn"]


def test_the_process_is_called_like_its_folder() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        compiled(Package.from_files(good_package().files, process_id="receiving"))
    [problem] = refused.value.problems
    assert problem.code == "bpmn.process_missing"
    assert "“receiving”" in problem.message["en"]


def test_a_very_long_expression() -> None:
    long = " + ".join(["quantity"] * (MAX_TEXT // 8))
    found = errors(changed({"passed and quantity &gt; 0": long}))
    assert [code for code, _, _ in found] == ["feel.too_long"]


def test_very_many_expressions() -> None:
    flows = "".join(
        f"<sequenceFlow id='f{n}' sourceRef='g' targetRef='e'><conditionExpression>"
        f"{' + '.join(['quantity'] * 300)} &gt; {n}</conditionExpression></sequenceFlow>"
        for n in range(MAX_ALL_TEXTS // 3_000)
    )
    xml = f"{HEAD}<process id='p'><exclusiveGateway id='g'/><endEvent id='e'/>{flows}</process>"
    assert "feel.too_much" in imported_errors(f"{xml}</definitions>")


def test_very_many_problems_are_not_all_said() -> None:
    tasks = "".join(f"<serviceTask id='t{n}' startQuantity='2'/>" for n in range(1_000))
    found = import_diagram(f"{HEAD}<process id='p'>{tasks}</process></definitions>".encode(), "p")
    assert len(found.problems) == MAX_PROBLEMS + 1
    assert found.problems[-1].code == "package.more_problems"
    assert found.problems[-1].severity == "error"


def test_a_deeply_nested_expression() -> None:
    deep = "(" * 1_500 + "1" + ")" * 1_500
    found = errors(changed({"passed and quantity &gt; 0": deep}))
    assert {code for code, _, _ in found} <= {"feel.too_long", "feel.syntax"}


def test_two_files_that_hold_one_decision() -> None:
    files = dict(good_package().files)
    files["more.dmn"] = files["sampling.dmn"].replace(b"urn:test:sampling", b"urn:test:more")
    found = errors(Package.from_files(files))
    assert [(code, element) for code, element, _ in found] == [("decision.twice", "Plan")]


def test_a_loop_with_a_subprocess_that_waits_is_fine() -> None:
    body = (
        "<process id='p'><startEvent id='s'/><subProcess id='u'><startEvent id='us'/>"
        "{inner}<endEvent id='ue'/><sequenceFlow id='u1' sourceRef='us' targetRef='a'/>"
        "<sequenceFlow id='u2' sourceRef='a' targetRef='ue'/></subProcess>"
        "<exclusiveGateway id='g' default='f4'/><endEvent id='e'/>"
        "<sequenceFlow id='f1' sourceRef='s' targetRef='u'/>"
        "<sequenceFlow id='f2' sourceRef='u' targetRef='g'/>"
        "<sequenceFlow id='f3' sourceRef='g' targetRef='u'>"
        "<conditionExpression>again</conditionExpression></sequenceFlow>"
        "<sequenceFlow id='f4' sourceRef='g' targetRef='e'/></process></definitions>"
    )
    waiting = HEAD + body.format(inner="<userTask id='a'/>")
    assert "flow.loop_without_wait" not in imported_errors(waiting)
    running = HEAD + body.format(
        inner="<scriptTask id='a' scriptFormat='feel'><script>{n: 1}</script></scriptTask>"
    )
    assert "flow.loop_without_wait" in imported_errors(running)


def test_a_loop_that_some_paths_leave_without_waiting_is_refused() -> None:
    """Waiting on one branch of the loop is not enough when another branch passes by."""
    xml = (
        HEAD + "<process id='p'><startEvent id='s'/><exclusiveGateway id='g' default='f3'/>"
        "<userTask id='a'/><exclusiveGateway id='m' default='f7'/><endEvent id='e'/>"
        "<sequenceFlow id='f1' sourceRef='s' targetRef='g'/>"
        "<sequenceFlow id='f2' sourceRef='g' targetRef='a'>"
        "<conditionExpression>x</conditionExpression></sequenceFlow>"
        "<sequenceFlow id='f3' sourceRef='g' targetRef='m'/>"
        "<sequenceFlow id='f4' sourceRef='a' targetRef='m'/>"
        "<sequenceFlow id='f6' sourceRef='m' targetRef='g'>"
        "<conditionExpression>x</conditionExpression></sequenceFlow>"
        "<sequenceFlow id='f7' sourceRef='m' targetRef='e'/></process></definitions>"
    )
    assert "flow.loop_without_wait" in imported_errors(xml)


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    count = 3_000
    tasks = "".join(f"<userTask id='t{n}'/>" for n in range(count))
    flows = "".join(
        f"<sequenceFlow id='f{n}' sourceRef='t{n}' targetRef='t{n + 1}'/>" for n in range(count - 1)
    )
    xml = f"{HEAD}<process id='p'>{tasks}{flows}</process></definitions>"
    assert imported_errors(xml) == []


def test_nested_subprocesses_do_not_exhaust_anything() -> None:
    depth = 55
    xml = (
        HEAD
        + "<process id='p'>"
        + "".join(f"<subProcess id='s{n}'>" for n in range(depth))
        + "<userTask id='a'/>"
        + "</subProcess>" * depth
        + "</process></definitions>"
    )
    assert imported_errors(xml) == []


@pytest.mark.parametrize(
    ("timer", "value", "problem"),
    [
        ("timeDuration", "PT1H", None),
        ("timeDuration", "P1DT2H", None),
        ("timeDuration", 'duration("PT1H")', None),
        ("timeDate", "2026-11-22T10:00:00Z", None),
        ("timeDate", "2026-11-22", None),
        ("timeCycle", "R3/PT10M", None),
        ("timeCycle", "R/P1D", None),
        ("timeDate", "2026-02-30", "event.timer_literal"),
        ("timeCycle", "R3/PT0S", "event.timer_literal"),
        ("timeDuration", "1 hour", "feel.syntax"),
    ],
)
def test_timer_values(timer: str, value: str, problem: str | None) -> None:
    xml = (
        f"{HEAD}<process id='p'><intermediateCatchEvent id='c'><timerEventDefinition>"
        f"<{timer}>{value}</{timer}></timerEventDefinition></intermediateCatchEvent>"
        "</process></definitions>"
    )
    assert imported_errors(xml) == ([problem] if problem else [])


def test_variables_are_words_that_feel_takes_as_names() -> None:
    for word in ("lot", "lot_2", "批号", "Lot"):
        assert is_variable(word)
    for word in ("", "2lot", "the lot", "a-b", "if", "null", "a.b", "_x", "a" * 65, "a\n"):
        assert not is_variable(word)


def test_misspelt_words_are_recognised() -> None:
    assert nearest("singature", ATTRIBUTES) == "signature"
    assert nearest("zzz", ATTRIBUTES) is None
