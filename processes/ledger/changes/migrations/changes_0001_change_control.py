"""Change control, the versions it brings into force, findings about data."""

import sqlalchemy as sa
from alembic import op

from engine.store.base import Id, Instant
from engine.store.guards import guard_statements
from processes.ledger.columns import Document

APPEND_ONLY = [
    "affected_field",
    "impact_assessment",
    "regulatory_decision",
    "submission",
    "authority_answer",
    "effectivity",
    "change_training",
    "temporary_use",
    "first_article_required",
    "first_article",
    "change_decision",
    "master_data_version",
    "quality_check_run",
]

revision = "changes_0001"
down_revision = None
branch_labels = ("changes",)
depends_on = "ledger_0001"


def upgrade() -> None:
    op.create_table(
        "change_order",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("change_number", sa.Text(), nullable=False),
        sa.Column("cycle", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_number", sa.Text(), nullable=True),
        sa.Column("aspects", Document(), nullable=False),
        sa.Column("change_class", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("process_instance_id", Id(), nullable=False),
        sa.CheckConstraint(
            "change_class IN ('MAJOR', 'MODERATE', 'MINOR', 'MAJOR-CSV', 'MINOR-CSV')",
            name=op.f("ck_change_order_change_class"),
        ),
        sa.CheckConstraint(
            "kind IN ('permanent', 'emergency', 'deviation')", name=op.f("ck_change_order_kind")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'deferred', 'planned', 'released', 'effective', 'temporary', 'closed', 'rejected', 'withdrawn', 'lapsed')",
            name=op.f("ck_change_order_status"),
        ),
        sa.CheckConstraint("cycle > 0 AND round > 0", name=op.f("ck_change_order_counted")),
        sa.PrimaryKeyConstraint("tenant_id", "change_id", name=op.f("pk_change_order")),
        sa.UniqueConstraint(
            "tenant_id",
            "change_number",
            "cycle",
            name=op.f("uq_change_order_tenant_id_change_number_cycle"),
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "process_instance_id",
            name=op.f("uq_change_order_tenant_id_process_instance_id"),
        ),
    )
    op.create_index("ix_change_order_status", "change_order", ["tenant_id", "status"], unique=False)
    op.create_table(
        "quality_check_run",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("run_id", Id(), nullable=False),
        sa.Column("rules", Document(), nullable=False),
        sa.Column("objects_checked", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("run_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "run_id", name=op.f("pk_quality_check_run")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "affected_object",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("object_number", sa.SmallInteger(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "object_kind IN ('item', 'item_revision', 'bill_of_materials', 'inspection_plan', 'supplier', 'approved_supply', 'configuration', 'definition', 'document', 'equipment')",
            name=op.f("ck_affected_object_object_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'authorised', 'applied', 'dropped')",
            name=op.f("ck_affected_object_state"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_affected_object_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "object_number", name=op.f("pk_affected_object")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_affected_object_key",
        "affected_object",
        ["tenant_id", "object_kind", "object_key"],
        unique=False,
    )
    op.create_table(
        "change_decision",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("decision_number", sa.SmallInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("signature_meaning", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_change_decision_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "decision_number", name=op.f("pk_change_decision")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "change_task",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("task_number", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("evidence_wanted", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'failed', 'dropped')", name=op.f("ck_change_task_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('done', 'failed') OR evidence IS NOT NULL",
            name=op.f("ck_change_task_evidence"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_change_task_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "round", "task_number", name=op.f("pk_change_task")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "change_training",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("training_number", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("people", sa.SmallInteger(), nullable=False),
        sa.Column("trained", sa.SmallInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "people >= 0 AND trained >= 0 AND trained <= people",
            name=op.f("ck_change_training_people"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_change_training_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "round", "training_number", name=op.f("pk_change_training")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "effectivity",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("from_number", sa.Text(), nullable=True),
        sa.Column("stock_treatment", sa.Text(), nullable=False),
        sa.Column("wip_treatment", sa.Text(), nullable=False),
        sa.Column("open_orders_treatment", sa.Text(), nullable=False),
        sa.Column("shipped_product", sa.Text(), nullable=False),
        sa.Column("interchangeable", sa.Boolean(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("kind <> 'mixed' OR interchangeable", name=op.f("ck_effectivity_mixed")),
        sa.CheckConstraint(
            "kind IN ('immediate', 'date', 'lot', 'serial', 'use_up', 'rework', 'scrap', 'mixed')",
            name=op.f("ck_effectivity_kind"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('lot', 'serial') OR from_number IS NOT NULL",
            name=op.f("ck_effectivity_from"),
        ),
        sa.CheckConstraint(
            "shipped_product IN ('none', 'next_service', 'field_action')",
            name=op.f("ck_effectivity_shipped_product"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_effectivity_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "change_id", "round", name=op.f("pk_effectivity")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "impact_assessment",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("topics", Document(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "answer = 'no_impact' OR length(trim(action)) > 0",
            name=op.f("ck_impact_assessment_action"),
        ),
        sa.CheckConstraint(
            "answer IN ('no_impact', 'impact')", name=op.f("ck_impact_assessment_answer")
        ),
        sa.CheckConstraint("length(trim(reason)) > 0", name=op.f("ck_impact_assessment_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_impact_assessment_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "round", "role", name=op.f("pk_impact_assessment")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "master_data_version",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("old_document", Document(), nullable=True),
        sa.Column("new_document", Document(), nullable=True),
        sa.Column("fields", Document(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("change_number", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", Document(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "object_kind IN ('item', 'item_revision', 'bill_of_materials', 'inspection_plan', 'supplier', 'approved_supply', 'configuration', 'definition', 'document', 'equipment')",
            name=op.f("ck_master_data_version_object_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_master_data_version_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "object_kind", "object_key", "version", name=op.f("pk_master_data_version")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_master_data_version_change",
        "master_data_version",
        ["tenant_id", "change_id"],
        unique=False,
    )
    op.create_table(
        "quality_finding",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("finding_id", Id(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("detail", Document(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("first_run_id", Id(), nullable=False),
        sa.Column("last_run_id", Id(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'resolved') = (resolution IS NOT NULL)",
            name=op.f("ck_quality_finding_resolved"),
        ),
        sa.CheckConstraint(
            "resolution IN ('corrected', 'accepted')", name=op.f("ck_quality_finding_resolution")
        ),
        sa.CheckConstraint(
            "severity IN ('high', 'medium', 'low')", name=op.f("ck_quality_finding_severity")
        ),
        sa.CheckConstraint(
            "state <> 'assigned' OR assigned_to IS NOT NULL",
            name=op.f("ck_quality_finding_assigned"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'assigned', 'resolved', 'gone')",
            name=op.f("ck_quality_finding_state"),
        ),
        sa.CheckConstraint(
            "resolution IS NULL OR (reason IS NOT NULL AND length(trim(reason)) > 0)",
            name=op.f("ck_quality_finding_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "last_run_id"],
            ["quality_check_run.tenant_id", "quality_check_run.run_id"],
            name="fk_quality_finding_last_run",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "finding_id", name=op.f("pk_quality_finding")),
        sa.UniqueConstraint(
            "tenant_id",
            "rule",
            "object_kind",
            "object_key",
            name=op.f("uq_quality_finding_tenant_id_rule_object_kind_object_key"),
        ),
    )
    op.create_index(
        "ix_quality_finding_owner",
        "quality_finding",
        ["tenant_id", "owner_role", "state"],
        unique=False,
    )
    op.create_table(
        "regulatory_decision",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("approval_needed", sa.Boolean(), nullable=False),
        sa.Column("before_release", sa.Boolean(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("document_reference", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "length(trim(rationale)) > 0", name=op.f("ck_regulatory_decision_rationale")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_regulatory_decision_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "round", "market", name=op.f("pk_regulatory_decision")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "temporary_authorisation",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("renewal", sa.SmallInteger(), nullable=False),
        sa.Column("item_number", sa.Text(), nullable=False),
        sa.Column("lots", Document(), nullable=False),
        sa.Column("quantity", sa.Text(), nullable=True),
        sa.Column("valid_from", Instant(), nullable=False),
        sa.Column("valid_until", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("authorised_by", Document(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "renewal BETWEEN 0 AND 2", name=op.f("ck_temporary_authorisation_renewal")
        ),
        sa.CheckConstraint(
            "valid_until > valid_from", name=op.f("ck_temporary_authorisation_valid")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_temporary_authorisation_tenant_id_change_id_change_order"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "renewal", name=op.f("pk_temporary_authorisation")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "temporary_use",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("use_id", Id(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("renewal", sa.SmallInteger(), nullable=False),
        sa.Column("lot_number", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_temporary_use_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id", "renewal"],
            [
                "temporary_authorisation.tenant_id",
                "temporary_authorisation.change_id",
                "temporary_authorisation.renewal",
            ],
            name=op.f("fk_temporary_use_tenant_id_change_id_renewal_temporary_authorisation"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "use_id", name=op.f("pk_temporary_use")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_temporary_use_change", "temporary_use", ["tenant_id", "change_id"], unique=False
    )
    op.create_table(
        "first_article_required",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("item_revision", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("required_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_first_article_required_tenant_id_change_id_change_order"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id", "item_revision"],
            [
                "item_revision.tenant_id",
                "item_revision.item_id",
                "item_revision.revision_code",
            ],
            name=op.f("fk_first_article_required_tenant_id_item_id_item_revision_item_revision"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "item_id", "item_revision", name=op.f("pk_first_article_required")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_first_article_required_change",
        "first_article_required",
        ["tenant_id", "change_id"],
        unique=False,
    )
    op.create_table(
        "first_article",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("item_revision", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("lot_id", Id(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint("result IN ('passed', 'failed')", name=op.f("ck_first_article_result")),
        sa.CheckConstraint("length(trim(reference)) > 0", name=op.f("ck_first_article_reference")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id", "item_revision"],
            [
                "first_article_required.tenant_id",
                "first_article_required.item_id",
                "first_article_required.item_revision",
            ],
            name=op.f("fk_first_article_tenant_id_item_id_item_revision_first_article_required"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.lot_id"],
            name=op.f("fk_first_article_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "item_id", "item_revision", "attempt", name=op.f("pk_first_article")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "affected_field",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("object_number", sa.SmallInteger(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old_value", Document(), nullable=True),
        sa.Column("new_value", Document(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id", "object_number"],
            [
                "affected_object.tenant_id",
                "affected_object.change_id",
                "affected_object.object_number",
            ],
            name=op.f("fk_affected_field_tenant_id_change_id_object_number_affected_object"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "object_number", "field", name=op.f("pk_affected_field")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "authority_answer",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "answer IN ('approved', 'refused')", name=op.f("ck_authority_answer_answer")
        ),
        sa.CheckConstraint(
            "length(trim(reference)) > 0", name=op.f("ck_authority_answer_reference")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id", "round", "market"],
            [
                "regulatory_decision.tenant_id",
                "regulatory_decision.change_id",
                "regulatory_decision.round",
                "regulatory_decision.market",
            ],
            name=op.f("fk_authority_answer_tenant_id_change_id_round_market_regulatory_decision"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "round", "market", name=op.f("pk_authority_answer")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "market_gate",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("market_gate_id", Id(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("item_id", Id(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("item_revision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(lifted_at IS NULL) = (lifted_because IS NULL)", name=op.f("ck_market_gate_lifted")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id"],
            ["change_order.tenant_id", "change_order.change_id"],
            name=op.f("fk_market_gate_tenant_id_change_id_change_order"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.item_id"],
            name=op.f("fk_market_gate_tenant_id_item_id_item"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "market_gate_id", name=op.f("pk_market_gate")),
    )
    op.create_index(
        "ix_market_gate_change", "market_gate", ["tenant_id", "change_id"], unique=False
    )
    op.create_index(
        "ix_market_gate_item",
        "market_gate",
        ["tenant_id", "item_id", "market"],
        unique=False,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "submission",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("change_id", Id(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("submission_number", sa.Text(), nullable=False),
        sa.Column("submitted_on", sa.Date(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "change_id", "round", "market"],
            [
                "regulatory_decision.tenant_id",
                "regulatory_decision.change_id",
                "regulatory_decision.round",
                "regulatory_decision.market",
            ],
            name=op.f("fk_submission_tenant_id_change_id_round_market_regulatory_decision"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "change_id", "round", "market", name=op.f("pk_submission")
        ),
        sqlite_with_rowid=False,
    )
    for statement in guard_statements(op.get_context().dialect.name, APPEND_ONLY):
        op.execute(statement)
