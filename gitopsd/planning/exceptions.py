"""What a plan says of exceptions of the drift policy that have ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from gitopsd.diff.holding import lapsed, name_of
from gitopsd.model.comparison import Comparison
from gitopsd.model.drifthold import holds_in
from gitopsd.model.observed import Record
from gitopsd.model.problem import Problem
from gitopsd.planning.notices import notice


def exception_notices(
    comparison: Comparison, target: str, record: Record | None, now: date
) -> Iterable[Problem]:
    """A notice for each exception that is over, and for each hold that cannot be read."""
    for subject, spans in comparison.over.items():
        for span in spans:
            if span.source == "spec":
                yield notice("GX1007", subject, what=name_of(span), until=span.until)
    for hold in lapsed(record, now):
        yield notice("GX1008", hold.subject, what=name_of(hold.span), until=hold.until)
    for key in holds_in(record.annotations).unreadable if record else ():
        yield notice("GX1009", key=key, target=target)
