"""What a service answered, and what an answer that is no success means in the words of `ports`.

Rate limits are told in three ways. `Retry-After` is RFC 9110 §10.2.3. GitHub's primary limit is
403 or 429 with `x-ratelimit-remaining: 0` and `x-ratelimit-reset` in seconds since 1970; its
secondary limits may say nothing but their message, and then ask for at least a minute ("Rate limits
for the REST API", docs.github.com). GitLab answers 429 with `RateLimit-Reset` ("Rate limits",
docs.gitlab.com).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from gitopsd.adapters.web.masking import masked
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

#: Longest quotation of a service's own words.
_LONGEST = 300
#: So much of what a service says is looked at, in bytes.
_READ = 8192
#: Seconds to stay away when a secondary limit says nothing of its own.
_SECONDARY = 60.0
#: Seconds beyond which nobody is believed to want to be left alone: GitHub's limits are by hours.
_LONGEST_WAIT = 3600.0
_DIGITS = re.compile(r"[0-9]+")
#: Methods that have the same outcome when they are done twice (RFC 9110 §9.2.2). PATCH is one here:
#: what we send with it sets fields to values.
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "PATCH"})
#: What a refusal means. Only three of them are about the content: the others go for any message.
_MEANINGS: Mapping[int, tuple[type[WorldError], str]] = {
    400: (Rejected, ""),
    401: (Unauthenticated, "give a token that is valid"),
    403: (Forbidden, "give a token that may do this"),
    404: (Missing, "check the address and the names in it, and that the token may see them"),
    408: (Unreachable, ""),
    409: (Busy, ""),
    410: (Missing, "it was there and has been taken away: bring it back, or name another"),
    413: (Rejected, ""),
    422: (Rejected, ""),
    425: (Unreachable, ""),
}
_OTHERWISE = (Misconfigured, "check the address, and what the service is set to take")


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what it does, in words for people (`deed`), and what goes over the wire.

    `path` is added to the address of the service, or with `rooted` to its host alone, and is
    percent-encoded already. `again` says
    whether it may be sent twice; None leaves that to its method. `candid`: an answer of 500 to 599
    says that it was not done, but for 504, by which a gateway says that it has not waited.
    """

    method: str
    path: str
    deed: str
    query: Sequence[tuple[str, str]] = ()
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    again: bool | None = None
    candid: bool = False
    rooted: bool = False

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no harm."""
        return self.method in _IDEMPOTENT if self.again is None else self.again

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method not in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a status of 200 to 299; `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    path: str = ""

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that did not succeed, whether to try again, and after how many seconds."""

    error: WorldError
    again: bool = False
    after: float | None = None


def refused(
    about: str, request: Request, status: int, headers: Mapping[str, str], words: str, now: float
) -> Failure:
    """Translate a status that is no success. `words` are quoted; `now` is in seconds since 1970."""
    detail = f"{request.deed}: HTTP {status}" + (f": {words}" if words else "")
    after = wait_asked(headers, now)
    if status == 429 or (status == 403 and _is_limit(headers, words)):
        after = _SECONDARY if after is None else after
        error = Throttled(about, detail, f"try again in {after:.0f} s", after=after)
        return Failure(error, again=True, after=after)
    if status >= 500:
        if request.repeatable:
            return Failure(Unreachable(about, detail), again=True, after=after)
        if request.candid and status != 504:
            return Failure(_not_done(about, detail, after))
        return Failure(OutcomeUnknown(about, detail))
    return Failure(_client_error(about, status, detail))


def _not_done(about: str, detail: str, after: float | None) -> WorldError:
    return Unreachable(about, detail) if after is None else Throttled(about, detail, after=after)


def wait_asked(headers: Mapping[str, str], now: float) -> float | None:
    """For how many seconds the service asks to be left alone; None when it does not.

    A slip of its clock, or of whoever wrote its settings, must not silence us for years.
    """
    text = headers.get("retry-after", "").strip()
    if _DIGITS.fullmatch(text):
        return _bounded(float(text))
    if text:
        try:
            return _bounded(parsedate_to_datetime(text).timestamp() - now)
        except (ValueError, OverflowError):
            return None
    for prefix in ("x-ratelimit", "ratelimit"):
        reset = headers.get(f"{prefix}-reset", "")
        if headers.get(f"{prefix}-remaining") == "0" and _DIGITS.fullmatch(reset):
            return _bounded(float(reset) - now)
    return None


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), _LONGEST_WAIT)


def quote(body: bytes, secrets: Sequence[str]) -> str:
    """A service's own words: its JSON `message` or the beginning of its page, without secrets."""
    text = body[:_READ].decode("utf-8", "replace")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = re.sub(r"<[^>]*>", " ", text)
    else:
        text = _message(told) or orjson.dumps(told).decode()
    return shown(text, secrets)


def shown(text: str, secrets: Sequence[str]) -> str:
    """What others said, in one short line, without secrets."""
    text = masked(text[:_READ], secrets)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _message(told: Any) -> str:
    """What GitHub, GitLab and Gitea say: `message` or `error`, and the fields in `errors`."""
    if not isinstance(told, dict):
        return ""
    message = told.get("message") or told.get("error") or told.get("error_description") or ""
    parts = [message if isinstance(message, str) else orjson.dumps(message).decode()]
    errors = told.get("errors")
    for item in errors if isinstance(errors, list) else ():
        part = item.get("message") or item.get("code") if isinstance(item, dict) else item
        field_name = item.get("field") if isinstance(item, dict) else None
        parts.append(f"{field_name}: {part}" if field_name else str(part))
    return "; ".join(part for part in parts if part)


def _is_limit(headers: Mapping[str, str], words: str) -> bool:
    limited = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return limited or "rate limit" in words.lower()


def _client_error(about: str, status: int, detail: str) -> WorldError:
    if 300 <= status <= 399:
        return Misconfigured(about, detail, "name the address that it leads to, if it is yours")
    kind, mend = _MEANINGS.get(status, _OTHERWISE)
    return kind(about, detail, mend)
