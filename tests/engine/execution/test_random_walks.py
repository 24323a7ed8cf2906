"""Random processes run as BPMN says, saved and restored after every step."""

import pytest

from tests.engine.execution.random_processes import WEIGHTS
from tests.engine.execution.walks import walk

WALKS = 150
CHUNKS = 4
FOUND = [
    ("events", 1_009_676)  # two instances' conditions turn true at once: which of them goes first
]


@pytest.mark.parametrize("chunk", range(CHUNKS))
@pytest.mark.parametrize("family", WEIGHTS)
def test_a_random_process_runs_as_its_reference(family: str, chunk: int) -> None:
    for seed in range(chunk * WALKS, (chunk + 1) * WALKS):
        walk(seed, family)


@pytest.mark.parametrize(("family", "seed"), FOUND)
def test_what_a_long_walk_found_stays_mended(family: str, seed: int) -> None:
    walk(seed, family)


def test_walks_are_no_formality() -> None:
    """Enough of them go far enough: a walk that ends at once would find nothing."""
    steps = [walk(seed, "all") for seed in range(100)]
    assert sum(steps) > 500
    assert max(steps) > 40
