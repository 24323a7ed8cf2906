"""Decision tables: clauses, rules and hit policy, with every cell parsed."""

from typing import Final, get_args

from engine.decisions.feel_text import NULL_TREE, read_expression, read_unary_tests
from engine.decisions.model import (
    Aggregation,
    DecisionTable,
    HitPolicy,
    InputClause,
    OutputClause,
    Rule,
    Tree,
)
from engine.decisions.reading_types import resolve_type
from engine.decisions.source import Element, Source, child, children, clean, line_of, text_of

HIT_POLICIES: Final[dict[str, HitPolicy]] = {name: name for name in get_args(HitPolicy)}
AGGREGATIONS: Final[dict[str, Aggregation]] = {name: name for name in get_args(Aggregation)}


def read_table(
    source: Source, element: Element, owner: str, names: frozenset[str]
) -> DecisionTable:
    """Read a decision table that stands in the logic of `owner` and sees these names."""
    inputs = tuple(_input(source, part, names) for part in children(element, "input"))
    outputs = tuple(_output(source, part, names) for part in children(element, "output"))
    _check_outputs(source, element, outputs)
    # A test may name the inputs' own values, so nothing new comes into sight in a cell but "?".
    rules = tuple(
        _rule(source, part, names, len(inputs), len(outputs)) for part in children(element, "rule")
    )
    return DecisionTable(
        name=owner,
        inputs=inputs,
        outputs=outputs,
        rules=rules,
        hit_policy=_hit_policy(source, element),
        aggregation=_aggregation(source, element),
        type=resolve_type(source, element.get("typeRef"), element),
        id=element.get("id"),
        line=line_of(element),
        file=source.file,
    )


def _input(source: Source, element: Element, names: frozenset[str]) -> InputClause:
    expression = child(element, "inputExpression")
    text = text_of(expression)
    if expression is None or not text:
        source.report("decision.input_without_expression", _NO_EXPRESSION, element)
    values = child(element, "inputValues")
    allowed_text = text_of(values)
    return InputClause(
        tree=read_expression(source, element, text, names) if text else NULL_TREE,
        text=text,
        label=clean(element.get("label")),
        type=resolve_type(
            source, None if expression is None else expression.get("typeRef"), element
        ),
        allowed=None
        if values is None or not allowed_text
        else read_unary_tests(source, values, allowed_text, names),
        allowed_text=allowed_text,
    )


def _output(source: Source, element: Element, names: frozenset[str]) -> OutputClause:
    values = child(element, "outputValues")
    values_text = text_of(values)
    default = child(element, "defaultOutputEntry")
    default_text = text_of(default)
    return OutputClause(
        name=clean(element.get("name")) or None,
        type=resolve_type(source, element.get("typeRef"), element),
        # The output values are kept as a list, because their order is the order of priority.
        values=None
        if values is None or not values_text
        else read_expression(source, values, f"[{values_text}]", names),
        values_text=values_text,
        allowed=None
        if values is None or not values_text
        else read_unary_tests(source, values, values_text, names),
        default=None
        if default is None or not default_text
        else read_expression(source, default, default_text, names),
        default_text=default_text,
    )


def _check_outputs(source: Source, element: Element, outputs: tuple[OutputClause, ...]) -> None:
    if not outputs:
        source.report("decision.no_output", _NO_OUTPUT, element)
    named = {output.name for output in outputs}
    if len(outputs) > 1 and (None in named or len(named) < len(outputs)):
        source.report("decision.output_without_name", _OUTPUT_NAMES, element)
    if len(outputs) > 1 and element.get("aggregation"):
        source.report("decision.aggregate_of_several", _AGGREGATE, element)
    defaults = sum(output.default is not None for output in outputs)
    if 0 < defaults < len(outputs):
        source.report("decision.default_incomplete", _DEFAULT_INCOMPLETE, element)


def _rule(
    source: Source, element: Element, names: frozenset[str], inputs: int, outputs: int
) -> Rule:
    tests = list(children(element, "inputEntry"))
    results = list(children(element, "outputEntry"))
    if len(tests) != inputs or len(results) != outputs:
        source.report("decision.uneven_rule", _UNEVEN, element)
    return Rule(
        id=element.get("id"),
        line=line_of(element),
        tests=tuple(_test(source, cell, names) for cell in tests),
        test_texts=tuple(text_of(cell) or "-" for cell in tests),
        results=tuple(_result(source, cell, names) for cell in results),
        result_texts=tuple(text_of(cell) for cell in results),
    )


def _test(source: Source, cell: Element, names: frozenset[str]) -> Tree:
    """Parse a test; a cell that is empty or "-" tests nothing and is None."""
    text = text_of(cell)
    return None if text in {"", "-"} else read_unary_tests(source, cell, text, names)


def _result(source: Source, cell: Element, names: frozenset[str]) -> Tree:
    text = text_of(cell)
    return read_expression(source, cell, text, names) if text else NULL_TREE


def _hit_policy(source: Source, element: Element) -> HitPolicy:
    written = element.get("hitPolicy", "UNIQUE")
    if written not in HIT_POLICIES:
        source.report("decision.unknown_hit_policy", _unknown(written), element)
    return HIT_POLICIES.get(written, "UNIQUE")


def _aggregation(source: Source, element: Element) -> Aggregation | None:
    written = element.get("aggregation")
    if written is None or HIT_POLICIES.get(element.get("hitPolicy", "")) != "COLLECT":
        return None
    if written not in AGGREGATIONS:
        source.report("decision.unknown_aggregation", _unknown(written), element)
    return AGGREGATIONS.get(written)


def _unknown(written: str) -> dict[str, str]:
    return {
        "en": f"“{written}” is not a hit policy or aggregation of DMN.",
        "zh": f"“{written}”不是 DMN 的命中策略或汇总方式。",
    }


_NO_EXPRESSION: Final = {
    "en": "An input of the decision table has no expression: say which value is tested.",
    "zh": "决策表的某个输入没有表达式：请写明要检验的值。",
}
_NO_OUTPUT: Final = {
    "en": "The decision table has no output.",
    "zh": "决策表没有输出列。",
}
_OUTPUT_NAMES: Final = {
    "en": "A decision table with several outputs needs a different name for each of them.",
    "zh": "决策表有多个输出时，每个输出都必须有不同的名称。",
}
_AGGREGATE: Final = {
    "en": "A decision table with several outputs cannot be added up, counted or compared.",
    "zh": "有多个输出的决策表不能汇总（求和、计数、最大值、最小值）。",
}
_DEFAULT_INCOMPLETE: Final = {
    "en": "Some outputs of the decision table have a default and some have none.",
    "zh": "决策表中只有部分输出设置了默认值，请全部设置或全部不设置。",
}
_UNEVEN: Final = {
    "en": "The rule has not one cell for each input and each output of the decision table.",
    "zh": "该规则的单元格数与决策表的输入、输出列数不一致。",
}
