"""Requests to one API server: credentials, time-outs, retries, translated errors."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from kubernetes.client import ApiClient, Configuration
from kubernetes.client.rest import RESTResponse

from gitopsd.adapters.kubernetes.errors import (
    TRANSPORT_ERRORS,
    Failure,
    not_kubernetes,
    refused,
    undelivered,
)
from gitopsd.adapters.kubernetes.request import Answer, Request
from gitopsd.adapters.patience import Patience
from gitopsd.ports import Meter, Term

T = TypeVar("T")
#: What a meter is told of.
PRODUCT = "Kubernetes"


class Connection:
    """A pool of connections to one API server, to be shared between threads.

    `configuration` is the official client's; its credentials are refreshed by the client's own
    hook before each request. `threads` is how many requests may be under way at once; `timeouts`,
    and `write_timeouts` for what changes something, are (connect, read) in seconds. With a `term`,
    nothing that writes is sent outside it. `meter` is told of every attempt.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        user_agent: str,
        threads: int = 8,
        timeouts: tuple[float, float] = (5.0, 30.0),
        write_timeouts: tuple[float, float] | None = None,
        patience: Patience | None = None,
        term: Term | None = None,
        meter: Meter | None = None,
    ) -> None:
        # Twice the threads of one observation: writers and a second pass share the pool with it.
        configuration.connection_pool_maxsize = 2 * threads
        # Retrying is ours: urllib3 would sleep by its own clock and repeat deletes.
        configuration.retries = False
        self._client = ApiClient(configuration)
        self._client.user_agent = user_agent
        self._timeouts = timeouts
        self._write_timeouts = write_timeouts or timeouts
        self._term = term
        self._meter = meter
        self._patience = patience or Patience()
        self._credentials = threading.Lock()
        self.threads = threads
        self.namespaces: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        """The API server's address, for people."""
        return str(self._client.configuration.host)

    def confine(self, namespaces: Iterable[str]) -> None:
        """Have lists of all namespaces be about these only: who has rights in some may list no
        others. None at all: no limit.
        """
        self.namespaces = tuple(dict.fromkeys(namespaces))

    def close(self) -> None:
        """Drop the pooled connections."""
        self._client.close()

    def send(self, request: Request) -> Answer:
        """Make a request, again where that is safe. Raises the errors of `ports`."""
        pause = self._patience.begin()
        while True:
            result = self._attempt(request)
            if isinstance(result, Answer):
                return result
            if not (result.again and pause.wait(result.after)):
                raise result.error from result.cause

    def fetch(self, request: Request, convert: Callable[[dict[str, Any]], T]) -> T:
        """Make a request and convert its JSON; an answer that does not fit is translated too."""
        answer = self.send(request)
        try:
            return convert(answer.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise not_kubernetes(request, repr(error)) from error

    def lines(self, request: Request) -> Iterator[bytes]:
        """Make a request whose answer goes on, once, and hand out its lines as they come.

        Raises the errors of `ports`, and Unreachable when nothing comes for the time that an answer
        is given.
        """
        began = time.monotonic()
        opened = self._open(request, self._timeouts)
        self._tell(request, opened, began)
        if isinstance(opened, Failure):
            raise opened.error from opened.cause
        try:
            yield from opened.response
        except TRANSPORT_ERRORS as error:
            raise undelivered(error, request).error from error
        finally:
            opened.response.close()

    def _attempt(self, request: Request) -> Answer | Failure:
        timeouts = self._write_timeouts if request.writes else self._timeouts
        if request.writes and self._term is not None:
            self._term.check(sum(timeouts))
        began = time.monotonic()
        result = self._exchange(request, timeouts)
        self._tell(request, result, began)
        return result

    def _tell(self, request: Request, result: object, began: float) -> None:
        if self._meter is not None:
            error = result.error if isinstance(result, Failure) else None
            operation = f"{request.verb} {request.resource}"
            self._meter.called(PRODUCT, operation, error, time.monotonic() - began)

    def _exchange(self, request: Request, timeouts: tuple[float, float]) -> Answer | Failure:
        opened = self._open(request, timeouts)
        if isinstance(opened, Failure):
            return opened
        try:
            return Answer(opened.status, opened.read())
        except TRANSPORT_ERRORS as error:
            return undelivered(error, request)

    def _open(self, request: Request, timeouts: tuple[float, float]) -> RESTResponse | Failure:
        """The answer, of which only the head is there yet, if it is a success."""
        try:
            # The hook that renews tokens rewrites the shared configuration.
            with self._credentials:
                method, url, headers, body, _ = self._client.param_serialize(
                    request.method,
                    request.path,
                    query_params=list(request.query),
                    header_params={
                        "Accept": request.accept,
                        "Content-Type": request.content_type,
                    },
                    body=request.body,
                    auth_settings=["BearerToken"],
                )
            response = self._client.call_api(method, url, headers, body, _request_timeout=timeouts)
            if 200 <= response.status <= 299:
                return response
            content: bytes = response.read()
        except TRANSPORT_ERRORS as error:
            return undelivered(error, request)
        return refused(response.status, response.headers, content, request)
