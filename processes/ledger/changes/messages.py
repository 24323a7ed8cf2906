"""What the book tells a waiting change: put into the outbox, so that its instance hears it once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from engine.commands.instance import encode_variables
from engine.services import ServiceContext
from engine.store.tables import outbox

USED_UP = "temporary.used_up"
LOTS_REACHED = "change.lots_reached"
OLD_STOCK = "change.old_stock"
_SEND = insert(outbox)


def tell(
    context: ServiceContext, name: str, change_number: str, payload: Mapping[str, Any]
) -> None:
    """Send a message to the instance of a change; its payload names the change too."""
    told = {"change": change_number, **payload}
    row = {
        "tenant_id": context.tenant_id,
        "outbox_id": context.new_id(),
        "kind": "message",
        "name": name,
        "correlation": change_number,
        "payload": encode_variables(told),
        "source_instance_id": None,
        "status": "pending",
        "attempts": 0,
        "due_at": context.now,
        "created_at": context.now,
    }
    context.db.execute(_SEND, row)
    context.record({"event": "change.told", "message": name, **told})
