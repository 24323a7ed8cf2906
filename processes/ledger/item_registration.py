"""Bring new items into the book: the item, its first revision, its packages and identifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from engine.services import ServiceContext
from processes.ledger.tables import device_identifier, item, item_revision, package_level

_INSERT_ITEM = insert(item)
_INSERT_REVISION = insert(item_revision)
_INSERT_LEVEL = insert(package_level)
_INSERT_IDENTIFIER = insert(device_identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A device identifier (UDI-DI) as text, with leading zeros; `kind` as in the table."""

    issuing_agency: str
    value: str
    kind: str = "primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPackage:
    """A package level to be registered.

    `contains` is the position in the list of what lies inside, None for the base package.
    """

    name: str
    identifiers: tuple[Identifier, ...] = ()
    contains: int | None = None
    contained_quantity: int = 1
    in_distribution: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item to be registered, with its first revision and its packages, base package first."""

    number: str
    names: Mapping[str, str]
    item_type: str
    criticality: str
    tracking: str
    unit_code: str
    packages: tuple[NewPackage, ...]
    status: str = "draft"
    sterile: bool = False
    implant: bool = False
    expiry_required: bool = False
    shelf_life_months: int | None = None
    min_remaining_life_days: int | None = None
    storage_conditions: Any = None
    manufacturer: str | None = None
    catalogue_number: str | None = None
    model: str | None = None
    source: str | None = None
    revision_code: str = "A"
    effective_from: date = date(2000, 1, 1)
    specification: str | None = None
    item_id: UUID | None = None


def register(context: ServiceContext, new: Sequence[NewItem]) -> list[UUID]:
    """Add items with their first revision, packages and identifiers, in few statements.

    A number or identifier that is taken is refused by its unique constraint; ask before
    (`by_number`, `by_identifier`) where a person should get a sentence.
    """
    rows = _Rows()
    ids = [rows.add(context, each) for each in new]
    if not ids:
        return ids
    context.db.execute(_INSERT_ITEM, rows.items)
    context.db.execute(_INSERT_REVISION, rows.revisions)
    context.db.execute(_INSERT_LEVEL, rows.levels)
    if rows.identifiers:
        context.db.execute(_INSERT_IDENTIFIER, rows.identifiers)
    return ids


def record_registered(context: ServiceContext, new: NewItem) -> None:
    """Put one registered item on the record with what was said about it."""
    context.record(
        {
            "event": "item.registered",
            "item": new.number,
            "names": dict(new.names),
            "criticality": new.criticality,
            "tracking": new.tracking,
            "unit": new.unit_code,
            "status": new.status,
            "identifiers": [i.value for p in new.packages for i in p.identifiers],
        }
    )


class _Rows:
    """Rows for the four tables of an item, gathered for one statement each."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.revisions: list[dict[str, Any]] = []
        self.levels: list[dict[str, Any]] = []
        self.identifiers: list[dict[str, Any]] = []

    def add(self, context: ServiceContext, new: NewItem) -> UUID:
        item_id = new.item_id or context.new_id()
        key = {"tenant_id": context.tenant_id, "item_id": item_id}
        self.items.append(
            {
                **key,
                "item_number": new.number,
                "name_en": new.names["en"],
                "name_zh": new.names["zh"],
                "item_type": new.item_type,
                "criticality": new.criticality,
                "tracking": new.tracking,
                "unit_code": new.unit_code,
                "status": new.status,
                "sterile": new.sterile,
                "implant": new.implant,
                "expiry_required": new.expiry_required,
                "shelf_life_months": new.shelf_life_months,
                "min_remaining_life_days": new.min_remaining_life_days,
                "storage_conditions": new.storage_conditions,
                "manufacturer": new.manufacturer,
                "catalogue_number": new.catalogue_number,
                "model": new.model,
                "source": new.source,
                "revision": 1,
                "changed_at": context.now,
                "changed_by": context.actor.account_id,
            }
        )
        self.revisions.append(
            {
                **key,
                "revision_code": new.revision_code,
                "effective_from": new.effective_from,
                "effective_to": None,
                "specification": new.specification,
                "change_reason": None,
            }
        )
        self._add_packages(context, new, key)
        return item_id

    def _add_packages(self, context: ServiceContext, new: NewItem, key: Mapping[str, Any]) -> None:
        made: list[dict[str, Any]] = []
        for package in new.packages:
            inner = None if package.contains is None else made[package.contains]
            base = 1 if inner is None else inner["base_quantity"]
            level_id = context.new_id()
            made.append(
                {
                    **key,
                    "package_level_id": level_id,
                    "level": 0 if inner is None else inner["level"] + 1,
                    "name": package.name,
                    "contains_id": None if inner is None else inner["package_level_id"],
                    "contained_quantity": package.contained_quantity,
                    "base_quantity": base * package.contained_quantity,
                    "in_distribution": package.in_distribution,
                }
            )
            self.identifiers.extend(
                {
                    "tenant_id": context.tenant_id,
                    "package_level_id": level_id,
                    "issuing_agency": identifier.issuing_agency,
                    "device_identifier": identifier.value,
                    "kind": identifier.kind,
                }
                for identifier in package.identifiers
            )
        self.levels.extend(made)
