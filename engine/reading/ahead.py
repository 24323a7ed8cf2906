"""What a device takes along to go on without the server: machines, states and the forms of both.

Read in one transaction with the work items that it is for, so that they fit one another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from engine.definitions.catalogue import Catalogue, Deployed
from engine.definitions.model import Machine
from engine.definitions.offline_class import Policy, for_devices
from engine.definitions.stretches import stretches_of
from engine.reading.case import state_for_device


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """`machines` by definition hash, `states` by process instance, and the hashes of every form
    that a device may come to."""

    machines: Mapping[str, Machine]
    states: Mapping[str, Mapping[str, Any]]
    forms: frozenset[str]


def ahead_of_the_server(
    db: Connection,
    catalogue: Catalogue,
    tenant_id: str,
    *,
    instances: Mapping[UUID, Deployed],
    startable: Iterable[Deployed],
    policy: Policy,
    at: datetime,
) -> Ahead:
    """Give what devices need of these instances and of the processes that they may start.

    An instance whose diagram leaves nothing to a device has no state: it waits for the server.
    """
    machines = {
        deployed.definition.hash: machine
        for deployed in {d.definition.hash: d for d in (*instances.values(), *startable)}.values()
        if (machine := _machine(db, catalogue, tenant_id, deployed, policy))
    }
    states = {
        str(instance): state
        for instance, deployed in instances.items()
        if deployed.definition.hash in machines
        and (state := state_for_device(db, catalogue, tenant_id, instance, at)) is not None
    }
    return Ahead(machines=machines, states=states, forms=_forms(machines.values()))


def _machine(
    db: Connection, catalogue: Catalogue, tenant_id: str, deployed: Deployed, policy: Policy
) -> Machine:
    definition = deployed.definition
    reads: dict[str, frozenset[str]] = {}
    if definition.stretches is None:  # deployed before there were machines
        for name, form_hash in definition.forms.items():
            reads[name] = catalogue.form(db, tenant_id, form_hash).context_names
    return for_devices(stretches_of(definition, reads), policy)


def _forms(machines: Iterable[Machine]) -> frozenset[str]:
    places = (
        place
        for machine in machines
        for place in (*machine["nodes"].values(), *machine.get("starts", {}).values())
    )
    return frozenset(place["hash"] for place in places if "hash" in place)
