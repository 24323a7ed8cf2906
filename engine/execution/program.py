"""A definition prepared for execution: parsed and checked once, shared by all, changed by nobody.

`Prepared` is one definition; `Program` is a definition with those its call activities reach. Both
are kept in a bounded cache by hash, for all threads of a worker.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Generic, TypeVar

from engine.decisions import DecisionModel, evaluate_decision
from engine.definitions.model import CompiledDefinition
from engine.execution.building import Builder, ScopeSpec
from engine.execution.errors import CalledProcessMissing, DecisionMissing, UnknownStartEvent
from engine.execution.events import CatchEvent
from engine.execution.expressions import Expressions
from engine.execution.gateways import InclusiveGateway
from engine.execution.parsing import parse
from engine.execution.service_tasks import Decide
from engine.execution.triggers import Condition

CACHE_SIZE = 128

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One definition: its scopes (the process and its sub-processes) by id, and at which position
    the visits of each flow node are counted."""

    process_id: str
    hash: str
    scopes: Mapping[str, ScopeSpec]
    positions: Mapping[str, int]
    has_inclusive: bool
    has_conditional: bool

    def start_event(self, wanted: str | None = None) -> str:
        """Choose the start event: the one asked for, else the only one that needs no message."""
        targets = self.scopes[self.process_id].start.targets
        events = {str(node.name): node for node in targets}
        if wanted is None:
            untriggered = [name for name, node in events.items() if not node.is_triggered]
            if len(untriggered) == 1:
                return untriggered[0]
        elif wanted in events:
            return wanted
        raise UnknownStartEvent(
            f"Process {self.process_id!r} can start at {', '.join(events)}; asked for: {wanted}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What an instance runs by: a definition, and those it may call, by process id."""

    prepared: Prepared
    called: Mapping[str, Prepared]
    has_conditional: bool

    @property
    def process_id(self) -> str:
        return self.prepared.process_id

    @property
    def hash(self) -> str:
        return self.prepared.hash

    def called_process(self, process_id: str) -> Prepared:
        """Give the definition a call activity names; CalledProcessMissing when it is not here."""
        if process_id in self.called:
            return self.called[process_id]
        if process_id == self.process_id:
            return self.prepared
        raise CalledProcessMissing(
            f"Process {self.process_id!r} calls {process_id!r}, which is not deployed."
        )


class BoundedCache(Generic[K, V]):
    """The most recently used values by key; safe for threads, which may make a value twice."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Give the value of a key, made when it is not there."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        made = make()  # outside the lock: parsing one process must not hold up the others
        with self._lock:
            value = self._values.setdefault(key, made)
            self._values.move_to_end(key)
            while len(self._values) > self._size:
                self._values.popitem(last=False)
            return value

    def __len__(self) -> int:
        return len(self._values)


_PREPARED: BoundedCache[str, Prepared] = BoundedCache(CACHE_SIZE)
_PROGRAMS: BoundedCache[tuple[str, ...], Program] = BoundedCache(CACHE_SIZE)


def load_program(
    definition: CompiledDefinition, called: Mapping[str, CompiledDefinition] | None = None
) -> Program:
    """Prepare a definition for execution, with the definitions its call activities reach.

    Cached by hash; DefinitionNotExecutable for a diagram that the lint should have refused.
    """
    others = called or {}
    key = (definition.hash, *sorted(f"{pid}={other.hash}" for pid, other in others.items()))
    return _PROGRAMS.get(key, lambda: _program(definition, others))


def _program(definition: CompiledDefinition, called: Mapping[str, CompiledDefinition]) -> Program:
    prepared = _prepared(definition)
    others = {process_id: _prepared(other) for process_id, other in called.items()}
    conditional = any(each.has_conditional for each in (prepared, *others.values()))
    return Program(prepared=prepared, called=others, has_conditional=conditional)


def _prepared(definition: CompiledDefinition) -> Prepared:
    return _PREPARED.get(definition.hash, lambda: _prepare(definition))


def _prepare(definition: CompiledDefinition) -> Prepared:
    models = [DecisionModel.from_json(model) for model in definition.decisions.values()]
    builder = Builder(
        definition,
        parse(definition.executable, definition.process_id),
        Expressions(definition.expressions),
        lambda decision: _decide(models, decision),
    )
    builder.build()
    nodes = [node for scope in builder.scopes.values() for node in scope.task_specs.values()]
    return Prepared(
        process_id=definition.process_id,
        hash=definition.hash,
        scopes=builder.scopes,
        positions=builder.positions,
        has_inclusive=any(isinstance(node, InclusiveGateway) for node in nodes),
        has_conditional=any(
            isinstance(node, CatchEvent) and isinstance(node.trigger, Condition) for node in nodes
        ),
    )


def _decide(models: list[DecisionModel], decision: str) -> Decide:
    """Find the one model that holds a decision, by id or name."""
    holding = [model for model in models if decision in model.names()]
    if len(holding) != 1:
        raise DecisionMissing(f"{len(holding)} decision models hold {decision!r}; it must be one.")
    model = holding[0]

    def decide(inputs: Mapping[str, Any], now: datetime) -> Any:
        return evaluate_decision(model, decision, inputs, now=now)

    return decide
