"""Keep a photograph or a certificate under the hash of its content; large ones come in parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from engine.commands.base import Command
from engine.commands.context import CommandContext
from engine.outcomes import Reason, Rejection
from engine.store import contents, parts


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAttachment(Command):
    """Store a file; `sha256` is the hash that the device made before sending."""

    sha256: str
    media_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAttachmentPart(Command):
    """Keep a part of a file that is on its way. It is no record yet: it is not on the trail.

    `sha256` is the hash of the whole, `part` that of `data`.
    """

    sha256: str
    part: str
    data: bytes = field(repr=False)


LARGEST_PART = 1024 * 1024
"""Bytes. What a poor connection carries in one go, and what is lost when it breaks."""
MOST_UNFINISHED = 10
"""Files of the largest size that a person may have on their way at once."""
UNFINISHED_DAYS = 30
"""How long a device may be without a network in the middle of a file."""

SIGNATURES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF-",),
}
"""Accepted kinds of files, and how their bytes begin: the name alone proves nothing."""


def store_part(context: CommandContext, command: StoreAttachmentPart) -> Mapping[str, Any]:
    limit = int(context.configuration("security_policy")["attachment_bytes"])
    tenant_id, account_id = context.tenant_id, context.actor.account_id
    if len(command.data) > LARGEST_PART:
        raise _too_large(LARGEST_PART, len(command.data))
    part = contents.content_hash(command.data)
    if part.hex() != command.part:
        raise _damaged(command.part, part.hex())
    parts.forget_old(context.db, tenant_id, context.at - timedelta(days=UNFINISHED_DAYS))
    whole = bytes.fromhex(command.sha256)
    if part not in parts.there(context.db, tenant_id, whole):
        unfinished = parts.size_by(context.db, tenant_id, account_id) + len(command.data)
        if unfinished > MOST_UNFINISHED * limit:
            raise _too_large(MOST_UNFINISHED * limit, unfinished)
        parts.keep(context.db, tenant_id, whole, part, command.data, at=context.at, by=account_id)
    return {"part": command.part}


def _too_large(limit: int, size: int) -> Rejection:
    return Rejection(
        Reason.TOO_LARGE,
        {"en": "The file is too large.", "zh": "文件过大。"},
        expected=f"at most {limit} bytes",
        found=str(size),
    )


def _damaged(expected: str, found: str) -> Rejection:
    return Rejection(
        Reason.INVALID_DATA,
        {
            "en": "The file arrived damaged. Send it again.",
            "zh": "文件在传输中损坏，请重新发送。",
        },
        expected=expected,
        found=found,
    )


def store(context: CommandContext, command: StoreAttachment) -> Mapping[str, Any]:
    limit = int(context.configuration("security_policy")["attachment_bytes"])
    if len(command.data) > limit:
        raise _too_large(limit, len(command.data))
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
        raise _damaged(command.sha256, digest.hex())
    contents.store(
        context.db,
        tenant_id=context.tenant_id,
        data=command.data,
        media_type=command.media_type,
        at=context.at,
        by=context.actor.account_id,
    )
    parts.forget(context.db, context.tenant_id, digest)
    event = {"event": "attachment.stored", "sha256": command.sha256}
    context.record("attachments", {**event, "size": len(command.data)})
    return {"sha256": command.sha256, "size": len(command.data), "mime": command.media_type}
