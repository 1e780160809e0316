"""Slack: an incoming webhook, or a bot that keeps one conversation in one message and its thread.

Sources (docs.slack.dev): "Rate limits" (one message a second for each channel and webhook; 429 with
Retry-After), "Sending messages using incoming webhooks" (answers `ok`; cannot edit),
`chat.postMessage` (`thread_ts`, `reply_broadcast`), `chat.update` (50 a minute and more),
"Formatting text" (`&`, `<` and `>` are escaped, which is all that keeps a text from mentioning).
The API says what went wrong in `error`, with HTTP 200.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gitopsd.adapters.alerts.endpoint import Endpoint, Exchange, answered
from gitopsd.adapters.alerts.forms import limited
from gitopsd.model.message import Line, Message
from gitopsd.ports import (
    Forbidden,
    Missing,
    OutcomeUnknown,
    RateLimit,
    Rejected,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)

_LIMIT = 3_500
_DIGEST = "digest"
_REFUSED = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
     "missing_scope", "no_permission", "not_allowed_token_type"}
)  # fmt: skip
_FORBIDDEN = frozenset(
    {"restricted_action", "restricted_action_read_only_channel", "access_denied",
     "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel",
     "team_access_not_granted", "ekm_access_denied", "accesslimited", "enterprise_is_restricted",
     "org_login_required", "team_added_to_org", "two_factor_setup_required"}
)  # fmt: skip
_NOWHERE = frozenset({"channel_not_found", "not_in_channel", "is_archived"})
_TOO_FAST = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_BUSY = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class SlackWebhook:
    """A `Sink`: messages one behind the other."""

    #: Slower than is allowed: what leaves late comes closer to what leaves after it.
    limits: ClassVar = (RateLimit(1, 1.2),)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        exchange = self._endpoint.open()
        answer = exchange.post({"text": _text(message), "unfurl_links": False})
        if answer.body.strip() != b"ok":
            said = exchange.words(answer.body.decode("utf-8", "replace"))
            raise OutcomeUnknown(self._endpoint.about, f"send a message: it answered {said}")
        return ""


class SlackThreads:
    """A `Sink`: one conversation is one message, which says how it stands, and a thread."""

    limits: ClassVar = (RateLimit(1, 1.2),)

    def __init__(self, endpoint: Endpoint, channel: str) -> None:
        self._endpoint = endpoint
        self._channel = channel

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`. The handle is the first message's channel and timestamp, and that it
        was a digest.

        What is new is said in the thread; then the first message is edited, so that whoever only
        reads the channel sees how it ended. A digest stays as it is: it was about others, too.
        """
        if not message.conversation:
            return f"{self._post(message)} {_DIGEST}"
        if not message.handle:
            return self._post(message)
        channel, stamp, *digest = message.handle.split()
        said = {"channel": channel, "thread_ts": stamp, "text": _text(message)}
        self._call("chat.postMessage", said)
        if digest:
            return message.handle
        try:
            self._call("chat.update", {"channel": channel, "ts": stamp, "text": _text(message)})
        except WorldError:
            return message.handle  # the thread has it all; to say it there twice would be worse
        return message.handle

    def _post(self, message: Message) -> str:
        return self._call("chat.postMessage", {"channel": self._channel, "text": _text(message)})

    def _call(self, method: str, content: dict[str, Any]) -> str:
        exchange = self._endpoint.open()
        told = {**content, "unfurl_links": False, "unfurl_media": False}
        found = answered(exchange.post(told, path=f"/api/{method}"))
        if found.get("ok") is not True:
            raise _refusal(self._endpoint.about, exchange, found)
        return f"{found.get('channel', '')} {found.get('ts', '')}"


def _refusal(about: str, exchange: Exchange, found: dict[str, Any]) -> WorldError:
    error = str(found.get("error", ""))
    detail = f"send a message: {exchange.words(error or 'no answer that is understood')}"
    if error in _TOO_FAST:
        return Throttled(about, detail, after=30.0)
    if error in _REFUSED:
        return Unauthenticated(about, detail, "give a bot's token with the scope chat:write")
    if error in _FORBIDDEN:
        return Forbidden(about, detail, "let the bot write in this channel")
    if error in _NOWHERE:
        return Missing(about, detail, "name a channel's id, and invite the bot to it")
    return Unreachable(about, detail) if error in _BUSY or not error else Rejected(about, detail)


def _text(message: Message) -> str:
    lines = (f"*{_escaped(message.title)}*", *map(_line, message.lines))
    return limited(message, lines, _LIMIT, "\n")


def _line(line: Line) -> str:
    code = f"`{_escaped(line.code.replace('`', chr(39)))}`" if line.code else ""
    return " ".join(part for part in (_escaped(line.text), code) if part)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
