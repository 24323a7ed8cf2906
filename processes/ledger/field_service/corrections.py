"""Field corrections: a recall asks for the correction of each device in reach, by serial number.

Each device is asked for once (`service.requested`), also when the strategy is planned again. What
was corrected is accounted for in the field action by the order that did it, when it is closed.
"""

from sqlalchemy import bindparam, select

from engine.commands.messages import send
from engine.identifiers import derived_id
from engine.services import ServiceContext
from engine.store.tables import outbox
from processes.ledger.field_actions import scope
from processes.ledger.field_actions.actions import FieldAction
from processes.ledger.field_service.maintenance import ASK

SOURCE = "recall"
_ASKED = (
    select(outbox.c.outbox_id)
    .where(outbox.c.tenant_id == bindparam("tenant_id"))
    .where(outbox.c.outbox_id == bindparam("outbox_id"))
)


def ask(context: ServiceContext, action: FieldAction, instructions: str) -> list[str]:
    """Ask field service for each device of an action that a consignee has; give their numbers.

    An exercise asks for nothing.
    """
    if action.is_mock:
        return []
    asked = []
    customers = {
        row.consignee_id: row.consignee_number
        for row in scope.consignees_of(context.db, context.tenant_id, action)
    }
    for line in scope.lines_of(context.db, context.tenant_id, action):
        if line.serial_number is None:
            continue
        number = f"{action.number}/{line.item_number}/{line.serial_number}"
        outbox_id = derived_id(ASK, context.tenant_id, number)
        key = {"tenant_id": context.tenant_id, "outbox_id": outbox_id}
        if context.db.execute(_ASKED, key).first() is not None:
            continue
        payload = {
            "request_number": number,
            "kind": "correction",
            "item_number": line.item_number,
            "serial_number": line.serial_number,
            "consignee": customers[line.consignee_id],
            "description": instructions,
            "source_kind": SOURCE,
            "source_number": action.number,
        }
        said = send(
            context.db,
            tenant_id=context.tenant_id,
            outbox_id=outbox_id,
            name=ASK,
            correlation=number,
            payload=payload,
            at=context.now,
        )
        context.record({"event": "message.published", **said})
        asked.append(number)
    return asked
