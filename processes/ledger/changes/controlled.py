"""What is under change control, each kind as a document: how it stands now, how it is changed.

A kind reads its object as a document of fields and writes a changed document back, from a day on.
What the book of another system holds (drawings, procedures, equipment) is kept as versions of its
own here: old, new, reason, approval and effectivity, with nothing else to write.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.commands.putting_in_force import PutInForce, tell
from engine.configuration import manifest
from engine.configuration.documents import exact, read_documents, write_document
from engine.services import ServiceContext
from engine.store.tables import process_definition
from processes.ledger import items, plans, supplier_history, suppliers
from processes.ledger.changes.tables import master_data_version
from processes.ledger.columns import rows_of
from processes.ledger.plans import Characteristic, NoInspectionPlan, Plan
from processes.ledger.production import boms
from processes.ledger.production.boms import NewBom, NewBomLine
from processes.ledger.production.tables import bom, bom_line
from processes.ledger.quantities import amount_of
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import (
    approved_supply,
    inspection_plan,
    item,
    item_revision,
    supplier,
)

ITEM_FIELDS = (
    *("name_en", "name_zh", "item_type", "criticality", "status", "sterile", "implant"),
    *("expiry_required", "shelf_life_months", "min_remaining_life_days", "storage_conditions"),
    *("manufacturer", "catalogue_number", "model"),
)
"""What of an item may change. Tracking and stock unit may not: every quantity in the book means
them. Another way of tracking is another item. Beside them stands `goes_on_as`, the number that an
item goes on as since two were one; what was merged is not parted again."""
GOES_ON_AS = "goes_on_as"

_ITEM = (
    select(*(item.c[name] for name in ITEM_FIELDS))
    .where(item.c.tenant_id == bindparam("tenant_id"))
    .where(item.c.item_id == bindparam("item_id"))
)
_WRITE_ITEM = (
    update(item)
    .where(item.c.tenant_id == bindparam("key_tenant_id"))
    .where(item.c.item_id == bindparam("key_item_id"))
    .values(
        **{name: bindparam(name) for name in ITEM_FIELDS},
        revision=item.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_LATEST_REVISION = (
    select(
        item_revision.c.revision_code,
        item_revision.c.specification,
        item_revision.c.effective_from,
        item_revision.c.effective_to,
    )
    .where(item_revision.c.tenant_id == bindparam("tenant_id"))
    .where(item_revision.c.item_id == bindparam("item_id"))
    .order_by(item_revision.c.effective_from.desc(), item_revision.c.revision_code.desc())
    .limit(1)
)
_NEW_REVISION = insert(item_revision)
_END_REVISIONS = (
    update(item_revision)
    .where(item_revision.c.tenant_id == bindparam("key_tenant_id"))
    .where(item_revision.c.item_id == bindparam("key_item_id"))
    .where(item_revision.c.effective_to.is_(None))
    .values(effective_to=bindparam("effective_to"))
)
_HAS_REVISION = (
    select(item_revision.c.revision_code)
    .where(item_revision.c.tenant_id == bindparam("tenant_id"))
    .where(item_revision.c.item_id == bindparam("item_id"))
    .where(item_revision.c.revision_code == bindparam("revision_code"))
)
_PLAN_VERSION = (
    select(inspection_plan.c.version)
    .where(inspection_plan.c.tenant_id == bindparam("tenant_id"))
    .where(inspection_plan.c.plan_number == bindparam("plan_number"))
    .order_by(inspection_plan.c.version.desc())
    .limit(1)
)
_WRITE_SUPPLIER = (
    update(supplier)
    .where(supplier.c.tenant_id == bindparam("key_tenant_id"))
    .where(supplier.c.supplier_id == bindparam("key_supplier_id"))
    .values(
        name_en=bindparam("name_en"),
        name_zh=bindparam("name_zh"),
        country=bindparam("country"),
        status=bindparam("status"),
        revision=supplier.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_WRITE_SUPPLY = (
    update(approved_supply)
    .where(approved_supply.c.tenant_id == bindparam("key_tenant_id"))
    .where(approved_supply.c.supplier_id == bindparam("key_supplier_id"))
    .where(approved_supply.c.item_id == bindparam("key_item_id"))
    .where(approved_supply.c.site == bindparam("key_site"))
    .values(
        status=bindparam("status"),
        rating=bindparam("rating"),
        valid_from=bindparam("valid_from"),
        valid_to=bindparam("valid_to"),
        revision=approved_supply.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)
_LATEST_BOM = (
    select(bom.c.bom_id, bom.c.item_revision, bom.c.version)
    .where(bom.c.tenant_id == bindparam("tenant_id"))
    .where(bom.c.item_id == bindparam("item_id"))
    .order_by(bom.c.version.desc())
    .limit(1)
)
_BOM_LINES = rows_of(bom_line, "bom_id", "line")
_IN_FORCE = (
    select(process_definition.c.definition_hash)
    .where(process_definition.c.tenant_id == bindparam("tenant_id"))
    .where(process_definition.c.process_id == bindparam("process_id"))
    .where(process_definition.c.status == "active")
    .order_by(process_definition.c.version.desc())
    .limit(1)
)
_LAST_VERSION = (
    select(master_data_version.c.new_document)
    .where(master_data_version.c.tenant_id == bindparam("tenant_id"))
    .where(master_data_version.c.object_kind == bindparam("object_kind"))
    .where(master_data_version.c.object_key == bindparam("object_key"))
    .order_by(master_data_version.c.version.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a changed document is written: what it replaces, from when, under which change.

    A revision may count from a lot or serial number on (CC-04), not from the day alone.
    """

    key: str
    old: Any
    new: Any
    effective_from: date
    change_number: str
    reason: str
    approved_by: tuple[str, ...]
    from_lot: str | None = None
    from_serial: str | None = None


Read = Callable[[Connection, str, str], Any]
Write = Callable[[ServiceContext, Writing], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object. `dated` ones know from when they count, so they are written as soon as the
    change is released; the others are written on the day itself."""

    read: Read
    write: Write
    dated: bool = False


class NotChangedThisWay(LedgerRefusal):
    """A change brings what its kind of object can take."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en, zh)


def read(db: Connection, tenant_id: str, kind: str, key: str) -> Any:
    """Give an object as a document; None when it is not there yet. Refused for an unknown key."""
    return KINDS[kind].read(db, tenant_id, key)


def supply_key(supplier_number: str, item_number: str, site: str) -> str:
    """Name an entry of the approved list: "S-1001 | 00841132112939 | SZ01"."""
    return f"{supplier_number} | {item_number} | {site}"


def _read_item(db: Connection, tenant_id: str, key: str) -> Any:
    found = items.by_number(db, tenant_id, key)
    row = db.execute(_ITEM, {"tenant_id": tenant_id, "item_id": found.item_id}).one()
    into = items.successor(db, tenant_id, found.item_id)
    # `_mapping` is the public name of a row's columns and values
    return {**row._mapping, GOES_ON_AS: None if into is None else into.number}  # noqa: SLF001


def _write_item(context: ServiceContext, writing: Writing) -> None:
    found = items.by_number(context.db, context.tenant_id, writing.key)
    unknown = sorted(set(writing.new) - {*ITEM_FIELDS, GOES_ON_AS})
    if writing.new.get(GOES_ON_AS) != writing.old.get(GOES_ON_AS):
        _merge_item(context, writing)
        return
    if unknown:
        raise NotChangedThisWay(
            f"{unknown[0]} of an item cannot be changed: quantities in the book mean it. "
            "Register another item.",
            f"物料的 {unknown[0]} 不可更改：账上的数量以此为准。请登记新的物料。",
        )
    row = {
        "key_tenant_id": context.tenant_id,
        "key_item_id": found.item_id,
        **{name: writing.new[name] for name in ITEM_FIELDS},
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_WRITE_ITEM, row)


def _merge_item(context: ServiceContext, writing: Writing) -> None:
    """Have the item go on as another; that is all that such a change does to it."""
    others = [name for name in ITEM_FIELDS if writing.new.get(name) != writing.old.get(name)]
    if writing.old.get(GOES_ON_AS) is not None or others:
        raise NotChangedThisWay(
            f"{writing.key} goes on as another item once, for ever, and nothing else of it changes "
            "with that. Put the rest into a change of the other item.",
            f"{writing.key} 只能并入一次且不可撤销，并入时不得同时更改其他内容；"
            "其余内容请在并入后的物料上变更。",
        )
    found = items.by_number(context.db, context.tenant_id, writing.key)
    into = items.by_number(context.db, context.tenant_id, str(writing.new[GOES_ON_AS]))
    items.merge(context, found, into, reason=f"{writing.change_number}: {writing.reason}")


def _read_revision(db: Connection, tenant_id: str, key: str) -> Any:
    found = items.by_number(db, tenant_id, key)
    row = db.execute(_LATEST_REVISION, {"tenant_id": tenant_id, "item_id": found.item_id}).first()
    if row is None:
        return None
    return {"revision": row.revision_code, "specification": row.specification}


def _write_revision(context: ServiceContext, writing: Writing) -> None:
    """Begin the new revision on its day, and end what counted until then on the day before.

    Where a lot or serial number decides, nothing ends: what is numbered below stays as it was.
    """
    found = items.by_number(context.db, context.tenant_id, writing.key)
    key = {"tenant_id": context.tenant_id, "item_id": found.item_id}
    before = context.db.execute(_LATEST_REVISION, key).first()
    code = str(writing.new["revision"])
    if before is not None and (
        code == before.revision_code or before.effective_from >= writing.effective_from
    ):
        raise NotChangedThisWay(
            f"Revision {before.revision_code} of {writing.key} counts from "
            f"{before.effective_from}; the new one needs another code and a later day.",
            f"{writing.key} 的版本 {before.revision_code} 自 {before.effective_from} 生效；"
            "新版本须使用其他版本号和更晚的日期。",
        )
    if writing.from_lot is None and writing.from_serial is None:
        ended = {
            "key_tenant_id": context.tenant_id,
            "key_item_id": found.item_id,
            "effective_to": writing.effective_from - timedelta(days=1),
        }
        context.db.execute(_END_REVISIONS, ended)
    row = {
        **key,
        "revision_code": code,
        "effective_from": writing.effective_from,
        "effective_to": None,
        "from_lot": writing.from_lot,
        "from_serial": writing.from_serial,
        "specification": writing.new.get("specification"),
        "change_reason": f"{writing.change_number}: {writing.reason}",
    }
    context.db.execute(_NEW_REVISION, row)
    why = f"{writing.change_number}: {writing.key} {code}"
    supplier_history.record_change_of_item(context, found.item_id, writing.effective_from, why)


def _read_plan(db: Connection, tenant_id: str, key: str) -> Any:
    found = items.by_number(db, tenant_id, key)
    try:
        plan = plans.in_force(db, tenant_id, found.item_id, found.number, date.max)
    except NoInspectionPlan:
        return None
    return plan_document(plan)


def plan_document(plan: Plan) -> dict[str, Any]:
    """Give the JSON form of a plan, as plans.read_plan takes it, without version and day."""
    return {
        "number": plan.number,
        "item_revision": plan.item_revision,
        "documents_required": plan.documents_required,
        "retain_quantity": plan.retain_quantity,
        "characteristics": [_characteristic(each) for each in plan.characteristics],
    }


def _characteristic(each: Characteristic) -> dict[str, Any]:
    return {
        "names": dict(each.names),
        "class": each.defect_class,
        "kind": each.kind,
        "method": each.method,
        "sampling": dict(each.sampling),
        "instrument_type": each.instrument_type,
        "unit": each.unit_code,
        "nominal": _digits(each.nominal),
        "lower_limit": _digits(each.lower_limit),
        "upper_limit": _digits(each.upper_limit),
        "requirement": None if each.requirement is None else dict(each.requirement),
        "destructive": each.destructive,
        "laboratory": each.laboratory,
        "drawing_reference": each.drawing_reference,
    }


def _digits(value: Any) -> str | None:
    return None if value is None else format(value, "f")


def _write_plan(context: ServiceContext, writing: Writing) -> None:
    """Write a version of a plan; from a revision on where it names one that the item has."""
    found = items.by_number(context.db, context.tenant_id, writing.key)
    _require_revision(context, found.item_id, writing)
    key = {"tenant_id": context.tenant_id, "plan_number": writing.new["number"]}
    version = context.db.execute(_PLAN_VERSION, key).scalar_one_or_none() or 0
    document = {
        **writing.new,
        "version": version + 1,
        "effective_from": writing.effective_from.isoformat(),
        "approved_by": [*writing.approved_by, writing.change_number],
    }
    try:
        plan = plans.read_plan(document, found.item_id)
    except (KeyError, TypeError, ValueError, ArithmeticError) as broken:
        raise NotChangedThisWay(
            f"The plan of {writing.key} cannot be read as changed ({broken}). "
            "Correct it in the change.",
            f"{writing.key} 更改后的检验方案无法读取（{broken}），请在变更中更正。",
        ) from broken
    plans.register(context, plan)


def _read_bom(db: Connection, tenant_id: str, key: str) -> Any:
    """Give the last bill of an item: quantities as texts, each in the unit of its item."""
    found = items.by_number(db, tenant_id, key)
    latest = db.execute(_LATEST_BOM, {"tenant_id": tenant_id, "item_id": found.item_id}).first()
    if latest is None:
        return None
    per_unit = items.stock_unit(db, tenant_id, found)
    lines = []
    for row in db.execute(_BOM_LINES, {"tenant_id": tenant_id, "bom_id": latest.bom_id}).all():
        component = items.find(db, tenant_id, row.component_item_id)
        unit = items.stock_unit(db, tenant_id, component)
        lines.append(
            {
                "component": component.number,
                "quantity": _digits(amount_of(row.quantity, unit)),
                "per": _digits(amount_of(row.per_quantity, per_unit)),
                "scrap_percent": _digits(row.scrap_percent),
                "operation": row.operation,
                "substitute_set": row.substitute_set,
                "phantom": row.phantom,
            }
        )
    return {"item_revision": latest.item_revision, "lines": lines}


def _write_bom(context: ServiceContext, writing: Writing) -> None:
    found = items.by_number(context.db, context.tenant_id, writing.key)
    key = {"tenant_id": context.tenant_id, "item_id": found.item_id}
    latest = context.db.execute(_LATEST_BOM, key).first()
    try:
        lines = [_bom_line(each) for each in writing.new["lines"]]
        revision = str(writing.new["item_revision"])
    except (KeyError, TypeError, ArithmeticError) as broken:
        raise NotChangedThisWay(
            f"The bill of {writing.key} cannot be read as changed ({broken}). "
            "Correct it in the change.",
            f"{writing.key} 更改后的物料清单无法读取（{broken}），请在变更中更正。",
        ) from broken
    new = NewBom(
        item_number=writing.key,
        item_revision=revision,
        version=1 if latest is None else latest.version + 1,
        effective_from=writing.effective_from,
        change_reason=writing.reason,
        change_number=writing.change_number,
        approved_by=writing.approved_by,
        lines=lines,
    )
    boms.register(context, new)


def _bom_line(each: Mapping[str, Any]) -> NewBomLine:
    return NewBomLine(
        component=str(each["component"]),
        quantity=Decimal(str(each["quantity"])),
        per=Decimal(str(each.get("per", "1"))),
        scrap_percent=Decimal(str(each.get("scrap_percent", "0"))),
        operation=each.get("operation"),
        substitute_set=each.get("substitute_set"),
        phantom=each.get("phantom") is True,
    )


def _require_revision(context: ServiceContext, item_id: UUID, writing: Writing) -> None:
    code = writing.new.get("item_revision")
    key = {"tenant_id": context.tenant_id, "item_id": item_id, "revision_code": code}
    if code is not None and context.db.execute(_HAS_REVISION, key).first() is None:
        raise NotChangedThisWay(
            f"{writing.key} has no revision {code}. Have this change bring the revision too, or "
            "correct for which one the plan counts.",
            f"{writing.key} 没有版本 {code}。请在本变更中同时发布该版本，"
            "或更正检验方案适用的版本。",
        )


def _read_supplier(db: Connection, tenant_id: str, key: str) -> Any:
    found = suppliers.by_number(db, tenant_id, key)
    return {
        "name_en": found.names["en"],
        "name_zh": found.names["zh"],
        "country": found.country,
        "status": found.status,
    }


def _write_supplier(context: ServiceContext, writing: Writing) -> None:
    found = suppliers.by_number(context.db, context.tenant_id, writing.key)
    row = {
        "key_tenant_id": context.tenant_id,
        "key_supplier_id": found.supplier_id,
        **writing.new,
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_WRITE_SUPPLIER, row)
    if any(writing.new[name] != writing.old[name] for name in ("name_en", "name_zh", "country")):
        why = f"{writing.change_number}: {writing.key}"
        supplier_history.record_change_of_supplier(
            context, found.supplier_id, writing.effective_from, why
        )


def _read_supply(db: Connection, tenant_id: str, key: str) -> Any:
    source, found, site = _supply_parts(db, tenant_id, key)
    entry = suppliers.supply(db, tenant_id, source.supplier_id, found.item_id, site)
    if entry is None:
        return None
    return {
        "status": entry.status,
        "rating": entry.rating,
        "valid_from": entry.valid_from.isoformat(),
        "valid_to": None if entry.valid_to is None else entry.valid_to.isoformat(),
    }


def _supply_parts(db: Connection, tenant_id: str, key: str) -> Any:
    parts = [part.strip() for part in key.split("|")]
    if len(parts) != 3 or not all(parts):
        raise NotInLedger(
            "entry of the approved list (supplier | item | site)", "合格供方条目", key
        )
    number, item_number, site = parts
    source = suppliers.by_number(db, tenant_id, number)
    return source, items.by_number(db, tenant_id, item_number), site


def _write_supply(context: ServiceContext, writing: Writing) -> None:
    source, found, site = _supply_parts(context.db, context.tenant_id, writing.key)
    new = writing.new
    begins = new.get("valid_from") if writing.old is not None else None
    entry: dict[str, Any] = {
        "status": new.get("status", "approved"),
        "rating": int(new.get("rating", 0)),
        "valid_from": date.fromisoformat(begins) if begins else writing.effective_from,
        "valid_to": date.fromisoformat(new["valid_to"]) if new.get("valid_to") else None,
    }
    if writing.old is None:
        suppliers.approve(context, source, found.item_id, found.number, site=site, **entry)
        return
    row = {
        "key_tenant_id": context.tenant_id,
        "key_supplier_id": source.supplier_id,
        "key_item_id": found.item_id,
        "key_site": site,
        **entry,
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_WRITE_SUPPLY, row)


def _read_configuration(db: Connection, tenant_id: str, key: str) -> Any:
    return read_documents(db, tenant_id).get(key)


def _write_configuration(context: ServiceContext, writing: Writing) -> None:
    """Write the document, and tell everybody that it is in force (`config.deployed`)."""
    before = manifest.in_force(context.db, context.tenant_id)
    version, old = write_document(
        context.db,
        tenant_id=context.tenant_id,
        key=writing.key,
        document=writing.new,
        at=context.now,
        by=context.actor.account_id,
        reason=f"{writing.change_number}: {writing.reason}",
    )
    told = {"key": writing.key, "version": version, "old": exact(old), "new": exact(writing.new)}
    context.record({"event": "configuration.changed", **told})
    what = PutInForce(
        kind="configuration", key=writing.key, version=version, change=writing.change_number
    )
    said = tell(
        context.db,
        tenant_id=context.tenant_id,
        outbox_id=context.new_id(),
        at=context.now,
        what=what,
        before=before,
    )
    context.record({"event": "signal.thrown", **said})


def _read_definition(db: Connection, tenant_id: str, key: str) -> Any:
    in_force = db.execute(_IN_FORCE, {"tenant_id": tenant_id, "process_id": key}).scalar()
    return None if in_force is None else {"package": in_force.hex()}


def _leave_to_deployment(context: ServiceContext, writing: Writing) -> None:
    """Whoever deploys names the change; who wrote and who approved it do not deploy it."""
    del context, writing


def _read_kept(kind: str) -> Read:
    def read_last(db: Connection, tenant_id: str, key: str) -> Any:
        last = {"tenant_id": tenant_id, "object_kind": kind, "object_key": key}
        return db.execute(_LAST_VERSION, last).scalar_one_or_none()

    return read_last


def _keep_version_only(context: ServiceContext, writing: Writing) -> None:
    """The version that is kept with the change is all there is."""
    del context, writing


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "item": Kind(read=_read_item, write=_write_item),
        "item_revision": Kind(read=_read_revision, write=_write_revision, dated=True),
        "inspection_plan": Kind(read=_read_plan, write=_write_plan, dated=True),
        "supplier": Kind(read=_read_supplier, write=_write_supplier),
        "approved_supply": Kind(read=_read_supply, write=_write_supply),
        "configuration": Kind(read=_read_configuration, write=_write_configuration),
        "definition": Kind(read=_read_definition, write=_leave_to_deployment),
        "bill_of_materials": Kind(read=_read_bom, write=_write_bom, dated=True),
        "document": Kind(read=_read_kept("document"), write=_keep_version_only, dated=True),
        "equipment": Kind(read=_read_kept("equipment"), write=_keep_version_only, dated=True),
    }
)
