"""Carry out a disposition: the stock moves in the command that signs for it (INV-17).

Every step starts from REJECTED stock, where the approval has set it apart, and ends with the split
done, or failed and proposed again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from engine.services import ServiceContext
from processes.ledger import items, lots
from processes.ledger.balances import Place
from processes.ledger.genealogy import lot_changes
from processes.ledger.genealogy.lot_changes import Part
from processes.ledger.locations import Location
from processes.ledger.lots import Lot
from processes.ledger.movements import Document
from processes.ledger.nonconformity import dispositions, scope, stock_steps
from processes.ledger.nonconformity.dispositions import Split
from processes.ledger.nonconformity.nonconformities import (
    Nonconformity,
    require_none_open,
    require_open,
)
from processes.ledger.nonconformity.stock_steps import Portion
from processes.ledger.nonconformity.tables import concession
from processes.ledger.numbers import next_number
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.status import SignatureMissing

_GRANT = insert(concession)

KEPT = "kept"
"""In the evidence of a rework at the supplier: what it kept, as a stored integer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A split that is being carried out, with its lot and the papers of the step."""

    found: Nonconformity
    split: Split
    lot: Lot
    evidence: Mapping[str, Any] | None
    cost: Mapping[str, Any] | None = None

    @property
    def document(self) -> Document:
        return Document("nonconformity", self.found.number)

    @property
    def reason(self) -> str:
        return f"{self.found.number}/{self.split.split}: {self.split.reason}"[:400]

    def portion(self) -> Portion:
        return Portion(lot=self.lot, quantity=self.split.quantity, serials=self.split.serials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Concession:
    """Authorised use of product that does not fulfil a requirement, within limits."""

    requirement: str
    justification: str
    risk_benefit: str
    regulatory_by: str
    valid_until: date | None = None
    record_note: str | None = None
    customer_reference: str | None = None


class ReworkLimitReached(LedgerRefusal):
    """Product is reworked as often as its validation covers, sterile and implants not at all."""

    def __init__(self, lot_number: str, limit: int) -> None:
        super().__init__(
            f"Lot {lot_number} may be reworked {limit} times and has been. Choose another "
            "disposition.",
            f"批次 {lot_number} 最多允许返工 {limit} 次，已达上限，请选择其他处置方式。",
            expected=f"at most {limit}",
        )


class OneConcessionTwoPeople(LedgerRefusal):
    """A concession is authorised by quality and by regulatory affairs, by two people."""

    def __init__(self, username: str) -> None:
        super().__init__(
            f"{username} has signed this concession already. A second person authorises it.",
            f"{username} 已签署该让步，须由另一人批准。",
            expected="two people",
            found=username,
        )


class MoreThanThereWas(LedgerRefusal):
    """Good and bad together are what was reworked or sorted."""

    def __init__(self, job: Job, good: int) -> None:
        unit = job.lot.unit
        said, most = (amount_of(each, unit) for each in (good, job.split.quantity))
        super().__init__(
            f"{said} {unit.names['en']} cannot be good: {most} were decided on. Count again.",
            f"合格数量 {said} {unit.names['zh']} 超过应判定数量 {most}，请重新清点。",
            found=str(good),
        )


class NotAtASupplier(LedgerRefusal):
    """What a supplier reworks lies at a place that stands for the supplier."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"{code} is a place of ours. Name the place that stands for the supplier.",
            f"{code} 为本厂货位，请选择代表供应商的货位。",
            expected="supplier",
            found=code,
        )


class UnitsComeBackWhole(LedgerRefusal):
    """Units with serial numbers that the supplier keeps are a split of their own."""

    def __init__(self, lot_number: str) -> None:
        super().__init__(
            f"The units of lot {lot_number} have serial numbers: all of this split come back, or "
            "none. Give it back to the board to split it by unit.",
            f"批次 {lot_number} 按序列号管理：本处置项须全部退回或全部不退回，"
            "如需分开请退回评审组按件拆分。",
        )


def job(
    context: ServiceContext,
    found: Nonconformity,
    split_number: int,
    *,
    evidence: Mapping[str, Any] | None = None,
    cost: Mapping[str, Any] | None = None,
) -> Job:
    """Give the split to be carried out, with its lot."""
    require_open(found)
    split = dispositions.find(context.db, context.tenant_id, found, split_number)
    about = lots.find(context.db, context.tenant_id, split.lot_id)
    return Job(found=found, split=split, lot=about, evidence=evidence, cost=cost)


def scrap(context: ServiceContext, done: Job) -> None:
    """Book out what was destroyed; signed by the witness in this command (WITN)."""
    _require("WITN", context)
    stock_steps.leave(
        context,
        done.portion(),
        movement_type="SCRAP",
        in_status="REJECTED",
        outcome="SCRAPPED",
        reason=done.reason,
        document=done.document,
        meaning="WITN",
    )
    _finish(context, done, done.split.quantity)


def return_to_supplier(context: ServiceContext, done: Job) -> None:
    """Book out what went back to the supplier (RTV); signed by who handed it over (PERF)."""
    _require("PERF", context)
    stock_steps.leave(
        context,
        done.portion(),
        movement_type="RTV",
        in_status="REJECTED",
        outcome="RETURNED",
        reason=done.reason,
        document=done.document,
        meaning="PERF",
    )
    _finish(context, done, done.split.quantity)


def retain(context: ServiceContext, done: Job, location_id: UUID) -> None:
    """Keep it for the investigation, as a sample that never becomes usable stock."""
    _require("PERF", context)
    stock_steps.retain(
        context,
        done.portion(),
        location_id=location_id,
        reason=done.reason,
        document=done.document,
    )
    _finish(context, done, done.split.quantity)


def use_as_is(
    context: ServiceContext, done: Job, granted: Concession, location_id: UUID | None
) -> str:
    """Release under a concession, signed CONC in this command by QA, before by another person."""
    if granted.regulatory_by == context.actor.username:
        raise OneConcessionTwoPeople(context.actor.username)
    _restate(context, done, done.portion(), "REJECTED", "RELEASED", location_id)
    number = next_number(context, "CON")
    row = {
        "tenant_id": context.tenant_id,
        "concession_id": context.new_id(),
        "concession_number": number,
        "nonconformity_id": done.found.nonconformity_id,
        "cycle": done.found.cycle,
        "split": done.split.split,
        "item_id": done.lot.item_id,
        "requirement": granted.requirement,
        "justification": granted.justification,
        "risk_benefit": granted.risk_benefit,
        "quantity": done.split.quantity,
        "valid_until": granted.valid_until,
        "record_note": granted.record_note,
        "customer_reference": granted.customer_reference,
        "regulatory_by": granted.regulatory_by,
        "quality_by": context.actor.username,
        "granted_at": context.now,
    }
    _finish(context, done, done.split.quantity)
    context.db.execute(_GRANT, row)
    context.record(
        {
            "event": "concession.granted",
            "concession": number,
            "nonconformity": done.found.number,
            "split": done.split.split,
            "lot": done.lot.number,
            "requirement": granted.requirement,
            "valid_until": granted.valid_until,
        }
    )
    return number


def start_rework(context: ServiceContext, done: Job, location_id: UUID) -> None:
    """Hand stock over to rework under an approved instruction (APPR); refused over the limit."""
    rules = context.configuration("nonconformity_rules")["rework"]
    item = items.find(context.db, context.tenant_id, done.lot.item_id)
    limit = rules["cycles_sterile_or_implant" if item.sterile or item.implant else "cycles"]
    before = dispositions.reworked_before(context.db, context.tenant_id, done.lot)
    if before >= limit:
        raise ReworkLimitReached(done.lot.number, limit)
    _restate(context, done, done.portion(), "REJECTED", "REWORK", location_id, always_moved=True)


def send_out(context: ServiceContext, done: Job, *, at: UUID, supplier_place: Location) -> None:
    """Send stock that is to be reworked to the supplier (XFR); signed by who hands it over (PERF).

    It stays ours, in rework, at a place of the zone "supplier": on hand, and in nobody's reach.
    """
    _require("PERF", context)
    if supplier_place.zone != "supplier":
        raise NotAtASupplier(supplier_place.code)
    stock_steps.transfer(
        context,
        done.portion(),
        Place(at, "REWORK"),
        supplier_place.location_id,
        document=done.document,
        meaning="PERF",
    )


def keep_at_supplier(context: ServiceContext, done: Job, quantity: int) -> None:
    """Book out what the supplier keeps of what it was sent, by credit or replacement (RTV)."""
    if done.lot.has_serials and quantity != done.split.quantity:
        raise UnitsComeBackWhole(done.lot.number)
    stock_steps.leave(
        context,
        Portion(lot=done.lot, quantity=quantity, serials=done.split.serials),
        movement_type="RTV",
        in_status="REWORK",
        outcome="RETURNED",
        reason=done.reason,
        document=done.document,
    )


def keep_all(context: ServiceContext, done: Job) -> None:
    """End a rework at the supplier of which nothing comes back."""
    keep_at_supplier(context, done, done.split.quantity)
    evidence = {**(done.evidence or {}), KEPT: done.split.quantity}
    _finish(context, replace(done, evidence=evidence), done.split.quantity)


def finish_rework(
    context: ServiceContext, done: Job, *, at: UUID, location_id: UUID, kept: int = 0
) -> Lot:
    """Hand reworked stock over to be inspected again; it becomes a lot of its own with an edge.

    Units with serial numbers stay in their lot. `at` is where the rework was done, `location_id`
    where the goods wait for their inspection; `kept` is what a supplier does not send back.
    """
    if not 0 <= kept < done.split.quantity:
        raise MoreThanThereWas(done, kept)
    if kept:
        keep_at_supplier(context, done, kept)
    if done.lot.has_serials:
        _restate(
            context, done, done.portion(), "REWORK", "QUARANTINE", location_id, always_moved=True
        )
        return done.lot
    back = done.split.quantity - kept
    part = Part(lot_id=done.lot.lot_id, place=Place(at, "REWORK"), quantity=back)
    made = lot_changes.rework(
        context,
        part,
        to=Place(location_id, "QUARANTINE"),
        reason=done.reason,
        document=done.document,
    )
    scope.add_derived(context, done.found, made, via="rework", left=0)
    return made


def decide_reworked(
    context: ServiceContext,
    done: Job,
    made: Lot,
    good: int,
    location_id: UUID | None,
    *,
    kept: int = 0,
) -> None:
    """Release what the new inspection found good (REL); the rest is left to decide on.

    `good` is a stored integer, from nothing to the whole split less what the supplier `kept`.
    """
    bad = _decide(context, done, made, good, location_id, of=done.split.quantity - kept)
    if kept:
        done = replace(done, evidence={**(done.evidence or {}), KEPT: kept})
    if made.lot_id == done.lot.lot_id:
        _finish(context, done, good)
        return
    scope.add_derived(context, done.found, made, via="rework", left=bad)
    _finish(context, done, done.split.quantity)


def start_sorting(context: ServiceContext, done: Job, location_id: UUID | None) -> None:
    """Hand rejected stock over to be sorted and decided on again."""
    _restate(context, done, done.portion(), "REJECTED", "QUARANTINE", location_id)


def decide_sorted(context: ServiceContext, done: Job, good: int, location_id: UUID | None) -> None:
    """Release what sorting found good (REL); the rest is left to decide on."""
    _decide(context, done, done.lot, good, location_id, of=done.split.quantity)
    _finish(context, done, good)


def regrade(context: ServiceContext, done: Job, item_number: str, location_id: UUID) -> Lot:
    """Make the goods another item's, of a lower grade, in quarantine; REL releases them there."""
    _require("REL", context)
    sources = list(stock_steps.lying(context, done.portion(), "REJECTED"))
    made: Lot | None = None
    for place, quantity in sources:
        made = lot_changes.relabel(
            context,
            Part(lot_id=done.lot.lot_id, place=place, quantity=quantity),
            item_number=item_number,
            to=Place(location_id, "QUARANTINE"),
            reason=done.reason,
            document=done.document,
        )
        scope.add_derived(context, done.found, made, via="regrade", left=0)
        whole = Portion(lot=made, quantity=quantity)
        _restate(context, done, whole, "QUARANTINE", "RELEASED", location_id)
    if made is None:  # a split has a quantity, and `lying` gives all of it or refuses
        raise NotInLedger("stock", "库存", done.lot.number)
    _finish(context, done, done.split.quantity)
    return made


def give_back(context: ServiceContext, done: Job) -> None:
    """Record that a split could not be carried out; its quantity is proposed again."""
    _finish(context, done, 0)


def _decide(
    context: ServiceContext,
    done: Job,
    decided: Lot,
    good: int,
    location_id: UUID | None,
    *,
    of: int,
) -> int:
    """Release the good part `of` what there is and reject the rest; gives the rest."""
    _require("REL", context)
    if not 0 <= good <= of:
        raise MoreThanThereWas(done, good)
    bad = of - good
    for quantity, new in ((good, "RELEASED"), (bad, "REJECTED")):
        if quantity:
            serials = done.split.serials if quantity == done.split.quantity else ()
            portion = Portion(lot=decided, quantity=quantity, serials=serials)
            _restate(context, done, portion, "QUARANTINE", new, location_id)
    return bad


def _restate(
    context: ServiceContext,
    done: Job,
    portion: Portion,
    old: str,
    new: str,
    location_id: UUID | None,
    *,
    always_moved: bool = False,
) -> None:
    if new == "RELEASED":
        require_none_open(
            context.db,
            context.tenant_id,
            portion.lot.lot_id,
            portion.lot.number,
            but=done.found.number,
        )
    stock_steps.restate(
        context,
        portion,
        old,
        new,
        reason=done.reason,
        document=done.document,
        location_id=location_id,
        always_moved=always_moved,
    )


def _finish(context: ServiceContext, done: Job, quantity: int) -> None:
    dispositions.finish(
        context, done.found, done.split, quantity, evidence=done.evidence, cost=done.cost
    )


def _require(meaning: str, context: ServiceContext) -> None:
    if meaning not in context.signatures:
        raise SignatureMissing([meaning])
