"""Only through change control: commands that change what is released are refused outside a change.

The customer's document `master_data_control` says what is under control and whether it is enforced.
Before go-live the product's own actors (installation, demo, import, command line) fill the book;
a person never does so past a change order. At go-live `live` becomes true, on the record, and from
then on nobody does. Restricting is always free: blocking a supplier does not wait for a board.
A deployment names the change that released it, and neither who asked for that change nor who
approved it deploys.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from engine.commands.base import CommandRegistry
from engine.commands.context import CommandContext
from engine.outcomes import Reason, Rejection
from engine.services import ServiceContext
from processes.ledger import site_days
from processes.ledger.changes import affected, orders

DOCUMENT = "master_data_control"
INSTALLATION = "engine:installation"
REGISTER = "ledger"

Change = Callable[[Any], str | None]
"""Of a command: the kind of object that it changes, None when it changes nothing released."""

_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "item": ("Released items", "已批准的物料"),
        "inspection_plan": ("Inspection plans", "检验方案"),
        "supplier": ("Suppliers", "供应商"),
        "approved_supply": ("The approved supplier list", "合格供方名录"),
        "bill_of_materials": ("Bills of materials", "物料清单"),
        "configuration": ("Rules and thresholds", "规则与限值"),
        "definition": ("Processes", "流程"),
    }
)

CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "RegisterItem": lambda command: None if command.item.status == "draft" else "item",
        "ReleaseItem": lambda command: "item",  # noqa: ARG005
        "MergeItemNumbers": lambda command: "item",  # noqa: ARG005
        "ImportItems": lambda command: "item" if _imports_released(command) else None,
        "RegisterSupplier": lambda command: None if command.status == "candidate" else "supplier",
        "SetSupplierStatus": lambda command: None if command.status == "blocked" else "supplier",
        "ApproveSupply": lambda command: "approved_supply",  # noqa: ARG005
        "RegisterInspectionPlan": lambda command: "inspection_plan",  # noqa: ARG005
        "RegisterBom": lambda command: "bill_of_materials",  # noqa: ARG005
    }
)


class OnlyThroughChange(Rejection):
    """What is released changes only through a change order."""

    def __init__(self, kind: str, found: str | None = None) -> None:
        en, zh = _NAMES[kind]
        super().__init__(
            Reason.NOT_ALLOWED,
            {
                "en": f"{en} change only through change control. Request a change and name what is "
                "to be different; its release brings it into force.",
                "zh": f"{zh}只能通过变更控制更改。请提出变更申请并写明更改内容，变更发布后生效。",
            },
            expected="a change order",
            found=found,
        )


class ChangeDoesNotAllowIt(Rejection):
    """A deployment names the change that released exactly this package."""

    def __init__(self, process_id: str, package: str, change: str) -> None:
        super().__init__(
            Reason.NOT_ALLOWED,
            {
                "en": f"{change} has not released this version of {process_id} "
                f"({package[:12]}…), or its day has not come. Deploy what the change names, or "
                "request a change for this version.",
                "zh": f"{change} 未发布 {process_id} 的这一版本（{package[:12]}…），"
                "或生效日期未到。请部署变更单所列版本，或为该版本提出变更。",
            },
            expected=package,
            found=change,
        )


class DeployerTookPart(Rejection):
    """Author, approver and deployer are different people."""

    def __init__(self, change: str, username: str) -> None:
        super().__init__(
            Reason.SEGREGATION_OF_DUTIES,
            {
                "en": f"You requested or approved {change}; somebody else deploys it.",
                "zh": f"{change} 由您提出或批准，须由他人部署。",
            },
            found=username,
        )


def guard(known: CommandRegistry) -> None:
    """Put the commands that change what is released under change control."""
    for name, kind_of in CHANGES.items():
        known.surround(name, _guarded(kind_of))
    known.surround("ChangeConfiguration", _configure)
    known.surround("DeployDefinition", _deploy)


def is_free(context: CommandContext, kind: str) -> bool:
    """Tell whether the actor may change a kind of object without a change order."""
    document: Mapping[str, Any] = context.documents.get(DOCUMENT, {})
    if document.get("enforced") is not True or document.get("objects", {}).get(kind) is False:
        return True
    return document.get("live") is not True and not context.actor.is_person


def _guarded(kind_of: Change) -> Any:
    def check(context: CommandContext, command: Any, carry_out: Any) -> Any:
        kind = kind_of(command)
        if kind is not None and not is_free(context, kind):
            raise OnlyThroughChange(kind)
        return carry_out(context, command)

    return check


def _imports_released(command: Any) -> bool:
    new = [getattr(record, "item", None) for record in command.records]
    return any(each is not None and each.status != "draft" for each in new)


def _configure(context: CommandContext, command: Any, carry_out: Any) -> Any:
    """The installation brings first versions of documents that a new release needs."""
    free = context.documents.get(DOCUMENT, {}).get("free_configuration", ())
    first = command.key not in context.documents and context.actor.username == INSTALLATION
    if not (first or command.key in free or is_free(context, "configuration")):
        raise OnlyThroughChange("configuration", found=command.key)
    return carry_out(context, command)


def _deploy(context: CommandContext, command: Any, carry_out: Any) -> Any:
    definition = context.prepared
    if command.change is None:
        if not is_free(context, "definition"):
            raise OnlyThroughChange("definition", found=definition.process_id)
        return carry_out(context, command)
    _require_released(context, command.change, definition.process_id, definition.hash)
    service = _service_context(context)
    affected.deployed(service, command.change, definition.process_id, definition.hash)
    return carry_out(context, command)


def _require_released(
    context: CommandContext, change_number: str, process_id: str, package: str
) -> None:
    change = orders.by_number(context.db, context.tenant_id, change_number)
    released = affected.authorised_definition(
        context.db,
        context.tenant_id,
        change.number,
        process_id,
        package,
        site_days.day_of(context.configuration, context.at),
    )
    if released is None:
        raise ChangeDoesNotAllowIt(process_id, package, change.number)
    took_part = {change.requested_by} | {
        each.actor
        for each in orders.decisions(context.db, context.tenant_id, change.change_id)
        if each.signature_meaning in ("APPR", "REL")
    }
    if context.actor.is_person and context.actor.username in took_part:
        raise DeployerTookPart(change.number, context.actor.username)


def _service_context(context: CommandContext) -> ServiceContext:
    def record(event: dict[str, Any]) -> None:
        context.record(REGISTER, event)

    return ServiceContext(
        db=context.db,
        tenant_id=context.tenant_id,
        now=context.at,
        actor=context.actor,
        command_id=context.command.command_id,
        process_instance_id=None,
        activity_id=None,
        record=record,
        configuration=context.configuration,
        new_id=context.new_id,
    )
