"""One report about many: when a pass finds more than anybody would read one by one."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from gitopsd.drift.fights import WRITTEN, Writer, movers, nobody, restorers, with_moves
from gitopsd.drift.findings import Findings, fingerprint, told_by
from gitopsd.drift.policy import LifePolicy, since, text_of
from gitopsd.model.identity import Identity
from gitopsd.model.outlook import Action
from gitopsd.model.ownership import MANAGER, Owner
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, Move, ReportState, Row, row_parts, row_path
from gitopsd.model.verdict import Attribution, Difference

#: Rows of one report, so that it fits where it is kept: about 160 bytes a row in an object of the
#: API server, which holds about a megabyte and a half.
ROWS = 2000


def gathered(fresh: Iterable[DriftReport], owner: Owner, now: datetime) -> list[DriftReport]:
    """One report with a row for each of many new findings; several when they are thousands.

    Their names come out of the rows', so that the same pass made again gives the same reports.
    """
    ordered = sorted(fresh, key=lambda r: (str(r.subject), str(r.resource), str(r.reason)))
    return [_gathered(ordered[i : i + ROWS], owner, now) for i in range(0, len(ordered), ROWS)]


def _gathered(fresh: Sequence[DriftReport], owner: Owner, now: datetime) -> DriftReport:
    rows = tuple(
        Row(
            r.fingerprint,
            r.subject,
            r.resource,
            r.reason,
            r.paths,
            action=_action(r),
            seen=told_by(r),
        )
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
        moves=movers((item for r in fresh for item in _named(r)), now),
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
    writer: Writer = nobody,
) -> DriftReport:
    """The report with its rows as they are now; it is open while one of them is.

    `alone` are the findings that have an open report of their own: no row speaks for them. What
    moves in rows counts as in any report, so that a fight in many places is one that names all.
    """
    if not report.open and since(report.resolved_at, now) > policy.reopen_within:
        return report
    rows = tuple(_follow(row, seen, alone) for row in report.rows)
    going_on = any(row.state is ReportState.OPEN for row in rows)
    if not (going_on or report.open):
        return replace(report, rows=rows)
    pairs = tuple(zip(report.rows, rows, strict=True))
    news = (seen.reports[new.fingerprint] for old, new in pairs if _moved(old, new))
    blows = movers((item for found in news for item in _named(found)), now, report.moves)
    over = (
        new
        for old, new in pairs
        if old.state is not new.state is ReportState.RESOLVED
        and new.fingerprint not in seen.reports
        and seen.known(new.subject)
    )
    blows = (*blows, *restorers(_written(report, over, writer), now, report.moves))
    report = with_moves(replace(report, rows=rows), blows, now, policy)
    calm = "" if going_on else report.calm_since or text_of(now)
    if going_on or report.fighters:  # between two blows of a fight it looks as if it were over
        return replace(report, state=ReportState.OPEN, calm_since=calm)
    return replace(report, state=ReportState.RESOLVED)


def _written(
    report: DriftReport, over: Iterable[Row], writer: Writer
) -> Iterator[tuple[str, Attribution | None]]:
    """The fields that rows told which are over, each with who wrote what stands there."""
    paths: dict[str, set[str]] = {}
    for move in report.moves:
        paths.setdefault(row_parts(move.path)[0], set()).add(move.path)
    for row in over:
        for path in paths.get(str(row.resource), ()) if row.reason in WRITTEN else ():
            yield path, writer(row.resource, row_parts(path)[1])


def _moved(old: Row, new: Row) -> bool:
    """Whether somebody wrote there since the last look; a row of an older release tells nothing."""
    if new.state is not ReportState.OPEN:
        return False
    return old.state is not new.state or bool(old.seen and old.seen != new.seen)


def _named(found: DriftReport) -> Iterator[Difference]:
    """The evidence of a finding, each path told from those of the other findings."""
    for item in found.evidence:
        yield replace(item, path=row_path(item.resource, item.path))


def _follow(row: Row, seen: Findings, alone: frozenset[str]) -> Row:
    found = seen.reports.get(row.fingerprint)
    if found is not None and row.fingerprint not in alone:
        return replace(
            row,
            state=ReportState.OPEN,
            paths=found.paths,
            action=_action(found),
            seen=told_by(found),
        )
    if found is not None or seen.judged(row.subject, row.reason):
        return replace(row, state=ReportState.RESOLVED)
    return row


def grew(old: DriftReport, new: DriftReport) -> bool:
    """Whether a row came back, or tells more paths than it did, or other values."""
    before = {row.fingerprint: row for row in old.rows}
    return any(
        row.state is ReportState.OPEN
        and (_moved(before[row.fingerprint], row) or before[row.fingerprint].paths != row.paths)
        and row.paths >= before[row.fingerprint].paths
        for row in new.rows
    )


def put_right(
    report: DriftReport, mended: Container[Identity], now: datetime, policy: LifePolicy
) -> DriftReport:
    """The report with the rows resolved of which everything was to be put right, and was.

    It is over when no row is left, unless putting them right was a blow in a fight: the next one
    would only open it again.
    """
    rows = tuple(
        replace(row, state=ReportState.RESOLVED)
        if row.action is Action.CORRECT and row.resource in mended
        else row
        for row in report.rows
    )
    done = [str(old.resource) for old, new in zip(report.rows, rows, strict=True) if old != new]
    ours = {move.path for move in report.moves if row_parts(move.path)[0] in done}
    blows = (Move(text_of(now), MANAGER, path) for path in ours)
    report = with_moves(replace(report, rows=rows), blows, now, policy)
    if any(row.state is ReportState.OPEN for row in rows):
        return report
    if report.fighters:
        return replace(report, calm_since=text_of(now))
    return replace(report, state=ReportState.RESOLVED)


def _action(found: DriftReport) -> Action | None:
    """What gitopsd does about a finding; of several things the one that people must know of."""
    return max(found.actions, key=list(Action).index, default=None)
