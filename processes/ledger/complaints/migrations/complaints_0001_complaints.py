"""Complaints, their reportability and the reports."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document

APPEND_ONLY = [
    "complaint_reportability",
    "complaint_report",
    "complaint_trend_signal",
    "complaint_trend_judgement",
    "returned_device",
    "custody_step",
]

revision = "complaints_0001"
down_revision = None
branch_labels = ("complaints",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "complaint",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("complaint_id", Id(), nullable=False),
        sa.Column("complaint_number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("complainant", Document(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("aware_at", Instant(), nullable=False),
        sa.Column("reopens", sa.Text(), nullable=True),
        sa.Column("event_on", sa.Text(), nullable=True),
        sa.Column("item_number", sa.Text(), nullable=True),
        sa.Column("lot_number", sa.Text(), nullable=True),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("udi", sa.Text(), nullable=True),
        sa.Column("problem_code", sa.Text(), nullable=True),
        sa.Column("cause_code", sa.Text(), nullable=True),
        sa.Column("investigation", Document(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_complaint_closed")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'inquiry', 'closed', 'cancelled')", name=op.f("ck_complaint_status")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "complaint_id", name=op.f("pk_complaint")),
        sa.UniqueConstraint(
            "tenant_id", "complaint_number", name=op.f("uq_complaint_tenant_id_complaint_number")
        ),
    )
    op.create_index("ix_complaint_aware", "complaint", ["tenant_id", "aware_at"], unique=False)
    op.create_index(
        "ix_complaint_lot", "complaint", ["tenant_id", "item_number", "lot_number"], unique=False
    )
    op.create_table(
        "complaint_report",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("report_id", Id(), nullable=False),
        sa.Column("complaint_id", Id(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=False),
        sa.CheckConstraint("region IN ('CN', 'US', 'EU')", name=op.f("ck_complaint_report_region")),
        sa.CheckConstraint(
            "length(trim(reference)) > 0", name=op.f("ck_complaint_report_reference")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "complaint_id"],
            ["complaint.tenant_id", "complaint.complaint_id"],
            name=op.f("fk_complaint_report_tenant_id_complaint_id_complaint"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "report_id", name=op.f("pk_complaint_report")),
    )
    op.create_table(
        "complaint_reportability",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("complaint_id", Id(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("decision_number", sa.SmallInteger(), nullable=False),
        sa.Column("reportable", sa.Boolean(), nullable=False),
        sa.Column("clock_rule", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "region IN ('CN', 'US', 'EU')", name=op.f("ck_complaint_reportability_region")
        ),
        sa.CheckConstraint(
            "length(trim(reason)) > 0", name=op.f("ck_complaint_reportability_reason")
        ),
        sa.CheckConstraint(
            "reportable = (clock_rule IS NOT NULL)",
            name=op.f("ck_complaint_reportability_clock_rule"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "complaint_id"],
            ["complaint.tenant_id", "complaint.complaint_id"],
            name=op.f("fk_complaint_reportability_tenant_id_complaint_id_complaint"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "complaint_id",
            "region",
            "decision_number",
            name=op.f("pk_complaint_reportability"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "complaint_trend_signal",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("signal_number", sa.Text(), nullable=False),
        sa.Column("rule_code", sa.Text(), nullable=False),
        sa.Column("item_number", sa.Text(), nullable=False),
        sa.Column("problem_code", sa.Text(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("at_least", sa.Integer(), nullable=False),
        sa.Column("earlier", Document(), nullable=False),
        sa.Column("complaints", Document(), nullable=False),
        sa.Column("period_from", Instant(), nullable=False),
        sa.Column("period_to", Instant(), nullable=False),
        sa.Column("leads_to", sa.Text(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "found >= at_least AND at_least > 0", name=op.f("ck_complaint_trend_signal_found")
        ),
        sa.CheckConstraint(
            "leads_to IN ('judge', 'capa')", name=op.f("ck_complaint_trend_signal_leads_to")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "signal_number", name=op.f("pk_complaint_trend_signal")
        ),
    )
    op.create_index(
        "ix_complaint_trend_signal_subject",
        "complaint_trend_signal",
        ["tenant_id", "rule_code", "item_number"],
        unique=False,
    )
    op.create_table(
        "complaint_trend_judgement",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("signal_number", sa.Text(), nullable=False),
        sa.Column("significant", sa.Boolean(), nullable=False),
        sa.Column("authority", sa.Boolean(), nullable=False),
        sa.Column("corrective_action", sa.Boolean(), nullable=False),
        sa.Column("field_action", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("judged_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "authority = (reference IS NOT NULL)",
            name=op.f("ck_complaint_trend_judgement_reference"),
        ),
        sa.CheckConstraint(
            "length(trim(reason)) > 0", name=op.f("ck_complaint_trend_judgement_reason")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "signal_number"],
            ["complaint_trend_signal.tenant_id", "complaint_trend_signal.signal_number"],
            name=op.f(
                "fk_complaint_trend_judgement_tenant_id_signal_number_complaint_trend_signal"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "signal_number", name=op.f("pk_complaint_trend_judgement")
        ),
    )
    op.create_table(
        "returned_device",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("device_number", sa.Text(), nullable=False),
        sa.Column("complaint_id", Id(), nullable=False),
        sa.Column("item_number", sa.Text(), nullable=True),
        sa.Column("lot_number", sa.Text(), nullable=True),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("registered_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "condition IN ('used', 'unused_sealed', 'unused_opened', 'unknown')",
            name=op.f("ck_returned_device_condition"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_returned_device_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "complaint_id"],
            ["complaint.tenant_id", "complaint.complaint_id"],
            name=op.f("fk_returned_device_tenant_id_complaint_id_complaint"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "device_number", name=op.f("pk_returned_device")),
    )
    op.create_index(
        "ix_returned_device_complaint",
        "returned_device",
        ["tenant_id", "complaint_id"],
        unique=False,
    )
    op.create_table(
        "custody_step",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("device_number", sa.Text(), nullable=False),
        sa.Column("step_number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('received', 'decontaminated', 'not_decontaminated', 'exempted', 'stored', "
            "'handed_over', 'sent_out', 'came_back', 'examined', 'tested', 'given_back', "
            "'destroyed', 'retained', 'withdrawn')",
            name=op.f("ck_custody_step_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('decontaminated', 'exempted', 'sent_out', 'given_back', 'destroyed', "
            "'withdrawn') OR evidence IS NOT NULL",
            name=op.f("ck_custody_step_evidence"),
        ),
        sa.CheckConstraint(
            "length(trim(holder)) > 0 AND length(trim(place)) > 0",
            name=op.f("ck_custody_step_whereabouts"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "device_number"],
            ["returned_device.tenant_id", "returned_device.device_number"],
            name=op.f("fk_custody_step_tenant_id_device_number_returned_device"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "device_number", "step_number", name=op.f("pk_custody_step")
        ),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
