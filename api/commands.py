"""POST /api/commands/<name>: a named command in, the dispatcher's answer out."""

from collections.abc import Callable
from typing import Any

from flask import Response

from api import access, errors, sessions, wire
from api.blueprints import Blueprint
from api.context import actor, engine, json_answer
from engine.commands.base import Command
from engine.commands.configuration import ChangeConfiguration
from engine.commands.delegations import DelegateRole, EndDelegation
from engine.commands.deliveries import RetryDelivery, SkipDelivery
from engine.commands.handed_in import HandInMessage
from engine.commands.identities import SetPassword, UnlockSigning
from engine.commands.incidents import ResolveIncident
from engine.commands.process_instances import CancelProcessInstance, StartProcessInstance
from engine.commands.work_items import (
    ClaimWorkItem,
    CompleteWorkItem,
    DiscardDraft,
    ReleaseWorkItem,
    SaveDraft,
)
from engine.identities.signing import SignatureRequest
from engine.outcomes import Accepted, ActorChanged
from processes.ledger.changes.commands import (
    AssignFinding,
    RecordAuthorityAnswer,
    ResolveFinding,
    RunDataQualityChecks,
)
from processes.ledger.clocks.commands import (
    CorrectClock,
    DisputeClockStart,
    StartClock,
    StopClock,
)
from processes.ledger.commands import MergeItemNumbers
from processes.ledger.complaints.commands import RecordNewInformation, RecordSupplement

blueprint = Blueprint("commands", __name__, url_prefix="/api/commands", description="Commands")

WIRE: dict[str, tuple[type[Command], type[wire.CommandBody], str]] = {
    "start-process-instance": (
        StartProcessInstance,
        wire.StartProcessInstance,
        "Start the version in force of a process",
    ),
    "claim-work-item": (ClaimWorkItem, wire.OfWorkItem, "Take a work item"),
    "release-work-item": (ReleaseWorkItem, wire.OfWorkItem, "Give a work item back"),
    "complete-work-item": (
        CompleteWorkItem,
        wire.CompleteWorkItem,
        "Finish a work item, signed where the diagram asks for it",
    ),
    "save-draft": (SaveDraft, wire.SaveDraft, "Keep what was typed so far"),
    "discard-draft": (DiscardDraft, wire.OfWorkItem, "Throw one's own draft away"),
    "cancel-process-instance": (
        CancelProcessInstance,
        wire.CancelProcessInstance,
        "End a running instance, with reason and signature",
    ),
    "set-password": (SetPassword, wire.SetPassword, "Set one's own password"),
    "delegate-role": (
        DelegateRole,
        wire.DelegateRole,
        "Have another person do the work of one's role for a time, with reason",
    ),
    "end-delegation": (EndDelegation, wire.EndDelegation, "End a delegation before its time"),
    "unlock-signing": (UnlockSigning, wire.UnlockSigning, "Let a person sign again"),
    "resolve-incident": (ResolveIncident, wire.OfIncident, "Close an incident"),
    "retry-delivery": (
        RetryDelivery,
        wire.OfIncident,
        "Have a failed timer, message or signal tried again now, with reason",
    ),
    "skip-delivery": (
        SkipDelivery,
        wire.OfIncident,
        "Give a failed timer, message or signal up for good, with reason",
    ),
    "start-clock": (StartClock, wire.StartClock, "Start a statutory clock, with evidence"),
    "stop-clock": (StopClock, wire.ClockTime, "Stop a statutory clock, with evidence"),
    "correct-clock": (
        CorrectClock,
        wire.OfClock,
        "Compute a due date again by the calendars in force, with reason",
    ),
    "dispute-clock-start": (
        DisputeClockStart,
        wire.ClockTime,
        "Keep another start that somebody claims, with evidence",
    ),
    "record-authority-answer": (
        RecordAuthorityAnswer,
        wire.RecordAuthorityAnswer,
        "Record what an authority answered to the submission of a change",
    ),
    "hand-in-message": (
        HandInMessage,
        wire.HandInMessage,
        "Hand in a message of another system that starts a process",
    ),
    "run-data-quality-checks": (
        RunDataQualityChecks,
        wire.RunDataQualityChecks,
        "Look for gaps and doubles in master data",
    ),
    "assign-finding": (AssignFinding, wire.AssignFinding, "Give a finding to somebody"),
    "resolve-finding": (ResolveFinding, wire.ResolveFinding, "Close a finding, with the reason"),
    "merge-item-numbers": (
        MergeItemNumbers,
        wire.MergeItemNumbers,
        "Have one item number go on as another",
    ),
    "record-new-information": (
        RecordNewInformation,
        wire.RecordNewInformation,
        "Keep what became known about a reported event",
    ),
    "record-supplement": (
        RecordSupplement,
        wire.RecordSupplement,
        "Keep the receipt of a supplement to a report",
    ),
    "change-configuration": (
        ChangeConfiguration,
        wire.ChangeConfiguration,
        "Put a new version of a configuration document in force",
    ),
}


def answer(command: Command) -> Response:
    """Dispatch in the name of who is signed in, and write the outcome."""
    try:
        outcome = engine().dispatcher.dispatch(command, actor())
    except ActorChanged:
        if not sessions.look_again():
            return access.unauthorized()
        outcome = engine().dispatcher.dispatch(command, actor())
    if isinstance(outcome, Accepted):
        return json_answer(
            {
                "outcome": "accepted",
                "command_id": str(outcome.command_id),
                "result": outcome.result,
            }
        )
    return errors.refusal(outcome)


def as_they_are(arguments: dict[str, Any]) -> dict[str, Any]:
    """Prepare nothing: the body's fields are the command's."""
    return arguments


def signed(arguments: dict[str, Any]) -> dict[str, Any]:
    """Make of the signature in a body, where there is one, what the engine checks."""
    signature = arguments.get("signature")
    if signature is None:
        return arguments
    return {**arguments, "signature": SignatureRequest(**signature)}


def route(
    group: Blueprint,
    name: str,
    command_type: type[Command],
    body: type[wire.CommandBody],
    summary: str,
    prepare: Callable[[dict[str, Any]], dict[str, Any]] = as_they_are,
) -> None:
    """Give a command its address in a group of routes: POST /<name>, for who is signed in.

    `prepare` makes the command's arguments of a body that was read; whether the person may ask
    for it is the dispatcher's to say.
    """

    def carry_out(arguments: dict[str, Any]) -> Response:
        return answer(command_type(**prepare(arguments)))

    view: Callable[..., Any] = carry_out
    view.__name__ = name.replace("-", "_")
    view.__doc__ = f"{summary}."
    view = group.arguments(body())(view)  # one instance: made once, not for each request
    view = group.response(200, wire.Accepted)(view)
    view = group.alt_response(422, schema=wire.Problem)(view)
    group.route(f"/{name}", methods=["POST"])(access.proved_by_door(view))


for _name, (_type, _body, _summary) in WIRE.items():
    route(blueprint, _name, _type, _body, _summary, signed)
