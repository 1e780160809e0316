"""From the settings of a sink to the rules that it is told by."""

from __future__ import annotations

from datetime import time, timedelta

from gitopsd.alerts import Pacing, Quiet, Rules, Selection, Style
from gitopsd.daemon.settings import SinkSettings
from gitopsd.model.message import Severity

_STYLES = {
    "issues": Style.THREAD,
    "alertmanager": Style.STATE,
    "files": Style.STATE,
    "commitStatus": Style.STATE,
}
#: An issue is for what a person has to decide about.
_LEAST = {"issues": Severity.WARNING}
#: A state is told anew when it has changed, at most so often unless it turns bad. Alertmanager
#: hears of open alerts again and again, or takes them for resolved ("Alerts API", prometheus.io:
#: every 30 s to 3 min); GitHub takes 1,000 statuses for one commit and name ("Commit statuses",
#: docs.github.com).
_EDIT = {
    "alertmanager": timedelta(0),
    "files": timedelta(0),
    "commitStatus": timedelta(minutes=10),
}
_RESEND = {"alertmanager": timedelta(minutes=2)}


def rules_of(sink: SinkSettings) -> Rules:
    """What the operator chose, and what suits the service."""
    kind, only = sink.kind, sink.only
    least = Severity.of(only.severity) if only.severity else _LEAST.get(kind, Severity.INFO)
    standard = Pacing()
    seconds = sink.digest_seconds
    return Rules(
        sink.name,
        _STYLES.get(kind, Style.STREAM),
        sink.language,
        Selection(
            frozenset(only.repositories or ()),
            frozenset(only.targets or ()),
            frozenset(only.namespaces or ()),
            frozenset(only.modes or ()),
            least,
        ),
        Pacing(
            edit=_EDIT.get(kind, standard.edit),
            resend=_RESEND.get(kind),
            digest_every=timedelta(seconds=seconds) if seconds else None,
        ),
        _quiet(sink),
    )


def _quiet(sink: SinkSettings) -> Quiet | None:
    hours = sink.quiet_hours
    if hours is None:
        return None
    start, end = time.fromisoformat(hours.start), time.fromisoformat(hours.end)
    return Quiet(start, end, hours.timezone, frozenset(hours.days))
