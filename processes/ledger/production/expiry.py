"""An expiry that is extended by a re-test: new value with reason and signature, old value kept.

How far and how often is what the item's stability data supports (`stability.py`).

The lot is on hold from the approval until its labels are replaced and every label, old and new, is
accounted for: no goods leave with a date that is not theirs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.services import ServiceContext
from processes.ledger import expiries, lots, status
from processes.ledger.columns import AnyRow
from processes.ledger.lots import Lot
from processes.ledger.nonconformity import nonconformities
from processes.ledger.numbers import next_number
from processes.ledger.production import stability
from processes.ledger.production.stability import Limits
from processes.ledger.production.tables import expiry_change, expiry_relabelling
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.status import SignatureMissing
from processes.ledger.tables import lot

KIND = "expiry_change"
SIGNED = "APPR"
_INSERT = insert(expiry_change)
_COUNT = insert(expiry_relabelling)
_SET = (
    update(lot)
    .where(lot.c.tenant_id == bindparam("key_tenant_id"))
    .where(lot.c.lot_id == bindparam("key_lot_id"))
    .where(lot.c.expiry == bindparam("old"))
    .values(expiry=bindparam("new"), expiry_precision="day", expiry_raw=bindparam("raw"))
)
_OF_LOT = (
    select(expiry_change, expiry_relabelling.c.counted_at)
    .outerjoin(
        expiry_relabelling,
        (expiry_relabelling.c.tenant_id == expiry_change.c.tenant_id)
        & (expiry_relabelling.c.change_id == expiry_change.c.change_id),
    )
    .where(expiry_change.c.tenant_id == bindparam("tenant_id"))
    .where(expiry_change.c.lot_id == bindparam("lot_id"))
    .order_by(expiry_change.c.changed_at)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What became of the labels of a lot whose expiry changed: the old ones, and the new."""

    removed: int
    removed_destroyed: int
    printed: int
    applied: int
    destroyed: int


class NoLongerExpiry(LedgerRefusal):
    """An extension gives a later day than the one that counts."""

    def __init__(self, lot_number: str, old: date | None, new: date) -> None:
        super().__init__(
            f"Lot {lot_number} expires on {old}; {new} does not extend it. Enter a later day.",
            f"批次 {lot_number} 有效期至 {old}，{new} 并未延长，请填写更晚的日期。",
            expected=str(old),
            found=new.isoformat(),
        )


class LabelsNotReconciled(LedgerRefusal):
    """Every old label is off and destroyed, every new one applied or destroyed."""

    def __init__(self, found: Labels) -> None:
        said = (
            f"{found.removed}/{found.removed_destroyed}, "
            f"{found.printed} = {found.applied} + {found.destroyed}"
        )
        super().__init__(
            f"The labels do not add up ({said}). Count again.",
            f"标签数量不符（{said}），请重新清点。",
            found=said,
        )


def require_extensible(context: ServiceContext, found: Lot, new: date) -> Limits:
    """Refuse an extension of what has no expiry, to a day that is not later, or beyond what the
    stability data supports; give what it supports."""
    if found.expiry is None or new <= found.expiry:
        raise NoLongerExpiry(found.number, found.expiry, new)
    return stability.require_supported(context, found, new)


def extend(
    context: ServiceContext, lot_number: str, new: date, *, reason: str, evidence: str
) -> str:
    """Give a lot a later expiry, signed APPR in this command; give the number of the change."""
    found = lots.by_number(context.db, context.tenant_id, lot_number)
    limits = require_extensible(context, found, new)
    nonconformities.require_none_open(context.db, context.tenant_id, found.lot_id, found.number)
    if SIGNED not in context.signatures:
        raise SignatureMissing([SIGNED])
    number = next_number(context, "EXP")
    row = {
        "tenant_id": context.tenant_id,
        "change_id": context.new_id(),
        "change_number": number,
        "lot_id": found.lot_id,
        "old_expiry": found.expiry,
        "new_expiry": new,
        "reason": reason,
        "evidence": evidence,
        "stability_document": limits.document,
        "signature_meaning": SIGNED,
        "actor": context.actor.username,
        "changed_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.db.execute(
        _SET,
        {
            "key_tenant_id": context.tenant_id,
            "key_lot_id": found.lot_id,
            "old": found.expiry,
            "new": new,
            "raw": new.isoformat(),
        },
    )
    status.place_hold(
        context,
        found,
        reason=f"{number}: labels still show {found.expiry}",
        owner_role="QA",
        document_kind=KIND,
        document_id=number,
    )
    context.record(
        {
            "event": "lot.expiry_extended",
            "lot": found.number,
            "change": number,
            "old": str(found.expiry),
            "new": new.isoformat(),
            "reason": reason,
            "evidence": evidence,
            "stability_document": limits.document,
        }
    )
    return number


def count_labels(context: ServiceContext, lot_number: str, number: str, found: Labels) -> None:
    """Keep what became of every label; refused while they do not add up."""
    if found.removed != found.removed_destroyed or found.printed != found.applied + found.destroyed:
        raise LabelsNotReconciled(found)
    change = _change(context.db, context.tenant_id, lot_number, number)
    row = {
        "tenant_id": context.tenant_id,
        "change_id": change.change_id,
        "removed": found.removed,
        "printed": found.printed,
        "applied": found.applied,
        "destroyed": found.destroyed,
        "actor": context.actor.username,
        "counted_at": context.now,
    }
    context.db.execute(_COUNT, row)
    counted = {name: row[name] for name in ("removed", "printed", "applied", "destroyed")}
    context.record(
        {"event": "lot.relabelled", "lot": lot_number, "change": number, "labels": counted}
    )


def free(context: ServiceContext, lot_number: str, number: str) -> None:
    """Release the hold of an extension once its labels are replaced, signed in this command."""
    found = lots.by_number(context.db, context.tenant_id, lot_number)
    change = _change(context.db, context.tenant_id, lot_number, number)
    if change.counted_at is None:
        none = Labels(removed=0, removed_destroyed=0, printed=0, applied=0, destroyed=0)
        raise LabelsNotReconciled(none)
    reason = f"{number}: labels replaced and reconciled"
    for held in status.open_holds(context.db, context.tenant_id, found.lot_id):
        if held.document == f"{KIND} {number}":
            status.release_hold(context, found, held.hold_id, reason=reason)
    expiries.release_holds(context, found, reason=reason)


def of_lot(db: Connection, tenant_id: str, lot_id: UUID) -> list[AnyRow]:
    """List the changes of a lot's expiry, old and new value, the oldest first."""
    return list(db.execute(_OF_LOT, {"tenant_id": tenant_id, "lot_id": lot_id}))


def shown(db: Connection, tenant_id: str, lot_id: UUID) -> list[Mapping[str, Any]]:
    """Give the changes of a lot's expiry as people read them."""
    return [
        {
            "number": row.change_number,
            "old": row.old_expiry.isoformat(),
            "new": row.new_expiry.isoformat(),
            "reason": row.reason,
            "evidence": row.evidence,
            "stability_document": row.stability_document,
            "by": row.actor,
            "labels_replaced": row.counted_at is not None,
        }
        for row in of_lot(db, tenant_id, lot_id)
    ]


def _change(db: Connection, tenant_id: str, lot_number: str, number: str) -> AnyRow:
    found = lots.by_number(db, tenant_id, lot_number)
    for row in of_lot(db, tenant_id, found.lot_id):
        if row.change_number == number:
            return row
    raise NotInLedger("change of expiry", "有效期变更", number)
