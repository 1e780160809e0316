"""Whether a text is a URI as it stands in a request: by the rules of Go's `net/url`."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import unquote

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME: Final = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*)?:")
_BAD_ESCAPE: Final = re.compile("%(?![0-9a-fA-F]{2})")
_USER: Final = re.compile(r"[a-zA-Z0-9\-._:~!$&'()*+,;=%@]*")
_PORT: Final = re.compile("(:[0-9]*)?")
#: A host's name: of what is escaped, only what is no ASCII, and the percent sign itself.
_HOST: Final = re.compile(
    r"""([a-zA-Z0-9\-_.~!$&'()*+,;=:\[\]<>"\x80-\U0010ffff]|%(25|[89a-fA-F][0-9a-fA-F]))*"""
)
_ZONE: Final = re.compile(
    r"""([a-zA-Z0-9\-_.~!$&'()*+,;=:\[\]<>"\x80-\U0010ffff]|%[0-9a-fA-F]{2})*"""
)


def is_request_uri(text: str) -> bool:
    """Whether a text has a scheme, or begins with a slash; a lone asterisk stands for itself."""
    if not text or _CONTROLS.search(text):
        return False
    if text == "*":
        return True
    found = _SCHEME.match(text)
    if found is not None and found[1] is None:
        return False
    rest = text[found.end() :] if found is not None else text
    rest = rest.partition("?")[0]
    if not rest.startswith("/"):
        return found is not None
    if found is not None and rest.startswith("//"):
        authority, _, path = rest[2:].partition("/")
        return _is_authority(authority) and not _BAD_ESCAPE.search(path)
    return not _BAD_ESCAPE.search(rest)


def _is_authority(text: str) -> bool:
    user, _, host = text.rpartition("@")
    if not _USER.fullmatch(user) or _BAD_ESCAPE.search(user):
        return False
    at = host.rfind("[")
    if at > 0:
        return False
    if at == 0:
        inside, closed, port = host[1:].rpartition("]")
        return bool(closed) and bool(_PORT.fullmatch(port)) and _is_literal(inside)
    at = host.rfind(":")
    if at >= 0 and not _PORT.fullmatch(host[at:]):
        return False
    return bool(_HOST.fullmatch(host))


def _is_literal(text: str) -> bool:
    """An address of IPv6 in brackets, with a zone behind an escaped percent sign or without."""
    address, escaped, zone = text.partition("%25")
    if escaped and not (zone and _ZONE.fullmatch(zone)):
        return False
    try:
        ipaddress.IPv6Address(unquote(address))
    except ValueError:
        return False
    return "%" not in unquote(address)
