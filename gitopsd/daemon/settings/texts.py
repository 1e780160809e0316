"""The kinds of text and number that settings are made of."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gitopsd.spec.part import WHOLE

_LAST_PORT = 65535

Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
Seconds = Annotated[int, Field(ge=1, le=7 * 24 * 3600), WHOLE]
Jitter = Annotated[int, Field(ge=0, le=3600), WHOLE]
Percent = Annotated[int, Field(ge=0, le=100), WHOLE]


def like(
    pattern: str, meant: str, judged: Callable[[re.Match[str]], bool] = lambda _: True
) -> AfterValidator:
    """Text that a pattern matches as a whole, and of which the rest is `judged` to be right;
    `meant` says in words what that is.
    """
    compiled = re.compile(pattern)

    def judge(value: str) -> str:
        if (match := compiled.fullmatch(value)) and judged(match):
            return value
        raise PydanticCustomError("like", "{meant}", {"meant": meant})

    return AfterValidator(judge)


def _can_be_bound(address: re.Match[str]) -> bool:
    """Whether a socket could be bound to it, as far as its text tells. A host whose last part is a
    number is no name, but an IPv4 address.
    """
    host = address["host"]
    try:
        IPv6Address(address["v6"] or "::")
        if host and host.removesuffix(".").rpartition(".")[2].isdigit():
            socket.inet_aton(host)
    except (ValueError, OSError):
        return False
    return int(address["port"]) <= _LAST_PORT


Text = Annotated[str, like(r"\S(?:.*\S)?", "text without blanks around it")]
TimeOfDay = Annotated[str, like(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", "a time of day as HH:MM")]
Name = Annotated[
    str, like(r"[a-z0-9](?:[-a-z0-9]{0,38}[a-z0-9])?", "a name of a-z, 0-9 and -, at most 40 long")
]
Namespace = Annotated[
    str, like(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?", "a namespace: a-z, 0-9 and -, at most 63")
]
Address = Annotated[
    str,
    like(
        r"(?:(?P<host>(?:[A-Za-z0-9_-]{1,63}(?:\.|(?=:)))+)|\[(?P<v6>[0-9A-Fa-f:.]+)\])"
        r":(?P<port>[0-9]{1,5})",
        "an address as HOST:PORT: a name or an IP address, with a port of at most 65535",
        _can_be_bound,
    ),
]
Endpoint = Annotated[
    str,
    like(
        r"https?://[^\s/@?#]+(?:/[^\s?#]*)?",
        "a URL such as http://collector:4318, without user name and query",
    ),
]
