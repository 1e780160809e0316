"""Commits and edits in mode Report: each field has the value of who moved it last."""

from __future__ import annotations

import random
from typing import Any

import pytest

from gitopsd.model.desired import DriftPolicy
from tests.scenarios.test_convergence import owned
from tests.scenarios.world import Crash, World, crashing, edit, objects
from tests.unit.build import service

KEYS = ("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-scheduler",
        "alb.ingress.kubernetes.io/order")  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "externalTrafficPolicy": ("Local", "Cluster"),
    "internalTrafficPolicy": ("Local", "Cluster"),
    "selector": ({"app": "a"}, {"app": "b"}, {"app": "c", "tier": "d"}),
    "targetPort": (1, 2, 3),
    KEYS[0]: (None, "wrr", "wlc"),
    KEYS[1]: (None, "1", "2"),
}


def desired(world: World, git: dict[str, Any]) -> Any:
    notes = {key: git[key] for key in KEYS if git[key] is not None}
    spec = {name: git[name] for name in VALUES if name not in (*KEYS, "targetPort")}
    ports = [{"name": "http", "port": 80, "targetPort": git["targetPort"]}]
    item = service("tea", world.owner.instance, annotations=notes, ports=ports,
                   drift=DriftPolicy("Report"), **spec)  # fmt: skip
    return owned(world, item)


def found(world: World) -> dict[str, Any]:
    live = objects(world.sandbox, "Service", world.owner.instance)["tea"]
    notes, spec = live["metadata"].get("annotations") or {}, live["spec"]
    told = {key: notes.get(key) for key in KEYS}
    told |= {name: spec.get(name) for name in VALUES if name not in told}
    return told | {"targetPort": spec["ports"][0]["targetPort"]}


def by_hand(world: World, name: str, value: Any) -> None:
    patch: Any = {"spec": {name: value}}
    if name in KEYS:
        patch = {"metadata": {"annotations": {name: value}}}
    elif name == "targetPort":
        patch = {"spec": {"ports": [{"name": "http", "port": 80, "targetPort": value}]}}
    elif name == "selector":
        now = found(world)["selector"]  # a merge patch takes keys away only by name
        patch = {"spec": {name: {key: None for key in now if key not in value} | value}}
    edit(world.sandbox, "Service", world.owner.instance, "tea", patch)


@pytest.mark.parametrize("seed", range(6))
def test_each_field_is_as_who_moved_it_last_has_left_it(world: World, seed: int) -> None:
    dice = random.Random(seed)
    git = {name: dice.choice(values) for name, values in VALUES.items()}
    assert world.apply(desired(world, git)).ok
    expected = dict(git)
    for _ in range(6):
        for name in dice.sample(sorted(VALUES), dice.randint(0, 3)):
            expected[name] = dice.choice(VALUES[name])
            by_hand(world, name, expected[name])
        for name in dice.sample(sorted(VALUES), dice.randint(0, 2)):
            value = dice.choice(VALUES[name])
            if value != git[name]:
                git[name] = expected[name] = value
        state = desired(world, git)
        try:
            site = crashing(world.site, dice.randint(1, 4), after=dice.random() < 0.5)
            world.apply(state, site=site)
        except Crash:
            assert world.apply(state).ok
        assert found(world) == expected
        assert world.plan(state).empty
