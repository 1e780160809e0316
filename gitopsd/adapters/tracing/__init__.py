"""Traces of the operator's work for an OpenTelemetry collector, where that is installed.

What belongs here: OpenTelemetry's SDK, OTLP over HTTP, and how our ports are told in their terms.
What does not: which work there is, and what is told of it. Importing it needs `gitopsd[otel]`.
"""

from gitopsd.adapters.tracing.otlp import OtlpTracing

__all__ = ["OtlpTracing"]
