"""The tables of buying.

A purchase order is its versions: each is written once, when it is approved, with its lines and
with what was true of supplier and item at that moment, and is never changed. What came in against
it, what was accepted and what was invoiced are rows of their own, so that the three can be
compared (three-way match). Only where a requisition, an order or a line stands now is changed.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document, Exact
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

REQUISITION_STATUSES = ("open", "approved", "ordered", "closed", "rejected", "cancelled")
ORDER_STATUSES = ("draft", "sent", "held", "closed", "cancelled")
ORDER_MAIL_STATES = ("pending", "sending", "sent", "failed", "withdrawn")
ORDER_CHANNELS = ("mail", "portal", "edi", "paper")
LINE_STATUSES = ("open", "closed", "cancelled")
SETTLEMENTS = ("used", "returned", "written_off")
"""What became of goods that came on consignment: bought by using them, sent back, or gone at the
supplier's cost."""
FREE_TEXT_CATEGORIES = ("supplies", "service", "software", "equipment")
"""What is bought without being an item: nothing of it becomes part of a product."""
QUALIFICATION_STATUSES = (
    *("open", "approved", "conditional", "rejected", "suspended", "cancelled"),
)
CERTIFICATE_KINDS = (
    *("iso13485", "iso9001", "manufacturing_licence", "distribution_licence", "record_filing"),
    *("product_registration", "insurance", "other"),
)
"""What a supplier shows: 13485, 9001, 生产许可证, 经营许可证, 备案凭证, 产品注册证, insurance."""

# --- requisitions -----------------------------------------------------------------------------

requisition = Table(
    "requisition",
    metadata,
    tenant(),
    key("requisition_id", Id),
    must("requisition_number", Text),
    must("cycle", SmallInteger),  # 1, and one more each time that it is opened again
    must("site", Text),
    must("need_date", Date),
    must("purpose", Text),
    must("cost_centre", Text),
    must("currency", Text),
    must("emergency", Boolean),
    Column("justification", Text),
    must("requester", Text),
    must("status", Text),
    must("process_instance_id", Id),
    must("created_at", Instant),
    must("changed_at", Instant),
    UniqueConstraint("tenant_id", "requisition_number", "cycle"),
    one_of("status", REQUISITION_STATUSES),
    CheckConstraint("cycle > 0", name="cycle"),
)

requisition_line = Table(  # what is needed: an item, or free text with a category
    "requisition_line",
    metadata,
    tenant(),
    key("requisition_id", Id),
    key("line", SmallInteger),
    Column("item_id", Id),  # none for free text, and for what is not in the catalogue yet
    Column("item_number", Text),
    Column("item_revision", Text),
    Column("category", Text),
    Column("description", Text),
    must("quantity", Exact),  # in `unit_code`; becomes an integer of the stock unit on the order
    must("unit_code", Text),
    must("estimated_price", Exact),
    refers("requisition", "requisition_id"),
    refers("item", "item_id"),
    one_of("category", FREE_TEXT_CATEGORIES),
    CheckConstraint("line > 0", name="line"),
    CheckConstraint(
        "(item_number IS NULL) = (category IS NOT NULL)"
        " AND (category IS NULL) = (description IS NULL)",
        name="free_text",
    ),
    Index("ix_requisition_line_item", "tenant_id", "item_number"),
    **COMPACT,
)

# --- purchase orders --------------------------------------------------------------------------

purchase_order = Table(
    "purchase_order",
    metadata,
    tenant(),
    key("purchase_order_id", Id),
    must("order_number", Text),
    must("requisition_id", Id),
    must("supplier_id", Id),
    must("site", Text),
    must("currency", Text),
    must("emergency", Boolean),
    must("status", Text),
    must("version", Integer),  # the one in force; 0 before the first is approved
    must("draft", Document),  # what the next version will say
    must("process_instance_id", Id),
    must("created_at", Instant),
    must("changed_at", Instant),
    UniqueConstraint("tenant_id", "order_number"),
    refers("requisition", "requisition_id"),
    refers("supplier", "supplier_id"),
    one_of("status", ORDER_STATUSES),
    CheckConstraint("version >= 0", name="version"),
    Index("ix_purchase_order_supplier", "tenant_id", "supplier_id", "status"),
)

purchase_order_version = Table(
    "purchase_order_version",
    metadata,
    tenant(),
    key("purchase_order_id", Id),
    key("version", Integer),
    must("content", Document),  # header, lines, clauses; approvals; supplier and item as they were
    must("content_hash", Text),  # SHA-256 of the canonical content
    must("total", Exact),
    Column("reason", Text),  # of the change; none for the first version
    must("actor", Text),
    must("frozen_at", Instant),
    refers("purchase_order", "purchase_order_id"),
    CheckConstraint("(version = 1) = (reason IS NULL)", name="reason"),
    **COMPACT,
)

purchase_order_line = Table(
    "purchase_order_line",
    metadata,
    tenant(),
    key("purchase_order_id", Id),
    key("version", Integer),
    key("line", SmallInteger),
    must("requisition_id", Id),  # what it is ordered for: each line knows whose need it meets
    must("requisition_line", SmallInteger),
    Column("item_id", Id),  # none for free text
    Column("item_revision", Text),
    Column("description", Text),  # what was written instead of an item
    must("quantity", BigInteger),  # in `unit_code`: the item's stock unit where there is an item
    must("unit_code", Text),
    must("unit_price", Exact),
    must("promised_date", Date),
    Column("min_remaining_life_days", Integer),
    Column("consigned", Boolean, nullable=False, server_default=false()),  # paid when it is used
    refers("purchase_order_version", "purchase_order_id", "version"),
    refers("requisition", "requisition_id"),
    refers("item", "item_id"),
    CheckConstraint("quantity > 0 AND line > 0 AND requisition_line > 0", name="quantity"),
    CheckConstraint(
        "(item_id IS NULL) = (description IS NOT NULL)"
        " AND (item_id IS NULL) = (item_revision IS NULL)",
        name="free_text",
    ),
    CheckConstraint("item_id IS NOT NULL OR NOT consigned", name="consigned"),
    Index("ix_purchase_order_line_requisition", "tenant_id", "requisition_id"),
    **COMPACT,
)

joint_requisition = Table(  # one that is ordered together with others, or waits to be
    "joint_requisition",
    metadata,
    tenant(),
    key("requisition_id", Id),
    must("supplier_id", Id),  # whom the buyer chose for it
    must("offer", Document),  # prices by line, currency: what the common order starts from
    Column("purchase_order_id", Id),  # the order that took it; none while it waits
    must("waits_since", Instant),
    refers("requisition", "requisition_id"),
    refers("supplier", "supplier_id"),
    refers("purchase_order", "purchase_order_id"),
    Index("ix_joint_requisition_supplier", "tenant_id", "supplier_id"),
    Index("ix_joint_requisition_order", "tenant_id", "purchase_order_id"),
    **COMPACT,
)

order_line_status = Table(  # where a line of an order stands, whatever its version
    "order_line_status",
    metadata,
    tenant(),
    key("purchase_order_id", Id),
    key("line", SmallInteger),
    must("status", Text),
    Column("reason", Text),
    must("actor", Text),
    must("changed_at", Instant),
    refers("purchase_order", "purchase_order_id"),
    one_of("status", LINE_STATUSES),
    CheckConstraint("status = 'open' OR length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

order_mail = Table(  # a version on its way to the supplier; changes: whether it went out
    "order_mail",
    metadata,
    tenant(),
    key("order_mail_id", Id),
    must("purchase_order_id", Id),
    must("version", Integer),
    must("channel", Text),  # by what the buyer sent it by hand: mail, portal, edi, paper
    must("address", Text),
    must("actor", Text),  # who sent it, or in whose command it was given to the outbox
    must("status", Text),
    must("attempts", SmallInteger),
    must("due_at", Instant),
    Column("answer", Text),  # what the receiving server said, or who took it back
    must("created_at", Instant),
    refers("purchase_order_version", "purchase_order_id", "version"),
    one_of("status", ORDER_MAIL_STATES),
    one_of("channel", ORDER_CHANNELS),
    Index("ix_order_mail_order", "tenant_id", "purchase_order_id"),
)
_to_send = text("status IN ('pending', 'sending')")
Index(
    "ix_order_mail_due",
    order_mail.c.due_at,
    sqlite_where=_to_send,
    postgresql_where=_to_send,
)

order_confirmation = Table(  # what the supplier answered to a version
    "order_confirmation",
    metadata,
    tenant(),
    key("order_confirmation_id", Id),
    must("purchase_order_id", Id),
    must("version", Integer),
    must("reference", Text),
    must("answer", Document),
    must("differences", Document),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("purchase_order_version", "purchase_order_id", "version"),
    Index("ix_order_confirmation_order", "tenant_id", "purchase_order_id"),
)

order_receipt = Table(  # a receipt line that came against a line of an order
    "order_receipt",
    metadata,
    tenant(),
    key("receipt_line_id", Id),
    must("purchase_order_id", Id),
    must("line", SmallInteger),
    must("quantity", BigInteger),
    must("recorded_at", Instant),
    refers("receipt_line", "receipt_line_id"),
    refers("purchase_order", "purchase_order_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("ix_order_receipt_order", "tenant_id", "purchase_order_id", "line"),
)

order_acceptance = Table(  # what was decided about such a receipt line, one decision after another
    "order_acceptance",
    metadata,
    tenant(),
    key("receipt_line_id", Id),
    key("place", SmallInteger),  # 1 for the first decision; a later one adds to it
    must("decision", Text),
    must("accepted", BigInteger),
    must("rejected", BigInteger),  # below zero where what was rejected has been used after all
    must("withdrawn", BigInteger),  # of a receipt that was cancelled
    must("recorded_at", Instant),
    refers("order_receipt", "receipt_line_id"),
    one_of("decision", ("ACCEPT", "REJECT", "DISPOSED", "CANCELLED")),
    CheckConstraint(
        "place > 0 AND accepted >= 0 AND withdrawn >= 0 AND rejected >= -accepted",
        name="quantity",
    ),
    **COMPACT,
)

order_settlement = Table(  # of consigned goods that came for a line: what became of them
    "order_settlement",
    metadata,
    tenant(),
    key("movement_id", Id),  # the change of ownership, or what took the goods away
    key("receipt_line_id", Id),
    must("purchase_order_id", Id),
    must("line", SmallInteger),
    must("kind", Text),
    must("quantity", BigInteger),  # below nothing where goods came back and are the supplier's
    must("actor", Text),
    must("recorded_at", Instant),
    refers("order_receipt", "receipt_line_id"),
    refers("purchase_order", "purchase_order_id"),
    refers("stock_movement", "movement_id"),
    one_of("kind", SETTLEMENTS),
    CheckConstraint("quantity <> 0", name="quantity"),
    Index("ix_order_settlement_order", "tenant_id", "purchase_order_id", "line"),
    Index("ix_order_settlement_receipt", "tenant_id", "receipt_line_id"),
    **COMPACT,
)

order_performance = Table(  # what needs no dock: a service was done, supplies were handed over
    "order_performance",
    metadata,
    tenant(),
    key("order_performance_id", Id),
    must("purchase_order_id", Id),
    must("line", SmallInteger),
    must("quantity", BigInteger),
    must("evidence", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("purchase_order", "purchase_order_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("ix_order_performance_order", "tenant_id", "purchase_order_id", "line"),
)

supplier_invoice = Table(
    "supplier_invoice",
    metadata,
    tenant(),
    key("supplier_invoice_id", Id),
    must("supplier_id", Id),
    must("invoice_number", Text),
    must("purchase_order_id", Id),
    must("invoice_date", Date),
    Column("receipt_number", Text),  # none for an invoice over all that was accepted
    must("amount", Exact),
    must("lines", Document),
    must("outcome", Text),
    must("differences", Document),
    Column("reason", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("purchase_order", "purchase_order_id"),
    refers("supplier", "supplier_id"),
    one_of("outcome", ("matched", "blocked", "accepted_with_difference")),
    CheckConstraint("(outcome = 'accepted_with_difference') = (reason IS NOT NULL)", name="reason"),
    Index("ix_supplier_invoice_order", "tenant_id", "purchase_order_id"),
)
_paid = text("outcome <> 'blocked'")
Index(  # an invoice is paid once
    "uq_supplier_invoice_paid",
    supplier_invoice.c.tenant_id,
    supplier_invoice.c.supplier_id,
    supplier_invoice.c.invoice_number,
    unique=True,
    sqlite_where=_paid,
    postgresql_where=_paid,
)

purchase_waiver = Table(  # buying once from a supplier that may not be bought from freely
    "purchase_waiver",
    metadata,
    tenant(),
    key("purchase_waiver_id", Id),
    must("waiver_number", Text),
    must("requisition_id", Id),
    must("supplier_id", Id),
    must("item_id", Id),
    must("reason", Text),
    must("controls", Text),
    must("hold", Boolean),  # held from the receipt until quality has decided its inspection
    must("quantity_limit", BigInteger),
    must("valid_to", Date),
    must("actor", Text),
    must("granted_at", Instant),
    UniqueConstraint("tenant_id", "waiver_number"),
    refers("requisition", "requisition_id"),
    refers("supplier", "supplier_id"),
    refers("item", "item_id"),
    CheckConstraint("quantity_limit > 0", name="quantity_limit"),
)

# --- what lets a supplier deliver -------------------------------------------------------------

supplier_certificate = Table(
    "supplier_certificate",
    metadata,
    tenant(),
    key("supplier_certificate_id", Id),
    must("supplier_id", Id),
    must("kind", Text),
    must("certificate_number", Text),
    must("scope", Text),
    must("body", Text),  # who issued it
    must("valid_from", Date),
    must("valid_to", Date),
    Column("file_hash", Text),  # SHA-256 of the attachment
    must("actor", Text),
    must("recorded_at", Instant),
    refers("supplier", "supplier_id"),
    one_of("kind", CERTIFICATE_KINDS),
    CheckConstraint("valid_to >= valid_from", name="validity"),
    Index("ix_supplier_certificate_supplier", "tenant_id", "supplier_id", "kind", "valid_to"),
)

quality_agreement = Table(
    "quality_agreement",
    metadata,
    tenant(),
    key("quality_agreement_id", Id),
    must("supplier_id", Id),
    must("agreement_number", Text),
    must("terms", Document),  # the contents that China's GMP Art. 116 asks for
    must("signed_for_supplier", Text),
    must("signed_for_us", Text),
    must("valid_from", Date),
    must("valid_to", Date),
    must("actor", Text),
    must("recorded_at", Instant),
    UniqueConstraint("tenant_id", "agreement_number"),
    refers("supplier", "supplier_id"),
    CheckConstraint("valid_to >= valid_from", name="validity"),
    Index("ix_quality_agreement_supplier", "tenant_id", "supplier_id", "valid_to"),
)

supplier_qualification = Table(  # one run through the qualification of a source, with its end
    "supplier_qualification",
    metadata,
    tenant(),
    key("qualification_number", Text),
    Column("reopens", Text),  # the one that is over which this continues; it stays as it was
    must("supplier_id", Id),
    must("item_id", Id),
    must("site", Text),
    must("purpose", Text),
    must("status", Text),
    Column("reason", Text),  # of its end
    must("process_instance_id", Id),
    must("opened_by", Text),
    must("opened_at", Instant),
    Column("ended_at", Instant),
    UniqueConstraint("tenant_id", "reopens"),
    refers("supplier", "supplier_id"),
    refers("item", "item_id"),
    one_of("status", QUALIFICATION_STATUSES),
    CheckConstraint(
        "(status IN ('open', 'approved', 'conditional')) = (ended_at IS NULL)", name="ended"
    ),
    Index("ix_supplier_qualification_supplier", "tenant_id", "supplier_id", "item_id"),
)

supplier_assessment = Table(  # one qualification or re-evaluation, with what it came to
    "supplier_assessment",
    metadata,
    tenant(),
    key("supplier_assessment_id", Id),
    must("assessment_number", Text),
    must("supplier_id", Id),
    must("item_id", Id),
    must("site", Text),
    must("supply_type", Text),
    must("risk", Integer),  # SU-01
    must("level", Text),
    must("decision", Text),
    must("facts", Document),
    Column("valid_to", Date),
    must("process_instance_id", Id),
    must("actor", Text),
    must("decided_at", Instant),
    UniqueConstraint("tenant_id", "assessment_number"),
    refers("supplier", "supplier_id"),
    refers("item", "item_id"),
    one_of("decision", ("approved", "conditional", "rejected")),
    Index("ix_supplier_assessment_supplier", "tenant_id", "supplier_id", "item_id"),
)

supplier_score = Table(
    "supplier_score",
    metadata,
    tenant(),
    key("supplier_id", Id),
    key("month", Date),  # its first day
    key("recorded_at", Instant),
    must("quality", SmallInteger),  # of 50
    must("delivery", SmallInteger),  # of 30
    must("service", SmallInteger),  # of 15
    must("documents", SmallInteger),  # of 5
    must("total", SmallInteger),
    must("grade", Text),
    must("facts", Document),
    refers("supplier", "supplier_id"),
    one_of("grade", ("A", "B", "C", "D")),
    CheckConstraint("total = quality + delivery + service + documents", name="total"),
    **COMPACT,
)

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
