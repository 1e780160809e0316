"""Who may see the page: this machine, who has a token, or whom a trusted proxy lets in."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from gitopsd.daemon.settings import Dashboard, TrustedProxy

#: Shorter tokens could be guessed.
SHORTEST = 20
#: What a proxy adds: a request that has it comes from somewhere else than its address says.
_FORWARDED = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "x-cluster-client-ip"}
)
_FAMILIES = ("x-forwarded-", "x-original-", "cf-", "ali-cdn-")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[-.0-9A-Za-z]+)(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `headers` are by lower-case names, those given twice joined; `peer` is the
    address at the other end of the connection, whatever headers say; `raw` is the path as it came.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    peer: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody sees nothing, and the HTTP status that says so."""

    status: int
    why: str


def refusal(
    request: Request, settings: Dashboard, tokens: Sequence[bytes], *, data: bool
) -> Refusal | None:
    """Why a request is refused; None when it is admitted.

    `data` is False for the page's own files, which hold nothing of anybody's: with a token in use
    they are needed before one can be given.
    """
    return _astray(request, settings, data) or _unproven(request, settings, tokens, data)


def _astray(request: Request, settings: Dashboard, data: bool) -> Refusal | None:
    """Why a browser that was led here by another site gets nothing (DNS rebinding, for one)."""
    name = _host(request.headers.get("host", ""))
    if name not in _LOOPBACK_NAMES and name not in {host.lower() for host in settings.hosts}:
        why = "the page is not served under this host name; dashboard.hosts in gitopsd.yaml lists"
        return Refusal(421, f"{why} those that are")
    if data and request.headers.get("sec-fetch-site", "") in ("cross-site", "same-site"):
        return Refusal(403, "another site asks, and it is none of its business")
    return None


def _unproven(
    request: Request, settings: Dashboard, tokens: Sequence[bytes], data: bool
) -> Refusal | None:
    """What somebody lacks to be let in."""
    if settings.token_file is None and settings.proxy is None:
        return None if _from_here(request) else _ELSEWHERE
    if settings.proxy is not None and _vouched(request, settings.proxy):
        return None
    if settings.token_file is None:
        return Refusal(403, "only the proxy that gitopsd.yaml names lets people in")
    good = [token for token in tokens if len(token) >= SHORTEST]
    if data and not good:
        return Refusal(503, f"the file of tokens holds none of at least {SHORTEST} characters")
    shown = not data or _shown(request.headers.get("authorization", ""), good)
    return None if shown else Refusal(401, "a token is needed")


_ELSEWHERE = Refusal(
    403,
    "without dashboard.tokenFile or dashboard.proxy in gitopsd.yaml, the page answers to this "
    "machine alone; kubectl port-forward reaches it",
)


def _host(header: str) -> str:
    """The name in a Host header, in lower case; "" for what is none."""
    found = _HOST.fullmatch(header.strip())
    return found["name"].lower().removesuffix(".") if found else ""


def _from_here(request: Request) -> bool:
    try:
        here = ip_address(request.peer).is_loopback
    except ValueError:
        return False
    return here and not any(
        name in _FORWARDED or name.startswith(_FAMILIES) for name in request.headers
    )


def _vouched(request: Request, proxy: TrustedProxy) -> bool:
    try:
        peer = ip_address(request.peer)
    except ValueError:
        return False
    believed = any(
        peer in ip_network(network) for network in proxy.addresses
    )  # another version of IP is in no network
    return believed and bool(request.headers.get(proxy.header.lower(), "").strip())


def _shown(header: str, tokens: Sequence[bytes]) -> bool:
    """Whether a bearer token is one of those; takes as long for every wrong one."""
    scheme, _, told = header.partition(" ")
    given = hashlib.sha256(told.strip().encode("latin-1", "replace")).digest()
    matches = [hmac.compare_digest(given, hashlib.sha256(token).digest()) for token in tokens]
    return scheme.lower() == "bearer" and any(matches)
