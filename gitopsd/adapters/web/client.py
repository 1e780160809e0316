"""One client for one service."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import urllib3
import urllib3.exceptions as transport

from gitopsd.adapters.patience import Patience
from gitopsd.adapters.web.answers import Answer, Failure, Request, quote, refused
from gitopsd.ports import Meter, Misconfigured, OutcomeUnknown, Unreachable, WorldError
from gitopsd.ports.addresses import Address

T = TypeVar("T")
#: How often a redirect within the address is followed.
_REDIRECTS = 3
#: Failures before a request was on its way: whatever it was, it was not done.
_NOT_SENT = (
    transport.NewConnectionError,
    transport.ConnectTimeoutError,
    transport.NameResolutionError,
    ssl.SSLCertVerificationError,
)


@dataclass(frozen=True, slots=True)
class Caller:
    """As whom a service is spoken to, and how it is called.

    `about` names it in errors, `product` in what is counted. `headers` go with every request;
    `secrets` are masked wherever its words are quoted.
    """

    about: str
    product: str
    user_agent: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a service may take, in seconds, how much it may answer, in bytes, and our pace.

    `connect` is for a connection, `silence` for the next byte and `longest` for the whole of a
    body. `pace` is the least time between two requests that write.
    """

    connect: float = 5.0
    silence: float = 20.0
    longest: float = 60.0
    largest: int = 16 * 1024 * 1024
    pace: float = 0.0


class Web:
    """Requests to one service, to be shared between threads.

    `ca_file` holds the certificate authorities that stand in for the system's. `meter` is told of
    every attempt. `now` is the time in seconds since 1970, for services that name a moment.
    """

    def __init__(
        self,
        address: Address,
        caller: Caller,
        bounds: Bounds | None = None,
        *,
        ca_file: Path | None = None,
        patience: Patience | None = None,
        meter: Meter | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.address = address
        self.about = caller.about
        self._caller = caller
        self._bounds = bounds or Bounds()
        self._pool = _pool(address, caller.about, ca_file, self._bounds)
        self._patience = patience or Patience()
        self._meter = meter
        self._now = now
        self._turn = threading.Lock()
        self._wrote: float | None = None

    def close(self) -> None:
        """Drop the pooled connections."""
        self._pool.close()

    def send(self, request: Request) -> Answer:
        """Make a request, again where that is safe. Raises the errors of `ports`.

        Throttled is raised at once when the service asks for more time than our patience has.
        """
        pause = self._patience.begin()
        while True:
            result = self._attempt(request)
            if isinstance(result, Answer):
                return result
            if not (result.again and pause.wait(result.after)):
                raise result.error

    def fetch(self, request: Request, convert: Callable[[Answer], T]) -> T:
        """Make a request and convert its answer; one that does not fit is translated too."""
        answer = self.send(request)
        try:
            return convert(answer)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            detail = f"{request.deed}: the answer is not understood: {type(error).__name__}"
            kind = OutcomeUnknown if request.writes else Misconfigured
            raise kind(self.about, detail, "check that the address is an API's") from error

    def _attempt(self, request: Request) -> Answer | Failure:
        if request.writes:
            self._wait_for_turn()
        began = time.monotonic()
        result = self._follow(request)
        if self._meter is not None:
            error = None if isinstance(result, Answer) else result.error
            self._meter.called(self._caller.product, request.deed, error, time.monotonic() - began)
        return result

    def _follow(self, request: Request) -> Answer | Failure:
        """The answer after redirects within the address: a renamed repository leads to itself."""
        query = "&".join(part for part in (self.address.query, urlencode(request.query)) if part)
        path = request.path if request.rooted else self.address.path + request.path
        place = f"{path}?{query}" if query else path
        for _ in range(_REDIRECTS + 1):
            result = self._exchange(request, place)
            if not isinstance(result, _Redirect):
                return result
            target = self.address.within(place, result.location)
            if target is None or (request.writes and result.status not in (307, 308)):
                detail = f"{request.deed}: HTTP {result.status} leads elsewhere"
                mend = "name the address that it leads to, if it is yours"
                return Failure(Misconfigured(self.about, detail, mend))
            place = target
        return Failure(Misconfigured(self.about, f"{request.deed}: redirects in a circle"))

    def _exchange(self, request: Request, place: str) -> Answer | Failure | _Redirect:
        agent = self._caller.user_agent
        try:
            response = self._pool.urlopen(
                request.method,
                place,
                body=request.body,
                headers={"User-Agent": agent, **self._caller.headers, **request.headers},
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                body = b"".join(self._read(response))
            except BaseException:
                response.close()
                raise
            response.release_conn()
        except (transport.HTTPError, OSError, ValueError) as error:
            return self._undelivered(error, request)
        headers = {name.lower(): value for name, value in response.headers.items()}
        if response.status in (301, 302, 303, 307, 308) and headers.get("location"):
            return _Redirect(response.status, headers["location"])
        if 200 <= response.status <= 299:
            return Answer(response.status, headers, body, place)
        words = quote(body, self._caller.secrets)
        return refused(self.about, request, response.status, headers, words, self._now())

    def _read(self, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        """The body, as long as it keeps within the bounds."""
        began, size = time.monotonic(), 0
        while part := response.read1(65536):
            size += len(part)
            if size > self._bounds.largest:
                raise _TooMuchError(f"the answer is larger than {self._bounds.largest:,} bytes")
            if time.monotonic() - began > self._bounds.longest:
                raise _TooMuchError(f"the answer took longer than {self._bounds.longest:.0f} s")
            yield part

    def _undelivered(self, error: Exception, request: Request) -> Failure:
        """Translate what was raised while a request was sent or its answer read.

        The library's own error is not kept as a cause: it holds the URL, and that may be a secret.
        """
        words, sent = _words(error), not any(isinstance(e, _NOT_SENT) for e in _chain(error))
        detail = f"{request.deed}: {words}"
        problem: WorldError
        if isinstance(error, ValueError | transport.LocationValueError):
            problem = Misconfigured(self.about, f"{request.deed}: it cannot be sent: {words}")
            return Failure(problem)
        if sent and not request.repeatable:
            return Failure(OutcomeUnknown(self.about, detail))
        again = not isinstance(error, _TooMuchError)
        return Failure(Unreachable(self.about, detail), again=again)

    def _wait_for_turn(self) -> None:
        """Keep the distance between writes; waiting callers queue up."""
        if not self._bounds.pace:
            return
        with self._turn:
            now = self._patience.clock()
            rest = 0.0 if self._wrote is None else self._wrote + self._bounds.pace - now
            if rest > 0:
                self._patience.sleep(rest)
                if self._meter is not None:
                    self._meter.paced(self._caller.product, rest)
            self._wrote = max(now, now + rest)


class _Redirect:
    """Where an answer leads to."""

    __slots__ = ("location", "status")

    def __init__(self, status: int, location: str) -> None:
        self.status = status
        self.location = location


class _TooMuchError(transport.HTTPError):
    """An answer beyond our bounds."""


def _pool(
    address: Address, about: str, ca_file: Path | None, bounds: Bounds
) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=bounds.connect, read=bounds.silence)
    if address.scheme == "http":
        return urllib3.HTTPConnectionPool(address.host, address.port, timeout=timeout)
    try:
        context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        detail = f"the certificate authorities in {ca_file} cannot be read"
        raise Misconfigured(about, detail, "give a file of certificates in PEM") from error
    return urllib3.HTTPSConnectionPool(
        address.host, address.port, timeout=timeout, ssl_context=context
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it stands for."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop()
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def _words(error: Exception) -> str:
    """What happened, in our words: the library's own hold the URL, and that may be a secret."""
    links = list(_chain(error))
    told: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
        (ssl.SSLCertVerificationError, "its certificate is not one that we trust"),
        (ssl.SSLError, "no secure connection could be made"),
        (transport.NameResolutionError, "its host is not known"),
        (transport.ConnectTimeoutError, "no connection within the time allowed"),
        (transport.NewConnectionError, "no connection could be made"),
        (transport.ReadTimeoutError, "no answer within the time allowed"),
        (_TooMuchError, ""),
        ((transport.ProtocolError, OSError), "the connection broke off"),
    )
    for kind, words in told:
        for link in links:
            if isinstance(link, kind):
                return words or str(link)
    return type(error).__name__
