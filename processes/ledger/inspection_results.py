"""What was found in an inspection: documents, readings, the one retest. Nothing is overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.services import ServiceContext
from processes.ledger import instruments, receipts, site_days
from processes.ledger.inspection_lots import InspectionLot, Sampling, require_open
from processes.ledger.instruments import Use
from processes.ledger.plans import Characteristic
from processes.ledger.refusals import LedgerRefusal, listed
from processes.ledger.tables import characteristic_result, inspection_document, retest

ORIGINAL, RETEST = 1, 2

_RESULTS = (
    select(characteristic_result)
    .where(characteristic_result.c.tenant_id == bindparam("tenant_id"))
    .where(characteristic_result.c.inspection_lot_id == bindparam("inspection_lot_id"))
    .order_by(
        characteristic_result.c.characteristic_number,
        characteristic_result.c.attempt,
        characteristic_result.c.sample_number,
    )
)
_RETESTS = (
    select(retest.c.characteristic_number)
    .where(retest.c.tenant_id == bindparam("tenant_id"))
    .where(retest.c.inspection_lot_id == bindparam("inspection_lot_id"))
)
_LAST_ROUND = (
    select(func.max(inspection_document.c.round))
    .where(inspection_document.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_document.c.inspection_lot_id == bindparam("inspection_lot_id"))
)
_DOCUMENTS = (
    select(inspection_document.c.document_code, inspection_document.c.finding)
    .where(inspection_document.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_document.c.inspection_lot_id == bindparam("inspection_lot_id"))
    .where(inspection_document.c.round == bindparam("round"))
)
_INSERT_RESULT = insert(characteristic_result)
_INSERT_RETEST = insert(retest)
_INSERT_DOCUMENT = insert(inspection_document)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFinding:
    """What the check found about one document (words as in the table)."""

    code: str
    finding: str
    reference: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One unit inspected for one characteristic: a measured value, or a count of defects."""

    sample_number: int
    value: Decimal | None = None
    defects: int = 0
    unit_reference: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A kept reading."""

    characteristic_number: int
    attempt: int
    sample_number: int
    value: Decimal | None
    defects: int
    conforming: bool
    actor: str
    performed_at: datetime


class ReadingExists(LedgerRefusal):
    """A reading is not overwritten: an authorised retest is the only second one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” was measured already. Only a retest that the QC lead authorised adds "
            "readings; the first ones stay.",
            f"“{name}”已有检验记录。只有经 QC 主管批准的复检才能增加数据，原始数据保留。",
        )


class ReadingsIncomplete(LedgerRefusal):
    """As many units are inspected as the sampling plan says."""

    def __init__(self, name: str, wanted: int, found: int) -> None:
        super().__init__(
            f"“{name}” needs {wanted} readings, {found} were entered. Enter all of them.",
            f"“{name}”需要 {wanted} 个数据，已录入 {found} 个，请补齐。",
            expected=str(wanted),
            found=str(found),
        )


class RetestNotAllowed(LedgerRefusal):
    """One retest per characteristic, of a reading out of specification."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(
            f"Characteristic {listed(numbers)} cannot be retested: only a first measurement out of "
            "specification can, and only once.",
            f"检验项目 {listed(numbers)} 不能复检：仅首次检验超出规格的项目可复检，且仅限一次。",
            found=listed(numbers),
        )


def used_now(context: ServiceContext, inspection: InspectionLot) -> Use:
    """Say when an instrument is used that is used now: the day is that where the goods came in."""

    def site() -> str:
        line = receipts.find_line(context.db, context.tenant_id, inspection.receipt_line_id)
        return line.site

    return Use(context.now, site_days.today_where(context, site))


def record_documents(
    context: ServiceContext, inspection: InspectionLot, findings: Sequence[DocumentFinding]
) -> int:
    """Keep a document check; give its round (1 is the first)."""
    require_open(inspection)
    key = _key(context, inspection)
    number = (context.db.execute(_LAST_ROUND, key).scalar_one() or 0) + 1
    context.db.execute(
        _INSERT_DOCUMENT,
        [
            {
                **key,
                "round": number,
                "document_code": each.code,
                "finding": each.finding,
                "reference": each.reference,
                "note": each.note,
                "actor": context.actor.username,
                "checked_at": context.now,
            }
            for each in findings
        ],
    )
    context.record(
        {
            "event": "inspection_lot.documents_checked",
            "inspection": inspection.number,
            "round": number,
            "documents": {each.code: each.finding for each in findings},
        }
    )
    return number


def documents_of(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> dict[str, str]:
    """Give the findings of the last document check, by document."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    last = db.execute(_LAST_ROUND, key).scalar_one()
    rows = db.execute(_DOCUMENTS, {**key, "round": last or 0})
    return {row.document_code: row.finding for row in rows}


def record_readings(
    context: ServiceContext,
    inspection: InspectionLot,
    characteristic: Characteristic,
    sampling: Sampling,
    readings: Sequence[Reading],
    *,
    instrument_number: str | None,
) -> list[Result]:
    """Keep the readings of one characteristic, out-of-limit ones as they are.

    Refused when the instrument is not in calibration, when readings are missing, and when there are
    readings already (unless the retest was authorised).
    """
    require_open(inspection)
    wanted = sampling.plan.sample_size
    if len(readings) != wanted or len({each.sample_number for each in readings}) != wanted:
        raise ReadingsIncomplete(characteristic.names["en"], wanted, len(readings))
    attempt = _attempt(context, inspection, characteristic)
    instrument_id = None
    if characteristic.kind == "measured":
        instrument_id = instruments.require_usable(
            context.db,
            context.tenant_id,
            instrument_number or "",
            characteristic.instrument_type,
            used_now(context, inspection),
        ).instrument_id
    key = {
        **_key(context, inspection),
        "characteristic_number": characteristic.number,
        "attempt": attempt,
        "instrument_id": instrument_id,
        "actor": context.actor.username,
        "performed_at": context.now,
    }
    results = [_result(context, characteristic, attempt, each) for each in readings]
    rows = [
        {
            **key,
            "sample_number": kept.sample_number,
            "value": kept.value,
            "defects": kept.defects,
            "conforming": kept.conforming,
            "unit_reference": each.unit_reference,
            "note": each.note,
        }
        for kept, each in zip(results, readings, strict=True)
    ]
    context.db.execute(_INSERT_RESULT, rows)
    context.record(
        {
            "event": "inspection_lot.characteristic_inspected",
            "inspection": inspection.number,
            "characteristic": characteristic.number,
            "attempt": attempt,
            "instrument": instrument_number,
            "inspected": len(results),
            "nonconforming": sum(not kept.conforming for kept in results),
        }
    )
    return results


def results_of(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> list[Result]:
    """List all readings of an inspection lot, originals and retests."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    return [
        Result(
            characteristic_number=row.characteristic_number,
            attempt=row.attempt,
            sample_number=row.sample_number,
            value=row.value,
            defects=row.defects,
            conforming=row.conforming,
            actor=row.actor,
            performed_at=row.performed_at,
        )
        for row in db.execute(_RESULTS, key)
    ]


def authorise_retest(
    context: ServiceContext, inspection: InspectionLot, numbers: Sequence[int], reason: str
) -> None:
    """Allow one retest of characteristics whose first measurement was out of specification."""
    require_open(inspection)
    results = results_of(context.db, context.tenant_id, inspection.inspection_lot_id)
    out = {each.characteristic_number for each in results if not each.conforming}
    key = _key(context, inspection)
    done = set(context.db.execute(_RETESTS, key).scalars())
    refused = [number for number in numbers if number not in out or number in done]
    if refused or not numbers:
        raise RetestNotAllowed(refused or [0])
    context.db.execute(
        _INSERT_RETEST,
        [
            {
                **key,
                "characteristic_number": number,
                "reason": reason,
                "actor": context.actor.username,
                "authorised_at": context.now,
            }
            for number in numbers
        ],
    )
    context.record(
        {
            "event": "inspection_lot.retest_authorised",
            "inspection": inspection.number,
            "characteristics": list(numbers),
            "reason": reason,
        }
    )


def retests_of(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> set[int]:
    """Give the characteristics that may be, or were, measured a second time."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    return set(db.execute(_RETESTS, key).scalars())


def _attempt(
    context: ServiceContext, inspection: InspectionLot, characteristic: Characteristic
) -> int:
    key = _key(context, inspection)
    made = {
        row.attempt
        for row in context.db.execute(_RESULTS, key)
        if row.characteristic_number == characteristic.number
    }
    if not made:
        return ORIGINAL
    allowed = set(context.db.execute(_RETESTS, key).scalars())
    if RETEST in made or characteristic.number not in allowed:
        raise ReadingExists(characteristic.names["en"])
    return RETEST


def _result(
    context: ServiceContext, characteristic: Characteristic, attempt: int, reading: Reading
) -> Result:
    if characteristic.kind == "measured":
        conforming = reading.value is not None and characteristic.conforms(reading.value)
        defects = 0 if conforming else 1
    else:
        conforming, defects = reading.defects == 0, reading.defects
    return Result(
        characteristic_number=characteristic.number,
        attempt=attempt,
        sample_number=reading.sample_number,
        value=reading.value if characteristic.kind == "measured" else None,
        defects=defects,
        conforming=conforming,
        actor=context.actor.username,
        performed_at=context.now,
    )


def _key(context: ServiceContext, inspection: InspectionLot) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "inspection_lot_id": inspection.inspection_lot_id,
    }
