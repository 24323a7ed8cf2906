"""Effectiveness checks: a sample of consignees by level, drawn from a seed that is kept.

Level A asks everybody, B a share that RA sets, C 10 %, D 2 %, E nobody (21 CFR 7.42(b)(3)). The
percentages are the customer's document; the check is made by somebody else than the coordinator.
"""

import math
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert

from engine.services import ServiceContext
from processes.ledger.columns import AnyRow, rows_of
from processes.ledger.field_actions import scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_actions.tables import effectiveness_check, effectiveness_sample

_SAMPLES = rows_of(effectiveness_sample, "field_action_id", "round")
_CHECKS = rows_of(effectiveness_check, "field_action_id", "round", "checked_at")
_INSERT_SAMPLE = insert(effectiveness_sample)
_INSERT_CHECK = insert(effectiveness_check)
QUESTIONS = ("received", "understood", "acted", "none_found", "passed_on")
"""When each is answered with yes, the action reached this consignee."""


def sample(numbers: Sequence[str], percent: int, seed: str) -> list[str]:
    """Draw the consignees to ask: the same numbers and seed give the same sample anywhere."""
    population = sorted(numbers)
    size = min(len(population), math.ceil(len(population) * percent / 100))
    drawn = random.Random(seed).sample(population, size)  # noqa: S311  # repeatable on purpose
    return sorted(drawn)


def draw(
    context: ServiceContext, action: FieldAction, *, level: str, percent: int
) -> tuple[int, list[str]]:
    """Draw the next round's sample; give its number and the consignees to ask."""
    reached = scope.consignees_of(context.db, context.tenant_id, action)
    numbers = [row.consignee_number for row in reached]
    seed = context.new_id().hex
    drawn = sample(numbers, percent, seed)
    number = len(samples_of(context.db, context.tenant_id, action)) + 1
    row = {
        "tenant_id": context.tenant_id,
        "field_action_id": action.field_action_id,
        "round": number,
        "level": level,
        "percent": percent,
        "population": len(numbers),
        "seed": seed,
        "consignees": drawn,
        "drawn_at": context.now,
    }
    context.db.execute(_INSERT_SAMPLE, row)
    context.record(
        {
            "event": "effectiveness.sample_drawn",
            "field_action": action.number,
            "round": number,
            "level": level,
            "percent": percent,
            "population": len(numbers),
            "seed": seed,
            "consignees": drawn,
        }
    )
    return number, drawn


def check(
    context: ServiceContext,
    action: FieldAction,
    round_number: int,
    consignee_number: str,
    answers: Mapping[str, Any],
) -> bool:
    """Keep the answers of a consignee; tell whether the action reached it."""
    person = scope.consignee_of(context.db, context.tenant_id, action, consignee_number)
    effective = all(answers.get(question) is True for question in QUESTIONS)
    row = {
        "tenant_id": context.tenant_id,
        "field_action_id": action.field_action_id,
        "round": round_number,
        "consignee_id": person.consignee_id,
        "effective": effective,
        "answers": dict(answers),
        "actor": context.actor.username,
        "checked_at": context.now,
    }
    context.db.execute(_INSERT_CHECK, row)
    context.record(
        {
            "event": "effectiveness.checked",
            "field_action": action.number,
            "round": round_number,
            "consignee": consignee_number,
            "effective": effective,
        }
    )
    return effective


def samples_of(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List the samples of an action, by round."""
    return list(db.execute(_SAMPLES, _key(tenant_id, action)))


def checks_of(db: Connection, tenant_id: str, action: FieldAction) -> list[AnyRow]:
    """List the checks of an action, by round."""
    return list(db.execute(_CHECKS, _key(tenant_id, action)))


def percent_asked(action: FieldAction, rules: Mapping[str, Any]) -> int:
    """Give the share of consignees that the action's level asks for, in %; for B the plan's own.

    `rules` is the document `field_action_rules`; without a level nothing is asked for.
    """
    if action.level is None:
        return 0
    if action.level == "B" and action.plan.get("percent"):
        return int(str(action.plan["percent"]))
    return int(rules["percent_of_level"][action.level])


def demanded(db: Connection, tenant_id: str, action: FieldAction, rules: Mapping[str, Any]) -> int:
    """Count the consignees that the level wants asked, of those in reach now."""
    people = len(scope.consignees_of(db, tenant_id, action))
    return math.ceil(people * percent_asked(action, rules) / 100)


def missing(db: Connection, tenant_id: str, action: FieldAction, rules: Mapping[str, Any]) -> int:
    """Count the checks still to be made: of the last sample, or all that the level wants."""
    rounds = samples_of(db, tenant_id, action)
    if not rounds or not rounds[-1].consignees:
        return demanded(db, tenant_id, action, rules)
    done = [row for row in checks_of(db, tenant_id, action) if row.round == rounds[-1].round]
    return len(rounds[-1].consignees) - len(done)


def percent_effective(db: Connection, tenant_id: str, action: FieldAction) -> Decimal | None:
    """Give the share of the last round that the action reached; None where nobody was asked."""
    rounds = samples_of(db, tenant_id, action)
    if not rounds or not rounds[-1].consignees:
        return None
    asked = [row for row in checks_of(db, tenant_id, action) if row.round == rounds[-1].round]
    reached = sum(1 for row in asked if row.effective)
    share = Decimal(reached) * 100 / Decimal(len(rounds[-1].consignees))
    return share.quantize(Decimal("0.1"))


def _key(tenant_id: str, action: FieldAction) -> dict[str, object]:
    return {"tenant_id": tenant_id, "field_action_id": action.field_action_id}
