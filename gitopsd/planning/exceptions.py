"""What a plan says of exceptions of the drift policy: those that ended, those overridden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from gitopsd.diff.holding import lapsed, name_of
from gitopsd.diff.modes import ended
from gitopsd.diff.routes import RULES
from gitopsd.model.approval import scope
from gitopsd.model.comparison import Comparison
from gitopsd.model.desired import DesiredTarget, ModeSpan
from gitopsd.model.drifthold import holds_in
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Record
from gitopsd.model.paths import split, within
from gitopsd.model.problem import Problem
from gitopsd.model.verdict import Cause, Difference
from gitopsd.planning.leaving import lifting
from gitopsd.planning.notices import notice


def exception_notices(
    comparison: Comparison,
    desired: DesiredTarget,
    record: Record | None,
    now: date,
    again: str = "",
) -> Iterable[Problem]:
    """A notice for each exception that is over or idle, and for what on a record cannot be read.

    `again` are the words by which commands find the target again (`PlanOptions`).
    """
    target = desired.name
    for subject, spans in comparison.over.items():
        for span in spans:
            if span.source == "spec":
                yield notice("GX1007", subject, what=name_of(span), until=span.until)
    for hold in lapsed(record, now):
        yield notice("GX1008", hold.subject, what=name_of(hold.span), until=hold.until)
    yield from _idle(comparison, desired, record, now, scope(target, again))
    for key in holds_in(record.annotations).unreadable if record else ():
        yield notice("GX1009", key=key, target=target)
    if record and record.nonsense:
        yield notice("GX1014", count=record.nonsense, target=target)


def _idle(
    comparison: Comparison,
    desired: DesiredTarget,
    record: Record | None,
    now: date,
    where: str,
) -> Iterator[Problem]:
    """A notice for each exception that is about nothing, or about a thing that Git has no more."""
    for subject, spans in comparison.idle.items():
        for span in spans:
            mend = "take it out of the spec"
            if span.source == "hold":
                mend = lifting(span, subject, where)
            yield notice("GX1020", subject, what=name_of(span), mend=mend)
    there = {item.exposure for item in desired.objects.values()} | {*desired.groups, *desired.held}
    for hold in holds_in(record.annotations).readable if record else ():
        if hold.subject not in there and not ended(hold.span, now):
            mend = f"nothing: it ends by itself ({hold.until})"
            yield notice("GX1020", hold.subject, what=name_of(hold.span), mend=mend)


def overridden(comparison: Comparison) -> Iterator[Problem]:
    """A notice for each hold, and each weight 0 set by hand, that --correct does away with."""
    drifted = list(_drifted(comparison))
    for subject, spans in comparison.holds.items():
        for span in spans:
            if any(owner == subject and _covers(span, item) for owner, item in drifted):
                yield notice("GX1013", subject, what=f"{name_of(span)}, until {span.until}")
    for subject, item in drifted:
        if item.manual and split(item.path)[:2] != RULES:  # a route left with its action
            what = f"the weight 0 that somebody set by hand at {item.path} of {item.resource}"
            yield notice("GX1013", subject, what=what)


def _drifted(comparison: Comparison) -> Iterator[tuple[Identity, Difference]]:
    for thing in comparison.objects:
        yield from ((thing.exposure, d) for d in thing.differences if _moved(d))
    for group in comparison.groups:
        yield from ((group.identity, d) for d in group.differences if _moved(d))


def _moved(item: Difference) -> bool:
    """Whether somebody moved something; a 0 by hand is theirs though Git moved what is around."""
    return item.cause is Cause.DRIFT or item.manual


def _covers(span: ModeSpan, item: Difference) -> bool:
    kind, _, path = span.path.partition("/")
    return kind == item.resource.kind and within(item.path, path)
