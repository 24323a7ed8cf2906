"""A signature is a person's: proven again with name and password, bound to what was shown.

21 CFR 11.200(a)(1): two components at each signing; 11.70: linked to its record; 11.50: printed
name, time and meaning. The password is checked before the transaction opens (it costs 18 ms);
failures are counted on the account and lock signing at the customer's limit.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.actors import Actor, Credential
from engine.canonical import canonical_bytes, domain_hash, instant_text
from engine.identities import accounts, passwords
from engine.outcomes import Consequence, Reason, Rejection

RECORD_DOMAIN = "countersign-record-v1"
LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRequest:
    """What the signing dialog sends: who signs, proven by password, and what they were shown.

    `shown_hash` is the hex SHA-256 of the record as the device showed it; `language` is the one
    that it was shown in.
    """

    username: str
    password: str
    meaning: str
    shown_hash: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The acting person, who proved again who they are, just now."""

    signer: Actor
    meaning: str
    shown_hash: str
    language: str


def authenticate(preparation: Any, request: SignatureRequest) -> Verified:
    """Check name and password of a signature; refused with a consequence when they are wrong.

    Only the person who is signed in can sign, in their own name.
    """
    actor: Actor = preparation.actor
    credential = credential_of(preparation)
    matches = passwords.verify_password(credential.password_hash, request.password)
    if not matches or request.username.strip().lower() != actor.username:
        raise Rejection(
            Reason.SIGNATURE_REFUSED,
            {
                "en": "Name or password is not right. The step is still open; nothing was signed.",
                "zh": "用户名或密码不正确。该步骤仍未完成，未产生签名。",
            },
            consequence=count_failure(actor),
        )
    return Verified(
        signer=actor,
        meaning=request.meaning,
        shown_hash=request.shown_hash,
        language=request.language if request.language in LANGUAGES else LANGUAGES[0],
    )


def _require_unlocked(locked_at: datetime | None) -> None:
    if locked_at is None:
        return
    raise Rejection(
        Reason.SIGNING_LOCKED,
        {
            "en": "Signing is locked for you after too many wrong passwords. "
            "Ask your administrator to unlock it.",
            "zh": "由于密码错误次数过多，您的签名功能已锁定，请联系管理员解锁。",
        },
        found=instant_text(locked_at),
    )


def credential_of(preparation: Any) -> Credential:
    """Give what the acting person proves themselves with; refused when they are locked."""
    actor: Actor = preparation.actor
    credential = actor.credential or _read_credential(preparation, actor)
    _require_unlocked(credential.signing_locked_at)
    return credential


def _read_credential(preparation: Any, actor: Actor) -> Credential:
    account = None
    if actor.account_id is not None:
        with preparation.database.reading() as db:
            account = accounts.find_by_id(db, actor.tenant_id, actor.account_id)
    if account is None:
        raise Rejection(
            Reason.NOT_ALLOWED,
            {"en": "Only a person can sign.", "zh": "只有自然人可以签名。"},
            found=actor.username,
        )
    found = account.actor().credential
    assert found is not None  # every account has one
    return found


def count_failure(actor: Actor) -> Consequence:
    """Count a wrong password against the person who is signed in; lock signing at the limit."""

    def count(context: Any) -> None:
        if actor.account_id is None:
            return
        counted = accounts.count_signature_failure(context.db, actor.tenant_id, actor.account_id)
        if counted is None:
            return
        failed, locked_at = counted
        limit = int(context.configuration("security_policy")["signature_attempts"])
        event = {"account": actor.account_id, "failed": failed}
        context.record("security", {"event": "signature.refused", **event})
        if locked_at is None and failed >= limit:
            accounts.lock_signing(context.db, actor.tenant_id, actor.account_id, context.at)
            context.record("security", {"event": "signing.locked", **event})

    return count


def clear_failures(context: Any, signer: Actor) -> None:
    """Start counting anew after a password that was right; refused when signing is locked by now.

    Guesses sent at the same moment all find signing open before their transactions: the right one
    among them must not count once the wrong ones have locked it.
    """
    if signer.account_id is None:
        return
    if signer.account_id == context.actor.account_id and context.signing.failed == 0:
        _require_unlocked(context.signing.locked_at)
        return
    _require_unlocked(
        accounts.clear_signature_failures(context.db, signer.tenant_id, signer.account_id)
    )


def record_hash(record: Any) -> str:
    """Give the hex hash by which a signature is bound to its record."""
    return domain_hash(RECORD_DOMAIN, canonical_bytes(record)).hex()
