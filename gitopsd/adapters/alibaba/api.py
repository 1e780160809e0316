"""Calls to one product: paced, tried again where that is safe, refusals translated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from gitopsd.adapters.alibaba.actions import ACTIONS, PAGE, Action
from gitopsd.adapters.alibaba.errors import (
    CloudMissing,
    Failure,
    Meaning,
    refusal,
    refused,
    undelivered,
)
from gitopsd.adapters.alibaba.pace import Pace
from gitopsd.model.desired import Product
from gitopsd.ports import Meter, OutcomeUnknown, Term, Unreachable, WorldError


class Transport(Protocol):
    """What makes a single call; `sdk.Sdk` in earnest."""

    def call(self, action: Action, parameters: Mapping[str, Any], about: str) -> dict[str, Any]:
        """The body of the answer; raises what the SDK raises."""


class ProductApi:
    """One product of one region, to be shared between threads.

    `transport` builds what makes the calls, at the first of them. With a `term`, nothing that
    writes is sent outside it. `meter` is told of every attempt.
    """

    def __init__(
        self,
        product: Product,
        region: str,
        transport: Callable[[], Transport],
        pace: Pace,
        term: Term | None = None,
        meter: Meter | None = None,
    ) -> None:
        self.product: Product = product
        self.pace = pace
        self._region = region
        self._term = term
        self._meter = meter
        self._build = transport
        self._built: Transport | None = None
        self._building = threading.Lock()
        self._bucket = pace.bucket()
        self._actions = ACTIONS[product]

    def action(self, name: str) -> Action:
        """The operation of a logical name."""
        return self._actions[name]

    def call(
        self,
        name: str,
        parameters: Mapping[str, Any],
        about: str,
        *,
        token: str | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Call an operation by its logical name; parameters by API name.

        The same `token` goes with every attempt, so that a call whose answer was lost is not done
        twice. A dry run without objections answers an empty body. Raises the errors of `ports`.
        """
        action = self._actions[name]
        sent = dict(parameters)
        if action.region:
            sent["RegionId"] = self._region
        if action.token and token is not None:
            sent["ClientToken"] = token
        if dry_run:
            sent["DryRun"] = True
        waiting = self.pace.retries()
        doubt: OutcomeUnknown | None = None
        while True:
            result = self._measured(action, sent, about)
            if not isinstance(result, Failure):
                return result
            if isinstance(result.error, OutcomeUnknown):
                doubt = result.error
            enough = not result.answered and waiting.count + 1 >= self.pace.attempts
            if not result.again or enough or not waiting.wait(result.after):
                raise _last(result.error, doubt) from result.cause

    def pages(
        self, name: str, parameters: Mapping[str, Any], about: str, field: str
    ) -> Iterator[dict[str, Any]]:
        """The entries called `field` of all pages of a list; the last page's token is empty."""
        token = ""
        while True:
            more = {"NextToken": token} if token else {}
            body = self.call(name, {**parameters, "MaxResults": PAGE, **more}, about)
            if field not in body and body.get("TotalCount") != 0:
                # To take this for an empty list would make everything in it once more.
                raise Unreachable(about, f"{self._actions[name].name} answers without {field}")
            yield from body.get(field) or ()
            token = str(body.get("NextToken") or "")
            if not token:
                return

    def _measured(
        self, action: Action, parameters: Mapping[str, Any], about: str
    ) -> dict[str, Any] | Failure:
        paced = self._bucket.take()
        began = self.pace.clock()
        result = self._attempt(action, parameters, about)
        if self._meter is not None:
            if paced:
                self._meter.paced(self.product, paced)
            error = result.error if isinstance(result, Failure) else None
            self._meter.called(self.product, action.name, error, self.pace.clock() - began)
        return result

    def _attempt(
        self, action: Action, parameters: Mapping[str, Any], about: str
    ) -> dict[str, Any] | Failure:
        right = f"{self.product.lower()}:{action.name}"
        if action.writes and self._term is not None:
            self._term.check(sum(self.pace.write_timeouts))
        try:
            body = self._transport().call(action, parameters, about)
        except WorldError:
            raise
        # The SDK raises all sorts; `_failed` raises anew what is not the world's doing.
        except Exception as error:  # noqa: BLE001
            return _failed(error, about, right, writes=action.writes)
        if not body.get("Code") and body.get("Success") is not False:
            return body
        told = refusal(body, 200)  # some refusals come with the status of a success
        if told.meaning is Meaning.PASSED:
            return {}
        return refused(told, about, right, writes=action.writes)

    def _transport(self) -> Transport:
        with self._building:
            if self._built is None:
                self._built = self._build()
            return self._built


def _last(error: WorldError, doubt: OutcomeUnknown | None) -> WorldError:
    """The error of a call after all its attempts.

    A refusal of the last one does not tell that an earlier, unanswered one was not carried out;
    that something is gone does, for those who wanted it gone.
    """
    if doubt is None or isinstance(error, OutcomeUnknown | CloudMissing):
        return error
    return OutcomeUnknown(error.about, f"{doubt.detail}; tried again: {error.detail}")


def _failed(error: Exception, about: str, right: str, *, writes: bool) -> dict[str, Any] | Failure:
    """Translate what the SDK raised. Raises `error` itself when it is a mistake of ours."""
    data = getattr(error, "data", None)
    status = getattr(error, "status_code", None)
    if isinstance(data, dict) and isinstance(status, int):
        after = getattr(error, "retry_after", None)
        told = refusal(data, status, after / 1000 if after else None)
        if told.meaning is Meaning.PASSED:
            return {}
        failure = refused(told, about, right, writes=writes)
        return Failure(failure.error, failure.again, failure.answered, failure.after, error)
    names = {cls.__name__ for cls in type(error).__mro__}
    if not names & {"TeaException", "ValidateException", "CredentialException", "OSError"}:
        raise error
    return undelivered(error, about, right, writes=writes)
