"""A report without what others wrote: for a service that refuses what is quoted of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitopsd.model.outlook import Outlook
from gitopsd.model.ownership import MANAGER
from gitopsd.model.report import DriftReport, RouteImpact, row_parts
from gitopsd.model.verdict import Difference

#: Stands for a name that is not told.
_SOMEBODY = "…"


def bare(report: DriftReport) -> DriftReport:
    """The same finding, told by names of things alone: no values, fields, routes and managers.

    What decides how much it matters, and what can be done, stays as it is.
    """
    return replace(
        report,
        evidence=tuple(_unquoted(report.evidence)),
        moves=(),
        fighters=tuple(one if one == MANAGER else _SOMEBODY for one in report.fighters),
        fought=tuple(sorted({_thing(report, path) for path in report.fought})),
        impact=tuple(_unnamed(report.impact)),
    )


def _thing(report: DriftReport, path: str) -> str:
    """What is fought over: a report about many names it before the field."""
    return "" if report.resource else row_parts(path)[0]


def _unquoted(evidence: Iterable[Difference]) -> Iterator[Difference]:
    """One for each thing that is going to be done about it."""
    told: list[tuple[str, Outlook | None, bool]] = []
    for item in evidence:
        if (one := (str(item.resource), item.outlook, item.manual)) not in told:
            told.append(one)
            yield replace(
                item, path="", wanted=None, found=None, who=None, note="", position=None, kept=None
            )


def _unnamed(impacts: Iterable[RouteImpact]) -> Iterator[RouteImpact]:
    """The largest share alone."""
    shares = [impact.moved for impact in impacts if impact.moved]
    return (RouteImpact("", share) for share in sorted(shares)[-1:])
