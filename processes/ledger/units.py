"""Units of measure, and exact conversions between them (rational numbers, never rounded)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import unit_conversion, unit_of_measure

_UNITS = select(
    unit_of_measure.c.unit_code,
    unit_of_measure.c.name_en,
    unit_of_measure.c.name_zh,
    unit_of_measure.c.decimals,
).where(unit_of_measure.c.tenant_id == bindparam("tenant_id"))
_UNIT = _UNITS.where(unit_of_measure.c.unit_code == bindparam("unit_code"))
_CONVERSIONS = select(
    unit_conversion.c.from_unit,
    unit_conversion.c.to_unit,
    unit_conversion.c.numerator,
    unit_conversion.c.denominator,
).where(unit_conversion.c.tenant_id == bindparam("tenant_id"))
_INSERT_UNIT = insert(unit_of_measure)
_INSERT_CONVERSION = insert(unit_conversion)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of measure; quantities in it have at most `decimals` decimals, for ever."""

    code: str
    names: Mapping[str, str]
    decimals: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """One `from_unit` is exactly numerator/denominator `to_unit`s: inch to metre 127/5000."""

    from_unit: str
    to_unit: str
    numerator: int
    denominator: int = 1

    @property
    def ratio(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)


class UnitsDoNotConvert(LedgerRefusal):
    """INV-07: a quantity is converted by a known, exact ratio or not at all."""

    def __init__(self, given: Unit, wanted: Unit) -> None:
        (en, zh), (to_en, to_zh) = (
            (each.names["en"], each.names["zh"]) for each in (given, wanted)
        )
        super().__init__(
            f"There is no conversion from {en} to {to_en}. Enter the quantity in "
            f"{to_en}, or ask the owner of the master data for the conversion.",
            f"没有从“{zh}”到“{to_zh}”的换算关系，请以“{to_zh}”为单位录入数量，"
            "或请主数据负责人维护换算关系。",
            expected=wanted.code,
            found=given.code,
        )


class UnitChanged(LedgerRefusal):
    """A unit's decimals give every stored quantity its meaning."""

    def __init__(self, code: str, decimals: int) -> None:
        super().__init__(
            f"Unit {code} exists with {decimals} decimals, which cannot be changed. "
            "Register a unit with another code.",
            f"计量单位 {code} 已存在（{decimals} 位小数），小数位数不可更改，请使用新的单位代码。",
            expected=str(decimals),
        )


def find(db: Connection, tenant_id: str, unit_code: str) -> Unit:
    """Give a unit by its code; NotInLedger when there is none."""
    row = db.execute(_UNIT, {"tenant_id": tenant_id, "unit_code": unit_code}).one_or_none()
    if row is None:
        raise NotInLedger("unit", "计量单位", unit_code)
    return Unit(code=row[0], names={"en": row[1], "zh": row[2]}, decimals=row[3])


def every(db: Connection, tenant_id: str) -> list[Unit]:
    """List all units of a customer, by code."""
    rows = db.execute(_UNITS, {"tenant_id": tenant_id})
    found = [Unit(code=r[0], names={"en": r[1], "zh": r[2]}, decimals=r[3]) for r in rows]
    return sorted(found, key=lambda unit: unit.code)


def register(context: ServiceContext, units: Iterable[Unit]) -> None:
    """Add units; one that is already there must have the same decimals."""
    known = {unit.code: unit for unit in every(context.db, context.tenant_id)}
    for unit in units:
        if unit.code in known:
            if known[unit.code].decimals != unit.decimals:
                raise UnitChanged(unit.code, known[unit.code].decimals)
            continue
        row = {
            "tenant_id": context.tenant_id,
            "unit_code": unit.code,
            "name_en": unit.names["en"],
            "name_zh": unit.names["zh"],
            "decimals": unit.decimals,
        }
        context.db.execute(_INSERT_UNIT, row)
        context.record({"event": "unit.registered", "unit": unit.code, "decimals": unit.decimals})


def register_conversion(context: ServiceContext, conversion: Conversion) -> None:
    """Add an exact conversion; the way back follows from it."""
    row = {
        "tenant_id": context.tenant_id,
        "from_unit": conversion.from_unit,
        "to_unit": conversion.to_unit,
        "numerator": conversion.ratio.numerator,
        "denominator": conversion.ratio.denominator,
    }
    context.db.execute(_INSERT_CONVERSION, row)
    event = {"from": conversion.from_unit, "to": conversion.to_unit, "ratio": str(conversion.ratio)}
    context.record({"event": "unit.conversion_registered", **event})


def ratio(db: Connection, tenant_id: str, from_unit: str, to_unit: str) -> Fraction:
    """Give how many `to_unit`s one `from_unit` is, going over other units where needed."""
    if from_unit == to_unit:
        return Fraction(1)
    steps: dict[str, dict[str, Fraction]] = {}
    for start, end, numerator, denominator in db.execute(_CONVERSIONS, {"tenant_id": tenant_id}):
        steps.setdefault(start, {})[end] = Fraction(numerator, denominator)
        steps.setdefault(end, {})[start] = Fraction(denominator, numerator)
    reached = {from_unit: Fraction(1)}
    waiting = [from_unit]
    while waiting:
        unit = waiting.pop(0)
        for neighbour, step in steps.get(unit, {}).items():
            if neighbour not in reached:
                reached[neighbour] = reached[unit] * step
                waiting.append(neighbour)
    if to_unit not in reached:
        raise UnitsDoNotConvert(find(db, tenant_id, from_unit), find(db, tenant_id, to_unit))
    return reached[to_unit]
