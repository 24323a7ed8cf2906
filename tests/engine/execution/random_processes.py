"""Random block-structured processes: everything the execution core runs, nested at random.

A block has one way in and one way out, so an independent interpreter (reference.py) can say what
must happen without knowing what a gateway is. Decisions hang on the variable `r` alone, which every
step of a walk sets anew: however the engine orders its automatic work, they come out the same.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

TriggerKind = Literal["message", "timer", "cycle", "condition"]
MODULUS = 7


@dataclass(frozen=True, slots=True)
class Test:
    """A condition on r: modulo(r * factor + offset, 7) < below."""

    factor: int
    offset: int
    below: int

    @property
    def feel(self) -> str:
        return f"modulo(r * {self.factor} + {self.offset}, {MODULUS}) < {self.below}"

    def holds(self, r: object) -> bool:
        """Whether it is true; without an r it is not (FEEL's null)."""
        return r is not None and (int(str(r)) * self.factor + self.offset) % MODULUS < self.below


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event with its id; timers last `minutes` and a bit that makes every due time unique."""

    kind: TriggerKind
    id: str
    interrupts: bool = True
    test: Test | None = None
    minutes: int = 0
    salt: int = 0

    @property
    def iso(self) -> str:
        every = f"PT{self.minutes}M0.{self.salt:06d}S"
        return f"R3/{every}" if self.kind == "cycle" else every


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a process; what `parts`, `tests` and the rest mean depends on the kind."""

    kind: str
    id: str = ""
    parts: "tuple[Block, ...]" = ()
    tests: tuple[Test, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    count: int = 0
    flag: bool = False
    collects: bool = False


WEIGHTS: Mapping[str, Mapping[str, int]] = {
    "gateways": {"user": 4, "script": 1, "xor": 2, "par": 2, "inc": 2, "loop": 2, "sub": 1},
    "events": {
        "user": 4, "script": 1, "send": 1, "xor": 1, "par": 2, "loop": 1, "sub": 1, "catch": 1,
        "events": 1, "bound": 3, "error": 1, "escalation": 1, "terminate": 1,
    },
    "loops": {
        "user": 4, "script": 1, "xor": 1, "par": 1, "loop": 1, "sub": 1, "call": 1, "multi": 4,
        "repeat": 1, "bound": 1,
    },
    "all": {
        "user": 6, "script": 2, "send": 1, "xor": 2, "par": 2, "inc": 2, "loop": 2, "sub": 2,
        "call": 1, "catch": 1, "events": 1, "bound": 3, "error": 1, "escalation": 1,
        "terminate": 1, "multi": 2, "repeat": 1,
    },
}  # fmt: skip
"""The families of processes that the walks go through, by how often each kind of block comes."""


class Generator:
    """Makes the blocks of one process from a random source; ids count through the process."""

    def __init__(self, source: random.Random, family: str) -> None:
        self._random = source
        self._kinds = list(WEIGHTS[family])
        self._weights = list(WEIGHTS[family].values())
        self._count = 0

    def sequence(self, depth: int, *, begins_with_user: bool = False) -> Block:
        """One to three blocks in a row."""
        parts = [self.block(depth) for _ in range(self._random.choice([1, 1, 2, 2, 3]))]
        if begins_with_user:
            parts.insert(0, self.user())
        return Block("sequence", parts=tuple(parts))

    def block(self, depth: int) -> Block:
        if depth <= 0:
            return self.user()
        kind = self._random.choices(self._kinds, self._weights)[0]
        made: Block = getattr(self, kind)(depth - 1)
        return made

    def user(self, depth: int = 0) -> Block:
        del depth
        return Block("user", self._id("u"))

    def script(self, depth: int) -> Block:
        del depth
        return Block("script", self._id("s"))

    def send(self, depth: int) -> Block:
        del depth
        return Block("send", self._id("t"))

    def xor(self, depth: int) -> Block:
        return Block(
            "xor", self._id("x"), self._branches(depth, [2, 2, 3]), (self._test(), self._test())
        )

    def par(self, depth: int) -> Block:
        return Block("par", self._id("p"), self._branches(depth, [2, 2, 3]))

    def inc(self, depth: int) -> Block:
        branches = self._branches(depth, [2, 2, 3])
        return Block("inc", self._id("i"), branches, tuple(self._test() for _ in branches))

    def loop(self, depth: int) -> Block:
        # a person in every round: decisions change with their entries only
        body = self.sequence(depth, begins_with_user=True)
        return Block("loop", self._id("l"), (body,), (self._test(),))

    def sub(self, depth: int) -> Block:
        return Block("sub", self._id("b"), (self.sequence(depth),))

    def call(self, depth: int) -> Block:
        isolated = self._random.random() < 0.5
        return Block("call", self._id("q"), (self.sequence(depth),), flag=isolated)

    def catch(self, depth: int) -> Block:
        del depth
        return Block("catch", triggers=(self._trigger(["message", "timer", "condition"]),))

    def events(self, depth: int) -> Block:
        arms = self._branches(depth, [2, 2, 3])
        triggers = tuple(self._trigger(["message", "timer", "condition"]) for _ in arms)
        return Block("events", self._id("e"), arms, triggers=triggers)

    def bound(self, depth: int) -> Block:
        """An activity and what handles its events: parts[n] that of triggers[n - 1]."""
        makers = [self.user, self.user, self.sub, self.call, self.multi]
        activity = self._random.choice(makers)(depth)
        triggers = tuple(self._boundary() for _ in range(self._random.choice([1, 1, 2])))
        handlers = tuple(
            self._handler(depth, interrupts=trigger.interrupts) for trigger in triggers
        )
        return Block("bound", self._id("g"), (activity, *handlers), triggers=triggers)

    def error(self, depth: int) -> Block:
        """A sub-process whose last person may find an error; parts: body, person, handler."""
        return self._watched("error", depth, flag=True)

    def escalation(self, depth: int) -> Block:
        return self._watched("escalation", depth, flag=self._random.random() < 0.5)

    def terminate(self, depth: int) -> Block:
        """A sub-process in which a person beside the body may end it all; parts: body, person."""
        return self._watched("terminate", depth, flag=True)

    def multi(self, depth: int) -> Block:
        """A multi-instance user task or sub-process; flag: one after another."""
        completion = (self._test(),) if self._random.random() < 0.3 else ()
        if self._random.random() < 0.5:
            inner = self.user()
        elif completion:
            # a person first and nothing that moves by itself: with several instances under way
            # in one step, which of them ends the others would be a matter of their order
            people = tuple(self.user() for _ in range(self._random.choice([1, 2, 3])))
            inner = Block("sub", self._id("b"), (Block("sequence", parts=people),))
        else:
            inner = self.sub(min(depth, 1))
        return Block(
            "multi",
            self._id("m"),
            (inner,),
            completion,
            count=self._random.choice([0, 1, 2, 2, 3, 3]),
            flag=self._random.random() < 0.5,
            collects=self._random.random() < 0.5,
        )

    def repeat(self, depth: int) -> Block:
        """A standard loop over a user task; flag: the condition is looked at before."""
        del depth
        return Block(
            "repeat",
            self._id("o"),
            (self.user(),),
            (self._test(),),
            count=self._random.choice([0, 2, 4]),
            flag=self._random.random() < 0.5,
        )

    def _watched(self, kind: str, depth: int, *, flag: bool) -> Block:
        parts = (self.sequence(depth), self.user(), self._handler(depth, interrupts=flag))
        return Block(kind, self._id("w"), parts, (self._test(),), flag=flag)

    def _handler(self, depth: int, *, interrupts: bool) -> Block:
        """What follows an event; several may run at once where it does not interrupt.

        Tokens of several runs are told apart by nothing, so a fork has a sub-process of its own.
        """
        if interrupts:
            return self.sequence(min(depth, 1))
        return self.user() if self._random.random() < 0.5 else self.sub(min(depth, 1))

    def _branches(self, depth: int, numbers: list[int]) -> tuple[Block, ...]:
        return tuple(self.sequence(depth) for _ in range(self._random.choice(numbers)))

    def _boundary(self) -> Trigger:
        kinds: list[TriggerKind] = ["message", "message", "timer", "cycle", "condition"]
        return self._trigger(kinds, interrupts=self._random.random() < 0.5)

    def _trigger(self, kinds: list[TriggerKind], *, interrupts: bool = True) -> Trigger:
        kind = self._random.choice(kinds)
        return Trigger(
            kind,
            self._id("v"),
            interrupts,
            self._test() if kind == "condition" else None,
            self._random.choice([5, 10, 30]),
            self._count,
        )

    def _test(self) -> Test:
        return Test(*(self._random.choice(n) for n in ([1, 2, 3], [0, 1, 2, 3], [2, 3, 4])))

    def _id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


def random_process(seed: int, family: str, depth: int = 3) -> Block:
    """Make the process of a seed: the same for ever."""
    source = random.Random(f"{family}/{seed}")  # noqa: S311 - repeatable, not secret
    return Generator(source, family).sequence(depth)
