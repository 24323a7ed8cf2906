"""A compiled process definition: all that running an instance needs, immutable, known by its hash.

Compiled once at deployment, stored as JSON with the definition, loaded once per program run.
"""

from collections.abc import Collection
from typing import Any

import msgspec

Names = dict[str, str]
"""A name by language: {"en": …, "zh": …}."""


Machine = dict[str, Any]
"""What of a process a device may run ahead of the server (engine/definitions/stretches.py)."""

ANYONE = "*"
"""In cs:startedBy: whoever is signed in."""


class Activity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a flow node of the diagram says about the work to be done there.

    `kind` is the BPMN element's local name ("userTask", "serviceTask", "boundaryEvent", …).
    `role` is the name of the lane. FEEL texts are looked up in `CompiledDefinition.expressions`.
    """

    id: str
    kind: str
    names: Names
    role: str | None = None
    form: str | None = None
    form_hash: str | None = None
    signature: str | None = None
    separate_from: tuple[str, ...] = ()
    offline: str | None = None
    due: str | None = None
    escalate_to: tuple[str, ...] = ()
    priority: int = 50
    training: tuple[str, ...] = ()
    device_class: tuple[str, ...] = ()
    handler: str | None = None
    inputs: dict[str, str] = {}
    decision: str | None = None
    result: str | None = None
    correlation: str | None = None
    message: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What normalisation made of the diagram, so that the engine executes what was meant."""

    code: str
    element_id: str
    message: Names


class Warned(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding that did not stop the deployment: a warning, or a note for the process owner; shown
    to who deploys and kept."""

    code: str
    message: Names
    file: str
    element_id: str | None = None
    line: int | None = None


class CompiledDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a process.

    `hash` is the SHA-256 (hex) of the whole package; `executable` is the normalised BPMN that the
    execution core parses; `expressions` maps each FEEL text of the diagram to its tree;
    `decisions` maps the file name of each .dmn to its compiled model; `forms` maps a form's name
    to the content hash of its file; `called` lists process ids that call activities name;
    `start_messages` maps a message name to the start event it triggers, `start_payloads` to the
    names that its payload is declared to hold (cs:payload).
    """

    process_id: str
    hash: str
    names: Names
    executable: str
    activities: dict[str, Activity]
    lanes: dict[str, Names]
    expressions: dict[str, Any]
    decisions: dict[str, Any]
    forms: dict[str, str]
    called: tuple[str, ...] = ()
    start_messages: dict[str, str] = {}
    start_payloads: dict[str, tuple[str, ...]] = {}
    signals: tuple[str, ...] = ()
    title: str | None = None
    """FEEL text (process attribute cs:title) that names an instance in lists: item and lot."""
    documentation: Names = {}
    starters: tuple[str, ...] = ()
    """Roles that may start it: the lane of its none start event and those that it names besides;
    ANYONE for whoever is signed in; empty = messages only."""
    first_steps: tuple[str, ...] = ()
    """Tasks that whoever starts it by hand goes on with, by whichever role that was."""
    warnings: tuple[Warned, ...] = ()
    notes: tuple[Warned, ...] = ()
    """Where a device cannot go on without the server, and why."""
    stretches: Machine | None = None
    """Empty when a device can run nothing ahead; None when it was deployed before there were any
    (engine/definitions/stretches.py compiles it then)."""
    changes: tuple[Change, ...] = ()

    def started_as(self, roles: Collection[str]) -> str | None:
        """Give the role by which somebody with these roles starts it: the lane's first; None for
        who may not."""
        for role in self.starters:
            if role in roles and any(self.activities[x].role == role for x in self.first_steps):
                return role
        named = sorted(roles if ANYONE in self.starters else set(roles) & set(self.starters))
        return named[0] if named else None

    @property
    def start_form(self) -> Activity | None:
        """The start event whose form a person fills in to start the process; None without one."""
        for activity in self.activities.values():
            if activity.kind == "startEvent" and activity.form_hash is not None:
                return activity  # deployment refuses a form on any other start event
        return None

    def separated_from(self, activity_id: str) -> tuple[str, ...]:
        """Name the activities that nobody may do together with this one, in whatever order: those
        that it names (cs:separateFrom) and those that name it."""
        named = self.activities[activity_id].separate_from
        naming = (a.id for a in self.activities.values() if activity_id in a.separate_from)
        return tuple(dict.fromkeys((*named, *naming)))
