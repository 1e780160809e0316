"""Pushes told by those who host repositories: `POST /webhooks/<provider>`.

What belongs here: who may tell us (`providers`, pure), and when a telling is worth a look
(`receiver`). What does not: reading what was told. A delivery is trusted for nothing but "look
now", so its body is authenticated and then thrown away.
"""

from gitopsd.daemon.webhooks.providers import PROVIDERS, Delivery, Verdict
from gitopsd.daemon.webhooks.receiver import Answer, Claim, Receiver, Secrets

__all__ = ["PROVIDERS", "Answer", "Claim", "Delivery", "Receiver", "Secrets", "Verdict"]
