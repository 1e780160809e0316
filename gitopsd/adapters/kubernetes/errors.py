"""What the API server refuses, and what goes wrong on the way to it, in the words of `ports`.

A refusal is judged by its HTTP status and the Status object in its body, as kube-apiserver 1.36
answers; what its status alone would misname (a schema error served as 500, a quota served as 403)
is recognised by the server's own words.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import urllib3.exceptions as transport
from kubernetes.client.exceptions import OpenApiException
from kubernetes.config import ConfigException

from gitopsd.adapters.kubernetes.request import Request
from gitopsd.ports import (
    Busy,
    Forbidden,
    Misconfigured,
    Missing,
    OutcomeUnknown,
    Overtaken,
    Rejected,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)


class NoSuchObject(Missing):
    """The object asked for does not exist, although the API and its kind do."""


class Untried(Rejected):
    """A refusal that a dry run may meet and the real thing would not: the dry run tells nothing.

    A quota is used up by the very object that is about to go; a webhook knows no dry runs.
    """


class ListExpired(Busy):
    """A continue token is too old: the list has to begin again."""


#: What a status means by itself; any other 4xx is a refused content.
_BY_STATUS: Mapping[int, tuple[type[WorldError], str]] = {
    401: (Unauthenticated, "renew the kubeconfig's or the service account's credentials"),
    409: (Overtaken, "plan again"),
    410: (ListExpired, ""),
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that did not succeed: the error, whether to try again, and after how long.

    `after` is the server's Retry-After in seconds, `cause` the library's own exception.
    """

    error: WorldError
    again: bool = False
    after: float | None = None
    cause: BaseException | None = None


#: Failures that happen before a request is on its way: whatever it was, it was not done.
_NOT_SENT = (
    transport.NewConnectionError,
    transport.ConnectTimeoutError,
    transport.EmptyPoolError,
    transport.FullPoolError,
    transport.ClosedPoolError,
    ssl.SSLCertVerificationError,
)
#: Failures of our own settings: a URL, a header or a proxy that cannot be used.
_SETTINGS = (
    transport.LocationValueError,
    transport.ProxySchemeUnknown,
    transport.ProxySchemeUnsupported,
    transport.InvalidHeader,
    ConfigException,
    FileNotFoundError,  # a certificate or token that the kubeconfig names
)
#: All that the client library and urllib3 are known to raise while a request is made.
TRANSPORT_ERRORS: tuple[type[Exception], ...] = (
    transport.HTTPError,
    transport.HTTPWarning,
    transport.ProxySchemeUnsupported,
    OpenApiException,
    ConfigException,
    OSError,
)


def undelivered(error: Exception, request: Request) -> Failure:
    """Translate an exception raised while `request` was sent or its answer was read."""
    chain = list(_chain(error))
    words = _words(error)
    if any(isinstance(link, _SETTINGS) for link in chain):
        # Found while the request is prepared: nothing was sent.
        mend = "check the kubeconfig's server, proxy and credentials"
        return Failure(Misconfigured(request.about, words, mend), cause=error)
    sent = not any(isinstance(link, _NOT_SENT) for link in chain)
    if sent and request.writes:
        detail = f"{request.verb} was sent and not answered: {words}"
        return Failure(OutcomeUnknown(request.about, detail), cause=error)
    return Failure(Unreachable(request.about, words), again=True, cause=error)


def refused(status: int, headers: Mapping[str, str], body: bytes, request: Request) -> Failure:
    """Translate an answer that is not a success."""
    told = _status(body)
    detail = _detail(told, status, body)
    after = _retry_after(headers)
    if status == 429:
        return Failure(Throttled(request.about, detail), again=True, after=after)
    if status >= 500:
        return _server_error(status, detail, after, request)
    return Failure(_client_error(status, told, detail, request))


def not_kubernetes(request: Request, what: str) -> WorldError:
    """An answer that no API server gives: something else listens at this address."""
    if request.writes:
        return OutcomeUnknown(
            request.about, f"the answer to {request.verb} is not understood: {what}"
        )
    return Unreachable(request.about, f"the answer is not a Kubernetes object: {what}")


def _client_error(
    status: int, told: Mapping[str, Any], detail: str, request: Request
) -> WorldError:
    if status == 403:
        return _forbidden(told, detail, request)
    if status == 404:
        return _missing(told, detail, request)
    if status == 422 and _uid_differs(told):
        return Overtaken(request.about, f"it was deleted and made anew: {detail}", "plan again")
    if status == 400 and "does not support dry run" in detail:
        return Untried(request.about, detail)
    kind, mend = _BY_STATUS.get(status, (Rejected, ""))
    return kind(request.about, detail, mend)


def _forbidden(told: Mapping[str, Any], detail: str, request: Request) -> WorldError:
    """403 is a missing right, unless admission said it: quota, webhook, a namespace going away."""
    reasons = {cause.get("reason") for cause in _causes(told)}
    if "NamespaceTerminating" in reasons or "because it is being terminated" in detail:
        return Busy(request.about, detail, "wait until the namespace is gone, and create it again")
    if "exceeded quota" in detail:
        return Untried(request.about, detail, "raise the ResourceQuota or remove something")
    if "denied the request" in detail or "denied request" in detail:
        return Rejected(request.about, detail)
    return Forbidden(
        request.about,
        f"no right to {request.verb} {request.resource}: {detail}",
        f"allow the verb {request.verb} on {request.resource} in a Role or ClusterRole",
    )


def _missing(told: Mapping[str, Any], detail: str, request: Request) -> WorldError:
    details = told.get("details") or {}
    if not told:
        mend = "check the server's address: no Kubernetes API answers there"
        return Missing(request.about, detail, mend)
    name = details.get("name")
    if details.get("kind") == "namespaces" and request.resource != "namespaces":
        return Missing(request.about, detail, f"kubectl create namespace {name}")
    if name:
        return NoSuchObject(request.about, detail)
    return Missing(request.about, detail, f"this cluster does not serve {request.resource}")


def _server_error(status: int, detail: str, after: float | None, request: Request) -> Failure:
    """5xx: the server's trouble, except for a manifest that does not fit the schema (500)."""
    if status == 500 and "failed to create typed patch object" in detail:
        return Failure(Rejected(request.about, detail))
    if status == 500 and "failed calling webhook" in detail:
        return Failure(Busy(request.about, detail), again=True, after=after)
    if request.writes:
        return Failure(OutcomeUnknown(request.about, f"HTTP {status} to {request.verb}: {detail}"))
    return Failure(Unreachable(request.about, f"HTTP {status}: {detail}"), again=True, after=after)


def _status(body: bytes) -> dict[str, Any]:
    """The Status object of a refusal; empty when the body is none (a proxy's page)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) and value.get("kind") == "Status" else {}


def _causes(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list((told.get("details") or {}).get("causes") or ())


def _uid_differs(told: Mapping[str, Any]) -> bool:
    """A write that names another uid than the object's is answered as "field is immutable"."""
    return any(cause.get("field") == "metadata.uid" for cause in _causes(told))


def _detail(told: Mapping[str, Any], status: int, body: bytes) -> str:
    """The server's words, with every cause that they do not already hold."""
    if not told:
        page = " ".join(body[:200].decode("utf-8", "replace").split())
        return f"HTTP {status}, not from a Kubernetes API: {page or 'empty answer'}"
    message = str(told.get("message") or f"HTTP {status}")
    more: dict[str, None] = {}
    for cause in _causes(told):
        text, field = str(cause.get("message") or ""), str(cause.get("field") or "")
        if not (text in message and field in message):
            more[f"{field}: {text}" if field else text] = None
    return "; ".join([message, *more])


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds; kube-apiserver never sends the date form."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that stands behind it: reasons, causes, contexts."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]
        waiting += [arg for arg in (getattr(link, "reason", None), *link.args) if _is_error(arg)]


def _is_error(value: object) -> bool:
    return isinstance(value, BaseException)


def _words(error: Exception) -> str:
    """What an exception says, in one line and never empty."""
    reason = getattr(error, "reason", None)
    text = reason if isinstance(reason, str) else str(error)
    return " ".join(text.split()) or type(error).__name__
