"""Feishu and Lark: a custom bot of a group.

Source: "Custom bot usage guide" (open.feishu.cn, client-docs/bot-v3/add-custom-bot): the signature
is Base64(HMAC-SHA256(key "<timestamp in s>\\n<secret>", nothing)), sent in the body with its
timestamp, which may be an hour off; at most 100 messages a minute and 5 a second; a body of at most
20 KB. Codes: 0, 19021 (signature or time), 19022 (address), 19024 (keyword), 19007 (switched off),
11232 and 9499 (too fast). Rich text (`post`) is made of tags, so that what stands in a `text`
mentions nobody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any, ClassVar

from gitopsd.adapters.alerts.endpoint import Endpoint, Exchange, answered
from gitopsd.adapters.alerts.forms import limited
from gitopsd.model.message import Message
from gitopsd.ports import Misconfigured, RateLimit, Rejected, Throttled, Unreachable, WorldError

_LIMIT = 10_000
_TOO_FAST = frozenset({11232, 9499})
_REFUSED = frozenset({19021, 19022, 19024, 19001, 19002, 19005, 19007})
_LANGUAGES = {"en": "en_us", "zh": "zh_cn"}


class Feishu:
    """A `Sink`."""

    #: Fewer than are allowed: what leaves late comes closer to what leaves after it.
    limits: ClassVar = (RateLimit(4, 1.0), RateLimit(90, 60.0))

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        exchange = self._endpoint.open()
        lines = limited(message, tuple(message.plain()), _LIMIT, "\n").split("\n")
        post = {
            "title": message.title,
            "content": [[{"tag": "text", "text": line}] for line in lines],
        }
        content = {
            **_signed(exchange),
            "msg_type": "post",
            "content": {"post": {_LANGUAGES[message.language]: post}},
        }
        found = answered(exchange.post(content))
        if found.get("code", found.get("StatusCode")) != 0:
            raise _refusal(self._endpoint.about, exchange, found)
        return ""


def _signed(exchange: Exchange) -> dict[str, str]:
    if not exchange.secret:
        return {}
    time = str(int(exchange.time))
    key = f"{time}\n{exchange.secret}".encode()
    code = hmac.new(key, b"", hashlib.sha256).digest()
    return {"timestamp": time, "sign": base64.b64encode(code).decode()}


def _refusal(about: str, exchange: Exchange, found: dict[str, Any]) -> WorldError:
    code, words = found.get("code"), exchange.words(found.get("msg", "no code came back"))
    detail = f"send a message: error {code}: {words}"
    if code in _TOO_FAST:
        return Throttled(about, detail, after=60.0)
    if code in _REFUSED:
        mend = "check the webhook, and the bot's security settings"
        return Misconfigured(about, detail, mend)
    return Unreachable(about, detail) if code is None else Rejected(about, detail)
