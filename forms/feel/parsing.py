"""Reads FEEL texts into trees, once, when a process is deployed. Nothing is evaluated here."""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import UnexpectedToken, VisitError
from lark.lexer import Lexer

from forms.feel import decimals, temporal
from forms.feel.errors import FeelSyntaxError
from forms.feel.frames import SUBJECT, VERSION, Node, Tree
from forms.feel.instances import SIMPLE_TYPES, Type
from forms.feel.limits import MAX_NESTING, MAX_TEXT
from forms.feel.messages import EMPTY, NUMBER_RANGE, TOO_DEEP, TOO_LONG, syntax_error, unknown_type
from forms.feel.registry import BUILTINS, named
from forms.feel.tokens import tokenize
from forms.feel.trees import names_used


class _Tokens(Lexer):
    """Hands the tokens of tokens.py to lark."""

    def __init__(self, _: object) -> None:
        pass

    def lex(self, data: list[Token]) -> Any:  # type: ignore[override]
        return iter(data)


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_Tokens, start=["expression", "unary_tests"])


def parse_expression(
    text: str,
    names: Collection[str] = (),
    *,
    types: Mapping[str, Type] | None = None,
) -> Tree:
    """Read an expression into its tree.

    `names` are the names of the scope; those with spaces or signs are known by them only. `types`
    are the types that `instance of` may name besides FEEL's own. Raises FeelSyntaxError.
    """
    return _parse(text, names, types, "expression")


def parse_unary_tests(
    text: str,
    names: Collection[str] = (),
    *,
    types: Mapping[str, Type] | None = None,
) -> Tree:
    """Read a decision table cell: it tests the value named "?"; "-" is always true."""
    if text.strip() == "-":
        return [VERSION, True]
    return _parse(text, names, types, "unary_tests")


def _parse(
    text: str,
    names: Collection[str],
    types: Mapping[str, Type] | None,
    start: str,
) -> Tree:
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(MAX_TEXT, TOO_LONG, text)
    types = types or {}
    tokens, bound = tokenize(text, [*names, *types])
    if not tokens:
        raise FeelSyntaxError(0, EMPTY, text)
    if start == "unary_tests":
        _mark_negation(tokens)
    try:
        tree = _parser().parse(tokens, start=start)
        node = _Builder(frozenset(names) | bound, types, text).transform(tree)
    except RecursionError:
        raise FeelSyntaxError(0, TOO_DEEP, text) from None
    except UnexpectedToken as unexpected:
        raise syntax_error(unexpected, text) from None
    except UnexpectedInput:
        raise FeelSyntaxError(0, EMPTY, text) from None
    except VisitError as error:
        if isinstance(error.orig_exc, FeelSyntaxError):
            raise error.orig_exc from None
        raise
    if _nesting(node) > MAX_NESTING:
        raise FeelSyntaxError(0, TOO_DEEP, text)
    return [VERSION, node]


def _mark_negation(tokens: list[Token]) -> None:
    """Tell the not(…) around a whole cell, which negates its tests, from the function."""
    if len(tokens) < 4 or tokens[0] != "not" or tokens[1].type != "OPEN":
        return
    depth = 0
    for index, token in enumerate(tokens):
        # Every kind of bracket counts: the end of [1..2) is a ")" that no "(" has opened.
        if token.type != "TYPE_CLOSE":
            depth += token.type.endswith("OPEN") - token.type.endswith("CLOSE")
        if index and depth == 0:
            if index == len(tokens) - 1:
                tokens[0] = Token("NOT_TESTS", "not", start_pos=tokens[0].start_pos)
            return


def _nesting(node: Node) -> int:
    deepest = 0
    waiting = [(node, 1)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(part, list):
            waiting.extend((inner, depth + 1) for inner in part)
    return deepest


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Makes nodes of what lark has recognised."""

    def __init__(self, names: frozenset[str], types: Mapping[str, Type], text: str) -> None:
        super().__init__()
        self._names = names
        self._types = types
        self._text = text

    def number(self, token: Token) -> Node:
        if decimals.number(str(token)) is None:
            raise FeelSyntaxError(token.start_pos or 0, NUMBER_RANGE, self._text)
        return ["n", str(token)]

    def string(self, token: Token) -> Node:
        return str(token)

    def temporal(self, token: Token) -> Node:
        return ["@", str(token)] if temporal.parse_temporal(str(token)) is not None else None

    def true(self, _: Token) -> Node:
        return True

    def false(self, _: Token) -> Node:
        return False

    def null(self, _: Token) -> Node:
        return None

    def name(self, token: Token) -> Node:
        return ["v", str(token)]

    def group(self, _: Token, node: Node, __: Token) -> Node:
        return node

    def list(self, *parts: Node) -> Node:
        return ["list", *_nodes(parts)]

    def context(self, *parts: Node) -> Node:
        return ["ctx", *_nodes(parts)]

    def entry(self, key: Token, _: Token, value: Node) -> Node:
        return [str(key), value]

    named_argument = entry

    def range(self, opening: Token, start: Node, _: Token, end: Node, closing: Token) -> Node:
        return ["range", opening == "[", start, end, closing == "]"]

    def one_sided_range(self, _: Token, sign: Token, bound: Node, __: Token) -> Node:
        return ["side", str(sign), bound]

    def binary(self, left: Node, sign: Token, right: Node) -> Node:
        return [str(sign), left, right]

    def negative(self, _: Token, operand: Node) -> Node:
        return ["neg", operand]

    def disjunction(self, left: Node, _: Token, right: Node) -> Node:
        return _flat("or", left, right)

    def conjunction(self, left: Node, _: Token, right: Node) -> Node:
        return _flat("and", left, right)

    def between(self, value: Node, _: Token, low: Node, __: Token, high: Node) -> Node:
        return ["between", value, low, high]

    def membership(self, value: Node, _: Token, tests: Node) -> Node:
        return ["in", value, *tests]

    def in_tests(self, *tests: Node) -> Node:
        return _nodes(tests)

    def compare_test(self, sign: Token, bound: Node) -> Node:
        return ["test", str(sign), bound]

    def value_test(self, node: Node) -> Node:
        return ["test", "in", node]

    def test_list(self, *tests: Node) -> Node:
        return [_cell_test(test) for test in _nodes(tests)]

    def unary_tests(self, tests: Node) -> Node:
        return ["tests", True, *tests]

    def not_tests(self, *parts: Node) -> Node:
        return ["tests", False, *parts[2]]

    def conditional(self, *parts: Node) -> Node:
        return ["if", parts[1], parts[3], parts[5]]

    def iteration(self, *parts: Node) -> Node:
        sources = _nodes(parts)
        return ["for", sources[:-1], sources[-1]]

    def quantified(self, *parts: Node) -> Node:
        sources = _nodes(parts)
        return [str(parts[0]), sources[:-1], sources[-1]]

    def source(self, name: Token, _: Token, items: Node) -> Node:
        return [str(name), items]

    def counter(self, name: Token, _: Token, first: Node, __: Token, last: Node) -> Node:
        return [str(name), first, last]

    def path(self, source: Node, _: Token, name: Token) -> Node:
        return [".", source, str(name)]

    def filtered(self, source: Node, _: Token, condition: Node, __: Token) -> Node:
        return ["[]", source, condition]

    def call(self, function: Node, *parts: Node) -> Node:
        arguments = _nodes(parts)
        if self._is_builtin(function):
            return ["b", function[1], *arguments]
        return ["call", function, *arguments]

    def named_call(self, function: Node, *parts: Node) -> Node:
        arguments = _nodes(parts)
        if self._is_builtin(function):
            return _positional_call(function[1], dict(arguments), len(arguments))
        return ["calln", function, *arguments]

    def _is_builtin(self, function: Node) -> bool:
        """Tell whether it names a built-in function, and nothing of the scope or the text."""
        return (
            isinstance(function, list)
            and function[0] == "v"
            and function[1] in BUILTINS
            and function[1] not in self._names
        )

    def function(self, *parts: Node) -> Node:
        nodes = _nodes(parts)
        return ["func", nodes[:-1], nodes[-1]]

    def parameter(self, name: Token, *rest: Node) -> Node:
        return [str(name), rest[1] if rest else None]

    def instance(self, value: Node, _: Token, __: Token, wanted: Node) -> Node:
        return ["is", value, wanted]

    def named_type(self, *parts: Token) -> Node:
        name = "".join(str(part) for part in parts)
        if name in self._types:
            return self._types[name]
        if name in ("list", "range", "context"):
            return {"list": ["list", "Any"], "range": ["range", "Any"], "context": ["context"]}[
                name
            ]
        if name not in SIMPLE_TYPES:
            raise FeelSyntaxError(parts[0].start_pos or 0, unknown_type(name), self._text)
        return name

    def generic_type(self, kind: Token, of: Node, _: Token) -> Node:
        return [str(kind), of]

    def context_type(self, _: Token, *parts: Node) -> Node:
        return ["context", *_nodes(parts)]

    type_entry = entry

    def function_type(self, _: Token, *parts: Node) -> Node:
        nodes = _nodes(parts)
        return ["function", nodes[:-1], nodes[-1]]


def _nodes(parts: tuple[Node, ...]) -> list[Node]:
    """Leave out the tokens between the parts."""
    return [part for part in parts if not isinstance(part, Token)]


def _flat(operation: str, left: Node, right: Node) -> Node:
    """Make one node of a and b and c, so that long chains are not deep."""
    if isinstance(left, list) and left[0] == operation:
        return [*left, right]
    return [operation, left, right]


def _positional_call(name: str, given: dict[str, Node], count: int) -> Node:
    """Put the arguments of a call by name in order; a call that fits no signature is null."""
    found = named(name, tuple(given)) if len(given) == count else None
    if found is None:
        return None
    values = list(given.values())
    arguments = [None if place is None else values[place] for place in found]
    if name == "context put" and "key" in given:  # one key, where `keys` may be a path
        arguments[1] = ["if", ["is", arguments[1], "string"], arguments[1], None]
    return ["b", name, *arguments]


_TRUTHS = frozenset(
    ["=", "!=", "<", "<=", ">", ">=", "and", "or", "between", "in", "some", "every", "is"]
)


def _cell_test(test: Node) -> Node:
    """Make a condition of a cell that speaks of "?" or is a comparison; others are values."""
    if test[1] != "in":
        return test
    node = test[2]
    truth = isinstance(node, list) and node[0] in _TRUTHS
    return ["test", "is", node] if truth or SUBJECT in names_used(node) else test
