"""Commit statuses: how a target stands to the commit that it is at, beside that commit.

The context is `gitopsd/<target>`; a newer status of the same context takes the place of the older.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from gitopsd.model.message import Message
from gitopsd.ports import CommitStatus, Forge, RateLimit, StatusState

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class CommitStatuses:
    """A `Sink` that is told the state of a target. `open_forge` reads the token anew each time."""

    limits: ClassVar = (RateLimit(20, 60.0),)

    def __init__(self, open_forge: Callable[[], Forge]) -> None:
        self._open = open_forge

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`. What is no commit (a folder of files) has no status."""
        if not _COMMIT.fullmatch(message.revision):
            return ""
        forge = self._open()
        state = StatusState.SUCCESS if message.ended else StatusState.FAILURE
        title = message.title
        if len(title) > forge.limits.status:
            title = f"{title[: forge.limits.status - 1]}…"
        context = f"gitopsd/{message.target}"
        forge.set_status(message.revision, CommitStatus(context, state, title))
        return ""
