"""Field actions: scope, notices, answers, reconciliation, effectiveness, reports."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document

APPEND_ONLY = [
    "field_action_extension",
    "field_action_lot",
    "field_action_consignee",
    "field_action_line",
    "notice",
    "notice_delivery",
    "consignee_response",
    "consignee_response_line",
    "recovery",
    "unaccounted",
    "recovered_disposition",
    "effectiveness_sample",
    "effectiveness_check",
    "authority_report",
    "authority_submission",
]

revision = "field_actions_0001"
down_revision = None
branch_labels = ("field_actions",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "field_action",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("field_action_number", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("reopens", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=True),
        sa.Column("source_number", sa.Text(), nullable=True),
        sa.Column("aware_at", Instant(), nullable=False),
        sa.Column("aware_evidence", sa.Text(), nullable=False),
        sa.Column("frozen_at", Instant(), nullable=True),
        sa.Column("action_type", sa.Text(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("initiated_at", Instant(), nullable=True),
        sa.Column("class_china", sa.Text(), nullable=True),
        sa.Column("class_fda", sa.Text(), nullable=True),
        sa.Column("class_eu", sa.Text(), nullable=True),
        sa.Column("assigned_china", sa.Text(), nullable=True),
        sa.Column("assigned_fda", sa.Text(), nullable=True),
        sa.Column("assigned_eu", sa.Text(), nullable=True),
        sa.Column("depth", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("plan", Document(), nullable=True),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_field_action_closed")
        ),
        sa.CheckConstraint(
            "action_type IN ('recall', 'correction', 'fsca', 'market_withdrawal', 'stock_recovery', 'advisory_notice', 'routine_servicing', 'none')",
            name=op.f("ck_field_action_action_type"),
        ),
        sa.CheckConstraint(
            "assigned_china IN ('I', 'II', 'III', 'unclassified')",
            name=op.f("ck_field_action_assigned_china"),
        ),
        sa.CheckConstraint(
            "assigned_eu IN ('fsca', 'fsca_public_health_threat', 'field_action', 'none', 'unclassified')",
            name=op.f("ck_field_action_assigned_eu"),
        ),
        sa.CheckConstraint(
            "assigned_fda IN ('I', 'II', 'III', 'unclassified')",
            name=op.f("ck_field_action_assigned_fda"),
        ),
        sa.CheckConstraint(
            "class_china IN ('I', 'II', 'III', 'unclassified')",
            name=op.f("ck_field_action_class_china"),
        ),
        sa.CheckConstraint(
            "class_eu IN ('fsca', 'fsca_public_health_threat', 'field_action', 'none', 'unclassified')",
            name=op.f("ck_field_action_class_eu"),
        ),
        sa.CheckConstraint(
            "class_fda IN ('I', 'II', 'III', 'unclassified')",
            name=op.f("ck_field_action_class_fda"),
        ),
        sa.CheckConstraint(
            "level IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_field_action_level")
        ),
        sa.CheckConstraint("mode IN ('real', 'mock')", name=op.f("ck_field_action_mode")),
        sa.CheckConstraint(
            "status IN ('assessing', 'decided', 'not_reported', 'executing', 'completed', 'closed', 'cancelled')",
            name=op.f("ck_field_action_status"),
        ),
        sa.CheckConstraint(
            "cycle > 0 AND (cycle > 1) = (reopens IS NOT NULL)", name=op.f("ck_field_action_cycle")
        ),
        sa.CheckConstraint(
            "length(trim(aware_evidence)) > 0", name=op.f("ck_field_action_aware_evidence")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "field_action_id", name=op.f("pk_field_action")),
        sa.UniqueConstraint(
            "tenant_id",
            "field_action_number",
            name=op.f("uq_field_action_tenant_id_field_action_number"),
        ),
    )
    op.create_table(
        "authority_report",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("report_id", Id(), nullable=False),
        sa.Column("report_number", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("extension", sa.SmallInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("content", Document(), nullable=False),
        sa.Column("missing", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("prepared_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id"],
            ["field_action.tenant_id", "field_action.field_action_id"],
            name=op.f("fk_authority_report_tenant_id_field_action_id_field_action"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "report_id", name=op.f("pk_authority_report")),
        sa.UniqueConstraint(
            "tenant_id", "report_number", name=op.f("uq_authority_report_tenant_id_report_number")
        ),
    )
    op.create_index(
        "ix_authority_report_action",
        "authority_report",
        ["tenant_id", "field_action_id"],
        unique=False,
    )
    op.create_table(
        "effectiveness_sample",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("consignees", Document(), nullable=False),
        sa.Column("drawn_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "level IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_effectiveness_sample_level")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id"],
            ["field_action.tenant_id", "field_action.field_action_id"],
            name=op.f("fk_effectiveness_sample_tenant_id_field_action_id_field_action"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "field_action_id", "round", name=op.f("pk_effectiveness_sample")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "field_action_extension",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("extension", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("root_lots", Document(), nullable=False),
        sa.Column("initiated_at", Instant(), nullable=False),
        sa.Column("lots", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Integer(), nullable=False),
        sa.Column("stock", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("traced_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "extension >= 0 AND length(trim(reason)) > 0",
            name=op.f("ck_field_action_extension_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id"],
            ["field_action.tenant_id", "field_action.field_action_id"],
            name=op.f("fk_field_action_extension_tenant_id_field_action_id_field_action"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "field_action_id", "extension", name=op.f("pk_field_action_extension")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "authority_submission",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("submission_id", Id(), nullable=False),
        sa.Column("report_id", Id(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(trim(reference)) > 0", name=op.f("ck_authority_submission_reference")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "report_id"],
            ["authority_report.tenant_id", "authority_report.report_id"],
            name=op.f("fk_authority_submission_tenant_id_report_id_authority_report"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "submission_id", name=op.f("pk_authority_submission")),
    )
    op.create_table(
        "field_action_consignee",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("consignee_number", sa.Text(), nullable=False),
        sa.Column("extension", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("parent_id", Id(), nullable=True),
        sa.CheckConstraint(
            "tier > 0 AND (tier > 1) = (parent_id IS NOT NULL)",
            name=op.f("ck_field_action_consignee_tier"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "extension"],
            [
                "field_action_extension.tenant_id",
                "field_action_extension.field_action_id",
                "field_action_extension.extension",
            ],
            name=op.f(
                "fk_field_action_consignee_tenant_id_field_action_id_extension_field_action_extension"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "field_action_id", "consignee_id", name=op.f("pk_field_action_consignee")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "field_action_id",
            "consignee_number",
            name=op.f("uq_field_action_consignee_tenant_id_field_action_id_consignee_number"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "effectiveness_check",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("effective", sa.Boolean(), nullable=False),
        sa.Column("answers", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "consignee_id"],
            [
                "field_action_consignee.tenant_id",
                "field_action_consignee.field_action_id",
                "field_action_consignee.consignee_id",
            ],
            name=op.f(
                "fk_effectiveness_check_tenant_id_field_action_id_consignee_id_field_action_consignee"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "round"],
            [
                "effectiveness_sample.tenant_id",
                "effectiveness_sample.field_action_id",
                "effectiveness_sample.round",
            ],
            name=op.f(
                "fk_effectiveness_check_tenant_id_field_action_id_round_effectiveness_sample"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "field_action_id",
            "round",
            "consignee_id",
            name=op.f("pk_effectiveness_check"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("notice_number", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("extension", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('notice', 'amendment', 'next_tier')", name=op.f("ck_notice_kind")
        ),
        sa.CheckConstraint("length(trim(body)) > 0", name=op.f("ck_notice_body")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "consignee_id"],
            [
                "field_action_consignee.tenant_id",
                "field_action_consignee.field_action_id",
                "field_action_consignee.consignee_id",
            ],
            name=op.f("fk_notice_tenant_id_field_action_id_consignee_id_field_action_consignee"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "notice_id", name=op.f("pk_notice")),
        sa.UniqueConstraint(
            "tenant_id", "notice_number", name=op.f("uq_notice_tenant_id_notice_number")
        ),
    )
    op.create_index(
        "ix_notice_action", "notice", ["tenant_id", "field_action_id", "consignee_id"], unique=False
    )
    op.create_table(
        "consignee_response",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("response_id", Id(), nullable=False),
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("understood", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("proof", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("responded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('mail', 'letter', 'phone', 'portal', 'visit', 'hand')",
            name=op.f("ck_consignee_response_channel"),
        ),
        sa.CheckConstraint("length(trim(name)) > 0", name=op.f("ck_consignee_response_name")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"],
            ["notice.tenant_id", "notice.notice_id"],
            name=op.f("fk_consignee_response_tenant_id_notice_id_notice"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "response_id", name=op.f("pk_consignee_response")),
    )
    op.create_index(
        "ix_consignee_response_notice",
        "consignee_response",
        ["tenant_id", "notice_id", "responded_at"],
        unique=False,
    )
    op.create_table(
        "field_action_lot",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("extension", sa.SmallInteger(), nullable=False),
        sa.Column("lot_number", sa.Text(), nullable=False),
        sa.Column("item_number", sa.Text(), nullable=False),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "extension"],
            [
                "field_action_extension.tenant_id",
                "field_action_extension.field_action_id",
                "field_action_extension.extension",
            ],
            name=op.f(
                "fk_field_action_lot_tenant_id_field_action_id_extension_field_action_extension"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_field_action_lot_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "field_action_id", "lot_id", name=op.f("pk_field_action_lot")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice_delivery",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", Id(), nullable=False),
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "channel IN ('mail', 'letter', 'phone', 'portal', 'visit', 'hand')",
            name=op.f("ck_notice_delivery_channel"),
        ),
        sa.CheckConstraint("length(trim(proof)) > 0", name=op.f("ck_notice_delivery_proof")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"],
            ["notice.tenant_id", "notice.notice_id"],
            name=op.f("fk_notice_delivery_tenant_id_notice_id_notice"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "delivery_id", name=op.f("pk_notice_delivery")),
    )
    op.create_index(
        "ix_notice_delivery_notice", "notice_delivery", ["tenant_id", "notice_id"], unique=False
    )
    op.create_table(
        "notice_mail",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("mail_id", Id(), nullable=False),
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("reminder", sa.SmallInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'failed')", name=op.f("ck_notice_mail_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"],
            ["notice.tenant_id", "notice.notice_id"],
            name=op.f("fk_notice_mail_tenant_id_notice_id_notice"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "mail_id", name=op.f("pk_notice_mail")),
    )
    op.create_index(
        "ix_notice_mail_due",
        "notice_mail",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('pending', 'sending')"),
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
    )
    op.create_table(
        "response_link",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("notice_id", Id(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notice_id"],
            ["notice.tenant_id", "notice.notice_id"],
            name=op.f("fk_response_link_tenant_id_notice_id_notice"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_response_link")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_response_link_notice", "response_link", ["tenant_id", "notice_id"], unique=False
    )
    op.create_table(
        "field_action_line",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("line_id", Id(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("udi", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("shipment_line_id", Id(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", Instant(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_field_action_line_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "consignee_id"],
            [
                "field_action_consignee.tenant_id",
                "field_action_consignee.field_action_id",
                "field_action_consignee.consignee_id",
            ],
            name=op.f(
                "fk_field_action_line_tenant_id_field_action_id_consignee_id_field_action_consignee"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "lot_id"],
            [
                "field_action_lot.tenant_id",
                "field_action_lot.field_action_id",
                "field_action_lot.lot_id",
            ],
            name=op.f("fk_field_action_line_tenant_id_field_action_id_lot_id_field_action_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "line_id", name=op.f("pk_field_action_line")),
    )
    op.create_index(
        "ix_field_action_line_consignee",
        "field_action_line",
        ["tenant_id", "field_action_id", "consignee_id"],
        unique=False,
    )
    op.create_table(
        "recovered_disposition",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("disposition_id", Id(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("witness", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("disposed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "disposition IN ('destroy', 'rework', 'release_under_change', 'return_to_supplier', 'keep_as_sample')",
            name=op.f("ck_recovered_disposition_disposition"),
        ),
        sa.CheckConstraint(
            "quantity > 0 AND length(trim(reference)) > 0",
            name=op.f("ck_recovered_disposition_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "lot_id"],
            [
                "field_action_lot.tenant_id",
                "field_action_lot.field_action_id",
                "field_action_lot.lot_id",
            ],
            name=op.f("fk_recovered_disposition_tenant_id_field_action_id_lot_id_field_action_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "disposition_id", name=op.f("pk_recovered_disposition")
        ),
    )
    op.create_table(
        "recovery",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("recovery_id", Id(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recovered_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('returned', 'destroyed', 'corrected')", name=op.f("ck_recovery_kind")
        ),
        sa.CheckConstraint(
            "quantity > 0 AND length(trim(reference)) > 0", name=op.f("ck_recovery_reference")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "consignee_id"],
            [
                "field_action_consignee.tenant_id",
                "field_action_consignee.field_action_id",
                "field_action_consignee.consignee_id",
            ],
            name=op.f("fk_recovery_tenant_id_field_action_id_consignee_id_field_action_consignee"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "lot_id"],
            [
                "field_action_lot.tenant_id",
                "field_action_lot.field_action_id",
                "field_action_lot.lot_id",
            ],
            name=op.f("fk_recovery_tenant_id_field_action_id_lot_id_field_action_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "recovery_id", name=op.f("pk_recovery")),
    )
    op.create_index(
        "ix_recovery_action", "recovery", ["tenant_id", "field_action_id"], unique=False
    )
    op.create_table(
        "unaccounted",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("unaccounted_id", Id(), nullable=False),
        sa.Column("field_action_id", Id(), nullable=False),
        sa.Column("consignee_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_unaccounted_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "consignee_id"],
            [
                "field_action_consignee.tenant_id",
                "field_action_consignee.field_action_id",
                "field_action_consignee.consignee_id",
            ],
            name=op.f(
                "fk_unaccounted_tenant_id_field_action_id_consignee_id_field_action_consignee"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "field_action_id", "lot_id"],
            [
                "field_action_lot.tenant_id",
                "field_action_lot.field_action_id",
                "field_action_lot.lot_id",
            ],
            name=op.f("fk_unaccounted_tenant_id_field_action_id_lot_id_field_action_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "unaccounted_id", name=op.f("pk_unaccounted")),
    )
    op.create_table(
        "consignee_response_line",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("response_id", Id(), nullable=False),
        sa.Column("line_id", Id(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("transferred", sa.BigInteger(), nullable=False),
        sa.Column("transferred_to", sa.Text(), nullable=True),
        sa.Column("destroyed", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("corrected", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "on_hand >= 0 AND used >= 0 AND transferred >= 0 AND destroyed >= 0 AND returned >= 0 AND corrected >= 0 AND missing >= 0",
            name=op.f("ck_consignee_response_line_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "line_id"],
            ["field_action_line.tenant_id", "field_action_line.line_id"],
            name=op.f("fk_consignee_response_line_tenant_id_line_id_field_action_line"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "response_id"],
            ["consignee_response.tenant_id", "consignee_response.response_id"],
            name=op.f("fk_consignee_response_line_tenant_id_response_id_consignee_response"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "response_id", "line_id", name=op.f("pk_consignee_response_line")
        ),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
