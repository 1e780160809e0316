"""Faults on demand: rules matched against requests, each used up after so many hits.

A rule is data; a test of the same process sets it directly, everybody else orders it by
`gitopsd.sandbox.faults`.
"""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args

Kind = Literal[
    "latency",
    "throttle",
    "error",
    "drop-before",
    "drop-after",
    "conflict",
    "forbidden",
    "quota",
    "expire",
    "stale",
    "clock",
]
_KINDS: Final = get_args(Kind)
_WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_STRUCK: Final = {
    "conflict": _WRITES,
    "quota": frozenset({"create", "update", "patch"}),
    "expire": frozenset({"list", "watch"}),
    "stale": frozenset({"watch"}),
}
"""Verbs that a kind is trouble for; the other kinds are for every verb."""
_REFUSALS: Final = frozenset({"throttle", "error", "conflict", "forbidden", "quota"})


def strikes(kind: str, verb: str) -> bool:
    """Whether such trouble is trouble for a verb."""
    return kind not in _STRUCK or verb in _STRUCK[kind]


@dataclass(slots=True)
class Tally:
    """How many requests a rule was about, and how many of them it has struck."""

    seen: int = 0
    struck: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, for which requests, how often.

    * `latency`: the answer comes `seconds` later.
    * `throttle`: 429 with Retry-After `seconds` (whole seconds), without the header for 0.
    * `error`: an answer with `status` and `reason` instead of the effect.
    * `drop-before`: the connection ends and nothing happened.
    * `drop-after`: the connection ends after the effect, that of a watch after `seconds`.
    * `conflict`: 409 to a write, as if somebody had just changed the object.
    * `forbidden`: 403 as if the caller had no right to it.
    * `quota`: 403 as if the namespace's quota were exhausted.
    * `expire`: a watch or list finds its history gone.
    * `stale`: a watch says nothing for `seconds` (0: to its end), then all it held back.
    * `clock`: the cluster's clock jumps by `seconds`, and stays there.

    `verbs`, `resources` (`services`, `ingresses.networking.k8s.io` or `ingresses`), `names`,
    `namespaces` and `users` are patterns; empty, they match everything. The first `after` matching
    requests pass; each later one is hit with probability `chance`, drawn under `seed`, until
    `times` were hit; 0 means forever.
    """

    kind: Kind
    verbs: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    times: int = 1
    after: int = 0
    seconds: float = 1.0
    status: int = 500
    reason: str = "InternalError"
    message: str = "a fault was asked for"
    chance: float = 1.0
    seed: str = ""
    tally: Tally = field(default_factory=Tally, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"kind is none of {', '.join(_KINDS)}: {self.kind}")

    @property
    def spent(self) -> bool:
        """Whether it will strike no more."""
        return 0 < self.times <= self.tally.struck

    def matches(self, request: FaultRequest) -> bool:
        """Whether the rule is about this request."""
        return strikes(self.kind, request.verb) and all(
            not wanted or any(fnmatchcase(one, pattern) for pattern in wanted for one in values)
            for wanted, values in (
                (self.verbs, (request.verb,)),
                (self.resources, (request.resource, request.resource.partition(".")[0])),
                (self.namespaces, (request.namespace,)),
                (self.names, (request.name,)),
                (self.users, (request.user,)),
            )
        )


@dataclass(frozen=True, slots=True)
class FaultRequest:
    """The facts of a request that rules are matched against."""

    verb: str
    resource: str
    namespace: str
    name: str
    user: str


class Faults:
    """The rules in force, in order; safe for threads.

    Attributes:
        clock_error: seconds by which the cluster's clock has jumped so far.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[tuple[Fault, random.Random]] = []
        self.clock_error = 0.0

    def add(self, *faults: Fault) -> None:
        """Put rules in force."""
        with self._lock:
            self._rules.extend((fault, random.Random(fault.seed)) for fault in faults)  # noqa: S311

    def clear(self) -> None:
        """Take all rules out of force and put the clock right."""
        with self._lock:
            self._rules.clear()
            self.clock_error = 0.0

    def pending(self) -> list[Fault]:
        """Rules that are not used up."""
        with self._lock:
            return [fault for fault, _ in self._rules]

    def hits(self, request: FaultRequest) -> list[Fault]:
        """The faults that strike this request, one of a sort; counts it against the rules.

        A rule behind another of its sort that strikes does not see the request.
        """
        if not self._rules:
            return []
        with self._lock:
            found: dict[str, Fault] = {}
            for fault, dice in self._rules:
                sort = "refusal" if fault.kind in _REFUSALS else fault.kind
                if sort not in found and fault.matches(request) and _strikes(fault, dice):
                    found[sort] = fault
            self._rules = [rule for rule in self._rules if not rule[0].spent]
            self.clock_error += found["clock"].seconds if "clock" in found else 0.0
            return list(found.values())


def _strikes(fault: Fault, dice: random.Random) -> bool:
    tally = fault.tally
    tally.seen += 1
    if tally.seen <= fault.after or (fault.chance < 1 and dice.random() >= fault.chance):
        return False
    tally.struck += 1
    return True
