"""What is worth an Event: what was done to a thing, and what keeps it from being right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitopsd.model.identity import Identity
from gitopsd.model.outcome import StepState
from gitopsd.model.status import EventReason
from gitopsd.model.verdict import Cause, State
from gitopsd.status.standing import Sight
from gitopsd.typography import shorten, value

_WIDTH = 60

#: One subject, why, in words, and the resources that it is about.
Told = tuple[Identity, EventReason, str, frozenset[Identity]]


def events_of(subjects: Iterable[Identity], sight: Sight) -> Iterator[Told]:
    """What the pass that `sight` was taken at says of each subject."""
    for subject in subjects:
        if subject in sight.desired.held:
            why = "its file has errors: what it made is left as it is"
            yield subject, EventReason.INVALID, why, frozenset()
        yield from _drift(subject, sight)
        yield from _done(subject, sight)
        step = sight.held(subject)
        if step is not None and step.hold is not None:
            what = f"{step.key}: {step.hold.reason}"
            yield subject, EventReason.HELD, what, frozenset({step.identity})
        for result in sight.results(subject, StepState.FAILED)[:1]:
            what = f"{result.step.key}: {result.detail}"
            yield subject, EventReason.FAILED, what, frozenset({result.step.identity})


def _drift(subject: Identity, sight: Sight) -> Iterator[Told]:
    verdict = sight.verdict(subject)
    found = [
        difference
        for difference in (verdict.differences if verdict else ())
        if difference.cause is Cause.DRIFT and difference.mode != "Ignore"
    ]
    if not found:
        return
    first = found[0]
    who = f" by {first.who.manager}" if first.who else ""
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    if not first.path and first.found is None:
        what = f"{first.resource.kind} {first.resource.key} was deleted{who}{more}"
    else:
        old, new = (shorten(value(side), _WIDTH) for side in (first.wanted, first.found))
        what = f"{first.resource.kind} {first.path}: {old} became {new}{who}{more}"
    resources = frozenset(difference.resource for difference in found)
    yield subject, EventReason.DRIFT_DETECTED, what, resources


def _done(subject: Identity, sight: Sight) -> Iterator[Told]:
    done = sight.results(subject, StepState.DONE)
    if not done:
        return
    verdict = sight.verdict(subject)
    drifted = verdict is not None and verdict.state is State.DRIFTED
    reason = EventReason.DRIFT_CORRECTED if drifted else EventReason.APPLIED
    revision = sight.plan.revision[:12] if sight.plan else ""
    what = f"{', '.join(result.step.key for result in done[:3])}"
    more = f" and {len(done) - 3} more" if len(done) > 3 else ""
    resources = frozenset(result.step.identity for result in done)
    yield subject, reason, f"{what}{more}, as revision {revision} says", resources
