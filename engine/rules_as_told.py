"""Whether what the trail tells kept two rules that no table shows: each step that its definition
wants signed was signed in the same entry, and each instance was started by the version in force.
"""

import zlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection

from engine.definitions.catalogue import Catalogue
from engine.definitions.model import Activity
from engine.registers_as_told import Differ

UNDER_WAY = timedelta(minutes=1)
"""A start that had begun when a deployment was committed may still go by the version before."""


@dataclass(slots=True)
class RulesAsTold:
    """Follows the entries of a tenant in whatever order its chains are walked."""

    db: Connection
    tenant_id: str
    differ: Differ
    _catalogue: Catalogue = field(default_factory=Catalogue)
    _deployed: dict[str, list[tuple[datetime, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _started: list[tuple[str, str, datetime, str]] = field(default_factory=list)

    def follow(self, document: Mapping[str, Any]) -> None:
        """Take up what an entry tells. Raises LookupError where a part is missing."""
        at = datetime.fromisoformat(document["at"])
        for event in document["events"]:
            match event["event"]:
                case "work_item.completed":
                    self._completed(document, event)
                case "definition.deployed":
                    self._deployed[event["process"]].append((at, event["definition"]))
                case "process_instance.started":
                    # On a device it was begun by what was in force when it was heard of last.
                    told = event.get("performed", {}).get("not_before", document["at"])
                    begun = datetime.fromisoformat(told)
                    started = event["process"], event["definition"], begun, document["stream"]
                    self._started.append(started)
                case _:
                    pass

    def compare(self) -> None:
        """Say which instances were begun by a version that was not in force (INV-15)."""
        for process, definition, at, stream in self._started:
            if definition not in _in_force(sorted(self._deployed[process]), at):
                self.differ(
                    "instance.version",
                    stream,
                    "The instance was started by a version of the process that was not in force.",
                    "该流程实例启动时所用的流程版本并非当时的有效版本。",
                )

    def _completed(self, document: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Say which step lacks the signature that its definition asks for (INV-17)."""
        activity = self._activity(event["definition"], event["activity"])
        if activity is None or activity.signature is None:
            return
        made = [e["meaning"] for e in document["events"] if e["event"] == "signature.made"]
        if activity.signature not in made:
            wanted, english = activity.signature, activity.names.get("en", activity.id)
            chinese = activity.names.get("zh", english)
            self.differ(
                "signature.missing",
                document["stream"],
                f"“{english}” is signed as {wanted}, and was completed without that.",
                f"步骤“{chinese}”须以“{wanted}”签名，但完成时没有签名。",
            )

    def _activity(self, definition: str, activity_id: str) -> Activity | None:
        """Give the step as it was deployed; None where that cannot be read, which others tell."""
        try:
            deployed = self._catalogue.deployed(self.db, self.tenant_id, bytes.fromhex(definition))
        except (LookupError, zlib.error, msgspec.MsgspecError):
            return None
        return deployed.definition.activities.get(activity_id)


def _in_force(deployed: list[tuple[datetime, str]], at: datetime) -> set[str]:
    """Give the versions that were in force at a time, or until shortly before it."""
    found: set[str] = set()
    for since, definition in reversed(deployed):
        if since > at:
            continue
        found.add(definition)
        if since < at - UNDER_WAY:
            break
    return found
