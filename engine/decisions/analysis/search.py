"""Gaps, overlaps and unreachable rules of a table, found exactly in a grid of boxes.

Each column is cut into pieces on which no rule changes its mind. A piece is known by its mask: bit
i is set when rule i accepts it. A box takes one piece from each column, and the rules that match
there are the AND of its masks. Nothing here knows what the values are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Mask: TypeAlias = int
Columns: TypeAlias = Sequence[Sequence[Mask]]
Box: TypeAlias = tuple[int, ...]
"""The index of a piece for each column; shorter than the columns when the rest does not matter."""

MAX_STEPS = 2_000_000
"""Masks looked at for one table; a few seconds at the most."""


class TooLarge(Exception):
    """The table has more combinations than are looked at."""


@dataclass(slots=True)
class Effort:
    """What the questions about one table may still cost together."""

    steps: int = MAX_STEPS

    def spend(self, steps: int) -> None:
        """Use up steps; TooLarge when there are not that many left."""
        self.steps -= steps
        if self.steps < 0:
            raise TooLarge


def find_gaps(columns: Columns, rules: Mask, limit: int, effort: Effort) -> list[Box]:
    """Find boxes in which none of the rules matches, at most `limit`, each of a different kind.

    Looks at all kinds first, and when that takes too long only at those that can be smallest: then
    some gaps may not be told as long as there are others, but none is missed when it is the last.
    TooLarge when that takes too long as well.
    """
    try:
        return _search(columns, rules, limit, Effort(min(effort.steps, MAX_STEPS // 10)), _distinct)
    except TooLarge:
        return _search(columns, rules, limit, effort, _smallest)


_Choices: TypeAlias = dict[Mask, int]
"""The rules that stay alive, by piece: the first piece of each kind."""


def _search(
    columns: Columns,
    rules: Mask,
    limit: int,
    effort: Effort,
    choose: Callable[[_Choices, Effort], _Choices],
) -> list[Box]:
    pieces = [_first_of_each(masks) for masks in columns]
    seen: set[tuple[int, Mask]] = set()
    found: list[Box] = []
    stack: list[tuple[Box, Mask]] = [((), rules)]
    while stack and len(found) < limit:
        box, live = stack.pop()
        depth = len(box)
        if not live:
            found.append(box)
        # From here on only the live rules matter: what was seen with them need not be seen again.
        elif depth < len(columns) and (depth, live) not in seen:
            seen.add((depth, live))
            effort.spend(len(pieces[depth]))
            left: _Choices = {}
            for mask, piece in pieces[depth].items():
                left.setdefault(live & mask, piece)
            chosen = choose(left, effort)
            stack.extend(((*box, piece), mask) for mask, piece in reversed(chosen.items()))
    return found


def _distinct(choices: _Choices, _: Effort) -> _Choices:
    return choices


def _smallest(choices: _Choices, effort: Effort) -> _Choices:
    """Leave out what contains another choice: where it leads to a gap, the other does too."""
    kept: _Choices = {}
    for mask in sorted(choices, key=int.bit_count):
        effort.spend(len(kept))
        if all(mask & smaller != smaller for smaller in kept):
            kept[mask] = choices[mask]
    return kept


def find_overlaps(columns: Columns, rules: int) -> list[tuple[int, int]]:
    """Find every pair of rules that match together somewhere, for rules 0 to `rules` - 1."""
    everything = (1 << rules) - 1
    partners = [everything] * rules
    for masks in columns:
        together = [0] * rules
        for mask in set(masks):
            for rule in bits(mask):
                together[rule] |= mask
        partners = [known & now for known, now in zip(partners, together, strict=True)]
    return [
        (rule, other)
        for rule, known in enumerate(partners)
        for other in bits(known >> (rule + 1) << (rule + 1))
    ]


def common_box(columns: Columns, rule: int, other: int) -> Box:
    """Give a box in which two overlapping rules both match."""
    both = (1 << rule) | (1 << other)
    return tuple(
        next(piece for piece, mask in enumerate(masks) if mask & both == both) for masks in columns
    )


def is_hidden(columns: Columns, rule: int, effort: Effort) -> bool:
    """Tell whether the rules above leave nothing for this one: wherever it matches, one does.

    TooLarge when the question takes too long.
    """
    bit = 1 << rule
    above = bit - 1
    left = [[mask & above for mask in masks if mask & bit] for masks in columns]
    return not _search(left, above, 1, effort, _smallest)


def never_matches(columns: Columns, rule: int) -> bool:
    """Tell whether a rule accepts nothing in some column."""
    return any(not any(mask >> rule & 1 for mask in masks) for masks in columns)


def bits(mask: Mask) -> list[int]:
    """List the positions of the set bits, lowest first."""
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


def _first_of_each(masks: Sequence[Mask]) -> dict[Mask, int]:
    """Keep one piece, the first, for each mask: the others differ in nothing that matters."""
    first: dict[Mask, int] = {}
    for piece, mask in enumerate(masks):
        first.setdefault(mask, piece)
    return first
