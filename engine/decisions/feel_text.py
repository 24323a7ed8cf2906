"""FEEL in a DMN file: parsed, and when it cannot be, said with element and line."""

from collections.abc import Callable, Collection, Sequence

from engine.decisions.model import Tree
from engine.decisions.source import Element, Source
from forms.feel import FeelSyntaxError, free_names, parse_expression, parse_unary_tests
from forms.feel.names import BUILTIN_NAMES

NULL_TREE: Tree = parse_expression("null")


def read_expression(source: Source, element: Element, text: str, names: Collection[str]) -> Tree:
    """Parse a FEEL expression that sees these names; a text that is no FEEL is a problem."""
    return _read(source, element, text, names, parse_expression)


def read_unary_tests(source: Source, element: Element, text: str, names: Collection[str]) -> Tree:
    """Parse the content of a decision table's cell or of a list of allowed values."""
    return _read(source, element, text, names, parse_unary_tests)


def _read(
    source: Source,
    element: Element,
    text: str,
    names: Collection[str],
    parse: Callable[..., Tree],
) -> Tree:
    # FEEL cuts plain words by itself; it has to be told names with spaces or signs in them, and
    # those that hide a function of its own.
    special = frozenset(name for name in names if not name.isidentifier() or name in BUILTIN_NAMES)
    try:
        tree = parse(text, special, types=source.feel_types)
    except FeelSyntaxError as error:
        if not source.lenient:
            source.report(
                "decision.feel_syntax",
                {
                    "en": f"“{shorten(text)}” is not FEEL: {error.message['en']}",
                    "zh": f"“{shorten(text)}”不是有效的 FEEL：{error.message['zh']}",
                },
                element,
            )
        return NULL_TREE
    unknown = free_names(tree) - frozenset(names) - BUILTIN_NAMES
    # Inside a filter a plain name may be an entry of the items, which only the evaluation knows.
    if unknown and not source.lenient and not _filters(tree[1]):
        source.report("decision.unknown_name", _unknown(text, sorted(unknown)), element)
    return tree


def _filters(node: object) -> bool:
    return isinstance(node, list) and (node[:1] == ["[]"] or any(_filters(part) for part in node))


def _unknown(text: str, names: Sequence[str]) -> dict[str, str]:
    listed = ", ".join(names)
    return {
        "en": f"“{shorten(text)}” names {listed}, which the decision does not see. Correct the "
        "name, or draw a requirement from the input, decision or function.",
        "zh": f"“{shorten(text)}”中的 {listed} 在该决策中不可见。请更正名称，"
        "或补画到相应输入、决策或函数的需求连线。",
    }


def shorten(text: str, length: int = 80) -> str:
    """Make a text fit into a sentence."""
    flat = " ".join(text.split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"
