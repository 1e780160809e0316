"""The page that Prometheus reads."""

from __future__ import annotations

from prometheus_client import ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from gitopsd.daemon.metrics.counts import Counts
from gitopsd.daemon.metrics.standing import Standing


class MetricsPage:
    """`GET /metrics`: the counts, what stands, and the process's own memory, time and files."""

    def __init__(self, counts: Counts, standing: Standing) -> None:
        self._registry = counts.registry
        self._registry.register(standing)
        ProcessCollector(registry=self._registry)

    def __call__(self) -> tuple[int, str, bytes]:
        """Status, content type and body, in Prometheus' text format."""
        return 200, CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self._registry)
