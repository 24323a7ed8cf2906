"""Compare what a device foretells with what the engine does, on many random diagrams.

    .venv/bin/python tools/fuzz_stretches.py --runs 4000 --seed 1

The same runs as tests/engine/stretches/test_both_sides.py, from other seeds and as many as asked
for. A difference is printed with its family, seed and step; `--only FAMILY:SEED` shows one alone.
Exit status 1 when any was found.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.engine.stretches.device import Device
from tests.engine.stretches.random_diagrams import WEIGHTS
from tests.engine.stretches.runs import Found, compare_runs

CHUNK = 50
SHOWN = 5


def fuzz(device: Device, runs: int, seed: int) -> dict[str, list[Found]]:
    """Run and compare them all, the families in turn."""
    found: dict[str, list[Found]] = {family: [] for family in WEIGHTS}
    families = list(WEIGHTS)
    for number in range(-(-runs // CHUNK)):
        family = families[number % len(families)]
        # seeds of different --seed values never meet: each has a million of its own
        first = seed * 1_000_000 + number * CHUNK
        found[family].append(compare_runs(device, family, range(first, first + CHUNK)))
    return found


def main() -> int:
    """Read the arguments, run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1, help="another seed, other diagrams")
    parser.add_argument("--only", metavar="FAMILY:SEED", help="run this one alone")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with Device() as device:
        if arguments.only:
            family, _, seed = arguments.only.partition(":")
            found = {family: [compare_runs(device, family, [int(seed)])]}
        else:
            found = fuzz(device, arguments.runs, arguments.seed)
    for family, chunks in found.items():
        runs, steps = sum(c.runs for c in chunks), sum(c.steps for c in chunks)
        foretold = sum(c.foretold for c in chunks)
        print(f"{family:6} {runs:6} runs {steps:7} steps {foretold:7} foretold")
    differences = [text for chunks in found.values() for c in chunks for text in c.differences]
    for text in differences[:SHOWN]:
        print(f"\n{text[:2000]}")
    print(f"\n{len(differences)} differences, {time.monotonic() - begun:.0f} s.")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
