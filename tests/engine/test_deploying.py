"""Deploying by the door: what is around a package is looked at as well as what is in it."""

from collections.abc import Mapping

from engine.actors import engine_actor
from engine.commands.definitions import DeployDefinition
from engine.definitions import read_package
from engine.identifiers import new_id
from engine.outcomes import Outcome, Reason, Rejected
from tests.engine.test_dispatcher import refused
from tests.engine.workshop import TOYS, Workshop
from tests.scenario import TENANT


def toy(name: str) -> dict[str, bytes]:
    return dict(read_package(TOYS / name).files)


def deploy(workshop: Workshop, files: Mapping[str, bytes], name: str | None) -> Outcome:
    command = DeployDefinition(command_id=new_id(), files=files, process_id=name)
    return workshop.dispatcher.dispatch(command, engine_actor(TENANT, "test"))


def finding(outcome: Outcome, code: str) -> Mapping[str, str]:
    refused(outcome, Reason.DEFINITION_REFUSED)
    assert isinstance(outcome, Rejected)
    [problem] = [problem for problem in outcome.errors if problem.code == code]
    assert problem.path.startswith("process.bpmn:")
    return problem.message


def test_the_process_is_called_like_its_folder(workshop: Workshop) -> None:
    message = finding(deploy(workshop, toy("toy_reply"), "toy_answer"), "bpmn.process_missing")
    for text in message.values():
        assert "“toy_answer”" in text
        assert "“toy_reply”" in text
    workshop.must(deploy(workshop, toy("toy_reply"), "toy_reply"))


def test_without_a_folder_the_diagram_names_the_process(workshop: Workshop) -> None:
    result = workshop.must(deploy(workshop, toy("toy_reply"), None))
    assert result["process_id"] == "toy_reply"


def test_a_call_of_an_unknown_process_is_found_with_its_element_and_line(
    workshop: Workshop,
) -> None:
    files = toy("toy_nudge")
    files["process.bpmn"] = calling(files["process.bpmn"], "toy_replay")
    outcome = deploy(workshop, files, "toy_nudge")
    message = finding(outcome, "call.unknown")
    assert "“toy_replay”" in message["en"]
    assert "“toy_reply”" in message["zh"]  # what was meant, perhaps
    assert isinstance(outcome, Rejected)
    assert any(problem.path.endswith(":choose") for problem in outcome.errors)
    files["process.bpmn"] = calling(toy("toy_nudge")["process.bpmn"], "toy_watch")
    workshop.must(deploy(workshop, files, "toy_nudge"))


def calling(diagram: bytes, called: str) -> bytes:
    task = '<bpmn:manualTask id="choose" name="Ring" cs:nameZh="响铃" />'.encode()
    call = f'<bpmn:callActivity id="choose" name="Ring" cs:nameZh="响铃" calledElement="{called}"/>'
    assert task in diagram
    return diagram.replace(task, call.encode())


def test_a_malformed_diagram_is_refused_with_its_line_and_changes_nothing(
    workshop: Workshop,
) -> None:
    good = toy("toy_reply")
    line = good["process.bpmn"][:900].count(b"\n") + 1
    for broken in (
        b"",
        b"\x00\xff\xfe",
        b"hello",
        b"<html/>",
        good["process.bpmn"][:900],
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        good["process.bpmn"].replace(b"bpmn:userTask", b"bpmn:adHocSubProcess"),
    ):
        outcome = deploy(workshop, {**good, "process.bpmn": broken}, "toy_reply")
        refused(outcome, Reason.DEFINITION_REFUSED)
        assert isinstance(outcome, Rejected)
        assert outcome.errors
        for problem in outcome.errors:
            assert problem.message["en"]
            assert any("\u4e00" <= character <= "\u9fff" for character in problem.message["zh"])
        if broken == good["process.bpmn"][:900]:
            assert outcome.errors[0].path.startswith(f"process.bpmn:{line}")
    with workshop.database.reading() as db:
        active = workshop.dispatcher.resources.catalogue.active_of(db, TENANT, "toy_reply")
    assert active is not None
    assert active.version == 1


def test_the_process_owner_is_told_where_a_device_stops(workshop: Workshop) -> None:
    """A note with the place and what to do about it, in both languages; never a refusal."""
    result = workshop.must(deploy(workshop, toy("toy_order"), "toy_order"))
    notes = result["notes"]
    assert notes
    for note in notes:
        assert note["en"].startswith("Without a connection the work stops before")
        assert note["zh"].startswith("离线时工作停在")
