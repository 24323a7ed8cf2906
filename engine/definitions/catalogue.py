"""Definitions by hash and by process id; what is immutable is kept in memory, by hash."""

import hashlib
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from engine.definitions.model import CompiledDefinition
from engine.store.tables import content, definition_file, process_definition
from forms import Form, load_form

_Kept = TypeVar("_Kept")


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a deployment: the definition, and the version of each process it calls."""

    definition: CompiledDefinition
    called: dict[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A definition as it was deployed; `called` gives the hash of each process it calls."""

    definition: CompiledDefinition
    version: int
    called: Mapping[str, str]
    active: bool

    @property
    def label(self) -> str:
        """Name the version the way people do: incoming_inspection@3."""
        return f"{self.definition.process_id}@{self.version}"


_ROW = select(
    process_definition.c.definition_hash,
    process_definition.c.version,
    process_definition.c.status,
    process_definition.c.compiled,
).where(process_definition.c.tenant_id == bindparam("tenant_id"))
_BY_HASH = _ROW.where(process_definition.c.definition_hash == bindparam("definition_hash"))
_ACTIVE = _ROW.where(process_definition.c.status == "active").order_by(
    process_definition.c.process_id
)
_ACTIVE_HASHES = select(
    process_definition.c.process_id, process_definition.c.definition_hash
).where(
    process_definition.c.tenant_id == bindparam("tenant_id"),
    process_definition.c.status == "active",
)
_LAST_VERSION = (
    select(process_definition.c.version)
    .where(process_definition.c.tenant_id == bindparam("tenant_id"))
    .where(process_definition.c.process_id == bindparam("process_id"))
    .order_by(process_definition.c.version.desc())
    .limit(1)
)
_RETIRE = (
    update(process_definition)
    .where(process_definition.c.tenant_id == bindparam("key_tenant_id"))
    .where(process_definition.c.process_id == bindparam("key_process_id"))
    .where(process_definition.c.status == "active")
    .values(status="retired")
)
_ACTIVATE = (
    update(process_definition)
    .where(process_definition.c.tenant_id == bindparam("key_tenant_id"))
    .where(process_definition.c.definition_hash == bindparam("key_definition_hash"))
    .values(status="active")
)
_INSERT = insert(process_definition)
_INSERT_FILE = insert(definition_file)
_FILE = (
    select(content.c.data)
    .join(
        definition_file,
        (definition_file.c.tenant_id == content.c.tenant_id)
        & (definition_file.c.content_hash == content.c.content_hash),
    )
    .where(content.c.tenant_id == bindparam("tenant_id"))
    .where(definition_file.c.definition_hash == bindparam("definition_hash"))
    .where(definition_file.c.path == bindparam("path"))
)
_CONTENT = (
    select(content.c.data)
    .where(content.c.tenant_id == bindparam("tenant_id"))
    .where(content.c.content_hash == bindparam("content_hash"))
)


class Catalogue:
    """The definitions of all tenants. What a hash names never changes, so keeping it is safe."""

    def __init__(self, *, kept: int = 256) -> None:
        self._definitions: _Keep[Deployed] = _Keep(kept)
        self._forms: _Keep[Form] = _Keep(kept)

    def deployed(self, db: Connection, tenant_id: str, definition_hash: bytes) -> Deployed:
        """Give a deployed definition by its hash; LookupError when it was never deployed."""

        def read() -> Deployed:
            key = {"tenant_id": tenant_id, "definition_hash": definition_hash}
            row = db.execute(_BY_HASH, key).one_or_none()
            if row is None:
                message = f"no definition {definition_hash.hex()} is deployed"
                raise LookupError(message)
            return _deployed(row)

        return self._definitions.get((tenant_id, definition_hash), read)

    def active(self, db: Connection, tenant_id: str) -> list[Deployed]:
        """Give the definition in force of every process, by process id."""
        hashes = db.execute(_ACTIVE_HASHES.order_by("process_id"), {"tenant_id": tenant_id}).all()
        return [self.deployed(db, tenant_id, row.definition_hash) for row in hashes]

    def active_of(self, db: Connection, tenant_id: str, process_id: str) -> Deployed | None:
        """Give the definition of one process in force, or None."""
        for row in db.execute(_ACTIVE_HASHES, {"tenant_id": tenant_id}):
            if row.process_id == process_id:
                return self.deployed(db, tenant_id, row.definition_hash)
        return None

    def started_by_message(self, db: Connection, tenant_id: str, name: str) -> list[Deployed]:
        """Give the definitions in force that a message of this name starts."""
        return [d for d in self.active(db, tenant_id) if name in d.definition.start_messages]

    def form(self, db: Connection, tenant_id: str, form_hash: str) -> Form:
        """Give a form by the hash of its file; LookupError when nobody deployed it."""

        def read() -> Form:
            key = {"tenant_id": tenant_id, "content_hash": bytes.fromhex(form_hash)}
            data = db.execute(_CONTENT, key).scalar_one_or_none()
            if data is None:
                message = f"no form {form_hash} is deployed"
                raise LookupError(message)
            return load_form(data)

        return self._forms.get((tenant_id, form_hash), read)


class _Keep(Generic[_Kept]):
    """A small least-recently-used memory, safe with threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Any, ...], _Kept] = OrderedDict()

    def get(self, key: tuple[Any, ...], read: Callable[[], _Kept]) -> _Kept:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = read()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made


def _deployed(row: Any) -> Deployed:
    stored = msgspec.json.decode(zlib.decompress(row.compiled), type=Stored)
    return Deployed(
        definition=stored.definition,
        version=row.version,
        called=stored.called,
        active=row.status == "active",
    )


def definition_source(
    db: Connection, tenant_id: str, definition_hash: bytes, path: str
) -> bytes | None:
    """Give a file of a deployed package as it was deployed ("process.bpmn")."""
    key = {"tenant_id": tenant_id, "definition_hash": definition_hash, "path": path}
    data: bytes | None = db.execute(_FILE, key).scalar_one_or_none()
    return data


def store_definition(
    db: Connection,
    *,
    tenant_id: str,
    stored: Stored,
    files: Mapping[str, bytes],
    at: Any,
    by: UUID | None,
) -> tuple[int, bytes]:
    """Make a definition the one in force of its process; give its version number, and what is
    stored of it compiled.

    The files must be in the content store already. Deploying what was deployed before brings that
    version into force again.
    """
    definition = stored.definition
    definition_hash = bytes.fromhex(definition.hash)
    key = {"tenant_id": tenant_id, "process_id": definition.process_id}
    db.execute(_RETIRE, {f"key_{name}": value for name, value in key.items()})
    known = db.execute(
        _BY_HASH, {"tenant_id": tenant_id, "definition_hash": definition_hash}
    ).one_or_none()
    if known is not None:
        row = {"key_tenant_id": tenant_id, "key_definition_hash": definition_hash}
        db.execute(_ACTIVATE, row)
        return int(known.version), known.compiled
    version = (db.execute(_LAST_VERSION, key).scalar_one_or_none() or 0) + 1
    compiled = zlib.compress(msgspec.json.encode(stored))
    db.execute(
        _INSERT,
        {
            "tenant_id": tenant_id,
            "definition_hash": definition_hash,
            "process_id": definition.process_id,
            "version": version,
            "status": "active",
            "compiled": compiled,
            "deployed_at": at,
            "deployed_by": by,
        },
    )
    rows = [
        {
            "tenant_id": tenant_id,
            "definition_hash": definition_hash,
            "path": path,
            "content_hash": content_hash,
        }
        for path, content_hash in files.items()
    ]
    db.execute(_INSERT_FILE, rows)
    return version, compiled


def compiled_hash(compiled: bytes) -> str:
    """Give the SHA-256 of a compiled definition as it is stored, before compression."""
    try:
        return hashlib.sha256(zlib.decompress(compiled)).hexdigest()
    except zlib.error:
        return ""
