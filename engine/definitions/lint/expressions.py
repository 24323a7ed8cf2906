"""Parse every FEEL text of the diagram once, and say where one is no FEEL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from engine.definitions.bpmn import line_of
from engine.definitions.diagram import Diagram, nearest_id
from engine.definitions.extension import FeelText, feel_texts
from engine.definitions.lint.drawing import Drawing
from engine.definitions.lint.gateways import deciding_gateways
from engine.definitions.lint.words import is_variable
from engine.definitions.normalisation import ALWAYS
from engine.execution.errors import ValueUnusable
from engine.execution.timers import TimerKind, is_iso_literal, schedule
from engine.problems import Problem
from forms.feel import (
    FeelLimitExceeded,
    FeelSyntaxError,
    Tree,
    evaluate,
    parse_expression,
    unknown_functions,
)

MAX_TEXT = 4_000
MAX_ALL_TEXTS = 100_000
_TIMERS: Mapping[str, tuple[TimerKind, ...]] = {
    "timeDate": ("timeDate",),
    "timeDuration": ("timeDuration",),
    "timeCycle": ("timeCycle",),
    "due": ("timeDuration", "timeDate"),
}
# Any time does to see whether a literal can be computed with.
_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The trees by text, the FEEL texts they came from, and what could not be parsed."""

    trees: Mapping[str, Tree]
    texts: tuple[FeelText, ...]
    problems: tuple[Problem, ...] = field(default=())


def parse_all(drawing: Drawing) -> Parsed:
    """Parse the FEEL of the diagram; the condition that normalisation writes is always there."""
    trees: dict[str, Tree] = {ALWAYS: parse_expression(ALWAYS)}
    problems: list[Problem] = []
    texts = tuple(feel_texts(drawing.drawn.process))
    if sum(len(text) for text in {item.text for item in texts}) > MAX_ALL_TEXTS:
        return Parsed(trees=trees, texts=(), problems=(_too_much(drawing.drawn),))
    for item in texts:
        problems += _parse_one(drawing.drawn, item, trees)
    return Parsed(trees=trees, texts=texts, problems=tuple(problems))


def _too_much(diagram: Diagram) -> Problem:
    return diagram.problem(
        "feel.too_much",
        diagram.process,
        en=f"The expressions of the diagram have more than {MAX_ALL_TEXTS} characters together;"
        " move rules into decision tables, or split the process.",
        zh=f"图中的表达式合计超过 {MAX_ALL_TEXTS} 个字符；请把规则移到决策表，或拆分流程。",
    )


def literal_kind(item: FeelText) -> TimerKind | None:
    """Give what a timer value written out in ISO 8601 is; None for FEEL."""
    kinds = _TIMERS.get(item.use, ())
    return next((kind for kind in kinds if is_iso_literal(kind, item.text)), None)


def context_keys(tree: Tree | None) -> tuple[str, ...] | None:
    """Give the keys of a FEEL context literal in their order; None for any other expression."""
    match tree:
        case [_, ["ctx", *entries]]:
            return tuple(str(entry[0]) for entry in entries)
        case _:
            return None


def check_ways_out(drawing: Drawing, parsed: Parsed) -> Iterator[Problem]:
    """Look for gateways that may find no way, as they have no default flow.

    Tried with nothing known: where no condition is true then, an instance could stand still, which
    is an error; where one is, the conditions may still leave a gap, which is a warning.
    """
    for node, conditions in deciding_gateways(drawing):
        trees = [parsed.trees.get(condition) for condition in conditions]
        if any(tree is None for tree in trees):
            continue  # said already
        surely = any(_is_true_of_nothing(tree) for tree in trees)
        yield drawing.drawn.problem(
            "gateway.no_default",
            node,
            en=f"{node.label} has no default flow"
            + (
                "; make sure that one condition is always true, or mark one flow as default."
                if surely
                else ", and when a value is missing none of its conditions is true: the process"
                " would stand still. Mark one of its flows as default."
            ),
            zh=f"{node.label} 没有默认流"
            + (
                "；请确认总有一个条件成立，或将其中一条设为默认流。"
                if surely
                else "，当某个值缺失时所有条件都不成立，流程将无法继续；请将其中一条设为默认流。"
            ),
            severity="warning" if surely else "error",
        )


def _parse_one(diagram: Diagram, item: FeelText, trees: dict[str, Tree]) -> Iterator[Problem]:
    if len(item.text) > MAX_TEXT:
        yield _problem(
            diagram,
            item,
            "feel.too_long",
            f"is longer than {MAX_TEXT} characters; move the rule into a decision table.",
            f"超过 {MAX_TEXT} 个字符；请把规则移到决策表中。",
        )
        return
    kind = literal_kind(item)
    if kind is not None:
        trees[item.text] = parse_expression(f'"{item.text}"')
        yield from _check_literal(diagram, item, kind)
        return
    try:
        tree = parse_expression(item.text)
    except FeelSyntaxError as error:
        yield _problem(
            diagram,
            item,
            "feel.syntax",
            f"is no FEEL at character {error.position + 1}: {error.message['en'].rstrip('.')}.",
            f"在第 {error.position + 1} 个字符处不是合法的 FEEL："
            f"{error.message['zh'].rstrip('。')}。",
        )
        return
    except FeelLimitExceeded as error:
        yield _problem(diagram, item, "feel.too_long", f": {error}.", f"：{error.message['zh']}。")
        return
    trees[item.text] = tree
    for name in sorted(unknown_functions(tree)):
        yield _problem(
            diagram,
            item,
            "feel.unknown_function",
            f"calls {name}(), which is no function of FEEL, so it would always be null; correct the"
            " name, or use a service task.",
            f"调用了 FEEL 中不存在的函数 {name}()，结果将始终为空；请更正名称，或改用服务任务。",
        )
    if item.use == "script":
        yield from _check_script(diagram, item, tree)


def _check_script(diagram: Diagram, item: FeelText, tree: Tree) -> Iterator[Problem]:
    keys = context_keys(tree)
    if keys is None:
        yield _problem(
            diagram,
            item,
            "script.no_context",
            "is no FEEL context; write assignments in braces: {total: price * quantity}.",
            "不是 FEEL 上下文；请用花括号书写赋值：{total: price * quantity}。",
        )
    for key in keys or ():
        if not is_variable(key):
            yield _problem(
                diagram,
                item,
                "script.no_variable",
                f"assigns “{key}”, which is no variable name; use letters, digits and _ and start"
                " with a letter.",
                f"给“{key}”赋值，但它不是变量名；请使用字母、数字和 _，并以字母开头。",
            )


def _check_literal(diagram: Diagram, item: FeelText, kind: TimerKind) -> Iterator[Problem]:
    try:
        schedule(kind, item.text, _SOME_TIME)
    except ValueUnusable as error:
        yield _problem(
            diagram,
            item,
            "event.timer_literal",
            f"cannot be used: {str(error).rstrip('.')}. Write PT4H, R3/PT10M or 2026-11-22.",
            "不能用作时间；请写成 PT4H、R3/PT10M 或 2026-11-22 的形式。",
        )


def _is_true_of_nothing(tree: Tree | None) -> bool:
    if tree is None:
        return False
    try:
        return evaluate(tree, {}, now=_SOME_TIME) is True
    except FeelLimitExceeded:
        return False


def _problem(diagram: Diagram, item: FeelText, code: str, en: str, zh: str) -> Problem:
    shown = item.text if len(item.text) <= 60 else f"{item.text[:57]}…"
    return Problem(
        code=code,
        message={"en": f"“{shown}” {en}", "zh": f"“{shown}”{zh}"},
        file=diagram.file,
        element_id=nearest_id(item.owner),
        line=line_of(item.element),
    )
