"""What a supplier's certificate says of a lot, as data, and how our own readings compare.

A document that the inspection plan asks for may name characteristics whose values it reports
(`documents_required`: {"code": "coa", "names": …, "values": [1, 2]}). Each value is kept beside the
document check that it was read in; nothing is overwritten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.services import ServiceContext
from processes.ledger.evaluation import Evaluated
from processes.ledger.inspection_lots import InspectionLot, require_open
from processes.ledger.plans import Characteristic, Plan
from processes.ledger.refusals import LedgerRefusal, listed
from processes.ledger.tables import certificate_value

_LAST_ROUND = (
    select(func.max(certificate_value.c.round))
    .where(certificate_value.c.tenant_id == bindparam("tenant_id"))
    .where(certificate_value.c.inspection_lot_id == bindparam("inspection_lot_id"))
)
_VALUES = (
    select(certificate_value)
    .where(certificate_value.c.tenant_id == bindparam("tenant_id"))
    .where(certificate_value.c.inspection_lot_id == bindparam("inspection_lot_id"))
    .where(certificate_value.c.round == bindparam("round"))
    .order_by(certificate_value.c.characteristic_number)
)
_INSERT = insert(certificate_value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateValue:
    """What a document reports of a characteristic; `page` says where it stands in it."""

    document_code: str
    characteristic_number: int
    value: Decimal
    conforming: bool
    page: str | None = None


class ValuesMissing(LedgerRefusal):
    """A document that conforms has its values in the record, not only on paper."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        super().__init__(
            f"Enter what the certificate says of {listed(names['en'])}, or say that it is missing.",
            f"请录入报告单上的 {listed(names['zh'])}，或将该文件判为缺少。",
            expected=listed(names["en"]),
        )


def reported(plan: Plan) -> list[tuple[str, Characteristic]]:
    """List the measured characteristics whose values a document of the plan reports, each once."""
    by_number = {each.number: each for each in plan.characteristics if each.kind == "measured"}
    found: dict[int, tuple[str, Characteristic]] = {}
    for document in plan.documents_required:
        for number in document.get("values", ()):
            if number in by_number:
                found.setdefault(number, (str(document["code"]), by_number[number]))
    return [found[number] for number in sorted(found)]


def to_enter(plan: Plan) -> list[dict[str, Any]]:
    """Give the rows of the form: one for each value that the plan asks of a document."""
    return [
        {
            "number": each.number,
            "document": code,
            "names": dict(each.names),
            "unit": each.unit_code,
            "lower_limit": each.lower_limit,
            "upper_limit": each.upper_limit,
        }
        for code, each in reported(plan)
    ]


def read(plan: Plan, entered: Iterable[Mapping[str, Any]]) -> list[CertificateValue]:
    """Read the rows that `to_enter` gave, in their order; a row without a value says nothing."""
    return [
        CertificateValue(
            document_code=code,
            characteristic_number=each.number,
            value=row["value"],
            conforming=each.conforms(row["value"]),
            page=row.get("page"),
        )
        for (code, each), row in zip(reported(plan), entered, strict=False)
        if row.get("value") is not None
    ]


def require_complete(
    plan: Plan, values: Iterable[CertificateValue], findings: Mapping[str, str]
) -> None:
    """Refuse a document as conforming whose values were not all entered."""
    there = {each.characteristic_number for each in values}
    missing = [
        each
        for code, each in reported(plan)
        if findings.get(code) == "conforming" and each.number not in there
    ]
    if missing:
        raise ValuesMissing(
            {language: [each.names[language] for each in missing] for language in ("en", "zh")}
        )


def record(
    context: ServiceContext,
    inspection: InspectionLot,
    number: int,
    values: Sequence[CertificateValue],
) -> None:
    """Keep the values that were read in a round of the document check."""
    require_open(inspection)
    if not values:
        return
    context.db.execute(
        _INSERT,
        [
            {
                "tenant_id": context.tenant_id,
                "inspection_lot_id": inspection.inspection_lot_id,
                "round": number,
                "characteristic_number": each.characteristic_number,
                "document_code": each.document_code,
                "value": each.value,
                "conforming": each.conforming,
                "page": each.page,
                "actor": context.actor.username,
                "recorded_at": context.now,
            }
            for each in values
        ],
    )
    context.record(
        {
            "event": "inspection_lot.certificate_read",
            "inspection": inspection.number,
            "round": number,
            "values": [
                {
                    "document": each.document_code,
                    "characteristic": each.characteristic_number,
                    "value": str(each.value),
                    "conforming": each.conforming,
                }
                for each in values
            ],
        }
    )


def of_inspection(
    db: Connection, tenant_id: str, inspection_lot_id: UUID
) -> list[CertificateValue]:
    """List the values of the last document check that has some, by characteristic."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    last = db.execute(_LAST_ROUND, key).scalar_one()
    return [
        CertificateValue(
            document_code=row.document_code,
            characteristic_number=row.characteristic_number,
            value=row.value,
            conforming=row.conforming,
            page=row.page,
        )
        for row in db.execute(_VALUES, {**key, "round": last or 0})
    ]


def compare(
    plan: Plan, values: Iterable[CertificateValue], evaluated: Iterable[Evaluated]
) -> list[dict[str, Any]]:
    """Put each value beside the mean of our own readings; null where we took none.

    `difference` is our mean less the supplier's value, in the unit of the characteristic; `shown`
    has the three as texts with all their digits.
    """
    own = {each.characteristic.number: each for each in evaluated}
    by_number = {each.number: each for each in plan.characteristics}
    found = []
    for each in values:
        characteristic = by_number[each.characteristic_number]
        measured = own.get(each.characteristic_number)
        mean = None if measured is None else measured.mean
        found.append(
            {
                "number": each.characteristic_number,
                "names": dict(characteristic.names),
                "document": each.document_code,
                "page": each.page,
                "unit": characteristic.unit_code,
                "lower_limit": characteristic.lower_limit,
                "upper_limit": characteristic.upper_limit,
                "value": each.value,
                "conforming": each.conforming,
                "own_smallest": None if measured is None else measured.smallest,
                "own_mean": mean,
                "own_largest": None if measured is None else measured.largest,
                "difference": None if mean is None else mean - each.value,
                "shown": {
                    "supplier": f"{each.value:f}",
                    "own": None if mean is None else f"{mean:f}",
                    "difference": None if mean is None else f"{mean - each.value:+f}",
                },
            }
        )
    return found
