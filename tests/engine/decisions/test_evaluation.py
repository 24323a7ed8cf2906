"""Decisions that need each other, their inputs and types, functions, services, boxed logic."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.decisions import (
    DecisionFailed,
    DecisionModel,
    NoResult,
    TooDeep,
    TooLong,
    UnknownDecision,
    WrongType,
    evaluate_decision,
    read_decisions,
)
from forms.feel import Date
from tests.engine.decisions.samples import (
    decision,
    definitions,
    input_data,
    literal,
    table,
    table_file,
)


def model_of(*parts: str) -> DecisionModel:
    return read_decisions(definitions("".join(parts)))


def knowledge(name: str, parameters: str, body: str) -> str:
    formal = "".join(f'<formalParameter name="{one}"/>' for one in parameters.split())
    return (
        f'<businessKnowledgeModel id="k_{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{body}</encapsulatedLogic></businessKnowledgeModel>"
    )


# --- the graph -----------------------------------------------------------------------------------


def test_a_decision_is_asked_by_id_or_by_name() -> None:
    model = model_of(decision("Sampling plan", literal("1")))
    assert evaluate_decision(model, "Sampling plan", {}) == Decimal(1)
    assert evaluate_decision(model, "d_Sampling plan", {}) == Decimal(1)


def test_a_decision_that_is_not_there_is_named() -> None:
    with pytest.raises(UnknownDecision) as failed:
        evaluate_decision(model_of(decision("A", literal("1"))), "B", {})
    assert failed.value.code == "decision.unknown"
    assert "B" in failed.value.message["zh"]


def test_a_decision_uses_the_decisions_it_needs() -> None:
    model = model_of(
        input_data("n"),
        decision("Twice", literal("n * 2"), needs=["i_n"]),
        decision("Sum", literal("Twice + n"), needs=["d_Twice", "i_n"]),
    )
    assert evaluate_decision(model, "Sum", {"n": Decimal("1.5")}) == Decimal("4.5")


def test_a_variable_of_the_case_with_the_name_of_a_decision_does_not_replace_it() -> None:
    model = model_of(
        decision("Grade", literal('"A"')), decision("Next", literal("Grade"), needs=["d_Grade"])
    )
    assert evaluate_decision(model, "Next", {"Grade": "forged"}) == "A"


def test_a_diamond_of_decisions_is_walked_once_for_each() -> None:
    """Thirty decisions, each needing the one before twice: 2^30 steps unless remembered."""
    parts = [decision("D0", literal("1"))]
    for number in range(1, 31):
        before = f"D{number - 1}"
        parts.append(decision(f"D{number}", literal(f"{before} + {before}"), needs=[f"d_{before}"]))
        parts.append(
            decision(f"E{number}", literal(f"{before}"), needs=[f"d_{before}", f"d_D{number}"])
        )
    assert evaluate_decision(model_of(*parts), "D30", {}) == Decimal(2**30)


def test_a_decision_without_logic_cannot_be_asked() -> None:
    model = model_of(decision("D", ""))
    with pytest.raises(NoResult):
        evaluate_decision(model, "D", {})
    assert evaluate_decision(model, "D", {}, no_match="null") is None


def test_the_time_is_given() -> None:
    model = model_of(decision("D", literal("date(now())")))
    now = datetime(2026, 11, 22, 10, 41, tzinfo=UTC)
    assert str(evaluate_decision(model, "D", {}, now=now)) == str(Date(20779))


# --- inputs and their types ----------------------------------------------------------------------


def test_an_input_that_is_missing_is_null() -> None:
    model = model_of(input_data("n", "number"), decision("D", literal("n = null"), needs=["i_n"]))
    assert evaluate_decision(model, "D", {}) is True


def test_text_in_iso_form_becomes_the_date_that_the_input_declares() -> None:
    model = model_of(
        input_data("expiry", "date"),
        decision("D", literal('expiry > date("2026-01-31")'), needs=["i_expiry"]),
    )
    assert evaluate_decision(model, "D", {"expiry": "2026-02-01"}) is True
    with pytest.raises(WrongType):
        evaluate_decision(model, "D", {"expiry": "01.02.2026"})


def test_dates_inside_a_declared_context_and_list_are_read_too() -> None:
    lots = (
        '<itemDefinition name="tLots" isCollection="true"><itemComponent name="expiry">'
        "<typeRef>date</typeRef></itemComponent></itemDefinition>"
    )
    model = model_of(
        lots,
        input_data("lots", "tLots"),
        decision("D", literal("max(lots.expiry)"), needs=["i_lots"]),
    )
    lots_of_case = {"lots": [{"expiry": "2026-02-01"}, {"expiry": "2026-03-01"}]}
    found = evaluate_decision(model, "D", lots_of_case)
    assert found == Date(20513)


@pytest.mark.parametrize(
    ("type_ref", "value"),
    [
        ("number", "12"),
        ("number", True),
        ("integer", Decimal("1.5")),
        ("string", 1),
        ("boolean", "true"),
        ("date", 20),
        ("time", "25:00:00"),
        ("dayTimeDuration", "P1M"),
        ("number", 1.5),
        ("string", 1.5),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(type_ref: str, value: object) -> None:
    model = model_of(input_data("n", type_ref), decision("D", literal("n"), needs=["i_n"]))
    with pytest.raises(WrongType) as failed:
        evaluate_decision(model, "D", {"n": value})
    assert failed.value.code == "decision.wrong_type"
    assert failed.value.message["zh"]


def test_a_value_of_the_wrong_type_is_null_to_the_letter() -> None:
    model = model_of(input_data("n", "number"), decision("D", literal("n"), needs=["i_n"]))
    assert evaluate_decision(model, "D", {"n": "12"}, no_match="null") is None


def test_an_input_that_the_decision_does_not_need_may_be_anything() -> None:
    model = model_of(input_data("n", "number"), decision("D", literal("1")))
    assert evaluate_decision(model, "D", {"n": "text", "x": 1.5}) == Decimal(1)


def test_a_list_of_one_and_its_item_stand_for_each_other() -> None:
    numbers = (
        '<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef>'
        "</itemDefinition>"
    )
    model = model_of(
        numbers,
        input_data("one", "number"),
        input_data("many", "tNumbers"),
        decision("D", literal("one + count(many)"), needs=["i_one", "i_many"]),
    )
    assert evaluate_decision(model, "D", {"one": [5], "many": 7}) == Decimal(6)


def test_allowed_values_of_a_type_hold_for_inputs_and_results() -> None:
    level = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues>'
        '<text>"I", "II", "III"</text></allowedValues></itemDefinition>'
    )
    model = model_of(
        level,
        input_data("level", "tLevel"),
        decision("D", literal('level + ""'), needs=["i_level"], type_ref="tLevel"),
        decision("E", literal('level + "V"'), needs=["i_level"], type_ref="tLevel"),
    )
    assert evaluate_decision(model, "D", {"level": "II"}) == "II"
    with pytest.raises(WrongType):
        evaluate_decision(model, "D", {"level": "IV"})
    with pytest.raises(WrongType):
        evaluate_decision(model, "E", {"level": "I"})


def test_input_values_of_a_table_hold() -> None:
    model = read_decisions(table_file([("level", "string", '"I", "II"')], ["n"], [("-", "1")]))
    assert evaluate_decision(model, "Answer", {"level": "I"}) == Decimal(1)
    with pytest.raises(WrongType) as failed:
        evaluate_decision(model, "Answer", {"level": "III"})
    assert '"I", "II"' in failed.value.message["en"]


def test_output_values_of_a_table_hold_for_what_is_computed() -> None:
    model = read_decisions(
        table_file([("n", "number")], ["x"], [("-", "n + 1")], values=["[1..3]"])
    )
    assert evaluate_decision(model, "Answer", {"n": 2}) == Decimal(3)
    with pytest.raises(WrongType):
        evaluate_decision(model, "Answer", {"n": 3})


# --- functions -----------------------------------------------------------------------------------


def test_a_knowledge_model_is_called_from_feel_and_by_invocation() -> None:
    invocation = (
        f"<invocation>{literal('Discount')}"
        f"<binding><parameter name='rate'/>{literal('10')}</binding>"
        f"<binding><parameter name='price'/>{literal('50')}</binding></invocation>"
    )
    model = model_of(
        knowledge("Discount", "price rate", literal("price * rate / 100")),
        decision("ByFeel", literal("Discount(200, 5)"), calls=["k_Discount"]),
        decision("ByName", literal("Discount(rate: 5, price: 200)"), calls=["k_Discount"]),
        decision("ByInvocation", invocation, calls=["k_Discount"]),
    )
    assert evaluate_decision(model, "ByFeel", {}) == Decimal(10)
    assert evaluate_decision(model, "ByName", {}) == Decimal(10)
    assert evaluate_decision(model, "ByInvocation", {}) == Decimal(5)


def test_an_invocation_of_what_is_no_function_is_refused() -> None:
    invocation = f"<invocation>{literal('Discount')}</invocation>"
    model = model_of(
        decision("Discount", literal("5")), decision("D", invocation, needs=["d_Discount"])
    )
    with pytest.raises(NoResult):
        evaluate_decision(model, "D", {})


def test_a_function_may_call_itself_within_bounds() -> None:
    model = model_of(
        knowledge("Sum", "n", literal("if n <= 0 then 0 else n + Sum(n - 1)")),
        decision("Small", literal("Sum(20)"), calls=["k_Sum"]),
        decision("Endless", literal("Sum(100000)"), calls=["k_Sum"]),
    )
    assert evaluate_decision(model, "Small", {}) == Decimal(210)
    with pytest.raises(TooDeep) as failed:
        evaluate_decision(model, "Endless", {})
    assert failed.value.code == "decision.too_deep"


def test_a_loop_without_end_is_ended() -> None:
    model = model_of(
        decision("D", literal("count(for i in 1..100000, j in 1..100000 return i * j)"))
    )
    with pytest.raises(TooLong) as failed:
        evaluate_decision(model, "D", {})
    assert failed.value.code == "decision.too_long"


def test_boxed_loops_are_bounded_together() -> None:
    inner = (
        f'<for iteratorVariable="j"><in>{literal("1..1000")}</in>'
        f"<return>{literal('j')}</return></for>"
    ).replace("1..1000", "[1..1000]")
    outer = (
        f'<for iteratorVariable="i"><in>{literal("[1..1000]")}</in><return>{inner}</return></for>'
    )
    with pytest.raises(TooLong):
        evaluate_decision(model_of(decision("D", outer)), "D", {})


def test_a_service_is_a_function_of_its_inputs_and_input_decisions() -> None:
    service = (
        '<decisionService id="s_Price" name="Price"><variable name="Price"/>'
        '<outputDecision href="#d_Total"/><inputDecision href="#d_Rate"/>'
        '<inputData href="#i_net"/></decisionService>'
    )
    model = model_of(
        input_data("net", "number"),
        decision("Rate", literal("0.5"), type_ref="number"),
        decision("Total", literal("net * Rate"), needs=["i_net", "d_Rate"]),
        service,
        decision("D", literal("Price(10, 3)"), calls=["s_Price"]),
    )
    assert evaluate_decision(model, "D", {"net": 1}) == Decimal(30)
    assert evaluate_decision(model, "Price", {"net": 10, "Rate": 2}) == Decimal(20)
    assert evaluate_decision(model, "Total", {"net": 10, "Rate": 2}) == Decimal(5)


# --- boxed logic ---------------------------------------------------------------------------------


def boxed(logic: str, **inputs: object) -> object:
    needs = [f"i_{name}" for name in inputs]
    model = model_of(*(input_data(name) for name in inputs), decision("D", logic, needs=needs))
    return evaluate_decision(model, "D", inputs)


def entry(name: str, logic: str) -> str:
    variable = f"<variable name='{name}'/>" if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_a_context_sees_what_stands_above() -> None:
    entries = entry("a", literal("2")) + entry("b", literal("a * 3"))
    assert boxed(f"<context>{entries}</context>") == {"a": 2, "b": 6}
    assert boxed(f"<context>{entries}{entry('', literal('a + b'))}</context>") == Decimal(8)


def test_a_function_in_a_context_may_call_itself() -> None:
    function = (
        '<functionDefinition><formalParameter name="n"/>'
        + literal("if n <= 1 then 1 else n * f(n - 1)")
        + "</functionDefinition>"
    )
    context = f"<context>{entry('f', function)}{entry('', literal('f(5)'))}</context>"
    assert boxed(context) == Decimal(120)


def test_a_table_in_a_context_sees_its_entries() -> None:
    size = table([("limit", "number")], ["s"], [("< 5", '"low"'), (">= 5", '"high"')])
    context = f"<context>{entry('limit', literal('n * 2'))}{entry('', size)}</context>"
    assert boxed(context, n=3) == "high"


def test_a_relation_is_a_list_of_contexts() -> None:
    relation = (
        "<relation><column name='a'/><column name='b'/>"
        f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('4')}</row></relation>"
    )
    assert boxed(relation) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_a_filter_keeps_what_matches_or_gives_a_position() -> None:
    def filtered(match: str) -> str:
        return f"<filter><in>{literal('list')}</in><match>{literal(match)}</match></filter>"

    items = [{"n": 1}, {"n": 5}, {"n": 9}]
    assert boxed(filtered("item.n > 3"), list=items) == [{"n": 5}, {"n": 9}]
    assert boxed(filtered("2"), list=items) == {"n": 5}
    assert boxed(filtered("-1"), list=items) == {"n": 9}
    assert boxed(filtered("7"), list=items) is None
    assert boxed(filtered("item.n > 99"), list=items) == []


def test_a_condition_that_is_neither_true_nor_false_is_refused() -> None:
    logic = (
        f"<conditional><if>{literal('a')}</if><then>{literal('1')}</then>"
        f"<else>{literal('2')}</else></conditional>"
    )
    assert boxed(logic, a=True) == Decimal(1)
    assert boxed(logic, a=False) == Decimal(2)
    assert boxed(logic, a=None) == Decimal(2)
    with pytest.raises(DecisionFailed):
        boxed(logic, a="yes")


@pytest.mark.parametrize(
    ("quantifier", "condition", "expected"),
    [
        ("some", "x > 2", True),
        ("some", "x > 5", False),
        ("every", "x > 0", True),
        ("every", "x > 2", False),
        ("every", 'x > "a"', None),
        ("some", 'if x = 3 then true else "?"', True),
    ],
)
def test_quantifiers_are_three_valued(quantifier: str, condition: str, expected: object) -> None:
    logic = (
        f'<{quantifier} iteratorVariable="x"><in>{literal("[1, 2, 3]")}</in>'
        f"<satisfies>{literal(condition)}</satisfies></{quantifier}>"
    )
    assert boxed(logic) is expected


def test_an_iteration_sees_what_it_has_made_so_far() -> None:
    logic = (
        f'<for iteratorVariable="x"><in>{literal("[1, 2, 3]")}</in>'
        f"<return>{literal('x + sum(partial)')}</return></for>"
    ).replace("x + sum(partial)", "if count(partial) = 0 then 1 else x + sum(partial)")
    assert boxed(logic) == [Decimal(1), Decimal(3), Decimal(7)]
