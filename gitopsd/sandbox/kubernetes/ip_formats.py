"""Formats of IP addresses and networks, with the sentences the API answers with.

The real server reads an address twice: once as leniently as it always did (leading zeros in the
parts of an IPv4 address), to tell what is no address at all, and once strictly.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_INVALID: Final = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_INVALID_NETWORK: Final = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_LEADING_ZEROS: Final = re.compile(r"(?<!\d)0+(?=\d)")


def _without_zeros(text: str) -> str:
    """The text with its dotted parts freed of leading zeros."""
    head, colon, last = text.rpartition(":")
    return head + colon + (_LEADING_ZEROS.sub("", last) if "." in last else last)


def parsed(text: str) -> IPAddress | None:
    """The address that a lenient reader sees in a text; None for no address, or one of a zone."""
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(_without_zeros(text))
    except ValueError:
        return None


def ip_address(text: str, *, canonical: bool = False) -> list[str]:
    """An IPv4 or IPv6 address; `canonical`: written as the standard way has it."""
    address = parsed(text)
    if address is None:
        return [_INVALID]
    if _without_zeros(text) != text:
        return ["must not have leading 0s"]
    if _is_mapped(address):
        return ["must not be an IPv4-mapped IPv6 address"]
    if canonical and str(address) != text:
        return [f'must be in canonical form ("{address}")']
    return []


def _is_mapped(address: IPAddress) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None


def ip_family(text: str) -> str:
    """The family of an address, as the API calls it."""
    return f"IPv{ipaddress.ip_address(text).version}"


def special_address(text: str) -> list[str]:
    """An address that traffic can be sent to: none of the reserved ones."""
    address = ipaddress.ip_address(text)
    reasons = {
        f"may not be unspecified ({text})": address.is_unspecified,
        "may not be in the loopback range (127.0.0.0/8, ::1/128)": address.is_loopback,
        "may not be in the link-local range (169.254.0.0/16, fe80::/10)": address.is_link_local,
        "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)": any(
            address.version == range_.version and address in range_ for range_ in _LOCAL_MULTICAST
        ),
    }
    return [reason for reason, holds in reasons.items() if holds]


_LOCAL_MULTICAST: Final = (ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16"))


def network(text: str) -> list[str]:
    """An IPv4 or IPv6 network with nothing set beyond its prefix."""
    first, _, length = text.rpartition("/")
    address = parsed(first)
    if address is None or not re.fullmatch("[0-9]+", length):
        return [_INVALID_NETWORK]
    if int(length) > address.max_prefixlen:
        return [_INVALID_NETWORK]
    if _without_zeros(first) != first or str(int(length)) != length:
        return ["must not have leading 0s in IP or prefix length"]
    if _is_mapped(address):
        return ["must not have an IPv4-mapped IPv6 address"]
    if int(address) & ((1 << (address.max_prefixlen - int(length))) - 1):
        return ["must not have bits set beyond the prefix length"]
    return []
