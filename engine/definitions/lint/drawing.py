"""What the checks look at: the diagram as drawn and normalised, and what surrounds it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from engine.decisions.model import DecisionModel
from engine.definitions.diagram import Diagram, FlowNode
from engine.problems import Problem
from forms import Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The same process twice. Findings are always made about the drawn one: it has the lines."""

    drawn: Diagram
    normal: Diagram

    def place(self, node_id: str) -> FlowNode | None:
        """Give the drawn node of an id; None for one that normalisation added."""
        return self.drawn.nodes.get(node_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a diagram may name. `forms` has None for a form that was refused.

    `decisions` gives the models by file name; `known_processes` is None when nobody knows yet;
    `signed_offline` are the meanings that may be signed without a connection, None when the
    customer has not said.
    """

    handlers: Collection[str]
    roles: Collection[str]
    meanings: Collection[str]
    known_processes: Collection[str] | None
    forms: Mapping[str, Form | None]
    decisions: Mapping[str, DecisionModel]
    refused_decisions: Collection[str] = ()
    device_classes: Collection[str] = ()
    signed_offline: Collection[str] | None = None


DrawingRule = Callable[[Drawing], Iterator[Problem]]
SurroundingsRule = Callable[[Drawing, Surroundings], Iterator[Problem]]
