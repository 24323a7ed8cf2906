"""What a company works by, in one hash: its documents and its processes as they are in force.

Two hashes that differ say that something was put in force between them, and a hash that somebody
else kept (a validation report, another system) says whether what runs here is what was approved.
A decision table and a form are parts of a process's package, so they are in its hash.
"""

import hashlib

from sqlalchemy import Connection, bindparam, select

from engine.canonical import canonical_bytes
from engine.configuration.documents import digests
from engine.store.tables import process_definition

_ACTIVE = (
    select(process_definition.c.process_id, process_definition.c.definition_hash)
    .where(process_definition.c.tenant_id == bindparam("tenant_id"))
    .where(process_definition.c.status == "active")
)


def in_force(db: Connection, tenant_id: str) -> str:
    """Give the SHA-256 of everything in force at this moment, in hexadecimal digits."""
    packages = db.execute(_ACTIVE, {"tenant_id": tenant_id})
    manifest = {
        "configuration": digests(db, tenant_id),
        "definitions": {row.process_id: row.definition_hash.hex() for row in packages},
    }
    return hashlib.sha256(canonical_bytes(manifest)).hexdigest()
