"""Waiting for the world, with time as an argument."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field


def _token() -> str:
    return uuid.uuid4().hex


class Waiting(Exception):
    """Not now, and nobody's fault: the next pass goes on from here. `mend` says how to help."""

    def __init__(self, detail: str, mend: str = "") -> None:
        super().__init__(detail)
        self.mend = mend or "run it again later; nothing has to be undone"


@dataclass(frozen=True, slots=True)
class Times:
    """How long a step waits for the world, in seconds, and how it waits.

    `gone` bounds the wait for a deleted object's finalizers, `unused` that for a group's last load
    balancer to let go, `answering` that for new members to answer their health checks; what takes
    longer is left to the next pass. `poll` is the pause between two looks, `probe` that between
    two looks at health, which cost a call a listener. `token` makes ClientTokens.
    """

    gone: float = 60.0
    unused: float = 20.0
    answering: float = 60.0
    poll: float = 0.25
    probe: float = 1.0
    clock: Callable[[], float] = field(default=time.monotonic)
    sleep: Callable[[float], None] = field(default=time.sleep)
    token: Callable[[], str] = field(default=_token)

    def until(
        self, condition: Callable[[], bool], budget: float, pause: float | None = None
    ) -> bool:
        """Ask `condition` until it holds or the budget is spent; whether it held."""
        end = self.clock() + budget
        while not condition():
            if self.clock() >= end:
                return False
            self.sleep(self.poll if pause is None else pause)
        return True
