"""Comparing what is wanted with what was found: pure functions over plain values.

What belongs here: normalising both sides so that only real differences remain, the cheap equality
that answers almost every question, deepdiff for the rest, pairing groups and members, and telling
change from drift. What does not: deciding what to do about a difference (that is `planning`),
judging a subject as a whole (that is `drift`), or any input and output.

Only this package imports deepdiff, and only when two values differ (two thousand times dearer
than `==`: reference measurements in `benchmarks/`).
"""

from gitopsd.diff.target import compare_target

__all__ = ["compare_target"]
