"""Judging how reality stands to what is wanted, and telling people.

What belongs here: verdicts with their evidence, what becomes of reports over time, how they read on
paper, and taking drift back into Git (`acceptance`). What does not: finding differences (`diff`),
deciding what to do about them (`planning`), or keeping reports anywhere (`adapters`).
"""

from gitopsd.drift.life import advance
from gitopsd.drift.outlook import with_obstacles, with_outlook
from gitopsd.drift.righting import put_right
from gitopsd.drift.verdicts import assess

__all__ = ["advance", "assess", "put_right", "with_obstacles", "with_outlook"]
