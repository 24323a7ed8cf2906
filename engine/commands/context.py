"""What a command works with, for its length: the transaction, the time, who asks, the record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.actors import Actor
from engine.audit import trail
from engine.audit.entries import GENESIS, SealedEntry, seal
from engine.canonical import record_value
from engine.commands.base import Command
from engine.definitions.catalogue import Catalogue
from engine.devices.server_key import ServerKey
from engine.identifiers import NewId
from engine.projections import changes
from engine.projections.registry import changes_of
from engine.services import ServiceRegistry
from engine.store.tables import register
from engine.store.writes import Writes
from engine.trainings import NoTrainings, Trainings
from engine.working_time import EveryDay, WorkingTime

_REGISTER = (
    select(register.c.stream_id, register.c.audit_seq, register.c.audit_head)
    .where(register.c.tenant_id == bindparam("tenant_id"))
    .where(register.c.name == bindparam("name"))
    .with_for_update()
)
_NEW_REGISTER = insert(register)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What lives longer than a command: caches, handlers, the maker of ids."""

    catalogue: Catalogue
    services: ServiceRegistry
    new_id: NewId
    working_time: WorkingTime = field(default_factory=EveryDay)
    trainings: Trainings = field(default_factory=NoTrainings)
    server_key: ServerKey = field(default_factory=ServerKey.new)


class Stream(Protocol):
    """A chain of the trail that a command adds one entry to."""

    stream_id: UUID
    audit_seq: int
    audit_head: bytes
    events: list[dict[str, Any]]
    role: str | None
    definition: str | None

    def write_head(self, context: "CommandContext", sealed: SealedEntry) -> None:
        """Add the chain's new head to the command's writes, moved on from the one that was read."""
        ...


@dataclass(slots=True, kw_only=True)
class Register:
    """The chain of a subject that is not a process instance: security, definitions, ledger…"""

    stream_id: UUID
    audit_seq: int
    audit_head: bytes
    events: list[dict[str, Any]] = field(default_factory=list)
    role: str | None = None
    definition: str | None = None

    def write_head(self, context: "CommandContext", sealed: SealedEntry) -> None:
        key = {
            "tenant_id": context.tenant_id,
            "stream_id": self.stream_id,
            "audit_seq": self.audit_seq,
        }
        head = {"audit_seq": sealed.seq, "audit_head": sealed.hash}
        context.writes.add(register, "move", key, head)


@dataclass(frozen=True, slots=True)
class Signing:
    """How it stands with the signing of the person who asks, as this transaction found it."""

    failed: int | None = None
    locked_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class CommandContext:
    """Handed to the function that carries out a command.

    `prepared` is what was worked out before the transaction opened. `documents` are the customer's
    configuration documents in force. `performed_at` is when a device did it, where it was done
    before it came here. Nothing here commits.
    """

    db: Connection
    actor: Actor
    command: Command
    at: datetime
    documents: Mapping[str, Any]
    resources: Resources
    prepared: Any = None
    signing: Signing = Signing()
    performed_at: datetime | None = None
    streams: dict[UUID, Stream] = field(default_factory=dict)
    registers: dict[str, Register] = field(default_factory=dict)
    writes: Writes = field(default_factory=Writes)

    @property
    def tenant_id(self) -> str:
        return self.actor.tenant_id

    @property
    def catalogue(self) -> Catalogue:
        return self.resources.catalogue

    @property
    def working_time(self) -> WorkingTime:
        return self.resources.working_time

    def new_id(self) -> UUID:
        return self.resources.new_id()

    def configuration(self, key: str) -> Any:
        """Give a configuration document in force; KeyError names the one that is missing."""
        return self.documents[key]

    def add_stream(self, stream: Stream) -> None:
        """Make a chain part of this command, so that its events are appended at the end."""
        self.streams[stream.stream_id] = stream

    def record(self, register_name: str, event: dict[str, Any]) -> None:
        """Record an event in a register ("security", "definitions", "configuration", …)."""
        self.register(register_name).events.append(record_value(event))

    def register(self, name: str) -> Register:
        """Give the named register, made at its first use."""
        if name in self.registers:
            return self.registers[name]
        key = {"tenant_id": self.tenant_id, "name": name}
        row = self.db.execute(_REGISTER, key).one_or_none()
        if row is None:
            stream_id, seq, head = self.new_id(), 0, GENESIS
            new = {**key, "stream_id": stream_id, "audit_seq": seq, "audit_head": head}
            self.db.execute(_NEW_REGISTER, new)
        else:
            stream_id, seq, head = row
        found = Register(stream_id=stream_id, audit_seq=seq, audit_head=head)
        self.registers[name] = found
        self.add_stream(found)
        return found

    def append(self) -> None:
        """Append one entry for every chain with events, and bring the read models up to date.

        All of it waits in `writes` for the dispatcher, the heads of the chains first: a faster
        writer is noticed there before anything else is written.
        """
        sealed: list[SealedEntry] = []
        projected: list[changes.Change] = []
        for stream in self.streams.values():
            if not stream.events:
                continue
            entry, document = seal(
                actor=self.actor,
                stream_id=stream.stream_id,
                seq=stream.audit_seq + 1,
                previous=stream.audit_head,
                at=self.at,
                command_id=self.command.command_id,
                command_name=type(self.command).__name__,
                device=self.command.device,
                why=self.command.why,
                role=stream.role,
                definition=stream.definition,
                events=stream.events,
            )
            stream.write_head(self, entry)
            sealed.append(entry)
            projected.extend(changes_of(document))
        if sealed:
            trail.append(self.writes, self.tenant_id, sealed)
        changes.write(self.writes, self.tenant_id, projected)
