"""DMN files: what is read, and what is refused with element, line and a sentence."""

import json
from decimal import Decimal

import pytest

from engine.decisions import (
    DecisionModel,
    DecisionsRefused,
    evaluate_decision,
    read_decisions,
)
from engine.decisions.source import MODEL_NAMESPACES
from engine.problems import Problem
from tests.engine.decisions.samples import (
    DMN_15,
    decision,
    definitions,
    input_data,
    literal,
    table,
    table_file,
)
from tools.dmn_tck_report import KIT


def problems_of(xml: bytes, **options: object) -> list[Problem]:
    with pytest.raises(DecisionsRefused) as refused:
        read_decisions(xml, **options)  # type: ignore[arg-type]
    found = list(refused.value.problems)
    for problem in found:
        assert problem.message["en"]
        assert problem.message["zh"]
        assert problem.file
    return found


def code_of(xml: bytes, **options: object) -> str:
    """The one thing that is wrong with a file."""
    (problem,) = problems_of(xml, **options)
    return problem.code


def simple(logic: str, *, dmn: str = DMN_15) -> bytes:
    return definitions(input_data("a") + decision("D", logic, needs=["i_a"]), dmn=dmn)


@pytest.mark.parametrize("namespace", sorted(MODEL_NAMESPACES))
def test_every_version_of_dmn_is_read(namespace: str) -> None:
    model = read_decisions(simple(literal("a + 1"), dmn=namespace))
    assert evaluate_decision(model, "D", {"a": Decimal(1)}) == Decimal(2)


def test_a_model_goes_to_json_and_back_unchanged() -> None:
    rules = [(">= 1", '"x", "y"', "[1, 2]", '"z"'), ("-", "not(null)", '@"2026-11-22"', "null")]
    columns = [("a", "number"), ("b", "string", '"x", "y"')]
    xml = table_file(columns, ["p", "q"], rules, hit_policy="FIRST")
    model = read_decisions(xml)
    stored = json.loads(json.dumps(model.to_json()))
    again = DecisionModel.from_json(stored)
    assert again.to_json() == stored == model.to_json()
    assert evaluate_decision(again, "Answer", {"a": 1, "b": "x"}) == {
        "p": [Decimal(1), Decimal(2)],
        "q": "z",
    }


@pytest.mark.skipif(not KIT.is_dir(), reason="the DMN conformance kit is not there")
def test_every_model_of_the_kit_goes_to_json_and_back() -> None:
    for path in sorted(KIT.glob("*/*/*.dmn")):
        others = {one.name: one.read_bytes() for one in path.parent.glob("*.dmn") if one != path}
        model = read_decisions(path.read_bytes(), file=path.name, others=others, lenient=True)
        stored = json.loads(json.dumps(model.to_json()))
        assert DecisionModel.from_json(stored).to_json() == stored


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"<definitions", "decision.not_xml"),
        (b"\xff\xfe\x00", "decision.not_xml"),
        (b"", "decision.not_xml"),
        (b"<definitions xmlns='urn:other'/>", "decision.not_dmn"),
        (f"<decision xmlns='{DMN_15}'/>".encode(), "decision.not_dmn"),
        (b"<!DOCTYPE definitions><definitions/>", "decision.document_type"),
        (b" " * 6_000_000, "decision.too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_dmn_is_refused(xml: bytes, code: str) -> None:
    assert code_of(xml) == code


def test_an_entity_is_neither_resolved_nor_read_from_a_file() -> None:
    xml = definitions(decision("D", literal('"&leak;"'))).decode().replace("&amp;", "&")
    declared = (
        '<!DOCTYPE definitions [<!ENTITY leak SYSTEM "file:///etc/hostname">]>' + xml
    ).encode()
    assert code_of(declared) == "decision.document_type"


def test_deep_nesting_is_refused_and_does_not_break() -> None:
    deep = "<list>" * 400 + literal("1") + "</list>" * 400
    assert code_of(definitions(decision("D", deep))) == "decision.not_xml"


def test_nesting_that_xml_allows_is_read() -> None:
    deep = "<list>" * 200 + literal("1") + "</list>" * 200
    model = read_decisions(definitions(decision("D", deep)))
    found = evaluate_decision(model, "D", {})
    for _ in range(200):
        assert isinstance(found, list)
        (found,) = found
    assert found == Decimal(1)


def test_feel_that_is_none_is_refused_with_element_and_line() -> None:
    xml = definitions("\n\n" + decision("D", literal("1 +")))
    (problem,) = problems_of(xml, file="sampling.dmn")
    assert (problem.code, problem.file, problem.element_id, problem.line) == (
        "decision.feel_syntax",
        "sampling.dmn",
        "d_D",
        3,
    )
    assert "1 +" in problem.message["en"]
    assert "1 +" in problem.message["zh"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    xml = definitions(decision("D", literal("1 +")) + decision("E", literal(")")))
    assert [problem.element_id for problem in problems_of(xml)] == ["d_D", "d_E"]


def test_feel_that_is_none_is_null_for_the_kit_only() -> None:
    model = read_decisions(definitions(decision("D", literal("1 +"))), lenient=True)
    assert evaluate_decision(model, "D", {}) is None


def test_a_name_that_nothing_declares_is_refused() -> None:
    (problem,) = problems_of(simple(literal("a + quantitty")))
    assert problem.code == "decision.unknown_name"
    assert "quantitty" in problem.message["zh"]


def test_a_function_that_nothing_declares_is_refused() -> None:
    assert code_of(simple(literal("rounded(a)"))) == "decision.unknown_name"


def test_a_cell_that_names_what_the_decision_does_not_see_is_refused() -> None:
    logic = table([("a", "number")], ["n"], [("> limit", "1")])
    assert code_of(simple(logic)) == "decision.unknown_name"


def test_entries_of_filtered_items_are_not_taken_for_unknown_names() -> None:
    read_decisions(simple(literal("count(a[value > 3])")))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (decision("D", literal("1"), needs=["i_gone"]), "decision.unknown_reference"),
        (
            decision("A", literal("1")) + decision("D", literal("1"), calls=["d_A"]),
            "decision.unknown_reference",
        ),
        (input_data("a") + decision("a", literal("1")), "decision.duplicate"),
        (input_data("a", "tGone"), "decision.unknown_type"),
        (decision("D", literal("1"), needs=["d_D"]), "decision.circle"),
        (
            '<businessKnowledgeModel id="k" name="K"><variable name="K"/></businessKnowledgeModel>',
            "decision.no_logic",
        ),
        ('<decisionService id="s" name="S"/>', "decision.service_without_output"),
        (
            decision("D", '<functionDefinition kind="Java"/>'),
            "decision.external_function",
        ),
        (
            decision("D", '<literalExpression expressionLanguage="groovy"><text>1</text>'
                     "</literalExpression>"),
            "decision.not_feel",
        ),
        (
            decision("D", "<relation><column name='c'/><row/></relation>"),
            "decision.uneven_relation",
        ),
        (decision("D", table([], ["n"], [("1",)], hit_policy="LAST")),
         "decision.unknown_hit_policy"),
        (
            decision("D", table([], ["n"], [("1",)], hit_policy="COLLECT", aggregation="MEAN")),
            "decision.unknown_aggregation",
        ),
        (
            decision(
                "D", table([], ["n", "m"], [("1", "2")], hit_policy="COLLECT", aggregation="SUM")
            ),
            "decision.aggregate_of_several",
        ),
        (decision("D", table([], [], [])), "decision.no_output"),
        (decision("D", table([], ["n", "n"], [])), "decision.output_without_name"),
        (decision("D", table([], ["n"], [("1", "2")])), "decision.uneven_rule"),
        (decision("D", table([("", "Any")], ["n"], [])), "decision.input_without_expression"),
        (
            decision("D", table([], ["n", "m"], [], defaults=["1", ""])),
            "decision.default_incomplete",
        ),
    ],
    ids=lambda value: value if value.startswith("decision.") else "",
)  # fmt: skip
def test_what_cannot_be_executed_is_refused(body: str, code: str) -> None:
    assert code_of(definitions(body)) == code


def test_a_circle_is_told_once_for_all_its_members() -> None:
    body = (
        decision("A", literal("1"), needs=["d_B"])
        + decision("B", literal("1"), needs=["d_C"])
        + decision("C", literal("1"), needs=["d_A"])
    )
    (problem,) = problems_of(definitions(body))
    assert problem.code == "decision.circle"
    assert "A → B → C → A" in problem.message["en"]


def importing(namespace: str, body: str = "") -> bytes:
    return definitions(f'<import namespace="{namespace}" name="limits" importType="DMN"/>{body}')


def test_an_import_is_found_by_its_namespace_among_the_other_files() -> None:
    use = (
        '<decision id="d" name="D"><variable name="D" typeRef="limits.tGrade"/>'
        '<informationRequirement><requiredDecision href="urn:limits#d_Top grade"/>'
        "</informationRequirement>" + literal("limits.Top grade") + "</decision>"
    )
    grade = (
        '<itemDefinition name="tGrade"><typeRef>string</typeRef>'
        '<allowedValues><text>"A"</text></allowedValues></itemDefinition>'
    )
    limits = definitions(grade + decision("Top grade", literal('"A"')), namespace="urn:limits")
    model = read_decisions(
        importing("urn:limits", use), others={"other.dmn": definitions(""), "limits.dmn": limits}
        | {"other.dmn": definitions("", namespace="urn:else")},
    )  # fmt: skip
    assert evaluate_decision(model, "D", {}) == "A"
    assert model.names() == {"d", "D"}


def test_an_import_that_no_file_provides_is_refused() -> None:
    (problem,) = problems_of(importing("urn:limits"), others={"x.dmn": definitions("")})
    assert problem.code == "decision.import_not_found"
    assert "limits" in problem.message["zh"]


def test_a_file_that_breaks_beside_an_import_is_named() -> None:
    (problem,) = problems_of(importing("urn:limits"), others={"broken.dmn": b"<"})
    assert (problem.code, problem.file) == ("decision.not_xml", "broken.dmn")


def test_names_with_spaces_and_signs_are_known_by_what_is_required() -> None:
    body = (
        input_data("Lot size")
        + input_data("Lot")
        + input_data("re-test")
        + decision("D", literal("Lot size - Lot"), needs=["i_Lot size", "i_Lot"])
        + decision("E", literal("if re-test then 1 else 2"), needs=["i_re-test"])
    )
    model = read_decisions(definitions(body))
    assert evaluate_decision(model, "D", {"Lot size": 10, "Lot": 3}) == Decimal(7)
    assert evaluate_decision(model, "E", {"re-test": True}) == Decimal(1)


def test_types_of_dmn_1_1_are_written_with_a_prefix() -> None:
    xml = definitions(
        '<inputData id="i_a" name="a"><variable name="a" typeRef="feel:number"/></inputData>'
        + decision("D", literal("a"), needs=["i_a"]),
        dmn="http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    )
    assert read_decisions(xml).inputs["i_a"].type == "number"
