"""The tables of nonconformities (ISO 13485, 8.3) and of what follows from them (8.5).

A nonconformity is one record with cycles: reopening it adds a cycle, the earlier ones stay as they
were closed. Its lots say what is affected, its splits what becomes of which quantity. Decisions of
people (votes, concessions, closures, answers, checks) are append-only; a split moves on from
proposed to done. Quantities are integers at the unit's decimals, as everywhere in the book.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
)

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

CLASSES = ("CRITICAL", "MAJOR", "MINOR")
SEVERITIES = ("S1", "S2", "S3", "S4", "S5")
STAGES = (
    *("incoming", "in_process", "final", "stock", "return", "label", "software"),
    *("audit", "supplier", "other"),
)
"""Where the nonconformity was found; with the item's nature it decides what may be done (NC-03)."""
FINDINGS = ("affected", "suspect", "clear")
DISPOSITIONS = (
    *("SCRAP", "RETURN", "REWORK", "REPAIR", "SUPPLIER_REWORK", "USE_AS_IS", "SORT", "REGRADE"),
    "RETAIN",
)
SPLIT_STATUSES = ("proposed", "approved", "done", "failed", "withdrawn")
OUTCOMES = ("closed", "void", "cancelled")
SCAR_STEPS = ("containment", "root_cause", "plan", "evidence")

# --- the nonconformity --------------------------------------------------------------------------

nonconformity = Table(
    "nonconformity",
    metadata,
    tenant(),
    key("nonconformity_id", Id),
    must("nonconformity_number", Text),
    must("cycle", SmallInteger),  # the latest one
    must("source_kind", Text),  # incoming_inspection, complaint, person …
    must("source_number", Text),
    must("stage", Text),
    Column("item_id", Id),
    Column("supplier_id", Id),
    must("description", Text),
    Column("immediate_action", Text),
    Column("requirement", Text),  # what is not fulfilled: document, revision, clause
    Column("severity", Text),
    Column("probability", SmallInteger),
    Column("risk_score", Integer),
    Column("nonconformity_class", Text),
    Column("cause_code", Text),
    must("aware_at", Instant),  # when the company became aware: clocks of the law start here
    must("reported_by", Text),
    must("reported_at", Instant),
    must("revision", Integer),
    UniqueConstraint("tenant_id", "nonconformity_number"),
    refers("item", "item_id"),
    refers("supplier", "supplier_id"),
    one_of("stage", STAGES),
    one_of("severity", SEVERITIES),
    one_of("nonconformity_class", CLASSES),
    CheckConstraint("cycle > 0", name="cycle"),
    CheckConstraint("probability BETWEEN 1 AND 5", name="probability"),
    CheckConstraint("length(trim(description)) > 0", name="description"),
    Index("ix_nonconformity_item", "tenant_id", "item_id", "reported_at"),
    Index("ix_nonconformity_source", "tenant_id", "source_kind", "source_number"),
)

nonconformity_cycle = Table(
    "nonconformity_cycle",
    metadata,
    tenant(),
    key("nonconformity_id", Id),
    key("cycle", SmallInteger),
    Column("process_instance_id", Id),
    Column("reason", Text),  # why it was opened again
    must("opened_by", Text),
    must("opened_at", Instant),
    refers("nonconformity", "nonconformity_id"),
    CheckConstraint("cycle = 1 OR length(trim(coalesce(reason, ''))) > 0", name="reason"),
    **COMPACT,
)

nonconformity_closure = Table(  # a cycle without a row here is open
    "nonconformity_closure",
    metadata,
    tenant(),
    key("nonconformity_id", Id),
    key("cycle", SmallInteger),
    must("outcome", Text),
    must("reason", Text),
    Column("signature_meaning", Text),
    must("closed_by", Text),
    must("closed_at", Instant),
    refers("nonconformity_cycle", "nonconformity_id", "cycle"),
    one_of("outcome", OUTCOMES),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    CheckConstraint("outcome = 'cancelled' OR signature_meaning IS NOT NULL", name="signature"),
    **COMPACT,
)

nonconformity_lot = Table(  # the scope: which lots, with what evidence, how much of each
    "nonconformity_lot",
    metadata,
    tenant(),
    key("nonconformity_id", Id),
    key("cycle", SmallInteger),
    key("lot_id", Id),
    must("finding", Text),
    must("quantity", BigInteger),  # affected stock that has to be dispositioned
    must("via", Text),  # how it came into the scope: reported, forward, supplier_lot …
    Column("evidence", Text),
    Column("hold_id", Id),
    must("decided_by", Text),
    must("decided_at", Instant),
    refers("nonconformity_cycle", "nonconformity_id", "cycle"),
    refers("lot", "lot_id"),
    refers("hold", "hold_id"),
    one_of("finding", FINDINGS),
    CheckConstraint("quantity >= 0", name="quantity"),
    CheckConstraint("finding = 'affected' OR quantity = 0", name="only_affected"),
    CheckConstraint(
        "finding <> 'clear' OR length(trim(coalesce(evidence, ''))) > 0", name="evidence"
    ),
    Index("ix_nonconformity_lot_lot", "tenant_id", "lot_id"),
    **COMPACT,
)

# --- dispositions -------------------------------------------------------------------------------

disposition_split = Table(
    "disposition_split",
    metadata,
    tenant(),
    key("nonconformity_id", Id),
    key("cycle", SmallInteger),
    key("split", SmallInteger),
    must("round", SmallInteger),  # what could not be carried out is proposed again
    must("lot_id", Id),
    must("quantity", BigInteger),
    must("disposition", Text),
    must("reason", Text),
    Column("instruction", Text),
    must("serials", Document),  # of a lot with serial numbers: which units
    must("status", Text),
    must("done_quantity", BigInteger),
    Column("evidence", Document),
    Column("cost", Document),  # of poor quality: scrap, labour, freight
    must("proposed_by", Text),
    must("proposed_at", Instant),
    Column("executed_by", Text),
    Column("executed_at", Instant),
    refers("nonconformity_lot", "nonconformity_id", "cycle", "lot_id"),
    one_of("disposition", DISPOSITIONS),
    one_of("status", SPLIT_STATUSES),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("done_quantity BETWEEN 0 AND quantity", name="done"),
    CheckConstraint("status <> 'done' OR done_quantity > 0", name="done_is_something"),
    **COMPACT,
)

disposition_vote = Table(
    "disposition_vote",
    metadata,
    tenant(),
    key("nonconformity_id", Id),
    key("cycle", SmallInteger),
    key("round", SmallInteger),
    key("role", Text),
    must("agrees", Boolean),
    Column("reason", Text),
    must("voter", Text),
    must("voted_at", Instant),
    refers("nonconformity_cycle", "nonconformity_id", "cycle"),
    CheckConstraint("agrees OR length(trim(coalesce(reason, ''))) > 0", name="reason"),
    **COMPACT,
)

concession = Table(
    "concession",
    metadata,
    tenant(),
    key("concession_id", Id),
    must("concession_number", Text),
    must("nonconformity_id", Id),
    must("cycle", SmallInteger),
    must("split", SmallInteger),
    must("item_id", Id),
    must("requirement", Text),
    must("justification", Text),
    must("risk_benefit", Text),
    must("quantity", BigInteger),
    Column("valid_until", Date),
    Column("record_note", Text),  # what is written on the label or into the device history record
    Column("customer_reference", Text),
    must("regulatory_by", Text),
    must("quality_by", Text),
    must("granted_at", Instant),
    UniqueConstraint("tenant_id", "concession_number"),
    UniqueConstraint("tenant_id", "nonconformity_id", "cycle", "split"),
    refers("disposition_split", "nonconformity_id", "cycle", "split"),
    refers("item", "item_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("regulatory_by <> quality_by", name="two_people"),
    Index("ix_concession_item", "tenant_id", "item_id", "granted_at"),
)

# --- supplier corrective action requests ----------------------------------------------------------

supplier_request = Table(  # SCAR: an 8D report asked of a supplier
    "supplier_request",
    metadata,
    tenant(),
    key("supplier_request_id", Id),
    must("request_number", Text),
    must("supplier_id", Id),
    Column("nonconformity_id", Id),
    Column("item_id", Id),
    must("problem", Text),
    Column("problem_zh", Text),  # where the product wrote it: `problem` is then the English of it
    must("critical", Boolean),
    must("stops_receipts", Boolean),  # of its item, until it is closed as effective (IQ-03)
    Column("reopens", Text),  # the one that is over which this continues; it stays as it was signed
    Column("reopen_reason", Text),
    must("status", Text),
    Column("effective", Boolean),
    must("issued_by", Text),
    must("issued_at", Instant),
    Column("closed_by", Text),
    Column("closed_at", Instant),
    UniqueConstraint("tenant_id", "request_number"),
    refers("supplier", "supplier_id"),
    refers("item", "item_id"),
    ForeignKeyConstraint(
        ["tenant_id", "nonconformity_id"],
        ["nonconformity.tenant_id", "nonconformity.nonconformity_id"],
    ),
    one_of("status", ("open", "closed", "cancelled")),
    CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
    CheckConstraint("status <> 'closed' OR effective IS NOT NULL", name="effective"),
    CheckConstraint("NOT stops_receipts OR item_id IS NOT NULL", name="stops"),
    CheckConstraint("(reopens IS NULL) = (reopen_reason IS NULL)", name="reopens"),
    UniqueConstraint("tenant_id", "reopens"),
    Index("ix_supplier_request_supplier", "tenant_id", "supplier_id", "status"),
)

supplier_answer = Table(
    "supplier_answer",
    metadata,
    tenant(),
    key("supplier_request_id", Id),
    key("step", Text),
    key("attempt", SmallInteger),
    must("answer", Document),
    must("accepted", Boolean),
    Column("remark", Text),
    must("due_at", Instant),
    must("answered_at", Instant),
    must("reviewed_by", Text),
    refers("supplier_request", "supplier_request_id"),
    one_of("step", SCAR_STEPS),
    CheckConstraint("accepted OR length(trim(coalesce(remark, ''))) > 0", name="remark"),
    **COMPACT,
)

# --- corrective and preventive action -------------------------------------------------------------

corrective_action = Table(
    "corrective_action",
    metadata,
    tenant(),
    key("corrective_action_id", Id),
    must("corrective_action_number", Text),
    must("source_kind", Text),
    must("source_number", Text),
    must("trigger", Text),
    must("problem", Text),
    Column("reopens", Text),  # the closed one that this continues, which stays as it was signed
    must("scale", Text),
    must("status", Text),
    Column("cause", Text),
    Column("criterion", Document),  # set with the plan: metric, target, sample, when
    Column("effective", Boolean),
    Column("outcome_reason", Text),
    must("opened_by", Text),
    must("opened_at", Instant),
    Column("closed_by", Text),
    Column("closed_at", Instant),
    UniqueConstraint("tenant_id", "corrective_action_number"),
    one_of("scale", ("correction", "lite", "full", "full_with_field_assessment", "undecided")),
    one_of("status", ("open", "not_warranted", "closed", "cancelled")),
    CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
    CheckConstraint(
        "status = 'open' OR length(trim(coalesce(outcome_reason, ''))) > 0", name="outcome_reason"
    ),
    Index("ix_corrective_action_source", "tenant_id", "source_kind", "source_number"),
)

corrective_action_task = Table(  # one row a planned action; a new plan adds rows
    "corrective_action_task",
    metadata,
    tenant(),
    key("corrective_action_id", Id),
    key("plan", SmallInteger),
    key("task", SmallInteger),
    must("kind", Text),
    must("description", Text),
    must("owner_role", Text),
    must("due_on", Date),
    must("adverse_effect", Text),  # on safety, performance, conformity with regulation
    must("change_needed", Boolean),
    refers("corrective_action", "corrective_action_id"),
    one_of("kind", ("containment", "corrective", "preventive")),
    CheckConstraint("length(trim(adverse_effect)) > 0", name="adverse_effect"),
    **COMPACT,
)

corrective_action_check = Table(
    "corrective_action_check",
    metadata,
    tenant(),
    key("corrective_action_id", Id),
    key("check_number", SmallInteger),
    must("measured", Text),
    must("effective", Boolean),
    must("evidence", Text),
    must("checked_by", Text),
    must("checked_at", Instant),
    refers("corrective_action", "corrective_action_id"),
    CheckConstraint("check_number > 0", name="check_number"),
    **COMPACT,
)

APPEND_ONLY = [
    "nonconformity_cycle",
    "nonconformity_closure",
    "disposition_vote",
    "concession",
    "supplier_answer",
    "corrective_action_task",
    "corrective_action_check",
]
"""Tables on which the database itself refuses UPDATE and DELETE (engine/store/guards.py)."""
