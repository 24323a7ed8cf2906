"""Whose authorities hear of a field action: those of the consignees, and two more.

MDR Art. 87(1)(b): an action in a third country is reported in the EU when the same device is sold
there. NMPA Order 29: for a device imported into China its agent there reports an action abroad.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from processes.ledger.distribution.tables import registration, registration_end
from processes.ledger.field_actions import scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.tables import field_action_lot
from processes.ledger.tables import lot

_REGISTERED = (
    select(registration.c.market, registration.c.agent)
    .distinct()
    .join(
        lot,
        (lot.c.tenant_id == registration.c.tenant_id) & (lot.c.item_id == registration.c.item_id),
    )
    .join(
        field_action_lot,
        (field_action_lot.c.tenant_id == lot.c.tenant_id)
        & (field_action_lot.c.lot_id == lot.c.lot_id),
    )
    .outerjoin(
        registration_end,
        (registration_end.c.tenant_id == registration.c.tenant_id)
        & (registration_end.c.registration_id == registration.c.registration_id),
    )
    .where(registration.c.tenant_id == bindparam("tenant_id"))
    .where(field_action_lot.c.field_action_id == bindparam("field_action_id"))
    .where(registration.c.valid_from <= bindparam("on"))
    .where(or_(registration.c.valid_to.is_(None), registration.c.valid_to >= bindparam("on")))
    .where(
        or_(registration_end.c.ended_on.is_(None), registration_end.c.ended_on > bindparam("on"))
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Markets:
    """Regions of authorities (CN, US, EU, OTHER): with consignees in reach, where the devices are
    registered besides, and the agents in China of what is imported there."""

    reached: frozenset[str]
    registered: frozenset[str]
    agents: tuple[str, ...]

    @property
    def eu_besides(self) -> bool:
        """Tell whether the devices are on the EU market, though none of these went there."""
        return "EU" in self.registered and "EU" not in self.reached

    @property
    def china_besides(self) -> bool:
        """Tell whether an agent in China has to report an action abroad."""
        return bool(self.agents) and "CN" not in self.reached


def of_action(
    db: Connection, tenant_id: str, action: FieldAction, rules: Mapping[str, Any], on: date
) -> Markets:
    """Give the markets of an action on a day; `rules` are the document `field_action_rules`."""
    known = rules["report_market"]
    key = {"tenant_id": tenant_id, "field_action_id": action.field_action_id, "on": on}
    rows = list(db.execute(_REGISTERED, key))
    reached = {known.get(row.market, "OTHER") for row in scope.consignees_of(db, tenant_id, action)}
    agents = {row.agent for row in rows if row.agent and known.get(row.market) == "CN"}
    return Markets(
        reached=frozenset(reached),
        registered=frozenset(known.get(row.market, "OTHER") for row in rows),
        agents=tuple(sorted(agents)),
    )


def to_report_to(found: Markets, action: FieldAction) -> set[str]:
    """Give the regions whose authorities get reports of an action as it is decided."""
    regions = set(found.reached)
    if found.eu_besides and (action.class_in_force("eu") or "").startswith("fsca"):
        regions.add("EU")
    if found.china_besides:
        regions.add("CN")
    return regions
