"""How the drift policy treats a path: the one rule that detecting, planning and applying share."""

from __future__ import annotations

from datetime import date

from gitopsd.model.desired import DriftPolicy
from gitopsd.model.paths import within
from gitopsd.model.verdict import Mode


def mode_of(policy: DriftPolicy, kind: str, path: str, today: date) -> Mode:
    """The mode of the field `path` of a compiled `kind`.

    A span of the policy holds for its path and everything below it, through the day it names;
    after that day the policy's own mode counts again. Where several hold, the longest path wins.
    """
    best: tuple[int, Mode] | None = None
    for span in policy.spans:
        span_kind, _, span_path = span.path.partition("/")
        if span_kind != kind or not within(path, span_path):
            continue
        if span.until is not None and date.fromisoformat(span.until) < today:
            continue
        if best is None or len(span_path) > best[0]:
            best = (len(span_path), span.mode)
    return best[1] if best else policy.mode
