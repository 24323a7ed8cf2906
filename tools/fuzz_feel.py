"""Compares the two evaluators of FEEL on random trees.

    .venv/bin/python tools/fuzz_feel.py --count 200000 --seed 1

prints how many trees had an answer and the first differences, made as small as they can be; the
exit status is 1 when there is any.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forms.feel import FeelLimitExceeded, Limits, evaluate
from forms.feel.registry import BUILTINS
from tests.forms.feel.generator import NOW, SCOPE, Generator
from tests.forms.feel.twin import Case, Twin
from tests.forms.feel.typed import decode, encode

_BATCH = 500
_SHOWN = 10
_VALUES = {name: decode(value) for name, value in SCOPE.items()}
_NOW = datetime.fromisoformat(NOW)


def server_result(case: Case) -> Any:
    """Give what the Python evaluator answers, typed."""
    tree, steps, size = case
    try:
        return encode(evaluate(tree, _VALUES, now=_NOW, limits=Limits(steps=steps, size=size)))
    except FeelLimitExceeded as exceeded:
        return {"limit": exceeded.limit}


def cases(count: int, seed: int) -> Iterator[Case]:
    """`count` random trees; one in ten with narrow bounds, because those must be the same too."""
    random = Random(seed)  # noqa: S311
    generator = Generator(
        random,
        {name: [signature.parameters for signature in found] for name, found in BUILTINS.items()},
    )
    for _ in range(count):
        narrow = random.random() < 0.1
        yield (
            generator.tree(),
            (random.randrange(5, 60) if narrow else 20_000),
            40 if narrow else 2_000,
        )


def differences(twin: Twin, batch: list[Case]) -> Iterator[tuple[Case, Any, Any]]:
    """Find the cases of a batch on which the evaluators differ: case, server's, device's."""
    for case, device in zip(batch, twin.results(batch), strict=True):
        server = server_result(case)
        if server != device:
            yield case, server, device


def smallest(twin: Twin, case: Case) -> Case:
    """Find a case that still differs and cannot be made smaller by leaving out a node."""
    while True:
        tree, steps, size = case
        smaller = [([tree[0], node], steps, size) for node in _smaller(tree[1])]
        try:
            case = next(different for different, _, _ in differences(twin, smaller))
        except StopIteration:
            return case


def _smaller(node: Any) -> Iterator[Any]:
    """Nodes one step smaller: a part instead of the whole, or a part made smaller."""
    if not isinstance(node, list):
        return
    first = 2 if node[0] in ("b", "test", "in", "tests") else 1
    for index, part in enumerate(node):
        if index == 0 or (isinstance(part, str) and node[0] in ("n", "@", "v")):
            continue
        if node[0] == "ctx" or (node[0] in ("for", "some", "every", "func") and index == 1):
            if isinstance(part, list) and len(part) == 2 and index >= first:
                yield part[1]
                yield from (
                    [*node[:index], [part[0], inner], *node[index + 1 :]]
                    for inner in _smaller(part[1])
                )
            continue
        if index >= first or node[0] == "in":
            if not (isinstance(part, list) and part[:1] == ["test"]):
                yield part
            yield from ([*node[:index], inner, *node[index + 1 :]] for inner in _smaller(part))
    if node[0] in ("list", "and", "or", "ctx"):
        yield from ([*node[:index], *node[index + 1 :]] for index in range(1, len(node)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    begin = time.monotonic()
    found: list[tuple[Case, Any, Any]] = []
    answered = limited = done = 0
    with Twin(SCOPE, NOW) as twin:
        batch: list[Case] = []
        for case in cases(arguments.count, arguments.seed):
            batch.append(case)
            if len(batch) < _BATCH and done + len(batch) < arguments.count:
                continue
            for different in differences(twin, batch):
                if len(found) < _SHOWN:
                    small = smallest(twin, different[0])
                    found.append((small, server_result(small), twin.results([small])[0]))
                else:
                    found.append(different)
            results = [server_result(case) for case in batch]
            answered += sum(result is not None for result in results)
            limited += sum(isinstance(result, dict) and "limit" in result for result in results)
            done += len(batch)
            batch = []
    print(
        f"FEEL fuzz: {done} trees (seed {arguments.seed}), {answered} with an answer, "
        f"{limited} of them a limit, {len(found)} differences, {time.monotonic() - begin:.0f} s",
    )
    for (tree, steps, size), server, device in found[:_SHOWN]:
        print(f"\n{json.dumps(tree[1], ensure_ascii=False)}  steps {steps}, size {size}")
        print(f"  server: {json.dumps(server, ensure_ascii=False)}")
        print(f"  device: {json.dumps(device, ensure_ascii=False)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
