"""What a page is made of: everything that is told of one Exposure or server group, together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitopsd.drift.impact import impacts
from gitopsd.drift.remedies import remedies
from gitopsd.model.identity import Identity
from gitopsd.model.report import DriftReport, Remedy, RouteImpact
from gitopsd.model.traffic import Route
from gitopsd.model.verdict import Assessment, Cause, Difference, State, Verdict

#: The worst first, as people should read them.
_ORDER = (State.DRIFTED, State.UNKNOWN, State.CHANGED, State.IN_SYNC)


@dataclass(frozen=True, slots=True)
class Page:
    """What is known of one target at one time: verdicts, reports kept of it, and its routes.

    `at` is the RFC 3339 time of the observation, `revision` what was read of Git; "" is not told.
    """

    assessment: Assessment
    reports: tuple[DriftReport, ...] = ()
    routes: tuple[Route, ...] = ()
    at: str = ""
    revision: str = ""

    @property
    def resolved(self) -> tuple[DriftReport, ...]:
        """The reports that have come to their end, the latest first."""
        found = (report for report in self.reports if not report.open)
        return tuple(sorted(found, key=lambda report: report.resolved_at, reverse=True))


@dataclass(frozen=True, slots=True)
class Finding:
    """A subject that is not simply in sync, with all that a reader needs to decide about it.

    `reports` are the open ones about it; `rest` the differences that none of them tells: what Git
    changed, and all drift where no reports are kept. `subject` is None in a report about many.
    """

    subject: Identity | None
    state: State
    reports: tuple[DriftReport, ...] = ()
    rest: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    impact: tuple[RouteImpact, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All that differs, in whichever report it stands."""
        return (*(item for report in self.reports for item in report.evidence), *self.rest)

    @property
    def moved(self) -> float:
        """The largest part of a route, in percent, that goes elsewhere."""
        return max((impact.moved or 0.0 for impact in self.impact), default=0.0)


def findings(page: Page, *, everything: bool = False) -> tuple[Finding, ...]:
    """One finding for each subject with something to tell, or for each: what is worst comes first.

    Among those that drifted, the one that moves most traffic.
    """
    found = [*_many(page), *(_finding(page, verdict) for verdict in page.assessment.verdicts)]
    told = [f for f in found if everything or not _quiet(f)]
    return tuple(sorted(told, key=lambda f: (_ORDER.index(f.state), -f.moved, str(f.subject))))


def _quiet(item: Finding) -> bool:
    return item.state is State.IN_SYNC and not (item.differences or item.notes)


def _many(page: Page) -> Iterator[Finding]:
    """Reports about many things at once, which have no subject."""
    for report in page.reports:
        if report.open and report.subject is None:
            actions = remedies(report)
            yield Finding(None, State.DRIFTED, (report,), impact=report.impact, remedies=actions)


def _finding(page: Page, verdict: Verdict) -> Finding:
    subject = verdict.subject
    mine = tuple(report for report in page.reports if report.open and report.subject == subject)
    told = {(item.resource, item.path) for report in mine for item in report.evidence}
    rest = tuple(item for item in verdict.differences if (item.resource, item.path) not in told)
    routes = _routes(page, subject)
    now = impacts(routes) if page.routes else ()
    kept = tuple(dict.fromkeys(impact for report in mine for impact in report.impact))
    actions = dict.fromkeys(remedy for report in mine for remedy in remedies(report))
    return Finding(
        subject, verdict.state, mine, rest, verdict.notes, routes, now or kept, tuple(actions)
    )


def _routes(page: Page, subject: Identity) -> tuple[Route, ...]:
    """The routes that a subject's requests take: its own, or those that a group stands behind."""
    return tuple(
        route for route in page.routes if route.exposure == subject or subject in route.groups
    )


def pending(finding: Finding) -> bool:
    """Whether Git has moved as well, so that an apply is due."""
    return any(item.cause is Cause.CHANGE for item in finding.rest)
