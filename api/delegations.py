"""What a person does for others, and others for them: listed on the account's page."""

from typing import Any

from flask import Response
from sqlalchemy import Connection

from api import access, present, wire
from api.blueprints import Blueprint
from api.context import account, engine, json_answer
from engine.identities import accounts, delegations
from engine.identities.delegations import Delegation

blueprint = Blueprint(
    "delegations", __name__, url_prefix="/api/delegations", description="Delegations"
)


def held(db: Connection) -> dict[str, Delegation]:
    """Give what who is signed in does for others now, by role."""
    now = engine().dispatcher.clock()
    return delegations.in_force(db, engine().tenant, account().account_id, now)


def working_roles(db: Connection) -> list[str]:
    """Give the roles whose work who is signed in sees: their own, and those that they stand in."""
    return sorted(account().roles | held(db).keys())


@blueprint.route("")
@access.signed_in
@blueprint.response(200, wire.Anything)
def listing() -> Response:
    """List one's delegations, given and taken, and the colleagues that work can be given to."""
    person, tenant = account(), engine().tenant
    now = engine().dispatcher.clock()
    with engine().database.reading() as db:
        found = delegations.of_account(db, tenant, person.account_id)
        others = [
            each
            for each in accounts.all_accounts(db, tenant)
            if each.active and each.account_id != person.account_id
        ]
    return json_answer(
        {
            "delegations": [_shown(each, now) for each in found],
            "people": [
                {
                    "username": each.username,
                    "names": present.names(each.names, each.username),
                    "roles": sorted(each.roles),
                }
                for each in others
            ],
        }
    )


def _shown(each: Delegation, now: Any) -> dict[str, Any]:
    return {
        "delegation_id": str(each.delegation_id),
        "role": each.role,
        "given": each.from_account_id == account().account_id,
        "from": present.names(each.from_names, each.from_username),
        "to": present.names(each.to_names, each.to_username),
        "starts_at": present.time(each.starts_at),
        "ends_at": present.time(each.ends_at),
        "reason": each.reason,
        "in_force": each.in_force(now),
        "over": each.ended_at is not None or each.ends_at <= now,
    }
