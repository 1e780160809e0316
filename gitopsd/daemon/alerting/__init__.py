"""Telling people of drift, beside the passes and never in their way.

What belongs here: which sinks there are, one thread for each, retries, and keeping what was said.
What does not: what is worth saying and when (`alerts`, by values), and how a service is spoken to
(adapters, behind `ports.Sink`).
"""

from gitopsd.daemon.alerting.desk import Offer, Told
from gitopsd.daemon.alerting.outbox import Outbox

__all__ = ["Offer", "Outbox", "Told"]
