"""The sample list of an inspection: which units are taken, out of which box, and what each is for.

Made once, when the samples are planned, from the seed that is kept; each sample has a code of its
own (`IQC-2026-00012-003`), which its label carries and its readings refer to. Boxes are counted as
they stand: unit 1 lies in the first, the last unit in the last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger.inspection_lots import InspectionLot, Sampling
from processes.ledger.tables import inspection_sample

_OF_INSPECTION = (
    select(inspection_sample)
    .where(inspection_sample.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_sample.c.inspection_lot_id == bindparam("inspection_lot_id"))
    .order_by(inspection_sample.c.sample_number)
)
_INSERT = insert(inspection_sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One unit to be taken; `characteristics` are the numbers of those that it is inspected for."""

    number: int
    code: str
    unit: int
    box: int
    characteristics: tuple[int, ...]


def listed(
    inspection: InspectionLot, samplings: Sequence[Sampling], *, lot_size: int, boxes: int
) -> list[Sample]:
    """Give the samples in the order of the units; a unit that serves several is one sample."""
    meant: dict[int, list[int]] = {}
    for each in samplings:
        for unit in each.sample_units:
            meant.setdefault(unit, []).append(each.characteristic_number)
    return [
        Sample(
            number=number,
            code=f"{inspection.number}-{number:03d}",
            unit=unit,
            box=-(-unit * boxes // lot_size),  # rounded up
            characteristics=tuple(meant[unit]),
        )
        for number, unit in enumerate(sorted(meant), start=1)
    ]


def keep(context: ServiceContext, inspection: InspectionLot, found: Sequence[Sample]) -> None:
    """Write the list down, before the first sample is drawn."""
    rows = [
        {
            "tenant_id": context.tenant_id,
            "inspection_lot_id": inspection.inspection_lot_id,
            "sample_number": each.number,
            "sample_code": each.code,
            "unit_number": each.unit,
            "box": each.box,
            "characteristics": list(each.characteristics),
        }
        for each in found
    ]
    if rows:
        context.db.execute(_INSERT, rows)


def of_inspection(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> list[Sample]:
    """Give the sample list of an inspection lot; empty where documents are enough."""
    key = {"tenant_id": tenant_id, "inspection_lot_id": inspection_lot_id}
    return [
        Sample(
            number=row.sample_number,
            code=row.sample_code,
            unit=row.unit_number,
            box=row.box,
            characteristics=tuple(row.characteristics),
        )
        for row in db.execute(_OF_INSPECTION, key)
    ]


def codes(db: Connection, tenant_id: str, inspection_lot_id: UUID) -> Mapping[int, str]:
    """Give the code of each sample by the unit that it is."""
    return {each.unit: each.code for each in of_inspection(db, tenant_id, inspection_lot_id)}
