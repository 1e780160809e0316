"""Faults on demand: rules matched against requests, each used up after so many times.

A rule is data; it can be set from a test of the same process or sent as JSON to the control
endpoint.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, get_args

Kind = Literal["latency", "throttle", "error", "drop-before", "drop-after", "conflict", "expire"]
_KINDS: Final = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, for which requests, how often.

    * `latency`: the answer comes `seconds` later.
    * `throttle`: 429 with Retry-After `seconds` (whole seconds, at least 1).
    * `error`: an answer with `status` and `reason` instead of the effect.
    * `drop-before`: the connection ends and nothing happened.
    * `drop-after`: the connection ends after the effect.
    * `conflict`: 409 as if somebody had just changed the object.
    * `expire`: a watch or continued list finds its history gone.

    Empty `verbs`, `resources` (`services`, `ingresses.networking.k8s.io`), `names`, `namespaces`
    and `users` match everything. The first `after` matching requests pass, the next `times` are
    hit; 0 means forever.
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

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"kind is none of {', '.join(_KINDS)}: {self.kind}")

    def matches(self, request: FaultRequest) -> bool:
        """Whether the rule is about this request."""
        return all(
            not wanted or value in wanted
            for wanted, value in (
                (self.verbs, request.verb),
                (self.resources, request.resource),
                (self.namespaces, request.namespace),
                (self.names, request.name),
                (self.users, request.user),
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


@dataclass(slots=True)
class _Counted:
    fault: Fault
    seen: int = 0


class Faults:
    """The rules in force, in order; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Counted] = []

    def add(self, *faults: Fault) -> None:
        """Put rules in force."""
        with self._lock:
            self._rules.extend(_Counted(fault) for fault in faults)

    def clear(self) -> None:
        """Take all rules out of force."""
        with self._lock:
            self._rules.clear()

    def pending(self) -> list[Fault]:
        """Rules that are not used up."""
        with self._lock:
            return [rule.fault for rule in self._rules]

    def hits(self, request: FaultRequest) -> list[Fault]:
        """The faults that strike this request; counts it against the rules."""
        if not self._rules:
            return []
        with self._lock:
            found = []
            for rule in list(self._rules):
                if not rule.fault.matches(request):
                    continue
                rule.seen += 1
                if rule.seen <= rule.fault.after:
                    continue
                found.append(rule.fault)
                if rule.fault.times and rule.seen >= rule.fault.after + rule.fault.times:
                    self._rules.remove(rule)
            return found


def faults_from(values: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Rules from JSON objects with the members of `Fault`.

    Raises:
        ValueError: a member is unknown or wrong.
    """
    known = {one.name for one in fields(Fault)}
    found = []
    for value in values:
        unknown = set(value) - known
        if unknown:
            raise ValueError(f"unknown members: {', '.join(sorted(unknown))}")
        given: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in value.items()
        }
        try:
            found.append(Fault(**given))
        except TypeError as error:
            raise ValueError(str(error)) from error
    return found


def as_json(fault: Fault) -> dict[str, Any]:
    """A rule as a JSON object."""
    return asdict(fault)
