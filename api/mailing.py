"""Sends what waits in the book, through the mail server that the environment names.

Notices to consignees, and purchase orders to suppliers (as PDF, in Chinese to China, else in
English). One mail: taken by a command (with a link drawn for a notice), sent outside any
transaction, settled by a command with what the receiving server answered. A link's token
is in the mail and nowhere else.
"""

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import UUID

from api import purchasing, settings
from api.settings import MailSettings
from engine.actors import engine_actor
from engine.configuration.documents import read_documents
from engine.dispatcher import Dispatcher
from engine.identifiers import new_id
from engine.outcomes import Accepted
from processes.documents import pdf
from processes.documents.report import Language
from processes.ledger import suppliers
from processes.ledger.field_actions import links, mails
from processes.ledger.field_actions.commands import ATTEMPTS, SettleNoticeMail, TakeNoticeMail
from processes.ledger.purchasing import order_mails, orders
from processes.ledger.purchasing.commands import SettleOrderMail, TakeOrderMail

logger = logging.getLogger(__name__)

PART = "mail"
EVERY_SECONDS = 5
TIMEOUT_SECONDS = 30
PERMANENT = 500
"""SMTP answers from here on are final (RFC 5321, 4.2.1)."""
Send = Callable[[EmailMessage], str]


def sending(given: MailSettings) -> Send:
    """Give the function that hands one mail to the server and returns what it answered."""

    def send(mail: EmailMessage) -> str:
        with _connected(given) as server:
            if given.username is not None:
                server.login(given.username, given.password or "")
            sender, receiver = str(mail["From"]), str(mail["To"])
            _obeyed(server.mail(sender))
            _obeyed(server.rcpt(receiver))
            code, said = server.data(mail.as_bytes(policy=SMTP))
            _obeyed((code, said))
            return f"{code} {said.decode(errors='replace')}"

    return send


def _connected(given: MailSettings) -> smtplib.SMTP:
    if given.tls == "tls":
        secure = ssl.create_default_context()
        found: smtplib.SMTP = smtplib.SMTP_SSL(
            given.host, given.port, timeout=TIMEOUT_SECONDS, context=secure
        )
    else:
        found = smtplib.SMTP(given.host, given.port, timeout=TIMEOUT_SECONDS)
    found.ehlo_or_helo_if_needed()
    if given.tls == "starttls":
        found.starttls(context=ssl.create_default_context())
        found.ehlo()
    return found


def _obeyed(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if not 200 <= code < 400:  # SMTP's own ranges
        raise smtplib.SMTPResponseException(code, said)


class Mailing:
    """Sends what is due, one mail after the other."""

    def __init__(self, dispatcher: Dispatcher, tenant_id: str, send: Send, sender: str) -> None:
        self._dispatcher, self._tenant_id = dispatcher, tenant_id
        self._send, self._sender = send, sender
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def run_once(self) -> int:
        """Send every mail that is due; give how many the server took."""
        with self._dispatcher.database.reading() as db:
            due = mails.due(db, self._tenant_id, self._dispatcher.clock())
            ordered = order_mails.due(db, self._tenant_id, self._dispatcher.clock())
        return sum(self._send_one(mail_id) for mail_id in due) + sum(
            self._send_order(mail_id) for mail_id in ordered
        )

    def _send_order(self, order_mail_id: UUID) -> bool:
        """Send a version of an order; what the server answers goes back to the purchase."""
        actor = engine_actor(self._tenant_id, PART)
        take = TakeOrderMail(command_id=new_id(), order_mail_id=order_mail_id)
        outcome = self._dispatcher.dispatch(take, actor)
        if not isinstance(outcome, Accepted) or outcome.result["taken"] is not True:
            return False
        answer, accepted, final = self._handed_over(lambda: self._ordered(outcome.result))
        settle = SettleOrderMail(
            command_id=new_id(),
            order_mail_id=order_mail_id,
            accepted=accepted,
            for_good=final or int(outcome.result["attempts"]) >= ATTEMPTS,
            answer=answer,
        )
        self._dispatcher.dispatch(settle, actor)
        return accepted

    def _handed_over(self, write: Callable[[], EmailMessage]) -> tuple[str, bool, bool]:
        """Send one mail; give what the server said, whether it took it, whether that is final."""
        try:
            return self._send(write()), True, True
        except smtplib.SMTPResponseException as refused:
            text = refused.smtp_error
            said = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
            final = refused.smtp_code >= PERMANENT
            answer = f"{refused.smtp_code} {said}"
        except (OSError, smtplib.SMTPException) as failed:
            answer, final = f"{type(failed).__name__}: {failed}", False
        except ValueError as unfit:  # an address or a subject that no mail can carry: never will
            answer, final = f"{type(unfit).__name__}: {unfit}", True
        logger.warning("a mail was not sent: %s", answer)
        return answer, False, final

    def _ordered(self, taken: Mapping[str, Any]) -> EmailMessage:
        """Write the mail of an order: what it is in both languages, and the version as PDF."""
        number, version = str(taken["order"]), int(taken["version"])
        with self._dispatcher.database.reading() as db:
            order = orders.by_number(db, self._tenant_id, number)
            source = suppliers.find(db, self._tenant_id, order.supplier_id)
            spoken: Language = "zh" if source.country == "CN" else "en"
            report = purchasing.report_of(db, self._tenant_id, order, version, spoken)
            words = read_documents(db, self._tenant_id)["purchasing_rules"]["order_mail"]
        named = {"order": number, "version": version}
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, str(taken["address"])
        mail["Subject"] = words[spoken]["subject"].format(**named)
        mail["Message-ID"], mail["Content-Language"] = str(taken["message_id"]), spoken
        mail.set_content(words[spoken]["body"].format(**named))
        mail.add_attachment(
            pdf.render(report),
            maintype="application",
            subtype="pdf",
            filename=f"{number}-v{version}.pdf",
        )
        return mail

    def _send_one(self, mail_id: UUID) -> bool:
        token = links.new_token()
        take = TakeNoticeMail(command_id=new_id(), mail_id=mail_id, token_hash=links.hash_of(token))
        actor = engine_actor(self._tenant_id, PART)
        outcome = self._dispatcher.dispatch(take, actor)
        if not isinstance(outcome, Accepted) or outcome.result["taken"] is not True:
            return False
        taken = outcome.result
        answer, accepted, final = self._handed_over(lambda: self._written(taken, token))
        settle = SettleNoticeMail(
            command_id=new_id(),
            mail_id=mail_id,
            accepted=accepted,
            for_good=final or int(taken["attempts"]) >= ATTEMPTS,
            answer=answer,
        )
        self._dispatcher.dispatch(settle, actor)
        return accepted

    def _written(self, taken: Mapping[str, Any], token: str) -> EmailMessage:
        with self._dispatcher.database.reading() as db:
            texts = read_documents(db, self._tenant_id)["field_action_texts"]["letter"]
        words = texts[taken["language"]]
        link = words["link"].format(link=settings.public_address(f"/respond/{token}"))
        subject = str(taken["subject"])
        if taken["reminder"]:
            subject = f"{words['reminder'].format(count=taken['reminder'])}: {subject}"
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, str(taken["address"])
        mail["Subject"], mail["Message-ID"] = subject, str(taken["message_id"])
        mail["Content-Language"] = str(taken["language"])
        mail.set_content(f"{taken['body']}\n\n{link}\n")
        return mail

    def start(self) -> None:
        """Send from now on, beside the server."""
        self._thread = threading.Thread(target=self._loop, name="mailing", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the mail that is being sent."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(TIMEOUT_SECONDS)

    def _loop(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            try:
                self.run_once()
            except Exception:
                logger.exception("sending notices failed; it is tried again")


def started(dispatcher: Dispatcher, tenant_id: str) -> Mailing | None:
    """Start sending where the environment names a mail server; None where it does not."""
    given = settings.mail_from_environment()
    if given is None:
        return None
    mailing = Mailing(dispatcher, tenant_id, sending(given), given.sender)
    mailing.start()
    return mailing
