"""Inspection plans: what of an item is inspected, how, and how much of it. Versions, no edits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, or_, select

from engine.services import ServiceContext
from processes.ledger.attribute_sampling import SamplingPlan, sampling_plan
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import inspection_characteristic, inspection_plan, item_revision
from processes.ledger.zero_acceptance import sample_size

_PLANS = select(
    inspection_plan.c.inspection_plan_id,
    inspection_plan.c.plan_number,
    inspection_plan.c.version,
    inspection_plan.c.item_id,
    inspection_plan.c.item_revision,
    inspection_plan.c.documents_required,
    inspection_plan.c.retain_quantity,
).where(inspection_plan.c.tenant_id == bindparam("tenant_id"))
_IN_FORCE = (
    _PLANS.where(inspection_plan.c.item_id == bindparam("item_id"))
    .where(inspection_plan.c.effective_from <= bindparam("on"))
    .order_by(inspection_plan.c.effective_from.desc(), inspection_plan.c.version.desc())
)
_NEWEST = _IN_FORCE.limit(1)
_OWN, _EARLIER = item_revision.alias("own"), item_revision.alias("earlier")
_REACHED = (
    select(_EARLIER.c.revision_code)
    .join(
        _OWN,
        (_OWN.c.tenant_id == _EARLIER.c.tenant_id)
        & (_OWN.c.item_id == _EARLIER.c.item_id)
        & or_(
            _EARLIER.c.effective_from < _OWN.c.effective_from,
            (_EARLIER.c.effective_from == _OWN.c.effective_from)
            & (_EARLIER.c.revision_code <= _OWN.c.revision_code),
        ),
    )
    .where(_OWN.c.tenant_id == bindparam("tenant_id"))
    .where(_OWN.c.item_id == bindparam("item_id"))
    .where(_OWN.c.revision_code == bindparam("revision"))
)
_BY_ID = _PLANS.where(inspection_plan.c.inspection_plan_id == bindparam("inspection_plan_id"))
_CHARACTERISTICS = rows_of(inspection_characteristic, "inspection_plan_id", "characteristic_number")
_INSERT = insert(inspection_plan)
_INSERT_CHARACTERISTIC = insert(inspection_characteristic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Characteristic:
    """One thing that is inspected.

    `sampling` says how many units: {"rule": "aql", "aql": "1.0", "level": "II"}, {"rule":
    "zero_acceptance", "confidence": "0.95", "nonconforming": "0.05"}, {"rule": "fixed",
    "sample_size": 5, "acceptance_number": 0} or {"rule": "all"}.
    """

    number: int
    names: Mapping[str, str]
    defect_class: str
    kind: str
    method: str
    sampling: Mapping[str, Any]
    instrument_type: str | None = None
    unit_code: str | None = None
    nominal: Decimal | None = None
    lower_limit: Decimal | None = None
    upper_limit: Decimal | None = None
    requirement: Mapping[str, str] | None = None
    destructive: bool = False
    laboratory: bool = False
    """Done by a test laboratory: it has longer (`inspection_rules.due.laboratory`)."""
    drawing_reference: str | None = None

    def conforms(self, value: Decimal) -> bool:
        """Tell whether a measured value lies within the limits, limits included."""
        above = self.lower_limit is None or value >= self.lower_limit
        return above and (self.upper_limit is None or value <= self.upper_limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of an inspection plan with its characteristics."""

    inspection_plan_id: UUID
    number: str
    version: int
    item_id: UUID
    item_revision: str | None
    """From which revision on it counts; None: for every revision, by its day alone."""
    documents_required: list[dict[str, Any]]
    retain_quantity: int
    characteristics: tuple[Characteristic, ...]

    @property
    def has_special_tests(self) -> bool:
        """Tell whether the plan tests what a look and a gauge cannot: destructively, outside."""
        return any(each.destructive or each.laboratory for each in self.characteristics)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A version of an inspection plan to be registered."""

    number: str
    version: int
    item_id: UUID
    effective_from: date
    documents_required: tuple[Mapping[str, Any], ...]
    characteristics: tuple[Characteristic, ...]
    approved_by: tuple[str, ...]
    retain_quantity: int = 0
    item_revision: str | None = None


class NoInspectionPlan(LedgerRefusal):
    """Nothing is inspected without an approved plan."""

    def __init__(self, item_number: str) -> None:
        super().__init__(
            f"Item {item_number} has no inspection plan in force. Ask quality engineering for one; "
            "the goods stay in quarantine.",
            f"物料 {item_number} 没有生效的检验方案，请联系质量工程师；货物继续待检。",
            found=item_number,
        )


def in_force(
    db: Connection,
    tenant_id: str,
    item_id: UUID,
    item_number: str,
    on: date,
    *,
    revision: str | None = None,
) -> Plan:
    """Give the plan of an item in force on a day; NoInspectionPlan without one.

    With `revision`, that of the goods: a plan that a change made for a later revision does not
    count for them. Without it the newest plan is given, for whatever revision it is.
    """
    key = {"tenant_id": tenant_id, "item_id": item_id, "on": on}
    rows = db.execute(_IN_FORCE if revision is not None else _NEWEST, key).all()
    if any(row.item_revision is not None for row in rows) and revision is not None:
        reached = set(db.execute(_REACHED, {**key, "revision": revision}).scalars())
        rows = [row for row in rows if row.item_revision is None or row.item_revision in reached]
    if not rows:
        raise NoInspectionPlan(item_number)
    return _read(db, tenant_id, rows[0])


def find(db: Connection, tenant_id: str, inspection_plan_id: UUID) -> Plan:
    """Give one version of a plan by id."""
    key = {"tenant_id": tenant_id, "inspection_plan_id": inspection_plan_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("inspection plan", "检验方案", inspection_plan_id)
    return _read(db, tenant_id, row)


def sampling_for(
    characteristic: Characteristic,
    table: Mapping[str, Any],
    *,
    lot_size: int,
    severity: str,
    level: str | None = None,
) -> SamplingPlan:
    """Work out how many units of a lot are inspected for a characteristic.

    `level` replaces the inspection level of an AQL rule (S-2 for reduced effort on minor items).
    """
    rule = characteristic.sampling
    match rule["rule"]:
        case "aql":
            return sampling_plan(
                table,
                lot_size=lot_size,
                aql=rule["aql"],
                level=level or rule["level"],
                severity=severity,
            )
        case "zero_acceptance":
            confidence, share = Decimal(rule["confidence"]), Decimal(rule["nonconforming"])
            size = sample_size(lot_size, confidence=confidence, nonconforming=share)
            basis = {
                "en": f"C = 0, {confidence:.0%} confidence that at most {share:.1%} nonconform",
                "zh": f"零接收（C = 0），置信度 {confidence:.0%}，不合格品率不超过 {share:.1%}",
            }
            return _accept(size, 0, lot_size, basis)
        case "fixed":
            size, acceptance = rule["sample_size"], rule["acceptance_number"]
            basis = {"en": f"fixed, {size} units", "zh": f"固定数量，{size} 件"}
            return _accept(size, acceptance, lot_size, basis)
        case "all":
            return _accept(lot_size, 0, lot_size, {"en": "every unit", "zh": "全数检验"})
        case unknown:
            message = f"the inspection plan has an unknown sampling rule {unknown!r}"
            raise ValueError(message)


def register(context: ServiceContext, new: NewPlan) -> UUID:
    """Add a version of a plan; it replaces earlier ones from its day on."""
    plan_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "inspection_plan_id": plan_id,
        "plan_number": new.number,
        "version": new.version,
        "item_id": new.item_id,
        "item_revision": new.item_revision,
        "effective_from": new.effective_from,
        "documents_required": list(new.documents_required),
        "retain_quantity": new.retain_quantity,
        "approved_by": list(new.approved_by),
        "actor": context.actor.username,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    rows = [_characteristic_row(context, plan_id, each) for each in new.characteristics]
    context.db.execute(_INSERT_CHARACTERISTIC, rows)
    context.record(
        {
            "event": "inspection_plan.registered",
            "plan": new.number,
            "version": new.version,
            "effective_from": new.effective_from.isoformat(),
            "item_revision": new.item_revision,
            "characteristics": [
                {
                    "number": each.number,
                    "name": dict(each.names),
                    "class": each.defect_class,
                    "lower_limit": each.lower_limit,
                    "upper_limit": each.upper_limit,
                    "sampling": dict(each.sampling),
                }
                for each in new.characteristics
            ],
            "approved_by": list(new.approved_by),
        }
    )
    return plan_id


def _accept(size: int, acceptance: int, lot_size: int, basis: Mapping[str, str]) -> SamplingPlan:
    return SamplingPlan(
        sample_size=min(size, lot_size),
        acceptance_number=acceptance,
        rejection_number=acceptance + 1,
        basis=basis,
    )


def _characteristic_row(
    context: ServiceContext, plan_id: UUID, each: Characteristic
) -> dict[str, Any]:
    return {
        "tenant_id": context.tenant_id,
        "inspection_plan_id": plan_id,
        "characteristic_number": each.number,
        "name_en": each.names["en"],
        "name_zh": each.names["zh"],
        "defect_class": each.defect_class,
        "kind": each.kind,
        "method": each.method,
        "instrument_type": each.instrument_type,
        "unit_code": each.unit_code,
        "nominal": each.nominal,
        "lower_limit": each.lower_limit,
        "upper_limit": each.upper_limit,
        "requirement_en": None if each.requirement is None else each.requirement["en"],
        "requirement_zh": None if each.requirement is None else each.requirement["zh"],
        "sampling": dict(each.sampling),
        "destructive": each.destructive,
        "laboratory": each.laboratory,
        "drawing_reference": each.drawing_reference,
    }


def _read(db: Connection, tenant_id: str, row: AnyRow) -> Plan:
    key = {"tenant_id": tenant_id, "inspection_plan_id": row.inspection_plan_id}
    return Plan(
        inspection_plan_id=row.inspection_plan_id,
        number=row.plan_number,
        version=row.version,
        item_id=row.item_id,
        item_revision=row.item_revision,
        documents_required=row.documents_required,
        retain_quantity=row.retain_quantity,
        characteristics=tuple(
            _read_characteristic(each) for each in db.execute(_CHARACTERISTICS, key)
        ),
    )


def _read_characteristic(row: AnyRow) -> Characteristic:
    requirement = None
    if row.requirement_en is not None:
        requirement = {"en": row.requirement_en, "zh": row.requirement_zh}
    return Characteristic(
        number=row.characteristic_number,
        names={"en": row.name_en, "zh": row.name_zh},
        defect_class=row.defect_class,
        kind=row.kind,
        method=row.method,
        sampling=row.sampling,
        instrument_type=row.instrument_type,
        unit_code=row.unit_code,
        nominal=row.nominal,
        lower_limit=row.lower_limit,
        upper_limit=row.upper_limit,
        requirement=requirement,
        destructive=row.destructive,
        laboratory=row.laboratory,
        drawing_reference=row.drawing_reference,
    )


def read_plan(document: Mapping[str, Any], item_id: UUID) -> NewPlan:
    """Read a plan from its JSON form, in which numbers are texts and dates ISO 8601."""
    return NewPlan(
        number=document["number"],
        version=document["version"],
        item_id=item_id,
        effective_from=date.fromisoformat(document["effective_from"]),
        documents_required=tuple(document["documents_required"]),
        retain_quantity=document.get("retain_quantity", 0),
        item_revision=document.get("item_revision"),
        approved_by=tuple(document["approved_by"]),
        characteristics=tuple(
            Characteristic(
                number=number,
                names=each["names"],
                defect_class=each["class"],
                kind=each["kind"],
                method=each["method"],
                sampling=each["sampling"],
                instrument_type=each.get("instrument_type"),
                unit_code=each.get("unit"),
                nominal=_decimal(each.get("nominal")),
                lower_limit=_decimal(each.get("lower_limit")),
                upper_limit=_decimal(each.get("upper_limit")),
                requirement=each.get("requirement"),
                destructive=each.get("destructive", False),
                laboratory=each.get("laboratory", False),
                drawing_reference=each.get("drawing_reference"),
            )
            for number, each in enumerate(document["characteristics"], start=1)
        ),
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
