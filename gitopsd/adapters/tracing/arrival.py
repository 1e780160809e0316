"""Whether traces arrive: told when it changes, and not each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from requests import Response, Session


class Arrival(SpanExporter):
    """An exporter that tells why spans do not arrive any longer, and with "" that they do again.

    `make` makes the exporter whose answers come through the session.
    """

    def __init__(self, make: Callable[[Session], SpanExporter]) -> None:
        self.told: Callable[[str], None] = lambda _: None
        session = Session()
        session.hooks["response"].append(self._answered)
        self._exporter = make(session)
        self._well: bool | None = None
        self._status = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """See `SpanExporter.export`; called from the SDK's own thread."""
        self._status = 0
        result = self._exporter.export(spans)
        well = result is SpanExportResult.SUCCESS
        if well is not self._well:
            self._well = well
            self.told("" if well else _why(self._status))
        return result

    def _answered(self, response: Response, *_: object, **__: object) -> None:
        self._status = response.status_code

    def shutdown(self) -> None:
        """See `SpanExporter.shutdown`."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """See `SpanExporter.force_flush`."""
        return self._exporter.force_flush(timeout_millis)


def _why(status: int) -> str:
    if not status:
        return "the collector does not answer"
    known = status in HTTPStatus.__members__.values()
    return f"the collector answers {status}{f' {HTTPStatus(status).phrase}' if known else ''}"
