"""Microsoft Teams: a workflow that begins when a webhook request is received.

Sources (learn.microsoft.com): "Create and send messages" (Workflows take Adaptive Cards only),
"Rate limiting for connectors" (four requests a second; a message of at most 28 KB; a refusal may
come as HTTP 200 with "HTTP error 429" in its text). A workflow answers 202. Text runs of a
RichTextBlock have no Markdown, so that a value stays a value.
"""

from __future__ import annotations

from typing import Any, ClassVar

from gitopsd.adapters.alerts.endpoint import Endpoint
from gitopsd.adapters.alerts.forms import limited
from gitopsd.model.message import Message, Severity
from gitopsd.ports import RateLimit, Throttled

_LIMIT = 12_000
_COLOURS = {Severity.CRITICAL: "Attention", Severity.WARNING: "Warning", Severity.INFO: "Good"}


class Teams:
    """A `Sink`."""

    #: Slower than is allowed: what leaves late comes closer to what leaves after it.
    limits: ClassVar = (RateLimit(1, 1.2),)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        exchange = self._endpoint.open()
        answer = exchange.post({"type": "message", "attachments": [_card(message)]})
        words = answer.body[:300].decode("utf-8", "replace")
        if "HTTP error 429" in words:
            detail = f"send a message: {exchange.words(words)}"
            raise Throttled(self._endpoint.about, detail, after=60.0)
        return ""


def _card(message: Message) -> dict[str, Any]:
    colour = "Good" if message.ended else _COLOURS[message.severity]
    title = {"type": "TextRun", "text": message.title, "weight": "Bolder", "color": colour}
    lines = limited(message, tuple(message.plain()), _LIMIT, "\n").split("\n")
    blocks = [title, *({"type": "TextRun", "text": line} for line in lines)]
    return {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "msteams": {"width": "Full"},
            "body": [{"type": "RichTextBlock", "inlines": [block]} for block in blocks],
        },
    }
