"""Bills of material: which components, how much of each, from which day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import items
from processes.ledger.production.tables import bom, bom_line
from processes.ledger.quantities import scaled
from processes.ledger.refusals import LedgerRefusal
from processes.ledger.tables import item

_INSERT = insert(bom)
_INSERT_LINE = insert(bom_line)
_EFFECTIVE = (
    select(bom)
    .where(bom.c.tenant_id == bindparam("tenant_id"))
    .where(bom.c.item_id == bindparam("item_id"))
    .where(bom.c.item_revision == bindparam("item_revision"))
    .where(bom.c.effective_from <= bindparam("on"))
    .order_by(bom.c.effective_from.desc(), bom.c.version.desc())
    .limit(1)
)
_BY_ID = (
    select(bom)
    .where(bom.c.tenant_id == bindparam("tenant_id"))
    .where(bom.c.bom_id == bindparam("bom_id"))
)
_LINES = (
    select(bom_line, item.c.item_number, item.c.criticality, item.c.tracking)
    .join(
        item,
        (item.c.tenant_id == bom_line.c.tenant_id)
        & (item.c.item_id == bom_line.c.component_item_id),
    )
    .where(bom_line.c.tenant_id == bindparam("tenant_id"))
    .where(bom_line.c.bom_id == bindparam("bom_id"))
    .order_by(bom_line.c.line)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBomLine:
    """So much of a component goes into so much of the parent, each in its own stock unit."""

    component: str
    quantity: Decimal
    per: Decimal = Decimal(1)
    scrap_percent: Decimal = Decimal(0)
    operation: str | None = None
    substitute_set: str | None = None
    phantom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBom:
    """A version of an item's bill of material; it replaces the one before from its day on."""

    item_number: str
    item_revision: str
    version: int
    effective_from: date
    change_reason: str
    approved_by: Sequence[str]
    lines: Sequence[NewBomLine]
    change_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BomLine:
    """A component with its exact ratio: stored integers of it per stored integer of the parent.

    `under` is the deviation that lets it go in for another one; None: the bill itself has it.
    """

    line: int
    item_id: UUID
    item_number: str
    criticality: str
    has_serials: bool
    ratio: Fraction
    operation: str | None
    substitute_set: str | None
    under: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bom:
    """A version of a bill of material."""

    bom_id: UUID
    item_id: UUID
    item_revision: str
    version: int
    effective_from: date
    lines: tuple[BomLine, ...]

    def line_of(self, item_id: UUID) -> BomLine | None:
        """Give the line of a component, None when it is not in the bill."""
        return next((line for line in self.lines if line.item_id == item_id), None)


class NoEffectiveBom(LedgerRefusal):
    """INV-15: what is made is made by the bill in force."""

    def __init__(self, item_number: str, revision: str, on: date) -> None:
        super().__init__(
            f"Item {item_number} revision {revision} has no bill of material in force on {on}. "
            "Ask engineering.",
            f"物料 {item_number} 版本 {revision} 在 {on} 没有生效的物料清单，请联系工程部。",
            found=item_number,
        )


class BomEmpty(LedgerRefusal):
    """A bill of material has lines, and none of them is the item itself."""


def register(context: ServiceContext, new: NewBom) -> UUID:
    """Put a version of a bill of material in force from a day on."""
    parent = items.by_number(context.db, context.tenant_id, new.item_number)
    components = [items.by_number(context.db, context.tenant_id, e.component) for e in new.lines]
    if not components or parent.item_id in {each.item_id for each in components}:
        raise BomEmpty(
            f"The bill of material of {new.item_number} needs components, other than itself.",
            f"物料 {new.item_number} 的清单须包含除自身以外的组件。",
            found=new.item_number,
        )
    bom_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "bom_id": bom_id,
        "item_id": parent.item_id,
        "item_revision": new.item_revision,
        "version": new.version,
        "effective_from": new.effective_from,
        "change_reason": new.change_reason,
        "change_number": new.change_number,
        "approved_by": list(new.approved_by),
        "actor": context.actor.username,
        "created_at": context.now,
    }
    context.db.execute(_INSERT, row)
    of_parent = items.stock_unit(context.db, context.tenant_id, parent)
    rows = [
        {
            "tenant_id": context.tenant_id,
            "bom_id": bom_id,
            "line": number,
            "component_item_id": component.item_id,
            "quantity": scaled(
                line.quantity, items.stock_unit(context.db, context.tenant_id, component)
            ),
            "per_quantity": scaled(line.per, of_parent),
            "scrap_percent": line.scrap_percent,
            "operation": line.operation,
            "substitute_set": line.substitute_set,
            "phantom": line.phantom,
        }
        for number, (line, component) in enumerate(zip(new.lines, components, strict=True), start=1)
    ]
    context.db.execute(_INSERT_LINE, rows)
    context.record(
        {
            "event": "bom.registered",
            "item": new.item_number,
            "revision": new.item_revision,
            "version": new.version,
            "effective_from": new.effective_from.isoformat(),
            "components": [each.number for each in components],
            "change": new.change_number,
            "reason": new.change_reason,
        }
    )
    return bom_id


def effective(
    db: Connection, tenant_id: str, item_id: UUID, item_number: str, revision: str, on: date
) -> Bom:
    """Give the bill of an item's revision in force on a day; refused when there is none."""
    key = {"tenant_id": tenant_id, "item_id": item_id, "item_revision": revision, "on": on}
    row = db.execute(_EFFECTIVE, key).one_or_none()
    if row is None:
        raise NoEffectiveBom(item_number, revision, on)
    return find(db, tenant_id, row.bom_id)


def find(db: Connection, tenant_id: str, bom_id: UUID) -> Bom:
    """Give a version of a bill by id."""
    key = {"tenant_id": tenant_id, "bom_id": bom_id}
    row = db.execute(_BY_ID, key).one()
    return Bom(
        bom_id=bom_id,
        item_id=row.item_id,
        item_revision=row.item_revision,
        version=row.version,
        effective_from=row.effective_from,
        lines=tuple(
            BomLine(
                line=line.line,
                item_id=line.component_item_id,
                item_number=line.item_number,
                criticality=line.criticality,
                has_serials=line.tracking in ("serial", "lot_and_serial"),
                ratio=Fraction(line.quantity, line.per_quantity),
                operation=line.operation,
                substitute_set=line.substitute_set,
            )
            for line in db.execute(_LINES, key)
        ),
    )
