"""The engine's tables."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements

APPEND_ONLY = ["audit_entry"]

revision = "engine_0001"
down_revision = None
branch_labels = ("engine",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("failed_signatures", sa.Integer(), nullable=False),
        sa.Column("sign_in_locked_at", Instant(), nullable=True),
        sa.Column("signing_locked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", name=op.f("pk_account")),
        sa.UniqueConstraint("tenant_id", "username", name=op.f("uq_account_tenant_id_username")),
    )
    op.create_table(
        "delegation",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("delegation_id", Id(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("from_account_id", Id(), nullable=False),
        sa.Column("to_account_id", Id(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", Id(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_delegation_period")),
        sa.CheckConstraint("from_account_id <> to_account_id", name=op.f("ck_delegation_another")),
        sa.PrimaryKeyConstraint("tenant_id", "delegation_id", name=op.f("pk_delegation")),
    )
    op.create_index("ix_delegation_from", "delegation", ["tenant_id", "from_account_id"])
    op.create_index("ix_delegation_to", "delegation", ["tenant_id", "to_account_id", "ends_at"])
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("stream_id", Id(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_audit_entry_seq")),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", "seq", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "command",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("command_id", Id(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("outcome", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "command_id", name=op.f("pk_command")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "configuration",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("changed_by", Id(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "key", "version", name=op.f("pk_configuration")),
    )
    op.create_table(
        "content",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.Column("stored_by", Id(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "content_hash", name=op.f("pk_content")),
    )
    op.create_table(
        "definition_file",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("definition_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "definition_hash", "path", name=op.f("pk_definition_file")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "draft",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("task_ref", sa.Integer(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "process_instance_id", "task_ref", "account_id", name=op.f("pk_draft")
        ),
    )
    op.create_table(
        "incident",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("incident_id", Id(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("command_id", Id(), nullable=False),
        sa.Column("command_name", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "incident_id", name=op.f("pk_incident")),
    )
    op.create_table(
        "outbox",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("outbox_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("source_instance_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("kind IN ('message', 'signal')", name=op.f("ck_outbox_kind")),
        sa.CheckConstraint(
            "status IN ('pending', 'waiting', 'delivered', 'expired')",
            name=op.f("ck_outbox_status"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "outbox_id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_due_at",
        "outbox",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["tenant_id", "kind", "name", "correlation"],
        unique=False,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "process_definition",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("definition_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("compiled", sa.LargeBinary(), nullable=False),
        sa.Column("deployed_at", Instant(), nullable=False),
        sa.Column("deployed_by", Id(), nullable=True),
        sa.CheckConstraint(
            "status IN ('active', 'retired')", name=op.f("ck_process_definition_status")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "definition_hash", name=op.f("pk_process_definition")),
        sa.UniqueConstraint(
            "tenant_id",
            "process_id",
            "version",
            name=op.f("uq_process_definition_tenant_id_process_id_version"),
        ),
    )
    op.create_table(
        "process_instance",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("process_id", sa.Text(), nullable=False),
        sa.Column("definition_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("variables", sa.LargeBinary(), nullable=False),
        sa.Column("audit_seq", sa.Integer(), nullable=False),
        sa.Column("audit_head", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "status IN ('running', 'completed', 'cancelled')",
            name=op.f("ck_process_instance_status"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "process_instance_id", name=op.f("pk_process_instance")
        ),
    )
    op.create_index(
        "ix_process_instance_recent",
        "process_instance",
        ["tenant_id", "status", "process_instance_id"],
        unique=False,
    )
    op.create_table(
        "register",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("stream_id", Id(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("audit_seq", sa.Integer(), nullable=False),
        sa.Column("audit_head", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", name=op.f("pk_register")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_register_tenant_id_name")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_file",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("stream_id", Id(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "content_hash", "stream_id", "seq", name=op.f("pk_case_file")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signature",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("stream_id", Id(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("account_id", Id(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("record_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "stream_id", "seq", name=op.f("pk_signature")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("task_ref", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("correlation", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('message', 'signal')", name=op.f("ck_subscription_kind")),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "process_instance_id",
            "task_ref",
            "kind",
            "name",
            name=op.f("pk_subscription"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_subscription_name",
        "subscription",
        ["tenant_id", "kind", "name", "correlation"],
        unique=False,
    )
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("configuration_revision", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "timer",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("task_ref", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "process_instance_id", "task_ref", name=op.f("pk_timer")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_timer_due_at", "timer", ["due_at"], unique=False)
    op.create_table(
        "work_item",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("task_ref", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("item_index", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("assignee_id", Id(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("completed_by", Id(), nullable=True),
        sa.Column("notice_at", Instant(), nullable=True),
        sa.Column("told_first", sa.Text(), nullable=True),
        sa.Column("told_next", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'completed', 'cancelled')", name=op.f("ck_work_item_status")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "process_instance_id", "task_ref", name=op.f("pk_work_item")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_work_item_notice_at",
        "work_item",
        ["notice_at"],
        unique=False,
        sqlite_where=sa.text("notice_at IS NOT NULL"),
        postgresql_where=sa.text("notice_at IS NOT NULL"),
    )
    op.create_index(
        "ix_work_item_late",
        "work_item",
        ["tenant_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("status = 'open' AND told_first IS NOT NULL"),
        postgresql_where=sa.text("status = 'open' AND told_first IS NOT NULL"),
    )
    op.create_index(
        "ix_work_item_worklist",
        "work_item",
        [
            "tenant_id",
            "role",
            sa.literal_column("priority DESC"),
            "due_at",
            "process_instance_id",
            "task_ref",
        ],
        unique=False,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
