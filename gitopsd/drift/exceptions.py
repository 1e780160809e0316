"""What a verdict says of exceptions of the drift policy: those that are over, and holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    idle = comparison.idle.get(verdict.subject, ())
    if not over and not holds and not idle:
        return verdict
    working = (span for span in holds if span not in idle)
    notes = (*verdict.notes, *ended_notes(over), *_held(working), *map(_idle, idle))
    return replace(verdict, notes=notes, over=over, holds=holds)


def ended_notes(over: Iterable[ModeSpan]) -> Iterator[str]:
    """That an exception has ended, a note for each."""
    for span in over:
        key = "exception-over-anew" if span.mode == "Correct" or not span.path else "exception-over"
        yield said(key, what=name_of(span), until=span.until)


def _idle(span: ModeSpan) -> str:
    return said("exception-idle", what=name_of(span))


def _held(holds: Iterable[ModeSpan]) -> Iterator[str]:
    for span in holds:
        yield said("exception-holds", what=name_of(span), until=span.until)
