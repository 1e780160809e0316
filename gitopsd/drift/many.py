"""One report about many: when a pass finds more than anybody would read one by one."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from gitopsd.drift.findings import Findings, fingerprint
from gitopsd.drift.policy import LifePolicy, since
from gitopsd.model.identity import Identity
from gitopsd.model.outlook import Action
from gitopsd.model.ownership import Owner
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, ReportState, Row

#: Rows of one report, so that it fits where it is kept: about 160 bytes a row in an object of the
#: API server, which holds about a megabyte and a half.
ROWS = 2000


def gathered(fresh: Iterable[DriftReport], owner: Owner) -> list[DriftReport]:
    """One report with a row for each of many new findings; several when they are thousands.

    Their names come out of the rows', so that the same pass made again gives the same reports.
    """
    ordered = sorted(fresh, key=lambda r: (str(r.subject), str(r.resource), str(r.reason)))
    return [_gathered(ordered[i : i + ROWS], owner) for i in range(0, len(ordered), ROWS)]


def _gathered(fresh: Sequence[DriftReport], owner: Owner) -> DriftReport:
    rows = tuple(
        Row(r.fingerprint, r.subject, r.resource, r.reason, r.paths, action=_action(r))
        for r in fresh
        if r.subject and r.resource
    )
    names = sorted(row.fingerprint for row in rows)
    return DriftReport(
        fingerprint(owner, None, None, Reason.MANY, *names),
        owner.instance,
        owner.target,
        None,
        None,
        Reason.MANY,
        rows=rows,
        paths=sum(row.paths for row in rows),
        revision=fresh[0].revision,
    )


def covers(known: Iterable[DriftReport], now: datetime, policy: LifePolicy) -> frozenset[str]:
    """The findings that open reports about many speak for, or resolved ones could reopen for."""
    return frozenset(
        row.fingerprint
        for report in known
        if report.open or since(report.resolved_at, now) <= policy.reopen_within
        for row in report.rows
    )


def follow(
    report: DriftReport,
    seen: Findings,
    alone: frozenset[str],
    now: datetime,
    policy: LifePolicy,
) -> DriftReport:
    """The report with its rows as they are now; it is open while one of them is.

    `alone` are the findings that have an open report of their own: no row speaks for them.
    """
    if not report.open and since(report.resolved_at, now) > policy.reopen_within:
        return report
    rows = tuple(_follow(row, seen, alone) for row in report.rows)
    going_on = any(row.state is ReportState.OPEN for row in rows)
    state = ReportState.OPEN if going_on else ReportState.RESOLVED
    return replace(report, rows=rows, state=state)


def _follow(row: Row, seen: Findings, alone: frozenset[str]) -> Row:
    found = seen.reports.get(row.fingerprint)
    if found is not None and row.fingerprint not in alone:
        return replace(row, state=ReportState.OPEN, paths=found.paths, action=_action(found))
    if found is not None or seen.judged(row.subject, row.reason):
        return replace(row, state=ReportState.RESOLVED)
    return row


def grew(old: DriftReport, new: DriftReport) -> bool:
    """Whether a row came back, or tells more paths than it did."""
    before = {row.fingerprint: row for row in old.rows}
    return any(
        row.state is ReportState.OPEN
        and (before[row.fingerprint].state, before[row.fingerprint].paths) != (row.state, row.paths)
        and row.paths >= before[row.fingerprint].paths
        for row in new.rows
    )


def put_right(report: DriftReport, mended: Container[Identity]) -> DriftReport:
    """The report with the rows resolved of which everything was to be put right, and was."""
    rows = tuple(
        replace(row, state=ReportState.RESOLVED)
        if row.action is Action.CORRECT and row.resource in mended
        else row
        for row in report.rows
    )
    return replace(report, rows=rows)


def _action(found: DriftReport) -> Action | None:
    """What gitopsd does about a finding; of several things the one that people must know of."""
    return max(found.actions, key=list(Action).index, default=None)
