"""The one door: each command is one transaction with one commit, kept whole or not at all.

The way of a command: was it answered before? then the first answer again → slow work that needs no
lock (passwords, compiling) → transaction: authorisation, carry out, append to the trail, project,
keep the answer → one commit. A refusal rolls back and is kept as the answer; an unexpected failure
rolls back, records an incident and answers with its id.
"""

import hashlib
import logging
import sqlite3
import traceback
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from engine import authorisation
from engine.actors import AccountState, Actor
from engine.clock import Clock
from engine.commands.base import Command, CommandRegistry, Known
from engine.commands.context import CommandContext, Resources, Signing
from engine.configuration.documents import ConfigurationCache, Documents
from engine.outcomes import (
    Accepted,
    ActorChanged,
    ConcurrentChange,
    FieldProblem,
    Outcome,
    Reason,
    Rejected,
    Rejection,
)
from engine.store.base import AnyRow
from engine.store.database import Database
from engine.store.tables import account, audit_entry, tenant
from engine.store.tables import command as command_table
from engine.store.writes import Writes

logger = logging.getLogger(__name__)

_EARLIER = (
    select(
        tenant.c.configuration_revision,
        command_table.c.digest,
        command_table.c.outcome,
        account.c.session_epoch,
        account.c.active,
        account.c.roles,
        account.c.failed_signatures,
        account.c.signing_locked_at,
    )
    .select_from(
        tenant.outerjoin(
            command_table,
            (command_table.c.tenant_id == tenant.c.tenant_id)
            & (command_table.c.command_id == bindparam("command_id")),
        ).outerjoin(
            account,
            (account.c.tenant_id == tenant.c.tenant_id)
            & (account.c.account_id == bindparam("account_id")),
        )
    )
    .where(tenant.c.tenant_id == bindparam("tenant_id"))
)
_ATTEMPTS = 4
_SECRETS = frozenset({"password", "new_password"})
_SERIALISATION_FAILURES = frozenset({"40001", "40P01"})
_OUT_OF_REACH = frozenset({"08", "40", "53", "55", "57", "58"})
"""Classes of SQLSTATE that pass: connection, rollback, resources, locks, shutdown, system."""


class TenantUnknown(LookupError):
    """The tenant does not exist; create it first with `countersign init`."""


class Dispatcher:
    """Carries out commands. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        commands: CommandRegistry,
        resources: Resources,
        clock: Clock,
    ) -> None:
        self.database = database
        self.commands = commands
        self.resources = resources
        self.clock = clock
        self._configuration = ConfigurationCache()

    def dispatch(self, command: Command, actor: Actor) -> Outcome:
        """Carry out a command, or give the answer that its id was given before.

        Raises only when the database cannot be reached, others were faster each time
        (ConcurrentChange), or the actor is not what the account says by now (ActorChanged): then
        nothing happened and the same command may be sent again.
        """
        known = self.commands.of(command)
        digest = _digest(command, actor)
        try:
            prepared: Any = None
            if known.prepare is not None:
                prepared = known.prepare(Preparation(self, actor), command)
            return self._carry_out(known, command, actor, digest, prepared)
        except Rejection as rejection:
            return self._refuse(rejection, command, actor, digest)
        except (TenantUnknown, ConcurrentChange, ActorChanged):
            raise
        except Exception as failure:
            if isinstance(failure, OperationalError) and _is_out_of_reach(failure):
                raise
            logger.exception("command %s failed", command.command_id)
            return self._raise_incident(failure, command, actor, digest)

    def documents(self, tenant_id: str) -> Documents:
        """Give the configuration documents in force, for reading outside a command."""
        with self.database.reading() as db:
            key = {"tenant_id": tenant_id, "command_id": UUID(int=0), "account_id": None}
            row = db.execute(_EARLIER, key).one_or_none()
            if row is None:
                raise TenantUnknown(tenant_id)
            return self._configuration.documents(db, tenant_id, row.configuration_revision)

    def _carry_out(
        self, known: Known, command: Command, actor: Actor, digest: bytes, prepared: Any
    ) -> Outcome:
        """Carry out in one transaction; again when another writer was faster."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._attempt(known, command, actor, digest, prepared)
            except (ConcurrentChange, DBAPIError) as failure:
                if _is_lost_race(failure) and attempt < _ATTEMPTS:
                    continue
                if _is_taken_place(failure):
                    raise ConcurrentChange from failure
                raise
        raise AssertionError  # the loop always returns or raises

    def _attempt(
        self, known: Known, command: Command, actor: Actor, digest: bytes, prepared: Any
    ) -> Outcome:
        with self.database.transaction() as db:
            found, documents, earlier = self._earlier(db, command, actor, digest)
            if earlier is not None:
                return earlier
            context = self._context(db, command, actor, documents)
            context.signing = Signing(found.failed_signatures, found.signing_locked_at)
            context.prepared = prepared
            permissions = documents.get("permissions", authorisation.BEFORE_PERMISSIONS)
            authorisation.require(permissions, known.name, actor)
            result = known.carry_out(context, command)
            context.append()
            answer = Accepted(command_id=command.command_id, result=result)
            _keep(context.writes, actor.tenant_id, digest, answer)
            context.writes.flush(db)
            db.commit()
            return answer

    def _earlier(
        self, db: Connection, command: Command, actor: Actor, digest: bytes
    ) -> tuple[AnyRow, Documents, Outcome | None]:
        key = {
            "tenant_id": actor.tenant_id,
            "command_id": command.command_id,
            "account_id": actor.account_id,
        }
        row = db.execute(_EARLIER, key).one_or_none()
        if row is None:
            raise TenantUnknown(actor.tenant_id)
        if actor.state is not None and actor.state != _state_of(row):
            raise ActorChanged
        revision = row.configuration_revision
        documents = self._configuration.documents(db, actor.tenant_id, revision)
        if row.outcome is None:
            return row, documents, None
        if row.digest != digest:
            return row, documents, _reused(command)
        return row, documents, _read_outcome(command.command_id, row.outcome)

    def _context(
        self, db: Connection, command: Command, actor: Actor, documents: Documents
    ) -> CommandContext:
        return CommandContext(
            db=db,
            actor=actor,
            command=command,
            at=self.clock(),
            documents=documents,
            resources=self.resources,
        )

    def _refuse(
        self, rejection: Rejection, command: Command, actor: Actor, digest: bytes
    ) -> Outcome:
        answer = Rejected(
            command_id=command.command_id,
            reason=rejection.reason,
            message=rejection.message,
            expected=rejection.expected,
            found=rejection.found,
            errors=rejection.errors,
        )
        return self._keep_refusal(answer, rejection.consequence, command, actor, digest)

    def _raise_incident(
        self, failure: Exception, command: Command, actor: Actor, digest: bytes
    ) -> Outcome:
        incident_id = self.resources.new_id()
        event = {
            "event": "incident.raised",
            "incident": str(incident_id),
            "process_instance": _instance_of(command),
            "error": _describe(failure),
        }
        answer = Rejected(
            command_id=command.command_id,
            reason=Reason.INCIDENT,
            message={
                "en": f"Something went wrong; nothing was changed. Incident {incident_id} "
                "was recorded. Tell your administrator this number.",
                "zh": "发生意外错误，未作任何更改。"
                f"已记录事件 {incident_id}，请将此编号告知管理员。",
            },
            incident_id=incident_id,
        )

        def consequence(context: CommandContext) -> None:
            context.record("incidents", event)

        return self._keep_refusal(answer, consequence, command, actor, digest)

    def _keep_refusal(
        self, answer: Rejected, consequence: Any, command: Command, actor: Actor, digest: bytes
    ) -> Outcome:
        """Keep a refusal as the answer of its command, with what it leaves on the record."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self.database.transaction() as db:
                    _, documents, earlier = self._earlier(db, command, actor, digest)
                    if earlier is not None:
                        return earlier
                    context = self._context(db, command, actor, documents)
                    if consequence is not None:
                        consequence(context)
                        context.append()
                    _keep(context.writes, actor.tenant_id, digest, answer)
                    context.writes.flush(db)
                    db.commit()
            except (ConcurrentChange, DBAPIError) as failure:
                if _is_lost_race(failure) and attempt < _ATTEMPTS:
                    continue
                if _is_taken_place(failure):
                    raise ConcurrentChange from failure
                raise
            else:
                return answer
        raise AssertionError  # the loop always returns or raises


class Preparation:
    """What slow work before the transaction may use. It changes nothing, and what it finds is
    looked at again inside the transaction where that matters."""

    def __init__(self, dispatcher: Dispatcher, actor: Actor) -> None:
        self._dispatcher = dispatcher
        self.actor = actor
        self.database = dispatcher.database
        self.resources = dispatcher.resources
        self.at = dispatcher.clock()

    @property
    def documents(self) -> Documents:
        """The configuration documents in force."""
        return self._dispatcher.documents(self.actor.tenant_id)


def _state_of(row: AnyRow) -> AccountState:
    return AccountState(
        session_epoch=row.session_epoch,
        active=row.active,
        roles=row.roles,
        failed_signatures=row.failed_signatures,
        signing_locked_at=row.signing_locked_at,
    )


def _is_lost_race(failure: BaseException) -> bool:
    """Tell a conflict with another writer, which a new attempt resolves, from a fault."""
    if isinstance(failure, ConcurrentChange | IntegrityError):
        return True
    state = getattr(getattr(failure, "orig", None), "sqlstate", None)
    return state in _SERIALISATION_FAILURES


def _is_out_of_reach(failure: OperationalError) -> bool:
    """Tell a database that does not answer for now from a statement that it cannot carry out.

    The drivers give both the same class: SQLite also to an unknown column or bad syntax
    (SQLITE_ERROR), PostgreSQL also to what exceeds its limits (class 54).
    """
    code: int | None = getattr(failure.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF != sqlite3.SQLITE_ERROR  # the low byte is the kind of error
    state: str | None = getattr(failure.orig, "sqlstate", None)
    return state is None or state[:2] in _OUT_OF_REACH


def _is_taken_place(failure: BaseException) -> bool:
    """Tell that another writer took the place in a chain: PostgreSQL may find that first."""
    found = getattr(getattr(failure, "orig", None), "diag", None)
    return getattr(found, "constraint_name", None) == audit_entry.primary_key.name


def _digest(command: Command, actor: Actor) -> bytes:
    """Fingerprint what was asked and by whom; secrets are left out, they are not kept anywhere."""
    asked = {name: value for name, value in _asked(command).items() if name != "command_id"}
    written = msgspec.json.encode([type(command).__name__, actor.username, asked], order="sorted")
    return hashlib.sha256(written).digest()[:16]


def _asked(value: Any) -> dict[str, Any]:
    """List the fields of a command, and of what it is made of, without secrets and raw bytes."""
    asked: dict[str, Any] = {}
    for field in fields(value):
        if field.name in _SECRETS:
            continue
        item = getattr(value, field.name)
        if hasattr(item, "__dataclass_fields__"):
            item = _asked(item)
        elif isinstance(item, bytes):
            item = hashlib.sha256(item).hexdigest()
        elif isinstance(item, Mapping) and any(isinstance(v, bytes) for v in item.values()):
            item = {k: hashlib.sha256(v).hexdigest() for k, v in item.items()}
        asked[field.name] = item
    return asked


def _instance_of(command: Command) -> str | None:
    for name in ("process_instance_id", "work_item_id"):
        value = getattr(command, name, None)
        if value is not None:
            return str(value).split(".", 1)[0]
    return None


def _describe(failure: Exception) -> str:
    """Say what failed and where, without values: the record is read by many.

    What a database says of a failure holds its statement and the values: only its code is kept.
    """
    last = traceback.extract_tb(failure.__traceback__)[-1:]
    place = f" at {last[0].name}:{last[0].lineno}" if last else ""
    said = str(failure)[:300]
    if isinstance(failure, DBAPIError):
        code = getattr(failure.orig, "sqlstate", None)
        said = str(code or getattr(failure.orig, "sqlite_errorname", None) or "")
    return f"{type(failure).__name__}{place}: {said}"


def _reused(command: Command) -> Rejected:
    return Rejected(
        command_id=command.command_id,
        reason=Reason.ID_REUSED,
        message={
            "en": "This command id was used for something else. Send the command with a new id.",
            "zh": "该命令编号已用于其他操作，请使用新的编号重新发送。",
        },
    )


def _keep(writes: Writes, tenant_id: str, digest: bytes, answer: Outcome) -> None:
    key = {"tenant_id": tenant_id, "command_id": answer.command_id}
    row = {"digest": digest, "outcome": _write_outcome(answer)}
    writes.add(command_table, "insert", key, row)


def _write_outcome(answer: Outcome) -> bytes:
    match answer:
        case Accepted():
            return msgspec.msgpack.encode(answer.result)
        case Rejected():
            refused = {
                "reason": answer.reason.value,
                "message": dict(answer.message),
                "expected": answer.expected,
                "found": answer.found,
                "errors": [[e.path, e.code, dict(e.message)] for e in answer.errors],
                "incident_id": None if answer.incident_id is None else str(answer.incident_id),
            }
            return msgspec.msgpack.encode({"": refused})


def _read_outcome(command_id: UUID, written: bytes) -> Outcome:
    read = msgspec.msgpack.decode(written)
    refused = read.get("")
    if refused is None:
        return Accepted(command_id=command_id, result=read)
    incident = refused["incident_id"]
    return Rejected(
        command_id=command_id,
        reason=Reason(refused["reason"]),
        message=refused["message"],
        expected=refused["expected"],
        found=refused["found"],
        errors=tuple(FieldProblem(path=p, code=c, message=m) for p, c, m in refused["errors"]),
        incident_id=None if incident is None else UUID(incident),
    )
