"""E-mail over SMTP.

Sources: RFC 5321 (replies: 4yz may succeed later, 5yz will not), RFC 3207 (STARTTLS), RFC 5322
(Message-ID, References: by these a conversation is one thread), RFC 3834 (Auto-Submitted). The
Message-ID comes out of the message's key, so that a mail that is sent twice is known to be one.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar, Literal

from gitopsd.adapters.alerts.forms import text
from gitopsd.adapters.web.answers import shown
from gitopsd.model.digest import digest
from gitopsd.model.message import Message
from gitopsd.ports import (
    Incomplete,
    Misconfigured,
    OutcomeUnknown,
    RateLimit,
    Rejected,
    Unauthenticated,
    Unreachable,
    WorldError,
)

_LIMIT = 100_000
_SECONDS = 20.0
#: Hexadecimal digits by which a recipient is remembered who has a mail that others did not get yet.
_NAME = 12


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom. `tls` as in the settings."""

    host: str
    port: int = 587
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str = ""
    password: Callable[[], str] | None = None
    ca_file: Path | None = None


class Mail:
    """A `Sink`. `about` names it in errors."""

    limits: ClassVar = (RateLimit(20, 60.0),)

    def __init__(
        self, about: str, server: MailServer, sender: str, recipients: tuple[str, ...]
    ) -> None:
        self._about = about
        self._server = server
        self._sender = sender
        self._recipients = recipients

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`. The handle is the Message-ID of the first mail of a conversation."""
        mail = self._mail(message)
        password = self._server.password() if self._server.password else ""
        handle = message.handle or str(mail["Message-ID"])
        missing = [name for name in self._recipients if _name(name) not in message.have]
        handed_over = False
        try:
            client = self._connect()
            with closing(client):
                self._greet(client, password)
                handed_over = True
                refused = client.send_message(mail, to_addrs=missing)
                with suppress(smtplib.SMTPException, OSError):
                    client.quit()  # it has taken the mail: what it says to a goodbye is nothing
        except (smtplib.SMTPException, OSError) as error:
            if not (isinstance(error, smtplib.SMTPRecipientsRefused) and message.have):
                raise self._refusal(error, password, sent=handed_over) from None
            refused = error.recipients
        if refused:
            self._partly(handle, refused)
        return handle

    def _partly(self, handle: str, refused: Mapping[str, tuple[int, bytes]]) -> None:
        """Some have it. Those who may get it later are tried again, and nobody else."""
        later = {name for name, (code, _) in refused.items() if 400 <= code <= 499}
        number, every = len(refused), len(self._recipients)
        codes = ", ".join(sorted({str(code) for code, _ in refused.values()}))
        detail = f"send a mail: {number} of {every} recipients are refused ({codes})"
        if not later:
            raise Incomplete(self._about, detail, "name recipients that exist", handle=handle)
        have = (_name(name) for name in self._recipients if name not in later)
        raise OutcomeUnknown(self._about, detail, have=have)

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        domain = self._sender.rpartition("@")[2] or "gitopsd"
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._recipients)
        mail["Subject"] = " ".join(message.title.split())
        mail["Message-ID"] = f"<{message.key}@{domain}>"
        if message.handle:
            mail["In-Reply-To"] = mail["References"] = message.handle
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Gitopsd-Severity"] = message.severity.word
        mail.set_content(text(message, _LIMIT) + "\n")
        return mail

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.tls == "implicit":
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=_SECONDS, context=self._context()
            )
        return smtplib.SMTP(server.host, server.port, timeout=_SECONDS)

    def _greet(self, client: smtplib.SMTP, password: str) -> None:
        """TLS before anything else: nothing secret is said in the clear."""
        if self._server.tls == "starttls":
            client.starttls(context=self._context())
        if self._server.username:
            client.login(self._server.username, password)

    def _context(self) -> ssl.SSLContext:
        file = self._server.ca_file
        try:
            return ssl.create_default_context(cafile=str(file) if file else None)
        except (OSError, ssl.SSLError) as error:
            detail = f"the certificate authorities in {file} cannot be read"
            raise Misconfigured(self._about, detail, "give a file in PEM") from error

    def _refusal(self, error: Exception, password: str, *, sent: bool) -> WorldError:
        """What went wrong, in the server's words without ours."""
        about = self._about
        if isinstance(error, smtplib.SMTPNotSupportedError):
            detail = "the server does not offer what is asked for: STARTTLS or a log-in"
            return Misconfigured(about, detail, "set tls, or leave username and password out")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            return Unauthenticated(about, f"log in: {error.smtp_code}", "check the password")
        if isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException):
            return _replied(about, error, password)
        if isinstance(error, ssl.SSLCertVerificationError):
            return Misconfigured(about, "the server's certificate is not to be trusted", "caFile")
        detail = f"send a mail: {type(error).__name__}"
        return (OutcomeUnknown if sent else Unreachable)(about, detail)


def _name(recipient: str) -> str:
    return digest(recipient)[:_NAME]


def _replied(
    about: str,
    error: smtplib.SMTPRecipientsRefused | smtplib.SMTPResponseException,
    password: str,
) -> WorldError:
    """What a reply means: only one to the mail itself is about its content."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        detail = f"send a mail: recipients are refused ({', '.join(map(str, codes))})"
        mend = "name recipients that exist"
    else:
        words = error.smtp_error
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        codes = [error.smtp_code]
        detail = f"send a mail: {error.smtp_code} {shown(said, [password])}"
        mend = "check the sender, and what the server asks for"
    if any(400 <= code <= 499 for code in codes):
        return Unreachable(about, detail)
    if isinstance(error, smtplib.SMTPDataError):
        return Rejected(about, detail)
    return Misconfigured(about, detail, mend)
