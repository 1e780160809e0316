"""Where the requests of a route go: what is wanted beside what is there, down to single servers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from gitopsd.model.desired import ModeSpan
from gitopsd.model.identity import Identity


class Place(StrEnum):
    """Where a backend runs, seen from the load balancer."""

    PODS = "pods"
    CLOUD_PODS = "cloud pods"
    EDGE_PODS = "edge pods"
    HYBRID_PODS = "cloud and edge pods"
    SAME_VPC = "servers in the VPC"
    CROSS_REGION = "servers in another region"
    ON_PREMISES = "servers in a data centre"
    SERVERS = "servers"
    FOREIGN = "a group of others"
    RIVAL = "another object"


class RouteState(StrEnum):
    """How a route stands: `GONE` matches no request any more, `ADDED` nobody asked for.

    `SHADOWED` is as wanted or moved, but others may take requests of it.
    """

    AS_WANTED = "as wanted"
    MOVED = "moved"
    GONE = "gone"
    ADDED = "added"
    SHADOWED = "shadowed"
    UNKNOWN = "unknown"


class Takes(StrEnum):
    """What another object that claims a route of ours gets of its requests."""

    ALL = "all"  # it is asked first for every one of them
    PART = "part"  # it is asked first for some of them; how many is not known
    PERHAPS = "perhaps"  # it may get some of them, or all, or none


class Doing(StrEnum):
    """Why something stands otherwise than Git wants it."""

    DRIFT = "drift"
    IGNORED = "ignored"  # drift that the policy or a hold leaves alone
    CHANGE = "change"  # Git has moved, and it is not applied yet


@dataclass(frozen=True, slots=True)
class Shadow:
    """Another object that takes requests of a route, or may."""

    by: Identity
    takes: Takes

    def to_json(self) -> dict[str, str]:
        """The form in a report, and the stored form."""
        return {"by": str(self.by), "takes": str(self.takes)}


@dataclass(frozen=True, slots=True)
class Share:
    """A weight as it is written, and the part (0 to 1) of its whole that it stands for.

    `weight` is None where there is none to write: the one destination of a port.
    """

    weight: int | None
    part: Fraction

    def to_json(self) -> dict[str, Any]:
        """`{"weight": 30, "percent": 42.9}`."""
        return {"weight": self.weight, "percent": percent(self.part)}


@dataclass(frozen=True, slots=True)
class Server:
    """A member of a backend; shares are parts of the backend, None on the side that lacks it.

    `healthy` is what the health check says, None where nobody asked or nothing checks.
    """

    name: str
    wanted: Share | None
    live: Share | None
    healthy: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """The form in a report."""
        return {
            "name": self.name,
            "wanted": self.wanted.to_json() if self.wanted else None,
            "live": self.live.to_json() if self.live else None,
            "healthy": self.healthy,
        }


@dataclass(frozen=True, slots=True)
class Backend:
    """One destination of a route; shares are parts of the route, None on the side that lacks it.

    `id` is the cloud's id of a server group, "" where there is none or it is not known yet.
    `servers` is None where the members are not known: pods, and groups of others. `answers` is
    False when nothing behind it takes requests, None when that is not known.
    """

    place: Place
    name: str
    wanted: Share | None
    live: Share | None
    id: str = ""
    servers: tuple[Server, ...] | None = None
    answers: bool | None = None

    @property
    def members(self) -> int | None:
        """How many servers are there now."""
        return None if self.servers is None else len(self._there)

    @property
    def serving(self) -> int | None:
        """How many of them have a weight above 0."""
        if self.servers is None:
            return None
        return sum(1 for server in self._there if server.live and server.live.weight)

    @property
    def healthy(self) -> int | None:
        """How many of them pass the health check; None unless it is known of each."""
        there = self._there
        if not there or any(server.healthy is None for server in there):
            return None
        return sum(1 for server in there if server.healthy)

    @property
    def _there(self) -> tuple[Server, ...]:
        return tuple(server for server in self.servers or () if server.live is not None)

    @property
    def moved(self) -> bool:
        """Whether it, or one of its servers, gets another part of the requests than wanted."""
        sides = ((self.wanted, self.live), *((s.wanted, s.live) for s in self.servers or ()))
        return any((a.part if a else 0) != (b.part if b else 0) for a, b in sides)

    def to_json(self) -> dict[str, Any]:
        """The form in a report."""
        return {
            "place": str(self.place),
            "name": self.name,
            "id": self.id,
            "wanted": self.wanted.to_json() if self.wanted else None,
            "live": self.live.to_json() if self.live else None,
            "members": self.members,
            "serving": self.serving,
            "healthy": self.healthy,
            "answers": self.answers,
            "servers": None if self.servers is None else [s.to_json() for s in self.servers],
        }


@dataclass(frozen=True, slots=True)
class Balancer:
    """The load balancer in front: ALB, NLB or CLB, and the address it has, "" while unknown."""

    type: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """Requests that one line of a listener matches, and where they go.

    Layer 7 has `host` ("" is any), `path` and `path_type`; layer 4 has `port` (`443/TCP`). `moved`
    is the part of the requests that goes elsewhere than wanted, or to nobody; None is unknown.
    Whatever is behind it, drift, what is ignored or what Git has still to move, this is how it is
    now. `pending` says that all of it is Git's doing and comes right with the next apply. `groups`
    are the ServerGroups behind it; `shadows` other objects that take its requests, or may. `movers`
    tell who has a part in it.
    """

    exposure: Identity
    resource: Identity
    balancer: Balancer
    state: RouteState
    backends: tuple[Backend, ...]
    moved: Fraction | None
    host: str = ""
    path: str = ""
    path_type: str = ""
    port: str = ""
    pending: bool = False
    groups: tuple[Identity, ...] = ()
    shadows: tuple[Shadow, ...] = ()
    movers: tuple[Mover, ...] = ()

    @property
    def name(self) -> str:
        """`demo.example.com/path`, `*/path` for any host, `443/TCP` for a port."""
        return self.port or f"{self.host or '*'}{self.path}"

    def to_json(self) -> dict[str, Any]:
        """The form in a report."""
        return {
            "route": self.name,
            "exposure": str(self.exposure),
            "resource": str(self.resource),
            "loadBalancer": {"type": self.balancer.type, "address": self.balancer.address},
            "state": str(self.state),
            "pending": self.pending,
            "movedPercent": None if self.moved is None else percent(self.moved),
            "shadows": [shadow.to_json() for shadow in self.shadows],
            "causes": [m.to_json() for m in self.movers if m.doing is not Doing.IGNORED],
            "ignored": [m.to_json() for m in self.movers if m.doing is Doing.IGNORED],
            "backends": [backend.to_json() for backend in self.backends],
        }


@dataclass(frozen=True, slots=True)
class Mover:
    """A subject that has a part in where the requests of a route go now.

    `spans` are the exceptions by which its moves are ignored; none where its mode ignores all.
    """

    subject: Identity
    doing: Doing
    spans: tuple[ModeSpan, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The form in a report."""
        if self.doing is Doing.IGNORED:
            exceptions = [span.to_json() for span in self.spans]
            return {"subject": str(self.subject), "exceptions": exceptions}
        return {"subject": str(self.subject), "cause": str(self.doing)}


def percent(part: Fraction) -> float:
    """A part of one as percent, to one decimal."""
    return round(float(part * 100), 1)
