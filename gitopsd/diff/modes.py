"""How the drift policy treats a path: the one rule that detecting, planning and applying share.

`mode_of` gives every difference its mode when it is found. `treatment` says what follows from it:
verdicts ask whether it is told, plans whether it is written, and applying follows the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gitopsd.model.desired import DriftPolicy, ModeSpan
from gitopsd.model.moments import end_of, moment
from gitopsd.model.paths import within
from gitopsd.model.verdict import Cause, Difference, Mode


@dataclass(frozen=True, slots=True)
class Treatment:
    """Whether a difference is told in verdicts, and whether a pass puts it right."""

    told: bool
    written: bool


def treatment(difference: Difference, *, correct: bool = False) -> Treatment:
    """What becomes of a difference (design §5, "Modes").

    Modes are about drift: what Git changed is told and written in every mode. Drift is told unless
    the mode is Ignore, and written in mode Correct. A weight that somebody set to 0 is never
    written by itself; what else differs of the same action is, around it (`Difference.kept`). With
    `correct` a person asks for everything to be written, once. What Git or somebody moved, nobody
    knows who, is told and left where drift is.
    """
    if difference.doubtful:
        return Treatment(told=True, written=correct)
    if difference.cause is Cause.CHANGE:
        return Treatment(told=True, written=True)
    told = difference.mode != "Ignore"
    spared = difference.manual and difference.kept is None
    return Treatment(told, correct or (difference.mode == "Correct" and not spared))


def mode_of(policy: DriftPolicy, kind: str, path: str, now: date) -> Mode:
    """The mode of the field `path` of a compiled `kind`.

    A span of the policy holds for its path and everything below it until its end; after that the
    policy's own mode counts again. Where several hold, a hold wins over what Git says, then the
    longest path, and of two for one path the first. A span without a path is the mode of the whole
    until a day.
    """
    span = span_of(policy, kind, path, now)
    return span.mode if span else policy.mode


def span_of(policy: DriftPolicy, kind: str, path: str, now: date) -> ModeSpan | None:
    """The span that decides about a field; None where the policy's own mode does."""
    best: tuple[tuple[bool, int], ModeSpan] | None = None
    for span in policy.spans:
        span_kind, _, span_path = span.path.partition("/")
        if (span.path and span_kind != kind) or not within(path, span_path) or ended(span, now):
            continue
        rank = (span.source == "hold", len(span_path))
        if best is None or rank > best[0]:
            best = (rank, span)
    return best[1] if best else None


def singled_out(policy: DriftPolicy, kind: str, path: str, field: str, now: date) -> bool:
    """Whether a path is ignored by an exception about the field it lies in or a part of that.

    One that says less (`Service`, `Service/spec`) covers the field without naming it.
    """
    span = span_of(policy, kind, path, now)
    if span is None or span.mode != "Ignore":
        return False
    return bool(field) and within(span.path.partition("/")[2], field)


def leaves_drift(policy: DriftPolicy, now: date) -> bool:
    """Whether some drift of a thing is left as it is."""
    left = (span for span in policy.spans if span.mode != "Correct")
    return policy.mode != "Correct" or any(not ended(span, now) for span in left)


def ended(span: ModeSpan, now: date) -> bool:
    """Whether an exception is over: a day holds until it ends, a time until it comes (UTC)."""
    return span.until is not None and moment(now) >= end_of(span.until)
