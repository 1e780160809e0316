"""What a page is made of: everything that is told of one Exposure or server group, together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from gitopsd.drift.exceptions import ended_notes
from gitopsd.drift.impact import impacts, subjects_of
from gitopsd.drift.remedies import remedies
from gitopsd.model.identity import Identity
from gitopsd.model.reason import Reason
from gitopsd.model.report import (
    DriftReport,
    Remedy,
    RemedyKind,
    ReportState,
    RouteImpact,
    row_path,
)
from gitopsd.model.traffic import Doing, Mover, Route
from gitopsd.model.verdict import Assessment, Cause, Difference, State, Verdict, Waiting

_T = TypeVar("_T")

#: The open reports about many, by what each of their rows is about.
_Tables = Mapping[tuple[Identity, Identity, Reason], DriftReport]
#: The worst first, as people should read them.
_ORDER = (State.DRIFTED, State.UNKNOWN, State.CHANGED, State.IN_SYNC)


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of one target at one time: verdicts, reports kept of it, and its routes.

    `at` is the RFC 3339 time of the observation, `revision` what was read of Git; "" is not told.
    `again` are the words by which commands find the target again, `--target` aside; `instance` is
    the name in our marks there.
    """

    assessment: Assessment
    reports: tuple[DriftReport, ...] = ()
    routes: tuple[Route, ...] = ()
    at: str = ""
    revision: str = ""
    again: str = ""
    instance: str = ""

    @property
    def resolved(self) -> tuple[DriftReport, ...]:
        """The reports that have come to their end, the latest first."""
        found = (report for report in self.reports if not report.open)
        return tuple(sorted(found, key=lambda report: report.resolved_at, reverse=True))


@dataclass(frozen=True, slots=True)
class Section:
    """A subject that is not simply in sync, with all that a reader needs to decide about it.

    `reports` are the open ones about it, with drift of which none is kept as reports without a
    history; of an unknown subject they tell what was last seen. `changes` are the differences that
    Git made. `subject` is None in a report about many.
    `remedies` leaves out the advice to look again where there is better.
    """

    subject: Identity | None
    state: State
    reports: tuple[DriftReport, ...] = ()
    changes: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    routes: tuple[Route, ...] = ()
    impact: tuple[RouteImpact, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All that differs, in whichever report it stands."""
        standing = (item for report in self.reports for item in report.standing)
        return (*(d for d in standing if d.reason is not Reason.EXPIRED), *self.changes)

    @property
    def ended(self) -> tuple[Difference, ...]:
        """The exceptions of the drift policy that have run out: nothing differs by that alone."""
        standing = (item for report in self.reports for item in report.standing)
        return tuple(item for item in standing if item.reason is Reason.EXPIRED)

    @property
    def moved(self) -> float:
        """The largest part of a route, in percent, that goes elsewhere."""
        return max((impact.moved or 0.0 for impact in self.impact), default=0.0)

    @property
    def ignored(self) -> tuple[tuple[Route, Mover], ...]:
        """Routes whose requests go elsewhere where a part of that is its own, left on purpose."""
        every = ((route, mover) for route in self.routes for mover in route.movers)
        wanted = (self.subject, Doing.IGNORED)
        return tuple((r, m) for r, m in every if (m.subject, m.doing) == wanted)


def sections(page: Page, *, everything: bool = False) -> tuple[Section, ...]:
    """One for each subject with something to tell, or for each subject: what is worst comes first.

    Among those that drifted, the one that moves most traffic.
    """
    reports = _by(page.reports, lambda report: (report.subject,) if report.open else ())
    routes = _by(page.routes, subjects_of)
    found = [_many(report, page.again) for report in reports.get(None, ())]
    tables = {
        (row.subject, row.resource, row.reason): report
        for report in reports.get(None, ())
        for row in report.rows
        if row.state is ReportState.OPEN
    }
    for verdict in page.assessment.verdicts:
        mine, its = reports.get(verdict.subject, []), routes.get(verdict.subject, [])
        found.append(_section(verdict, page, tuple(mine), tuple(its), tables))
    told = [item for item in found if everything or not _quiet(item)]
    return tuple(sorted(told, key=lambda s: (_ORDER.index(s.state), -s.moved, str(s.subject))))


def _by(
    items: Iterable[_T], keys: Callable[[_T], Iterable[Identity | None]]
) -> dict[Identity | None, list[_T]]:
    found: dict[Identity | None, list[_T]] = {}
    for item in items:
        for key in keys(item):
            found.setdefault(key, []).append(item)
    return found


def _quiet(item: Section) -> bool:
    told = item.differences or item.notes or item.waiting or item.reports or item.ignored
    return item.state is State.IN_SYNC and not told


def _many(report: DriftReport, again: str) -> Section:
    """A report about many things at once, which has no subject."""
    actions = remedies(report, again)
    return Section(None, State.DRIFTED, (report,), impact=report.impact, remedies=actions)


def _section(
    verdict: Verdict,
    page: Page,
    kept: tuple[DriftReport, ...],
    routes: tuple[Route, ...],
    tables: _Tables,
) -> Section:
    reported = {(item.resource, item.path) for report in kept for item in report.standing}
    rest = [d for d in verdict.differences if (d.resource, d.path) not in reported]
    drift = (item for item in rest if item.cause is Cause.DRIFT)
    reports = (*kept, *_unkept(verdict.subject, page, drift, tables))
    elsewhere = {str(item) for item in verdict.waiting}
    if any(report.reason is Reason.EXPIRED for report in kept):
        elsewhere |= set(ended_notes(verdict.over))
    every = (remedy for report in reports for remedy in remedies(report, page.again))
    actions = dict.fromkeys(every)
    blind = verdict.state is State.UNKNOWN
    looks = tuple(remedy for remedy in actions if remedy.kind is RemedyKind.LOOK)
    return Section(
        verdict.subject,
        verdict.state,
        reports,
        tuple(item for item in rest if item.cause is Cause.CHANGE),
        tuple(note for note in verdict.notes if note not in elsewhere),
        verdict.waiting,
        routes,
        impacts(routes, verdict.subject)
        if routes
        else tuple(dict.fromkeys(i for r in kept for i in r.impact)),
        (() if blind else tuple(remedy for remedy in actions if remedy not in looks)) or looks,
    )


def _unkept(
    subject: Identity, page: Page, drift: Iterable[Difference], tables: _Tables
) -> Iterator[DriftReport]:
    """Drift that no kept report is about alone, as reports of their own: one for each reason.

    What a report about many tells of it (since when, who fights over it) is told of it too.
    """
    found: dict[tuple[Identity, Reason], list[Difference]] = {}
    for item in drift:
        found.setdefault((item.resource, item.reason), []).append(item)
    for (resource, reason), items in found.items():
        told = tuple(items)
        target = page.assessment.target
        bare = DriftReport("", page.instance, target, subject, resource, reason, told)
        table = tables.get((subject, resource, reason))
        yield _with_history(replace(bare, paths=len(told)), table)


def _with_history(found: DriftReport, table: DriftReport | None) -> DriftReport:
    if table is None:
        return found
    names = {row_path(item.resource, item.path): item.path for item in found.evidence}
    fought = tuple(path for name, path in names.items() if name in table.fought)
    return replace(
        found,
        opened_at=table.opened_at,
        escalated_at=table.escalated_at,
        fought=fought,
        fighters=table.fighters if fought else (),
    )
