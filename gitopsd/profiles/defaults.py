"""What a spec means where it says nothing (design §2, "Rules"); one answer for all who ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

#: Weight of a route's only backend.
SINGLE_WEIGHT = 100

#: Ranges that a member outside its group's VPC must have: ALB takes no others (facts §6.3).
REMOTE_RANGES = ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")


def chosen_targets(stated: Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    """The targets a spec is for: those it names that the fleet knows, each once.

    A spec that names none is for the fleet's target when there is exactly one.
    """
    if stated is None:
        return tuple(known) if len(known) == 1 else ()
    return tuple(name for name in dict.fromkeys(stated) if name in known)


def group_type(location: str, *, by_instance: bool, servers: int) -> Literal["Instance", "Ip"]:
    """Type of the cloud group: by instance id or by address; an empty local one holds instances."""
    if by_instance or (location == "SameVPC" and not servers):
        return "Instance"
    return "Ip"
