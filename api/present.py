"""How work items, instances, history and stock look on the wire."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.canonical import instant_text
from engine.definitions.catalogue import Deployed
from engine.reading.instances import HistoryEntry
from engine.reading.worklist import WorkItemView
from processes.ledger.balances import Lying
from processes.ledger.distribution.containers import InReach
from processes.ledger.genealogy.overview import LotFacts
from processes.ledger.units import Unit


def time(moment: datetime | None) -> str | None:
    """Write a time, or None."""
    return None if moment is None else instant_text(moment)


def local(instant: str, zone: str) -> datetime:
    """Read an instant of the trail as its author's clock showed it."""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))


def names(given: Mapping[str, str], fallback: str) -> dict[str, str]:
    """Give a name in both languages, with what there is where one is missing."""
    english = given.get("en") or given.get("zh") or fallback
    return {"en": english, "zh": given.get("zh") or english}


def stored(quantity: int, decimals: int) -> str:
    """Write a quantity of the book, a stored integer, as the amount that people see."""
    return format(Decimal(quantity).scaleb(-decimals), "f")


def stock(
    lying: Iterable[Lying], known: Mapping[UUID, LotFacts]
) -> dict[UUID, list[dict[str, str]]]:
    """Give where lots lie and how much there, by lot; a lot of which nothing is left has none."""
    found: dict[UUID, list[dict[str, str]]] = {lot_id: [] for lot_id in known}
    for each in lying:
        of = known[each.lot_id]
        found[each.lot_id].append(
            {
                "location": each.location_code,
                "status": each.status,
                "quantity": stored(each.quantity, of.decimals),
                "unit": of.unit_code,
            }
        )
    return found


def container(each: InReach, unit: Unit) -> dict[str, str]:
    """Give a box that holds some of a lot, and the pallet to look for."""
    return {
        "sscc": each.sscc,
        "outermost": each.outermost,
        "location": each.location_code,
        "lot_number": each.lot_number,
        "status": each.status,
        "quantity": stored(each.quantity, unit.decimals),
        "unit": unit.code,
    }


def work_item(view: WorkItemView) -> dict[str, Any]:
    definition = view.deployed.definition
    return {
        "work_item_id": str(view.work_item_id),
        "revision": view.revision,
        "process_instance_id": str(view.work_item_id.process_instance_id),
        "process_id": definition.process_id,
        "process_names": names(definition.names, definition.process_id),
        "title": view.title,
        "activity_id": view.activity_id,
        "activity_names": names(view.activity.names, view.activity_id),
        "visit": view.visit,
        "item_index": view.item_index,
        "role": view.role,
        "assignee": None
        if view.assignee_id is None
        else {"id": str(view.assignee_id), "name": view.assignee_names or {}},
        "opened_at": time(view.opened_at),
        "due_at": time(view.due_at),
        "priority": view.priority,
        "form_hash": view.activity.form_hash,
        "signature": view.activity.signature,
        "offline": view.activity.offline,
        "has_draft": view.has_draft,
        "definition_hash": view.drawn_in.hash,
        "status": view.status,
    }


def instance(row: Any, deployed: Deployed) -> dict[str, Any]:
    return {
        "process_instance_id": str(row.process_instance_id),
        "process_id": row.process_id,
        "process_names": names(deployed.definition.names, row.process_id),
        "title": row.title,
        "version": deployed.version,
        "definition_hash": deployed.definition.hash,
        "status": row.status,
        "started_at": time(row.started_at),
        "finished_at": time(row.finished_at),
    }


def history_entry(entry: HistoryEntry) -> dict[str, Any]:
    """Give an entry of the trail; a signature carries the record that it was made for."""
    document = entry.document
    events = []
    for event in document["events"]:
        shown = dict(event)
        if event["event"] == "signature.made":
            shown["record"] = entry.record
            shown["at"] = document["at"]
            shown["zone"] = document["zone"]
            shown["signer"] = document["actor"]
        events.append(shown)
    return {**document, "events": events, "hash": entry.hash, "whole": entry.whole}
