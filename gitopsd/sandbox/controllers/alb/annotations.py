"""Reading the annotations of ALB Ingresses (facts §4.1).

Two ways of reading exist in the controller and differ: most keys are trimmed and count as absent
when empty, the keys with an nginx spelling are taken as they are, nginx first.
"""

from __future__ import annotations

import re
from typing import Final

from gitopsd.sandbox.controllers.objects import Item, annotations_of

ALB: Final = "alb.ingress.kubernetes.io/"
NGINX: Final = "nginx.ingress.kubernetes.io/"
CLASS: Final = "kubernetes.io/ingress.class"
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")


def raw(ingress: Item, name: str) -> str | None:
    """The value of an ALB key as written, or None."""
    return annotations_of(ingress).get(ALB + name)


def text(ingress: Item, name: str) -> str:
    """The trimmed value of an ALB key; "" when it is absent or empty."""
    value = raw(ingress, name) or ""
    return "\n".join(line.strip() for line in value.split("\n"))


def either(ingress: Item, name: str) -> str:
    """The value of a key that may have the nginx prefix, which wins; "" when both are absent."""
    found = annotations_of(ingress)
    return found.get(NGINX + name, found.get(ALB + name, ""))


def is_canary(ingress: Item) -> bool:
    """Whether the whole Ingress is a canary of another."""
    return either(ingress, "canary") == "true"


def redirects_to_https(ingress: Item) -> bool:
    """Whether plain HTTP is sent on to port 443."""
    return either(ingress, "ssl-redirect") == "true"


def integer(value: str) -> int | None:
    """A decimal number, or None for any other text."""
    return int(value) if _INTEGER.fullmatch(value) and len(value) < 20 else None
