"""When a sink that people read may be sent something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gitopsd.alerts.memory import Said
from gitopsd.alerts.rules import Pacing, Rules
from gitopsd.drift.policy import moment_of
from gitopsd.model.message import News, Severity

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
#: Marks an urgent message in `Memory.sent`.
URGENT = "urgent"


@dataclass(frozen=True, slots=True, order=True)
class Sent:
    """A message that people were sent, out of a line of `Memory.sent`."""

    time: datetime
    urgent: bool = False

    @classmethod
    def of(cls, line: str) -> Sent:
        """`TIME KEY`, or `TIME KEY urgent`; raises ValueError for what begins with no time."""
        time, *rest = line.split(" ")
        return cls(moment_of(time), rest[1:] == [URGENT])


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


def gathered_at(
    since: datetime, news: News, severity: Severity, pacing: Pacing, *, urgent: bool
) -> datetime:
    """Until when other news is waited for, to be told together."""
    if urgent:
        return since + pacing.gather_critical
    calm = severity is Severity.INFO or news in (News.CORRECTED, News.RESOLVED)
    return since + (pacing.gather_info if calm and news is not News.RESOLVED else pacing.gather)


def is_urgent(news: News, severity: Severity, said: Said | None) -> bool:
    """Whether news breaks through quiet hours and waiting: an alarm, and the end of one.

    Who was woken is told that it is over, and that it is back.
    """
    told = said is not None and said.open and said.severity is Severity.CRITICAL
    if news is News.RESOLVED:
        return told
    going_on = news not in (News.CORRECTED, News.UPDATED)
    return severity is Severity.CRITICAL and going_on and (not told or news is News.WORSE)


def allowed_at(
    rules: Rules, sent: Iterable[Sent], first: datetime, now: datetime, *, urgent: bool
) -> datetime:
    """When a message may go out whose oldest news is of `first`. What is urgent waits for nothing
    but what was urgent before it.
    """
    every = list(sent)
    patient = patient_at((one.time for one in every), now, rules.pacing)
    if urgent:
        last = max((one.time for one in every if one.urgent), default=None)
        return min(patient, max(now, last + rules.pacing.urgent)) if last else now
    allowed = [now, patient]
    if rules.quiet is not None and (ends := rules.quiet.until(now)):
        allowed.append(ends)
    if rules.pacing.digest_every is not None:
        allowed.append(_next(first, rules.pacing.digest_every))
    return max(allowed)


def _next(moment: datetime, every: timedelta) -> datetime:
    """The first multiple of a time after a moment, counted from midnight of some day in UTC."""
    return _EPOCH + ((moment - _EPOCH) // every + 1) * every
