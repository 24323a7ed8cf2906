"""Tables of change control, of the versions it brings into force, and of findings about data.

A change order is one cycle of a change: reopening one makes a new row with the same number and the
next cycle, and what was said in an earlier cycle stays as it is. What people answered, decided and
signed is append-only; the rows that move on (order, object, task, gate, temporary, finding) carry
where they stand now, and the trail says how they came there.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy import Boolean as Flag

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

KINDS = ("permanent", "emergency", "deviation")
CLASSES = ("MAJOR", "MODERATE", "MINOR", "MAJOR-CSV", "MINOR-CSV")
STATUSES = (
    *("open", "deferred", "planned", "released", "effective", "temporary", "closed"),
    *("rejected", "withdrawn", "lapsed"),
)
OBJECT_KINDS = (
    *("item", "item_revision", "bill_of_materials", "inspection_plan", "supplier"),
    *("approved_supply", "configuration", "definition", "document", "equipment"),
)
OBJECT_STATES = ("proposed", "authorised", "applied", "dropped")
EFFECTIVITIES = ("immediate", "date", "lot", "serial", "use_up", "rework", "scrap", "mixed")
SHIPPED = ("none", "next_service", "field_action")
ANSWERS = ("no_impact", "impact")
MARKET_ANSWERS = ("approved", "refused")
TASK_STATES = ("open", "done", "failed", "dropped")
FIRST_ARTICLE_RESULTS = ("passed", "failed")
FINDING_STATES = ("open", "assigned", "resolved", "gone")
RESOLUTIONS = ("corrected", "accepted")
RENEWALS_AT_MOST = 2

change_order = Table(
    "change_order",
    metadata,
    tenant(),
    key("change_id", Id),
    must("change_number", Text),
    must("cycle", SmallInteger),
    must("kind", Text),
    must("title", Text),
    must("problem", Text),
    must("proposal", Text),
    must("reason", Text),
    must("urgency", Text),
    must("source_kind", Text),  # person, corrective_action, nonconformance, …
    Column("source_number", Text),
    must("aspects", Document),  # codes of what is touched, from the document change_rules
    Column("change_class", Text),
    must("status", Text),
    must("round", SmallInteger),  # of assessment: back to it after failed verification
    must("requested_by", Text),
    must("requested_at", Instant),
    Column("effective_from", Date),
    Column("closed_at", Instant),
    Column("closing_reason", Text),
    must("process_instance_id", Id),
    UniqueConstraint("tenant_id", "change_number", "cycle"),
    UniqueConstraint("tenant_id", "process_instance_id"),
    one_of("kind", KINDS),
    one_of("change_class", CLASSES),
    one_of("status", STATUSES),
    CheckConstraint("cycle > 0 AND round > 0", name="counted"),
    Index("ix_change_order_status", "tenant_id", "status"),
)

affected_object = Table(
    "affected_object",
    metadata,
    tenant(),
    key("change_id", Id),
    key("object_number", SmallInteger),
    must("object_kind", Text),
    must("object_key", Text),  # item number, supplier number, key of a document, process id …
    must("state", Text),
    Column("version", Integer),  # of master_data_version, once applied
    Column("changed_at", Instant),
    refers("change_order", "change_id"),
    one_of("object_kind", OBJECT_KINDS),
    one_of("state", OBJECT_STATES),
    Index("ix_affected_object_key", "tenant_id", "object_kind", "object_key"),
    **COMPACT,
)

affected_field = Table(  # what of an object changes; old is read from the book, never typed
    "affected_field",
    metadata,
    tenant(),
    key("change_id", Id),
    key("object_number", SmallInteger),
    key("field", Text),  # a path: "criticality", "switching.normal_window", "*" for all of it
    Column("old_value", Document),
    Column("new_value", Document),
    refers("affected_object", "change_id", "object_number"),
    **COMPACT,
)

impact_assessment = Table(
    "impact_assessment",
    metadata,
    tenant(),
    key("change_id", Id),
    key("round", SmallInteger),
    key("role", Text),
    must("answer", Text),
    must("topics", Document),  # the items of the checklist that are touched
    Column("action", Text),
    must("reason", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("change_order", "change_id"),
    one_of("answer", ANSWERS),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    CheckConstraint("answer = 'no_impact' OR length(trim(action)) > 0", name="action"),
    **COMPACT,
)

regulatory_decision = Table(
    "regulatory_decision",
    metadata,
    tenant(),
    key("change_id", Id),
    key("round", SmallInteger),
    key("market", Text),
    must("proposed", Text),  # what the table proposed
    must("outcome", Text),  # what regulatory affairs decided
    must("approval_needed", Flag),
    must("before_release", Flag),  # nothing is released before this authority has approved
    must("rationale", Text),
    Column("document_reference", Text),
    must("actor", Text),
    must("decided_at", Instant),
    refers("change_order", "change_id"),
    CheckConstraint("length(trim(rationale)) > 0", name="rationale"),
    **COMPACT,
)

submission = Table(
    "submission",
    metadata,
    tenant(),
    key("change_id", Id),
    key("round", SmallInteger),
    key("market", Text),
    must("submission_number", Text),
    must("submitted_on", Date),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("regulatory_decision", "change_id", "round", "market"),
    **COMPACT,
)

authority_answer = Table(
    "authority_answer",
    metadata,
    tenant(),
    key("change_id", Id),
    key("round", SmallInteger),
    key("market", Text),
    must("answer", Text),
    must("reference", Text),
    Column("note", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("regulatory_decision", "change_id", "round", "market"),
    one_of("answer", MARKET_ANSWERS),
    CheckConstraint("length(trim(reference)) > 0", name="reference"),
    **COMPACT,
)

market_gate = Table(  # an item, or one revision of it, that may not be shipped to a market yet
    "market_gate",
    metadata,
    tenant(),
    key("market_gate_id", Id),
    must("change_id", Id),
    must("item_id", Id),
    must("market", Text),
    Column("item_revision", Text),  # the new revision; none: every lot of the item
    must("reason", Text),
    must("placed_at", Instant),
    must("placed_by", Text),
    Column("lifted_at", Instant),
    Column("lifted_by", Text),
    Column("lifted_because", Text),
    refers("change_order", "change_id"),
    refers("item", "item_id"),
    CheckConstraint("(lifted_at IS NULL) = (lifted_because IS NULL)", name="lifted"),
    Index("ix_market_gate_change", "tenant_id", "change_id"),
)
_closed = text("lifted_at IS NULL")
Index(
    "ix_market_gate_item",
    market_gate.c.tenant_id,
    market_gate.c.item_id,
    market_gate.c.market,
    sqlite_where=_closed,
    postgresql_where=_closed,
)

effectivity = Table(
    "effectivity",
    metadata,
    tenant(),
    key("change_id", Id),
    key("round", SmallInteger),
    must("kind", Text),
    must("effective_from", Date),
    Column("from_number", Text),  # the first lot or serial number, where that decides
    must("stock_treatment", Text),
    must("wip_treatment", Text),
    must("open_orders_treatment", Text),
    must("shipped_product", Text),
    must("interchangeable", Flag),
    must("owner_role", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("change_order", "change_id"),
    one_of("kind", EFFECTIVITIES),
    one_of("shipped_product", SHIPPED),
    CheckConstraint("kind <> 'mixed' OR interchangeable", name="mixed"),
    CheckConstraint("kind NOT IN ('lot', 'serial') OR from_number IS NOT NULL", name="from"),
    **COMPACT,
)

change_task = Table(
    "change_task",
    metadata,
    tenant(),
    key("change_id", Id),
    key("round", SmallInteger),
    key("task_number", SmallInteger),
    must("kind", Text),
    must("description", Text),
    must("owner_role", Text),
    must("due_on", Date),
    must("evidence_wanted", Text),
    must("state", Text),
    Column("evidence", Text),
    Column("result", Text),
    Column("done_by", Text),
    Column("done_at", Instant),
    refers("change_order", "change_id"),
    one_of("state", TASK_STATES),
    CheckConstraint("state NOT IN ('done', 'failed') OR evidence IS NOT NULL", name="evidence"),
    **COMPACT,
)

change_training = Table(  # who must know the new way before it begins
    "change_training",
    metadata,
    tenant(),
    key("change_id", Id),
    key("round", SmallInteger),
    key("training_number", SmallInteger),
    must("role", Text),
    must("people", SmallInteger),
    must("trained", SmallInteger),
    must("reference", Text),
    must("recorded_at", Instant),
    refers("change_order", "change_id"),
    CheckConstraint("people >= 0 AND trained >= 0 AND trained <= people", name="people"),
    **COMPACT,
)

temporary_authorisation = Table(  # an emergency's temporary change, or a planned deviation
    "temporary_authorisation",
    metadata,
    tenant(),
    key("change_id", Id),
    key("renewal", SmallInteger),  # 0 is the first authorisation
    must("item_number", Text),
    Column("instead_of", Text),  # the item of a bill that it goes in for, where it is a substitute
    must("lots", Document),
    Column("quantity", Text),
    must("valid_from", Instant),
    must("valid_until", Instant),
    must("reason", Text),
    must("authorised_by", Document),
    Column("ended_at", Instant),
    Column("ended_because", Text),
    refers("change_order", "change_id"),
    CheckConstraint(f"renewal BETWEEN 0 AND {RENEWALS_AT_MOST}", name="renewal"),
    CheckConstraint("valid_until > valid_from", name="valid"),
    **COMPACT,
)

_stands_in = text("ended_at IS NULL AND instead_of IS NOT NULL")
Index(
    "ix_temporary_authorisation_instead_of",
    temporary_authorisation.c.tenant_id,
    temporary_authorisation.c.valid_until,
    sqlite_where=_stands_in,
    postgresql_where=_stands_in,
)

temporary_use = Table(  # what was received or made under a temporary change, against its limit
    "temporary_use",
    metadata,
    tenant(),
    key("use_id", Id),
    must("change_id", Id),
    must("renewal", SmallInteger),
    must("lot_number", Text),
    must("quantity", BigInteger),  # in the item's stock unit
    must("document_kind", Text),
    must("document_id", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("temporary_authorisation", "change_id", "renewal"),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("ix_temporary_use_change", "tenant_id", "change_id"),
    Index("ix_temporary_use_document", "tenant_id", "document_id"),
    **COMPACT,
)

first_article_required = Table(  # a revision of which nothing is released before its article passed
    "first_article_required",
    metadata,
    tenant(),
    key("item_id", Id),
    key("item_revision", Text),
    must("change_id", Id),
    must("required_at", Instant),
    refers("change_order", "change_id"),
    refers("item_revision", "item_id", "item_revision=revision_code"),
    Index("ix_first_article_required_change", "tenant_id", "change_id"),
    **COMPACT,
)

first_article = Table(
    "first_article",
    metadata,
    tenant(),
    key("item_id", Id),
    key("item_revision", Text),
    key("attempt", SmallInteger),
    must("change_id", Id),
    must("lot_id", Id),
    must("result", Text),
    must("reference", Text),
    Column("remark", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("first_article_required", "item_id", "item_revision"),
    refers("lot", "lot_id"),
    one_of("result", FIRST_ARTICLE_RESULTS),
    CheckConstraint("length(trim(reference)) > 0", name="reference"),
    **COMPACT,
)

change_decision = Table(  # screening, board members, approvals, appeals, withdrawals, checks
    "change_decision",
    metadata,
    tenant(),
    key("change_id", Id),
    key("decision_number", SmallInteger),
    must("round", SmallInteger),
    must("step", Text),
    must("decision", Text),
    must("role", Text),
    Column("reason", Text),
    Column("signature_meaning", Text),
    must("actor", Text),
    must("decided_at", Instant),
    refers("change_order", "change_id"),
    **COMPACT,
)

master_data_version = Table(  # everything that a change brought into force
    "master_data_version",
    metadata,
    tenant(),
    key("object_kind", Text),
    key("object_key", Text),
    key("version", Integer),
    Column("old_document", Document),
    Column("new_document", Document),
    must("fields", Document),  # [{field, old, new}]
    must("change_id", Id),
    must("change_number", Text),
    must("reason", Text),
    must("approved_by", Document),
    must("effective_from", Date),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("change_order", "change_id"),
    one_of("object_kind", OBJECT_KINDS),
    Index("ix_master_data_version_change", "tenant_id", "change_id"),
    **COMPACT,
)

quality_check_run = Table(
    "quality_check_run",
    metadata,
    tenant(),
    key("run_id", Id),
    must("rules", Document),  # the rules as they were read then
    must("objects_checked", BigInteger),
    must("found", Integer),
    must("new", Integer),
    must("gone", Integer),
    must("actor", Text),
    must("run_at", Instant),
    **COMPACT,
)

quality_finding = Table(  # something about master data that its owner clears up
    "quality_finding",
    metadata,
    tenant(),
    key("finding_id", Id),
    must("rule", Text),
    must("object_kind", Text),
    must("object_key", Text),
    must("detail", Document),
    must("fingerprint", Text),  # of the detail: an accepted finding comes back when it changes
    must("severity", Text),
    must("owner_role", Text),
    must("state", Text),
    Column("assigned_to", Text),
    Column("due_on", Date),
    Column("resolution", Text),
    Column("reason", Text),
    Column("resolved_by", Text),
    Column("resolved_at", Instant),
    must("first_run_id", Id),
    must("last_run_id", Id),
    must("found_at", Instant),
    must("revision", Integer),
    one_of("severity", ("high", "medium", "low")),
    one_of("state", FINDING_STATES),
    one_of("resolution", RESOLUTIONS),
    CheckConstraint("(state = 'resolved') = (resolution IS NOT NULL)", name="resolved"),
    CheckConstraint(
        "resolution IS NULL OR (reason IS NOT NULL AND length(trim(reason)) > 0)", name="reason"
    ),
    CheckConstraint("state <> 'assigned' OR assigned_to IS NOT NULL", name="assigned"),
    ForeignKeyConstraint(
        ["tenant_id", "last_run_id"],
        ["quality_check_run.tenant_id", "quality_check_run.run_id"],
        name="fk_quality_finding_last_run",
    ),
    UniqueConstraint("tenant_id", "rule", "object_kind", "object_key"),
    Index("ix_quality_finding_owner", "tenant_id", "owner_role", "state"),
)

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
