"""The board of a field action: each consignee with how far it is, the lots in reach, the rounds of
effectiveness checks. What the war room looks at while the action runs."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection

from api import present
from api.context import engine
from processes.ledger import balances
from processes.ledger.columns import AnyRow
from processes.ledger.field_actions import effectiveness, notices, responses, scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.reconciliation import Account, Reconciliation
from processes.ledger.genealogy import overview

LOTS_SHOWN = 500


def consignees(
    db: Connection, action: FieldAction, accounts: Reconciliation
) -> list[dict[str, Any]]:
    """Give every consignee with the newest notice, the ways it was tried, answer and check."""
    tenant = engine().tenant
    newest = {row.consignee_id: row for row in notices.of_action(db, tenant, action)}
    tried = defaultdict(list)
    for row in notices.deliveries_of_action(db, tenant, action):
        if row.consignee_id in newest and row.notice_id == newest[row.consignee_id].notice_id:
            tried[row.consignee_id].append(row)
    answers = {row.consignee_id: row for row in responses.of_action(db, tenant, action)}
    checks = _last_checks(db, action)
    of_each = defaultdict(list)
    for account in accounts.accounts:
        of_each[account.consignee_id].append(account)
    return [
        _consignee(
            row,
            newest.get(row.consignee_id),
            tried[row.consignee_id],
            answers.get(row.consignee_id),
            of_each[row.consignee_id],
        )
        | {"check": checks.get(row.consignee_number)}
        for row in scope.consignees_of(db, tenant, action)
    ]


def _consignee(
    row: AnyRow,
    notice: AnyRow | None,
    tried: list[AnyRow],
    answer: AnyRow | None,
    accounts: list[Account],
) -> dict[str, Any]:
    reached = next((each for each in tried if each.reached), None)
    return {
        "number": row.consignee_number,
        "name": row.name,
        "country": row.country,
        "market": row.market,
        "language": row.language,
        "tier": row.tier,
        "contact": row.contact,
        "phone": row.phone,
        "email": row.email,
        "state": _state(reached is not None, answer is not None, accounts),
        "notice_id": None if notice is None else str(notice.notice_id),
        "notice": None if notice is None else notice.notice_number,
        "attempts": len(tried),
        "reached_at": None if reached is None else present.time(reached.delivered_at),
        "channel": None if reached is None else reached.channel,
        "answered_at": None if answer is None else present.time(answer.responded_at),
        "answered_by": None if answer is None else answer.name,
    }


def _state(reached: bool, answered: bool, accounts: list[Account]) -> str:  # noqa: FBT001
    if answered:
        explained = all(each.answered and not each.unexplained for each in accounts)
        return "accounted" if explained else "answered"
    return "notified" if reached else "to_notify"


def _last_checks(db: Connection, action: FieldAction) -> dict[str, str]:
    """Give, for each consignee of the last round: asked, effective or not_effective."""
    tenant = engine().tenant
    rounds = effectiveness.samples_of(db, tenant, action)
    if not rounds:
        return {}
    number_of = {
        row.consignee_id: row.consignee_number for row in scope.consignees_of(db, tenant, action)
    }
    found: dict[str, str] = dict.fromkeys(rounds[-1].consignees, "asked")
    for row in effectiveness.checks_of(db, tenant, action):
        if row.round == rounds[-1].round:
            found[number_of[row.consignee_id]] = "effective" if row.effective else "not_effective"
    return found


def rounds(db: Connection, action: FieldAction) -> list[dict[str, Any]]:
    """Give the rounds of effectiveness checks with how many were asked and how it went."""
    tenant = engine().tenant
    checked: dict[int, list[bool]] = defaultdict(list)
    for row in effectiveness.checks_of(db, tenant, action):
        checked[row.round].append(row.effective)
    return [
        {
            "round": row.round,
            "level": row.level,
            "percent": row.percent,
            "population": row.population,
            "asked": len(row.consignees),
            "checked": len(checked[row.round]),
            "effective": sum(checked[row.round]),
            "drawn_at": present.time(row.drawn_at),
        }
        for row in effectiveness.samples_of(db, tenant, action)
    ]


def lots_in_reach(db: Connection, action: FieldAction) -> dict[str, Any]:
    """Give the lots with what still lies with us; the first of them where they are very many."""
    tenant = engine().tenant
    rows = scope.lots_of(db, tenant, action)
    shown = rows[:LOTS_SHOWN]
    ids = [row.lot_id for row in shown]
    known, held = overview.facts(db, tenant, ids), overview.held(db, tenant, ids)
    there = present.stock(balances.of_lots(db, tenant, ids), known)
    return {
        "total": len(rows),
        "items": [
            {
                "lot_id": str(row.lot_id),
                "lot_number": row.lot_number,
                "item_number": row.item_number,
                "item_names": present.names(known[row.lot_id].item_names, row.item_number),
                "extension": row.extension,
                "depth": row.depth,
                "on_hold": row.lot_id in held,
                "stock": there[row.lot_id],
            }
            for row in shown
        ],
    }
