"""What a person signs: the record, built the same way by the device, by the server when it is
signed, and by anyone who proves it later from the trail's entry alone."""

from collections.abc import Mapping
from typing import Any


def completion_record(
    *,
    tenant: str,
    process_instance: str,
    completed: Mapping[str, Any],
    meaning: str,
    statement: str,
    language: str,
    signer: str,
    why: str | None,
) -> dict[str, Any]:
    """Give the record of a completed work item; `completed` is the event on the trail.

    `statement` is the sentence the person read, in the language they read it in. What was done for
    another person by a delegation says so (`for`).
    """
    acted = {"for": completed["for"]} if "for" in completed else {}
    return {
        **acted,
        "v": "1",
        "kind": "work_item.completed",
        "tenant": tenant,
        "work_item": f"{process_instance}.{completed['task_ref']}",
        "process_instance": process_instance,
        "activity": completed["activity"],
        "visit": str(completed["visit"]),
        "definition": completed["definition"],
        "form": completed["form"],
        "data": completed["data"],
        "meaning": meaning,
        "statement": statement,
        "language": language,
        "signer": signer,
        "why": why,
    }


def credential_record(
    *,
    tenant: str,
    registered: Mapping[str, Any],
    meaning: str,
    statement: str,
    language: str,
    signer: str,
) -> dict[str, Any]:
    """Give the record of a credential that a person registers: what they will sign with."""
    return {
        "v": "1",
        "kind": "credential.registered",
        "tenant": tenant,
        "method": registered["method"],
        "credential": registered["credential"],
        "algorithm": registered["algorithm"],
        "public_key": registered["public_key"],
        "device": registered["device"],
        "meaning": meaning,
        "statement": statement,
        "language": language,
        "signer": signer,
    }


def signed_record(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    """Build the signed record of an entry again from the entry; None when it was not signed, or
    on a device: then what was signed is the envelope that it handed in (`engine/devices`)."""
    events = {event["event"]: event for event in entry["events"]}
    signature = events.get("signature.made")
    if signature is None or "envelope" in signature:
        return None
    signed = {
        "meaning": signature["meaning"],
        "statement": signature["statement"],
        "language": signature["language"],
        "signer": entry["actor"]["username"],
        "why": entry["why"],
    }
    completed = events.get("work_item.completed")
    if completed is not None:
        return completion_record(
            tenant=entry["tenant"],
            process_instance=entry["stream"],
            completed=completed,
            **signed,
        )
    registered = events.get("credential.registered")
    if registered is not None:
        del signed["why"]
        return credential_record(tenant=entry["tenant"], registered=registered, **signed)
    cancelled = events["process_instance.cancelled"]
    return {
        "v": "1",
        "kind": "process_instance.cancelled",
        "tenant": entry["tenant"],
        "process_instance": entry["stream"],
        "definition": cancelled["definition"],
        **signed,
    }
