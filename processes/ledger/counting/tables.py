"""Tables of counting: what was counted against what the book had, and how a count ended."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from engine.store.base import Id, Instant, metadata
from processes.ledger.parts import COMPACT, key, must, one_of, refers, tenant

ENDINGS = ("right", "adjusted", "left")
"""No difference; booked; left as it is, with the reason."""

count_observation = Table(  # what of a lot was counted at a place, and what the book had then
    "count_observation",
    metadata,
    tenant(),
    key("observation_id", Id),
    must("count_number", Text),
    must("round", Integer),  # 1, and each time that was counted again
    must("location_id", Id),
    must("lot_id", Id),
    must("counted", BigInteger),
    must("book", BigInteger),  # at the counted moment, of what was known when it was compared
    must("counted_at", Instant),
    must("compared_at", Instant),
    must("actor", Text),  # who handed in the last bin of the round
    Column("process_instance_id", Id),
    must("command_id", Id),
    refers("location", "location_id"),
    refers("lot", "lot_id"),
    CheckConstraint("counted >= 0", name="counted"),
    CheckConstraint("round > 0", name="round"),
    CheckConstraint("counted_at <= compared_at", name="times"),
    Index("ix_count_observation_lot", "tenant_id", "lot_id", "location_id"),
    Index("ix_count_observation_place", "tenant_id", "location_id", "counted_at"),
    Index("ix_count_observation_count", "tenant_id", "count_number"),
)

count_end = Table(  # a count without a row here is under way
    "count_end",
    metadata,
    tenant(),
    key("count_number", Text),
    must("outcome", Text),
    must("reason", Text),
    must("actor", Text),
    must("ended_at", Instant),
    one_of("outcome", ENDINGS),
    CheckConstraint("length(trim(reason)) > 0", name="reason"),
    **COMPACT,
)

APPEND_ONLY = ["count_observation", "count_end"]
