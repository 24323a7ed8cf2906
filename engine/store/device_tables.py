"""The tables of what devices hand in: devices and their keys, what people sign with, leases, the
envelopes as they were received, and what was answered to each.

Devices, keys, credentials, leases and answers are *projections* of the trail. `device_envelope` is
the evidence itself: append-only, the bytes as they came. `device_chain` says how far the history of
a device is known here; it can be counted again from the envelopes.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    select,
    text,
)

from engine.store.base import Id, Instant, metadata
from engine.store.tables import COMPACT


def _tenant() -> Column[str]:
    return Column("tenant_id", Text, primary_key=True)


device = Table(  # projection
    "device",
    metadata,
    _tenant(),
    Column("device_id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("epoch", Integer, nullable=False),  # the one in force
    Column("enrolled_at", Instant, nullable=False),
    Column("enrolled_by", Id, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_seq", Integer),  # what was known of its history when it was revoked
    CheckConstraint("(revoked_at IS NULL) = (revoked_seq IS NULL)", name="revoked"),
)

device_key = Table(  # projection
    "device_key",
    metadata,
    _tenant(),
    Column("device_id", Id, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("genesis", LargeBinary(32), nullable=False),
    Column("enrolled_at", Instant, nullable=False),
    Column("enrolled_by", Id, nullable=False),
    Column("closed_at", Instant),  # from then on only the history that ends as below is taken in
    Column("closed_seq", Integer),
    Column("closed_head", LargeBinary(32)),
    CheckConstraint("epoch > 0", name="epoch"),
)

device_chain = Table(
    "device_chain",
    metadata,
    _tenant(),
    Column("device_id", Id, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("received_seq", Integer, nullable=False),
    Column("received_head", LargeBinary(32), nullable=False),
    Column("known_seq", Integer, nullable=False),  # how far the device said that it had written
    Column("heard_at", Instant),
    Column("told", LargeBinary),  # what the device said of itself the last time, JSON
    CheckConstraint("known_seq >= received_seq", name="known"),
    **COMPACT,
)

credential = Table(  # projection
    "credential",
    metadata,
    _tenant(),
    Column("credential_id", Text, primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("method", Text, nullable=False),
    Column("algorithm", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("site", Text),
    Column("origin", Text),
    Column("backed_up", Boolean),  # whether a passkey may leave its device, where that is known
    Column("device_id", Id),
    Column("label", Text, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    CheckConstraint("method IN ('passkey', 'key')", name="method"),
    Index("ix_credential_account", "tenant_id", "account_id"),
)

lease = Table(  # projection
    "lease",
    metadata,
    _tenant(),
    Column("lease_id", Id, primary_key=True),
    Column("device_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="1"),
    Column("opened_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    CheckConstraint("ends_at > opened_at", name="period"),
    Index("ix_lease_device", "tenant_id", "device_id", "ends_at"),
    **COMPACT,
)

device_envelope = Table(
    "device_envelope",
    metadata,
    _tenant(),
    Column("envelope_hash", LargeBinary(32), primary_key=True),
    Column("command_id", Id, nullable=False),
    Column("device_id", Id, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("intake", Text, nullable=False),
    Column("process_instance_id", Id, nullable=False),
    Column("actor", Text, nullable=False),
    Column("lease_id", Id),
    Column("envelope", LargeBinary, nullable=False),  # the bytes as they came, zlib
    Column("signature", LargeBinary, nullable=False),  # the device's
    Column("received_at", Instant, nullable=False),
    CheckConstraint("intake IN ('stored', 'fork', 'id_reuse', 'revoked')", name="intake"),
    CheckConstraint("seq > 0", name="seq"),
)
_stored = text("intake = 'stored'")
Index(
    "ix_device_envelope_chain",
    device_envelope.c.tenant_id,
    device_envelope.c.device_id,
    device_envelope.c.epoch,
    device_envelope.c.seq,
    unique=True,
    sqlite_where=_stored,
    postgresql_where=_stored,
)
Index("ix_device_envelope_command", device_envelope.c.tenant_id, device_envelope.c.command_id)

device_answer = Table(  # projection
    "device_answer",
    metadata,
    _tenant(),
    Column("envelope_hash", LargeBinary(32), primary_key=True),
    Column("attempt", Integer, primary_key=True),  # the last one counts
    Column("device_id", Id, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("final", Boolean, nullable=False),
    Column("answered_at", Instant, nullable=False),
    Column("result", LargeBinary, nullable=False),  # JSON: message, result, conflict
    CheckConstraint(
        "outcome IN ('accepted', 'merged', 'flagged', 'superseded', 'refused', 'parked', 'held', "
        "'quarantined')",
        name="outcome",
    ),
)
_later = device_answer.alias("later")
IS_LAST_ANSWER = (
    device_answer.c.attempt
    == select(func.max(_later.c.attempt))
    .where(_later.c.tenant_id == device_answer.c.tenant_id)
    .where(_later.c.envelope_hash == device_answer.c.envelope_hash)
    .correlate(device_answer)
    .scalar_subquery()
)
ANSWERED = device_envelope.outerjoin(
    device_answer,
    (device_answer.c.tenant_id == device_envelope.c.tenant_id)
    & (device_answer.c.envelope_hash == device_envelope.c.envelope_hash)
    & IS_LAST_ANSWER,
)
"""Envelopes, each with its last answer where it has one.

Answers are only added: which came last does not hang on the order in which chains are read."""

device_pending = Table(  # what waits for its decision, so that nobody looks through all there was
    "device_pending",
    metadata,
    _tenant(),
    Column("envelope_hash", LargeBinary(32), primary_key=True),
    Column("device_id", Id, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index("ix_device_pending_due_at", "due_at"),
    Index("ix_device_pending_device", "tenant_id", "device_id"),
    **COMPACT,
)

device_dead_letter = Table(  # what was no envelope: kept to be looked at, the newest only
    "device_dead_letter",
    metadata,
    _tenant(),
    Column("letter_id", Id, primary_key=True),
    Column("received_at", Instant, nullable=False),
    Column("device_id", Id),
    Column("fault", Text, nullable=False),
    Column("text", LargeBinary, nullable=False),
    **COMPACT,
)

APPEND_ONLY = ["device_envelope"]
