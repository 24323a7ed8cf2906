"""Tables of production: bills of material, work orders, what was lost, labels, the close."""

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
from processes.ledger.columns import Document, Exact
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

LOSSES = ("scrap", "sample", "retained", "loss")
"""What became of issued material that is in no good unit; each on the record with its reason."""

STOPS = ("lot.hold", "lot.recalled", "supplier.blocked")
"""What makes an open order stand still: the signals that it hears."""
STOP_DECISIONS = ("go_on", "quarantine", "close")

bom = Table(  # one row a version; a later one replaces it from its day on, nothing is changed
    "bom",
    metadata,
    tenant(),
    key("bom_id", Id),
    must("item_id", Id),
    must("item_revision", Text),
    must("version", Integer),
    must("effective_from", Date),
    must("change_reason", Text),
    Column("change_number", Text),  # the change order that approved it
    must("approved_by", Document),
    must("actor", Text),
    must("created_at", Instant),
    UniqueConstraint("tenant_id", "item_id", "version"),
    refers("item", "item_id"),
    refers("item_revision", "item_id", "item_revision=revision_code"),
    CheckConstraint("version > 0", name="version"),
    CheckConstraint("length(trim(change_reason)) > 0", name="reason"),
)

bom_line = Table(
    "bom_line",
    metadata,
    tenant(),
    key("bom_id", Id),
    key("line", SmallInteger),
    must("component_item_id", Id),
    # So much of the component goes into so much of the parent: an exact ratio of stored integers.
    must("quantity", BigInteger),
    must("per_quantity", BigInteger),
    must("scrap_percent", Exact),
    Column("operation", Text),
    Column("substitute_set", Text),  # lines of one set stand in for each other
    must("phantom", Boolean),
    refers("bom", "bom_id"),
    ForeignKeyConstraint(
        ["tenant_id", "component_item_id"],
        ["item.tenant_id", "item.item_id"],
        name="fk_bom_line_component",
    ),
    CheckConstraint("quantity > 0 AND per_quantity > 0", name="quantity"),
    **COMPACT,
)

work_order = Table(
    "work_order",
    metadata,
    tenant(),
    key("work_order_id", Id),
    must("work_order_number", Text),
    must("item_id", Id),
    must("item_revision", Text),
    must("bom_id", Id),
    must("lot_id", Id),  # of the output; known from the start, so that every issue has its edge
    must("quantity", BigInteger),
    must("site", Text),
    must("planned_start", Date),
    must("planned_end", Date),
    must("status", Text),
    must("actor", Text),
    must("created_at", Instant),
    must("revision", Integer),
    must("changed_at", Instant),
    UniqueConstraint("tenant_id", "work_order_number"),
    UniqueConstraint("tenant_id", "lot_id"),
    refers("item", "item_id"),
    refers("bom", "bom_id"),
    refers("lot", "lot_id"),
    one_of("status", ("released", "closed", "cancelled")),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("planned_end >= planned_start", name="planned"),
    Index("ix_work_order_item", "tenant_id", "item_id"),
)

conditional_release = Table(  # RELEASED_CONDITIONAL stock of a lot is for this work order only
    "conditional_release",
    metadata,
    tenant(),
    key("lot_id", Id),
    key("work_order_id", Id),
    must("concession", Text),  # the document that allows it
    must("actor", Text),
    must("recorded_at", Instant),
    refers("lot", "lot_id"),
    refers("work_order", "work_order_id"),
    **COMPACT,
)

work_order_loss = Table(  # issued material that went into no good unit
    "work_order_loss",
    metadata,
    tenant(),
    key("loss_id", Id),
    must("work_order_id", Id),
    must("lot_id", Id),
    must("kind", Text),
    must("quantity", BigInteger),
    must("reason", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("work_order", "work_order_id"),
    refers("lot", "lot_id"),
    one_of("kind", LOSSES),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    Index("ix_work_order_loss_order", "tenant_id", "work_order_id"),
)

equipment_use = Table(  # what an order was worked on with: lots beside one that does not conform
    "equipment_use",
    metadata,
    tenant(),
    key("equipment_use_id", Id),
    must("work_order_id", Id),
    must("equipment_number", Text),
    Column("operation", Text),
    must("began_at", Instant),
    must("ended_at", Instant),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("work_order", "work_order_id"),
    CheckConstraint("began_at <= ended_at", name="period"),
    CheckConstraint("length(trim(equipment_number)) > 0", name="number"),
    Index("ix_equipment_use_order", "tenant_id", "work_order_id"),
    Index("ix_equipment_use_equipment", "tenant_id", "equipment_number", "began_at"),
)

equipment_qualification = Table(  # a later one counts before an earlier one
    "equipment_qualification",
    metadata,
    tenant(),
    key("qualification_id", Id),
    must("equipment_number", Text),
    must("qualified_on", Date),
    must("valid_to", Date),  # the last day
    must("evidence", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    CheckConstraint("valid_to >= qualified_on", name="valid"),
    CheckConstraint(
        "length(trim(equipment_number)) > 0 AND length(trim(evidence)) > 0", name="evidence"
    ),
    Index("ix_equipment_qualification_number", "tenant_id", "equipment_number"),
)

line_clearance = Table(  # nothing of the work before is left on the line: two people saw it
    "line_clearance",
    metadata,
    tenant(),
    key("clearance_id", Id),
    must("work_order_id", Id),
    must("line", Text),
    must("previous", Text),  # the order or lot before, or that there was none
    must("cleared_by", Text),
    must("signature_meaning", Text),
    must("actor", Text),  # who verified it
    must("verified_at", Instant),
    refers("work_order", "work_order_id"),
    CheckConstraint("cleared_by <> actor", name="two_people"),
    CheckConstraint("length(trim(line)) > 0 AND length(trim(previous)) > 0", name="line"),
    Index("ix_line_clearance_order", "tenant_id", "work_order_id"),
)

work_order_stop = Table(  # an order with a row here and none in work_order_stop_end stands still
    "work_order_stop",
    metadata,
    tenant(),
    key("stop_id", Id),
    must("work_order_id", Id),
    must("cause", Text),
    must("subject", Text),  # the lot, or the supplier
    must("reason", Text),
    must("source", Text),
    must("actor", Text),
    must("stopped_at", Instant),
    refers("work_order", "work_order_id"),
    one_of("cause", STOPS),
    Index("ix_work_order_stop_order", "tenant_id", "work_order_id"),
)

work_order_stop_end = Table(
    "work_order_stop_end",
    metadata,
    tenant(),
    key("stop_id", Id),
    must("decision", Text),
    must("reason", Text),
    must("signature_meaning", Text),
    must("actor", Text),
    must("decided_at", Instant),
    refers("work_order_stop", "stop_id"),
    one_of("decision", STOP_DECISIONS),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

work_order_cycle = Table(  # an order that goes on with one that has ended: its next cycle
    "work_order_cycle",
    metadata,
    tenant(),
    key("work_order_id", Id),
    must("reopens_id", Id),
    must("cycle", SmallInteger),
    must("reason", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("work_order", "work_order_id"),
    ForeignKeyConstraint(
        ["tenant_id", "reopens_id"],
        ["work_order.tenant_id", "work_order.work_order_id"],
        name="fk_work_order_cycle_reopens",
    ),
    UniqueConstraint("tenant_id", "reopens_id"),
    CheckConstraint("cycle > 1", name="cycle"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

label_job = Table(
    "label_job",
    metadata,
    tenant(),
    key("label_job_id", Id),
    must("label_job_number", Text),
    must("work_order_id", Id),
    must("template", Text),  # with its revision
    must("data", Document),
    must("printed", Integer),
    must("actor", Text),
    must("printed_at", Instant),
    UniqueConstraint("tenant_id", "label_job_number"),
    refers("work_order", "work_order_id"),
    CheckConstraint("printed > 0", name="printed"),
    Index("ix_label_job_order", "tenant_id", "work_order_id"),
)

label_reconciliation = Table(  # a label job without a row here is open
    "label_reconciliation",
    metadata,
    tenant(),
    key("label_job_id", Id),
    must("printed", Integer),  # of the job: the check below compares with it
    must("applied", Integer),
    must("destroyed", Integer),
    must("retained", Integer),
    Column("explanation", Text),
    Column("signature_meaning", Text),
    must("actor", Text),
    must("reconciled_at", Instant),
    refers("label_job", "label_job_id"),
    CheckConstraint("applied >= 0 AND destroyed >= 0 AND retained >= 0", name="counts"),
    CheckConstraint(
        "printed = applied + destroyed + retained "
        "OR (length(trim(coalesce(explanation, ''))) > 0 AND signature_meaning IS NOT NULL)",
        name="difference_explained",
    ),
    **COMPACT,
)

work_order_close = Table(
    "work_order_close",
    metadata,
    tenant(),
    key("work_order_id", Id),
    must("balance", Document),  # per component: issued, used, lost, difference, tolerance
    must("within_tolerance", Boolean),
    Column("explanation", Text),
    must("signature_meaning", Text),
    must("actor", Text),
    must("closed_at", Instant),
    refers("work_order", "work_order_id"),
    CheckConstraint(
        "within_tolerance OR length(trim(coalesce(explanation, ''))) > 0", name="explained"
    ),
    **COMPACT,
)

expiry_change = Table(  # an expiry extended by a re-test; the old value stays visible
    "expiry_change",
    metadata,
    tenant(),
    key("change_id", Id),
    must("change_number", Text),
    must("lot_id", Id),
    must("old_expiry", Date),
    must("new_expiry", Date),
    must("reason", Text),
    must("evidence", Text),
    must("stability_document", Text),  # what supported it, of the document stability_data
    must("signature_meaning", Text),
    must("actor", Text),
    must("changed_at", Instant),
    UniqueConstraint("tenant_id", "change_number"),
    refers("lot", "lot_id"),
    CheckConstraint("new_expiry > old_expiry", name="later"),
    CheckConstraint("length(trim(reason)) > 0 AND length(trim(evidence)) > 0", name="reason"),
    Index("ix_expiry_change_lot", "tenant_id", "lot_id"),
)

expiry_relabelling = Table(  # a change without a row here still has old labels on its goods
    "expiry_relabelling",
    metadata,
    tenant(),
    key("change_id", Id),
    must("removed", Integer),
    must("printed", Integer),
    must("applied", Integer),
    must("destroyed", Integer),
    must("actor", Text),
    must("counted_at", Instant),
    refers("expiry_change", "change_id"),
    CheckConstraint("removed >= 0 AND printed = applied + destroyed", name="reconciled"),
    **COMPACT,
)

dossier = Table(  # what a contractor released for a registrant, who is another tenant
    "dossier",
    metadata,
    tenant(),  # the contractor
    key("dossier_id", Id),
    must("registrant", Text),
    must("work_order_number", Text),
    must("round", SmallInteger),  # handed over once more after a refusal: the next round
    must("content", Document),  # the device history record as it was released
    must("content_hash", Text),
    must("actor", Text),
    must("released_at", Instant),
    UniqueConstraint("tenant_id", "work_order_number", "round"),
)

dossier_taken = Table(  # in the registrant's own book: from here its release begins
    "dossier_taken",
    metadata,
    tenant(),  # the registrant
    key("dossier_id", Id),
    must("contractor", Text),
    must("content_hash", Text),
    must("taken_at", Instant),
    **COMPACT,
)

dossier_reply = Table(  # what the registrant made of it, in the registrant's own book
    "dossier_reply",
    metadata,
    tenant(),  # the registrant
    key("dossier_id", Id),
    must("contractor", Text),
    must("content_hash", Text),  # of the dossier that was answered
    must("accepted", Boolean),
    Column("reasons", Text),
    must("actor", Text),
    must("replied_at", Instant),
    CheckConstraint(
        "accepted OR (reasons IS NOT NULL AND length(trim(reasons)) > 0)", name="reasons"
    ),
    **COMPACT,
)

dossier_answered = Table(  # in the contractor's own book: the answer as it came
    "dossier_answered",
    metadata,
    tenant(),  # the contractor
    key("dossier_id", Id),
    must("registrant", Text),
    must("accepted", Boolean),
    Column("reasons", Text),
    must("answered_by", Text),
    must("answered_at", Instant),
    must("taken_at", Instant),
    refers("dossier", "dossier_id"),
    **COMPACT,
)

APPEND_ONLY = [
    "bom",
    "bom_line",
    "conditional_release",
    "work_order_loss",
    "equipment_use",
    "equipment_qualification",
    "line_clearance",
    "work_order_stop",
    "work_order_stop_end",
    "work_order_cycle",
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
