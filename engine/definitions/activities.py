"""What the flow nodes of a diagram say about the work, as the definition keeps it."""

from collections.abc import Mapping

from engine.definitions.bpmn import Element, local_reference
from engine.definitions.diagram import Diagram, FlowNode, extension
from engine.definitions.extension import inputs_of
from engine.definitions.model import Activity, Names

_USUAL_PRIORITY = 50


def names_of(element: Element) -> Names:
    """Give the names in both languages; where one is missing the other stands in, then the id."""
    english = " ".join(element.get("name", "").split())  # editors break long names into lines
    chinese = " ".join((extension(element, "nameZh") or "").split())
    id_ = element.get("id", "")
    return {"en": english or chinese or id_, "zh": chinese or english or id_}


def activities_of(diagram: Diagram, form_hashes: Mapping[str, str]) -> dict[str, Activity]:
    """Give every drawn flow node by its id, in document order."""
    return {node.id: _activity(diagram, node, form_hashes) for node in diagram.nodes.values()}


def lane_names(diagram: Diagram) -> dict[str, Names]:
    """Give the lanes by role code, outer lanes included; the first of a name counts."""
    lanes: dict[str, Names] = {}
    for lane in diagram.lanes:
        if lane.name:
            lanes.setdefault(lane.name, names_of(lane.element))
    return lanes


def called_processes(diagram: Diagram) -> tuple[str, ...]:
    """Give the ids of the processes that call activities run, sorted."""
    called = {
        local_reference(node.element.get("calledElement"))
        for node in diagram.nodes_of_kind("callActivity")
    }
    return tuple(sorted(called - {""}))


def start_messages(diagram: Diagram) -> dict[str, str]:
    """Give the start event that each message triggers."""
    messages: dict[str, str] = {}
    for node in diagram.nodes_in(diagram.process_id):
        name = diagram.event_name(node, "message")
        if node.kind == "startEvent" and name is not None:
            messages[name] = node.id
    return messages


def start_payloads(diagram: Diagram) -> dict[str, tuple[str, ...]]:
    """Give the names that the payload of each starting message is declared to hold."""
    return {
        name: tuple((diagram.nodes[node_id].extension("payload") or "").split())
        for name, node_id in start_messages(diagram).items()
    }


def signals_of(diagram: Diagram) -> tuple[str, ...]:
    """Give the names of the signals that the process throws or catches, sorted."""
    names = {diagram.event_name(node, "signal") for node in diagram.nodes.values()}
    return tuple(sorted(name for name in names if name is not None))


_WAITS_FOR_NOBODY = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway"}
    | {"serviceTask", "businessRuleTask", "scriptTask"}
)


def starters_of(diagram: Diagram) -> tuple[str, ...]:
    """Give the roles that may start an instance by hand: the lane of the none start event, and
    what it names in cs:startedBy (ANYONE: whoever is signed in)."""
    roles: set[str] = set()
    for node in _starts_by_hand(diagram):
        lane = diagram.role_of(node)
        roles.update([] if lane is None else [lane], (node.extension("startedBy") or "").split())
    return tuple(sorted(roles))


def first_steps_of(diagram: Diagram) -> tuple[str, ...]:
    """Give the tasks for people that a start by hand leads to with nothing to wait for before, in
    the lane of the start: whoever starts does them."""
    found: set[str] = set()
    for start in _starts_by_hand(diagram):
        lane = diagram.role_of(start)
        seen, ahead = {start.id}, [start]
        while ahead:
            node = ahead.pop()
            for flow in diagram.outgoing.get(node.id, ()):
                following = diagram.nodes[flow.target]
                if following.id in seen:
                    continue
                seen.add(following.id)
                if following.is_human:
                    found.update({following.id} if diagram.role_of(following) == lane else ())
                elif following.kind in _WAITS_FOR_NOBODY:
                    ahead.append(following)
    return tuple(sorted(found))


def _starts_by_hand(diagram: Diagram) -> list[FlowNode]:
    return [
        node
        for node in diagram.nodes_in(diagram.process_id)
        if node.kind == "startEvent" and not node.event_kinds
    ]


def _activity(diagram: Diagram, node: FlowNode, form_hashes: Mapping[str, str]) -> Activity:
    form = node.extension("form")
    priority = node.extension("priority")
    return Activity(
        id=node.id,
        kind=node.kind,
        names=names_of(node.element),
        role=diagram.role_of(node),
        form=form,
        form_hash=form_hashes.get(form) if form is not None else None,
        signature=node.extension("signature"),
        separate_from=tuple((node.extension("separateFrom") or "").split()),
        offline=node.extension("offline"),
        due=node.extension("due"),
        escalate_to=tuple((node.extension("escalateTo") or "").split()),
        priority=_USUAL_PRIORITY if priority is None else int(priority),
        training=tuple((node.extension("training") or "").split()),
        device_class=tuple((node.extension("deviceClass") or "").split()),
        handler=node.extension("handler"),
        inputs={
            item.get("name", ""): item.get("value", "").strip() for item in inputs_of(node.element)
        },
        decision=node.extension("decision"),
        result=node.extension("result"),
        correlation=node.extension("correlation"),
        message=diagram.event_name(node, "message"),
    )
