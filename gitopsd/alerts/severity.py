"""How much a report matters, and in which drift modes its evidence stands."""

from __future__ import annotations

from dataclasses import replace

from gitopsd.model.message import Severity
from gitopsd.model.outlook import Action
from gitopsd.model.report import DriftReport, ReportState

#: From this share of a route's requests on, in percent, its drift is an incident.
CRITICAL_SHARE = 50.0
#: What becomes of drift that needs nobody.
_ALONE = frozenset({Action.CORRECT, Action.WITHHOLD})


def severity_of(report: DriftReport) -> Severity:
    """Critical: half of a route's requests or more end elsewhere. Warning: a person has to decide,
    or has been waited for too long. Else it is for information: gitopsd puts it right by itself,
    as soon as it may write.
    """
    if report.open and not report.calm_since and moved_of(report) >= CRITICAL_SHARE:
        return Severity.CRITICAL
    alone = bool(report.actions) and set(report.actions) <= _ALONE
    if not alone or report.fighters or report.escalated_at:
        return Severity.WARNING
    return Severity.INFO


def severity_while_open(report: DriftReport) -> Severity:
    """What its severity was while it was open, as far as it still tells."""
    return severity_of(replace(report, state=ReportState.OPEN, calm_since=""))


def moved_of(report: DriftReport) -> float:
    """The largest known share of a route's requests that ends elsewhere, in percent."""
    return max((impact.moved or 0.0 for impact in report.impact), default=0.0)


def modes_of(report: DriftReport) -> frozenset[str]:
    """The drift modes of its evidence; none for a report about many."""
    return frozenset(item.mode for item in report.evidence)
