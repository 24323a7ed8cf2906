"""A program is prepared once, shared by threads, kept within bounds, and never changed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.execution import load_program, program
from engine.execution.flow_nodes import FlowNode
from engine.execution.program import BoundedCache, Prepared
from engine.execution.runtime import Runtime
from tests.engine.execution.compile import DIAGRAMS, compile_diagram
from tests.engine.execution.host import TestHost
from tests.engine.execution.walks import walk


def picture(prepared: Prepared) -> list[tuple[str, Any]]:
    """Everything a specification holds, as text."""
    return [
        (name, {key: str(value) for key, value in vars(node).items() if key != "_wf_spec"})
        for scope in prepared.scopes.values()
        for name, node in scope.task_specs.items()
        if isinstance(node, FlowNode)
    ]


def test_a_program_is_prepared_once() -> None:
    definition = compile_diagram("embedded_subprocess_shares_the_variables")
    assert load_program(definition) is load_program(definition)


def test_running_changes_nothing_in_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = program._prepare
    pictures: list[tuple[Prepared, list[tuple[str, Any]]]] = []

    def watched(definition: Any) -> Prepared:
        prepared = prepare(definition)
        pictures.append((prepared, picture(prepared)))
        return prepared

    monkeypatch.setattr(program, "_prepare", watched)
    monkeypatch.setattr(program, "_PREPARED", BoundedCache(8))
    monkeypatch.setattr(program, "_PROGRAMS", BoundedCache(8))
    for seed in range(30):
        walk(seed, "all")
    assert len(pictures) >= 30
    for prepared, before in pictures:
        assert picture(prepared) == before


def test_threads_share_a_program() -> None:
    definition = compile_diagram("parallel_join_in_a_loop_waits_for_both_in_every_round")

    def rounds(number: int) -> str | None:
        shared, host = load_program(definition), TestHost()
        runtime = Runtime.start(shared, {}, host)
        for round_ in range(20):
            for name in "ab" if (number + round_) % 2 else "ba":
                found = next(a for a in runtime.open_activities() if a.activity_id == name)
                runtime.complete(found.task_ref, {"by": number})
            (review,) = runtime.open_activities()
            runtime.complete(review.task_ref, {"again": round_ < 19})
            runtime = Runtime.restore(shared, runtime.save(), runtime.variables, host)
        return runtime.finished

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(rounds, range(16))) == {"completed"}


def test_the_cache_is_bounded_and_drops_the_oldest() -> None:
    cache: BoundedCache[int, str] = BoundedCache(2)
    made: list[int] = []

    def value(key: int) -> str:
        def make() -> str:
            made.append(key)
            return str(key)

        return cache.get(key, make)

    assert [value(key) for key in (1, 2, 1, 3, 1, 2)] == ["1", "2", "1", "3", "1", "2"]
    assert made == [1, 2, 3, 2]
    assert len(cache) == 2


def test_every_diagram_has_its_test() -> None:
    tests = "".join(path.read_text() for path in DIAGRAMS.parent.glob("engine/execution/test_*.py"))
    unused = [d.stem for d in DIAGRAMS.glob("*.bpmn") if f"def test_{d.stem}(" not in tests]
    assert unused == []
