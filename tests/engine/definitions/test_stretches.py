"""Which steps may be done without a connection, and what is stored of a machine."""

import msgspec
import pytest

from engine.definitions import CompiledDefinition
from engine.definitions.catalogue import Stored
from engine.definitions.model import Activity
from engine.definitions.offline_class import (
    for_devices,
    may_complete_offline,
    may_start_offline,
    offline_class,
)
from engine.definitions.stretches import stretches_of
from processes.registry import documents
from tests.engine.definitions.packages import changed, compiled, good_package

POLICY = {"signed_offline": ["PERF", "RECV"], "unmarked": {"RECV": "B", "otherwise": "C"}}


def step(offline: str | None = None, signature: str | None = None) -> Activity:
    return Activity(id="Task", kind="userTask", names={}, offline=offline, signature=signature)


@pytest.mark.parametrize(
    ("offline", "signature", "found"),
    [
        ("A", None, "A"),
        ("B", "PERF", "B"),
        ("B", "REL", "C"),
        ("A", "APPR", "C"),
        ("C", "PERF", "C"),
        ("D", "REL", "D"),
        (None, "RECV", "B"),
        (None, "PERF", "C"),
        (None, None, "C"),
    ],
)
def test_the_policy_stands_above_the_diagram(
    offline: str | None, signature: str | None, found: str
) -> None:
    assert offline_class(step(offline, signature), POLICY) == found


def test_a_customer_may_open_what_is_not_marked_and_never_what_needs_authority() -> None:
    wide = {"signed_offline": ["PERF"], "unmarked": {"otherwise": "A"}}
    assert may_complete_offline(step(), wide)
    assert may_complete_offline(step(signature="PERF"), wide)
    assert not may_complete_offline(step(signature="REL"), wide)


def test_without_a_policy_nothing_signed_is_done_offline() -> None:
    assert may_complete_offline(step("A"), {})
    assert not may_complete_offline(step("B", "PERF"), {})
    assert not may_complete_offline(step(), {})


def test_a_start_is_never_derived() -> None:
    wide = {"signed_offline": [], "unmarked": {"otherwise": "A"}}
    assert may_start_offline(step("B"), wide)
    assert not may_start_offline(step(), wide)
    assert not may_start_offline(step("C"), wide)


def test_the_policy_that_comes_with_the_product_keeps_authority_online() -> None:
    policy = documents()["offline_policy"]
    assert set(policy["signed_offline"]) <= documents()["signature_meanings"].keys()
    for meaning in ("APPR", "REL", "REJ", "CONC", "DISP", "REVW", "CLOS"):
        assert not may_complete_offline(step("B", meaning), policy)
    for meaning in ("PERF", "RECV", "ACKN"):
        assert may_complete_offline(step("B", meaning), policy)


def test_a_definition_that_was_stored_before_there_were_machines_is_read_and_compiled() -> None:
    definition = compiled(good_package())
    assert definition.stretches
    stored = msgspec.json.decode(msgspec.json.encode(Stored(definition=definition)))
    for added in ("stretches", "notes"):
        del stored["definition"][added]
    earlier = msgspec.convert(stored, Stored).definition
    assert earlier.stretches is None
    assert stretches_of(earlier, {}) == definition.stretches


def test_what_was_compiled_is_taken_as_it_was() -> None:
    definition = compiled(good_package())
    made = msgspec.structs.replace(definition, stretches={})
    assert stretches_of(made, {}) == {}


def machine_of(definition: CompiledDefinition) -> dict[str, dict[str, object]]:
    assert definition.stretches is not None
    nodes: dict[str, dict[str, object]] = definition.stretches["nodes"]
    return nodes


def test_a_task_tells_a_device_what_it_needs_to_show_and_to_judge() -> None:
    nodes = machine_of(compiled(good_package()))
    tasks = {name: node for name, node in nodes.items() if node["k"] == "u"}
    assert tasks
    for node in tasks.values():
        assert {"names", "form", "hash", "role", "to"} <= node.keys()
    assert any("sign" in node for node in tasks.values())


def test_a_task_that_is_never_done_offline_leads_nowhere() -> None:
    led = machine_of(compiled(good_package()))["Check"]["to"]
    never = machine_of(compiled(changed({'cs:offline="B"': 'cs:offline="D"'})))
    assert led is not None
    assert "Check" not in never or never["Check"]["to"] is None


def test_a_device_takes_along_what_the_policy_leaves_of_a_machine() -> None:
    start = {"to": "Check", "class": "B"}
    tasks = {
        "Check": {"k": "u", "class": "B", "sign": "PERF"},
        "Release": {"k": "u", "class": "B", "sign": "REL"},
        "Note": {"k": "u"},
        "End": {"k": "e", "of": ""},
    }
    machine = {"v": "1", "nodes": tasks, "feel": [], "starts": {"Begin": start}}
    made = for_devices(machine, POLICY)
    classes = {name: node.get("class") for name, node in made["nodes"].items()}
    assert classes == {"Check": "B", "Release": "C", "Note": "C", "End": None}
    assert made["starts"] == {"Begin": start}
    assert for_devices({}, POLICY) == {}
