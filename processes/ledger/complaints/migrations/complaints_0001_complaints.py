"""Complaints, their reportability and the reports."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document

APPEND_ONLY = [
    "complaint_reportability",
    "complaint_report",
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
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
