"""What a verdict says of exceptions of the drift policy: those that are over, and holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gitopsd.diff.holding import name_of
from gitopsd.model.comparison import Comparison
from gitopsd.model.desired import ModeSpan
from gitopsd.model.verdict import Verdict
from gitopsd.model.wording import said


def with_exceptions(verdict: Verdict, comparison: Comparison) -> Verdict:
    """The verdict with the exceptions of its subject, told in its notes."""
    over = comparison.over.get(verdict.subject, ())
    holds = comparison.holds.get(verdict.subject, ())
    if not over and not holds:
        return verdict
    notes = (*verdict.notes, *_notes(over, holds))
    return replace(verdict, notes=notes, over=over, holds=holds)


def _notes(over: tuple[ModeSpan, ...], holds: tuple[ModeSpan, ...]) -> Iterator[str]:
    for span in over:
        key = "exception-over-anew" if span.mode == "Correct" else "exception-over"
        yield said(key, what=name_of(span), until=span.until)
    for span in holds:
        yield said("exception-holds", what=name_of(span), until=span.until)
