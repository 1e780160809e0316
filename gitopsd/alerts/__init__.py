"""From drift reports to messages: who is told what, when, and in which words.

What belongs here: severity, routing, what counts as news of a conversation, pacing (gathering,
digests, quiet hours, patience), the memory of what was said, and the words. All of it is pure: the
reports as they stand, the memory and the time go in; what to send now comes out. What does not:
sending (`adapters`), threads and retries (`daemon`), and the life of a report (`drift`).

A sink is told of the present state, never of a queue of events. So an outage, a restart or an hour
of flapping leaves nothing behind to be caught up with: what has not been said and is over by now is
never said, and what was said is not said again (ADR 0017).
"""

from gitopsd.alerts.deciding import WHOLE, Decision, decide
from gitopsd.alerts.memory import Attempt, Memory, Said
from gitopsd.alerts.parcels import Parcel, recorded, refused, unanswered
from gitopsd.alerts.rules import Pacing, Quiet, Rules, Selection, Style
from gitopsd.alerts.scene import Scene

__all__ = [
    "WHOLE",
    "Attempt",
    "Decision",
    "Memory",
    "Pacing",
    "Parcel",
    "Quiet",
    "Rules",
    "Said",
    "Scene",
    "Selection",
    "Style",
    "decide",
    "recorded",
    "refused",
    "unanswered",
]
