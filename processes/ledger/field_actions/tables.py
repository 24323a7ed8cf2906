"""The tables of field actions, readable from top to bottom.

What was found, sent, answered and done is append-only. Rows that change are marked: the action
itself (where it stands), the mails of notices (whether they went out) and one-time links (used).

Consignees and lots are copied as they were when the action reached them: a report must say what
was known then. Quantities are integers at the decimals of the item's stock unit, as in the book.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.store.base import Id, Instant, metadata
from processes.ledger.columns import Document
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

# --- words that the database knows ------------------------------------------------------------

MODES = ("real", "mock")
STATES = ("assessing", "decided", "not_reported", "executing", "completed", "closed", "cancelled")
ACTION_TYPES = (
    *("recall", "correction", "fsca", "market_withdrawal", "stock_recovery", "advisory_notice"),
    *("routine_servicing", "none"),
)
CLASSES_CHINA = ("I", "II", "III", "unclassified")
CLASSES_FDA = ("I", "II", "III", "unclassified")
CLASSES_EU = ("fsca", "fsca_public_health_threat", "field_action", "none", "unclassified")
NOTICE_KINDS = ("notice", "amendment", "next_tier")
CHANNELS = ("mail", "letter", "phone", "portal", "visit", "hand")
MAIL_STATES = ("pending", "sending", "sent", "failed")
RECOVERIES = ("returned", "destroyed", "corrected")
DISPOSITIONS = ("destroy", "rework", "release_under_change", "return_to_supplier", "keep_as_sample")
LEVELS = ("A", "B", "C", "D", "E")

# --- the action and what it reaches -----------------------------------------------------------

field_action = Table(  # changes: where the action stands
    "field_action",
    metadata,
    tenant(),
    key("field_action_id", Id),
    must("field_action_number", Text),
    must("mode", Text),
    must("cycle", SmallInteger),  # 1, and one more each time it is reopened
    Column("reopens", Text),  # the number of the cycle before, which stays as it was closed
    must("status", Text),
    must("title", Text),
    must("description", Text),
    Column("source_kind", Text),
    Column("source_number", Text),
    must("aware_at", Instant),
    must("aware_evidence", Text),
    Column("frozen_at", Instant),
    Column("action_type", Text),
    Column("decision_reason", Text),
    Column("decided_at", Instant),
    Column("initiated_at", Instant),
    # Three fields that no rule ever copies into one another: what we propose for each region …
    Column("class_china", Text),
    Column("class_fda", Text),
    Column("class_eu", Text),
    # … and what the authority of the region said, when it did.
    Column("assigned_china", Text),
    Column("assigned_fda", Text),
    Column("assigned_eu", Text),
    Column("depth", Text),
    Column("level", Text),
    Column("plan", Document),
    Column("completed_at", Instant),
    Column("closed_at", Instant),
    must("process_instance_id", Id),
    must("actor", Text),
    must("created_at", Instant),
    UniqueConstraint("tenant_id", "field_action_number"),
    one_of("mode", MODES),
    one_of("status", STATES),
    one_of("action_type", ACTION_TYPES),
    one_of("class_china", CLASSES_CHINA),
    one_of("class_fda", CLASSES_FDA),
    one_of("class_eu", CLASSES_EU),
    one_of("assigned_china", CLASSES_CHINA),
    one_of("assigned_fda", CLASSES_FDA),
    one_of("assigned_eu", CLASSES_EU),
    one_of("level", LEVELS),
    CheckConstraint("cycle > 0 AND (cycle > 1) = (reopens IS NOT NULL)", name="cycle"),
    CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    CheckConstraint("length(trim(aware_evidence)) > 0", name="aware_evidence"),
)

field_action_extension = Table(  # 0 is the first scope; each later one has clocks of its own
    "field_action_extension",
    metadata,
    tenant(),
    key("field_action_id", Id),
    key("extension", SmallInteger),
    must("reason", Text),
    must("root_lots", Document),  # lot numbers that were named, and serial numbers where given
    must("initiated_at", Instant),
    must("lots", Integer),
    must("holds", Integer),
    must("stock", Document),  # where it lay when it was traced
    must("actor", Text),
    must("traced_at", Instant),
    refers("field_action", "field_action_id"),
    CheckConstraint("extension >= 0 AND length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

field_action_lot = Table(
    "field_action_lot",
    metadata,
    tenant(),
    key("field_action_id", Id),
    key("lot_id", Id),
    must("extension", SmallInteger),
    must("lot_number", Text),
    must("item_number", Text),
    must("depth", SmallInteger),  # 0 was named, 1 was made of it …
    must("via", Text),
    refers("field_action_extension", "field_action_id", "extension"),
    refers("lot", "lot_id"),
    **COMPACT,
)

field_action_unit = Table(  # of a lot that has rows here, these units are in reach and no other
    "field_action_unit",
    metadata,
    tenant(),
    key("field_action_id", Id),
    key("serial_unit_id", Id),
    must("extension", SmallInteger),
    must("lot_id", Id),
    must("serial_number", Text),
    refers("field_action_extension", "field_action_id", "extension"),
    refers("field_action_lot", "field_action_id", "lot_id"),
    refers("serial_unit", "serial_unit_id"),
    **COMPACT,
)

field_action_consignee = Table(
    "field_action_consignee",
    metadata,
    tenant(),
    key("field_action_id", Id),
    key("consignee_id", Id),
    must("consignee_number", Text),
    must("extension", SmallInteger),
    must("name", Text),
    must("address", Text),
    must("country", Text),
    must("market", Text),
    must("language", Text),
    Column("contact", Text),
    Column("phone", Text),
    Column("email", Text),
    must("tier", SmallInteger),  # 1 we shipped to, 2 they sold on to …
    Column("parent_id", Id),
    UniqueConstraint("tenant_id", "field_action_id", "consignee_number"),
    refers("field_action_extension", "field_action_id", "extension"),
    CheckConstraint("tier > 0 AND (tier > 1) = (parent_id IS NOT NULL)", name="tier"),
    **COMPACT,
)

field_action_line = Table(  # what a consignee has of a lot: by our shipment or by their supplier's
    "field_action_line",
    metadata,
    tenant(),
    key("line_id", Id),
    must("field_action_id", Id),
    must("consignee_id", Id),
    must("lot_id", Id),
    Column("serial_number", Text),
    Column("udi", Text),
    must("document", Text),  # shipment number, or who sold it on
    Column("shipment_line_id", Id),  # of ours; none for what was sold on
    must("quantity", BigInteger),
    must("delivered_at", Instant),
    refers("field_action_consignee", "field_action_id", "consignee_id"),
    refers("field_action_lot", "field_action_id", "lot_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("ix_field_action_line_consignee", "tenant_id", "field_action_id", "consignee_id"),
)

# --- notices, their way, and answers ----------------------------------------------------------

notice = Table(
    "notice",
    metadata,
    tenant(),
    key("notice_id", Id),
    must("notice_number", Text),
    must("field_action_id", Id),
    must("consignee_id", Id),
    must("extension", SmallInteger),
    must("kind", Text),
    must("language", Text),
    must("subject", Text),
    must("body", Text),
    must("actor", Text),
    must("issued_at", Instant),
    UniqueConstraint("tenant_id", "notice_number"),
    refers("field_action_consignee", "field_action_id", "consignee_id"),
    one_of("kind", NOTICE_KINDS),
    CheckConstraint("length(trim(body)) > 0", name="body"),
    Index("ix_notice_action", "tenant_id", "field_action_id", "consignee_id"),
)

notice_mail = Table(  # changes: whether it went out
    "notice_mail",
    metadata,
    tenant(),
    key("mail_id", Id),
    must("notice_id", Id),
    must("reminder", SmallInteger),  # 0 is the notice itself
    must("address", Text),
    must("status", Text),
    must("attempts", SmallInteger),
    must("due_at", Instant),
    Column("answer", Text),  # what the receiving server said
    must("created_at", Instant),
    refers("notice", "notice_id"),
    one_of("status", MAIL_STATES),
)
_to_send = text("status IN ('pending', 'sending')")
Index(
    "ix_notice_mail_due",
    notice_mail.c.due_at,
    sqlite_where=_to_send,
    postgresql_where=_to_send,
)

notice_delivery = Table(  # proof that a notice arrived, one row a channel and attempt
    "notice_delivery",
    metadata,
    tenant(),
    key("delivery_id", Id),
    must("notice_id", Id),
    must("channel", Text),
    must("reached", Boolean),
    must("proof", Text),
    must("actor", Text),
    must("delivered_at", Instant),
    must("recorded_at", Instant),
    refers("notice", "notice_id"),
    one_of("channel", CHANNELS),
    CheckConstraint("length(trim(proof)) > 0", name="proof"),
    Index("ix_notice_delivery_notice", "tenant_id", "notice_id"),
)

response_link = Table(  # changes: used once; the token itself is nowhere in the database
    "response_link",
    metadata,
    tenant(),
    key("token_hash", Text),
    must("notice_id", Id),
    must("expires_at", Instant),
    Column("used_at", Instant),
    must("actor", Text),
    must("created_at", Instant),
    refers("notice", "notice_id"),
    Index("ix_response_link_notice", "tenant_id", "notice_id"),
    **COMPACT,
)

consignee_response = Table(
    "consignee_response",
    metadata,
    tenant(),
    key("response_id", Id),
    must("notice_id", Id),
    must("channel", Text),
    must("understood", Boolean),
    must("name", Text),
    Column("contact", Text),
    Column("remark", Text),
    must("proof", Document),
    must("actor", Text),
    must("responded_at", Instant),
    refers("notice", "notice_id"),
    one_of("channel", CHANNELS),
    CheckConstraint("length(trim(name)) > 0", name="name"),
    Index("ix_consignee_response_notice", "tenant_id", "notice_id", "responded_at"),
)

consignee_response_line = Table(
    "consignee_response_line",
    metadata,
    tenant(),
    key("response_id", Id),
    key("line_id", Id),
    must("on_hand", BigInteger),
    must("used", BigInteger),
    must("transferred", BigInteger),
    Column("transferred_to", Text),
    must("destroyed", BigInteger),
    must("returned", BigInteger),  # sent back, whether or not it has arrived
    must("corrected", BigInteger),
    must("missing", BigInteger),
    refers("consignee_response", "response_id"),
    refers("field_action_line", "line_id"),
    CheckConstraint(
        "on_hand >= 0 AND used >= 0 AND transferred >= 0 AND destroyed >= 0 "
        "AND returned >= 0 AND corrected >= 0 AND missing >= 0",
        name="not_negative",
    ),
    **COMPACT,
)

# --- what came back and what became of it -----------------------------------------------------

recovery = Table(
    "recovery",
    metadata,
    tenant(),
    key("recovery_id", Id),
    must("field_action_id", Id),
    must("consignee_id", Id),
    must("lot_id", Id),
    must("kind", Text),
    Column("serial_number", Text),  # of one unit that came back, or was corrected where it was
    must("quantity", BigInteger),
    must("reference", Text),  # RMA, certificate of destruction, service visit
    must("actor", Text),
    must("recovered_at", Instant),
    refers("field_action_consignee", "field_action_id", "consignee_id"),
    refers("field_action_lot", "field_action_id", "lot_id"),
    one_of("kind", RECOVERIES),
    CheckConstraint("quantity > 0 AND length(trim(reference)) > 0", name="reference"),
    Index("ix_recovery_action", "tenant_id", "field_action_id"),
)

unaccounted = Table(  # why something cannot be accounted for, per consignee and lot
    "unaccounted",
    metadata,
    tenant(),
    key("unaccounted_id", Id),
    must("field_action_id", Id),
    must("consignee_id", Id),
    must("lot_id", Id),
    must("quantity", BigInteger),
    must("reason", Text),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("field_action_consignee", "field_action_id", "consignee_id"),
    refers("field_action_lot", "field_action_id", "lot_id"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
)

recovered_disposition = Table(
    "recovered_disposition",
    metadata,
    tenant(),
    key("disposition_id", Id),
    must("field_action_id", Id),
    must("lot_id", Id),
    must("quantity", BigInteger),
    must("disposition", Text),
    must("reference", Text),
    must("witness", Document),
    must("actor", Text),
    must("disposed_at", Instant),
    Column("serial_number", Text),  # of one unit, where the lot has serial numbers
    refers("field_action_lot", "field_action_id", "lot_id"),
    one_of("disposition", DISPOSITIONS),
    CheckConstraint("quantity > 0 AND length(trim(reference)) > 0", name="reference"),
)

# --- effectiveness ----------------------------------------------------------------------------

effectiveness_sample = Table(  # drawn by the system, so that anybody can draw it again
    "effectiveness_sample",
    metadata,
    tenant(),
    key("field_action_id", Id),
    key("round", SmallInteger),
    must("level", Text),
    must("percent", SmallInteger),
    must("population", Integer),
    must("seed", Text),
    must("consignees", Document),  # their numbers
    must("drawn_at", Instant),
    refers("field_action", "field_action_id"),
    one_of("level", LEVELS),
    **COMPACT,
)

effectiveness_check = Table(
    "effectiveness_check",
    metadata,
    tenant(),
    key("field_action_id", Id),
    key("round", SmallInteger),
    key("consignee_id", Id),
    must("effective", Boolean),
    must("answers", Document),
    must("actor", Text),
    must("checked_at", Instant),
    refers("effectiveness_sample", "field_action_id", "round"),
    refers("field_action_consignee", "field_action_id", "consignee_id"),
    **COMPACT,
)

# --- what authorities are sent ----------------------------------------------------------------

authority_report = Table(
    "authority_report",
    metadata,
    tenant(),
    key("report_id", Id),
    must("report_number", Text),
    must("field_action_id", Id),
    must("extension", SmallInteger),
    must("market", Text),
    must("kind", Text),
    must("content", Document),
    must("missing", Document),  # fields without an answer yet, by name
    must("actor", Text),
    must("prepared_at", Instant),
    UniqueConstraint("tenant_id", "report_number"),
    refers("field_action", "field_action_id"),
    Index("ix_authority_report_action", "tenant_id", "field_action_id"),
)

authority_submission = Table(
    "authority_submission",
    metadata,
    tenant(),
    key("submission_id", Id),
    must("report_id", Id),
    must("reference", Text),
    must("accepted", Boolean),
    must("actor", Text),
    must("submitted_at", Instant),
    refers("authority_report", "report_id"),
    CheckConstraint("length(trim(reference)) > 0", name="reference"),
)

APPEND_ONLY = [
    "field_action_extension",
    "field_action_lot",
    "field_action_unit",
    "field_action_consignee",
    "field_action_line",
    "notice",
    "notice_delivery",
    "consignee_response",
    "consignee_response_line",
    "recovery",
    "unaccounted",
    "recovered_disposition",
    "effectiveness_sample",
    "effectiveness_check",
    "authority_report",
    "authority_submission",
]
"""Tables on which the database itself refuses UPDATE and DELETE (engine/store/guards.py)."""
