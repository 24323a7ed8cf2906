"""The device's evaluator gives the same answers as the server's, and the comparison would tell."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from forms.feel import decimals, program
from forms.feel.frames import Code, Compiler, Frame, Node, Scope
from forms.feel.operations import operators
from forms.feel.registry import BUILTINS, Signature
from forms.feel.values import Budget, Value
from tests.forms.feel.generator import NOW, SCOPE
from tests.forms.feel.twin import Twin
from tools.fuzz_feel import cases, differences


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin(SCOPE, NOW) as running:
        yield running


@pytest.fixture
def fresh_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program that was compiled before a fault was planted, or with it."""
    monkeypatch.setattr(program, "_by_identity", type(program._by_identity)())
    monkeypatch.setattr(program, "_by_text", type(program._by_text)())


def found(twin: Twin, count: int, seed: int) -> list[Any]:
    return list(differences(twin, list(cases(count, seed))))


def test_they_agree_on_random_trees(twin: Twin) -> None:
    assert found(twin, 2_000, seed=20261122) == []


def _utf16_less(a: Any, b: Any) -> bool:
    if isinstance(a, str):
        return bool(a.encode("utf-16-be") < b.encode("utf-16-be"))
    return bool(a < b)


def _two_valued_or(compiler: Compiler, node: Node, scope: Scope) -> Code:
    operands = [compiler.code(operand, scope) for operand in node[1:]]

    def run(frame: Frame) -> bool:
        return any(operand(frame) is True for operand in operands)

    return run


def _truncating_floor(_: Budget, n: Value, scale: Value = decimals.ZERO) -> Value:
    if not isinstance(n, Decimal) or not isinstance(scale, Decimal):
        return None
    return decimals.rounded(n, scale, "ROUND_DOWN")


def _plant_utf16_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(operators.DIRECT, "<", _utf16_less)


def _plant_two_valued_or(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_OPERATIONS", {**program._OPERATIONS, "or": _two_valued_or})


def _plant_truncating_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUILTINS, "floor", (Signature(("n", "scale"), 1, _truncating_floor),))


def _plant_33_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decimals.CONTEXT, "prec", 33)


@pytest.mark.usefixtures("fresh_programs")
@pytest.mark.parametrize(
    "plant",
    [_plant_utf16_order, _plant_two_valued_or, _plant_truncating_floor, _plant_33_digits],
)
def test_a_planted_fault_is_found(
    twin: Twin,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    plant(monkeypatch)
    assert any(found(twin, 1_000, seed) for seed in range(15)), "15,000 trees did not show it"
