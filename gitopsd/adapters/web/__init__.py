"""Requests over HTTP to services that the operator named: forges, chats, webhooks.

What belongs here: one client (`Web`) that is bound to one address, and everything that must hold
for each of its requests: TLS is verified, nothing leads to another host, answers and time are
bounded, a refused request waits as long as the service asks, and no secret stands in an error.
What does not: what any one service understands; that is its own adapter's, and adapters may import
this package although they do not know each other.
"""

from gitopsd.adapters.web.answers import Answer, Request
from gitopsd.adapters.web.client import Bounds, Caller, Web
from gitopsd.adapters.web.secrets import checked_secret, read_secret
from gitopsd.ports.addresses import Address

__all__ = [
    "Address",
    "Answer",
    "Bounds",
    "Caller",
    "Request",
    "Web",
    "checked_secret",
    "read_secret",
]
