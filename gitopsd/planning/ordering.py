"""The order of steps: group, members, Service, Ingress; away in reverse (design §4, "Order").

It knows nothing of what the steps send; a step's phase and its name are the whole sort key, so two
runs are identical. Dependencies say what must have *succeeded*; independent steps run side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gitopsd.diff.naming import named_groups
from gitopsd.model.desired import DesiredObject
from gitopsd.model.identity import INGRESS, SERVICE, Identity
from gitopsd.model.observed import ObservedObject
from gitopsd.model.plan import Operation, Step
from gitopsd.planning.routing import routed_services

_GOING = (Operation.DELETE, Operation.RELEASE)
#: The last phase: a group goes when nothing points at it any more.
_FAREWELL = 9


def phase(step: Step) -> int:
    """The place of a step in the order, before names decide."""
    if step.kind == "Members":
        in_turns = "turn" in step.payload  # some leave before others can come
        return 3 if step.operation is Operation.DELETE and not in_turns else 1
    if step.kind == "ServerGroup":
        if step.operation in _GOING:
            return _FAREWELL
        return 4 if "part" in step.payload else 0
    if step.operation in _GOING:
        return 7 if step.kind == INGRESS else 8
    return 5 if step.kind == SERVICE else 6


def ordered(
    steps: Iterable[Step],
    objects: Mapping[Identity, DesiredObject],
    live: Mapping[Identity, ObservedObject],
) -> tuple[Step, ...]:
    """The steps in order, each with the keys of those it needs."""
    chosen = sorted(steps, key=lambda step: (phase(step), step.identity, _turn(step), step.key))
    links = _Links(chosen, live)
    return tuple(links.linked(step, objects.get(step.identity)) for step in chosen)


def _turn(step: Step) -> str:
    """The turn of members that come and go by turns; by name, they come before others go."""
    return str(step.payload.get("turn", ""))


class _Links:
    """What must have succeeded before what, looked up once for the whole plan."""

    def __init__(self, steps: Iterable[Step], live: Mapping[Identity, ObservedObject]) -> None:
        self.group: dict[Identity, list[str]] = {}
        self.service: dict[Identity, list[str]] = {}
        self.ingress: dict[Identity, list[str]] = {}
        self.leaving: dict[str, list[str]] = {}
        self.routed: dict[Identity, list[str]] = {}
        for step in steps:
            if phase(step) in (0, 1) and step.operation is not Operation.DELETE:
                self.group.setdefault(step.identity, []).append(step.key)
            elif step.kind == SERVICE and step.operation not in _GOING:
                self.service.setdefault(step.identity, []).append(step.key)
                self.service.setdefault(step.owner, []).append(step.key)
            elif step.kind == INGRESS:
                self.ingress.setdefault(step.owner, []).append(step.key)
                found = live.get(step.identity)
                for service in routed_services(found.manifest if found else {}):
                    self.routed.setdefault(service, []).append(step.key)
                for group_id in named_groups(found.manifest if found else {}):
                    self.leaving.setdefault(group_id, []).append(step.key)

    def linked(self, step: Step, item: DesiredObject | None) -> Step:
        """The step with its needs."""
        needs = [*step.needs]
        if step.kind == INGRESS and step.operation not in _GOING and item is not None:
            for group in item.groups:
                needs += self.group.get(group, [])
            needs += self.service.get(step.owner, [])
            for reference in item.services:
                identity = Identity(SERVICE, reference.namespace, reference.name)
                needs += self.service.get(identity, [])
        elif step.kind == SERVICE and step.operation in _GOING:
            needs += self.ingress.get(step.owner, [])
            needs += self.routed.get(step.identity, [])
        elif phase(step) == _FAREWELL and step.group_id:
            needs += self.leaving.get(step.group_id, [])
        return replace(step, needs=tuple(dict.fromkeys(needs)))
