"""Making."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document, Exact

APPEND_ONLY = [
    "bom",
    "bom_line",
    "conditional_release",
    "work_order_loss",
    "label_job",
    "label_reconciliation",
    "work_order_close",
    "expiry_change",
    "expiry_relabelling",
    "dossier",
    "dossier_taken",
    "dossier_reply",
    "dossier_answered",
]

revision = "production_0001"
down_revision = None
branch_labels = ("production",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "bom",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("bom_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("item_revision", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("change_reason", sa.Text(), nullable=False),
        sa.Column("change_number", sa.Text(), nullable=True),
        sa.Column("approved_by", Document(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.CheckConstraint("length(trim(change_reason)) > 0", name=op.f("ck_bom_reason")),
        sa.CheckConstraint("version > 0", name=op.f("ck_bom_version")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id", "item_revision"],
            ["item_revision.tenant_id", "item_revision.item_id", "item_revision.revision_code"],
            name=op.f("fk_bom_tenant_id_item_id_item_revision_item_revision"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_bom_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "bom_id", name=op.f("pk_bom")),
        sa.UniqueConstraint(
            "tenant_id", "item_id", "version", name=op.f("uq_bom_tenant_id_item_id_version")
        ),
    )
    op.create_table(
        "bom_line",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("bom_id", Id(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("component_item_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("per_quantity", sa.BigInteger(), nullable=False),
        sa.Column("scrap_percent", Exact(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=True),
        sa.Column("substitute_set", sa.Text(), nullable=True),
        sa.Column("phantom", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND per_quantity > 0", name=op.f("ck_bom_line_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bom_id"],
            ["bom.tenant_id", "bom.bom_id"],
            name=op.f("fk_bom_line_tenant_id_bom_id_bom"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "component_item_id"],
            ["item.tenant_id", "item.item_id"],
            name="fk_bom_line_component",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "bom_id", "line", name=op.f("pk_bom_line")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_order",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("work_order_number", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("item_revision", sa.Text(), nullable=False),
        sa.Column("bom_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("planned_start", sa.Date(), nullable=False),
        sa.Column("planned_end", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('released', 'closed', 'cancelled')", name=op.f("ck_work_order_status")
        ),
        sa.CheckConstraint("planned_end >= planned_start", name=op.f("ck_work_order_planned")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_work_order_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "bom_id"],
            ["bom.tenant_id", "bom.bom_id"],
            name=op.f("fk_work_order_tenant_id_bom_id_bom"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_work_order_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_work_order_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "work_order_id", name=op.f("pk_work_order")),
        sa.UniqueConstraint("tenant_id", "lot_id", name=op.f("uq_work_order_tenant_id_lot_id")),
        sa.UniqueConstraint(
            "tenant_id", "work_order_number", name=op.f("uq_work_order_tenant_id_work_order_number")
        ),
    )
    op.create_index("ix_work_order_item", "work_order", ["tenant_id", "item_id"], unique=False)
    op.create_table(
        "conditional_release",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("concession", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_conditional_release_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_conditional_release_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "lot_id", "work_order_id", name=op.f("pk_conditional_release")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "label_job",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("label_job_id", Id(), nullable=False),
        sa.Column("label_job_number", sa.Text(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("data", Document(), nullable=False),
        sa.Column("printed", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("printed_at", Instant(), nullable=False),
        sa.CheckConstraint("printed > 0", name=op.f("ck_label_job_printed")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_label_job_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "label_job_id", name=op.f("pk_label_job")),
        sa.UniqueConstraint(
            "tenant_id", "label_job_number", name=op.f("uq_label_job_tenant_id_label_job_number")
        ),
    )
    op.create_index("ix_label_job_order", "label_job", ["tenant_id", "work_order_id"], unique=False)
    op.create_table(
        "work_order_close",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("balance", Document(), nullable=False),
        sa.Column("within_tolerance", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("signature_meaning", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "within_tolerance OR length(trim(coalesce(explanation, ''))) > 0",
            name=op.f("ck_work_order_close_explained"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_work_order_close_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "work_order_id", name=op.f("pk_work_order_close")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "work_order_loss",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("loss_id", Id(), nullable=False),
        sa.Column("work_order_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('scrap', 'sample', 'retained', 'loss')", name=op.f("ck_work_order_loss_kind")
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_work_order_loss_reason")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_work_order_loss_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_work_order_loss_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "work_order_id"],
            ["work_order.tenant_id", "work_order.work_order_id"],
            name=op.f("fk_work_order_loss_tenant_id_work_order_id_work_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "loss_id", name=op.f("pk_work_order_loss")),
    )
    op.create_index(
        "ix_work_order_loss_order", "work_order_loss", ["tenant_id", "work_order_id"], unique=False
    )
    op.create_table(
        "label_reconciliation",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("label_job_id", Id(), nullable=False),
        sa.Column("printed", sa.Integer(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("destroyed", sa.Integer(), nullable=False),
        sa.Column("retained", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("signature_meaning", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reconciled_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "printed = applied + destroyed + retained OR (length(trim(coalesce(explanation, ''))) > 0 AND signature_meaning IS NOT NULL)",
            name=op.f("ck_label_reconciliation_difference_explained"),
        ),
        sa.CheckConstraint(
            "applied >= 0 AND destroyed >= 0 AND retained >= 0",
            name=op.f("ck_label_reconciliation_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "label_job_id"],
            ["label_job.tenant_id", "label_job.label_job_id"],
            name=op.f("fk_label_reconciliation_tenant_id_label_job_id_label_job"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "label_job_id", name=op.f("pk_label_reconciliation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "expiry_change",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("change_number", sa.Text(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("old_expiry", sa.Date(), nullable=False),
        sa.Column("new_expiry", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("stability_document", sa.Text(), nullable=False),
        sa.Column("signature_meaning", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(trim(reason)) > 0 AND length(trim(evidence)) > 0",
            name=op.f("ck_expiry_change_reason"),
        ),
        sa.CheckConstraint("new_expiry > old_expiry", name=op.f("ck_expiry_change_later")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_expiry_change_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "change_id", name=op.f("pk_expiry_change")),
        sa.UniqueConstraint(
            "tenant_id", "change_number", name=op.f("uq_expiry_change_tenant_id_change_number")
        ),
    )
    op.create_index("ix_expiry_change_lot", "expiry_change", ["tenant_id", "lot_id"], unique=False)
    op.create_table(
        "expiry_relabelling",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("printed", sa.Integer(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("destroyed", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("counted_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "removed >= 0 AND printed = applied + destroyed",
            name=op.f("ck_expiry_relabelling_reconciled"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["expiry_change.tenant_id", "expiry_change.change_id"],
            name=op.f("fk_expiry_relabelling_tenant_id_change_id_expiry_change"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "change_id", name=op.f("pk_expiry_relabelling")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dossier",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("dossier_id", Id(), nullable=False),
        sa.Column("registrant", sa.Text(), nullable=False),
        sa.Column("work_order_number", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("content", Document(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("released_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "dossier_id", name=op.f("pk_dossier")),
        sa.UniqueConstraint(
            "tenant_id",
            "work_order_number",
            "round",
            name=op.f("uq_dossier_tenant_id_work_order_number_round"),
        ),
    )
    op.create_table(
        "dossier_taken",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("dossier_id", Id(), nullable=False),
        sa.Column("contractor", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "dossier_id", name=op.f("pk_dossier_taken")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dossier_reply",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("dossier_id", Id(), nullable=False),
        sa.Column("contractor", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("replied_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "accepted OR (reasons IS NOT NULL AND length(trim(reasons)) > 0)",
            name=op.f("ck_dossier_reply_reasons"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "dossier_id", name=op.f("pk_dossier_reply")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dossier_answered",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("dossier_id", Id(), nullable=False),
        sa.Column("registrant", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "dossier_id"],
            ["dossier.tenant_id", "dossier.dossier_id"],
            name=op.f("fk_dossier_answered_tenant_id_dossier_id_dossier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "dossier_id", name=op.f("pk_dossier_answered")),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
