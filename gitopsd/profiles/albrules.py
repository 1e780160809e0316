"""Hosts and paths of ALB rules: what the API server and ALB accept, and what a path matches.

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


def path_key(path: str, path_type: str) -> tuple[str, str]:
    """What a path matches, written one way: `/x/` as a prefix is `/x`."""
    if path_type == "Prefix":
        return ("Prefix", path.rstrip("/"))
    return (path_type, path)


def covering_paths(path: str, path_type: str) -> Iterator[tuple[str, str]]:
    """Keys of all paths that match everything this one matches, itself first.

    A Prefix matches whole segments: `/x` matches `/x` and `/x/y`, never `/xy`. Nothing but its
    equal is known to cover an ImplementationSpecific path with wildcards.
    """
    yield path_key(path, path_type)
    if path_type == "ImplementationSpecific" and WILDCARDS.search(path):
        return
    stem = path.rstrip("/")
    if path_type != "Prefix":
        yield ("Prefix", stem)
    while stem:
        stem = stem.rpartition("/")[0]
        yield ("Prefix", stem)


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
