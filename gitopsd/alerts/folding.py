"""Sharing one thing among conversations that are too many to have one each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitopsd.alerts.fights import told_rows
from gitopsd.alerts.memory import Said
from gitopsd.alerts.scene import Scene
from gitopsd.alerts.severity import severity_of
from gitopsd.drift.findings import fingerprint
from gitopsd.model.message import Severity
from gitopsd.model.ownership import Owner
from gitopsd.model.reason import Reason
from gitopsd.model.report import DriftReport, ReportState, RouteImpact, Row, row_path

#: So many more than others may what is critical have things of its own.
URGENT_MORE = 10
#: So many routes are told of a crowd.
_ROUTES = 20


def folded(
    scene: Scene,
    reports: Iterable[DriftReport],
    said: Mapping[str, Said],
    most: int,
    least: Severity,
) -> list[DriftReport]:
    """The reports, at most `most` open ones by themselves and the rest as one report about many.

    What has a thing of its own keeps it. While the rest has one, all that is new goes there: a
    thing does not wander from one to the other. But what is critical never stands in the crowd: it
    gets its own beyond `most`, up to `URGENT_MORE`, and leaves the crowd when it becomes critical.
    """
    shared = fingerprint(Owner(scene.instance, scene.target), None, None, Reason.MANY, "shared")
    own = [report for report in reports if report.fingerprint in said]
    new = [
        report
        for report in reports
        if report.fingerprint not in said and (severity_of(report) >= least or not report.open)
    ]
    known = said.get(shared)
    crowd = known is not None and known.open
    taken = sum(report.open or said[report.fingerprint].open for report in own)
    opening = sorted(
        (report for report in new if report.open),
        key=lambda report: (-severity_of(report), report.opened_at, report.fingerprint),
    )
    urgent = sum(severity_of(report) is Severity.CRITICAL for report in opening)
    room = max(0, min(urgent, most + URGENT_MORE - taken), 0 if crowd else most - taken)
    if not crowd and len(opening) <= room:
        return [*own, *opening]
    alone = opening[:room]
    names = {report.fingerprint for report in alone}
    rest = [report for report in new if report.fingerprint not in names]
    return [*own, *alone, _shared(shared, scene, rest)]


def _shared(name: str, scene: Scene, rest: list[DriftReport]) -> DriftReport:
    going_on = [report for report in rest if report.open]
    ended = max((r.resolved_at for r in rest if r.resolved_at), default=scene.time)
    rows = tuple(row for report in going_on for row in _rows(report))
    return DriftReport(
        name,
        scene.instance,
        scene.target,
        None,
        None,
        Reason.MANY,
        state=ReportState.OPEN if going_on else ReportState.RESOLVED,
        opened_at=min((report.opened_at for report in going_on), default=""),
        last_seen=max((report.last_seen for report in going_on), default=""),
        resolved_at="" if going_on else ended,
        impact=tuple(_worst(going_on)),
        rows=rows,
        paths=sum(row.paths for row in rows),
        revision=scene.revision,
        fighters=tuple(sorted({name for report in going_on for name in report.fighters})),
        fought=tuple(sorted({path for report in going_on for path in _fought(report)})),
    )


def _fought(report: DriftReport) -> Iterable[str]:
    """The fields that are fought over, each with its resource before it."""
    if report.resource is None:
        return report.fought
    return (row_path(report.resource, path) for path in report.fought)


def _worst(reports: Iterable[DriftReport]) -> Iterable[RouteImpact]:
    """What they do to routes, each at its worst: what is critical among them makes it critical."""
    impacts: dict[str, RouteImpact] = {}
    for impact in sorted(
        (one for report in reports if not report.calm_since for one in report.impact),
        key=lambda one: -(one.moved or 0.0),
    ):
        impacts.setdefault(impact.route, impact)
    return list(impacts.values())[:_ROUTES]


def _rows(report: DriftReport) -> Iterable[Row]:
    if report.subject is None or report.resource is None:
        return told_rows(report)
    return (Row(report.fingerprint, report.subject, report.resource, report.reason, report.paths),)
