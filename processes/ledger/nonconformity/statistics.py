"""What the record says about repetition: the facts that the CAPA rule NC-04 decides on.

Windows and counts are the customer's (document `nonconformity_rules`). The trend is a c-chart: the
nonconformities of an item a month, against the mean of the months before plus three of its square
roots, the limit of a Poisson count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from processes.ledger import items
from processes.ledger.nonconformity.nonconformities import Nonconformity
from processes.ledger.nonconformity.tables import concession, nonconformity, supplier_request
from processes.ledger.tables import supplier_event

_MONTH = timedelta(days=30)
_SAME_CAUSE = (
    select(func.count())
    .select_from(nonconformity)
    .where(nonconformity.c.tenant_id == bindparam("tenant_id"))
    .where(nonconformity.c.cause_code == bindparam("cause_code"))
    .where(nonconformity.c.reported_at > bindparam("since"))
)
_REPORTED = (
    select(nonconformity.c.reported_at)
    .where(nonconformity.c.tenant_id == bindparam("tenant_id"))
    .where(nonconformity.c.item_id == bindparam("item_id"))
    .where(nonconformity.c.reported_at > bindparam("since"))
)
_LAST_LOTS = (
    select(supplier_event.c.accepted)
    .where(supplier_event.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_event.c.supplier_id == bindparam("supplier_id"))
    .where(supplier_event.c.item_id == bindparam("item_id"))
    .where(supplier_event.c.kind == "lot_inspected")
    .order_by(supplier_event.c.received_at.desc(), supplier_event.c.supplier_event_id.desc())
    .limit(bindparam("lots"))
)
_CONCESSIONS = (
    select(func.count())
    .select_from(concession)
    .where(concession.c.tenant_id == bindparam("tenant_id"))
    .where(concession.c.item_id == bindparam("item_id"))
    .where(concession.c.granted_at > bindparam("since"))
)
_OPEN_REQUESTS = (
    select(supplier_request.c.issued_at)
    .where(supplier_request.c.tenant_id == bindparam("tenant_id"))
    .where(supplier_request.c.nonconformity_id == bindparam("nonconformity_id"))
    .where(supplier_request.c.status == "open")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repetition:
    """What NC-04 asks about; each fact is the rule's own condition, worked out."""

    same_cause: int
    cause_repeated: bool
    supplier_rejected: int
    supplier_repeated: bool
    concessions: int
    concession_repeated: bool
    trend_out_of_control: bool
    supplier_answer_overdue: bool


def of_nonconformity(
    db: Connection, tenant_id: str, found: Nonconformity, rules: Mapping[str, Any], now: datetime
) -> Repetition:
    """Count the repetitions around a nonconformity, itself included."""
    triggers = rules["capa_trigger"]
    critical = (
        found.item_id is not None and items.find(db, tenant_id, found.item_id).criticality == "A"
    )
    usual, sharper = triggers["same_cause"], triggers["same_cause_critical_item"]
    same_cause = _same_cause(db, tenant_id, found, usual["months"], now)
    repeated = same_cause >= usual["count"] or (
        critical and _same_cause(db, tenant_id, found, sharper["months"], now) >= sharper["count"]
    )
    rejections = triggers["supplier_rejections"]
    rejected = _rejected(db, tenant_id, found, rejections["lots"])
    granted = triggers["same_concession"]
    concessions = _concessions(db, tenant_id, found.item_id, granted["months"], now)
    return Repetition(
        same_cause=same_cause,
        cause_repeated=repeated,
        supplier_rejected=rejected,
        supplier_repeated=rejected >= rejections["rejected"],
        concessions=concessions,
        concession_repeated=concessions >= granted["count"],
        trend_out_of_control=_trend(db, tenant_id, found.item_id, triggers["trend_months"], now),
        supplier_answer_overdue=_overdue(db, tenant_id, found, rules, now),
    )


def out_of_control(earlier: list[int], latest: int) -> bool:
    """Tell whether a month's count lies above the upper limit of a c-chart of the months before.

    One nonconformity is no trend, whatever the months before were.
    """
    if not earlier or latest < 2:
        return False
    total, months = sum(earlier), len(earlier)
    # latest > mean + 3·√mean, in whole numbers: (latest·n − total)² > 9·total·n
    above = latest * months - total
    return above > 0 and above * above > 9 * total * months


def _same_cause(
    db: Connection, tenant_id: str, found: Nonconformity, months: int, now: datetime
) -> int:
    if found.cause_code is None:
        return 0
    key = {
        "tenant_id": tenant_id,
        "cause_code": found.cause_code,
        "since": now - months * _MONTH,
    }
    return int(db.execute(_SAME_CAUSE, key).scalar_one())


def _rejected(db: Connection, tenant_id: str, found: Nonconformity, last: int) -> int:
    if found.supplier_id is None or found.item_id is None:
        return 0
    key = {
        "tenant_id": tenant_id,
        "supplier_id": found.supplier_id,
        "item_id": found.item_id,
        "lots": last,
    }
    return sum(accepted is False for accepted in db.execute(_LAST_LOTS, key).scalars())


def _concessions(
    db: Connection, tenant_id: str, item_id: UUID | None, months: int, now: datetime
) -> int:
    if item_id is None:
        return 0
    key = {"tenant_id": tenant_id, "item_id": item_id, "since": now - months * _MONTH}
    return int(db.execute(_CONCESSIONS, key).scalar_one())


def _trend(
    db: Connection, tenant_id: str, item_id: UUID | None, months: int, now: datetime
) -> bool:
    if item_id is None:
        return False
    key = {"tenant_id": tenant_id, "item_id": item_id, "since": now - months * _MONTH}
    ages = [(now - at) // _MONTH for at in db.execute(_REPORTED, key).scalars()]
    return out_of_control([ages.count(age) for age in range(1, months)], ages.count(0))


def _overdue(
    db: Connection,
    tenant_id: str,
    found: Nonconformity,
    rules: Mapping[str, Any],
    now: datetime,
) -> bool:
    key = {"tenant_id": tenant_id, "nonconformity_id": found.nonconformity_id}
    waits = timedelta(days=rules["capa_trigger"]["supplier_answer_overdue_days"])
    return any(issued + waits < now for issued in db.execute(_OPEN_REQUESTS, key).scalars())
