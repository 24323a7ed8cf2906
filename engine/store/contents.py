"""Bytes by the hash of their content: diagrams, forms, photographs, certificates."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.store.tables import content

_KNOWN = select(content.c.size).where(
    content.c.tenant_id == bindparam("tenant_id"),
    content.c.content_hash == bindparam("content_hash"),
)
_READ = select(content.c.media_type, content.c.data).where(
    content.c.tenant_id == bindparam("tenant_id"),
    content.c.content_hash == bindparam("content_hash"),
)
_INSERT = insert(content)


def content_hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def is_stored(db: Connection, tenant_id: str, digest: bytes) -> bool:
    key = {"tenant_id": tenant_id, "content_hash": digest}
    return db.execute(_KNOWN, key).one_or_none() is not None


def store(
    db: Connection,
    *,
    tenant_id: str,
    data: bytes,
    media_type: str,
    at: datetime,
    by: UUID | None,
) -> bytes:
    """Keep `data` under its SHA-256 and give that; what is kept already is not written again."""
    digest = content_hash(data)
    if not is_stored(db, tenant_id, digest):
        db.execute(
            _INSERT,
            {
                "tenant_id": tenant_id,
                "content_hash": digest,
                "media_type": media_type,
                "size": len(data),
                "data": data,
                "stored_at": at,
                "stored_by": by,
            },
        )
    return digest


def read(db: Connection, tenant_id: str, digest: bytes) -> tuple[str, bytes] | None:
    """Give media type and bytes, or None when nothing is kept under that hash."""
    row = db.execute(_READ, {"tenant_id": tenant_id, "content_hash": digest}).one_or_none()
    return None if row is None else (row.media_type, row.data)
