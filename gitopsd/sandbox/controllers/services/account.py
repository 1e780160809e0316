"""What the controller finds in the cloud account, where a Service refers to things of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer: its tags, the address or DNS name a Service would show, its attributes."""

    address: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A server group: its name and its type (`Ip` or `Instance`; "" on CLB)."""

    name: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Load balancers and server groups by id.

    own: the Service's own load balancer, as it was last brought up to date; None before the first
    time. Its `attributes` are those of the model it was made from.
    """

    balancers: Mapping[str, Balancer] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    own: Balancer | None = None
