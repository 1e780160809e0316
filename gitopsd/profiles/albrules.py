"""Hosts and paths of ALB rules: what the API server and ALB accept, and what a route matches.

The API server's own rules on Ingress paths and hosts are Kubernetes' `networking/validation`; what
the controller makes of a path is facts §4.6; lengths and characters are ALB's console limits for
domain name and path conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Longest path and host of a rule condition.
LENGTH = 128

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
#: A DNS name in lower case, or one whose first label is `*`.
HOST = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")
#: Looks like an address rather than a name: the API server refuses it as a host.
ADDRESS = re.compile(r"\d+(\.\d+){3}")

#: Letters, digits and the other characters that a path condition may hold.
PATH = re.compile(r"/[A-Za-z0-9\-._/=?~^*$:'()\[\]+|&%@,;!#\\]*")
#: Wildcards of a path, which only ImplementationSpecific may hold (facts §4.6).
WILDCARDS = re.compile(r"[*?]")

#: What the API server refuses in Exact and Prefix paths: they would not mean what they say.
FORBIDDEN_PARTS = ("//", "/./", "/../", "%2f", "%2F")
FORBIDDEN_ENDS = ("/..", "/.")


#: Matches every path.
EVERY_PATH = "/*"


def path_conditions(path: str, path_type: str) -> tuple[str, ...]:
    """The path conditions that the controller makes of a path (facts §4.6); one of them must match.

    A Prefix `/x` or `/x/` becomes `/x` and `/x/*`, so it never matches `/xy`. Exact and
    ImplementationSpecific paths are passed on as they are, so the same text is the same condition.
    """
    if path_type != "Prefix":
        return (path,)
    stem = path.rstrip("/")
    return (stem, f"{stem}/*") if stem else (EVERY_PATH,)


def covering_conditions(condition: str) -> Iterator[str]:
    """Conditions that match every path that `condition` does, itself first.

    `*` is any number of characters, slashes too. Of the conditions with wildcards those are known
    that stand for everything below a folder; others may cover it, and nobody asks for them.
    """
    yield condition
    wildcard = WILDCARDS.search(condition)
    literal = condition[: wildcard.start()] if wildcard else condition
    end = literal.rfind("/")
    while end >= 0:
        if (covering := f"{literal[:end]}/*") != condition:
            yield covering
        end = literal.rfind("/", 0, end)


def covering_hosts(host: str | None) -> Iterator[str]:
    """Hosts of all conditions that match every request for this one, itself first; "" is any."""
    rest = host or ""
    if rest:
        yield rest
        rest = rest.removeprefix("*.") if rest.startswith("*.") else rest.partition(".")[2]
        while rest:
            yield f"*.{rest}"
            rest = rest.partition(".")[2]
    yield ""
