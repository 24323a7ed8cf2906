"""Tell everybody that a change order put something in force: the signal `config.deployed`.

It carries the hash of the manifest before and after, so that who keeps one of them (an auditor, a
validation report, another system) can put the two in a row. Sent in the transaction that puts the
thing in force, from wherever that happens: a deployment, or a process that writes a document.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from engine.commands.messages import send
from engine.configuration import manifest

CONFIG_DEPLOYED = "config.deployed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutInForce:
    """What a change order (`change`, its number) put in force: a document by its key, or a package
    by the id of its process, with the version that it became."""

    kind: Literal["configuration", "definition"]
    key: str
    version: int
    change: str


def tell(
    db: Connection,
    *,
    tenant_id: str,
    outbox_id: UUID,
    at: datetime,
    what: PutInForce,
    before: str,
) -> dict[str, Any]:
    """Send the signal; `before` is the manifest's hash from before it was put in force.

    Gives what the record has to say of it: `outbox`, `name`, `correlation`, `payload`.
    """
    return send(
        db,
        tenant_id=tenant_id,
        outbox_id=outbox_id,
        name=CONFIG_DEPLOYED,
        correlation="",
        payload={
            "manifest": {"old": before, "new": manifest.in_force(db, tenant_id)},
            "change": what.change,
            "kind": what.kind,
            "key": what.key,
            "version": what.version,
        },
        at=at,
        kind="signal",
    )
