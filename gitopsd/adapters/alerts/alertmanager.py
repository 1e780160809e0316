"""Prometheus Alertmanager, API v2.

Source: "Alerts API" (prometheus.io/docs/alerting): POST `/api/v2/alerts` with a list of labels,
annotations, startsAt and endsAt. Labels identify an alert; one that is not sent again is resolved
at its endsAt, so that open ones are sent every few minutes with an end in the future, and resolved
ones once with theirs. Grouping, silences and repetition are Alertmanager's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import orjson

from gitopsd.adapters.alerts.endpoint import Endpoint
from gitopsd.model.message import Item, Message, Severity
from gitopsd.ports import RateLimit

#: An alert that we do not send again in this time is over: five times what we take to do so.
_LASTS = timedelta(minutes=10)
#: Alerts in one request.
_BATCH = 500


#: An alert as it is posted.
_Alert = dict[str, Any]


class Alertmanager:
    """A `Sink` that is told the state of a target.

    Labels name an alert, and one of them is the severity, by which people route. So what has come
    to matter more or less is another alert, and what fired under the old labels is ended under
    them. What fires is the handle that is answered, so that a restart ends it all the same.
    """

    limits: ClassVar = (RateLimit(10, 1.0),)

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def deliver(self, message: Message) -> str:
        """See `Sink.deliver`. The handle is a JSON list of what fires after it."""
        before = _fired(message.handle)
        now = datetime.fromisoformat(message.time).astimezone(UTC)
        after = {
            item.report.fingerprint: _alert(item, now, before.get(item.report.fingerprint))
            for item in message.items
            if item.report.open or item.report.fingerprint in before or not message.handle
        }
        alerts = [*_ended(before, after, now), *after.values()]
        for first in range(0, len(alerts), _BATCH):
            part = alerts[first : first + _BATCH]
            self._endpoint.open().post(part, path="/api/v2/alerts", again=True)
        firing = [alert for alert in after.values() if alert["endsAt"] > _text(now)]
        firing.sort(key=lambda alert: str(alert["labels"]["severity"]))  # critical comes first
        return orjson.dumps([_kept(alert) for alert in firing[:_BATCH]]).decode()


def _kept(alert: _Alert) -> _Alert:
    """What is needed to end it; nothing that moves with its evidence."""
    summary = {"summary": alert["annotations"]["summary"]}
    return {"labels": alert["labels"], "annotations": summary, "startsAt": alert["startsAt"]}


def _fired(handle: str) -> dict[str, _Alert]:
    """What fired, by fingerprint; what makes no sense ends by itself in some minutes."""
    try:
        alerts = orjson.loads(handle) if handle else []
        return {str(alert["labels"]["fingerprint"]): alert for alert in alerts}
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return {}


def _alert(item: Item, now: datetime, before: _Alert | None) -> _Alert:
    report = item.report
    severity = item.severity if report.open else item.was
    labels = {key: value for key, value in _labels(item, severity).items() if value}
    return {
        "labels": before["labels"] if before and not report.open else labels,
        "annotations": {"summary": item.title, "description": item.summary},
        "startsAt": report.opened_at,
        "endsAt": _text(now + _LASTS) if report.open else report.resolved_at,
    }


def _ended(
    before: Mapping[str, _Alert], after: Mapping[str, _Alert], now: datetime
) -> Iterator[_Alert]:
    """What fired under labels that nothing is told of by any more."""
    for name, alert in before.items():
        told = after.get(name)
        if told is None or told["labels"] != alert["labels"]:
            yield {**alert, "endsAt": _text(now)}


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _labels(item: Item, severity: Severity) -> dict[str, str]:
    report = item.report
    subject = report.subject
    return {
        "alertname": "GitopsdDrift",
        "severity": severity.word,
        "gitopsd_instance": report.instance,
        "target": report.target,
        "kind": subject.kind if subject else "",
        "namespace": subject.namespace if subject else "",
        "name": subject.name if subject else "",
        "resource": str(report.resource or ""),
        "reason": str(report.reason),
        "fingerprint": report.fingerprint,
    }
