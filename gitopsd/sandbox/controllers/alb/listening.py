"""The ports an Ingress listens on, and how they get into its AlbConfig (facts §4.1, §4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gitopsd.sandbox.controllers.alb import annotations as read
from gitopsd.sandbox.controllers.alb.failures import BuildError
from gitopsd.sandbox.controllers.alb.model import ListenerKey
from gitopsd.sandbox.controllers.alb.shapes import LISTEN_PORTS
from gitopsd.sandbox.controllers.gojson import decode
from gitopsd.sandbox.controllers.objects import Item

PROTOCOLS: Final = ("HTTP", "HTTPS", "QUIC")
PLAIN: Final = ListenerKey(80, "HTTP")
SECURE: Final = ListenerKey(443, "HTTPS")
_PORTS: Final = range(1, 65536)


def listen_ports(ingress: Item) -> list[ListenerKey]:
    """Where the rules of an Ingress are put. Raises BuildError for a bad `listen-ports`."""
    found = [PLAIN] if read.redirects_to_https(ingress) else []
    text = read.text(ingress, "listen-ports")
    found += _asked(text) if text else _inferred(ingress)
    return list(dict.fromkeys(found))


def is_forced(ingress: Item) -> bool:
    """Whether all rules go to all its listeners, whatever `spec.tls` says."""
    return read.redirects_to_https(ingress) or bool(read.text(ingress, "listen-ports"))


def is_secure(ingress: Item, protocol: str, host: str) -> bool:
    """Whether a host's rules belong on the HTTPS listener."""
    tls = ingress["spec"].get("tls") or []
    if (protocol == "HTTPS" and not tls) or not host:
        return True
    return any(host in (each.get("hosts") or []) for each in tls)


def declared(config: Item) -> list[tuple[ListenerKey, Item]]:
    """The listeners of an AlbConfig's spec. A port may be written as text."""
    return [
        (ListenerKey(int(each["port"]), str(each["protocol"])), each)
        for each in config["spec"].get("listeners") or []
    ]


def merged(config: Item, wanted: Iterable[ListenerKey]) -> list[ListenerKey]:
    """What has to be added to an AlbConfig's listeners.

    Raises:
        BuildError: a port is there with the other of HTTP and HTTPS.
    """
    found = [key for key, _ in declared(config)]
    asked = list(dict.fromkeys(wanted))
    for have in found:
        for want in asked:
            both = {have.protocol, want.protocol}
            if have.port == want.port and both == {"HTTP", "HTTPS"}:
                raise BuildError("conflict listener in albconfig, please remove it manual")
    return [each for each in asked if each not in found]


def _asked(text: str) -> Iterator[ListenerKey]:
    entries, problem = entries_of(text)
    if problem:
        raise BuildError(f"failed to parse listen-ports configuration: `{text}`: {problem}")
    if not entries:
        raise BuildError(f"empty listen-ports configuration: `{text}`")
    for entry in entries:
        for protocol, port in entry.items():
            check_port(port)
            if protocol not in PROTOCOLS:
                raise BuildError(f"listen protocol must be within [HTTP, HTTPS]: {protocol}")
            yield ListenerKey(port, protocol)


def entries_of(text: str) -> tuple[list[dict[str, int]], str]:
    """The entries of `listen-ports` and what is wrong with the text ("" for nothing)."""
    decoded = decode(text, LISTEN_PORTS)
    return decoded.value, decoded.problem


def check_port(port: int) -> None:
    """Raises BuildError for a number that is no port."""
    if port not in _PORTS:
        raise BuildError(f"listen port must be within [1, 65535]: {port}")


def _inferred(ingress: Item) -> list[ListenerKey]:
    spec = ingress["spec"]
    secure = any(host for each in spec.get("tls") or [] for host in each.get("hosts") or [])
    hosts = [rule.get("host", "") for rule in spec.get("rules") or []]
    plain = any(host and not is_secure(ingress, "HTTP", host) for host in hosts)
    if secure:
        return [PLAIN, SECURE] if plain else [SECURE]
    return [PLAIN]
