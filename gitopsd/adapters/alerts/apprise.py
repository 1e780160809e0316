"""The long tail: any service that Apprise knows, where it is installed (`gitopsd[apprise]`)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import ClassVar

from gitopsd.adapters.alerts.forms import text, unmarked
from gitopsd.model.message import Message, Severity
from gitopsd.ports import Misconfigured, RateLimit, Unreachable

_LIMIT = 30_000
_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}


class AppriseService:
    """A `Sink`. What Apprise itself logs is not ours to read: it says yes or no, and why stays
    there. Which service it speaks to we do not know, so that no sign that calls somebody in any of
    them is left as it is.
    """

    limits: ClassVar = (RateLimit(10, 60.0),)

    def __init__(self, about: str, url: Callable[[], str]) -> None:
        self._about = about
        self._url = url

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        try:
            library = importlib.import_module("apprise")
        except ImportError as error:
            detail = "Apprise is not installed"
            raise Misconfigured(self._about, detail, "pip install 'gitopsd[apprise]'") from error
        service = library.Apprise()
        if not service.add(self._url()):
            raise Misconfigured(self._about, "Apprise does not know such a URL", "check its form")
        kind = "success" if message.ended else _TYPES[message.severity]
        body, title = unmarked(text(message, _LIMIT)), unmarked(message.title)
        if not service.notify(body=body, title=title, notify_type=kind, body_format="text"):
            raise Unreachable(self._about, "send a message: Apprise could not deliver it")
        return ""
