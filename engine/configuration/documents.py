"""Read and write configuration documents; every change is a new version with author and reason.

A process keeps what it has read, by tenant and revision: the tenant's revision is read with every
command, so a document in memory is never stale.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, and_, bindparam, func, insert, select, update

from engine.store.tables import configuration, tenant

_LATEST = (
    select(configuration.c.key, func.max(configuration.c.version).label("version"))
    .where(configuration.c.tenant_id == bindparam("tenant_id"))
    .group_by(configuration.c.key)
    .subquery()
)
_IN_FORCE = select(configuration.c.key, configuration.c.version, configuration.c.document).join(
    _LATEST,
    and_(
        configuration.c.tenant_id == bindparam("tenant_id"),
        configuration.c.key == _LATEST.c.key,
        configuration.c.version == _LATEST.c.version,
    ),
)
_VERSIONS = (
    select(configuration.c.document)
    .where(configuration.c.tenant_id == bindparam("tenant_id"))
    .where(configuration.c.key == bindparam("key"))
    .order_by(configuration.c.version.desc())
)
_INSERT = insert(configuration)
_RAISE_REVISION = (
    update(tenant)
    .where(tenant.c.tenant_id == bindparam("key_tenant_id"))
    .values(configuration_revision=tenant.c.configuration_revision + 1)
)

Documents = Mapping[str, Any]
_KEPT = 64


class ConfigurationCache:
    """The documents in force, by tenant and revision."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], Documents] = OrderedDict()

    def documents(self, db: Connection, tenant_id: str, revision: int) -> Documents:
        """Give every document in force at `revision`, reading the database at most once."""
        key = (tenant_id, revision)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        read = read_documents(db, tenant_id)
        with self._lock:
            self._kept[key] = read
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return read


def read_documents(db: Connection, tenant_id: str) -> Documents:
    """Read every document in force from the database."""
    rows = db.execute(_IN_FORCE, {"tenant_id": tenant_id})
    return {key: orjson.loads(document) for key, _version, document in rows}


def versions(db: Connection, tenant_id: str, key: str) -> list[Any]:
    """Give all versions that a document ever had, the newest first."""
    rows = db.execute(_VERSIONS, {"tenant_id": tenant_id, "key": key})
    return [orjson.loads(row.document) for row in rows]


def digests(db: Connection, tenant_id: str) -> dict[str, str]:
    """Give the SHA-256 of every document in force, in hexadecimal digits, by key."""
    rows = db.execute(_IN_FORCE, {"tenant_id": tenant_id})
    return {key: hashlib.sha256(document).hexdigest() for key, _version, document in rows}


def write_document(
    db: Connection,
    *,
    tenant_id: str,
    key: str,
    document: Any,
    at: datetime,
    by: UUID | None,
    reason: str | None,
) -> tuple[int, Any]:
    """Write the next version of a document; give its number and the document it replaces."""
    rows = db.execute(_IN_FORCE, {"tenant_id": tenant_id}).all()
    earlier = next((row for row in rows if row.key == key), None)
    version = 1 if earlier is None else earlier.version + 1
    db.execute(
        _INSERT,
        {
            "tenant_id": tenant_id,
            "key": key,
            "version": version,
            "document": orjson.dumps(document, option=orjson.OPT_SORT_KEYS),
            "changed_at": at,
            "changed_by": by,
            "reason": reason,
        },
    )
    db.execute(_RAISE_REVISION, {"key_tenant_id": tenant_id})
    return version, None if earlier is None else orjson.loads(earlier.document)


def exact(value: Any) -> Any:
    """Write a document's floating numbers as text: a record holds none."""
    match value:
        case float():
            return repr(value)
        case Mapping():
            return {key: exact(item) for key, item in value.items()}
        case list():
            return [exact(item) for item in value]
        case _:
            return value
