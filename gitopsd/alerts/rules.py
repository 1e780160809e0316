"""What a sink is to be told: the operator's choice, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from gitopsd.alerts.scene import Scene
from gitopsd.alerts.severity import modes_of
from gitopsd.model.message import Severity
from gitopsd.model.report import DriftReport, ReportState

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Style(StrEnum):
    """How a sink takes what it is told."""

    STREAM = "stream"  # messages one behind the other, read by people: chat, e-mail
    THREAD = "thread"  # one thing for each conversation, edited in place: issues
    STATE = "state"  # the present state of a target as a whole: alerts, files, commit status


@dataclass(frozen=True, slots=True)
class Selection:
    """Which reports: an empty set chooses all. A report about many is cut to what is chosen."""

    repositories: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()
    namespaces: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    severity: Severity = Severity.INFO

    def takes(self, scene: Scene) -> bool:
        """Whether anything of this target is chosen."""
        places = ((self.repositories, scene.repository), (self.targets, scene.target))
        return all(not wanted or name in wanted for wanted, name in places)

    def choose(
        self, reports: Iterable[DriftReport], told: Collection[str] = ()
    ) -> list[DriftReport]:
        """The reports that are chosen, whatever their severity (it counts when they are opened).

        Those in `told` are, whatever has become of them: a conversation is brought to its end.
        """
        cut = ((report, self._cut(report)) for report in reports)
        found = (one or (report if report.fingerprint in told else None) for report, one in cut)
        return [report for report in found if report is not None]

    def _cut(self, report: DriftReport) -> DriftReport | None:
        modes = modes_of(report)
        if self.modes and modes and not modes & self.modes:
            return None
        if not self.namespaces:
            return report
        if report.subject is not None:
            return report if report.subject.namespace in self.namespaces else None
        rows = tuple(row for row in report.rows if row.subject.namespace in self.namespaces)
        going_on = any(row.state is ReportState.OPEN for row in rows)
        state = report.state if going_on or not report.open else ReportState.RESOLVED
        ended = report.resolved_at or report.last_seen
        return replace(report, rows=rows, state=state, resolved_at=ended) if rows else None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which only critical news is sent; they may end on the day after they began."""

    start: time
    end: time
    zone: str = "UTC"
    days: frozenset[str] = frozenset(_DAYS)

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours that `now` is in end; None outside of them."""
        local = now.astimezone(ZoneInfo(self.zone))
        for back in (0, 1):
            day = local.date() - timedelta(days=back)
            if _DAYS[day.weekday()] not in self.days:
                continue
            begins = datetime.combine(day, self.start, local.tzinfo)
            last = day if self.end > self.start else day + timedelta(days=1)
            ends = datetime.combine(last, self.end, local.tzinfo)
            if begins <= local < ends:
                return ends.astimezone(now.tzinfo)
        return None


@dataclass(frozen=True, slots=True)
class Pacing:
    """How much a person bears. The defaults bound a sink that people read to 12 messages in the
    first hour and 6 in every further one; with something critical to tell, one in 5 minutes more.

    - News is gathered for `gather`, news that needs nobody for `gather_info`; critical news for
      `gather_critical`.
    - Up to `singles` news are told one by one, more of them in one digest.
    - `burst` messages may follow each other, then one every `refill`; critical news may break
      through every `urgent`.
    - It is over when it has been over for `calm`, which doubles with each time it came back, up to
      `longest`; it is back when that is at least `again` after the last word, which doubles too.
    - At most `threads` things are kept open for a target; what is beyond shares one.
    - Something edited in place is edited at most every `edit`; a state that turns bad is told at
      once.
    """

    gather: timedelta = timedelta(seconds=30)
    gather_info: timedelta = timedelta(minutes=10)
    gather_critical: timedelta = timedelta(seconds=0)
    singles: int = 3
    burst: int = 6
    refill: timedelta = timedelta(minutes=10)
    urgent: timedelta = timedelta(minutes=5)
    calm: timedelta = timedelta(minutes=5)
    again: timedelta = timedelta(minutes=15)
    longest: timedelta = timedelta(hours=4)
    threads: int = 10
    edit: timedelta = timedelta(minutes=15)
    digest_every: timedelta | None = None
    resend: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """One sink: its name in the settings, what it is told, and how."""

    name: str
    style: Style = Style.STREAM
    language: Literal["en", "zh"] = "en"
    selection: Selection = field(default_factory=Selection)
    pacing: Pacing = field(default_factory=Pacing)
    quiet: Quiet | None = None
