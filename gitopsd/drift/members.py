"""The servers of a group, wanted beside live, with the share of its requests that each gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from gitopsd.model.comparison import GroupComparison
from gitopsd.model.desired import MemberKey
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.traffic import Server, Share

#: Whether each member passes its health check; a member that is not in it is not known.
Health = Mapping[MemberKey, bool]


@dataclass(frozen=True, slots=True)
class Members:
    """The servers, None when they could not be observed; whether anything of them answers."""

    servers: tuple[Server, ...] | None
    answers: bool | None


def answering(said: Mapping[MemberKey, MemberHealth]) -> Health:
    """Who passes and who fails; not who is checked for the first time, unused or not checked."""
    passes = {HealthState.NORMAL: True, HealthState.UNHEALTHY: False}
    return {key: passes[health.state] for key, health in said.items() if health.state in passes}


@dataclass(frozen=True, slots=True)
class Sides:
    """The weights of a group's servers, wanted and live, and which of them pass their check."""

    wanted: Mapping[str, int]
    live: Mapping[str, int]
    healthy: Mapping[str, bool | None]


def sides_of(group: GroupComparison, health: Health) -> Sides:
    """What is known of the servers of a wanted group; one on its way out counts as gone."""
    current = group.current or next(iter(group.outdated), None)
    found = [m for m in current.members if m.status != "Removing"] if current else []
    return Sides(
        {str(m.key): m.weight for m in group.desired.members} if group.desired else {},
        {str(member.key): member.weight for member in found},
        {str(member.key): health.get(member.key) for member in found},
    )


def members_of(sides: Sides) -> Members:
    """The servers, in the spec's order, then those that only stand there.

    A server that fails its check gets no share while another one passes, or may: when all fail,
    the group answers nothing.
    """
    wanted, live, healthy = sides.wanted, sides.live, sides.healthy
    taking = {
        name: weight if healthy.get(name) is not False else 0 for name, weight in live.items()
    }
    before, after = _parts(wanted), _parts(taking)
    servers = tuple(
        Server(
            name,
            Share(wanted[name], before[name]) if name in wanted else None,
            Share(live[name], after[name]) if name in live else None,
            healthy.get(name),
        )
        for name in dict.fromkeys((*wanted, *live))
    )
    if not any(taking.values()):
        return Members(servers, False)
    known = [passes for name, passes in healthy.items() if live.get(name)]
    return Members(servers, True if True in known else None)


def _parts(weights: Mapping[str, int]) -> dict[str, Fraction]:
    total = sum(weights.values())
    return {
        name: Fraction(weight, total) if total else Fraction(0) for name, weight in weights.items()
    }
