"""Whether who asks may do a step beside having its role: trained for it (cs:training), and at a
device of the kind that it is done at (cs:deviceClass)."""

from engine.commands.context import CommandContext
from engine.definitions.model import Activity
from engine.outcomes import Reason, Rejection

STATIONS = "stations"
"""The customer's document: the classes of devices, and the class of each station by its name."""


def require_trained(context: CommandContext, activity: Activity) -> None:
    """Refuse a person who lacks a training that the step asks for, on this day."""
    for training in activity.training:
        context.resources.trainings.require(
            context.db,
            context.documents,
            tenant_id=context.tenant_id,
            username=context.actor.username,
            training=training,
            at=context.at,
        )


def require_device(context: CommandContext, activity: Activity) -> None:
    """Refuse a step at a device of a class that it is not done at.

    A command names the station that it was given at; which class that is, the customer's document
    says. A station that nobody entered has no class.
    """
    if not activity.device_class:
        return
    document = context.documents.get(STATIONS, {})
    station = context.command.device or ""
    found = document.get("stations", {}).get(station)
    if found in activity.device_class:
        return
    classes = document.get("classes", {})
    asked = {
        language: joined.join(
            classes.get(each, {}).get("names", {}).get(language, each)
            for each in activity.device_class
        )
        for language, joined in (("en", " or "), ("zh", "或"))
    }
    where = (
        {"en": f"This device, {station}, is none", "zh": f"当前设备“{station}”不符"}
        if station
        else {"en": "This device names no station", "zh": "当前设备未设置工位名称"}
    )
    raise Rejection(
        Reason.NOT_QUALIFIED,
        {
            "en": f"This step is done at: {asked['en']}. {where['en']}. Go to such a device, or "
            "have its station entered in the settings and in the list of stations.",
            "zh": f"本步骤须在以下设备上完成：{asked['zh']}。{where['zh']}。"
            "请改用符合要求的设备，或在设置和工位清单中登记该工位。",
        },
        expected=" ".join(activity.device_class),
        found=found or station,
    )
