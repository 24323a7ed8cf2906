"""Devices, their keys, what people sign with, leases, and what was answered to envelopes."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.canonical import canonical_bytes
from engine.devices.signatures import unbase64
from engine.projections.changes import Change
from engine.store.device_tables import credential, device, device_answer, device_key, lease

Document = Mapping[str, Any]


def _by(entry: Document) -> UUID:
    return UUID(entry["actor"]["id"])


def enrolled(entry: Document, event: Document) -> Iterator[Change]:
    at, device_id = datetime.fromisoformat(entry["at"]), UUID(event["device"])
    known = {"name": event["name"], "kind": event["kind"], "epoch": event["epoch"]}
    if event["epoch"] == 1:
        begun = {"enrolled_at": at, "enrolled_by": _by(entry)}
        open_ = {"revoked_at": None, "revoked_seq": None}
        yield Change(device, "insert", {"device_id": device_id}, {**known, **begun, **open_})
    else:
        yield Change(device, "update", {"device_id": device_id}, known)
    yield from _closed(entry, event)
    yield Change(
        device_key,
        "insert",
        {"device_id": device_id, "epoch": event["epoch"]},
        {
            "algorithm": event["algorithm"],
            "public_key": unbase64(event["public_key"]),
            "genesis": bytes.fromhex(event["genesis"]),
            "enrolled_at": at,
            "enrolled_by": _by(entry),
            "closed_at": None,
            "closed_seq": None,
            "closed_head": None,
        },
    )


def _closed(entry: Document, event: Document) -> Iterator[Change]:
    """The epochs of which nothing more counts than what was known of them."""
    for end in event.get("closed", ()):
        yield Change(
            device_key,
            "update",
            {"device_id": UUID(event["device"]), "epoch": end["epoch"]},
            {
                "closed_at": datetime.fromisoformat(entry["at"]),
                "closed_seq": end["seq"],
                "closed_head": bytes.fromhex(end["head"]),
            },
        )


def revoked(entry: Document, event: Document) -> Iterator[Change]:
    at = datetime.fromisoformat(entry["at"])
    values = {"revoked_at": at, "revoked_seq": event["known_seq"]}
    yield Change(device, "update", {"device_id": UUID(event["device"])}, values)
    yield from _closed(entry, event)


def credential_registered(entry: Document, event: Document) -> Iterator[Change]:
    registered_on = event["device"]
    yield Change(
        credential,
        "insert",
        {"credential_id": event["credential"]},
        {
            "account_id": UUID(event["account"]),
            "method": event["method"],
            "algorithm": event["algorithm"],
            "public_key": unbase64(event["public_key"]),
            "site": event["site"],
            "origin": event["origin"],
            "backed_up": event["backed_up"],
            "device_id": None if registered_on is None else UUID(registered_on),
            "label": event["label"],
            "registered_at": datetime.fromisoformat(entry["at"]),
            "revoked_at": None,
        },
    )


def credential_revoked(entry: Document, event: Document) -> Iterator[Change]:
    values = {"revoked_at": datetime.fromisoformat(entry["at"])}
    yield Change(credential, "update", {"credential_id": event["credential"]}, values)


def lease_opened(entry: Document, event: Document) -> Iterator[Change]:
    yield Change(
        lease,
        "insert",
        {"lease_id": UUID(event["lease"])},
        {
            "device_id": UUID(event["device"]),
            "account_id": UUID(event["account"]),
            "epoch": event.get("epoch", 1),
            "opened_at": datetime.fromisoformat(entry["at"]),
            "ends_at": datetime.fromisoformat(event["ends_at"]),
        },
    )


def answered(entry: Document, event: Document) -> Iterator[Change]:
    """What became of an envelope; a later answer stands beside one that was not final."""
    yield Change(
        device_answer,
        "insert",
        {"envelope_hash": bytes.fromhex(event["envelope"]), "attempt": event["attempt"]},
        {
            "device_id": UUID(event["device"]),
            "outcome": event["outcome"],
            "reason": event.get("reason"),
            "final": event["final"],
            "answered_at": datetime.fromisoformat(entry["at"]),
            "result": canonical_bytes(event.get("result", {})),
        },
    )
