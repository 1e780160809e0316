"""What is news of one conversation: the report as it stands against what was said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gitopsd.alerts.memory import Said
from gitopsd.alerts.rules import Pacing, Rules, Style
from gitopsd.alerts.severity import severity_of
from gitopsd.drift.policy import moment_of, since
from gitopsd.model.message import News, Severity
from gitopsd.model.report import DriftReport, Resolution

#: What was put right is told for so long, if nobody has been told of it before.
_FRESH = timedelta(hours=24)
#: After so long a silence a conversation begins anew, as if it had never come back.
_FORGIVEN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tiding:
    """A piece of news, and since when it is one; that may be in the future, if nothing changes."""

    news: News
    since: datetime


def tiding_of(
    report: DriftReport, said: Said | None, now: datetime, rules: Rules, body: str = ""
) -> Tiding | None:
    """What there is to say about a report; None for nothing.

    `body` is the digest of what should stand there, for sinks that edit in place. Nobody hears of
    what is over within the calm that its history asks for, nor that it is back before its time, so
    what goes on and off is told once as open and once as over. Only an opening is too small to
    tell; once told, a conversation is always brought to its end.
    """
    small = severity_of(report) < rules.selection.severity
    if not report.open:
        return _ended(report, said, now, rules, small=small)
    if said is None:
        return None if small else Tiding(News.OPENED, moment_of(report.opened_at))
    if report.fighters and not said.fight:
        return Tiding(News.FIGHT, moment_of(max((m.time for m in report.moves), default="")))
    if said.open:
        return _going_on(report, said, rules, body)
    back = max(moment_of(report.opened_at), moment_of(said.at) + _again(said, rules.pacing))
    return None if small else Tiding(News.REOPENED, back)


def _going_on(report: DriftReport, said: Said, rules: Rules, body: str) -> Tiding | None:
    if report.escalated_at and not said.escalated:
        return Tiding(News.WORSE, moment_of(report.escalated_at))
    if severity_of(report) > said.severity:
        return Tiding(News.WORSE, moment_of(report.last_seen))
    if rules.style is Style.THREAD and body != said.body:
        return Tiding(News.UPDATED, moment_of(said.at) + rules.pacing.edit)
    return None


def _ended(
    report: DriftReport, said: Said | None, now: datetime, rules: Rules, *, small: bool
) -> Tiding | None:
    ended = moment_of(report.resolved_at)
    if said is not None:
        return Tiding(News.RESOLVED, ended + _calm(said, rules.pacing)) if said.open else None
    fresh = since(report.resolved_at, now) <= _FRESH
    told = report.resolution is Resolution.CORRECTED and rules.style is Style.STREAM
    first = moment_of(report.first_seen or report.resolved_at)  # each correction moves the end
    return Tiding(News.CORRECTED, first) if told and fresh and not small else None


def _calm(said: Said, pacing: Pacing) -> timedelta:
    return _doubled(pacing.calm, said, pacing)


def _again(said: Said, pacing: Pacing) -> timedelta:
    return _doubled(pacing.again, said, pacing)


def _doubled(once: timedelta, said: Said, pacing: Pacing) -> timedelta:
    """The time, twice as long for each time that it came back."""
    times: int = 2 ** min(said.came_back, 16)
    return min(pacing.longest, once * times)


def said_after(
    news: News, report: DriftReport, before: Said | None, at: str, body: str = ""
) -> Said:
    """What is remembered once that news was told at `at`; its handle is the one of before."""
    handle = before.handle if before else ""
    if news is News.UPDATED and before is not None:
        return Said(
            before.open, at, before.severity, before.fight, before.escalated, before.came_back,
            handle, body,
        )  # fmt: skip
    came_back = before.came_back if before else 0
    if before is not None and since(before.at, moment_of(at)) > _FORGIVEN:
        came_back = 0
    severity = severity_of(report)
    if news in (News.RESOLVED, News.CORRECTED):
        return Said(False, at, severity, came_back=came_back, handle=handle, body=body)
    if before is not None and not before.open:
        came_back += 1
    worst = max(severity, before.severity) if before and before.open else severity
    return Said(
        True,
        at,
        Severity(worst),
        bool(report.fighters),
        bool(report.escalated_at),
        came_back,
        handle,
        body,
    )
