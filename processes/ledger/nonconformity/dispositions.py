"""Dispositions: what becomes of which quantity, proposed, voted on, approved, carried out.

The splits of a round add up to what is affected and not yet disposed of, lot by lot; the record is
complete when nothing is left (NCR-60). What could not be carried out is proposed again in a new
round.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select, update

from engine.services import ServiceContext
from processes.ledger import balances, lots, words
from processes.ledger.columns import AnyRow
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.nonconformity import scope, stock_steps
from processes.ledger.nonconformity.nonconformities import Nonconformity, require_open
from processes.ledger.nonconformity.scope import ScopeUndecided
from processes.ledger.nonconformity.stock_steps import Portion
from processes.ledger.nonconformity.tables import disposition_split, disposition_vote
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed

_OF_CYCLE = (
    select(disposition_split)
    .where(disposition_split.c.tenant_id == bindparam("tenant_id"))
    .where(disposition_split.c.nonconformity_id == bindparam("nonconformity_id"))
    .where(disposition_split.c.cycle == bindparam("cycle"))
    .order_by(disposition_split.c.split)
)
_VOTES = (
    select(disposition_vote.c.role, disposition_vote.c.agrees, disposition_vote.c.reason)
    .where(disposition_vote.c.tenant_id == bindparam("tenant_id"))
    .where(disposition_vote.c.nonconformity_id == bindparam("nonconformity_id"))
    .where(disposition_vote.c.cycle == bindparam("cycle"))
    .where(disposition_vote.c.round == bindparam("round"))
    .order_by(disposition_vote.c.role)
)
_INSERT = insert(disposition_split)
_VOTE = insert(disposition_vote)
_THIS = (
    (disposition_split.c.tenant_id == bindparam("key_tenant_id"))
    & (disposition_split.c.nonconformity_id == bindparam("key_nonconformity_id"))
    & (disposition_split.c.cycle == bindparam("key_cycle"))
)
_WITHDRAW = (
    update(disposition_split)
    .where(_THIS)
    .where(disposition_split.c.status == "proposed")
    .values(status="withdrawn")
)
_APPROVE = (
    update(disposition_split)
    .where(_THIS)
    .where(disposition_split.c.round == bindparam("key_round"))
    .where(disposition_split.c.status == "proposed")
    .values(status="approved")
)
_FINISH = (
    update(disposition_split)
    .where(_THIS)
    .where(disposition_split.c.split == bindparam("key_split"))
    .where(disposition_split.c.status == "approved")
    .values(
        status=bindparam("status"),
        done_quantity=bindparam("done_quantity"),
        evidence=bindparam("evidence"),
        cost=bindparam("cost"),
        executed_by=bindparam("executed_by"),
        executed_at=bindparam("executed_at"),
    )
)
_REWORKED = (
    select(func.count())
    .select_from(disposition_split)
    .where(disposition_split.c.tenant_id == bindparam("tenant_id"))
    .where(disposition_split.c.lot_id == bindparam("lot_id"))
    .where(disposition_split.c.disposition.in_(("REWORK", "REPAIR", "SUPPLIER_REWORK")))
    .where(disposition_split.c.status.in_(("done", "failed")))
    .where(disposition_split.c.evidence.is_not(None))  # else it was given back undone
)

SEGREGATED = ("QUARANTINE", "RETURN_QUARANTINE", "EXPIRED", "RELEASED_CONDITIONAL", "RELEASED")
"""What affected stock may lie in before its disposition, in the order that it is set apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSplit:
    """What is proposed for a quantity of a lot; `quantity` as a stored integer."""

    lot_id: UUID
    quantity: int
    disposition: str
    reason: str
    instruction: str | None = None
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A split as it stands now."""

    split: int
    round: int
    lot_id: UUID
    quantity: int
    disposition: str
    reason: str
    instruction: str | None
    serials: tuple[str, ...]
    status: str
    done_quantity: int
    evidence: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What a member of the material review board said."""

    role: str
    agrees: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotBalance:
    """How much of a lot is affected, disposed of and left, as stored integers."""

    lot: Lot
    affected: int
    done: int

    @property
    def left(self) -> int:
        return self.affected - self.done

    def said(self, language: str) -> str:
        """Say how much is left, with the word of its unit."""
        unit = self.lot.unit
        return f"{self.lot.number}: {amount_of(self.left, unit)} {unit.names[language]}"


class SplitsDoNotAddUp(LedgerRefusal):
    """NCR-60: the splits of a lot are what is affected of it, no more and no less."""

    def __init__(self, balance: LotBalance, wanted: int) -> None:
        want, left = (amount_of(each, balance.lot.unit) for each in (wanted, balance.left))
        en, zh = (balance.lot.unit.names[each] for each in ("en", "zh"))
        super().__init__(
            f"The splits of lot {balance.lot.number} come to {want} {en}; {left} {en} are to "
            "be disposed of. Correct the quantities.",
            f"批次 {balance.lot.number} 的拆分数量合计 {want} {zh}，应处置 {left} {zh}，请更正。",
            expected=str(left),
            found=str(want),
        )


class DispositionNotAllowed(LedgerRefusal):
    """NC-03: not every product may be treated in every way."""

    def __init__(self, lot_number: str, disposition: str, allowed: Collection[str]) -> None:
        way = words.said("disposition", disposition)
        others = words.listed("disposition", sorted(allowed))
        super().__init__(
            f"Lot {lot_number} may not be treated so ({way.en}). Allowed: {others.en}.",
            f"批次 {lot_number} 不允许采用“{way.zh}”，允许的处置方式：{others.zh}。",
            expected=listed(sorted(allowed)),
            found=disposition,
        )


class QuantityLeft(LedgerRefusal):
    """A nonconformity is closed when every affected quantity is disposed of."""

    def __init__(self, number: str, left: Sequence[LotBalance]) -> None:
        en, zh = (listed(each.said(language) for each in left) for language in ("en", "zh"))
        super().__init__(
            f"{number} still has undisposed quantities: {en}. Dispose of them first.",
            f"{number} 仍有未处置的数量：{zh}，请先完成处置。",
            expected="0",
            found=zh,
        )


class SplitNotOpen(LedgerRefusal):
    """A split is carried out once, after its approval."""

    def __init__(self, number: str, split: int) -> None:
        super().__init__(
            f"Split {split} of {number} is not waiting to be carried out.",
            f"{number} 的第 {split} 项处置当前不可执行。",
            expected="approved",
        )


def reconcile(db: Connection, tenant_id: str, found: Nonconformity) -> list[LotBalance]:
    """Say of every affected lot how much of it is disposed of (Σ splits = affected)."""
    done: dict[UUID, int] = {}
    for each in of_cycle(db, tenant_id, found):
        done[each.lot_id] = done.get(each.lot_id, 0) + each.done_quantity
    return [
        LotBalance(
            lot=lots.find(db, tenant_id, each.lot_id),
            affected=each.quantity,
            done=done.get(each.lot_id, 0),
        )
        for each in scope.of_cycle(db, tenant_id, found)
        if each.finding == "affected"
    ]


def require_reconciled(db: Connection, tenant_id: str, found: Nonconformity) -> None:
    """Refuse to close while a quantity is undisposed or a lot is still only suspect."""
    require_decided(db, tenant_id, found)
    left = [each for each in reconcile(db, tenant_id, found) if each.left]
    if left:
        raise QuantityLeft(found.number, left)


def require_decided(db: Connection, tenant_id: str, found: Nonconformity) -> None:
    """Refuse to go on while a lot is only suspect."""
    suspect = [
        lots.find(db, tenant_id, each.lot_id).number
        for each in scope.of_cycle(db, tenant_id, found)
        if each.finding == "suspect"
    ]
    if suspect:
        raise ScopeUndecided(found.number, listed(suspect))


def propose(
    context: ServiceContext,
    found: Nonconformity,
    splits: Sequence[NewSplit],
    *,
    allowed: Mapping[UUID, Collection[str]],
) -> int:
    """Propose what becomes of everything that is left; gives the number of the round.

    `allowed` says for each lot what NC-03 lets one do with it.
    """
    require_open(found)
    require_decided(context.db, context.tenant_id, found)
    _require_sums(reconcile(context.db, context.tenant_id, found), splits)
    earlier = of_cycle(context.db, context.tenant_id, found)
    round_number = max((each.round for each in earlier), default=0) + 1
    context.db.execute(_WITHDRAW, _key(context, found))
    for number, each in enumerate(splits, start=len(earlier) + 1):
        about = lots.find(context.db, context.tenant_id, each.lot_id)
        if each.disposition not in allowed[each.lot_id]:
            raise DispositionNotAllowed(about.number, each.disposition, allowed[each.lot_id])
        context.db.execute(_INSERT, _row(context, found, number, round_number, each))
        context.record(
            {
                "event": "disposition.proposed",
                "nonconformity": found.number,
                "split": number,
                "round": round_number,
                "lot": about.number,
                "quantity": format(amount_of(each.quantity, about.unit), "f"),
                "unit": about.unit.code,
                "disposition": each.disposition,
                "reason": each.reason,
            }
        )
    return round_number


def vote(
    context: ServiceContext,
    found: Nonconformity,
    round_number: int,
    role: str,
    *,
    agrees: bool,
    reason: str | None,
) -> None:
    """Keep the vote of one member of the material review board."""
    row = {
        "tenant_id": context.tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
        "round": round_number,
        "role": role,
        "agrees": agrees,
        "reason": reason,
        "voter": context.actor.username,
        "voted_at": context.now,
    }
    context.db.execute(_VOTE, row)
    context.record(
        {
            "event": "disposition.voted",
            "nonconformity": found.number,
            "round": round_number,
            "role": role,
            "agrees": agrees,
            "reason": reason,
        }
    )


def votes(db: Connection, tenant_id: str, found: Nonconformity, round_number: int) -> list[Vote]:
    """List the votes of a round, by role."""
    key = {
        "tenant_id": tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
        "round": round_number,
    }
    return [
        Vote(role=row.role, agrees=row.agrees, reason=row.reason) for row in db.execute(_VOTES, key)
    ]


def approve(
    context: ServiceContext,
    found: Nonconformity,
    round_number: int,
    *,
    rejected_location: UUID | None,
) -> list[Split]:
    """Approve a round, signed in this command, and set the affected stock apart as REJECTED.

    Stock that may not lie as rejected where it is goes to `rejected_location`.
    """
    require_open(found)
    context.db.execute(_APPROVE, _key(context, found) | {"key_round": round_number})
    approved = [
        each
        for each in of_cycle(context.db, context.tenant_id, found)
        if each.round == round_number and each.status == "approved"
    ]
    for lot_id in sorted({each.lot_id for each in approved}, key=str):
        wanted = sum(each.quantity for each in approved if each.lot_id == lot_id)
        serials = [one for each in approved if each.lot_id == lot_id for one in each.serials]
        _set_apart(context, found, lot_id, wanted, serials, rejected_location)
    context.record(
        {"event": "disposition.approved", "nonconformity": found.number, "round": round_number}
    )
    return approved


def finish(
    context: ServiceContext,
    found: Nonconformity,
    split: Split,
    done_quantity: int,
    *,
    evidence: Mapping[str, Any] | None,
    cost: Mapping[str, Any] | None = None,
) -> None:
    """Record that a split was carried out; nothing done means that it failed."""
    row = {
        "key_split": split.split,
        "status": "done" if done_quantity else "failed",
        "done_quantity": done_quantity,
        "evidence": evidence,
        "cost": cost,
        "executed_by": context.actor.username,
        "executed_at": context.now,
    }
    if context.db.execute(_FINISH, _key(context, found) | row).rowcount != 1:
        raise SplitNotOpen(found.number, split.split)
    about = lots.find(context.db, context.tenant_id, split.lot_id)
    context.record(
        {
            "event": "disposition.carried_out" if done_quantity else "disposition.failed",
            "nonconformity": found.number,
            "split": split.split,
            "lot": about.number,
            "disposition": split.disposition,
            "quantity": format(amount_of(done_quantity, about.unit), "f"),
            "unit": about.unit.code,
        }
    )


def of_cycle(db: Connection, tenant_id: str, found: Nonconformity) -> list[Split]:
    """List the splits of the latest cycle, as they were proposed."""
    key = {
        "tenant_id": tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
    }
    return [_read(row) for row in db.execute(_OF_CYCLE, key)]


def find(db: Connection, tenant_id: str, found: Nonconformity, split: int) -> Split:
    """Give a split by its number; NotInLedger when there is none."""
    for each in of_cycle(db, tenant_id, found):
        if each.split == split:
            return each
    raise NotInLedger("disposition", "处置项", f"{found.number}/{split}")


def reworked_before(db: Connection, tenant_id: str, about: Lot) -> int:
    """Count how often some of a lot has been reworked; what rework made a lot of is one time on."""
    key = {"tenant_id": tenant_id, "lot_id": about.lot_id}
    return int(db.execute(_REWORKED, key).scalar_one()) + (about.origin == "rework")


def _require_sums(found: Sequence[LotBalance], splits: Sequence[NewSplit]) -> None:
    known = {each.lot.lot_id for each in found}
    for each in splits:
        if each.lot_id not in known:
            raise NotInLedger("affected lot", "受影响批次", each.lot_id)
    for balance in found:
        wanted = sum(each.quantity for each in splits if each.lot_id == balance.lot.lot_id)
        if wanted != balance.left:
            raise SplitsDoNotAddUp(balance, wanted)


def _set_apart(
    context: ServiceContext,
    found: Nonconformity,
    lot_id: UUID,
    wanted: int,
    serials: Sequence[str],
    location_id: UUID | None,
) -> None:
    """Make `wanted` of a lot REJECTED stock, as far as it is not rejected already."""
    about = lots.find(context.db, context.tenant_id, lot_id)
    there = balances.of_lot(context.db, context.tenant_id, lot_id)
    left = wanted - sum(each.quantity for each in there if each.status == "REJECTED")
    for old in SEGREGATED:
        lying = sum(each.quantity for each in there if each.status == old)
        if left <= 0 or not lying:
            continue
        stock_steps.restate(
            context,
            Portion(lot=about, quantity=min(left, lying), serials=serials),
            old,
            "REJECTED",
            reason=f"{found.number}: {found.description}"[:400],
            document=Document("nonconformity", found.number),
            location_id=location_id,
        )
        left -= min(left, lying)


def _row(
    context: ServiceContext, found: Nonconformity, number: int, round_number: int, new: NewSplit
) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "nonconformity_id": found.nonconformity_id,
        "cycle": found.cycle,
        "split": number,
        "round": round_number,
        "lot_id": new.lot_id,
        "quantity": new.quantity,
        "disposition": new.disposition,
        "reason": new.reason,
        "instruction": new.instruction,
        "serials": list(new.serials),
        "status": "proposed",
        "done_quantity": 0,
        "proposed_by": context.actor.username,
        "proposed_at": context.now,
    }


def _key(context: ServiceContext, found: Nonconformity) -> dict[str, Any]:
    return {
        "key_tenant_id": context.tenant_id,
        "key_nonconformity_id": found.nonconformity_id,
        "key_cycle": found.cycle,
    }


def _read(row: AnyRow) -> Split:
    return Split(
        split=row.split,
        round=row.round,
        lot_id=row.lot_id,
        quantity=row.quantity,
        disposition=row.disposition,
        reason=row.reason,
        instruction=row.instruction,
        serials=tuple(row.serials),
        status=row.status,
        done_quantity=row.done_quantity,
        evidence=row.evidence,
    )
