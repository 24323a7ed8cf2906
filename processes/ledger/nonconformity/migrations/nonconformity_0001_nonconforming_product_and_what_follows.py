"""Nonconforming product and what follows from it."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document

APPEND_ONLY = [
    "nonconformity_cycle",
    "nonconformity_closure",
    "disposition_vote",
    "concession",
    "supplier_answer",
    "corrective_action_task",
    "corrective_action_check",
]

revision = "nonconformity_0001"
down_revision = None
branch_labels = ("nonconformity",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "corrective_action",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("corrective_action_id", Id(), nullable=False),
        sa.Column("corrective_action_number", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_number", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("reopens", sa.Text(), nullable=True),
        sa.Column("scale", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("criterion", Document(), nullable=True),
        sa.Column("effective", sa.Boolean(), nullable=True),
        sa.Column("outcome_reason", sa.Text(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_corrective_action_closed")
        ),
        sa.CheckConstraint(
            "scale IN ('correction', 'lite', 'full', 'full_with_field_assessment', 'undecided')",
            name=op.f("ck_corrective_action_scale"),
        ),
        sa.CheckConstraint(
            "status = 'open' OR length(trim(coalesce(outcome_reason, ''))) > 0",
            name=op.f("ck_corrective_action_outcome_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'not_warranted', 'closed', 'cancelled')",
            name=op.f("ck_corrective_action_status"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "corrective_action_id", name=op.f("pk_corrective_action")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "corrective_action_number",
            name=op.f("uq_corrective_action_tenant_id_corrective_action_number"),
        ),
    )
    op.create_index(
        "ix_corrective_action_source",
        "corrective_action",
        ["tenant_id", "source_kind", "source_number"],
        unique=False,
    )
    op.create_table(
        "corrective_action_check",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("corrective_action_id", Id(), nullable=False),
        sa.Column("check_number", sa.SmallInteger(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=False),
        sa.Column("effective", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "check_number > 0", name=op.f("ck_corrective_action_check_check_number")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "corrective_action_id"],
            ["corrective_action.tenant_id", "corrective_action.corrective_action_id"],
            name=op.f(
                "fk_corrective_action_check_tenant_id_corrective_action_id_corrective_action"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "corrective_action_id",
            "check_number",
            name=op.f("pk_corrective_action_check"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "corrective_action_task",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("corrective_action_id", Id(), nullable=False),
        sa.Column("plan", sa.SmallInteger(), nullable=False),
        sa.Column("task", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("adverse_effect", sa.Text(), nullable=False),
        sa.Column("change_needed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('containment', 'corrective', 'preventive')",
            name=op.f("ck_corrective_action_task_kind"),
        ),
        sa.CheckConstraint(
            "length(trim(adverse_effect)) > 0",
            name=op.f("ck_corrective_action_task_adverse_effect"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "corrective_action_id"],
            ["corrective_action.tenant_id", "corrective_action.corrective_action_id"],
            name=op.f("fk_corrective_action_task_tenant_id_corrective_action_id_corrective_action"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "corrective_action_id",
            "plan",
            "task",
            name=op.f("pk_corrective_action_task"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nonconformity",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=False),
        sa.Column("nonconformity_number", sa.Text(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_number", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=True),
        sa.Column("supplier_id", Id(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("immediate_action", sa.Text(), nullable=True),
        sa.Column("requirement", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("probability", sa.SmallInteger(), nullable=True),
        sa.Column("risk_score", sa.Integer(), nullable=True),
        sa.Column("nonconformity_class", sa.Text(), nullable=True),
        sa.Column("cause_code", sa.Text(), nullable=True),
        sa.Column("aware_at", Instant(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False),
        sa.Column("reported_at", Instant(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "nonconformity_class IN ('CRITICAL', 'MAJOR', 'MINOR')",
            name=op.f("ck_nonconformity_nonconformity_class"),
        ),
        sa.CheckConstraint(
            "severity IN ('S1', 'S2', 'S3', 'S4', 'S5')", name=op.f("ck_nonconformity_severity")
        ),
        sa.CheckConstraint(
            "stage IN ('incoming', 'in_process', 'final', 'stock', 'return', 'label', 'software', 'audit', 'supplier', 'other')",
            name=op.f("ck_nonconformity_stage"),
        ),
        sa.CheckConstraint("cycle > 0", name=op.f("ck_nonconformity_cycle")),
        sa.CheckConstraint(
            "length(trim(description)) > 0", name=op.f("ck_nonconformity_description")
        ),
        sa.CheckConstraint(
            "probability BETWEEN 1 AND 5", name=op.f("ck_nonconformity_probability")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_nonconformity_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_nonconformity_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "nonconformity_id", name=op.f("pk_nonconformity")),
        sa.UniqueConstraint(
            "tenant_id",
            "nonconformity_number",
            name=op.f("uq_nonconformity_tenant_id_nonconformity_number"),
        ),
    )
    op.create_index(
        "ix_nonconformity_item",
        "nonconformity",
        ["tenant_id", "item_id", "reported_at"],
        unique=False,
    )
    op.create_index(
        "ix_nonconformity_source",
        "nonconformity",
        ["tenant_id", "source_kind", "source_number"],
        unique=False,
    )
    op.create_table(
        "nonconformity_cycle",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("process_instance_id", Id(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "cycle = 1 OR length(trim(coalesce(reason, ''))) > 0",
            name=op.f("ck_nonconformity_cycle_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "nonconformity_id"],
            ["nonconformity.tenant_id", "nonconformity.nonconformity_id"],
            name=op.f("fk_nonconformity_cycle_tenant_id_nonconformity_id_nonconformity"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "nonconformity_id", "cycle", name=op.f("pk_nonconformity_cycle")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supplier_request",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_request_id", Id(), nullable=False),
        sa.Column("request_number", sa.Text(), nullable=False),
        sa.Column("supplier_id", Id(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=True),
        sa.Column("item_id", Id(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("stops_receipts", sa.Boolean(), nullable=False),
        sa.Column("reopens", sa.Text(), nullable=True),
        sa.Column("reopen_reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("effective", sa.Boolean(), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_supplier_request_closed")
        ),
        sa.CheckConstraint(
            "status <> 'closed' OR effective IS NOT NULL",
            name=op.f("ck_supplier_request_effective"),
        ),
        sa.CheckConstraint(
            "NOT stops_receipts OR item_id IS NOT NULL", name=op.f("ck_supplier_request_stops")
        ),
        sa.CheckConstraint(
            "(reopens IS NULL) = (reopen_reason IS NULL)", name=op.f("ck_supplier_request_reopens")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'closed', 'cancelled')", name=op.f("ck_supplier_request_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_supplier_request_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "nonconformity_id"],
            ["nonconformity.tenant_id", "nonconformity.nonconformity_id"],
            name=op.f("fk_supplier_request_tenant_id_nonconformity_id_nonconformity"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_id"],
            ["supplier.tenant_id", "supplier.supplier_id"],
            name=op.f("fk_supplier_request_tenant_id_supplier_id_supplier"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "supplier_request_id", name=op.f("pk_supplier_request")
        ),
        sa.UniqueConstraint(
            "tenant_id", "reopens", name=op.f("uq_supplier_request_tenant_id_reopens")
        ),
        sa.UniqueConstraint(
            "tenant_id", "request_number", name=op.f("uq_supplier_request_tenant_id_request_number")
        ),
    )
    op.create_index(
        "ix_supplier_request_supplier",
        "supplier_request",
        ["tenant_id", "supplier_id", "status"],
        unique=False,
    )
    op.create_table(
        "disposition_vote",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("voter", sa.Text(), nullable=False),
        sa.Column("voted_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "agrees OR length(trim(coalesce(reason, ''))) > 0",
            name=op.f("ck_disposition_vote_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "nonconformity_id", "cycle"],
            [
                "nonconformity_cycle.tenant_id",
                "nonconformity_cycle.nonconformity_id",
                "nonconformity_cycle.cycle",
            ],
            name=op.f("fk_disposition_vote_tenant_id_nonconformity_id_cycle_nonconformity_cycle"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "nonconformity_id",
            "cycle",
            "round",
            "role",
            name=op.f("pk_disposition_vote"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nonconformity_closure",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signature_meaning", sa.Text(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "outcome = 'cancelled' OR signature_meaning IS NOT NULL",
            name=op.f("ck_nonconformity_closure_signature"),
        ),
        sa.CheckConstraint(
            "outcome IN ('closed', 'void', 'cancelled')",
            name=op.f("ck_nonconformity_closure_outcome"),
        ),
        sa.CheckConstraint(
            "length(trim(reason)) > 0", name=op.f("ck_nonconformity_closure_reason")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "nonconformity_id", "cycle"],
            [
                "nonconformity_cycle.tenant_id",
                "nonconformity_cycle.nonconformity_id",
                "nonconformity_cycle.cycle",
            ],
            name=op.f(
                "fk_nonconformity_closure_tenant_id_nonconformity_id_cycle_nonconformity_cycle"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "nonconformity_id", "cycle", name=op.f("pk_nonconformity_closure")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supplier_answer",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("supplier_request_id", Id(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("answer", Document(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "accepted OR length(trim(coalesce(remark, ''))) > 0",
            name=op.f("ck_supplier_answer_remark"),
        ),
        sa.CheckConstraint(
            "step IN ('containment', 'root_cause', 'plan', 'evidence')",
            name=op.f("ck_supplier_answer_step"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "supplier_request_id"],
            ["supplier_request.tenant_id", "supplier_request.supplier_request_id"],
            name=op.f("fk_supplier_answer_tenant_id_supplier_request_id_supplier_request"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "supplier_request_id", "step", "attempt", name=op.f("pk_supplier_answer")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "nonconformity_lot",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("hold_id", Id(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "finding <> 'clear' OR length(trim(coalesce(evidence, ''))) > 0",
            name=op.f("ck_nonconformity_lot_evidence"),
        ),
        sa.CheckConstraint(
            "finding = 'affected' OR quantity = 0", name=op.f("ck_nonconformity_lot_only_affected")
        ),
        sa.CheckConstraint(
            "finding IN ('affected', 'suspect', 'clear')", name=op.f("ck_nonconformity_lot_finding")
        ),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_nonconformity_lot_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "hold_id"],
            ["hold.tenant_id", "hold.hold_id"],
            name=op.f("fk_nonconformity_lot_tenant_id_hold_id_hold"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_nonconformity_lot_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "nonconformity_id", "cycle"],
            [
                "nonconformity_cycle.tenant_id",
                "nonconformity_cycle.nonconformity_id",
                "nonconformity_cycle.cycle",
            ],
            name=op.f("fk_nonconformity_lot_tenant_id_nonconformity_id_cycle_nonconformity_cycle"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "nonconformity_id", "cycle", "lot_id", name=op.f("pk_nonconformity_lot")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_nonconformity_lot_lot", "nonconformity_lot", ["tenant_id", "lot_id"], unique=False
    )
    op.create_table(
        "disposition_split",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("split", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=True),
        sa.Column("serials", Document(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done_quantity", sa.BigInteger(), nullable=False),
        sa.Column("evidence", Document(), nullable=True),
        sa.Column("cost", Document(), nullable=True),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("executed_by", sa.Text(), nullable=True),
        sa.Column("executed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "disposition IN ('SCRAP', 'RETURN', 'REWORK', 'REPAIR', 'SUPPLIER_REWORK', 'USE_AS_IS', 'SORT', 'REGRADE', 'RETAIN')",
            name=op.f("ck_disposition_split_disposition"),
        ),
        sa.CheckConstraint(
            "status <> 'done' OR done_quantity > 0",
            name=op.f("ck_disposition_split_done_is_something"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'approved', 'done', 'failed', 'withdrawn')",
            name=op.f("ck_disposition_split_status"),
        ),
        sa.CheckConstraint(
            "done_quantity BETWEEN 0 AND quantity", name=op.f("ck_disposition_split_done")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_disposition_split_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "nonconformity_id", "cycle", "lot_id"],
            [
                "nonconformity_lot.tenant_id",
                "nonconformity_lot.nonconformity_id",
                "nonconformity_lot.cycle",
                "nonconformity_lot.lot_id",
            ],
            name=op.f(
                "fk_disposition_split_tenant_id_nonconformity_id_cycle_lot_id_nonconformity_lot"
            ),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "nonconformity_id", "cycle", "split", name=op.f("pk_disposition_split")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "concession",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("concession_id", Id(), nullable=False),
        sa.Column("concession_number", sa.Text(), nullable=False),
        sa.Column("nonconformity_id", Id(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("split", sa.SmallInteger(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("requirement", sa.Text(), nullable=False),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("risk_benefit", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("record_note", sa.Text(), nullable=True),
        sa.Column("customer_reference", sa.Text(), nullable=True),
        sa.Column("regulatory_by", sa.Text(), nullable=False),
        sa.Column("quality_by", sa.Text(), nullable=False),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_concession_quantity")),
        sa.CheckConstraint("regulatory_by <> quality_by", name=op.f("ck_concession_two_people")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_concession_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "nonconformity_id", "cycle", "split"],
            [
                "disposition_split.tenant_id",
                "disposition_split.nonconformity_id",
                "disposition_split.cycle",
                "disposition_split.split",
            ],
            name=op.f("fk_concession_tenant_id_nonconformity_id_cycle_split_disposition_split"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "concession_id", name=op.f("pk_concession")),
        sa.UniqueConstraint(
            "tenant_id", "concession_number", name=op.f("uq_concession_tenant_id_concession_number")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "nonconformity_id",
            "cycle",
            "split",
            name=op.f("uq_concession_tenant_id_nonconformity_id_cycle_split"),
        ),
    )
    op.create_index(
        "ix_concession_item", "concession", ["tenant_id", "item_id", "granted_at"], unique=False
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
