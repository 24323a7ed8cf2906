"""Chain of custody of what came back with a complaint: who had it when, and where it lies.

A device that was used may carry infection: nobody opens, tests, keeps or gives it back before it is
decontaminated, or shown to need none. Nothing is tested to destruction while an authority waits for
its report (EU MDR Art. 89(1)). Steps are never changed; they follow one another in time, and after
a final one there is none. What lies here is no stock: it is in no balance and is never sold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.clocks import clocks
from processes.ledger.columns import AnyRow
from processes.ledger.complaints import complaints
from processes.ledger.complaints.tables import FINAL, PROVEN, custody_step, returned_device
from processes.ledger.numbers import next_number
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed

CLEAN = ("decontaminated", "exempted")
ONLY_CLEAN = ("examined", "tested", "given_back", "retained")
"""What nobody does with a device that may carry infection."""
_CLOCKS_DIFFER = timedelta(minutes=5)
_INSERT = insert(returned_device)
_STEP = insert(custody_step)
_OF_NUMBER = (
    select(returned_device)
    .where(returned_device.c.tenant_id == bindparam("tenant_id"))
    .where(returned_device.c.device_number == bindparam("number"))
)
_OF_COMPLAINT = (
    select(returned_device)
    .where(returned_device.c.tenant_id == bindparam("tenant_id"))
    .where(returned_device.c.complaint_id == bindparam("complaint_id"))
    .order_by(returned_device.c.device_number)
)
_STEPS = (
    select(custody_step)
    .where(custody_step.c.tenant_id == bindparam("tenant_id"))
    .where(custody_step.c.device_number == bindparam("number"))
    .order_by(custody_step.c.step_number)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """What came back, from whom, in what condition."""

    complaint: str
    item_number: str | None
    lot_number: str | None
    serial_number: str | None
    quantity: int
    condition: str
    sender: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened to it, who has it since, and where it lies."""

    kind: str
    holder: str
    place: str
    happened_at: datetime
    evidence: str | None = None


class NotDecontaminated(LedgerRefusal):
    """A used device is decontaminated before anybody opens it."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} is not decontaminated. Have it decontaminated, or have it recorded why it "
            "needs none, before anybody opens it.",
            f"{number} 尚未消毒，请先消毒或记录无需消毒的理由，之后方可拆检。",
            expected="decontaminated",
            found=number,
        )


class UsedIsNotExempt(LedgerRefusal):
    """Only what was never used needs no decontamination."""

    def __init__(self, number: str, condition: str) -> None:
        super().__init__(
            f"{number} was used, or nobody knows. It is decontaminated, whatever it looks like.",
            f"{number} 已使用或使用情况不明，无论外观如何均须消毒。",
            expected="unused",
            found=condition,
        )


class AuthorityNotTold(LedgerRefusal):
    """EU MDR Art. 89(1): what alters the device waits until the authority knows."""

    def __init__(self, number: str, owed: str) -> None:
        super().__init__(
            f"{number}: the authority does not know yet ({owed}). Decide on reporting and send the "
            "report before a test that alters the device.",
            f"{number}：尚未告知监管部门（{owed}），请先作出报告决定并提交报告，再进行会改变产品状态的检验。",
            expected="reported",
            found=owed,
        )


class OutOfOrder(LedgerRefusal):
    """The chain goes forward in time, and ends with its final step."""

    def __init__(self, number: str, last: str) -> None:
        super().__init__(
            f"{number}: the last step was {last}. A step follows in time, not in the future, and "
            "nothing follows the final one.",
            f"{number}：上一步为 {last}，时间不得早于上一步或晚于现在；最终步骤之后不得再记录。",
            expected=f"> {last}",
        )


class EvidenceMissing(LedgerRefusal):
    """Decontamination, sending and the end of the chain are shown by something."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            "Name the evidence: method and protocol, waybill, certificate or reason.",
            "请填写依据：消毒方法及记录、运单号、证明或理由。",
            expected="evidence",
            found=kind,
        )


class NotExamined(LedgerRefusal):
    """An investigation names a returned device that the chain of custody shows as examined."""

    def __init__(self, number: str) -> None:
        super().__init__(
            f"{number} has no returned device whose examination is recorded. Record it in the "
            "chain of custody, or say that no device was examined.",
            f"{number} 没有已记录检查的退回产品，请在保管链中记录，或选择未检查退回产品。",
            expected="examined",
        )


class ChainOpen(LedgerRefusal):
    """A complaint closes when it is known what became of everything that came back."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(
            f"What became of {listed(numbers)} is not recorded yet. Finish the chain of custody.",
            f"{listed(numbers)} 的去向尚未记录完毕，请先完成保管链。",
            found=listed(numbers),
        )


def receive(context: ServiceContext, device: NewDevice, first: Step) -> str:
    """Register what came back for a complaint; give its number. The chain begins with it."""
    told = complaints.by_number(context.db, context.tenant_id, device.complaint)
    number = next_number(context, "RD")
    row = {
        "tenant_id": context.tenant_id,
        "device_number": number,
        "complaint_id": told.complaint_id,
        "item_number": device.item_number or told.item_number,
        "lot_number": device.lot_number or told.lot_number,
        "serial_number": device.serial_number or told.serial_number,
        "quantity": device.quantity,
        "condition": device.condition,
        "sender": device.sender,
        "actor": context.actor.username,
        "registered_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "returned_device.registered",
            "device": number,
            "complaint": device.complaint,
            "condition": device.condition,
            "sender": device.sender,
        }
    )
    add(context, number, first)
    return number


def add(context: ServiceContext, number: str, step: Step) -> int:
    """Add a step to a chain; give its number. Refused where a rule of custody speaks against it."""
    device = by_number(context.db, context.tenant_id, number)
    before = steps_of(context.db, context.tenant_id, number)
    _require_order(context, number, before, step)
    if step.kind in PROVEN and not step.evidence:
        raise EvidenceMissing(step.kind)
    if step.kind == "exempted" and not device.condition.startswith("unused"):
        raise UsedIsNotExempt(number, device.condition)
    if step.kind in ONLY_CLEAN and not _clean(before):
        raise NotDecontaminated(number)
    if step.kind == "tested":
        require_authority_told(context.db, context.tenant_id, device.complaint_id, number)
    row = {
        "tenant_id": context.tenant_id,
        "device_number": number,
        "step_number": len(before) + 1,
        "kind": step.kind,
        "holder": step.holder,
        "place": step.place,
        "evidence": step.evidence,
        "happened_at": step.happened_at,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_STEP, row)
    said = {name: row[name] for name in ("kind", "holder", "place", "evidence", "happened_at")}
    context.record({"event": "returned_device.custody", "device": number, **said})
    return len(before) + 1


def by_number(db: Connection, tenant_id: str, number: str) -> AnyRow:
    """Give a returned device; NotInLedger when there is none."""
    row = db.execute(_OF_NUMBER, {"tenant_id": tenant_id, "number": number}).one_or_none()
    if row is None:
        raise NotInLedger("returned device", "退回产品", number)
    return row


def of_complaint(db: Connection, tenant_id: str, complaint_id: UUID) -> list[AnyRow]:
    """List what came back for a complaint."""
    return list(db.execute(_OF_COMPLAINT, {"tenant_id": tenant_id, "complaint_id": complaint_id}))


def steps_of(db: Connection, tenant_id: str, number: str) -> list[AnyRow]:
    """Give the chain of custody of a device, the first step first."""
    return list(db.execute(_STEPS, {"tenant_id": tenant_id, "number": number}))


def is_final(kind: str) -> bool:
    """Tell whether nothing follows a step of this kind."""
    return kind in FINAL


def require_authority_told(db: Connection, tenant_id: str, complaint_id: UUID, number: str) -> None:
    """Refuse what alters a device while it is not decided, or an authority is owed its report."""
    told = complaints.find(db, tenant_id, complaint_id)
    if not complaints.decisions_of(db, tenant_id, complaint_id):
        raise AuthorityNotTold(number, "not decided · 未决定")
    subject = clocks.of_subject(db, tenant_id, complaints.KIND, told.complaint_number)
    owed = sorted(each.rule_code for each in subject if each.stopped_at is None)
    if owed:
        raise AuthorityNotTold(number, listed(owed))


def require_examined(context: ServiceContext, complaint_number: str) -> None:
    """Refuse findings on a returned device that the chain of custody knows nothing of."""
    if not any(
        step.kind in ("examined", "tested")
        for _, steps in _chains(context, complaint_number)
        for step in steps
    ):
        raise NotExamined(complaint_number)


def require_finished(context: ServiceContext, complaint_number: str) -> None:
    """Refuse to close a complaint while a device that came back is on its way."""
    unfinished = [
        device.device_number
        for device, steps in _chains(context, complaint_number)
        if not is_final(steps[-1].kind)
    ]
    if unfinished:
        raise ChainOpen(unfinished)


def shown(db: Connection, tenant_id: str, number: str) -> list[Mapping[str, Any]]:
    """Give a chain of custody as people read it: what, when, who has it, where it lies."""
    return [
        {
            "kind": step.kind,
            "at": step.happened_at.isoformat(),
            "holder": step.holder,
            "place": step.place,
            "evidence": step.evidence,
            "by": step.actor,
        }
        for step in steps_of(db, tenant_id, number)
    ]


def _chains(context: ServiceContext, complaint_number: str) -> list[tuple[AnyRow, list[AnyRow]]]:
    told = complaints.by_number(context.db, context.tenant_id, complaint_number)
    return [
        (device, steps_of(context.db, context.tenant_id, device.device_number))
        for device in of_complaint(context.db, context.tenant_id, told.complaint_id)
    ]


def _require_order(
    context: ServiceContext, number: str, before: Sequence[AnyRow], step: Step
) -> None:
    if step.happened_at > context.now + _CLOCKS_DIFFER:
        raise OutOfOrder(number, context.now.isoformat())
    if before:
        last = before[-1]
        if is_final(last.kind) or step.happened_at < last.happened_at:
            raise OutOfOrder(number, f"{last.kind} {last.happened_at.isoformat()}")


def _clean(before: Sequence[AnyRow]) -> bool:
    """Tell whether it was decontaminated since it came (back) to us."""
    for step in reversed(before):
        if step.kind in CLEAN:
            return True
        if step.kind in ("came_back", "not_decontaminated"):
            return False
    return False
