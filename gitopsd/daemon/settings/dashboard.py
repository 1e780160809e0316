"""The form of the page's settings: who may see it."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gitopsd.daemon.settings.texts import Text, like
from gitopsd.spec.part import Part

HostName = Annotated[
    str, like(r"[A-Za-z0-9](?:[-.A-Za-z0-9]{0,251}[A-Za-z0-9])?", "a host name without a port")
]
Header = Annotated[str, like(r"[A-Za-z0-9](?:[-A-Za-z0-9]{0,62})", "the name of an HTTP header")]


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        meant = "an address, or a network as 10.0.0.0/8"
        raise PydanticCustomError("like", "{meant}", {"meant": meant}) from error
    return value


Network = Annotated[str, AfterValidator(_network)]


class TrustedProxy(Part):
    """A proxy that lets in only whom it knows, and says so in a header: its name, and from which
    addresses it is believed.
    """

    header: Header
    addresses: list[Network] = Field(min_length=1)


class Dashboard(Part):
    """The read-only page: who may see it, and the host names that it is asked for by.

    Without a token and a proxy it answers to this machine alone.
    """

    enabled: bool = True
    hosts: list[HostName] = Field(default=[])
    token_file: Text | None = None
    proxy: TrustedProxy | None = None
