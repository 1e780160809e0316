"""What a load balancer's listeners say of a server group's members (GetListenerHealthStatus)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class HealthState(StrEnum):
    """The states of a member behind a listener, by the API's own words, the worst first."""

    UNHEALTHY = "Unhealthy"  # it has failed its health check again and again
    INITIAL = "Initial"  # it is checked, and nothing is known of it yet
    UNUSED = "Unused"  # its weight is 0, or it stands in a zone that is not used
    UNAVAILABLE = "Unavailable"  # the group has no health check
    NORMAL = "Normal"


@dataclass(frozen=True, slots=True)
class MemberHealth:
    """The worst that any listener says of a member; `reason` is the API's code, "" for none."""

    state: HealthState
    reason: str = ""

    @property
    def answers(self) -> bool:
        """Whether no listener has a reason to keep requests from it, or to doubt it."""
        return self.state not in (HealthState.UNHEALTHY, HealthState.INITIAL)

    @property
    def silent(self) -> bool:
        """Whether a listener has found that it does not answer."""
        return self.state is HealthState.UNHEALTHY

    def __str__(self) -> str:
        return f"{self.state} ({self.reason})" if self.reason else str(self.state)


def worse(one: MemberHealth, other: MemberHealth) -> MemberHealth:
    """The one of two that says less good of a member."""
    states = list(HealthState)
    return min(one, other, key=lambda health: states.index(health.state))
