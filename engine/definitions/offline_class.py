"""What may be done of a step without a connection: what the diagram says, within the customer's
policy.

Four classes (domain/signatures.md 2.6): A evidence and B responsibility that can be taken back are
completed offline, C decisions are prepared offline and completed online, D is never done offline.

The document `offline_policy` is the customer's:

    {"signed_offline": ["PERF", "RECV", …],           meanings that may be signed offline at all
     "unmarked": {"RECV": "B", …, "otherwise": "C"}}   class of steps without cs:offline, by meaning
"""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast

from engine.definitions.extension import CAPABLE
from engine.definitions.model import Activity, Machine

OFFLINE_POLICY = "offline_policy"
"""The name of the customer's document."""

OfflineClass: TypeAlias = Literal["A", "B", "C", "D"]
Policy: TypeAlias = Mapping[str, Any]

_MOST_CAREFUL: OfflineClass = "C"


def offline_class(activity: Activity, policy: Policy) -> OfflineClass:
    """Give the class of a step or of a start.

    A signature whose meaning the policy keeps online makes A and B a C, whatever the diagram says.
    Without a policy nothing that is signed is completed offline, and nothing that is unmarked.
    """
    return _class_of(activity.offline, activity.signature, policy)


def for_devices(machine: Machine, policy: Policy) -> Machine:
    """Give a machine (stretches.py) as devices take it along: each task with the class that the
    policy leaves it, and only the starts that it allows."""
    nodes = {
        name: {**node, "class": _class_of(node.get("class"), node.get("sign"), policy)}
        if node["k"] == "u"
        else node
        for name, node in machine.get("nodes", {}).items()
    }
    starts = {
        name: start
        for name, start in machine.get("starts", {}).items()
        if _class_of(start["class"], None, policy) in CAPABLE
    }
    rest = {key: value for key, value in machine.items() if key != "starts"}
    return {**rest, "nodes": nodes, **({"starts": starts} if starts else {})} if machine else {}


def _class_of(drawn: str | None, meaning: str | None, policy: Policy) -> OfflineClass:
    unmarked: Mapping[str, str] = policy.get("unmarked", {})
    derived = unmarked.get(meaning or "", unmarked.get("otherwise", _MOST_CAREFUL))
    found = cast("OfflineClass", drawn or derived)
    if found in CAPABLE and meaning is not None and meaning not in policy.get("signed_offline", ()):
        return _MOST_CAREFUL
    return found


def may_complete_offline(activity: Activity, policy: Policy) -> bool:
    """Tell whether a step may be completed, and signed, without a connection."""
    return offline_class(activity, policy) in CAPABLE


def may_start_offline(start: Activity, policy: Policy) -> bool:
    """Tell whether a process may be started without a connection: only where its start event says
    so, never by derivation."""
    return start.offline is not None and may_complete_offline(start, policy)
