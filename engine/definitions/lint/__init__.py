"""The checks of a deployment: small functions, one for each rule; each finding has code and line.

Rules about the drawing alone also run when a diagram is only imported into the editor. A finding
of severity "error" refuses the deployment, never the import.
"""

from collections.abc import Iterator

from engine.definitions.lint.drawing import (
    Drawing,
    DrawingRule,
    Surroundings,
    SurroundingsRule,
)
from engine.definitions.lint.elements import (
    check_data_stores,
    check_elements,
    check_unspecified_tasks,
)
from engine.definitions.lint.events import (
    check_boundary_attachment,
    check_conditional_events,
    check_contents,
    check_correlation,
    check_errors_caught,
    check_errors_possible,
    check_links,
    check_references,
    check_starts,
    check_timers,
)
from engine.definitions.lint.expressions import Parsed, check_ways_out, parse_all
from engine.definitions.lint.extensions import (
    check_attributes,
    check_elements_of_ours,
    check_event_attributes,
    check_event_inputs,
    check_start_form,
    check_values,
)
from engine.definitions.lint.flows import (
    check_conditions,
    check_dead_ends,
    check_flow_directions,
    check_flow_ends,
    check_loops,
    check_reachability,
    check_tokens,
)
from engine.definitions.lint.gateways import (
    check_default_flows,
    check_event_gateways,
    check_gateway_conditions,
)
from engine.definitions.lint.identity import check_identity, find_process
from engine.definitions.lint.names import check_names
from engine.definitions.lint.people import (
    check_device_classes,
    check_escalation,
    check_forms,
    check_lanes,
    check_roles,
    check_separation,
    check_signatures,
    check_started_by,
    check_starters,
    check_trainings,
)
from engine.definitions.lint.places import check_places
from engine.definitions.lint.repetition import check_repetition
from engine.definitions.lint.services import (
    check_called_processes,
    check_decisions,
    check_handlers,
    check_scripts,
)
from engine.definitions.lint.stretches import notes_on_meanings, notes_on_stretches
from engine.definitions.lint.variables import check_names_set, check_start_form_reads
from engine.problems import Problem

__all__ = [
    "DRAWING_RULES",
    "SURROUNDINGS_RULES",
    "Drawing",
    "Parsed",
    "Surroundings",
    "check_drawing",
    "check_identity",
    "check_surroundings",
    "find_process",
    "notes_on_meanings",
    "notes_on_stretches",
    "parse_all",
]

DRAWING_RULES: tuple[DrawingRule, ...] = (
    check_places,
    check_elements,
    check_data_stores,
    check_unspecified_tasks,
    check_contents,
    check_starts,
    check_flow_ends,
    check_flow_directions,
    check_conditions,
    check_reachability,
    check_dead_ends,
    check_loops,
    check_tokens,
    check_default_flows,
    check_gateway_conditions,
    check_event_gateways,
    check_boundary_attachment,
    check_references,
    check_timers,
    check_conditional_events,
    check_links,
    check_correlation,
    check_errors_caught,
    check_errors_possible,
    check_repetition,
    check_scripts,
    check_attributes,
    check_event_attributes,
    check_elements_of_ours,
    check_event_inputs,
    check_start_form,
    check_values,
    check_lanes,
    check_separation,
    check_trainings,
    check_names,
)

SURROUNDINGS_RULES: tuple[SurroundingsRule, ...] = (
    check_roles,
    check_starters,
    check_started_by,
    check_forms,
    check_signatures,
    check_escalation,
    check_device_classes,
    check_handlers,
    check_decisions,
    check_called_processes,
)


def check_drawing(drawing: Drawing, parsed: Parsed) -> Iterator[Problem]:
    """Check what is drawn, whatever is around it; FEEL included."""
    for rule in DRAWING_RULES:
        yield from rule(drawing)
    yield from parsed.problems
    yield from check_ways_out(drawing, parsed)


def check_surroundings(drawing: Drawing, around: Surroundings, parsed: Parsed) -> Iterator[Problem]:
    """Check that what the diagram names exists."""
    for rule in SURROUNDINGS_RULES:
        yield from rule(drawing, around)
    yield from check_names_set(drawing, around, parsed)
    yield from check_start_form_reads(drawing, around)
