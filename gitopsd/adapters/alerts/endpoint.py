"""A service's address and secrets, read anew for each message so that they may be changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from gitopsd.adapters.patience import Patience
from gitopsd.adapters.web import Address, Answer, Bounds, Caller, Request, Web
from gitopsd.adapters.web.answers import shown
from gitopsd.ports import Misconfigured

#: Reads a secret; raises Misconfigured.
Read = Callable[[], str]
#: A message is a small thing: a service that does not answer soon is asked again later.
_BOUNDS = Bounds(connect=5.0, silence=30.0, longest=45.0, largest=1024 * 1024)
#: What is shorter in an address is no secret, and neither are these parts of well-known addresses.
_LONG = 8
_PUBLIC = frozenset({"open-apis", "services", "triggers", "workflows"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is.

    `url` reads its address, and `host` is what stands in it, `HOST` or `HOST:PORT`, where the
    address is a secret itself: requests go to no other, whatever the secret says. `secret` is for
    signatures and `token` for the header Authorization.
    """

    about: str
    url: Read
    host: str = ""
    secret: Read | None = None
    token: Read | None = None
    ca_file: Path | None = None
    plain_http: bool = False
    agent: str = "gitopsd"
    clock: Callable[[], float] = field(default=time.time)

    def open(self) -> Exchange:
        """The service, to be told one message. Raises Misconfigured and Unauthenticated."""
        url = self.url()
        address = Address.parse(url, about=self.about, plain_http=self.plain_http)
        if self.host:
            self._check(address)
        secret = self.secret() if self.secret else ""
        token = self.token() if self.token else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        hidden = tuple(_hidden(secret, token, address))
        caller = Caller(self.about, "alerts", self.agent, headers, hidden)
        web = Web(address, caller, _BOUNDS, ca_file=self.ca_file, patience=Patience(attempts=1))
        return Exchange(web, secret, hidden, self.clock())

    def _check(self, address: Address) -> None:
        try:
            named = urlsplit(f"//{self.host}")
            host, port = named.hostname or "", named.port
        except ValueError as error:
            raise Misconfigured(self.about, "its host cannot be read", "write HOST") from error
        standard = {"https": 443, "http": 80}[address.scheme]
        if (address.host.lower(), address.port) != (host.lower(), port or standard):
            detail = f"its webhook leads to another host than {self.host}"
            raise Misconfigured(self.about, detail, "name the host in the settings if it is yours")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message's way to a service. `time` is in seconds since 1970."""

    web: Web
    secret: str = field(repr=False)
    hidden: tuple[str, ...] = field(repr=False)
    time: float

    def post(
        self,
        content: Any,
        *,
        path: str = "",
        query: tuple[tuple[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
        again: bool | None = None,
    ) -> Answer:
        """POST JSON; raises the errors of `ports`."""
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        place = path or ("" if self.web.address.path else "/")
        request = Request("POST", place, "send a message", query, body, sent, again, True)
        try:
            return self.web.send(request)
        finally:
            self.web.close()

    def words(self, text: object) -> str:
        """A service's own words, with nothing secret in them."""
        return shown(str(text), self.hidden)


def _hidden(secret: str, token: str, address: Address) -> Iterator[str]:
    """What must not be told: all that is long enough to be a secret where one may stand."""
    yield from (word for word in (secret, token) if word)
    values = [part.partition("=")[2] or part for part in address.query.split("&")]
    for word in (*address.path.split("/"), *values):
        if len(word) >= _LONG and word not in _PUBLIC:
            yield word


def answered(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer; empty for anything else."""
    try:
        content = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
