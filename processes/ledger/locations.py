"""Places that hold stock, and the statuses that may lie there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select

from engine.services import ServiceContext
from processes.ledger import words
from processes.ledger.refusals import LedgerRefusal, NotInLedger, listed
from processes.ledger.tables import location, location_status

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "receiving": ("QUARANTINE",),
    # released and rejected goods lie here until they are put away
    "quarantine": ("QUARANTINE", "RELEASED", "RELEASED_CONDITIONAL", "REJECTED"),
    "released": ("RELEASED", "RELEASED_CONDITIONAL"),
    "hold": ("QUARANTINE", "RELEASED", "RELEASED_CONDITIONAL", "REJECTED", "EXPIRED", "REWORK"),
    "reject": ("REJECTED", "EXPIRED", "RECALLED"),
    "return": ("RETURN_QUARANTINE", "RECALLED"),
    "recalled": ("RECALLED",),
    "wip": ("RELEASED", "RELEASED_CONDITIONAL", "REWORK"),
    "shipping": ("RELEASED",),
    "sample": ("SAMPLE", "QUARANTINE"),
    "scrap": ("REJECTED", "EXPIRED", "RECALLED"),
    "supplier": ("REWORK",),  # sent to be reworked: ours, and counted as on hand until it is back
}
"""Which statuses fit which zone, unless a location says otherwise (INV-02)."""

PICKING_ZONES = frozenset({"released", "wip", "shipping"})
"""Where stock may be taken from for production or a customer: not from a quarantine shelf, even
when QA has just released what lies on it."""

_LOCATIONS = select(
    location.c.location_id,
    location.c.code,
    location.c.name_en,
    location.c.name_zh,
    location.c.site,
    location.c.zone,
    location.c.temperature_class,
    location.c.active,
).where(location.c.tenant_id == bindparam("tenant_id"))
_BY_ID = _LOCATIONS.where(location.c.location_id == bindparam("location_id"))
_BY_CODE = _LOCATIONS.where(location.c.code == bindparam("code"))
_STATUSES = (
    select(location_status.c.status)
    .where(location_status.c.tenant_id == bindparam("tenant_id"))
    .where(location_status.c.location_id == bindparam("location_id"))
)
_INSERT = insert(location)
_ALLOW = insert(location_status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place with an address on a label."""

    location_id: UUID
    code: str
    names: Mapping[str, str]
    site: str
    zone: str
    temperature_class: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLocation:
    """A place to be registered; `statuses` empty means those of its zone."""

    code: str
    names: Mapping[str, str]
    site: str
    zone: str
    temperature_class: str = "15-25C"
    statuses: tuple[str, ...] = ()


class StatusDoesNotFit(LedgerRefusal):
    """INV-02: what lies at a place has a status that its zone allows."""

    def __init__(self, place: Location, status: str, allowed: Iterable[str]) -> None:
        stock, zone = words.said("status", status), words.said("zone", place.zone)
        super().__init__(
            f"Stock that is {stock.en} may not lie at {place.code} ({zone.en}). "
            "Choose a place that allows it.",
            f"{place.code}（{place.names['zh']}）不允许存放状态为“{stock.zh}”的库存，"
            "请选择允许该状态的货位。",
            expected=listed(sorted(allowed)),
            found=status,
        )


def find(db: Connection, tenant_id: str, location_id: UUID) -> Location:
    """Give a location by id."""
    key = {"tenant_id": tenant_id, "location_id": location_id}
    row = db.execute(_BY_ID, key).one_or_none()
    if row is None:
        raise NotInLedger("location", "货位", location_id)
    return _read(row)


def by_code(db: Connection, tenant_id: str, code: str) -> Location:
    """Give a location by the code on its label."""
    row = db.execute(_BY_CODE, {"tenant_id": tenant_id, "code": code}).one_or_none()
    if row is None:
        raise NotInLedger("location", "货位", code)
    return _read(row)


def every(db: Connection, tenant_id: str) -> list[Location]:
    """List all locations, by code."""
    found = [_read(row) for row in db.execute(_LOCATIONS, {"tenant_id": tenant_id})]
    return sorted(found, key=lambda place: place.code)


def require_status(db: Connection, tenant_id: str, place: Location, status: str) -> None:
    """Refuse a status that the place does not allow; the foreign key of the balance is behind."""
    key = {"tenant_id": tenant_id, "location_id": place.location_id}
    allowed = set(db.execute(_STATUSES, key).scalars())
    if status not in allowed:
        raise StatusDoesNotFit(place, status, allowed)


def register(context: ServiceContext, new: NewLocation) -> UUID:
    """Add a location with the statuses that it allows."""
    location_id = context.new_id()
    row = {
        "tenant_id": context.tenant_id,
        "location_id": location_id,
        "code": new.code,
        "name_en": new.names["en"],
        "name_zh": new.names["zh"],
        "site": new.site,
        "zone": new.zone,
        "temperature_class": new.temperature_class,
        "active": True,
    }
    context.db.execute(_INSERT, row)
    statuses = new.statuses or ALLOWED[new.zone]
    key = {"tenant_id": context.tenant_id, "location_id": location_id}
    context.db.execute(_ALLOW, [{**key, "status": status} for status in statuses])
    context.record(
        {
            "event": "location.registered",
            "location": new.code,
            "zone": new.zone,
            "statuses": list(statuses),
        }
    )
    return location_id


def _read(row: tuple[UUID, str, str, str, str, str, str, bool]) -> Location:
    location_id, code, name_en, name_zh, site, zone, temperature_class, active = row
    return Location(
        location_id=location_id,
        code=code,
        names={"en": name_en, "zh": name_zh},
        site=site,
        zone=zone,
        temperature_class=temperature_class,
        active=active,
    )
