"""INV-14: everything that was shipped is accounted for, per consignee and lot, or listed.

    shipped = returned + used + destroyed + corrected + still there + passed on + unaccounted

The statement that counts is the consignee's latest; what our warehouse received, and what a
certificate proves, counts before what was said. What was passed on must be found again with the
next tier: the difference is the depth gap, which is shown and never hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from engine.services import ServiceContext
from processes.ledger import lots
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.field_actions import recoveries, responses, scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.tables import unaccounted
from processes.ledger.quantities import amount_of, scaled
from processes.ledger.units import Unit
from processes.values import amount

_JUSTIFIED = rows_of(unaccounted, "field_action_id", "recorded_at", "unaccounted_id")
_INSERT = insert(unaccounted)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What became of a lot at one consignee, in stored integers of the lot's unit."""

    consignee_id: UUID
    consignee_number: str
    name: str
    tier: int
    lot_id: UUID
    lot_number: str
    unit: Unit
    shipped: int
    returned: int
    used: int
    destroyed: int
    corrected: int
    still_there: int
    passed_on: int
    found_below: int  # of what was passed on, with known consignees of the next tier
    answered: bool
    justified: int

    @property
    def accounted(self) -> int:
        return (
            self.returned
            + self.used
            + self.destroyed
            + self.corrected
            + self.still_there
            + self.passed_on
        )

    @property
    def unaccounted(self) -> int:
        """Below zero where more was stated than was shipped: a surplus is a finding too."""
        return self.shipped - self.accounted

    @property
    def depth_gap(self) -> int:
        return self.passed_on - self.found_below

    @property
    def unexplained(self) -> int:
        """What neither an account nor a signed reason explains."""
        open_amount = abs(self.unaccounted) + abs(self.depth_gap)
        return max(0, open_amount - self.justified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """The accounts of an action; `percent` is of what we shipped ourselves, to one decimal."""

    accounts: tuple[Account, ...]
    percent: Decimal
    unexplained: tuple[Account, ...]

    @property
    def complete(self) -> bool:
        return not self.unexplained


def of_action(db: Connection, tenant_id: str, action: FieldAction) -> Reconciliation:
    """Work out the accounts of every consignee and lot of an action."""
    people = {row.consignee_id: row for row in scope.consignees_of(db, tenant_id, action)}
    of_lots = {row.lot_id: row for row in scope.lots_of(db, tenant_id, action)}
    stated = responses.latest_lines(db, tenant_id, action)
    sums: dict[tuple[UUID, UUID], dict[str, int]] = {}
    below: dict[tuple[UUID, UUID], int] = {}
    for line in scope.lines_of(db, tenant_id, action):
        account = sums.setdefault((line.consignee_id, line.lot_id), _nothing())
        account["shipped"] += line.quantity
        parent = people[line.consignee_id].parent_id
        if parent is not None:
            below[parent, line.lot_id] = below.get((parent, line.lot_id), 0) + line.quantity
        said = stated.get(line.line_id)
        account["answered"] += said is not None
        account["lines"] += 1
        if said is not None:
            for word in responses.STATED:
                account[word] += getattr(said, word)
    for row in recoveries.of_action(db, tenant_id, action):
        sums.setdefault((row.consignee_id, row.lot_id), _nothing())[f"got_{row.kind}"] += (
            row.quantity
        )
    justified = _justified(db, tenant_id, action)
    accounts = tuple(
        _account(
            people[consignee_id],
            of_lots[lot_id],
            found,
            below.get((consignee_id, lot_id), 0),
            justified.get((consignee_id, lot_id), 0),
        )
        for (consignee_id, lot_id), found in sums.items()
    )
    return Reconciliation(
        accounts=accounts,
        percent=_percent(accounts),
        unexplained=tuple(each for each in accounts if each.unexplained or not each.answered),
    )


def _nothing() -> dict[str, int]:
    words = (
        *("shipped", "answered", "lines", *responses.STATED),
        *("got_returned", "got_destroyed", "got_corrected"),
    )
    return dict.fromkeys(words, 0)


def _account(
    person: AnyRow, of_lot: AnyRow, found: Mapping[str, int], below: int, justified: int
) -> Account:
    destroyed = max(found["destroyed"], found["got_destroyed"])
    corrected = max(found["corrected"], found["got_corrected"])
    beyond = destroyed - found["destroyed"] + corrected - found["corrected"]
    still_there = found["on_hand"] + found["returned"] - found["got_returned"] - beyond
    return Account(
        consignee_id=person.consignee_id,
        consignee_number=person.consignee_number,
        name=person.name,
        tier=person.tier,
        lot_id=of_lot.lot_id,
        lot_number=of_lot.lot_number,
        unit=Unit(code=of_lot.unit_code, names={}, decimals=of_lot.decimals),
        shipped=found["shipped"],
        returned=found["got_returned"],
        used=found["used"],
        destroyed=destroyed,
        corrected=corrected,
        still_there=max(0, still_there),
        passed_on=found["transferred"],
        found_below=below,
        answered=found["answered"] == found["lines"] or found["got_returned"] >= found["shipped"],
        justified=justified,
    )


def _percent(accounts: tuple[Account, ...]) -> Decimal:
    """Give how much of what we shipped is accounted for; what was passed on counts where it is."""
    shipped: dict[UUID, int] = {}
    known: dict[UUID, int] = {}
    for each in accounts:
        if each.tier == scope.FIRST_TIER:
            shipped[each.lot_id] = shipped.get(each.lot_id, 0) + each.shipped
        inside = min(each.accounted - each.passed_on, each.shipped)
        known[each.lot_id] = known.get(each.lot_id, 0) + inside
    total = sum(shipped.values())
    if total == 0:
        return _HUNDRED
    # Lots of different units do not add up: each counts by its own share of the lines' amounts.
    share = Decimal(sum(min(known.get(lot_id, 0), amount) for lot_id, amount in shipped.items()))
    return (share * _HUNDRED / Decimal(total)).quantize(Decimal("0.1"))


def _justified(db: Connection, tenant_id: str, action: FieldAction) -> dict[tuple[UUID, UUID], int]:
    key = {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
    found: dict[tuple[UUID, UUID], int] = {}
    for row in db.execute(_JUSTIFIED, key):
        place = (row.consignee_id, row.lot_id)
        found[place] = found.get(place, 0) + row.quantity
    return found


def justify(
    context: ServiceContext,
    action: FieldAction,
    consignee_number: str,
    lot_number: str,
    quantity: Any,
    reason: str,
) -> None:
    """Keep the reason why some of a lot cannot be accounted for at a consignee."""
    person = scope.consignee_of(context.db, context.tenant_id, action, consignee_number)
    lot = lots.by_number(context.db, context.tenant_id, lot_number)
    row = {
        "tenant_id": context.tenant_id,
        "unaccounted_id": context.new_id(),
        "field_action_id": action.field_action_id,
        "consignee_id": person.consignee_id,
        "lot_id": lot.lot_id,
        "quantity": scaled(amount(quantity), lot.unit),
        "reason": reason,
        "actor": context.actor.username,
        "recorded_at": context.now,
    }
    context.db.execute(_INSERT, row)
    context.record(
        {
            "event": "field_action.unaccounted_justified",
            "field_action": action.number,
            "consignee": consignee_number,
            "lot": lot_number,
            "quantity": amount(quantity),
            "reason": reason,
        }
    )


def shown(account: Account) -> dict[str, Any]:
    """Give an account as screens and reports show it: amounts as text, with their unit."""
    words = (
        *("shipped", "returned", "used", "destroyed", "corrected", "still_there", "passed_on"),
        *("unaccounted", "depth_gap", "unexplained"),
    )
    return {
        "consignee": account.consignee_number,
        "name": account.name,
        "tier": account.tier,
        "lot": account.lot_number,
        "unit": account.unit.code,
        "answered": account.answered,
        **{word: format(amount_of(getattr(account, word), account.unit), "f") for word in words},
    }
