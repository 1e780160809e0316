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

from gitopsd.ports import (
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
#: Seconds to stay away when a secondary limit says nothing of its own.
_SECONDARY = 60.0
#: Methods that have the same outcome when they are done twice (RFC 9110 §9.2.2). PATCH is one here:
#: what we send with it sets fields to values.
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "PATCH"})


@dataclass(frozen=True, slots=True)
class Request:
    """One request: what it does, in words for people (`deed`), and what goes over the wire.

    `path` is added to the address of the service and is percent-encoded already. `again` says
    whether it may be sent twice; None leaves that to its method.
    """

    method: str
    path: str
    deed: str
    query: Sequence[tuple[str, str]] = ()
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    again: bool | None = None

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
        return Failure(OutcomeUnknown(about, detail))
    return Failure(_client_error(about, status, detail))


def wait_asked(headers: Mapping[str, str], now: float) -> float | None:
    """For how many seconds the service asks to be left alone; None when it does not."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    if text:
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - now)
        except ValueError:
            return None
    for prefix in ("x-ratelimit", "ratelimit"):
        reset = headers.get(f"{prefix}-reset", "")
        if headers.get(f"{prefix}-remaining") == "0" and reset.isdigit():
            return max(0.0, float(reset) - now)
    return None


def quote(body: bytes, secrets: Sequence[str]) -> str:
    """A service's own words: its JSON `message` or the beginning of its page, without secrets."""
    text = body[:4096].decode("utf-8", "replace")
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = re.sub(r"<[^>]*>", " ", text)
    else:
        text = _message(told) or text
    for secret in secrets:
        text = text.replace(secret, "***")
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
    if status == 401:
        return Unauthenticated(about, detail, "give a token that is valid")
    if status == 403:
        return Forbidden(about, detail, "give a token that may do this")
    if status == 404:
        mend = "check the address and the names in it, and that the token may see them"
        return Missing(about, detail, mend)
    if 300 <= status <= 399:
        return Misconfigured(about, detail, "name the address that it leads to, if it is yours")
    return Rejected(about, detail)
