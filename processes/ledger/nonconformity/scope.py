"""The scope of a nonconformity: which lots it affects, and the holds that keep them (INV-13).

Containment comes first: the reported lot is held in the very command of the report, whole, as long
as nobody has shown that only a part is affected.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from engine.services import ServiceContext
from processes.ledger import balances, lots, status
from processes.ledger.columns import AnyRow
from processes.ledger.lots import Lot
from processes.ledger.nonconformity.nonconformities import Nonconformity, require_open
from processes.ledger.nonconformity.tables import nonconformity_lot
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import hold, hold_release, lot, stock_movement

DOCUMENT_KIND = "nonconformity"
_HELD_UNTIL_DECIDED = {
    "incoming_inspection": "inspection",
    "receipt": "receipt",
    "change_control": "change_control",
}
"""Who held a lot and raised the nonconformity that decides it: source kind, kind of the hold."""

_OF_CYCLE = (
    select(nonconformity_lot)
    .join(
        lot,
        and_(lot.c.tenant_id == nonconformity_lot.c.tenant_id)
        & (lot.c.lot_id == nonconformity_lot.c.lot_id),
    )
    .where(nonconformity_lot.c.tenant_id == bindparam("tenant_id"))
    .where(nonconformity_lot.c.nonconformity_id == bindparam("nonconformity_id"))
    .where(nonconformity_lot.c.cycle == bindparam("cycle"))
    .order_by(lot.c.lot_number)
)
_OPEN_HOLDS = (
    select(hold.c.lot_id, hold.c.hold_id)
    .join(
        nonconformity_lot,
        and_(
            nonconformity_lot.c.tenant_id == hold.c.tenant_id,
            nonconformity_lot.c.lot_id == hold.c.lot_id,
        ),
    )
    .outerjoin(
        hold_release,
        and_(
            hold_release.c.tenant_id == hold.c.tenant_id, hold_release.c.hold_id == hold.c.hold_id
        ),
    )
    .where(nonconformity_lot.c.tenant_id == bindparam("tenant_id"))
    .where(nonconformity_lot.c.nonconformity_id == bindparam("nonconformity_id"))
    .where(nonconformity_lot.c.cycle == bindparam("cycle"))
    .where(
        or_(
            and_(hold.c.document_kind == DOCUMENT_KIND, hold.c.document_id == bindparam("number")),
            and_(
                hold.c.document_kind == bindparam("source_kind"),
                hold.c.document_id == bindparam("source_number"),
            ),
            hold.c.document_kind == "purchase_waiver",
        )
    )
    .where(hold_release.c.hold_id.is_(None))
    .order_by(hold.c.hold_id)
)
_EVER_RELEASED = (
    select(stock_movement.c.movement_id)
    .where(stock_movement.c.tenant_id == bindparam("tenant_id"))
    .where(stock_movement.c.lot_id == bindparam("lot_id"))
    .where(stock_movement.c.to_status.in_(("RELEASED", "RELEASED_CONDITIONAL", "SHIPPED")))
    .limit(1)
)
_INSERT = insert(nonconformity_lot)
_THIS = (
    (nonconformity_lot.c.tenant_id == bindparam("key_tenant_id"))
    & (nonconformity_lot.c.nonconformity_id == bindparam("key_nonconformity_id"))
    & (nonconformity_lot.c.cycle == bindparam("key_cycle"))
    & (nonconformity_lot.c.lot_id == bindparam("key_lot_id"))
)
_DECIDE = (
    update(nonconformity_lot)
    .where(_THIS)
    .values(
        finding=bindparam("finding"),
        quantity=bindparam("quantity"),
        evidence=bindparam("evidence"),
        hold_id=bindparam("hold_id"),
        decided_by=bindparam("decided_by"),
        decided_at=bindparam("decided_at"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLot:
    """A lot in the scope; `quantity` is the affected stock as a stored integer."""

    lot_id: UUID
    finding: str
    quantity: int
    via: str
    evidence: str | None
    hold_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was decided about a lot; without a quantity everything on hand is affected."""

    lot_id: UUID
    finding: str
    via: str
    quantity: int | None = None
    evidence: str | None = None


class ScopeQuantityTooLarge(LedgerRefusal):
    """Affected is at most what lies here."""

    def __init__(self, affected: Lot, wanted: int, there: int) -> None:
        want, have = amount_of(wanted, affected.unit), amount_of(there, affected.unit)
        super().__init__(
            f"{want} of lot {affected.number} cannot be affected here: {have} are on hand.",
            f"批次 {affected.number} 现存 {have}，受影响数量不能为 {want}。",
            expected=str(have),
            found=str(want),
        )


class ScopeUndecided(LedgerRefusal):
    """A suspect lot is decided, affected or clear, before anything is disposed of."""

    def __init__(self, number: str, lot_numbers: str) -> None:
        super().__init__(
            f"Lots of {number} are still suspect: {lot_numbers}. Decide them first.",
            f"{number} 中仍有可疑批次：{lot_numbers}，请先判定。",
            found=lot_numbers,
        )


def contain(context: ServiceContext, found: Nonconformity, contained: Lot) -> None:
    """Hold the whole reported lot; everything of it on hand counts as affected until decided."""
    finding = Finding(lot_id=contained.lot_id, finding="affected", via="reported")
    decide(context, found, finding)


def decide(context: ServiceContext, found: Nonconformity, decided: Finding) -> bool:
    """Keep what was decided about a lot; True when this put a new hold on it.

    Affected and suspect lots are held. The hold of a cleared one stays until QA releases it.
    """
    require_open(found)
    known = _known(context, found)
    about = lots.find(context.db, context.tenant_id, decided.lot_id)
    before = known.get(decided.lot_id)
    held = None if before is None else before.hold_id
    is_new = held is None and decided.finding != "clear"
    if is_new:
        held = status.place_hold(
            context,
            about,
            reason=f"{found.number}: {found.description}"[:400],
            owner_role="QA",
            document_kind=DOCUMENT_KIND,
            document_id=found.number,
        )
    affected = _affected(context, about, decided)
    values = {
        "finding": decided.finding,
        "quantity": affected,
        "evidence": decided.evidence,
        "hold_id": held,
        "decided_by": context.actor.username,
        "decided_at": context.now,
    }
    _write(context, found, decided, values, is_known=before is not None)
    context.record(
        {
            "event": "nonconformity.scope_decided",
            "nonconformity": found.number,
            "lot": about.number,
            "finding": decided.finding,
            "quantity": format(amount_of(affected, about.unit), "f"),
            "unit": about.unit.code,
            "via": decided.via,
            "evidence": decided.evidence,
        }
    )
    return is_new


def of_cycle(db: Connection, tenant_id: str, found: Nonconformity) -> list[ScopeLot]:
    """List the lots in the scope of the latest cycle, by number."""
    key = {
        "tenant_id": tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
    }
    return [_read(row) for row in db.execute(_OF_CYCLE, key)]


def release_holds(
    context: ServiceContext, found: Nonconformity, reason: str, *, only: set[UUID] | None = None
) -> list[str]:
    """Release the holds that this nonconformity placed, of all its lots or of `only` some.

    With them go the holds that waited for this decision: of the inspection, receipt or change that
    raised it, and of the waiver under which the goods were bought.
    Signed in this command by QA. Gives the numbers of the lots; other holds on them stay.
    """
    released = []
    for row in context.db.execute(_OPEN_HOLDS, _held_by(context.tenant_id, found)).all():
        if only is not None and row.lot_id not in only:
            continue
        about = lots.find(context.db, context.tenant_id, row.lot_id)
        status.release_hold(context, about, row.hold_id, reason=reason)
        released.append(about.number)
    return sorted(set(released))


def open_holds(db: Connection, tenant_id: str, found: Nonconformity) -> list[UUID]:
    """Name the lots that this nonconformity still holds."""
    return [row.lot_id for row in db.execute(_OPEN_HOLDS, _held_by(tenant_id, found))]


def add_derived(
    context: ServiceContext, found: Nonconformity, made: Lot, *, via: str, left: int
) -> None:
    """Add a lot that a disposition made of an affected one: the holds went with it.

    `left` of it, as a stored integer, has still to be disposed of.
    """
    values = {
        "finding": "affected",
        "quantity": left,
        "evidence": None,
        "hold_id": None,
        "decided_by": context.actor.username,
        "decided_at": context.now,
    }
    decided = Finding(lot_id=made.lot_id, finding="affected", via=via)
    is_known = made.lot_id in _known(context, found)
    _write(context, found, decided, values, is_known=is_known)


def on_hand(db: Connection, tenant_id: str, lot_id: UUID) -> int:
    """Give all that lies here of a lot, in every status but a retained sample's."""
    found = balances.of_lot(db, tenant_id, lot_id)
    return sum(each.quantity for each in found if each.status != "SAMPLE")


def has_been_released(db: Connection, tenant_id: str, lot_id: UUID) -> bool:
    """Tell whether some of a lot is or was released, or has been shipped."""
    key = {"tenant_id": tenant_id, "lot_id": lot_id}
    return db.execute(_EVER_RELEASED, key).first() is not None


def _affected(context: ServiceContext, about: Lot, decided: Finding) -> int:
    if decided.finding != "affected":
        return 0
    there = on_hand(context.db, context.tenant_id, about.lot_id)
    wanted = there if decided.quantity is None else decided.quantity
    if wanted > there:
        raise ScopeQuantityTooLarge(about, wanted, there)
    return wanted


def _held_by(tenant_id: str, found: Nonconformity) -> dict[str, object]:
    return {
        "tenant_id": tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
        "number": found.number,
        "source_kind": _HELD_UNTIL_DECIDED.get(found.source_kind, DOCUMENT_KIND),
        "source_number": found.source_number,
    }


def _known(context: ServiceContext, found: Nonconformity) -> Mapping[UUID, ScopeLot]:
    return {each.lot_id: each for each in of_cycle(context.db, context.tenant_id, found)}


def _write(
    context: ServiceContext,
    found: Nonconformity,
    decided: Finding,
    values: Mapping[str, Any],
    *,
    is_known: bool,
) -> None:
    if is_known:
        key = {
            "key_tenant_id": context.tenant_id,
            "key_nonconformity_id": found.nonconformity_id,
            "key_cycle": found.cycle,
            "key_lot_id": decided.lot_id,
        }
        context.db.execute(_DECIDE, {**key, **values})
        return
    row = {
        "tenant_id": context.tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
        "lot_id": decided.lot_id,
        "via": decided.via,
    }
    context.db.execute(_INSERT, {**row, **values})


def _read(row: AnyRow) -> ScopeLot:
    return ScopeLot(
        lot_id=row.lot_id,
        finding=row.finding,
        quantity=row.quantity,
        via=row.via,
        evidence=row.evidence,
        hold_id=row.hold_id,
    )
