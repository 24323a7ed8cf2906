"""Measuring instruments and their calibrations; a reading is taken with one that is in calibration.

When a calibration finds an instrument out of tolerance, every reading since its last good one is
in doubt and can be listed (INV-18).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import calibration, characteristic_result, inspection_lot, instrument

_INSTRUMENTS = select(
    instrument.c.instrument_id,
    instrument.c.instrument_number,
    instrument.c.instrument_type,
    instrument.c.name_en,
    instrument.c.name_zh,
    instrument.c.unit_code,
    instrument.c.resolution,
    instrument.c.in_service,
).where(instrument.c.tenant_id == bindparam("tenant_id"))
_BY_NUMBER = _INSTRUMENTS.where(instrument.c.instrument_number == bindparam("instrument_number"))
_OF_TYPE = _INSTRUMENTS.where(instrument.c.instrument_type == bindparam("instrument_type")).where(
    instrument.c.in_service.is_(True)
)
_CALIBRATIONS = (
    select(calibration.c.calibrated_at, calibration.c.due_on, calibration.c.in_tolerance)
    .where(calibration.c.tenant_id == bindparam("tenant_id"))
    .where(calibration.c.instrument_id == bindparam("instrument_id"))
    .where(calibration.c.calibrated_at <= bindparam("at"))
    .order_by(calibration.c.calibrated_at.desc(), calibration.c.calibration_id.desc())
)
_READINGS = (
    select(
        inspection_lot.c.inspection_number,
        characteristic_result.c.characteristic_number,
        characteristic_result.c.sample_number,
        characteristic_result.c.attempt,
        characteristic_result.c.value,
        characteristic_result.c.performed_at,
        inspection_lot.c.lot_id,
    )
    .join(
        inspection_lot,
        and_(
            inspection_lot.c.tenant_id == characteristic_result.c.tenant_id,
            inspection_lot.c.inspection_lot_id == characteristic_result.c.inspection_lot_id,
        ),
    )
    .where(characteristic_result.c.tenant_id == bindparam("tenant_id"))
    .where(characteristic_result.c.instrument_id == bindparam("instrument_id"))
    .where(characteristic_result.c.performed_at >= bindparam("since"))
    .where(characteristic_result.c.performed_at <= bindparam("until"))
    .order_by(
        characteristic_result.c.performed_at,
        inspection_lot.c.inspection_number,
        characteristic_result.c.characteristic_number,
        characteristic_result.c.sample_number,
        characteristic_result.c.attempt,
    )
)
_INSERT = insert(instrument)
_INSERT_CALIBRATION = insert(calibration)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A measuring instrument."""

    instrument_id: UUID
    number: str
    instrument_type: str
    names: Mapping[str, str]
    unit_code: str
    resolution: Decimal
    in_service: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The outcome of a calibration; `due_on` is the last day that it covers."""

    calibrated_at: datetime
    due_on: date
    in_tolerance: bool
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """When an instrument is used: the instant, and which day that is at the site."""

    at: datetime
    day: date


class OutOfCalibration(LedgerRefusal):
    """INV-18: no reading without a calibration in force."""

    def __init__(self, number: str, why_en: str, why_zh: str) -> None:
        super().__init__(
            f"Instrument {number} {why_en}. Take another instrument and tell metrology.",
            f"量具 {number} {why_zh}，请更换量具并通知计量管理员。",
            expected="in calibration",
            found=number,
        )


class WrongInstrument(LedgerRefusal):
    """A characteristic is measured with the type of instrument that its method names."""

    def __init__(self, found: Instrument, wanted: str) -> None:
        super().__init__(
            f"Instrument {found.number} is a {found.instrument_type}; the method asks for "
            f"a {wanted}. Take the right instrument.",
            f"量具 {found.number} 的类型为 {found.instrument_type}，检验方法要求 {wanted}，"
            "请使用正确的量具。",
            expected=wanted,
            found=found.instrument_type,
        )


def by_number(db: Connection, tenant_id: str, number: str) -> Instrument:
    """Give an instrument by the number on its label; NotInLedger when there is none."""
    key = {"tenant_id": tenant_id, "instrument_number": number}
    row = db.execute(_BY_NUMBER, key).one_or_none()
    if row is None:
        raise NotInLedger("instrument", "量具", number)
    return _read(row)


def in_calibration(
    db: Connection, tenant_id: str, instrument_type: str, use: Use
) -> list[Instrument]:
    """List the instruments of a type that may be used at a time, by number."""
    key = {"tenant_id": tenant_id, "instrument_type": instrument_type}
    found = [_read(row) for row in db.execute(_OF_TYPE, key)]
    usable = [each for each in found if _why_not(db, tenant_id, each, use) is None]
    return sorted(usable, key=lambda each: each.number)


def require_usable(
    db: Connection, tenant_id: str, number: str, instrument_type: str | None, use: Use
) -> Instrument:
    """Give the instrument a reading was taken with; refused when it may not be used."""
    found = by_number(db, tenant_id, number)
    if instrument_type is not None and found.instrument_type != instrument_type:
        raise WrongInstrument(found, instrument_type)
    why = _why_not(db, tenant_id, found, use)
    if why is not None:
        raise OutOfCalibration(number, *why)
    return found


def readings_in_doubt(
    db: Connection, tenant_id: str, instrument_id: UUID, found_out_at: datetime
) -> list[AnyRow]:
    """List all readings between the last good calibration and the one that found the fault."""
    key: dict[str, Any] = {
        "tenant_id": tenant_id,
        "instrument_id": instrument_id,
        "at": found_out_at,
    }
    good = [row.calibrated_at for row in db.execute(_CALIBRATIONS, key) if row.in_tolerance]
    since = good[0] if good else datetime.min.replace(tzinfo=found_out_at.tzinfo, year=1970)
    return list(db.execute(_READINGS, {**key, "since": since, "until": found_out_at}))


def register(
    context: ServiceContext,
    number: str,
    instrument_type: str,
    names: Mapping[str, str],
    *,
    unit_code: str,
    resolution: Decimal,
) -> UUID:
    """Add an instrument; it may be used once a calibration is recorded."""
    instrument_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "instrument_id": instrument_id,
        "instrument_number": number,
        "instrument_type": instrument_type,
        "name_en": names["en"],
        "name_zh": names["zh"],
        "unit_code": unit_code,
        "resolution": resolution,
        "in_service": True,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {"event": "instrument.registered", "instrument": number, "type": instrument_type}
    )
    return instrument_id


def record_calibration(context: ServiceContext, number: str, outcome: Calibration) -> int:
    """Record a calibration; give how many readings it puts in doubt (0 when in tolerance)."""
    found = by_number(context.db, context.tenant_id, number)
    row = {
        "tenant_id": context.tenant_id,
        "calibration_id": context.new_id(),
        "instrument_id": found.instrument_id,
        "calibrated_at": outcome.calibrated_at,
        "due_on": outcome.due_on,
        "in_tolerance": outcome.in_tolerance,
        "certificate": outcome.certificate,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT_CALIBRATION, row)
    doubted = 0
    if not outcome.in_tolerance:
        doubted = len(
            readings_in_doubt(
                context.db, context.tenant_id, found.instrument_id, outcome.calibrated_at
            )
        )
    context.record(
        {
            "event": "instrument.calibrated",
            "instrument": number,
            "in_tolerance": outcome.in_tolerance,
            "due_on": outcome.due_on.isoformat(),
            "certificate": outcome.certificate,
            "readings_in_doubt": doubted,
        }
    )
    return doubted


def _why_not(db: Connection, tenant_id: str, found: Instrument, use: Use) -> tuple[str, str] | None:
    if not found.in_service:
        return "is out of service", "已停用"
    key = {"tenant_id": tenant_id, "instrument_id": found.instrument_id, "at": use.at}
    latest = db.execute(_CALIBRATIONS, key).first()
    if latest is None:
        return "has never been calibrated", "没有校准记录"
    if not latest.in_tolerance:
        return "was found out of tolerance", "最近一次校准不合格"
    if latest.due_on < use.day:
        return f"was due for calibration on {latest.due_on}", f"校准已于 {latest.due_on} 到期"
    return None


def _read(row: AnyRow) -> Instrument:
    return Instrument(
        instrument_id=row.instrument_id,
        number=row.instrument_number,
        instrument_type=row.instrument_type,
        names={"en": row.name_en, "zh": row.name_zh},
        unit_code=row.unit_code,
        resolution=row.resolution,
        in_service=row.in_service,
    )
