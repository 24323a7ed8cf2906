"""The story that `countersign demo story` tells, in a book of ten lots and in one of a hundred
thousand, in turns: what a step costs must not grow with the book.

It is the whole story, by the same code: an order, a bad lot, its nonconformity, a change, plates
that are made, released and shipped, and the recall of them, through the diagrams, with what people
read on their screens and what goes on in the background. Left out is what would hide growth: the
hash of passwords, which costs 18 ms at each signature on purpose, and the story's end, which reads
the whole record (verify). Compared is the time on the processor, ours and the server's: a disk and
a scheduler that others use as well would be compared otherwise.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.story import chapters
from api.story.teller import Teller
from bench.company import TENANT, Company, founded, processor_of
from bench.measuring import Figures, exact, milliseconds, quietly, ratios
from bench.product import without_password_hash
from engine.commands.base import Command
from engine.reading.worklist import WorkItemView

FEW = 10
TELLINGS = 9
WARMING = 2
"""Tellings before any is measured: the first ones read diagrams, pages and plans in."""


def measure(many: int) -> Figures:
    """Measure on both databases, against a book of so many lots."""
    figures: Figures = {}
    for kind in ("sqlite", "postgresql"):
        with ExitStack() as stack:
            stack.enter_context(without_password_hash())
            books = [_Book(stack.enter_context(founded(kind))) for _ in range(2)]
            for book, lots in zip(books, (FEW, many), strict=True):
                book.company.fill(lots)
            for telling in range(1, WARMING + TELLINGS + 1):
                for book in books if telling % 2 else reversed(books):
                    book.tell(telling)
            figures |= _figures(kind, *books)
    return figures


def _figures(kind: str, few: "_Book", many: "_Book") -> Figures:
    called = "story_growth" if kind == "sqlite" else f"story_growth_{kind}"
    steps = {
        what: ratios(many.of_step[what], taken)["value"]
        for what, taken in few.of_step.items()
        if len(taken) == TELLINGS  # approvals of a first purchase are asked for once
    }
    worst = max(steps, key=lambda what: steps[what])
    return {
        called: ratios(many.each, few.each),
        f"story_{kind}_step_ms": milliseconds(many.each),
        f"story_{kind}_steps": exact(many.steps, "steps"),
        # One step alone is short, and told apart only roughly: it says where to look.
        f"story_{kind}_worst_step ({worst})": exact(steps[worst], "×"),
    }


@dataclass
class Timed(Teller):
    """The company's people, and what each of their steps cost with all that follows from it."""

    processor: Callable[[], float] = time.process_time
    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def complete(self, item: WorkItemView, by: str, **data: Any) -> None:
        with self._noted(item.activity_id):
            super().complete(item, by, **data)

    def start(self, process_id: str, by: str) -> UUID:
        with self._noted(process_id):
            return super().start(process_id, by)

    def ask(self, command: Command, by: str, what: str) -> Mapping[str, Any]:
        with self._noted(type(command).__name__):
            return super().ask(command, by, what)

    @contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        begun = self.processor()
        yield
        self.spent[what].append(self.processor() - begun)


@dataclass
class _Book:
    """A company with a book of a size, and what a step of each telling cost it."""

    company: Company
    teller: Timed = field(init=False)
    each: list[float] = field(default_factory=list)
    of_step: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    steps: int = 0

    def __post_init__(self) -> None:
        told = self.company.teller
        self.teller = Timed(told.dispatcher, TENANT, told.say, passwords=told.passwords)
        self.teller.processor = processor_of(self.company.database)

    def tell(self, telling: int) -> None:
        """Tell the story once more."""
        taken = 0.0
        teller = self.teller
        teller.spent.clear()

        def timed() -> None:
            nonlocal taken
            begun = teller.processor()
            chapters.happen(teller, telling)
            taken = teller.processor() - begun

        quietly(timed)
        self.steps = sum(len(each) for each in teller.spent.values())
        if telling > WARMING:
            self.each.append(taken / self.steps)
            for what, times in teller.spent.items():
                self.of_step[what].append(sum(times))
