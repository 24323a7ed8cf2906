"""The tables of complaints.

A complaint changes while it is worked on; the decisions on reportability, one for each region, and
the reports that were sent are append-only: a later decision is a new row beside the old one. So are
the signals of a trend with what was judged of them, and the custody of every device that came back.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
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

REGIONS = ("CN", "US", "EU")
STATES = ("open", "inquiry", "closed", "cancelled")
CONDITIONS = ("used", "unused_sealed", "unused_opened", "unknown")
FINAL = ("given_back", "destroyed", "retained", "withdrawn")
"""Steps of custody after which there is none."""
PROVEN = ("decontaminated", "exempted", "sent_out", "given_back", "destroyed", "withdrawn")
"""Steps of custody that name their evidence."""
CUSTODY = (
    *("received", "decontaminated", "not_decontaminated", "exempted", "stored", "handed_over"),
    *("sent_out", "came_back", "examined", "tested"),
    *FINAL,
)

complaint = Table(  # changes: what is known, and where it stands
    "complaint",
    metadata,
    tenant(),
    key("complaint_id", Id),
    must("complaint_number", Text),
    must("status", Text),
    must("channel", Text),
    must("complainant", Document),  # name, organisation, country, contact
    must("description", Text),
    must("aware_at", Instant),
    Column("reopens", Text),  # the closed one that this continues, which stays as it was signed
    Column("event_on", Text),
    Column("item_number", Text),
    Column("lot_number", Text),
    Column("serial_number", Text),
    Column("udi", Text),
    Column("problem_code", Text),  # what the device did, of complaint_rules.problems
    Column("cause_code", Text),
    Column("investigation", Document),
    Column("reply", Text),
    Column("closed_at", Instant),
    must("process_instance_id", Id),
    must("actor", Text),
    must("created_at", Instant),
    UniqueConstraint("tenant_id", "complaint_number"),
    one_of("status", STATES),
    CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
    Index("ix_complaint_lot", "tenant_id", "item_number", "lot_number"),
    Index("ix_complaint_aware", "tenant_id", "aware_at"),
)

reportability = Table(
    "complaint_reportability",
    metadata,
    tenant(),
    key("complaint_id", Id),
    key("region", Text),
    key("decision_number", SmallInteger),
    must("reportable", Boolean),
    Column("clock_rule", Text),
    must("reason", Text),
    must("actor", Text),
    must("decided_at", Instant),
    refers("complaint", "complaint_id"),
    one_of("region", REGIONS),
    CheckConstraint("reportable = (clock_rule IS NOT NULL)", name="clock_rule"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

complaint_report = Table(
    "complaint_report",
    metadata,
    tenant(),
    key("report_id", Id),
    must("complaint_id", Id),
    must("region", Text),
    must("reference", Text),
    must("actor", Text),
    must("submitted_at", Instant),
    refers("complaint", "complaint_id"),
    one_of("region", REGIONS),
    CheckConstraint("length(trim(reference)) > 0", name="reference"),
)

trend_signal = Table(
    "complaint_trend_signal",
    metadata,
    tenant(),
    key("signal_number", Text),
    must("rule_code", Text),
    must("item_number", Text),
    must("problem_code", Text),  # empty where the rule counts all problems of the item
    must("found", Integer),
    must("at_least", Integer),
    must("earlier", Document),  # counts of the periods before, the latest first
    must("complaints", Document),  # numbers of those that were counted
    must("period_from", Instant),
    must("period_to", Instant),
    must("leads_to", Text),
    must("raised_at", Instant),
    one_of("leads_to", ("judge", "capa")),
    CheckConstraint("found >= at_least AND at_least > 0", name="found"),
    Index("ix_complaint_trend_signal_subject", "tenant_id", "rule_code", "item_number"),
)

trend_judgement = Table(
    "complaint_trend_judgement",
    metadata,
    tenant(),
    key("signal_number", Text),
    must("significant", Boolean),
    must("authority", Boolean),  # EU MDR Art. 88: reported as a trend
    must("corrective_action", Boolean),
    must("field_action", Boolean),
    must("reason", Text),
    Column("reference", Text),
    Column("submitted_at", Instant),
    must("actor", Text),
    must("judged_at", Instant),
    refers("complaint_trend_signal", "signal_number"),
    CheckConstraint("authority = (reference IS NOT NULL)", name="reference"),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
)

returned_device = Table(
    "returned_device",
    metadata,
    tenant(),
    key("device_number", Text),
    must("complaint_id", Id),
    Column("item_number", Text),
    Column("lot_number", Text),
    Column("serial_number", Text),
    must("quantity", Integer),
    must("condition", Text),
    must("sender", Text),
    must("actor", Text),
    must("registered_at", Instant),
    refers("complaint", "complaint_id"),
    one_of("condition", CONDITIONS),
    CheckConstraint("quantity > 0", name="quantity"),
    Index("ix_returned_device_complaint", "tenant_id", "complaint_id"),
)

custody_step = Table(
    "custody_step",
    metadata,
    tenant(),
    key("device_number", Text),
    key("step_number", SmallInteger),
    must("kind", Text),
    must("holder", Text),  # who has it from then on
    must("place", Text),  # where it lies from then on
    Column("evidence", Text),  # method, protocol, waybill: what shows it
    must("happened_at", Instant),
    must("actor", Text),
    must("recorded_at", Instant),
    refers("returned_device", "device_number"),
    one_of("kind", CUSTODY),
    CheckConstraint(
        f"kind NOT IN ({', '.join(repr(each) for each in PROVEN)}) OR evidence IS NOT NULL",
        name="evidence",
    ),
    CheckConstraint("length(trim(holder)) > 0 AND length(trim(place)) > 0", name="whereabouts"),
    **COMPACT,
)

APPEND_ONLY = [
    "complaint_reportability",
    "complaint_report",
    "complaint_trend_signal",
    "complaint_trend_judgement",
    "returned_device",
    "custody_step",
]
"""Tables on which the database itself refuses UPDATE and DELETE (engine/store/guards.py)."""
