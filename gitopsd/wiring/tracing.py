"""From settings and OpenTelemetry's variables to who is told what the operator does."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Protocol
from urllib.parse import urlsplit

import gitopsd
from gitopsd.ports import Meter, Misconfigured, Tracer, WorldError

_ABOUT = "traces"
_INSTALL = "pip install 'gitopsd[otel]', or take the endpoint away"
#: Variables of the OpenTelemetry specification, the one for traces before the general one.
_ENDPOINT = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOL = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = "http/protobuf"


class Tracing(Tracer, Meter, Protocol):
    """Keeps traces of work, and of the requests that are a part of it."""

    def hear(self, told: Callable[[str], None]) -> None:
        """Have it told why traces do not arrive, and with "" that they do again."""

    def close(self) -> None:
        """Send what is left, if that is a matter of seconds."""


def open_tracing(endpoint: str | None, me: str) -> Tracing | None:
    """Who is told of the operator's work; None when nobody asks for traces.

    `endpoint` is the collector's URL in the settings; the environment goes before it. `me` tells
    the replicas apart. Loads the SDK only where somebody asks, and sends nothing yet. Raises
    Misconfigured.
    """
    name, given = _variable(*_ENDPOINT)
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    off = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if off or exporter == "none" or not (given or endpoint):
        return None
    if exporter not in ("", "otlp"):
        what = f"OTEL_TRACES_EXPORTER says {exporter}, and traces are sent by OTLP"
        raise Misconfigured(_ABOUT, what, "set it to otlp or none")
    protocol_name, protocol = _variable(*_PROTOCOL)
    if protocol and protocol != _HTTP:
        what = f"{protocol_name} says {protocol}, and traces are sent by {_HTTP}"
        raise Misconfigured(_ABOUT, what, f"set it to {_HTTP}, and the endpoint to its port")
    if given and not _is_url(given):
        raise Misconfigured(_ABOUT, f"{name} is no URL", "write one such as http://collector:4318")
    where = name or "tracing.endpoint"
    if not _installed():
        what = f"{where} says where to send them, and the OpenTelemetry SDK is not installed"
        raise Misconfigured(_ABOUT, what, _INSTALL)
    from gitopsd.adapters.tracing import OtlpTracing

    url = None if given else f"{str(endpoint).rstrip('/')}/v1/traces"
    try:
        return OtlpTracing(url, gitopsd.__version__, me)
    except (ValueError, OSError) as error:
        what = f"the variables OTEL_… cannot be used: {error}"
        raise Misconfigured(_ABOUT, what, "mend or remove them") from error


class _Both:
    """A `Meter` that is two."""

    def __init__(self, first: Meter, second: Meter) -> None:
        self._meters = (first, second)

    def called(
        self, product: str, operation: str, error: WorldError | None, seconds: float
    ) -> None:
        for meter in self._meters:
            meter.called(product, operation, error, seconds)

    def paced(self, product: str, seconds: float) -> None:
        for meter in self._meters:
            meter.paced(product, seconds)


def both(first: Meter | None, second: Meter | None) -> Meter | None:
    """One meter that tells both, where there are two."""
    return _Both(first, second) if first and second else first or second


def _variable(*names: str) -> tuple[str, str]:
    """The first of the variables that says something, and what."""
    for name in names:
        if value := os.environ.get(name, "").strip():
            return name, value
    return "", ""


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _installed() -> bool:
    """Whether the extra is there: both of what it names."""
    try:
        return all(map(find_spec, ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")))
    except ModuleNotFoundError:
        return False
