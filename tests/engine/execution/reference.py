"""What a random process must do, said without gateways, tokens, trees or states.

An interpreter of the blocks themselves, in continuation-passing style: to run a block is to call
`_run(block, place, done)`; what waits is an entry in a list with the function to call when it
happens. It shares nothing with the execution core but the meaning of BPMN.

Two rules fix the order where it could matter: whatever a step enters, conditional events look at
the variables before the token moves on; and an activity ends in one piece with its last instance.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.engine.execution.random_processes import Block, Trigger

Done = Callable[[], None]
ACTIVITIES = ("user", "sub", "call", "multi", "repeat")


class Region:
    """What is cancelled together: a sub-process, an activity with boundary events."""

    def __init__(self, outer: "Region | None" = None) -> None:
        self._outer = outer
        self._dead = False

    @property
    def is_dead(self) -> bool:
        return self._dead or (self._outer is not None and self._outer.is_dead)

    def kill(self) -> None:
        self._dead = True


class Layer:
    """Local variables; `keeps` new ones, or hides everything outside (`isolated`)."""

    def __init__(
        self, outer: "Layer | None", values: dict[str, Any], *, keeps: bool, isolated: bool = False
    ) -> None:
        self.outer, self.values, self.keeps, self.isolated = outer, values, keeps, isolated

    def read(self, name: str) -> Any:
        if name in self.values or self.isolated or self.outer is None:
            return self.values.get(name)
        return self.outer.read(name)

    def write(self, name: str, value: Any) -> None:
        if self.keeps or self.isolated or self.outer is None or name in self.values:
            self.values[name] = value
        else:
            self.outer.write(name, value)

    def locals(self) -> dict[str, Any]:
        if self.outer is None:
            return {}
        return self.values if self.isolated else {**self.outer.locals(), **self.values}


class Tokens:
    """Counts what still runs in a scope; the scope is done when nothing does."""

    def __init__(self, done: Done) -> None:
        self._running, self._done = 1, done

    def fork(self) -> None:
        self._running += 1

    def end(self) -> None:
        self._running -= 1
        if not self._running:
            self._done()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block runs."""

    region: Region
    layer: Layer
    tokens: Tokens


@dataclass(slots=True)
class Wait:
    """Something that is waited for."""

    kind: str
    name: str
    region: Region
    layer: Layer
    happen: Done
    visit: int = 0
    index: int | None = None
    due: datetime | None = None
    left: int = 0
    trigger: Trigger | None = None
    was_true: bool = False


@dataclass(slots=True)
class Reference:
    """A run of a process; `now` is set by the walk before each step."""

    now: datetime
    waits: list[Wait] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    thrown: list[tuple[str, Any]] = field(default_factory=list)
    finished: bool = False
    case: Layer = field(default_factory=lambda: Layer(None, {}, keeps=True))
    _later: list[tuple[Region, Done]] = field(default_factory=list)

    def start(self, process: Block, variables: dict[str, Any]) -> None:
        self.case.values.update(variables)
        tokens = Tokens(self._finish)
        self._run(process, Place(Region(), self.case, tokens), tokens.end)
        self._settle()

    def act(self, wait: Wait, data: dict[str, Any]) -> None:
        """Let a person or a message do what is waited for."""
        for name, value in data.items():
            wait.layer.write(name, value)
        self._happen(wait)
        self._settle()

    def advance(self, now: datetime) -> None:
        """Let the time pass; every timer that is due fires, the earliest first."""
        self.now = now
        while due := [w for w in self.alive() if w.due is not None and w.due <= now]:
            self._happen(min(due, key=lambda wait: wait.due or now))
            self._settle()

    @property
    def is_stuck(self) -> bool:
        """Whether it is not finished but waits for conditions alone, which nothing can change."""
        return not self.finished and all(wait.kind == "condition" for wait in self.alive())

    def alive(self) -> list[Wait]:
        self.waits = [wait for wait in self.waits if not wait.region.is_dead]
        return self.waits

    # the machinery

    def _finish(self) -> None:
        self.finished = True

    def _happen(self, wait: Wait) -> None:
        self.waits.remove(wait)
        wait.happen()

    def _settle(self) -> None:
        """Look at the conditions, then let what completed go on; until nothing changes."""
        while True:
            self._look_at_conditions()
            if not self._later:
                return
            region, go_on = self._later.pop(0)
            if not region.is_dead:
                go_on()

    def _look_at_conditions(self) -> None:
        for wait in list(self.alive()):
            if wait.kind != "condition" or wait.region.is_dead or wait not in self.waits:
                continue
            assert wait.trigger is not None
            assert wait.trigger.test is not None
            true = wait.trigger.test.holds(wait.layer.read("r"))
            if true and not wait.was_true:
                self._happen(wait)
            else:
                wait.was_true = true

    def _wait_for(self, trigger: Trigger, place: Place, happen: Done) -> Wait:
        wait = Wait(trigger.kind, trigger.id, place.region, place.layer, happen, trigger=trigger)
        if trigger.kind in ("timer", "cycle"):
            wait.due = self.now + _duration(trigger)
            wait.left = 2 if trigger.kind == "cycle" else 0
        self.waits.append(wait)
        return wait

    def _forget(self, *waits: Wait) -> None:
        self.waits = [wait for wait in self.waits if all(wait is not other for other in waits)]

    # the blocks

    def _run(self, block: Block, place: Place, done: Done) -> None:
        """Run a block; what comes after an activity comes after a look at the conditions."""
        if block.kind in ACTIVITIES:
            go_on, done = done, lambda: self._go_on(place.region, go_on)
        getattr(self, f"_{block.kind}")(block, place, done)

    def _go_on(self, region: Region, done: Done) -> None:
        self._later.append((region, done))

    def _sequence(self, block: Block, place: Place, done: Done) -> None:
        def at(index: int) -> None:
            if index == len(block.parts):
                done()
            else:
                self._run(block.parts[index], place, lambda: at(index + 1))

        at(0)

    def _user(self, block: Block, place: Place, done: Done) -> None:
        self._open(block, place, done, self._visit(block))

    def _visit(self, block: Block) -> int:
        self.visits[block.id] += 1
        return self.visits[block.id]

    def _open(
        self, block: Block, place: Place, done: Done, visit: int, index: int | None = None
    ) -> None:
        self.waits.append(Wait("user", block.id, place.region, place.layer, done, visit, index))

    def _script(self, block: Block, place: Place, done: Done) -> None:
        name = f"c_{block.id}"
        place.layer.write(name, (place.layer.read(name) or 0) + 1)
        done()

    def _send(self, block: Block, place: Place, done: Done) -> None:
        self.thrown.append((block.id, place.layer.read("r")))
        done()

    def _xor(self, block: Block, place: Place, done: Done) -> None:
        r = place.layer.read("r")
        tested = zip(block.parts[:-1], block.tests, strict=False)
        taken = next((part for part, test in tested if test.holds(r)), block.parts[-1])
        self._run(taken, place, done)

    def _par(self, block: Block, place: Place, done: Done) -> None:
        self._all(block.parts, place, done)

    def _inc(self, block: Block, place: Place, done: Done) -> None:
        r = place.layer.read("r")
        tested = zip(block.parts, block.tests, strict=True)
        taken = [part for number, (part, test) in enumerate(tested) if number and test.holds(r)]
        self._all(tuple(taken) or block.parts[:1], place, done)

    def _all(self, parts: tuple[Block, ...], place: Place, done: Done) -> None:
        together = Tokens(done)
        for part in parts:
            together.fork()
            self._run(part, place, together.end)
        together.end()

    def _loop(self, block: Block, place: Place, done: Done) -> None:
        def after() -> None:
            if block.tests[0].holds(place.layer.read("r")):
                self._run(block.parts[0], place, after)
            else:
                done()

        self._run(block.parts[0], place, after)

    def _sub(self, block: Block, place: Place, done: Done) -> None:
        self._scope(block.parts[0], place, done)

    def _scope(self, body: Block, place: Place, done: Done) -> None:
        tokens = Tokens(done)
        self._run(body, Place(place.region, place.layer, tokens), tokens.end)

    def _call(self, block: Block, place: Place, done: Done) -> None:
        if not block.flag:
            self._scope(block.parts[0], place, done)
            return
        own = Layer(place.layer, {"r": place.layer.read("r")}, keeps=True, isolated=True)

        def answer() -> None:
            place.layer.write(f"k_{block.id}", own.values)
            done()

        self._scope(block.parts[0], Place(place.region, own, place.tokens), answer)

    def _catch(self, block: Block, place: Place, done: Done) -> None:
        self._wait_for(block.triggers[0], place, lambda: self._go_on(place.region, done))

    def _events(self, block: Block, place: Place, done: Done) -> None:
        waits: list[Wait] = []

        def chosen(part: Block) -> Done:
            def happen() -> None:
                self._forget(*waits)
                self._go_on(place.region, lambda: self._run(part, place, done))

            return happen

        for trigger, part in zip(block.triggers, block.parts, strict=True):
            waits.append(self._wait_for(trigger, place, chosen(part)))

    def _bound(self, block: Block, place: Place, done: Done) -> None:
        inner = Place(Region(place.region), place.layer, place.tokens)
        armed: list[Wait] = []

        def arm(trigger: Trigger, handler: Block) -> None:
            def happen() -> None:
                if trigger.interrupts:
                    inner.region.kill()
                    self._forget(*armed)
                    self._go_on(place.region, lambda: self._run(handler, place, done))
                    return
                self._stay_armed(wait)
                place.tokens.fork()
                end = place.tokens.end
                self._go_on(place.region, lambda: self._run(handler, place, end))

            wait = self._wait_for(trigger, place, happen)
            armed.append(wait)

        def completed() -> None:
            self._forget(*armed)
            self._go_on(place.region, done)

        for trigger, handler in zip(block.triggers, block.parts[1:], strict=True):
            arm(trigger, handler)
        self._activity(block.parts[0], inner, completed)

    def _stay_armed(self, wait: Wait) -> None:
        wait.was_true = True
        if wait.due is not None:
            if not wait.left:
                return
            assert wait.trigger is not None
            wait.left -= 1
            wait.due += _duration(wait.trigger)
        self.waits.append(wait)

    def _activity(self, block: Block, place: Place, completed: Done) -> None:
        """Run an activity with boundary events: what is automatic in it begins a moment later."""
        run = getattr(self, f"_{block.kind}")
        if block.kind in ("user", "multi"):
            run(block, place, completed)
        else:
            self._go_on(place.region, lambda: run(block, place, completed))

    def _error(self, block: Block, place: Place, done: Done) -> None:
        self._watched(block, place, done)

    def _escalation(self, block: Block, place: Place, done: Done) -> None:
        self._watched(block, place, done)

    def _terminate(self, block: Block, place: Place, done: Done) -> None:
        self._watched(block, place, done)

    def _watched(self, block: Block, place: Place, done: Done) -> None:
        region = Region(place.region)
        tokens = Tokens(done)
        inner = Place(region, place.layer, tokens)
        body, person, handler = block.parts

        def person_done() -> None:
            if not block.tests[0].holds(place.layer.read("r")):
                tokens.end()
                return
            if block.flag:
                region.kill()
            if block.kind == "terminate":
                done()
            elif block.flag:
                self._run(handler, place, done)
            else:
                place.tokens.fork()
                self._run(handler, place, place.tokens.end)
                tokens.end()

        tokens.fork()
        self._run(body, inner, tokens.end)
        self._run(person, inner, person_done)

    def _multi(self, block: Block, place: Place, done: Done) -> None:
        inner, total = block.parts[0], block.count
        visit = self._visit(inner)
        region = Region(place.region)
        results: dict[int, Any] = {}
        completed = Counter[str]()

        def complete() -> None:
            region.kill()
            if block.collects:
                place.layer.write(f"k_{block.id}", [results[i] for i in sorted(results)])
            done()

        def finished(index: int, layer: Layer) -> None:
            completed["instances"] += 1
            results[index] = _result(inner, layer) if block.collects else None
            stop = bool(block.tests) and block.tests[0].holds(layer.read("r"))
            if stop or completed["instances"] == total:
                complete()
            elif block.flag:
                instance(completed["instances"])

        def instance(index: int) -> None:
            layer = _instance_layer(block, place, index)
            at = Place(region, layer, place.tokens)
            if inner.kind == "user":
                self._open(inner, at, lambda: finished(index, layer), visit, index)
            else:
                body = inner.parts[0]
                self._go_on(region, lambda: self._scope(body, at, lambda: finished(index, layer)))

        if not total:
            self._go_on(region, complete)
        for index in range(min(total, 1) if block.flag else total):
            instance(index)

    def _repeat(self, block: Block, place: Place, done: Done) -> None:
        inner, test = block.parts[0], block.tests[0]
        visit = self._visit(inner)

        def goes_on(count: int) -> bool:
            if block.count and count >= block.count:
                return False
            return test.holds(place.layer.read("r"))

        def round_(index: int) -> None:
            layer = Layer(place.layer, {"loopCounter": index + 1}, keeps=False)

            def finished() -> None:
                if goes_on(index + 1):
                    round_(index + 1)
                else:
                    done()

            self._open(inner, Place(place.region, layer, place.tokens), finished, visit, index)

        if block.flag and not goes_on(0):
            done()
        else:
            round_(0)


def _instance_layer(block: Block, place: Place, index: int) -> Layer:
    values: dict[str, Any] = {"loopCounter": index + 1}
    if block.collects:
        values[f"e_{block.parts[0].id}"] = 10 * (index + 1)
    return Layer(place.layer, values, keeps=block.collects)


def _result(inner: Block, layer: Layer) -> Any:
    if inner.kind == "user":
        return Decimal(layer.values[f"v_{inner.id}"]) + layer.values[f"e_{inner.id}"]
    local = (f"e_{inner.id}", "loopCounter")
    return {name: value for name, value in layer.values.items() if name not in local}


def _duration(trigger: Trigger) -> timedelta:
    return timedelta(minutes=trigger.minutes, microseconds=trigger.salt)
