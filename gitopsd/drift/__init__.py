"""Judging how reality stands to what is wanted, and telling people.

What belongs here: verdicts with their evidence, how they read on paper, and taking drift back into
Git (`acceptance`). What does not: finding differences (`diff`) and deciding what to do about them
(`planning`).
"""

from gitopsd.drift.verdicts import assess

__all__ = ["assess"]
