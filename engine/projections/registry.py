"""Which event changes which read model; an event that is not listed changes none."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.projections import attachments, devices, incidents, waiting, worklist
from engine.projections.changes import Change
from engine.store import device_tables, tables

Project = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[Change]]

PROJECTIONS: Mapping[str, Project] = {
    "work_item.opened": worklist.opened,
    "work_item.claimed": worklist.claimed,
    "work_item.released": worklist.released,
    "work_item.completed": worklist.completed,
    "work_item.cancelled": worklist.cancelled,
    "work_item.reminded": worklist.noticed,
    "work_item.escalated": worklist.noticed,
    "signature.made": worklist.signed,
    "timer.set": waiting.timer_set,
    "timer.moved": waiting.timer_moved,
    "timer.held": waiting.timer_held,
    "timer.cleared": waiting.timer_cleared,
    "subscription.opened": waiting.subscription_opened,
    "subscription.closed": waiting.subscription_closed,
    "incident.raised": incidents.raised,
    "incident.resolved": incidents.resolved,
    "delivery.failed": incidents.delivery_failed,
    "delivery.retry_asked": incidents.retry_asked,
    "device.enrolled": devices.enrolled,
    "device.revoked": devices.revoked,
    "credential.registered": devices.credential_registered,
    "credential.revoked": devices.credential_revoked,
    "lease.opened": devices.lease_opened,
    "device_command.answered": devices.answered,
}

PROJECTED_TABLES = (
    tables.work_item,
    tables.case_file,
    tables.signature,
    tables.timer,
    tables.subscription,
    tables.incident,
    device_tables.device,
    device_tables.device_key,
    device_tables.credential,
    device_tables.lease,
    device_tables.device_answer,
)


def changes_of(entry: Mapping[str, Any]) -> Iterator[Change]:
    """Give what an entry of the trail means for all read models, in order."""
    for event in entry["events"]:
        project = PROJECTIONS.get(event["event"])
        if project is not None:
            yield from project(entry, event)
    yield from attachments.named(entry)
