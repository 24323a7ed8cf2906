"""Who may ask what: the customer's document "permissions", and nothing that is not in it.

{"CompleteWorkItem": ["*"], "DeployDefinition": ["ADM"], "FireTimer": ["engine"]}: role codes, "*"
for every person who is signed in, "engine" for the engine's own actors. A command that the
document does not name is refused. Whether a work item is the person's own is the command's matter.

What differs from process to process is said under a name of its own, which counts for that process
instead: {"CancelProcessInstance": ["QA"], "CancelProcessInstance:recall": ["RCC", "QA"]}.
"""

from collections.abc import Mapping, Sequence

from engine.actors import Actor
from engine.outcomes import Reason, Rejection

Permissions = Mapping[str, Sequence[str]]

BEFORE_PERMISSIONS: Permissions = {"ChangeConfiguration": ["engine"]}
"""In force while a tenant has no document "permissions": the installation may write one."""


def may(
    permissions: Permissions, command_name: str, actor: Actor, *, process_id: str | None = None
) -> bool:
    """Tell whether the actor may ask for commands of this name: of a process, or of any at all."""
    allowed = _allowed(permissions, command_name, process_id)
    if not actor.is_person:
        return "engine" in allowed
    return "*" in allowed or not actor.roles.isdisjoint(allowed)


def _allowed(permissions: Permissions, command_name: str, process_id: str | None) -> Sequence[str]:
    if process_id is not None:
        usual = permissions.get(command_name, ())
        return permissions.get(f"{command_name}:{process_id}", usual)
    of_process = f"{command_name}:"
    named = [
        roles
        for key, roles in permissions.items()
        if key == command_name or key.startswith(of_process)
    ]
    return list(dict.fromkeys(role for roles in named for role in roles))


def require(
    permissions: Permissions, command_name: str, actor: Actor, *, process_id: str | None = None
) -> None:
    """Refuse what the actor may not ask: of this process, or of any at all."""
    if may(permissions, command_name, actor, process_id=process_id):
        return
    allowed = ", ".join(_allowed(permissions, command_name, process_id)) or "nobody"
    raise Rejection(
        Reason.NOT_ALLOWED,
        {
            "en": f"Your roles do not include this. It takes: {allowed}. Ask your administrator.",
            "zh": f"您的角色无权执行此操作。需要的角色：{allowed}。请联系管理员。",
        },
        expected=allowed,
        found=", ".join(sorted(actor.roles)) or actor.username,
    )
