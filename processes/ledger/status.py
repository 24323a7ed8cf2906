"""The status of stock: changed along a matrix, overruled by the most restrictive open hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, or_, select

from engine.services import ServiceContext
from processes.ledger import locations, site_days, words
from processes.ledger.balances import Place
from processes.ledger.lots import Lot
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.tables import hold, hold_release
from processes.ledger.words import Said

RESTRICTIVENESS = (
    *("RELEASED", "RELEASED_CONDITIONAL", "SAMPLE", "REWORK", "QUARANTINE"),
    *("RETURN_QUARANTINE", "EXPIRED", "HOLD", "REJECTED", "RECALLED"),
)
"""From free to forbidden; the status that counts is the last of those that apply."""

_HOLDS = (
    select(
        hold.c.hold_id,
        hold.c.kind,
        hold.c.reason,
        hold.c.owner_role,
        hold.c.document_kind,
        hold.c.document_id,
        hold.c.actor,
        hold.c.placed_at,
        hold.c.serial_unit_id,
    )
    .outerjoin(
        hold_release,
        and_(
            hold_release.c.tenant_id == hold.c.tenant_id, hold_release.c.hold_id == hold.c.hold_id
        ),
    )
    .where(hold.c.tenant_id == bindparam("tenant_id"))
    .where(hold.c.lot_id == bindparam("lot_id"))
    .where(hold_release.c.hold_id.is_(None))
    .where(
        or_(
            hold.c.serial_unit_id.is_(None),
            hold.c.serial_unit_id == bindparam("serial_unit_id"),
        )
    )
    .order_by(hold.c.hold_id)
)
_PLACE_HOLD = insert(hold)
_RELEASE_HOLD = insert(hold_release)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A reason why stock may not be used, with its owner; it lies over all stock of the lot."""

    hold_id: UUID
    kind: str
    reason: str
    owner_role: str
    document: str
    placed_by: str
    placed_at: datetime


class NotReleased(LedgerRefusal):
    """INV-02: only released stock is picked, issued and shipped."""

    def __init__(self, lot_number: str, found: str, why: Said | str | None = None) -> None:
        counts = words.said("status", found)
        because = Said(why, why) if isinstance(why, str) else why
        en, zh = ("", "") if because is None else (f" ({because.en})", f"（{because.zh}）")
        super().__init__(
            f"Lot {lot_number} is {counts.en}{en}. Only released stock from where released stock "
            "lies may be used; put it back and ask quality.",
            f"批次 {lot_number} 当前为{counts.zh}{zh}。只有合格品货位上已放行的库存可以使用，"
            "请放回原处并咨询质量部。",
            expected="RELEASED",
            found=found,
        )


class TransitionNotAllowed(LedgerRefusal):
    """A status follows another along the matrix of the customer's configuration."""


class SignatureMissing(LedgerRefusal):
    """INV-17: a change of status that needs a signature happens in the command that signs."""

    def __init__(self, meanings: Iterable[str]) -> None:
        codes = list(meanings)
        shown = words.listed("signature", codes)
        super().__init__(
            f"This change of status has to be signed ({shown.en}) in the same step.",
            f"此状态变更必须在同一步骤中签名（{shown.zh}）。",
            expected=listed(codes),
        )


def open_holds(
    db: Connection, tenant_id: str, lot_id: UUID, serial_unit_id: UUID | None = None
) -> list[Hold]:
    """List the open holds on a lot, and on one of its units when it is named."""
    key = {"tenant_id": tenant_id, "lot_id": lot_id, "serial_unit_id": serial_unit_id}
    return [
        Hold(
            hold_id=row.hold_id,
            kind=row.kind,
            reason=row.reason,
            owner_role=row.owner_role,
            document=f"{row.document_kind} {row.document_id}",
            placed_by=row.actor,
            placed_at=row.placed_at,
        )
        for row in db.execute(_HOLDS, key)
    ]


def effective(stock_status: str, holds: Iterable[Hold], expiry: date | None, on: date) -> str:
    """Give the status that counts: the most restrictive of place, holds and expiry."""
    applying = [stock_status, *(each.kind for each in holds)]
    if expiry is not None and expiry < on:
        applying.append("EXPIRED")
    return max(applying, key=RESTRICTIVENESS.index)


def require_released(
    context: ServiceContext, lot: Lot, place: Place, serial_unit_id: UUID | None
) -> None:
    """Refuse to use stock that is not released, or not where released stock is taken from."""
    holds = open_holds(context.db, context.tenant_id, lot.lot_id, serial_unit_id)
    today = site_days.today_at(context, place.location_id)
    found = effective(place.status, holds, lot.expiry, today)
    if found not in ("RELEASED", "RELEASED_CONDITIONAL"):
        raise NotReleased(lot.number, found, _why(lot, holds, found))
    where = locations.find(context.db, context.tenant_id, place.location_id)
    if where.zone not in locations.PICKING_ZONES:
        zone = words.said("zone", where.zone)
        raise NotReleased(
            lot.number,
            found,
            Said(f"it lies at {where.code}, {zone.en}", f"位于 {where.code}，{zone.zh}"),
        )


def _why(lot: Lot, holds: Sequence[Hold], found: str) -> Said | str | None:
    if holds:
        return holds[0].reason
    if found == "EXPIRED":
        return Said(f"its last day was {lot.expiry}", f"有效期至 {lot.expiry}")
    return None


def require_transition(context: ServiceContext, old: str, new: str) -> str | None:
    """Give the signature meaning under which a status may change; refused when it may not.

    The matrix is the customer's document `status_transitions`: old, new, the meanings of which one
    must have been signed in this command, and the roles that may do it.
    """
    for rule in context.configuration("status_transitions")["transitions"]:
        if rule["from"] == old and rule["to"] == new:
            return _permitted(context, rule)
    raise TransitionNotAllowed(
        f"Stock that is {_word(old).en} does not become {_word(new).en}.",
        f"库存状态不能从“{_word(old).zh}”变更为“{_word(new).zh}”。",
        found=f"{old} → {new}",
    )


def _word(status: str) -> Said:
    return words.said("status", status)


def place_hold(
    context: ServiceContext,
    lot: Lot,
    *,
    kind: str = "HOLD",
    reason: str,
    owner_role: str,
    document_kind: str,
    document_id: str,
    serial_unit_id: UUID | None = None,
) -> UUID:
    """Put a hold on a lot or one of its units, from now on."""
    hold_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "hold_id": hold_id,
        "lot_id": lot.lot_id,
        "serial_unit_id": serial_unit_id,
        "kind": kind,
        "reason": reason,
        "owner_role": owner_role,
        "document_kind": document_kind,
        "document_id": document_id,
        "actor": context.actor.username,
        "placed_at": context.now,
    }
    context.db.execute(_PLACE_HOLD, row)
    context.record(
        {
            "event": "lot.held",
            "hold": str(hold_id),
            "lot": lot.number,
            "kind": kind,
            "reason": reason,
            "owner": owner_role,
        }
    )
    return hold_id


def release_hold(context: ServiceContext, lot: Lot, hold_id: UUID, *, reason: str) -> None:
    """Release one hold of a lot, signed in this command; the other holds stay."""
    if hold_id not in {
        each.hold_id for each in open_holds(context.db, context.tenant_id, lot.lot_id)
    }:
        raise NotInLedger("open hold", "未解除的冻结", hold_id)
    meaning = _permitted_release(context)
    row = {
        "tenant_id": context.tenant_id,
        "hold_id": hold_id,
        "reason": reason,
        "signature_meaning": meaning,
        "actor": context.actor.username,
        "released_at": context.now,
    }
    context.db.execute(_RELEASE_HOLD, row)
    context.record(
        {"event": "lot.hold_released", "hold": str(hold_id), "lot": lot.number, "reason": reason}
    )


def _permitted_release(context: ServiceContext) -> str:
    """Give the meaning under which a hold is released: document `status_transitions`."""
    meanings: list[str] = context.configuration("status_transitions")["hold_release"]["signatures"]
    signed = [meaning for meaning in meanings if meaning in context.signatures]
    if not signed:
        raise SignatureMissing(meanings)
    return signed[0]


def _permitted(context: ServiceContext, rule: Any) -> str | None:
    if not context.actor.roles & set(rule["roles"]):
        old, new = _word(rule["from"]), _word(rule["to"])
        done_by = words.listed("role", rule["roles"])
        raise TransitionNotAllowed(
            f"Stock that is {old.en} is made {new.en} by: {done_by.en}.",
            f"库存状态由“{old.zh}”变更为“{new.zh}”须由以下岗位执行：{done_by.zh}。",
            expected=listed(rule["roles"]),
            found=listed(sorted(context.actor.roles)),
        )
    meanings: list[str] = rule["signatures"]
    signed = [meaning for meaning in meanings if meaning in context.signatures]
    if meanings and not signed:
        raise SignatureMissing(meanings)
    return signed[0] if signed else None
