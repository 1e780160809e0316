"""Prometheus Alertmanager, API v2.

Source: "Alerts API" (prometheus.io/docs/alerting): POST `/api/v2/alerts` with a list of labels,
annotations, startsAt and endsAt. Labels identify an alert; one that is not sent again is resolved
at its endsAt, so that open ones are sent every few minutes with an end in the future, and resolved
ones once with theirs. Grouping, silences and repetition are Alertmanager's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from gitopsd.adapters.alerts.endpoint import Endpoint
from gitopsd.model.message import Item, Message
from gitopsd.ports import RateLimit

#: An alert that we do not send again in this time is over: five times what we take to do so.
_LASTS = timedelta(minutes=10)
#: Alerts in one request.
_BATCH = 500


class Alertmanager:
    """A `Sink` that is told the state of a target."""

    limits: ClassVar = (RateLimit(10, 1.0),)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`."""
        alerts = list(_alerts(message))
        for first in range(0, len(alerts), _BATCH):
            part = alerts[first : first + _BATCH]
            self._endpoint.open().post(part, path="/api/v2/alerts", again=True)
        return ""


def _alerts(message: Message) -> Iterator[dict[str, Any]]:
    now = datetime.fromisoformat(message.time).astimezone(UTC)
    for item in message.items:
        report = item.report
        ends = now + _LASTS if report.open else datetime.fromisoformat(report.resolved_at)
        yield {
            "labels": {key: value for key, value in _labels(item).items() if value},
            "annotations": {"summary": item.title, "description": report.summary},
            "startsAt": report.opened_at,
            "endsAt": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _labels(item: Item) -> dict[str, str]:
    report = item.report
    subject = report.subject
    return {
        "alertname": "GitopsdDrift",
        "severity": item.severity.word,
        "gitopsd_instance": report.instance,
        "target": report.target,
        "kind": subject.kind if subject else "",
        "namespace": subject.namespace if subject else "",
        "name": subject.name if subject else "",
        "resource": str(report.resource or ""),
        "reason": str(report.reason),
        "fingerprint": report.fingerprint,
    }
