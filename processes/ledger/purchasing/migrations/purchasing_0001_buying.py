"""Buying."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document, Exact

APPEND_ONLY = [
    "purchase_order_version",
    "purchase_order_line",
    "order_confirmation",
    "order_receipt",
    "order_acceptance",
    "order_settlement",
    "order_performance",
    "supplier_invoice",
    "purchase_waiver",
    "supplier_certificate",
    "quality_agreement",
    "supplier_assessment",
    "supplier_score",
]

revision = "purchasing_0001"
down_revision = None
branch_labels = ("purchasing",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "quality_agreement",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("quality_agreement_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("agreement_number", sa.Text(), nullable=False),
        sa.Column("terms", Document(), nullable=False),
        sa.Column("signed_for_supplier", sa.Text(), nullable=False),
        sa.Column("signed_for_us", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_quality_agreement_validity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_quality_agreement_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "quality_agreement_id", name=op.f("pk_quality_agreement")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "agreement_number",
            name=op.f("uq_quality_agreement_tenant_id_agreement_number"),
        ),
    )
    op.create_index(
        "ix_quality_agreement_supplier",
        "quality_agreement",
        ["tenant_id", "supplier_id", "valid_to"],
        unique=False,
    )
    op.create_table(
        "supplier_certificate",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_certificate_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("certificate_number", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('iso13485', 'iso9001', 'manufacturing_licence', 'distribution_licence', 'record_filing', 'product_registration', 'insurance', 'other')",
            name=op.f("ck_supplier_certificate_kind"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_supplier_certificate_validity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_supplier_certificate_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "supplier_certificate_id", name=op.f("pk_supplier_certificate")
        ),
    )
    op.create_index(
        "ix_supplier_certificate_supplier",
        "supplier_certificate",
        ["tenant_id", "supplier_id", "kind", "valid_to"],
        unique=False,
    )
    op.create_table(
        "supplier_score",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("delivery", sa.SmallInteger(), nullable=False),
        sa.Column("service", sa.SmallInteger(), nullable=False),
        sa.Column("documents", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.SmallInteger(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("facts", Document(), nullable=False),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name=op.f("ck_supplier_score_grade")),
        sa.CheckConstraint(
            "total = quality + delivery + service + documents", name=op.f("ck_supplier_score_total")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_supplier_score_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "supplier_id", "month", "recorded_at", name=op.f("pk_supplier_score")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "requisition",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("requisition_id", Id(), nullable=False),
        sa.Column("requisition_number", sa.Text(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("need_date", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("cost_centre", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("justification", sa.Text(), nullable=True),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'approved', 'ordered', 'closed', 'rejected', 'cancelled')",
            name=op.f("ck_requisition_status"),
        ),
        sa.CheckConstraint("cycle > 0", name=op.f("ck_requisition_cycle")),
        sa.PrimaryKeyConstraint("tenant_id", "requisition_id", name=op.f("pk_requisition")),
        sa.UniqueConstraint(
            "tenant_id",
            "requisition_number",
            "cycle",
            name=op.f("uq_requisition_tenant_id_requisition_number_cycle"),
        ),
    )
    op.create_table(
        "requisition_line",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("requisition_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("item_id", Id(), nullable=True),
        sa.Column("item_number", sa.Text(), nullable=True),
        sa.Column("item_revision", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", Exact(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("estimated_price", Exact(), nullable=False),
        sa.CheckConstraint(
            "category IN ('supplies', 'service', 'software', 'equipment')",
            name=op.f("ck_requisition_line_category"),
        ),
        sa.CheckConstraint("line > 0", name=op.f("ck_requisition_line_line")),
        sa.CheckConstraint(
            "(item_number IS NULL) = (category IS NOT NULL)"
            " AND (category IS NULL) = (description IS NULL)",
            name=op.f("ck_requisition_line_free_text"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requisition_id"],
            ["requisition.tenant_id", "requisition.requisition_id"],
            name=op.f("fk_requisition_line_tenant_id_requisition_id_requisition"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_requisition_line_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "requisition_id", "line", name=op.f("pk_requisition_line")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_requisition_line_item", "requisition_line", ["tenant_id", "item_number"], unique=False
    )
    op.create_table(
        "supplier_qualification",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("qualification_number", sa.Text(), nullable=False),
        sa.Column("reopens", sa.Text(), nullable=True),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "status IN ('open', 'approved', 'conditional', 'rejected', 'suspended', 'cancelled')",
            name=op.f("ck_supplier_qualification_status"),
        ),
        sa.CheckConstraint(
            "(status IN ('open', 'approved', 'conditional')) = (ended_at IS NULL)",
            name=op.f("ck_supplier_qualification_ended"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_supplier_qualification_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_supplier_qualification_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "qualification_number", name=op.f("pk_supplier_qualification")
        ),
        sa.UniqueConstraint(
            "tenant_id", "reopens", name=op.f("uq_supplier_qualification_tenant_id_reopens")
        ),
    )
    op.create_index(
        "ix_supplier_qualification_supplier",
        "supplier_qualification",
        ["tenant_id", "supplier_id", "item_id"],
        unique=False,
    )
    op.create_table(
        "supplier_assessment",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_assessment_id", Id(), nullable=False),
        sa.Column("assessment_number", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("supply_type", sa.Text(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("facts", Document(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'conditional', 'rejected')",
            name=op.f("ck_supplier_assessment_decision"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_supplier_assessment_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_supplier_assessment_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "supplier_assessment_id", name=op.f("pk_supplier_assessment")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "assessment_number",
            name=op.f("uq_supplier_assessment_tenant_id_assessment_number"),
        ),
    )
    op.create_index(
        "ix_supplier_assessment_supplier",
        "supplier_assessment",
        ["tenant_id", "supplier_id", "item_id"],
        unique=False,
    )
    op.create_table(
        "purchase_order",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("requisition_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("draft", Document(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'sent', 'held', 'closed', 'cancelled')",
            name=op.f("ck_purchase_order_status"),
        ),
        sa.CheckConstraint("version >= 0", name=op.f("ck_purchase_order_version")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requisition_id"],
            ["requisition.tenant_id", "requisition.requisition_id"],
            name=op.f("fk_purchase_order_tenant_id_requisition_id_requisition"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_purchase_order_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "purchase_order_id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint(
            "tenant_id", "order_number", name=op.f("uq_purchase_order_tenant_id_order_number")
        ),
    )
    op.create_index(
        "ix_purchase_order_supplier",
        "purchase_order",
        ["tenant_id", "supplier_id", "status"],
        unique=False,
    )
    op.create_table(
        "purchase_waiver",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("purchase_waiver_id", Id(), nullable=False),
        sa.Column("waiver_number", sa.Text(), nullable=False),
        sa.Column("requisition_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("controls", sa.Text(), nullable=False),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("quantity_limit", sa.BigInteger(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.CheckConstraint("quantity_limit > 0", name=op.f("ck_purchase_waiver_quantity_limit")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_purchase_waiver_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requisition_id"],
            ["requisition.tenant_id", "requisition.requisition_id"],
            name=op.f("fk_purchase_waiver_tenant_id_requisition_id_requisition"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_purchase_waiver_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "purchase_waiver_id", name=op.f("pk_purchase_waiver")),
        sa.UniqueConstraint(
            "tenant_id", "waiver_number", name=op.f("uq_purchase_waiver_tenant_id_waiver_number")
        ),
    )
    op.create_table(
        "order_line_status",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status = 'open' OR length(trim(reason)) > 0", name=op.f("ck_order_line_status_reason")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'closed', 'cancelled')", name=op.f("ck_order_line_status_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id"],
            ["purchase_order.tenant_id", "purchase_order.purchase_order_id"],
            name=op.f("fk_order_line_status_tenant_id_purchase_order_id_purchase_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "purchase_order_id", "line", name=op.f("pk_order_line_status")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "purchase_order_version",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", Document(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("total", Exact(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("frozen_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(version = 1) = (reason IS NULL)", name=op.f("ck_purchase_order_version_reason")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id"],
            ["purchase_order.tenant_id", "purchase_order.purchase_order_id"],
            name=op.f("fk_purchase_order_version_tenant_id_purchase_order_id_purchase_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "purchase_order_id", "version", name=op.f("pk_purchase_order_version")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_performance",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_performance_id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_performance_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id"],
            ["purchase_order.tenant_id", "purchase_order.purchase_order_id"],
            name=op.f("fk_order_performance_tenant_id_purchase_order_id_purchase_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "order_performance_id", name=op.f("pk_order_performance")
        ),
    )
    op.create_index(
        "ix_order_performance_order",
        "order_performance",
        ["tenant_id", "purchase_order_id", "line"],
        unique=False,
    )
    op.create_table(
        "supplier_invoice",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_invoice_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("invoice_number", sa.Text(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=False),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("amount", Exact(), nullable=False),
        sa.Column("lines", Document(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("differences", Document(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'accepted_with_difference') = (reason IS NOT NULL)",
            name=op.f("ck_supplier_invoice_reason"),
        ),
        sa.CheckConstraint(
            "outcome IN ('matched', 'blocked', 'accepted_with_difference')",
            name=op.f("ck_supplier_invoice_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id"],
            ["purchase_order.tenant_id", "purchase_order.purchase_order_id"],
            name=op.f("fk_supplier_invoice_tenant_id_purchase_order_id_purchase_order"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_supplier_invoice_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "supplier_invoice_id", name=op.f("pk_supplier_invoice")
        ),
    )
    op.create_index(
        "ix_supplier_invoice_order",
        "supplier_invoice",
        ["tenant_id", "purchase_order_id"],
        unique=False,
    )
    op.create_index(
        "uq_supplier_invoice_paid",
        "supplier_invoice",
        ["tenant_id", "supplier_id", "invoice_number"],
        unique=True,
        sqlite_where=sa.text("outcome <> 'blocked'"),
        postgresql_where=sa.text("outcome <> 'blocked'"),
    )
    op.create_table(
        "order_mail",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_mail_id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'failed', 'withdrawn')",
            name=op.f("ck_order_mail_status"),
        ),
        sa.CheckConstraint(
            "channel IN ('mail', 'portal', 'edi', 'paper')", name=op.f("ck_order_mail_channel")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id", "version"],
            [
                "purchase_order_version.tenant_id",
                "purchase_order_version.purchase_order_id",
                "purchase_order_version.version",
            ],
            name=op.f("fk_order_mail_tenant_id_purchase_order_id_version_purchase_order_version"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_mail_id", name=op.f("pk_order_mail")),
    )
    op.create_index(
        "ix_order_mail_order", "order_mail", ["tenant_id", "purchase_order_id"], unique=False
    )
    op.create_index(
        "ix_order_mail_due",
        "order_mail",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("status IN ('pending', 'sending')"),
        postgresql_where=sa.text("status IN ('pending', 'sending')"),
    )
    op.create_table(
        "order_confirmation",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("order_confirmation_id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("answer", Document(), nullable=False),
        sa.Column("differences", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id", "version"],
            [
                "purchase_order_version.tenant_id",
                "purchase_order_version.purchase_order_id",
                "purchase_order_version.version",
            ],
            name=op.f(
                "fk_order_confirmation_tenant_id_purchase_order_id_version_purchase_order_version"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "order_confirmation_id", name=op.f("pk_order_confirmation")
        ),
    )
    op.create_index(
        "ix_order_confirmation_order",
        "order_confirmation",
        ["tenant_id", "purchase_order_id"],
        unique=False,
    )
    op.create_table(
        "order_receipt",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_receipt_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id"],
            ["purchase_order.tenant_id", "purchase_order.purchase_order_id"],
            name=op.f("fk_order_receipt_tenant_id_purchase_order_id_purchase_order"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receipt_line_id"],
            ["receipt_line.tenant_id", "receipt_line.receipt_line_id"],
            name=op.f("fk_order_receipt_tenant_id_receipt_line_id_receipt_line"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "receipt_line_id", name=op.f("pk_order_receipt")),
    )
    op.create_index(
        "ix_order_receipt_order",
        "order_receipt",
        ["tenant_id", "purchase_order_id", "line"],
        unique=False,
    )
    op.create_table(
        "purchase_order_line",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("requisition_id", Id(), nullable=False),
        sa.Column("requisition_line", sa.SmallInteger(), nullable=False),
        sa.Column("item_id", Id(), nullable=True),
        sa.Column("item_revision", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=False),
        sa.Column("unit_price", Exact(), nullable=False),
        sa.Column("promised_date", sa.Date(), nullable=False),
        sa.Column("min_remaining_life_days", sa.Integer(), nullable=True),
        sa.Column("consigned", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "item_id IS NOT NULL OR NOT consigned", name=op.f("ck_purchase_order_line_consigned")
        ),
        sa.CheckConstraint(
            "quantity > 0 AND line > 0 AND requisition_line > 0",
            name=op.f("ck_purchase_order_line_quantity"),
        ),
        sa.CheckConstraint(
            "(item_id IS NULL) = (description IS NOT NULL)"
            " AND (item_id IS NULL) = (item_revision IS NULL)",
            name=op.f("ck_purchase_order_line_free_text"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_purchase_order_line_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id", "version"],
            [
                "purchase_order_version.tenant_id",
                "purchase_order_version.purchase_order_id",
                "purchase_order_version.version",
            ],
            name=op.f(
                "fk_purchase_order_line_tenant_id_purchase_order_id_version_purchase_order_version"
            ),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requisition_id"],
            ["requisition.tenant_id", "requisition.requisition_id"],
            name=op.f("fk_purchase_order_line_tenant_id_requisition_id_requisition"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "purchase_order_id", "version", "line", name=op.f("pk_purchase_order_line")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_purchase_order_line_requisition",
        "purchase_order_line",
        ["tenant_id", "requisition_id"],
        unique=False,
    )
    op.create_table(
        "joint_requisition",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("requisition_id", Id(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("offer", Document(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=True),
        sa.Column("waits_since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id"],
            ["purchase_order.tenant_id", "purchase_order.purchase_order_id"],
            name=op.f("fk_joint_requisition_tenant_id_purchase_order_id_purchase_order"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "requisition_id"],
            ["requisition.tenant_id", "requisition.requisition_id"],
            name=op.f("fk_joint_requisition_tenant_id_requisition_id_requisition"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_joint_requisition_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "requisition_id", name=op.f("pk_joint_requisition")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_joint_requisition_supplier",
        "joint_requisition",
        ["tenant_id", "supplier_id"],
        unique=False,
    )
    op.create_index(
        "ix_joint_requisition_order",
        "joint_requisition",
        ["tenant_id", "purchase_order_id"],
        unique=False,
    )
    op.create_table(
        "order_acceptance",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "decision IN ('ACCEPT', 'REJECT', 'DISPOSED', 'CANCELLED')",
            name=op.f("ck_order_acceptance_decision"),
        ),
        sa.CheckConstraint(
            "place > 0 AND accepted >= 0 AND withdrawn >= 0 AND rejected >= -accepted",
            name=op.f("ck_order_acceptance_quantity"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receipt_line_id"],
            ["order_receipt.tenant_id", "order_receipt.receipt_line_id"],
            name=op.f("fk_order_acceptance_tenant_id_receipt_line_id_order_receipt"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "receipt_line_id", "place", name=op.f("pk_order_acceptance")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_settlement",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("movement_id", Id(), nullable=False),
        sa.Column("receipt_line_id", Id(), nullable=False),
        sa.Column("purchase_order_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('used', 'returned', 'written_off')", name=op.f("ck_order_settlement_kind")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_order_settlement_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "receipt_line_id"],
            ["order_receipt.tenant_id", "order_receipt.receipt_line_id"],
            name=op.f("fk_order_settlement_tenant_id_receipt_line_id_order_receipt"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "purchase_order_id"],
            ["purchase_order.tenant_id", "purchase_order.purchase_order_id"],
            name=op.f("fk_order_settlement_tenant_id_purchase_order_id_purchase_order"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "movement_id"],
            ["stock_movement.tenant_id", "stock_movement.movement_id"],
            name=op.f("fk_order_settlement_tenant_id_movement_id_stock_movement"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "movement_id", "receipt_line_id", name=op.f("pk_order_settlement")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_order_settlement_order",
        "order_settlement",
        ["tenant_id", "purchase_order_id", "line"],
        unique=False,
    )
    op.create_index(
        "ix_order_settlement_receipt",
        "order_settlement",
        ["tenant_id", "receipt_line_id"],
        unique=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
