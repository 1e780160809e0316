"""What a delivery leads to: a look, nothing, or a refusal."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gitopsd.daemon.webhooks.providers import PROVIDERS, Delivery, Verdict

#: Deliveries and sources that are remembered; the oldest are forgotten first.
_REMEMBERED = 4096
#: Requests of one source: so many at once, and so many a second in the long run.
BURST, RATE = 60, 2.0


class Secrets(Protocol):
    """Where the secrets of a provider come from."""

    def __call__(self, provider: str) -> Sequence[tuple[str, bytes]]:
        """(repository, secret) of every repository that this provider may tell about."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of HTTP and a sentence."""

    status: int
    text: str


class Receiver:
    """Judges deliveries and has repositories `look`ed at. Safe between threads.

    A repository is found by the secret that proves the delivery, never by what the body says. A
    delivery that is known already is answered without work; a hundred that are new make one look,
    because a look that is wished for twice is one.
    """

    def __init__(
        self,
        secrets: Secrets,
        look: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
        time_of_day: Callable[[], float] = time.time,
    ) -> None:
        self._secrets = secrets
        self._look = look
        self._clock = clock
        self._time_of_day = time_of_day
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._sources: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admits(self, source: str) -> bool:
        """Whether a source may ask now, or has asked too often; to be asked before its body is
        read.
        """
        now = self._clock()
        with self._lock:
            tokens, filled = self._sources.pop(source, (float(BURST), now))
            tokens = min(float(BURST), tokens + (now - filled) * RATE)
            admitted = tokens >= 1
            self._sources[source] = (tokens - 1 if admitted else tokens, now)
            _shorten(self._sources)
        return admitted

    def receive(self, provider: str, headers: dict[str, str], body: bytes) -> Answer:
        """Judge a delivery, and look if it is a good one."""
        known = PROVIDERS.get(provider)
        secrets = self._secrets(provider) if known else ()
        if known is None or not secrets:
            return Answer(404, f"no repository is told about by {provider[:40]!r}")
        delivery = Delivery(headers, body, self._time_of_day())
        verdicts = [(name, known.judge(delivery, secret)) for name, secret in secrets]
        names = sorted({name for name, verdict in verdicts if verdict is Verdict.GOOD})
        if not names:
            order = (Verdict.STALE, Verdict.WRONG, Verdict.MISSING)
            found = {verdict for _, verdict in verdicts}
            return Answer(401, next(str(verdict) for verdict in order if verdict in found))
        called = known.name(delivery)
        fresh = [name for name in names if not called or self._is_new((provider, name, called))]
        for name in fresh:
            self._look(name)
        return Answer(202, "looking") if fresh else Answer(200, "this delivery is known")

    def _is_new(self, delivery: tuple[str, str, str]) -> bool:
        with self._lock:
            if delivery in self._seen:
                return False
            self._seen[delivery] = None
            _shorten(self._seen)
            return True


def _shorten(table: OrderedDict[str, tuple[float, float]] | OrderedDict[tuple[str, str, str], None]
             ) -> None:  # fmt: skip
    while len(table) > _REMEMBERED:
        table.popitem(last=False)


def secrets_in(file: Path) -> list[bytes]:
    """The secrets in a file, one a line; none while it cannot be read."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return []
    return [line.strip() for line in lines if line.strip()]
