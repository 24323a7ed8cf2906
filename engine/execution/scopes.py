"""Variables: one case document per instance, and local scopes above it where BPMN asks for them.

A multi-instance activity (or loop) gives each of its instances a scope with the element and
`loopCounter`; a call activity with inputs gives the called process one. Scopes are shared by all
tokens inside, so nothing is copied along the flow and no join can lose an update.
"""

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import Any

import msgspec

CASE = 0
"""The scope of the case document itself."""


class Scope(msgspec.Struct, array_like=True):
    """Local variables of one activity instance; `outer` is the scope around it.

    `keeps`: new variables stay here (an output collection or a result picks them up at the end);
    otherwise only names that are already here are assigned here. `isolated`: the variables
    outside cannot be read.
    """

    outer: int
    values: dict[str, Any]
    keeps: bool = False
    isolated: bool = False


class Progress(msgspec.Struct, array_like=True):
    """How far a loop is: instances in all (0: not known), done, the elements, the results so far.

    `elements` is empty where the cardinality alone counts; `results` by item index.
    """

    total: int
    done: int = 0
    elements: list[Any] = []
    results: dict[int, Any] = {}


class Variables:
    """The variables of an instance: the case document, and local scopes by their key.

    A multi-instance element's scope has the task ref of its instance as key, a called process's
    own scope the negative task ref of the call activity. `progress` is by the loop's task ref.
    """

    __slots__ = ("document", "progress", "scopes")

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.scopes: dict[int, Scope] = {}
        self.progress: dict[int, Progress] = {}

    def seen_from(self, scope: int) -> Mapping[str, Any]:
        """Give all variables that can be read in a scope, the innermost first."""
        if scope == CASE:
            return self.document
        return ChainMap(*self._layers(scope))

    def locals_of(self, scope: int) -> dict[str, Any]:
        """Give the local variables that can be read in a scope, without the case document."""
        if scope == CASE:
            return {}
        layers = [layer for layer in self._layers(scope) if layer is not self.document]
        return dict(ChainMap(*layers))

    def assign(self, scope: int, name: str, value: Any) -> None:
        """Set a variable where it belongs: where it is, else in the nearest scope that keeps."""
        while scope != CASE:
            place = self.scopes[scope]
            if place.keeps or place.isolated or name in place.values:
                place.values[name] = value
                return
            scope = place.outer
        self.document[name] = value

    def _layers(self, scope: int) -> list[MutableMapping[str, Any]]:
        layers: list[MutableMapping[str, Any]] = []
        while scope != CASE:
            place = self.scopes[scope]
            layers.append(place.values)
            if place.isolated:
                return layers
            scope = place.outer
        layers.append(self.document)
        return layers
