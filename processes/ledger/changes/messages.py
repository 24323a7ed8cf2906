"""What the book tells a waiting change: put into the outbox, so that its instance hears it once."""

from collections.abc import Mapping
from typing import Any

from engine.commands.messages import send
from engine.services import ServiceContext

USED_UP = "temporary.used_up"
LOTS_REACHED = "change.lots_reached"
OLD_STOCK = "change.old_stock"


def tell(
    context: ServiceContext, name: str, change_number: str, payload: Mapping[str, Any]
) -> None:
    """Send a message to the instance of a change; its payload names the change too."""
    said = send(
        context.db,
        tenant_id=context.tenant_id,
        outbox_id=context.new_id(),
        name=name,
        correlation=change_number,
        payload={"change": change_number, **payload},
        at=context.now,
    )
    context.record({"event": "message.thrown", **said})
