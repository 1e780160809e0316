"""Reading NLB's annotations that are no plain values: zones, protocols, ranges (facts §1.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from gitopsd.sandbox.controllers.objects import Item
from gitopsd.sandbox.controllers.services.options import is_on, whole
from gitopsd.sandbox.controllers.services.outcome import ModelError, said

_PROTOCOLS: Final = ("TCP", "UDP", "TCPSSL")


def zone_mappings(text: str) -> list[dict[str, str]]:
    """Zone mappings from `zone:vSwitch[:address[:EIP]],…`. Raises ModelError."""
    if not text:
        return []
    found = []
    for entry in text.split(","):
        parts = entry.split(":")
        if len(parts) < 2:
            expected = "expect [zone-a:vsw-id-1,zone-b:vsw-id-2]"
            raise ModelError(f"ZoneMapping format error, {expected}, got {text}")
        names = ("ZoneId", "VSwitchId", "IPv4Addr", "AllocationId")
        # An empty zone or vSwitch is left out like any other empty field.
        found.append(said(dict(zip(names, parts, strict=False))))
    return found


def cased(text: str, *known: str) -> str:
    """The canonical spelling of a known value; any other is passed on."""
    return next((each for each in known if each.lower() == text.lower()), text)


def cross_zone(text: str) -> bool | None:
    """A flag that is checked, other than all others. Raises ModelError."""
    if not text:
        return None
    if text.lower() not in ("on", "off"):
        why = f'invalid flag "{text}", should be "on" or "off"'
        raise ModelError(f"ParameterInvalid, cross zone enabled flag error: {why}")
    return is_on(text)


def listener_protocol(text: str, port: Item) -> str:
    """The listener protocol of a port: the first entry for its number, else its own.

    Raises:
        ModelError: an entry before that one is malformed.
    """
    own = str(port.get("protocol", "TCP")).upper()
    for entry in text.split(",") if text else ():
        parts = entry.split(":")
        if len(parts) < 2:
            what = "port and protocol format must be like 'https:443' with colon separated."
            raise ModelError(f"{what} got=[{' '.join(parts)}]")
        if parts[0].upper() not in _PROTOCOLS:
            what = "port protocol format must be either [TCP|UDP|TCPSSL]"
            raise ModelError(f"{what}, protocol not supported with [{parts[0]}]\n")
        if parts[1] == str(port["port"]):
            return parts[0].upper()
    return own


def port_range(text: str, port: int) -> tuple[int, int]:
    """The first and last port that a listener takes for a port, 0 and 0 for none.

    Raises:
        ModelError: an entry up to the one for the port is malformed.
    """
    wrong = "listener port range must be like 1000-2000:80 with colon separated. got"
    for entry in text.split(","):
        parts = entry.split(":")
        if len(parts) != 2:
            raise ModelError(f"{wrong} [{entry}]")
        if parts[1] != str(port):
            continue
        ends = parts[0].split("-")
        if len(ends) != 2:
            raise ModelError(f"{wrong} [{entry}]")
        try:
            first, last = (whole(each) for each in ends)
        except ValueError as why:
            raise ModelError(f"failed to convert port range [{entry}] to int: {why}") from why
        if first >= last:
            message = f"start port should be smaller than end port for port range [{entry}]"
            raise ModelError(message)
        if first < 1 or last > 65535:
            raise ModelError(f"port range [{entry}] is invalid")
        return first, last
    return 0, 0


def check_overlap(listeners: list[dict[str, Any]]) -> None:
    """Raises ModelError when two listeners of one protocol share a port."""
    for index, one in enumerate(listeners):
        for other in listeners[index + 1 :]:
            if one["ListenerProtocol"] != other["ListenerProtocol"]:
                continue
            (first, last), (start, end) = _span(one), _span(other)
            if first <= end and start <= last:
                names = " overlaps with listener ".join(f"[{each}]" for each in _texts(one, other))
                raise ModelError(f"port of listener {names}")


def _span(listener: dict[str, Any]) -> tuple[int, int]:
    port = listener.get("ListenerPort", 0)
    return listener.get("StartPort", port), listener.get("EndPort", port)


def _texts(*listeners: dict[str, Any]) -> Iterator[str]:
    for listener in listeners:
        first, last = _span(listener)
        yield str(first) if first == last else f"{first}-{last}"
