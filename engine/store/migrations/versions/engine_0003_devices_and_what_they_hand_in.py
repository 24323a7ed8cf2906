"""Devices, and what they hand in."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements

revision = "engine_0003"
down_revision = "engine_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credential",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("backed_up", sa.Boolean(), nullable=True),
        sa.Column("device_id", Id(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.CheckConstraint("method IN ('passkey', 'key')", name=op.f("ck_credential_method")),
        sa.PrimaryKeyConstraint("tenant_id", "credential_id", name=op.f("pk_credential")),
    )
    op.create_index(
        "ix_credential_account", "credential", ["tenant_id", "account_id"], unique=False
    )
    op.create_table(
        "device",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("enrolled_at", Instant(), nullable=False),
        sa.Column("enrolled_by", Id(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_seq IS NULL)", name=op.f("ck_device_revoked")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", name=op.f("pk_device")),
    )
    op.create_table(
        "device_answer",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("envelope_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'merged', 'flagged', 'superseded', 'refused', 'parked', 'held', 'quarantined')",
            name=op.f("ck_device_answer_outcome"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "envelope_hash", "attempt", name=op.f("pk_device_answer")
        ),
    )
    op.create_table(
        "device_chain",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("received_seq", sa.Integer(), nullable=False),
        sa.Column("received_head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("known_seq", sa.Integer(), nullable=False),
        sa.Column("heard_at", Instant(), nullable=True),
        sa.Column("told", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("known_seq >= received_seq", name=op.f("ck_device_chain_known")),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "epoch", name=op.f("pk_device_chain")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "device_dead_letter",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("letter_id", Id(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("device_id", Id(), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "letter_id", name=op.f("pk_device_dead_letter")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "device_envelope",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("envelope_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("command_id", Id(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("intake", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("lease_id", Id(), nullable=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "intake IN ('stored', 'fork', 'id_reuse', 'revoked')",
            name=op.f("ck_device_envelope_intake"),
        ),
        sa.CheckConstraint("seq > 0", name=op.f("ck_device_envelope_seq")),
        sa.PrimaryKeyConstraint("tenant_id", "envelope_hash", name=op.f("pk_device_envelope")),
    )
    op.create_index(
        "ix_device_envelope_chain",
        "device_envelope",
        ["tenant_id", "device_id", "epoch", "seq"],
        unique=True,
        sqlite_where=sa.text("intake = 'stored'"),
        postgresql_where=sa.text("intake = 'stored'"),
    )
    op.create_index(
        "ix_device_envelope_command", "device_envelope", ["tenant_id", "command_id"], unique=False
    )
    op.create_table(
        "device_key",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("genesis", sa.LargeBinary(length=32), nullable=False),
        sa.Column("enrolled_at", Instant(), nullable=False),
        sa.Column("enrolled_by", Id(), nullable=False),
        sa.CheckConstraint("epoch > 0", name=op.f("ck_device_key_epoch")),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "epoch", name=op.f("pk_device_key")),
    )
    op.create_table(
        "device_pending",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("envelope_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "envelope_hash", name=op.f("pk_device_pending")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_device_pending_device", "device_pending", ["tenant_id", "device_id"], unique=False
    )
    op.create_index("ix_device_pending_due_at", "device_pending", ["due_at"], unique=False)
    op.create_table(
        "lease",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("lease_id", Id(), nullable=False),
        sa.Column("device_id", Id(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.CheckConstraint("ends_at > opened_at", name=op.f("ck_lease_period")),
        sa.PrimaryKeyConstraint("tenant_id", "lease_id", name=op.f("pk_lease")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_lease_device", "lease", ["tenant_id", "device_id", "ends_at"], unique=False)
    op.add_column("account", sa.Column("changed_at", Instant(), nullable=True))
    op.add_column("account", sa.Column("roles_before", sa.Text(), nullable=True))
    for statement in guard_statements(op.get_context().dialect.name, ["device_envelope"]):
        op.execute(statement)
