"""From a request to an answer: one path for every operation of both products.

Who calls, may they, is the action known, do the parameters fit, was this token used, do the
operation's own checks pass, is it a dry run; only then the effect. Nothing here waits or writes to
a socket: a `Reply` says what the transport has to do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitopsd.sandbox.cloud.call import Call
from gitopsd.sandbox.cloud.decode import decode
from gitopsd.sandbox.cloud.errors import ApiError, Product, dry_run_passed, illegal, throttled
from gitopsd.sandbox.cloud.faults import Fault, Trouble, meet, refusal_error
from gitopsd.sandbox.cloud.idempotence import Remembered, TokenBook, fingerprint
from gitopsd.sandbox.cloud.keys import KeyRing
from gitopsd.sandbox.cloud.products import APIS, ProductApi
from gitopsd.sandbox.cloud.schema import Operation
from gitopsd.sandbox.cloud.signature import (
    Identified,
    Message,
    NonceBook,
    check_skew,
    identify,
)
from gitopsd.sandbox.cloud.world import Answer, World

_RATE_WINDOW = 60.0


@dataclass(slots=True)
class Reply:
    """What goes back: `body` is JSON-able, or text when a proxy's HTML page is played.

    `break_connection` means that no byte of it is sent. `wait` is how long the answer of a write is
    held back after its effect. `token` has to be released once the answer has left.
    """

    status: int = 200
    body: Answer | str = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    break_connection: bool = False
    wait: float = 0.0
    token: Remembered | None = None

    def left(self) -> None:
        """The answer has been sent or lost."""
        if self.token is not None:
            self.token.unanswered = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on, and the trouble it meets on its way."""

    request: Identified
    operation: Operation
    trouble: Trouble


@dataclass(slots=True)
class Dispatcher:
    """One product's path from request to answer. Callers hold the sandbox's lock."""

    product: Product
    world: World
    keys: KeyRing
    faults: Sequence[Fault]
    nonces: NonceBook = field(default_factory=NonceBook)
    tokens: TokenBook = field(default_factory=TokenBook)
    recent: dict[str, deque[float]] = field(default_factory=dict)

    @property
    def api(self) -> ProductApi:
        """The product's operations."""
        return APIS[self.product]

    def admit(self, message: Message) -> Admitted:
        """Signature, action, rate, trouble. Raises ApiError."""
        request = identify(message, self.keys, self.nonces, self.world.time_of_day())
        if request.version != self.api.version:
            raise ApiError("InvalidVersion", "Specified parameter Version is not valid.")
        operation = self.api.operations.get(request.action)
        if operation is None or message.path != "/":
            raise ApiError(
                "InvalidAction.NotFound",
                "Specified api is not found, please check your url and method.",
                404,
            )
        if message.method not in operation.methods:
            raise ApiError("UnsupportedHTTPMethod", "This http method is not supported.")
        self._limit_rate(operation.name)
        trouble = meet(self.faults, self.product, operation)
        if trouble.clock:
            self.world.settings.clock_error += trouble.clock
            check_skew(request.sent, self.world.time_of_day())
        return Admitted(request, operation, trouble)

    def perform(self, admitted: Admitted) -> Reply:
        """Carry out an admitted request. Raises ApiError."""
        self.world.settle()
        trouble = admitted.trouble
        if trouble.drop == "drop-before":
            return Reply(break_connection=True)
        action, key = admitted.operation.name, admitted.request.key
        if trouble.refusal is not None:
            error = refusal_error(trouble.refusal, self.product, action, key.access_key_id)
            if trouble.refusal.html:
                return Reply(error.status, f"<html><body>{error.status}</body></html>")
            raise error
        key.check(self.product, action)
        reply = self._execute(admitted)
        reply.break_connection = trouble.drop == "drop-after"
        if admitted.operation.access == "write":
            reply.wait = trouble.latency
        return reply

    def _execute(self, admitted: Admitted) -> Reply:
        operation, request = admitted.operation, admitted.request
        parameters = decode(operation, request.query, request.form)
        if parameters.get("RegionId", self.world.region) != self.world.region:
            raise illegal("RegionId", f"this endpoint serves {self.world.region}")
        token = parameters.get("ClientToken") if operation.access == "write" else None
        mark = fingerprint(operation.name, parameters)
        if token is not None:
            earlier = self.tokens.replay(token, mark)
            if earlier is not None:
                return Reply(body=dict(earlier))
        call = Call(operation.name, parameters, self.world, admitted.trouble.job)
        commit = self.api.handlers[operation.name](call)
        if parameters.get("DryRun"):
            raise dry_run_passed()
        answer = commit()
        remembered = self.tokens.remember(token, mark, answer) if token is not None else None
        return Reply(body=dict(answer), token=remembered)

    def _limit_rate(self, action: str) -> None:
        limit = self.world.settings.rates.get(f"{self.product}.{action}")
        if limit is None:
            return
        now = self.world.clock()
        calls = self.recent.setdefault(action, deque())
        while calls and now - calls[0] >= _RATE_WINDOW:
            calls.popleft()
        if len(calls) >= limit:
            raise throttled()
        calls.append(now)


def error_reply(error: ApiError, request_id: str, host: str, product: Product) -> Reply:
    """A refusal in the documented body."""
    body: dict[str, Any] = {
        "RequestId": request_id,
        "HostId": host,
        "Code": error.code,
        "Message": error.message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={error.code}&product={product.title()}",
    }
    if error.access_denied is not None:
        body["AccessDeniedDetail"] = dict(error.access_denied)
    headers = {}
    if error.retry_after_ms is not None:
        headers["x-acs-retry-after"] = str(error.retry_after_ms)
    return Reply(error.status, body, headers)
