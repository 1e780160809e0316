"""Any address that takes JSON, for what has no sender of its own.

The body is `model.message.Message.to_json`. With a secret, `X-Gitopsd-Signature` is
`sha256=<hex of HMAC-SHA256(secret, "<X-Gitopsd-Timestamp>.<body>")>`: whoever checks it, and that
the timestamp is not old, knows that it comes from us and was not kept and sent again.
`Idempotency-Key` names the message: one that was sent twice, because its answer was lost, has the
same.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import ClassVar

import orjson

from gitopsd.adapters.alerts.endpoint import Endpoint
from gitopsd.model.message import Message
from gitopsd.ports import RateLimit


class Webhook:
    """A `Sink`."""

    limits: ClassVar = (RateLimit(10, 1.0),)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        exchange = self._endpoint.open()
        body, time = orjson.dumps(message.to_json()), str(int(exchange.time))
        headers = {"Idempotency-Key": message.key, "X-Gitopsd-Timestamp": time}
        if exchange.secret:
            signed = hmac.new(exchange.secret.encode(), f"{time}.".encode() + body, hashlib.sha256)
            headers["X-Gitopsd-Signature"] = f"sha256={signed.hexdigest()}"
        exchange.post(body, headers=headers)
        return ""
