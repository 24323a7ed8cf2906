"""Walk many random processes: `python tools/fuzz_processes.py --walks 30000 --seed 1`.

The same walks as tests/engine/execution/test_random_walks.py, from other seeds and as many as asked
for, spread over the families and over all cores. A difference is printed with its family and seed;
`--only FAMILY:SEED` walks that one alone and shows it whole. Exit status 1 when any was found.
"""

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.engine.execution.random_processes import WEIGHTS
from tests.engine.execution.walks import walk

CHUNK = 50
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What a chunk of walks came to."""

    family: str
    walks: int
    steps: int
    differences: list[tuple[int, str]]


def walk_chunk(family: str, first: int, count: int) -> Found:
    """Walk `count` seeds from `first`; every exception is a finding."""
    steps, differences = 0, []
    for seed in range(first, first + count):
        try:
            steps += walk(seed, family)
        except Exception as error:  # noqa: BLE001 - whatever form a fault takes
            differences.append((seed, f"{type(error).__name__}: {error}"))
    return Found(family, count, steps, differences)


def fuzz(walks: int, seed: int, workers: int) -> list[Found]:
    """Walk them all; tells what was done so far every ten seconds."""
    families = list(WEIGHTS)
    # seeds of different --seed values never meet: each has a million of its own
    chunks = [
        (families[number % len(families)], seed * 1_000_000 + number * CHUNK)
        for number in range(-(-walks // CHUNK))
    ]
    found: list[Found] = []
    said = time.monotonic()
    with ProcessPoolExecutor(workers) as pool:
        for one in pool.map(walk_chunk, *zip(*chunks, strict=True), [CHUNK] * len(chunks)):
            found.append(one)
            if time.monotonic() - said > 10 or one.differences:
                said = time.monotonic()
                print(f"{sum(f.walks for f in found)} walks of {walks} …", flush=True)
    return found


def report(found: list[Found]) -> int:
    """Print the sums and the first differences; gives the exit status."""
    walks, steps = Counter[str](), Counter[str]()
    for one in found:
        walks[one.family] += one.walks
        steps[one.family] += one.steps
    for family in walks:
        print(f"{family:10} {walks[family]:7} walks {steps[family]:8} steps")
    differences = [(one.family, seed, text) for one in found for seed, text in one.differences]
    for family, seed, text in differences[:SHOWN]:
        print(f"\n{family}:{seed} {text[:2000]}")
    print(
        f"\n{sum(walks.values())} walks, {sum(steps.values())} steps, "
        f"{len(differences)} differences."
    )
    return 1 if differences else 0


def main() -> int:
    """Read the arguments and walk."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--walks", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1, help="another seed, other processes")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", metavar="FAMILY:SEED", help="walk this one alone")
    arguments = parser.parse_args()
    if arguments.only:
        family, _, seed = arguments.only.partition(":")
        print(f"{walk(int(seed), family)} steps, no difference")
        return 0
    return report(fuzz(arguments.walks, arguments.seed, arguments.workers))


if __name__ == "__main__":
    sys.exit(main())
