"""How things stand, told where people look: custom resources and Events in the target's cluster.

What belongs here: what is reachable, conditions, which custom resources to write, and what is worth
an Event; all of it pure. What does not: verdicts about drift (`drift`), and writing (`adapters`).
"""

from gitopsd.status.mirroring import Mirroring, Wanted, mirror
from gitopsd.status.standing import POSTPONED, Sight, leaving, standing
from gitopsd.status.telling import events_of

__all__ = [
    "POSTPONED",
    "Mirroring",
    "Sight",
    "Wanted",
    "events_of",
    "leaving",
    "mirror",
    "standing",
]
