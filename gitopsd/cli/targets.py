"""The targets a command is about: dealt with one by one, each failing for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from gitopsd.cli.attending import Ear, attend
from gitopsd.cli.failures import Refusal, tell_world
from gitopsd.cli.options import Call
from gitopsd.cli.reading import Reading
from gitopsd.engine.observation import observe_target
from gitopsd.model.approval import stamp
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.ownership import Owner
from gitopsd.ports import Meter, Progress, Site, WorldError
from gitopsd.wiring.sites import Place, connect_site, connect_writer, place_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sight:
    """One target: what it should hold, what it holds, and the way to it."""

    place: Place
    owner: Owner
    desired: DesiredTarget
    observed: ObservedTarget
    site: Site


@dataclass(frozen=True, slots=True)
class Failure:
    """A target that could not be dealt with."""

    target: str
    error: WorldError

    def to_json(self) -> dict[str, str]:
        """The form in "failures" of the JSON outputs."""
        return {"target": self.target, "what": str(self.error)}


def look(
    call: Call,
    reading: Reading,
    progress: Progress,
    *,
    write: bool,
    leased: bool = True,
    health: bool = False,
    meter: Meter | None = None,
) -> Iterator[Sight | Failure]:
    """Observe the chosen targets, with `health` also whether the members of groups answer.

    What writes to a target does so under its lease; a request, which is put on its record for
    whoever holds that, does not (`leased=False`). `meter` is told of requests that only look.
    Raises Refusal when the options do not fit the fleet.
    """
    for place, owner, desired in places(call, reading):
        try:
            if write and leased:
                site = connect_writer(place, owner, call.settings)
            else:
                site = connect_site(place, call.settings, write=write, meter=meter)
            if site.term:
                site.term.look()
            observed = observe_target(desired, site, owner, progress, health=health)
        except WorldError as error:
            yield Failure(owner.target, error)
        else:
            yield Sight(place, owner, desired, observed, site)


def places(call: Call, reading: Reading) -> Iterator[tuple[Place, Owner, DesiredTarget]]:
    """The chosen targets by name. Raises Refusal when the options do not fit the fleet."""
    _check_context(call, reading)
    instance = call.settings.scope.instance or reading.state.fleet
    for name, desired in sorted(reading.state.targets.items()):
        if desired.access is not None:
            place = place_of(desired.access, desired, call.settings)
            yield place, Owner(instance, name), desired


def side_by_side(
    call: Call, works: Mapping[str, Callable[[Ear], T]]
) -> Iterator[tuple[str, T | Failure]]:
    """Do what a command has to do at each target, all at once; what came of each, in their order.

    What is asked of a target's APIs must be told to the Ear. A target that has stopped to answer is
    a failure, and is left to itself.
    """

    def guarded(target: str, ear: Ear) -> T | Failure:
        try:
            return works[target](ear)
        except WorldError as error:
            return Failure(target, error)

    for target, found in attend({name: partial(guarded, name) for name in works}):
        if isinstance(found, WorldError):
            call.invocation.left = True
            yield target, Failure(target, found)
        else:
            yield target, found


def _check_context(call: Call, reading: Reading) -> None:
    names = sorted(reading.state.targets)
    if call.settings.cluster.context and len(names) > 1:
        raise Refusal(
            f"--context names one cluster, and there are {len(names)} targets: {', '.join(names)}",
            "choose one with --target",
        )


def tell_failures(call: Call, failures: list[Failure]) -> None:
    """Say of each target that could not be dealt with what happened."""
    for failure in failures:
        tell_world(call.invocation, failure.error, prefix=f"{failure.target}: ")


def now() -> str:
    """The time it is, as RFC 3339 text in UTC."""
    return stamp(moment())


def moment() -> datetime:
    """The moment it is; read once per command, and an argument from here on."""
    return datetime.now(UTC)
