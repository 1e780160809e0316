"""Spans by OpenTelemetry's SDK, sent by OTLP over HTTP from a thread of its own.

The SDK reads the variables of the OpenTelemetry specification by itself: `OTEL_EXPORTER_OTLP_…`,
`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import (
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    SERVICE_VERSION,
    OTELResourceDetector,
    Resource,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace import Span as OtelSpan

from gitopsd.adapters.tracing.arrival import Arrival
from gitopsd.ports import Span, WorldError
from gitopsd.ports.tracing import Attributes

#: Seconds that the last spans get when the operator leaves.
_LAST = 3.0
#: `rpc.system.name`: the conventions have no name for these two, and allow for others.
_SYSTEMS = {"Kubernetes": "kubernetes"}
_CLOUD = "alibaba_cloud"


class _Work:
    """A `ports.Span`."""

    def __init__(self, span: OtelSpan) -> None:
        self.span = span

    @property
    def trace(self) -> str:
        return trace.format_trace_id(self.span.get_span_context().trace_id)

    def note(self, attributes: Attributes) -> None:
        self.span.set_attributes(dict(attributes))

    def fail(self, kind: str, why: str = "") -> None:
        self.span.set_status(Status(StatusCode.ERROR, why or None))
        self.span.set_attribute("error.type", kind)


class OtlpTracing:
    """A `ports.Tracer`, and a `ports.Meter` that makes a span of each request that is a part of
    some work. Nothing here waits for the collector: what it does not take in time is lost.

    `endpoint` is where traces are posted, None for what the environment says; `me` tells one
    process from others. Raises ValueError
    for variables that cannot be used.
    """

    def __init__(self, endpoint: str | None, version: str, me: str) -> None:
        self._arrival = Arrival(lambda session: OTLPSpanExporter(endpoint, session=session))
        self._provider = TracerProvider(resource=_resource(version, me), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(self._arrival))
        self._tracer = self._provider.get_tracer("gitopsd", version)

    def hear(self, told: Callable[[str], None]) -> None:
        """Have it told why traces do not arrive, and with "" that they do again."""
        self._arrival.told = told

    @contextmanager
    def span(
        self, name: str, attributes: Attributes | None = None, *, after: Span | None = None
    ) -> Iterator[Span]:
        """See `Tracer.span`. The text of an exception is not told: it may be anybody's."""
        links = [Link(after.span.get_span_context())] if isinstance(after, _Work) else []
        with self._tracer.start_as_current_span(
            name,
            attributes=dict(attributes or {}),
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            work = _Work(span)
            try:
                yield work
            except WorldError as error:
                work.fail(error.kind)
                raise
            except Exception as error:
                work.fail(type(error).__name__)
                raise

    def called(
        self, product: str, operation: str, error: WorldError | None, seconds: float
    ) -> None:
        """See `Meter.called`."""
        if not trace.get_current_span().is_recording():
            return  # such as renewing a lease: it goes on all the time, and belongs to nothing
        end = time.time_ns()
        system = _SYSTEMS.get(product, _CLOUD)
        method = f"{product}/{operation}"
        span = self._tracer.start_span(
            method,
            kind=SpanKind.CLIENT,
            attributes={"rpc.system.name": system, "rpc.method": method},
            start_time=end - int(seconds * 1e9),
        )
        if error is not None:
            _Work(span).fail(error.kind)
        span.end(end)

    def paced(self, product: str, seconds: float) -> None:
        """See `Meter.paced`."""
        about: dict[str, str | float] = {
            "gitopsd.product": product,
            "gitopsd.paced.seconds": seconds,
        }
        trace.get_current_span().add_event("paced", about)

    def close(self) -> None:
        """Send what is left, if that is a matter of seconds."""
        thread = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        thread.start()
        thread.join(_LAST)


def _resource(version: str, me: str) -> Resource:
    """Who tells; what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say goes before."""
    ours = {SERVICE_NAME: "gitopsd", SERVICE_VERSION: version, SERVICE_INSTANCE_ID: me}
    return Resource.create({**ours, **OTELResourceDetector().detect().attributes})
