"""RC-05: what must be so before an action is closed, counted from the book."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from processes.ledger.columns import AnyRow
from processes.ledger.field_actions import (
    effectiveness,
    notices,
    reconciliation,
    recoveries,
    reports,
    responses,
    scope,
)
from processes.ledger.field_actions.actions import FieldAction

SEVERE = ("I", "fsca_public_health_threat")


def is_severe(action: FieldAction) -> bool:
    """Tell whether a class in force in any region is the severe one."""
    return any(action.class_in_force(region) in SEVERE for region in action.classes)


def facts(
    db: Connection, tenant_id: str, action: FieldAction, rules: dict[str, Any]
) -> dict[str, Any]:
    """Give what RC-05 asks, with the names of what is still open."""
    people = scope.consignees_of(db, tenant_id, action)
    sent = notices.of_action(db, tenant_id, action)
    attempts = notices.deliveries_of_action(db, tenant_id, action)
    answered = {row.consignee_id for row in responses.of_action(db, tenant_id, action)}
    newest = {row.consignee_id: row for row in sent}
    reached = {
        row.consignee_id
        for row in attempts
        if row.reached and row.notice_id == newest[row.consignee_id].notice_id
    }
    not_notified = [p.consignee_number for p in people if p.consignee_id not in reached]
    silent = [p for p in people if p.consignee_id not in answered]
    given_up = {p.consignee_id for p in silent if _tried(action, attempts, p.consignee_id, rules)}
    open_answers = [p.consignee_number for p in silent if p.consignee_id not in given_up]
    accounts = reconciliation.of_action(db, tenant_id, action)
    prepared = reports.of_action(db, tenant_id, action)
    unsent = [row.report_number for row in prepared if not reports.is_accepted(row)]
    targets = rules["reconciliation_target"]
    return {
        "not_notified": not_notified,
        "response_percent": _share(len(answered & {p.consignee_id for p in people}), len(people)),
        "not_answered": open_answers,
        "given_up": len(given_up),
        "reconciliation_percent": accounts.percent,
        "reconciliation_target": targets["I"] if is_severe(action) else targets["other"],
        "unexplained": [
            f"{each.consignee_number} {each.lot_number}"
            for each in accounts.unexplained
            if each.consignee_id not in given_up or each.unexplained
        ],
        "effectiveness_percent": effectiveness.percent_effective(db, tenant_id, action),
        "effectiveness_target": rules["effectiveness_target"],
        "checks_demanded": effectiveness.demanded(db, tenant_id, action, rules),
        "checks_missing": effectiveness.missing(db, tenant_id, action, rules),
        "not_disposed": [row["lot"] for row in recoveries.awaiting(db, tenant_id, action)],
        "reports_open": [] if action.is_mock else unsent,
        "root_cause": action.plan.get("root_cause") is not None,
    }


def _tried(
    action: FieldAction, attempts: list[AnyRow], consignee_id: UUID, rules: dict[str, Any]
) -> bool:
    """Three documented attempts by two channels; for the severe class a visit among them."""
    mine = [row for row in attempts if row.consignee_id == consignee_id]
    channels = {row.channel for row in mine}
    enough = (
        len(mine) >= rules["attempts_before_giving_up"]
        and len(channels) >= rules["channels_before_giving_up"]
    )
    return enough and (not is_severe(action) or "visit" in channels)


def _share(part: int, whole: int) -> Decimal:
    if whole == 0:
        return Decimal(100)
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"))
