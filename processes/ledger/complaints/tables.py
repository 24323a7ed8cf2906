"""The tables of complaints.

A complaint changes while it is worked on; the decisions on reportability, one for each region, and
the reports that were sent are append-only: a later decision is a new row beside the old one.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
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

APPEND_ONLY = ["complaint_reportability", "complaint_report"]
"""Tables on which the database itself refuses UPDATE and DELETE (engine/store/guards.py)."""
