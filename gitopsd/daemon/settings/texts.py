"""The kinds of text and number that settings are made of."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from functools import partial
from ipaddress import IPv6Address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gitopsd.ports import Misconfigured, WorldError
from gitopsd.ports.forges import checked_repository
from gitopsd.ports.remotes import check_folder, check_revision, parse_url
from gitopsd.spec.mistakes import unusable
from gitopsd.spec.part import WHOLE

_LAST_PORT = 65535
_NAME = r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?"
_HOST = rf"(?:(?P<host>{_NAME})|\[(?P<v6>[0-9A-Fa-f:.]+)\])"

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


def checked(check: Callable[[str], object]) -> AfterValidator:
    """Text that `check` takes. What that raises is told, and the text is not repeated."""

    def judge(value: str) -> str:
        try:
            check(value)
        except WorldError as error:
            raise unusable(error.detail, error.mend) from error
        return value

    return AfterValidator(judge)


def in_schema(pattern: str) -> Any:
    """A pattern of JSON Schema that says some of what is judged here: for editors, and for Helm,
    whose patterns look neither ahead nor back.
    """
    return Field(json_schema_extra={"pattern": pattern})


def any_case(word: str) -> str:
    """A pattern for a word in small and in capital letters."""
    return "".join(f"[{letter.upper()}{letter}]" for letter in word)


def _names_someone(targets: list[str]) -> list[str]:
    if not targets:
        why = "is empty: of no target anything would be followed"
        raise unusable(why, "name a target, or remove the list, which leaves all of the fleet's")
    return targets


def _variable(name: str) -> None:
    if not re.fullmatch(r"[-._A-Za-z][-._A-Za-z0-9]*", name):
        mend = "write the name alone, as in DINGTALK_SECRET; the secret itself does not stand here"
        raise Misconfigured("", "is not the name of a variable", mend)


def _is_host(address: re.Match[str]) -> bool:
    """Whether a socket could be bound to it, or lead there, as far as its text tells. A host whose
    last part is a number is no name, but an IPv4 address.
    """
    host = address["host"]
    try:
        IPv6Address(address["v6"] or "::")
        if host and host.removesuffix(".").rpartition(".")[2].isdigit():
            socket.inet_aton(host)
    except (ValueError, OSError):
        return False
    return int(address["port"] or 0) <= _LAST_PORT


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
        rf"{_HOST}:(?P<port>[0-9]{{1,5}})",
        "an address as HOST:PORT: a name or an IP address, with a port of at most 65535",
        _is_host,
    ),
]
Host = Annotated[
    Text,
    like(
        rf"{_HOST}(?::(?P<port>[0-9]{{1,5}}))?",
        "a host as HOST or HOST:PORT, without https:// and a path",
        _is_host,
    ),
]
MailHost = Annotated[
    Text,
    like(
        rf"(?P<host>{_NAME})|(?P<v6>[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)(?P<port>)",
        "a host name or an IP address; the port is a field of its own",
        _is_host,
    ),
]
Variable = Annotated[Text, checked(_variable)]
Targets = Annotated[
    list[Text], AfterValidator(_names_someone), Field(json_schema_extra={"minItems": 1})
]
#: A forge's name for a repository.
Project = Annotated[Text, checked(partial(checked_repository, "it"))]
#: With a scheme that is known, or none: then a path whose first part has no colon, or HOST:PATH.
RepositoryUrl = Annotated[
    Text,
    checked(parse_url),
    in_schema(
        rf"^({any_case('http')}[sS]?|{any_case('ssh')}|{any_case('file')})://"
        r"|^[^:/]*(/|$)|^[^:/]+:([^:/]|/[^/]|/$)"
    ),
]
Branch = Annotated[Text, checked(check_revision), in_schema(r"^[^\s~^:?*\[\\]+$")]
Folder = Annotated[Text, checked(check_folder), in_schema("^[^/]")]
#: Of a service; what else there is to it depends on whether http is allowed.
Url = Annotated[Text, in_schema(rf"^{any_case('http')}[sS]?://")]
Endpoint = Annotated[
    str,
    like(
        rf"https?://{_HOST}(?::(?P<port>[0-9]{{1,5}}))?(?:/[^\s?#]*)?",
        "a URL such as http://collector:4318, without user name and query",
        _is_host,
    ),
]
