"""Who may ask what: the customer's document "permissions", and nothing that is not in it.

{"CompleteWorkItem": ["*"], "DeployDefinition": ["ADM"], "FireTimer": ["engine"]}: role codes, "*"
for every person who is signed in, "engine" for the engine's own actors. A command that the
document does not name is refused. Whether a work item is the person's own is the command's matter.
"""

from collections.abc import Mapping, Sequence

from engine.actors import Actor
from engine.outcomes import Reason, Rejection

Permissions = Mapping[str, Sequence[str]]

BEFORE_PERMISSIONS: Permissions = {"ChangeConfiguration": ["engine"]}
"""In force while a tenant has no document "permissions": the installation may write one."""


def may(permissions: Permissions, command_name: str, actor: Actor) -> bool:
    """Tell whether the actor may ask for commands of this name."""
    allowed = permissions.get(command_name, ())
    if not actor.is_person:
        return "engine" in allowed
    return "*" in allowed or not actor.roles.isdisjoint(allowed)


def require(permissions: Permissions, command_name: str, actor: Actor) -> None:
    """Refuse what the actor may not ask."""
    if may(permissions, command_name, actor):
        return
    allowed = ", ".join(permissions.get(command_name, ())) or "nobody"
    raise Rejection(
        Reason.NOT_ALLOWED,
        {
            "en": f"Your roles do not include this. It takes: {allowed}. Ask your administrator.",
            "zh": f"您的角色无权执行此操作。需要的角色：{allowed}。请联系管理员。",
        },
        expected=allowed,
        found=", ".join(sorted(actor.roles)) or actor.username,
    )
