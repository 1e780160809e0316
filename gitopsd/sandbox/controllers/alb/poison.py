"""Ingresses that kill the controller as soon as any Service changes (facts §4.7)."""

from __future__ import annotations

from gitopsd.sandbox.controllers.alb.canary import forwarded
from gitopsd.sandbox.controllers.alb.failures import Panic
from gitopsd.sandbox.controllers.objects import Item


def is_poison(ingress: Item) -> bool:
    """Whether looking for the Services of an admitted Ingress ends the controller's process.

    Which Ingress is looked at first is chance in the real controller, so that it may take a few
    events; here the first one does it.
    """
    try:
        list(forwarded(ingress))
    except Panic:
        return True
    return False
