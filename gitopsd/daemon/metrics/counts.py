"""Counting what happens, as it happens."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from gitopsd.daemon.metrics import families
from gitopsd.daemon.metrics.families import Family
from gitopsd.daemon.passes import PassResult
from gitopsd.daemon.webhooks.providers import PROVIDERS
from gitopsd.ports import WorldError


class Counts:
    """The numbers of one process; a `ports.Meter`. All methods are safe from any thread."""

    def __init__(self) -> None:
        # `…_created` series would be on the page, and no table of ours tells of them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        self._counters = {
            family: Counter(family.name, family.help, family.labels, registry=self.registry)
            for family in families.COUNTED
            if family.type == "counter"
        }
        self._histograms = {
            family: Histogram(
                family.name,
                family.help,
                family.labels,
                buckets=family.buckets,
                registry=self.registry,
            )
            for family in families.COUNTED
            if family.type == "histogram"
        }

    def called(
        self, product: str, operation: str, error: WorldError | None, seconds: float
    ) -> None:
        """See `ports.Meter.called`."""
        self._count(families.CALLS, product, operation, result_of(error))
        self._measure(families.CALL, seconds, product)

    def paced(self, product: str, seconds: float) -> None:
        """See `ports.Meter.paced`."""
        self._count(families.PACED, product, by=seconds)

    def pass_ended(self, place: tuple[str, str], result: PassResult | None) -> None:
        """A pass at a place (repository, target) ended; None for one that failed on the way."""
        self._count(families.PASSES, *place, "failed" if result is None else result.verdict)
        if result is None:
            return
        for phase, seconds in result.seconds.items():
            self._measure(families.PHASE, seconds, *place, phase)
        for done in result.outcome.results if result.outcome else ():
            step = done.step
            self._count(families.CHANGES, *place, step.kind, step.operation, done.state)

    def drift_found(self, place: tuple[str, str], kind: str) -> None:
        """A thing of this kind has drifted that had not before."""
        self._count(families.DRIFT_FOUND, *place, kind)

    def answered(self, provider: str, status: int) -> None:
        """A webhook's delivery was answered; what is no provider has no name of its own."""
        known = provider if provider in PROVIDERS else "unknown"
        self._count(families.WEBHOOKS, known, str(status))

    def told(self, sink: tuple[str, str], error: WorldError | None) -> None:
        """A sink (its name, its kind) was sent a message; what went wrong, None for nothing."""
        self._count(families.MESSAGES, *sink, result_of(error))

    def _count(self, family: Family, *labels: str, by: float = 1.0) -> None:
        self._counters[family].labels(*labels).inc(by)

    def _measure(self, family: Family, seconds: float, *labels: str) -> None:
        self._histograms[family].labels(*labels).observe(seconds)


def result_of(error: WorldError | None) -> str:
    """`ok`, or the kind of error as `ports` calls it, in snake_case."""
    return error.kind if error else "ok"
