"""Append to the audit trail, and read it back."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from engine.audit.entries import SealedEntry
from engine.store.tables import audit_entry
from engine.store.writes import Writes

_OF_STREAM = (
    select(audit_entry.c.seq, audit_entry.c.hash, audit_entry.c.body)
    .where(audit_entry.c.tenant_id == bindparam("tenant_id"))
    .where(audit_entry.c.stream_id == bindparam("stream_id"))
    .where(audit_entry.c.seq > bindparam("after"))
    .order_by(audit_entry.c.seq)
    .limit(bindparam("count"))
)
_STREAMS = (
    select(audit_entry.c.stream_id)
    .where(audit_entry.c.tenant_id == bindparam("tenant_id"))
    .where(audit_entry.c.seq == 1)
    .where(audit_entry.c.stream_id > bindparam("after"))
    .order_by(audit_entry.c.stream_id)
    .limit(bindparam("count"))
)
_PAGE = 500


def append(writes: Writes, tenant_id: str, entries: Iterable[SealedEntry]) -> None:
    """Add sealed entries to what a command writes at its end; the database refuses a place in a
    stream that is taken."""
    for entry in entries:
        key = {"tenant_id": tenant_id, "stream_id": entry.stream_id, "seq": entry.seq}
        writes.add(audit_entry, "insert", key, {"hash": entry.hash, "body": entry.body})


def entries_of(
    db: Connection, tenant_id: str, stream_id: UUID, *, after: int = 0
) -> Iterator[SealedEntry]:
    """Read the entries of one stream in order, page by page."""
    while True:
        key = {"tenant_id": tenant_id, "stream_id": stream_id, "after": after, "count": _PAGE}
        page = db.execute(_OF_STREAM, key).all()
        for seq, entry_hash, body in page:
            yield SealedEntry(stream_id, seq, entry_hash, body)
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def streams_of(db: Connection, tenant_id: str) -> Iterator[UUID]:
    """Name every stream of a tenant, page by page."""
    after = UUID(int=0)
    while True:
        key = {"tenant_id": tenant_id, "after": after, "count": _PAGE}
        page = [row[0] for row in db.execute(_STREAMS, key)]
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1]
