"""When a sink that people read may be sent something."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from gitopsd.alerts.rules import Pacing, Rules
from gitopsd.model.message import News, Severity

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def patient_at(
    sent: Iterable[datetime], now: datetime, pacing: Pacing, number: int = 1
) -> datetime:
    """When `number` messages may be sent by the patience of people: a bucket of `burst` that is
    filled by one every `refill`.
    """
    level, last = float(pacing.burst), None
    for time in sorted(sent):
        if last is not None:
            level = min(pacing.burst, level + (time - last) / pacing.refill)
        level, last = max(level - 1.0, -1.0), time
    if last is not None:
        level = min(pacing.burst, level + (now - last) / pacing.refill)
    return now + max(0.0, number - level) * pacing.refill


def gathered_at(since: datetime, news: News, severity: Severity, pacing: Pacing) -> datetime:
    """Until when other news is waited for, to be told together."""
    if severity is Severity.CRITICAL and is_urgent(news, severity):
        return since + pacing.gather_critical
    calm = severity is Severity.INFO or news in (News.CORRECTED, News.RESOLVED)
    return since + (pacing.gather_info if calm and news is not News.RESOLVED else pacing.gather)


def is_urgent(news: News, severity: Severity) -> bool:
    """Whether news breaks through quiet hours and waiting."""
    return severity is Severity.CRITICAL and news in (News.OPENED, News.WORSE)


def allowed_at(
    rules: Rules, sent: Iterable[datetime], first: datetime, now: datetime, *, urgent: bool
) -> datetime:
    """When a message may go out whose oldest news is of `first`."""
    times = sorted(sent)
    patient = patient_at(times, now, rules.pacing)
    if urgent:
        return min(patient, max(now, times[-1] + rules.pacing.urgent)) if times else now
    allowed = [now, patient]
    if rules.quiet is not None and (ends := rules.quiet.until(now)):
        allowed.append(ends)
    if rules.pacing.digest_every is not None:
        allowed.append(_next(first, rules.pacing.digest_every))
    return max(allowed)


def _next(moment: datetime, every: timedelta) -> datetime:
    """The first multiple of a time after a moment, counted from midnight of some day in UTC."""
    return _EPOCH + ((moment - _EPOCH) // every + 1) * every
