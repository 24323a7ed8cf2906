"""What the service task of an offline conflict does: the engine is told what was decided."""

from collections.abc import Mapping
from typing import Any

from engine.commands import device_commands
from engine.services import ServiceContext, ServiceRegistry
from processes.values import context_of, text

SERVICES = ServiceRegistry()


@SERVICES.service("offline.rule")
def rule(context: ServiceContext, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Have the envelope carried out after all, or kept as evidence; a loss is only noted."""
    decision = context_of(inputs["decision"])
    envelope = text(inputs.get("envelope"))
    choice, reason = str(decision["choice"]), str(decision["reason"])
    if envelope is None:
        device = str(inputs["device"])
        context.record({"event": "device.loss_noted", "device": device, "reason": reason})
        return {"choice": choice}
    device_commands.rule(context, envelope, apply_it=choice == "apply", reason=reason)
    return {"choice": choice}
