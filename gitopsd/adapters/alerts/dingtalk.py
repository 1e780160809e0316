"""DingTalk: a custom robot of a group.

Sources: "Custom robot access" and "Custom robot security settings" (open.dingtalk.com): the
signature is Base64(HMAC-SHA256(secret, "<timestamp in ms>\\n<secret>")), sent in the query with its
timestamp, which may be an hour off; at most 20 messages a minute for each robot, and one that
exceeds this is refused for ten minutes; Markdown in `markdown.text`. Error codes as users report
them: 310000 (signature, keyword or address refused), 130101 and 660026 (too fast), 300001 and
300005 (no such token), -1 (busy). A message cannot be edited, nor answered in a thread.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import ClassVar

from gitopsd.adapters.alerts.endpoint import Endpoint, Exchange, answered
from gitopsd.adapters.alerts.forms import markdown
from gitopsd.model.message import Message
from gitopsd.ports import (
    Misconfigured,
    RateLimit,
    Rejected,
    Throttled,
    Unauthenticated,
    Unreachable,
    WorldError,
)

_LIMIT = 16_000
_TOO_FAST = frozenset({130101, 660026, 410100})
_UNKNOWN = frozenset({300001, 300005, 400013, 400101, 400102})
_PENALTY = 600.0


class DingTalk:
    """A `Sink`."""

    #: A few less than are allowed: to exceed it costs ten minutes.
    limits: ClassVar = (RateLimit(18, 60.0),)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        exchange = self._endpoint.open()
        content = {
            "msgtype": "markdown",
            "markdown": {"title": message.title, "text": markdown(message, _LIMIT)},
            "at": {"isAtAll": False},
        }
        found = answered(exchange.post(content, query=_signed(exchange)))
        if found.get("errcode") != 0:
            raise _refusal(self._endpoint.about, exchange, found)
        return ""


def _signed(exchange: Exchange) -> tuple[tuple[str, str], ...]:
    if not exchange.secret:
        return ()
    time = str(round(exchange.time * 1000))
    text = f"{time}\n{exchange.secret}".encode()
    code = hmac.new(exchange.secret.encode(), text, hashlib.sha256).digest()
    return (("timestamp", time), ("sign", base64.b64encode(code).decode()))


def _refusal(about: str, exchange: Exchange, found: dict[str, object]) -> WorldError:
    code, words = found.get("errcode"), exchange.words(found.get("errmsg", "no errcode came back"))
    detail = f"send a message: error {code}: {words}"
    if code in _TOO_FAST:
        return Throttled(about, detail, after=_PENALTY)
    if code in _UNKNOWN:
        return Unauthenticated(about, detail, "give the webhook of a robot that exists")
    if code == 310000:
        mend = "check the robot's security settings: its signature, keywords and addresses"
        return Misconfigured(about, detail, mend)
    return Unreachable(about, detail) if code in (-1, None) else Rejected(about, detail)
