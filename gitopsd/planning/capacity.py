"""Who will still serve after a plan (design §4, "Guards")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gitopsd.diff.actions import weights_in
from gitopsd.diff.naming import named_groups
from gitopsd.model.desired import DesiredTarget, Manifest, MemberKey
from gitopsd.model.health import MemberHealth
from gitopsd.model.identity import INGRESS, SERVER_GROUP, Identity
from gitopsd.model.observed import ObservedGroup, ObservedTarget
from gitopsd.model.plan import Hold, Operation, Plan, Step
from gitopsd.planning.holds import hold
from gitopsd.planning.routing import manifest_after
from gitopsd.profiles.annotations import ACTIONS

#: Weights of a group's members by what steps call them: server, port.
_Weights = dict[tuple[str, int], int]


def capacity_guard(
    plan: Plan, desired: DesiredTarget, observed: ObservedTarget
) -> Callable[[Step], Hold | None]:
    """Judges steps: would one leave something that is in use with nothing that serves?

    Looked at are members that leave, lose their weight or are taken out for a moment; Ingresses
    whose routes move; groups that go while an Ingress that stays names them. Nothing is held that
    serves nothing now.
    """
    after = _After.of(plan, desired, observed)

    def judge(step: Step) -> Hold | None:
        if step.kind == "Members":
            return after.starved_group(step)
        if step.kind == INGRESS and step.operation is Operation.UPDATE:
            return after.starved_routes(step)
        if step.kind == SERVER_GROUP and step.operation is Operation.DELETE:
            return after.orphaned_ingress(step)
        return None

    return judge


@dataclass(frozen=True, slots=True)
class _After:
    """What a plan makes of a target, as far as serving goes.

    `groups` are the live ones by id, `members` their members once all steps that are not held are
    done, `fresh` whether a group that is yet to be made will serve, by its placeholder. `users`
    maps the ids of groups that Ingresses name after the plan to one that does.
    """

    observed: ObservedTarget
    groups: Mapping[str, ObservedGroup]
    members: Mapping[str, _Weights]
    fresh: Mapping[str, bool]
    users: Mapping[str, Identity]

    @classmethod
    def of(cls, plan: Plan, desired: DesiredTarget, observed: ObservedTarget) -> _After:
        seen = (*observed.strays, *observed.adoptable.values(), *observed.groups)
        groups = {group.id: group for group in seen}
        members = {group_id: _weights(group) for group_id, group in groups.items()}
        for step in plan.active:
            if step.kind == "Members" and step.group_id in members:
                _carry_out(step, members[step.group_id])
        fresh = {
            f"<{identity.key}>": any(member.weight > 0 for member in group.members)
            for identity, group in desired.groups.items()
        }
        return cls(observed, groups, members, fresh, _users(plan, observed))

    def starved_group(self, step: Step) -> Hold | None:
        """Why a step on members leaves their group with nobody; None when somebody serves."""
        group = self.groups.get(step.group_id or "")
        if group is None or step.operation is Operation.CREATE or not self._used(group):
            return None
        now, then = _weights(group), dict(self.members[group.id])
        if step.operation is Operation.REPLACE:
            for name in _named(step):
                then.pop(name, None)
        health = self.observed.health.get(group.id, {})
        if not _serves(now, {}) or _serves(then, health):
            return None
        if not _serves(now, health):
            return None  # nobody answers now either
        why = "silent-group" if _serves(then, {}) else "group"
        return hold(why, id=group.id, group=step.identity)

    def starved_routes(self, step: Step) -> Hold | None:
        """Why an Ingress must not change: routes that stay would send all traffic to nowhere."""
        live = self.observed.objects.get(step.identity)
        if live is None:
            return None
        now = {place for _, place in _routes(live.manifest)}
        annotations = step.payload["manifest"].get("metadata", {}).get("annotations") or {}
        before = live.manifest.get("metadata", {}).get("annotations") or {}
        names = [
            name
            for name, place in _routes(step.payload["manifest"])
            if place in now
            and self._starves(annotations.get(ACTIONS + name))
            and not self._starves(before.get(ACTIONS + name))  # drained by hand, and left so
        ]
        routes = ", ".join(dict.fromkeys(names))
        return hold("route", routes=routes) if names else None

    def orphaned_ingress(self, step: Step) -> Hold | None:
        """Why a group must not go: an Ingress that stays sends traffic to it."""
        user = self.users.get(step.group_id or "")
        return hold("named-group", ingress=user, id=step.group_id) if user else None

    def _used(self, group: ObservedGroup) -> bool:
        return bool(group.related) or group.id in self.users

    def _starves(self, action: str | None) -> bool:
        """Whether no share of an action goes to something that serves.

        Services are looked at elsewhere, and what others' groups hold is not known here.
        """
        weights = weights_in(action)
        if not weights:
            return False
        return not any(weight > 0 and self._group_serves(to) for to, weight in weights.items())

    def _group_serves(self, name: str) -> bool:
        if name in self.members:
            return _serves(self.members[name], self.observed.health.get(name, {}))
        return self.fresh.get(name, True)


def _weights(group: ObservedGroup) -> _Weights:
    return {
        (m.key.server_id, m.key.port): m.weight for m in group.members if m.status != "Removing"
    }


def _carry_out(step: Step, members: _Weights) -> None:
    if step.operation is Operation.DELETE:
        for name in _named(step):
            members.pop(name, None)
    else:
        weights = (server["Weight"] for server in step.payload["servers"])
        members.update(zip(_named(step), weights, strict=True))


def _named(step: Step) -> list[tuple[str, int]]:
    return [(server["ServerId"], server["Port"]) for server in step.payload["servers"]]


def _serves(members: _Weights, health: Mapping[MemberKey, MemberHealth]) -> bool:
    """Whether anybody has a weight and is not known to be silent."""
    silent = {(key.server_id, key.port) for key, said in health.items() if said.silent}
    return any(weight > 0 and name not in silent for name, weight in members.items())


def _users(plan: Plan, observed: ObservedTarget) -> dict[str, Identity]:
    """The Ingresses of ours that name groups once the plan is done, by the ids of the groups."""
    steps = {step.identity: step for step in plan.active if step.kind == INGRESS}
    users: dict[str, Identity] = {}
    for identity, live in observed.objects.items():
        if identity.kind != INGRESS or live.deleting:
            continue
        step = steps.get(identity)
        after = manifest_after(step, live.manifest)
        users |= dict.fromkeys(named_groups(after), identity)
    return users


def _routes(manifest: Manifest) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name of the backend, and host and path, of every path of an Ingress."""
    rules: Iterable[dict[str, Any]] = manifest.get("spec", {}).get("rules") or []
    for rule in rules:
        for path in (rule.get("http") or {}).get("paths") or []:
            name = ((path.get("backend") or {}).get("service") or {}).get("name", "")
            yield name, (rule.get("host", ""), path.get("path", ""))
