"""Keep a photograph or a certificate under the hash of its content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.outcomes import Reason, Rejection
from engine.store import contents


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAttachment(Command):
    """Store a file; `sha256` is the hash that the device made before sending."""

    sha256: str
    media_type: str
    data: bytes = field(repr=False)


SIGNATURES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}
"""Accepted kinds of files, and how their bytes begin: the name alone proves nothing."""


def store(context: CommandContext, command: StoreAttachment) -> Mapping[str, Any]:
    limit = int(context.configuration("security_policy")["attachment_bytes"])
    if len(command.data) > limit:
        raise Rejection(
            Reason.TOO_LARGE,
            {"en": "The file is too large.", "zh": "文件过大。"},
            expected=f"at most {limit} bytes",
            found=str(len(command.data)),
        )
    begins = SIGNATURES.get(command.media_type)
    if begins is None or not command.data.startswith(begins):
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "Only photos (JPEG, PNG, WebP) and PDF files can be attached.",
                "zh": "只能附加照片（JPEG、PNG、WebP）或 PDF 文件。",
            },
            found=command.media_type,
        )
    digest = contents.content_hash(command.data)
    if digest.hex() != command.sha256:
        raise Rejection(
            Reason.INVALID_DATA,
            {
                "en": "The file arrived damaged. Send it again.",
                "zh": "文件在传输中损坏，请重新发送。",
            },
            expected=command.sha256,
            found=digest.hex(),
        )
    contents.store(
        context.db,
        tenant_id=context.tenant_id,
        data=command.data,
        media_type=command.media_type,
        at=context.at,
        by=context.actor.account_id,
    )
    event = {"event": "attachment.stored", "sha256": command.sha256}
    context.record("attachments", {**event, "size": len(command.data)})
    return {"sha256": command.sha256, "size": len(command.data), "mime": command.media_type}
