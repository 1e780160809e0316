"""A small SMTP server (RFC 5321) with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4616)."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
import threading
from collections import deque
from email.message import EmailMessage
from types import TracebackType
from typing import Self, cast


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail for one account. `refusals` are answered to DATA's end before mail is taken.

    `recipients` are those that are refused, with the answer; `goodbye` answers QUIT. `envelopes`
    are the recipients of the mails that were taken.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, context: ssl.SSLContext | None, username: str = "", password: str = ""
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.context = context
        self.account = (username, password)
        self.mails: list[EmailMessage] = []
        self.refusals: deque[str] = deque()
        self.recipients: dict[str, str] = {}
        self.goodbye = "221 bye"
        self.envelopes: list[list[str]] = []
        self.said: list[str] = []

    def __enter__(self) -> Self:
        run = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        run.daemon = True
        run.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that refuses our certificate hangs up."""


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.secure = self.known = False
        self._say("220 mail.example.com")
        while line := self.rfile.readline():
            text = line.decode().strip()
            self.server.said.append(f"{'tls' if self.secure else 'clear'} {text}")
            verb, _, rest = text.partition(" ")
            if not self._answer(verb.upper(), rest):
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.wfile.flush()

    def _answer(self, verb: str, rest: str) -> bool:
        if verb == "EHLO":
            offers = ["STARTTLS"] if self.server.context and not self.secure else []
            offers += ["AUTH PLAIN"] if self.secure else []
            for offer in ["mail.example.com", *offers]:
                self._say(f"250-{offer}")
            self._say("250 8BITMIME")
        elif verb == "STARTTLS" and self.server.context:
            self._say("220 go ahead")
            self._secure(self.server.context)
        elif verb == "AUTH":
            _, name, word = base64.b64decode(rest.split()[1]).decode().split("\0")
            self.known = (name, word) == self.server.account
            self._say("235 welcome" if self.known else f"535 no, not with {word}")
        elif verb in ("MAIL", "RCPT", "RSET", "NOOP"):
            needed = bool(self.server.account[0])
            self._say(self._address(verb, rest) if self.known or not needed else "530 log in first")
        elif verb == "DATA":
            self._data()
        elif verb == "QUIT":
            self._say(self.server.goodbye)
            return False
        else:
            self._say("502 not here")
        return True

    def _address(self, verb: str, rest: str) -> str:
        if verb == "MAIL":
            self.envelope: list[str] = []
        if verb != "RCPT":
            return "250 ok"
        name = rest[rest.index("<") + 1 : rest.index(">")]
        if name in self.server.recipients:
            return self.server.recipients[name]
        self.envelope.append(name)
        return "250 ok"

    def _secure(self, context: ssl.SSLContext) -> None:
        connection = context.wrap_socket(self.request, server_side=True)
        self.request = self.connection = connection
        self.rfile = connection.makefile("rb")
        self.wfile = cast("socketserver._SocketWriter", connection.makefile("wb"))  # type: ignore[assignment]
        self.secure = True

    def _data(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.server.refusals:
            self._say(self.server.refusals.popleft())
            return
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.mails.append(cast(EmailMessage, mail))
        self.server.envelopes.append(self.envelope)
        self._say("250 taken")
