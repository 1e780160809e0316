"""What the cloud refuses, and what goes wrong on the way to it, in the words of `ports`.

Codes are documented per product and in different letter case for the same thing, so they are
compared without regard to case (facts §6.5). The HTTP status only helps where a code is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from gitopsd.ports import (
    Busy,
    Forbidden,
    Misconfigured,
    Missing,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)


class Meaning(Enum):
    """What a code tells us to do."""

    PASSED = auto()  # a dry run without objections
    THROTTLED = auto()
    BUSY = auto()  # the state forbids it for a moment
    IN_USE = auto()  # the state forbids it until somebody lets go
    UNAVAILABLE = auto()  # the service's own trouble: whether it was done is not known
    MISSING = auto()
    FORBIDDEN = auto()
    UNAUTHENTICATED = auto()
    MANAGED = auto()
    REJECTED = auto()


#: Beginnings of codes in lower case, the first that fits counts (facts §6.5 and §8).
_CODES: tuple[tuple[str, Meaning], ...] = (
    ("dryrunoperation", Meaning.PASSED),
    ("throttling", Meaning.THROTTLED),
    ("incorrectstatus", Meaning.BUSY),
    ("resourceinconfiguring", Meaning.BUSY),
    ("operationfailed.resourceisconfiguring", Meaning.BUSY),
    ("vipstatusnotsupport", Meaning.BUSY),
    ("conflict.lock", Meaning.BUSY),
    ("systembusy", Meaning.BUSY),
    ("idempotenceprocessing", Meaning.BUSY),
    ("resourceinuse", Meaning.IN_USE),
    ("serviceunavailable", Meaning.UNAVAILABLE),
    ("internalerror", Meaning.UNAVAILABLE),
    ("resourcenotfound", Meaning.MISSING),
    ("operationdenied.servicemanagedresource", Meaning.MANAGED),
    ("forbidden.accesskey", Meaning.UNAUTHENTICATED),
    ("forbidden", Meaning.FORBIDDEN),
    ("nopermission", Meaning.FORBIDDEN),
    ("invalidaccesskey", Meaning.UNAUTHENTICATED),
    ("invalidsecuritytoken", Meaning.UNAUTHENTICATED),
    ("missingsecuritytoken", Meaning.UNAUTHENTICATED),
    ("missingaccesskey", Meaning.UNAUTHENTICATED),
    ("invalidcredentials", Meaning.UNAUTHENTICATED),
    ("signaturedoesnotmatch", Meaning.UNAUTHENTICATED),
    ("incompletesignature", Meaning.UNAUTHENTICATED),
    ("invalidtimestamp", Meaning.UNAUTHENTICATED),
)
#: NLB answers a bare `Conflict` where others lock; longer codes of this name mean other things.
_EXACT = {"conflict": Meaning.BUSY}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that refuses: the API's code and words, and what they mean.

    `after` is the wait it asks for in seconds, `action` the right it misses (`alb:TagResources`).
    """

    code: str
    message: str
    request_id: str
    meaning: Meaning
    after: float | None = None
    action: str = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.message} (request {self.request_id})"


@dataclass(frozen=True, slots=True)
class Failure:
    """A call that did not succeed: the error, whether to try again, and how patiently.

    `answered` tells whether the API itself said it; then the time budget bounds the attempts,
    otherwise their number does.
    """

    error: WorldError
    again: bool = False
    answered: bool = True
    after: float | None = None
    cause: BaseException | None = None


class CloudMissing(Missing):
    """ResourceNotFound: the group, member or job named in a call does not exist."""


def meaning(code: str, status: int) -> Meaning:
    """What a code means; an unknown one of a 5xx status is the service's own trouble."""
    low = code.lower()
    if low in _EXACT:
        return _EXACT[low]
    for beginning, found in _CODES:
        if low.startswith(beginning):
            return found
    return Meaning.UNAVAILABLE if status >= 500 else Meaning.REJECTED


def refusal(body: Mapping[str, Any], status: int, after: float | None = None) -> Refusal:
    """Read the body of a refusal, whatever HTTP status carried it."""
    code = str(body.get("Code") or f"HTTP {status}")
    denied = body.get("AccessDeniedDetail") or {}
    # A refused signature is explained by what was signed, which may hold a session's token.
    message = str(body.get("Message") or "no message").partition("string to sign")[0]
    return Refusal(
        code,
        message,
        str(body.get("RequestId") or "unknown"),
        meaning(code, status),
        after,
        str(denied.get("AuthAction") or ""),
    )


def refused(told: Refusal, about: str, action: str, *, writes: bool) -> Failure:
    """Translate a refusal of `action` (`alb:CreateServerGroup`) on `about`."""
    detail = f"{action}: {told}"
    match told.meaning:
        case Meaning.THROTTLED:
            return Failure(Throttled(about, detail), again=True, after=told.after)
        case Meaning.BUSY:
            return Failure(Busy(about, detail), again=True, after=told.after)
        case Meaning.UNAVAILABLE:
            kind = OutcomeUnknown if writes else Unreachable
            return Failure(kind(about, detail), again=True, after=told.after)
        case Meaning.IN_USE:
            mend = "a listener or rule still refers to it"
            return Failure(Busy(about, detail, mend))
        case Meaning.MISSING:
            return Failure(CloudMissing(about, detail))
        case _:
            return Failure(_for_good(told, about, detail, action))


def _for_good(told: Refusal, about: str, detail: str, action: str) -> WorldError:
    if told.meaning is Meaning.FORBIDDEN:
        right = told.action or action
        return Forbidden(about, detail, f"allow {right} in the RAM policy of this identity")
    if told.meaning is Meaning.UNAUTHENTICATED:
        mend = "check the credentials, whether they have expired, and this machine's clock"
        return Unauthenticated(about, detail, mend)
    if told.meaning is Meaning.MANAGED:
        return Rejected(about, detail, "ACK manages this group: name another one")
    return Rejected(about, detail)


def undelivered(error: BaseException, about: str, action: str, *, writes: bool) -> Failure:
    """Translate a failure without an answer of the API: network, proxy, credentials, settings."""
    chain = list(_chain(error))
    names = {cls.__name__ for link in chain for cls in type(link).__mro__}
    words = f"{action}: {_words(chain)}"
    if "CredentialException" in names:
        mend = "set ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET, a profile, or bind a RAM role (RRSA)"
        return Failure(Unauthenticated(about, words, mend), cause=error)
    if names & _SETTINGS:
        return Failure(Misconfigured(about, words, "check region, endpoint, proxy"), cause=error)
    if writes and not names & _NOT_SENT:
        return Failure(OutcomeUnknown(about, words), again=True, answered=False, cause=error)
    return Failure(Unreachable(about, words), again=True, answered=False, cause=error)


#: Exceptions of requests and urllib3 that are raised before a request is on its way. They are
#: known by name: the SDK hides them, and importing requests here would cost every start.
_NOT_SENT = frozenset(
    {
        "NewConnectionError",
        "NameResolutionError",
        "ConnectTimeoutError",
        "ConnectTimeout",
        "ProxyError",
        "SSLCertVerificationError",
    }
)
_SETTINGS = frozenset(
    {
        "InvalidURL",
        "InvalidSchema",
        "MissingSchema",
        "InvalidProxyURL",
        "InvalidHeader",
        "LocationValueError",
        "ValidateException",
    }
)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and all that stands behind it; the SDK keeps the real one as a context."""
    waiting = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [getattr(link, "inner_exception", None), link.__cause__, link.__context__]
        waiting += [
            arg
            for arg in (getattr(link, "reason", None), *link.args)
            if isinstance(arg, BaseException)
        ]


def _words(chain: list[BaseException]) -> str:
    """What the innermost library error says, in one line: the outer ones only repeat it."""
    telling = [link for link in chain if type(link).__name__ == "CredentialException"]
    library = [link for link in chain if type(link).__module__ != "builtins"]
    for link in [*telling, *reversed(library), *chain]:
        text = getattr(link, "message", None) or str(link)
        line = " ".join(str(text).split())
        if line and line != "None":
            return line
    return type(chain[0]).__name__
