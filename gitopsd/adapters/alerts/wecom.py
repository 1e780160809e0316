"""WeCom (企业微信): a robot of a group.

Source: "Group robot configuration" (developer.work.weixin.qq.com/document/path/91770): at most 20
messages a minute for each robot; Markdown of at most 4,096 bytes of UTF-8. Codes: 0, 45009 (too
fast), 45033 (too many at the same time), 93000 (no such robot), 93008 (it is not in the group),
40058 (content refused). There are no signatures: the key in the webhook's URL is all there is.
`<@id>` mentions somebody, so that no `<` is ever sent.
"""

from __future__ import annotations

from typing import ClassVar

from gitopsd.adapters.alerts.endpoint import Endpoint, answered
from gitopsd.adapters.alerts.forms import markdown
from gitopsd.model.message import Message
from gitopsd.ports import RateLimit, Rejected, Throttled, Unauthenticated, Unreachable

_LIMIT = 4_096
_TOO_FAST = frozenset({45009, 45033})
_UNKNOWN = frozenset({93000, 93008})


class WeCom:
    """A `Sink`."""

    limits: ClassVar = (RateLimit(18, 60.0),)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        about, exchange = self._endpoint.about, self._endpoint.open()
        content = {
            "msgtype": "markdown",
            "markdown": {"content": markdown(message, _LIMIT, sep="\n")},
        }
        found = answered(exchange.post(content))
        code = found.get("errcode")
        if code == 0:
            return ""
        words = exchange.words(found.get("errmsg", "no errcode came back"))
        detail = f"send a message: error {code}: {words}"
        if code in _TOO_FAST:
            raise Throttled(about, detail, after=60.0)
        if code in _UNKNOWN:
            raise Unauthenticated(about, detail, "give the webhook of a robot that exists")
        raise (Unreachable if code in (-1, None) else Rejected)(about, detail)
