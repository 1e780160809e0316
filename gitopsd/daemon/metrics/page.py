"""The page that Prometheus reads."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from gitopsd.daemon.metrics.counts import Counts
from gitopsd.daemon.metrics.standing import Standing

#: Seconds for which a page that was made is shown.
RECENT = 1.0


class Recent:
    """A page that takes its time, made at most once a second: the server that shows it answers the
    probes as well, one after the other. For one thread.
    """

    def __init__(
        self,
        page: Callable[[], tuple[int, str, bytes]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._page = page
        self._clock = clock
        self._made: tuple[int, str, bytes] | None = None
        self._at = 0.0

    def __call__(self) -> tuple[int, str, bytes]:
        """The page as it was less than a second ago."""
        now = self._clock()
        if self._made is None or now - self._at >= RECENT:
            self._made, self._at = self._page(), now
        return self._made


class MetricsPage:
    """`GET /metrics`: the counts, what stands, and the process's own memory, time and files."""

    def __init__(self, counts: Counts, standing: Standing) -> None:
        self._registry = counts.registry
        self._registry.register(standing)
        ProcessCollector(registry=self._registry)

    def __call__(self) -> tuple[int, str, bytes]:
        """Status, content type and body, in Prometheus' text format."""
        return 200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self._registry)
