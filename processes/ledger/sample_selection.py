"""Which units of a lot are inspected: drawn at random from a seed that is kept.

The draw can be repeated by anyone who has the seed: SHA-256 over seed and a counter gives the
random numbers, independent of programming language and version.
"""

import hashlib
from collections.abc import Iterator


def sample_units(seed: str, lot_size: int, sample_size: int) -> list[int]:
    """Draw `sample_size` different unit numbers out of 1 to `lot_size`, in ascending order."""
    numbers = _below(seed)
    swapped: dict[int, int] = {}
    drawn: list[int] = []
    for position in range(min(sample_size, lot_size)):
        other = position + _next_below(numbers, lot_size - position)
        drawn.append(swapped.get(other, other) + 1)
        swapped[other] = swapped.get(position, position)
    return sorted(drawn)


def _below(seed: str) -> Iterator[int]:
    """Give 64-bit numbers: eight bytes of SHA-256 over "seed/0", over "seed/1" and so on."""
    counter = 0
    while True:
        digest = hashlib.sha256(f"{seed}/{counter}".encode()).digest()
        yield int.from_bytes(digest[:8])
        counter += 1


def _next_below(numbers: Iterator[int], bound: int) -> int:
    """Give a number below `bound`, each equally likely: numbers from the ragged end are dropped."""
    limit = 2**64 - 2**64 % bound
    while True:
        number = next(numbers)
        if number < limit:
            return number % bound
