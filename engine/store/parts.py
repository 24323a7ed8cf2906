"""Parts of files that are on their way, by the hash of the whole and of the part."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from engine.store.tables import content_part

_OF_WHOLE = (content_part.c.tenant_id == bindparam("tenant_id")) & (
    content_part.c.content_hash == bindparam("content_hash")
)
_THERE = select(content_part.c.part_hash).where(_OF_WHOLE)
_READ = select(content_part.c.part_hash, content_part.c.data).where(_OF_WHOLE)
_INSERT = insert(content_part)
_DELETE = delete(content_part).where(_OF_WHOLE)
_DELETE_OLD = delete(content_part).where(
    content_part.c.tenant_id == bindparam("tenant_id"),
    content_part.c.sent_at < bindparam("before"),
)
_SIZE_BY = select(func.coalesce(func.sum(content_part.c.size), 0)).where(
    content_part.c.tenant_id == bindparam("tenant_id"),
    content_part.c.sent_by == bindparam("sent_by"),
)


def there(db: Connection, tenant_id: str, whole: bytes) -> frozenset[bytes]:
    """Give the hashes of the parts that have arrived."""
    key = {"tenant_id": tenant_id, "content_hash": whole}
    return frozenset(db.execute(_THERE, key).scalars())


def keep(
    db: Connection,
    tenant_id: str,
    whole: bytes,
    part: bytes,
    data: bytes,
    *,
    at: datetime,
    by: UUID | None,
) -> None:
    """Keep a part that has not arrived before."""
    row = {"tenant_id": tenant_id, "content_hash": whole, "part_hash": part, "size": len(data)}
    db.execute(_INSERT, {**row, "data": data, "sent_at": at, "sent_by": by})


def read(db: Connection, tenant_id: str, whole: bytes) -> dict[bytes, bytes]:
    """Give the parts that have arrived, by their hashes."""
    key = {"tenant_id": tenant_id, "content_hash": whole}
    return {row.part_hash: row.data for row in db.execute(_READ, key)}


def forget(db: Connection, tenant_id: str, whole: bytes) -> None:
    """Throw the parts of a file away."""
    db.execute(_DELETE, {"tenant_id": tenant_id, "content_hash": whole})


def forget_old(db: Connection, tenant_id: str, before: datetime) -> None:
    """Throw away what never became whole."""
    db.execute(_DELETE_OLD, {"tenant_id": tenant_id, "before": before})


def size_by(db: Connection, tenant_id: str, account_id: UUID | None) -> int:
    """Give how many bytes of unfinished files a person has sent."""
    found = db.execute(_SIZE_BY, {"tenant_id": tenant_id, "sent_by": account_id}).scalar_one()
    return int(found)
