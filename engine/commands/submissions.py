"""What a person gave for a form: checked by the very form they saw, before anything follows."""

from collections.abc import Mapping
from typing import Any

from engine.commands.context import CommandContext
from engine.definitions.model import Activity
from engine.outcomes import FieldProblem, Reason, Rejection
from engine.store import contents
from forms import FormErrors


def validated(
    context: CommandContext,
    activity: Activity,
    data: Mapping[str, Any],
    *,
    known: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Check data against the activity's form; give the record (as signed) and the variables.

    `known` are the variables that the form sees beside its fields. Rejection names every field
    that is wrong.
    """
    if activity.form_hash is None:
        if data:
            raise Rejection(
                Reason.INVALID_DATA,
                {"en": "This step takes no data.", "zh": "此步骤无需填写数据。"},
            )
        return {}, {}
    form = context.catalogue.form(context.db, context.tenant_id, activity.form_hash)
    try:
        valid = form.validate(data, context=known, now=context.at)
    except FormErrors as errors:
        problems = tuple(
            FieldProblem(path=e.path, code=e.code, message=e.message) for e in errors.errors
        )
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "Some fields need your attention; nothing was saved yet.",
                "zh": "部分字段需要更正，数据尚未提交。",
            },
            errors=problems,
        ) from errors
    _require_attachments(context, valid.attachments)
    return dict(valid.record), dict(valid.values)


def as_variables(activity: Activity, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give submitted data as the variables it becomes."""
    return record if activity.result is None else {activity.result: record}


def _require_attachments(context: CommandContext, digests: tuple[str, ...]) -> None:
    """Refuse a record that names files which never arrived."""
    missing = [
        digest
        for digest in digests
        if not contents.is_stored(context.db, context.tenant_id, bytes.fromhex(digest))
    ]
    if missing:
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "A photo or file has not reached the server yet. Send it again.",
                "zh": "有照片或文件尚未上传到服务器，请重新发送。",
            },
            found=", ".join(missing),
        )
