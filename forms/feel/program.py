"""Evaluates trees: compiles each once, keeps what it compiled, runs it within bounds."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

from forms.feel.errors import FeelLimitExceeded
from forms.feel.frames import VERSION, Code, Compiler, Frame, Operation, Scope, Tree
from forms.feel.limits import DEFAULT_LIMITS, Limits
from forms.feel.operations import calls, literals, loops, operators, paths, tests
from forms.feel.values import AS_THEY_ARE, Budget, Value, from_json

_OPERATIONS: Final[Mapping[str, Operation]] = {
    **literals.OPERATIONS,
    **operators.OPERATIONS,
    **tests.OPERATIONS,
    **paths.OPERATIONS,
    **loops.OPERATIONS,
    **calls.OPERATIONS,
}
_KEPT: Final = 4096
_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


class Program:
    """A compiled tree: call it with a scope, as often as needed and from any thread."""

    __slots__ = ("_code", "_free", "_slots")

    def __init__(self, code: Code, free: Mapping[str, int], slots: int) -> None:
        self._code = code
        self._free = tuple(free.items())
        self._slots = slots

    def __call__(
        self,
        scope: Mapping[str, object],
        *,
        now: datetime | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Value:
        """Evaluate in a scope.

        A name that the scope does not have is null. Raises FeelLimitExceeded, and
        FeelValueRefused for a value of the scope that is none of FEEL's.
        """
        frame: Frame = [None] * self._slots
        frame[0] = Budget(limits.steps, limits.size, limits.depth, now)
        for name, slot in self._free:
            value = scope.get(name)
            # What has to be neither checked nor converted is what most scopes are made of.
            frame[slot] = value if type(value) in AS_THEY_ARE else from_json(value)
        try:
            result: Value = self._code(frame)
        except RecursionError:
            raise FeelLimitExceeded("depth") from None
        return result


# Programs by the identity of their tree (which the entry keeps alive), and by its text.
_by_identity: dict[int, tuple[Tree, Program]] = {}
_by_text: dict[str, Program] = {}


def compile_tree(tree: Tree) -> Program:
    """Compile a tree, or find what was compiled; ValueError when the tree is of another version."""
    kept = _by_identity.get(id(tree))
    if kept is not None:
        return kept[1]
    text = json.dumps(tree)
    program = _by_text.get(text)
    if program is None:
        program = _compile(tree)
        _keep(_by_text, text, program)
    _keep(_by_identity, id(tree), (tree, program))
    return program


def _compile(tree: Tree) -> Program:
    if len(tree) != 2 or tree[0] != VERSION:
        raise ValueError(f"this is no tree of {VERSION}; parse the expression again")
    compiler = Compiler(_OPERATIONS)
    code = compiler.code(tree[1], Scope())
    return Program(code, compiler.free, compiler.slots)


def _keep(cache: dict[_Key, _Kept], key: _Key, kept: _Kept) -> None:
    cache[key] = kept
    while len(cache) > _KEPT:
        cache.pop(next(iter(cache)), None)  # the oldest; another thread may be faster


def evaluate(
    tree: Tree,
    scope: Mapping[str, object],
    *,
    now: datetime | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Value:
    """Evaluate a tree in a scope; see Program.__call__."""
    kept = _by_identity.get(id(tree))
    program = compile_tree(tree) if kept is None else kept[1]
    return program(scope, now=now, limits=limits)
