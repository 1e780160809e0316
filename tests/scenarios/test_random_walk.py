"""Any desired state, any edits by hand, killed anywhere: the next whole pass is the last one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from gitopsd.model.desired import DesiredGroup, DesiredObject, DesiredTarget
from tests.scenarios.test_convergence import owned
from tests.scenarios.world import Crash, World, crashing, edit, make_object, objects, remove
from tests.unit.build import group, ingress, service, wanted

NAMES = ("ale", "bun", "cod")
ADDRESSES = tuple(f"192.168.20.{n}" for n in range(11, 17))
EDITS: tuple[Any, ...] = (
    {"spec": {"externalTrafficPolicy": "Local"}},
    {"spec": {"externalIPs": ["192.0.2.9"]}},
    {"spec": {"selector": {"track": "canary"}}},
    {"metadata": {"labels": {"gitopsd.io/digest": "0"}}},
    {"metadata": {"labels": {"gitopsd.io/exposure": None}}},
    {"metadata": {"annotations": {"service.beta.kubernetes.io/class": "x"}}},
    {"metadata": {"annotations": {"alb.ingress.kubernetes.io/order": "3"}}},
)


def some_group(dice: random.Random, world: World, name: str) -> DesiredGroup:
    chosen = dice.sample(ADDRESSES, dice.randint(1, 4))
    servers = [(ip, 8080, dice.randint(1, 100)) for ip in chosen]
    protocol = dice.choice(("HTTP", "HTTP", "HTTPS"))
    return group(name, *servers, namespace=world.owner.instance, protocol=protocol)


def some_state(dice: random.Random, world: World) -> DesiredTarget:
    """Any mixture of Services, groups and Ingresses that name some of the groups."""
    namespace = world.owner.instance
    groups = [some_group(dice, world, n) for n in dice.sample(NAMES, dice.randint(0, 3))]
    things: list[DesiredObject | DesiredGroup] = [*groups]
    for name in dice.sample(NAMES, dice.randint(0, 3)):
        ports = [
            {"name": f"p{n}", "port": n} for n in dice.sample(range(80, 90), dice.randint(1, 3))
        ]
        policy = dice.choice(("Cluster", "Local"))
        things.append(service(name, namespace, ports=ports, externalTrafficPolicy=policy))
    for name in dice.sample(NAMES, dice.randint(0, 2)):
        used = dice.sample(groups, dice.randint(0, len(groups)))
        named = [item.identity for item in used]
        things.append(ingress(name, namespace, groups=named, weight=dice.randint(0, 100)))
    return owned(world, *things)


def meddle(dice: random.Random, world: World, *, tags: bool) -> None:
    """Do to one thing what people do by hand, with `tags` to the marks of groups as well."""
    namespace = world.owner.instance
    for kind in ("Service", "Ingress"):
        found = objects(world.sandbox, kind, namespace)
        live = [n for n in NAMES if n in found and "deletionTimestamp" not in found[n]["metadata"]]
        if not live:
            continue
        name = dice.choice(live)
        if dice.random() < 0.2:
            remove(world.sandbox, kind, namespace, name)
        else:
            patch = dice.choice(EDITS if kind == "Service" else EDITS[3:])
            edit(world.sandbox, kind, namespace, name, patch)
    for made in world.observe(wanted()).groups:
        member = dice.choice(made.members) if made.members else None
        hand = world.sandbox.cloud.groups
        match dice.randint(0, 3):
            case 0 if member:
                hand.change_member(made.id, member.key.server_id, member.key.port, weight=7)
            case 1 if member:
                hand.remove_member(made.id, member.key.server_id, member.key.port)
            case 2:
                hand.set_tags(made.id, {**made.tags, "gitopsd.io/digest": "0"})
            case 3 if tags:
                left = dice.sample(sorted(made.tags), dice.randint(0, len(made.tags) - 1))
                hand.set_tags(made.id, {key: made.tags[key] for key in left})


def whole_pass(world: World, desired: DesiredTarget) -> None:
    """A pass in which a person allows what guards ask about."""
    everything = frozenset({*desired.objects, *desired.groups})
    plan = world.plan(desired, replace=everything, adopt=everything)
    outcome = world.apply(desired, replace=everything, adopt=everything, approve=plan.hash)
    assert outcome.ok, outcome.to_json()


@pytest.mark.parametrize("seed", range(6))
def test_any_walk_ends_where_git_says(world: World, seed: int) -> None:
    dice = random.Random(seed)
    theirs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "theirs", "namespace": world.owner.instance},
        "spec": {"ports": [{"port": 7}]},
    }
    make_object(world.sandbox, theirs)
    before = objects(world.sandbox, "Service", world.owner.instance)["theirs"]
    for _ in range(4):
        desired = some_state(dice, world)
        everything = frozenset({*desired.objects, *desired.groups})
        try:
            site = crashing(world.site, dice.randint(1, 12), after=dice.random() < 0.5)
            world.apply(desired, site=site, replace=everything)
        except Crash:
            meddle(dice, world, tags=False)  # nobody finds a group that Git no longer wants
        whole_pass(world, desired)
        meddle(dice, world, tags=True)
        whole_pass(world, desired)
        again = world.plan(desired)
        assert again.empty, again.to_json()
        made = [g.identity for g in world.observe(desired).groups]
        assert sorted(made, key=str) == sorted(desired.groups, key=str)
    after = objects(world.sandbox, "Service", world.owner.instance)["theirs"]
    assert after == before
