"""Kubernetes' own functions: quantities, URLs, addresses, networks, named formats."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any, ClassVar, Final
from urllib.parse import SplitResult, parse_qs, urlsplit
from urllib.parse import quote as escape

from gitopsd.sandbox.cel.values import EvaluationError, Maybe
from gitopsd.sandbox.kubernetes import formats
from gitopsd.sandbox.kubernetes.gotext import quote

_QUANTITY: Final = re.compile(
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?"
)
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_NO_QUANTITY: Final = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_MOST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as resources are measured."""

    type_name: ClassVar[str] = "kubernetes.Quantity"
    number: Decimal


@dataclass(frozen=True, slots=True)
class Url:
    """A URL and its parts."""

    type_name: ClassVar[str] = "kubernetes.URL"
    parts: SplitResult


@dataclass(frozen=True, slots=True)
class Ip:
    """An address."""

    type_name: ClassVar[str] = "net.IP"
    address: ipaddress.IPv4Address | ipaddress.IPv6Address

    def __str__(self) -> str:
        return str(self.address)


@dataclass(frozen=True, slots=True)
class Cidr:
    """A network and the address in it that was named."""

    type_name: ClassVar[str] = "net.CIDR"
    interface: ipaddress.IPv4Interface | ipaddress.IPv6Interface

    def __str__(self) -> str:
        return str(self.interface)


@dataclass(frozen=True, slots=True)
class Format:
    """A format that a text may be of."""

    type_name: ClassVar[str] = "kubernetes.NamedFormat"
    name: str


def quantity(text: str) -> Quantity:
    """A quantity from text. Raises EvaluationError."""
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise EvaluationError(_NO_QUANTITY)
    number, unit = Decimal(found[1]), found[2] or ""
    if unit in _BINARY:
        return Quantity(number * (1 << _BINARY[unit]))
    exponent = _DECIMAL.get(unit)
    try:
        return Quantity(number.scaleb(int(unit[1:] or 0) if exponent is None else exponent))
    except DecimalException:
        raise EvaluationError(_NO_QUANTITY) from None


def _is_whole(value: Quantity) -> bool:
    return value.number == value.number.to_integral_value() and abs(value.number) <= _MOST


def _as_integer(value: Quantity) -> int:
    if not _is_whole(value):
        raise EvaluationError("cannot convert value to integer")
    return int(value.number)


def _sign(number: Decimal) -> int:
    return int(number > 0) - int(number < 0)


def _amount(value: Quantity | int) -> Decimal:
    return value.number if isinstance(value, Quantity) else Decimal(value)


def url(text: str) -> Url:
    """An absolute URL, or an absolute path, from text. Raises EvaluationError."""
    why = "URL parse error during conversion from string"
    bad = next((char for char in text if ord(char) < 32 or ord(char) == 127), None)
    if bad is not None:
        shown = f"parse {quote(text)}: net/url: invalid control character in URL"
        raise EvaluationError(f"{why}: {shown}")
    scheme = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", text)
    if scheme is None and not text.startswith("/"):
        reason = "invalid URI for request"
        if not text or text.startswith(":"):
            reason = "missing protocol scheme" if text else "empty url"
        raise EvaluationError(f"{why}: parse {quote(text)}: {reason}")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise EvaluationError(f"{why}: parse {quote(text)}: {error}") from None
    odd = next((char for char in parts.netloc if char in ' <>"\\^`{|}'), None)
    if odd is not None:
        reason = f"invalid character {quote(odd)} in host name"
        raise EvaluationError(f"{why}: parse {quote(text)}: {reason}")
    return Url(parts)


def _host(value: Url) -> str:
    return value.parts.netloc.rpartition("@")[2]


def _hostname(value: Url) -> str:
    return re.sub(r":\d*$", "", _host(value)).strip("[]")


def ip(text: str) -> Ip:
    """An address from text. Raises EvaluationError."""
    shown = quote(text)
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        zero = re.search(r"(^|\.)0\d", text) and ":" not in text
        reason = "IPv4 field has octet with leading zero" if zero else "unable to parse IP"
        why = f"ParseAddr({shown}): {reason}"
        lead = f"IP Address {shown} parse error during conversion from string"
        raise EvaluationError(f"{lead}: {why}") from None
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id:
            raise EvaluationError(f"IP address {shown} with zone value is not allowed")
        if found.ipv4_mapped:
            raise EvaluationError(f"IPv4-mapped IPv6 address {shown} is not allowed")
    return Ip(found)


def cidr(text: str) -> Cidr:
    """A network from text. Raises EvaluationError."""
    try:
        if "/" not in text:
            raise ValueError(text)
        found = ipaddress.ip_interface(text)
    except ValueError:
        lead = "network address parse error during conversion from string"
        why = f"netip.ParsePrefix({quote(text)}): {_no_prefix(text)}"
        raise EvaluationError(f"{lead}: {lead}: {why}") from None
    if isinstance(found, ipaddress.IPv6Interface) and found.ipv4_mapped:
        raise EvaluationError(f"IPv4-mapped IPv6 address {quote(text)} is not allowed")
    return Cidr(found)


def _no_prefix(text: str) -> str:
    address, slash, length = text.rpartition("/")
    if not slash:
        return "no '/'"
    if not _is(ip)(address):
        return f"ParseAddr({quote(address)}): unable to parse IP"
    return (
        "prefix length out of range"
        if length.isdigit()
        else f"bad bits after slash: {quote(length)}"
    )


def _is(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        try:
            parse(text)
        except EvaluationError:
            return False
        return True

    return check


def _contains_ip(network: Cidr, address: Ip | str) -> bool:
    wanted = ip(address) if isinstance(address, str) else address
    return wanted.address in network.interface.network


def _contains_cidr(network: Cidr, other: Cidr | str) -> bool:
    wanted = (cidr(other) if isinstance(other, str) else other).interface.network
    own = network.interface.network
    return wanted.version == own.version and wanted.subnet_of(own)  # type: ignore[arg-type]


def _masked(network: Cidr) -> Cidr:
    own = network.interface.network
    return Cidr(ipaddress.ip_interface(f"{own.network_address}/{own.prefixlen}"))


def _is_unicast(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    odd = address.is_unspecified or address.is_loopback or address.is_multicast
    return not (odd or address.is_link_local or str(address) == "255.255.255.255")


def _is_local_multicast(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address in ipaddress.ip_network("224.0.0.0/24")
    return address.is_multicast and address.packed[1] & 0x0F == 2


_FORMATS: Final[Mapping[str, Callable[[str], list[str]]]] = {
    "dns1123Label": formats.dns_label,
    "dns1123Subdomain": formats.dns_subdomain,
    "dns1035Label": formats.dns1035_label,
    "qualifiedName": formats.qualified_name,
    "dns1123LabelPrefix": lambda text: formats.dns_label(_as_prefix(text)),
    "dns1123SubdomainPrefix": lambda text: formats.dns_subdomain(_as_prefix(text)),
    "dns1035LabelPrefix": lambda text: formats.dns1035_label(_as_prefix(text)),
    "labelValue": formats.label_value,
}


def _as_prefix(text: str) -> str:
    return f"{text[:-1]}a" if text.endswith("-") else text


def _validated(value: Format, text: str) -> Maybe:
    found = _FORMATS[value.name](text)
    return Maybe((list(found),)) if found else Maybe()


_OPERAND: Final = "kubernetes.Quantity"
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "quantity(string) -> kubernetes.Quantity": quantity,
    "isQuantity(string) -> bool": _is(quantity),
    "kubernetes.Quantity.isInteger() -> bool": _is_whole,
    "kubernetes.Quantity.asInteger() -> int": _as_integer,
    "kubernetes.Quantity.asApproximateFloat() -> double": lambda value: float(value.number),
    "sign(kubernetes.Quantity) -> int": lambda value: _sign(value.number),
    f"{_OPERAND}.add({_OPERAND}) -> {_OPERAND} | {_OPERAND}.add(int) -> {_OPERAND}": (
        lambda value, other: Quantity(value.number + _amount(other))
    ),
    f"{_OPERAND}.sub({_OPERAND}) -> {_OPERAND} | {_OPERAND}.sub(int) -> {_OPERAND}": (
        lambda value, other: Quantity(value.number - _amount(other))
    ),
    f"{_OPERAND}.isLessThan({_OPERAND}) -> bool": lambda a, b: a.number < b.number,
    f"{_OPERAND}.isGreaterThan({_OPERAND}) -> bool": lambda a, b: a.number > b.number,
    f"{_OPERAND}.compareTo({_OPERAND}) -> int": lambda a, b: _sign(a.number - b.number),
    "url(string) -> kubernetes.URL": url,
    "isURL(string) -> bool": _is(url),
    "kubernetes.URL.getScheme() -> string": lambda value: value.parts.scheme,
    "kubernetes.URL.getHost() -> string": _host,
    "kubernetes.URL.getHostname() -> string": _hostname,
    "kubernetes.URL.getPort() -> string": lambda value: str(value.parts.port or ""),
    "kubernetes.URL.getEscapedPath() -> string": lambda value: escape(
        value.parts.path, safe="/%:@!$&'()*+,;=~"
    ),
    "kubernetes.URL.getQuery() -> map(string, list(string))": lambda value: parse_qs(
        value.parts.query, keep_blank_values=True
    ),
    "ip(string) -> net.IP": ip,
    "isIP(string) -> bool": _is(ip),
    "ip.isCanonical(string) -> bool": lambda text: str(ip(text)) == text,
    "string(net.IP) -> string | string(net.CIDR) -> string": str,
    "net.IP.family() -> int": lambda value: value.address.version,
    "net.IP.isUnspecified() -> bool": lambda value: value.address.is_unspecified,
    "net.IP.isLoopback() -> bool": lambda value: value.address.is_loopback,
    "net.IP.isLinkLocalMulticast() -> bool": lambda value: _is_local_multicast(value.address),
    "net.IP.isLinkLocalUnicast() -> bool": lambda value: value.address.is_link_local,
    "net.IP.isGlobalUnicast() -> bool": lambda value: _is_unicast(value.address),
    "cidr(string) -> net.CIDR": cidr,
    "isCIDR(string) -> bool": _is(cidr),
    "net.CIDR.containsIP(net.IP) -> bool | net.CIDR.containsIP(string) -> bool": _contains_ip,
    "net.CIDR.containsCIDR(net.CIDR) -> bool | net.CIDR.containsCIDR(string) -> bool": (
        _contains_cidr
    ),
    "net.CIDR.ip() -> net.IP": lambda value: Ip(value.interface.ip),
    "net.CIDR.masked() -> net.CIDR": _masked,
    "net.CIDR.prefixLength() -> int": lambda value: value.interface.network.prefixlen,
    **{
        f"format.{name}() -> kubernetes.NamedFormat": lambda name=name: Format(name)
        for name in _FORMATS
    },
    "format.named(string) -> optional_type(kubernetes.NamedFormat)": lambda name: (
        Maybe((Format(name),)) if name in _FORMATS else Maybe()
    ),
    "kubernetes.NamedFormat.validate(string) -> optional_type(list(string))": _validated,
}
