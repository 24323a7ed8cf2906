"""Items: what we make or buy, found by number or name, with their revisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    ScalarSelect,
    and_,
    bindparam,
    case,
    insert,
    or_,
    select,
    update,
)

from engine.services import ServiceContext
from processes.ledger import lot_numbers, units, words
from processes.ledger.columns import AnyRow
from processes.ledger.refusals import LedgerRefusal, NotInLedger
from processes.ledger.tables import item, item_revision, item_succession
from processes.ledger.units import Unit

_ITEM = select(
    item.c.item_id,
    item.c.item_number,
    item.c.name_en,
    item.c.name_zh,
    item.c.item_type,
    item.c.criticality,
    item.c.tracking,
    item.c.unit_code,
    item.c.status,
    item.c.sterile,
    item.c.implant,
    item.c.expiry_required,
    item.c.min_remaining_life_days,
    item.c.manufacturer,
    item.c.catalogue_number,
    item.c.revision,
).where(item.c.tenant_id == bindparam("tenant_id"))
_FIRST = UUID(int=0)
_BY_ID = _ITEM.where(item.c.item_id == bindparam("item_id"))
_BY_NUMBER = _ITEM.where(item.c.item_number == bindparam("item_number"))
_FOUND = (
    _ITEM.where(
        or_(
            item.c.item_number.like(bindparam("start")),
            item.c.catalogue_number.like(bindparam("start")),
            item.c.name_en.ilike(bindparam("within")),
            item.c.name_zh.like(bindparam("within")),
        )
    )
    .where(item.c.status != "obsolete")
    .order_by(item.c.status.desc(), item.c.item_number)
    .limit(bindparam("limit"))
)
_before = item.alias("before")


def _of_the_one_before(name: str) -> ScalarSelect[Any]:
    return (
        select(_before.c[name])
        .where(_before.c.tenant_id == bindparam("tenant_id"))
        .where(_before.c.item_id == bindparam("after"))
        .scalar_subquery()
    )


_FOUND_AFTER = _FOUND.where(
    or_(
        item.c.status < _of_the_one_before("status"),
        and_(
            item.c.status == _of_the_one_before("status"),
            item.c.item_number > _of_the_one_before("item_number"),
        ),
    )
)
_REVISIONS_ON = (
    select(item_revision.c.revision_code, item_revision.c.from_lot, item_revision.c.from_serial)
    .where(item_revision.c.tenant_id == bindparam("tenant_id"))
    .where(item_revision.c.item_id == bindparam("item_id"))
    .where(item_revision.c.effective_from <= bindparam("on"))
    .where(
        or_(
            item_revision.c.effective_to.is_(None),
            item_revision.c.effective_to >= bindparam("on"),
        )
    )
    .order_by(item_revision.c.effective_from.desc(), item_revision.c.revision_code.desc())
)
_SUCCEED = insert(item_succession)
_SUCCESSOR = (
    select(item_succession.c.into_item_id)
    .where(item_succession.c.tenant_id == bindparam("tenant_id"))
    .where(item_succession.c.item_id == bindparam("item_id"))
)
_one = (
    select(item.c.item_id)
    .where(item.c.tenant_id == bindparam("tenant_id"))
    .where(item.c.item_id == bindparam("item_id"))
    .cte("one", recursive=True)
)
_SAME = select(
    _one.union(
        select(
            case(
                (item_succession.c.item_id == _one.c.item_id, item_succession.c.into_item_id),
                else_=item_succession.c.item_id,
            )
        )
        .join(
            _one,
            or_(
                item_succession.c.item_id == _one.c.item_id,
                item_succession.c.into_item_id == _one.c.item_id,
            ),
        )
        .where(item_succession.c.tenant_id == bindparam("tenant_id"))
    ).c.item_id
)
_old, _new = item.alias("old"), item.alias("new")
_SUCCESSIONS = (
    select(
        _old.c.item_id,
        _old.c.item_number,
        _new.c.item_id.label("into_item_id"),
        _new.c.item_number.label("into_item_number"),
    )
    .select_from(item_succession)
    .join(
        _old,
        and_(
            _old.c.tenant_id == item_succession.c.tenant_id,
            _old.c.item_id == item_succession.c.item_id,
        ),
    )
    .join(
        _new,
        and_(
            _new.c.tenant_id == item_succession.c.tenant_id,
            _new.c.item_id == item_succession.c.into_item_id,
        ),
    )
    .where(item_succession.c.tenant_id == bindparam("tenant_id"))
)
_SET_STATUS = (
    update(item)
    .where(item.c.tenant_id == bindparam("key_tenant_id"))
    .where(item.c.item_id == bindparam("key_item_id"))
    .where(item.c.revision == bindparam("key_revision"))
    .values(
        status=bindparam("status"),
        criticality=bindparam("criticality"),
        name_zh=bindparam("name_zh"),
        revision=item.c.revision + 1,
        changed_at=bindparam("changed_at"),
        changed_by=bindparam("changed_by"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as it stands now."""

    item_id: UUID
    number: str
    names: Mapping[str, str]
    item_type: str
    criticality: str
    tracking: str
    unit_code: str
    status: str
    sterile: bool
    implant: bool
    expiry_required: bool
    min_remaining_life_days: int | None
    manufacturer: str | None
    catalogue_number: str | None
    revision: int

    @property
    def has_serials(self) -> bool:
        return self.tracking in ("serial", "lot_and_serial")


class ItemsDiffer(LedgerRefusal):
    """One number goes on as another only where both count the same goods in the same way."""

    def __init__(self, found: Item, into: Item) -> None:
        super().__init__(
            f"{found.number} cannot go on as {into.number}: unit and tracking must be the same, "
            "and the reason be given.",
            f"物料 {found.number} 不能并入 {into.number}：单位与追溯方式须一致，并须说明理由。",
            expected=f"{into.unit_code}, {into.tracking}",
            found=f"{found.unit_code}, {found.tracking}",
        )


class ItemNotReleased(LedgerRefusal):
    """Only a released item is bought, received and used."""

    def __init__(self, found: Item) -> None:
        state = words.said("state", found.status)
        super().__init__(
            f"Item {found.number} is {state.en}, not released. "
            "Ask the owner of the item to release it.",
            f"物料 {found.number} 的状态为“{state.zh}”，尚未批准使用，请联系物料负责人批准。",
            expected="released",
            found=found.status,
        )


class NoEffectiveRevision(LedgerRefusal):
    """What is received is received at a revision."""

    def __init__(self, found: Item, on: date) -> None:
        super().__init__(
            f"Item {found.number} has no revision in force on {on}. Ask the owner of the item.",
            f"物料 {found.number} 在 {on} 没有生效的版本，请联系物料负责人。",
        )


class NumberOfNoSeries(LedgerRefusal):
    """Where a number decides on the revision, it is of a series that the change named."""

    def __init__(self, found: Item, revision: str, first: str, number: str) -> None:
        super().__init__(
            f"Revision {revision} of {found.number} counts from {first}; {number} is of another "
            "series, so that its revision is not known. Check the label, and ask the owner of the "
            "item for a change that names this series too.",
            f"物料 {found.number} 的版本 {revision} 自 {first} 起生效，{number} 属于其他编号系列，"
            "无法判定版本。请核对标签，并请物料负责人通过变更补充该编号系列。",
            expected=first,
            found=number,
        )


class SerialsOfTwoRevisions(LedgerRefusal):
    """A lot has one revision, and so have its units."""

    def __init__(self, found: Item, revision: str, first: str) -> None:
        super().__init__(
            f"Of these units of {found.number} some have revision {revision}, which counts from "
            f"serial number {first}, and some the one before. Book them as two lots.",
            f"物料 {found.number} 的版本 {revision} 自序列号 {first} 起生效，"
            "所录序列号分属新旧两个版本，请分为两批登记。",
            expected=first,
        )


class SerialNeeded(LedgerRefusal):
    """Where the serial number decides on the revision, it is known before anything is made."""

    def __init__(self, found: Item, revision: str, first: str) -> None:
        super().__init__(
            f"Revision {revision} of {found.number} counts from serial number {first}. Give the "
            "first serial number that is to be made.",
            f"物料 {found.number} 的版本 {revision} 自序列号 {first} 起生效，"
            "请填写计划生产的首个序列号。",
            expected=first,
        )


def find(db: Connection, tenant_id: str, item_id: UUID) -> Item:
    """Give an item by id; NotInLedger when there is none."""
    row = db.execute(_BY_ID, {"tenant_id": tenant_id, "item_id": item_id}).one_or_none()
    if row is None:
        raise NotInLedger("item", "物料", item_id)
    return _read(row)


def by_number(db: Connection, tenant_id: str, number: str) -> Item:
    """Give an item by its number; NotInLedger when there is none."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "item_number": number}).one_or_none()
    if row is None:
        raise NotInLedger("item", "物料", number)
    return _read(row)


def search(
    db: Connection, tenant_id: str, query: str, limit: int = 20, *, after: UUID = _FIRST
) -> list[Item]:
    """List items whose number or catalogue number starts with, or whose name holds, `query`:
    released ones first, by number; those after an item, where the page before ended."""
    plain = query.strip().replace("%", "").replace("_", "")
    key: dict[str, Any] = {"tenant_id": tenant_id, "limit": limit}
    key |= {"start": f"{plain}%", "within": f"%{plain}%"}
    if after == _FIRST:
        return [_read(row) for row in db.execute(_FOUND, key)]
    return [_read(row) for row in db.execute(_FOUND_AFTER, {**key, "after": after})]


def effective_revision(
    db: Connection,
    tenant_id: str,
    found: Item,
    on: date,
    *,
    lot_number: str | None = None,
    serials: Sequence[str] = (),
) -> str:
    """Give the code of the revision in force on a day; refused when there is none.

    Where a lot or serial number decides (CC-04), goods below it have the revision before, from it
    on the new one: `lot_number` is what stands on them (the supplier's, or ours of what we make).
    Without a number, the newest revision whose day has come is given: what is ordered.
    """
    for row in _revisions(db, tenant_id, found, on):
        if _counts(found, row, lot_number, serials):
            code: str = row.revision_code
            return code
    raise NoEffectiveRevision(found, on)


def revision_to_make(
    db: Connection,
    tenant_id: str,
    found: Item,
    on: date,
    *,
    lot_number: str,
    serials: Sequence[str],
) -> str:
    """Give the revision at which a lot is made; refused without the serial number that decides."""
    for row in _revisions(db, tenant_id, found, on):
        if row.from_serial is not None and not serials:
            raise SerialNeeded(found, row.revision_code, row.from_serial)
        if row.from_serial is None and row.from_lot is None:
            break
    return effective_revision(db, tenant_id, found, on, lot_number=lot_number, serials=serials)


def counts_by_serial(db: Connection, tenant_id: str, found: Item, on: date) -> bool:
    """Tell whether the serial number decides on the revision of what is made on a day."""
    return any(row.from_serial is not None for row in _revisions(db, tenant_id, found, on))


def _revisions(db: Connection, tenant_id: str, found: Item, on: date) -> Sequence[AnyRow]:
    key = {"tenant_id": tenant_id, "item_id": found.item_id, "on": on}
    return db.execute(_REVISIONS_ON, key).all()


def _counts(found: Item, row: AnyRow, lot_number: str | None, serials: Sequence[str]) -> bool:
    """Tell whether goods with these numbers have a revision whose day has come."""
    if row.from_lot is not None and lot_number is not None:
        return _reached(found, row.revision_code, row.from_lot, lot_number)
    if row.from_serial is not None and serials:
        first = row.from_serial
        reached = {_reached(found, row.revision_code, first, each) for each in serials}
        if len(reached) > 1:
            raise SerialsOfTwoRevisions(found, row.revision_code, first)
        return reached.pop()
    return True


def _reached(found: Item, revision: str, first: str, number: str) -> bool:
    reached = lot_numbers.reaches(number, first)
    if reached is None:
        raise NumberOfNoSeries(found, revision, first, number)
    return reached


def require_released(found: Item) -> None:
    """Refuse an item that is not released for use."""
    if found.status != "released":
        raise ItemNotReleased(found)


def merge(context: ServiceContext, found: Item, into: Item, *, reason: str) -> None:
    """Have one item number go on as another: the old one is bought, received and made no more.

    Lots, stock and records keep the number that they were made under: a trace goes by lots, and an
    old label still finds its item.
    """
    alike = (found.unit_code, found.tracking) == (into.unit_code, into.tracking)
    if found.item_id == into.item_id or not alike or not reason.strip():
        raise ItemsDiffer(found, into)
    require_released(found)
    require_released(into)
    row = {
        "tenant_id": context.tenant_id,
        "item_id": found.item_id,
        "into_item_id": into.item_id,
        "reason": reason,
        "actor": context.actor.username,
        "merged_at": context.now,
    }
    context.db.execute(_SUCCEED, row)
    key = {
        "key_tenant_id": context.tenant_id,
        "key_item_id": found.item_id,
        "key_revision": found.revision,
        "status": "obsolete",
        "criticality": found.criticality,
        "name_zh": found.names["zh"],
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_SET_STATUS, key)
    context.record(
        {"event": "item.merged", "item": found.number, "into": into.number, "reason": reason}
    )


def successor(db: Connection, tenant_id: str, item_id: UUID) -> Item | None:
    """Give the item that another goes on as; None where it is its own."""
    key = {"tenant_id": tenant_id, "item_id": item_id}
    into = db.execute(_SUCCESSOR, key).scalar_one_or_none()
    return None if into is None else find(db, tenant_id, into)


def same_item(db: Connection, tenant_id: str, item_id: UUID) -> list[UUID]:
    """List the ids of what is one item under several numbers, itself included."""
    return list(db.execute(_SAME, {"tenant_id": tenant_id, "item_id": item_id}).scalars())


def merged_numbers(db: Connection, tenant_id: str, item_id: UUID) -> list[str]:
    """List the numbers of what several were merged into: the one in use, then the others."""
    known = [find(db, tenant_id, each) for each in same_item(db, tenant_id, item_id)]
    merged = {each.item_id: successor(db, tenant_id, each.item_id) is not None for each in known}
    return [each.number for each in sorted(known, key=lambda e: (merged[e.item_id], e.number))]


def same_items(db: Connection, tenant_id: str, number: str) -> list[UUID]:
    """List the ids of what is one item with the one of this number; none where it is unknown."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "item_number": number}).one_or_none()
    return [] if row is None else same_item(db, tenant_id, row.item_id)


def same_numbers(db: Connection, tenant_id: str, number: str) -> list[str]:
    """List the numbers that mean the same item as `number`; itself alone where it is unknown."""
    row = db.execute(_BY_NUMBER, {"tenant_id": tenant_id, "item_number": number}).one_or_none()
    return [number] if row is None else merged_numbers(db, tenant_id, row.item_id)


def numbers_in_use(db: Connection, tenant_id: str) -> dict[str, str]:
    """Give for each number that goes on as another the number that is in use now."""
    rows = db.execute(_SUCCESSIONS, {"tenant_id": tenant_id})
    into = {row.item_number: row.into_item_number for row in rows}
    return {number: _last(into, number) for number in into}


def _last(into: Mapping[str, str], number: str) -> str:
    for _ in into:  # at most once through all of them, whatever was merged into what
        number = into.get(number, number)
    return number


def release(
    context: ServiceContext, item_id: UUID, *, criticality: str, name_zh: str | None = None
) -> None:
    """Release a draft item for use, classified by criticality."""
    found = find(context.db, context.tenant_id, item_id)
    key = {
        "key_tenant_id": context.tenant_id,
        "key_item_id": item_id,
        "key_revision": found.revision,
        "status": "released",
        "criticality": criticality,
        "name_zh": name_zh or found.names["zh"],
        "changed_at": context.now,
        "changed_by": context.actor.account_id,
    }
    context.db.execute(_SET_STATUS, key)
    context.record(
        {
            "event": "item.released",
            "item": found.number,
            "status": {"old": found.status, "new": "released"},
            "criticality": {"old": found.criticality, "new": criticality},
        }
    )


def stock_unit(db: Connection, tenant_id: str, found: Item) -> Unit:
    """Give the unit that an item's stock is kept in."""
    return units.find(db, tenant_id, found.unit_code)


def _read(row: AnyRow) -> Item:
    return Item(
        item_id=row.item_id,
        number=row.item_number,
        names={"en": row.name_en, "zh": row.name_zh},
        item_type=row.item_type,
        criticality=row.criticality,
        tracking=row.tracking,
        unit_code=row.unit_code,
        status=row.status,
        sterile=row.sterile,
        implant=row.implant,
        expiry_required=row.expiry_required,
        min_remaining_life_days=row.min_remaining_life_days,
        manufacturer=row.manufacturer,
        catalogue_number=row.catalogue_number,
        revision=row.revision,
    )
