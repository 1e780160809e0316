"""Commits, edits and kills in any order: each route, and their order, is as who moved it last."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from gitopsd.diff.routes import Key, routes_of
from gitopsd.model.desired import DesiredObject, DriftPolicy
from gitopsd.model.ownership import DIGEST
from tests.scenarios.test_convergence import owned
from tests.scenarios.test_left_routes import placed
from tests.scenarios.test_modes import by_hand, live, makers
from tests.scenarios.world import Crash, World, crashing
from tests.unit.planning.test_left_routes import REPORT, Row, held_at, rule

Routes = dict[Key, str]
STAYS: Row = ("stays.example.com", "/", "Prefix", "tea-svc")
PLACES = [("a.example.com", "/", "Prefix"), ("a.example.com", "/", "Exact"),
          ("a.example.com", "/tea", "Prefix"), ("", "/", "Prefix")]  # fmt: skip
SERVICES = ("tea-svc", "bar-svc", "coffee-svc")
ROWS = {next(iter(routes_of([rule(*row)]))): row for row in (STAYS, *((*p, "") for p in PLACES))}
ELSEWHERE = {"service": {"name": "tea-svc", "port": {"number": 80}}}


def rows_of(routes: Routes) -> list[Row]:
    return [(*ROWS[key][:3], to) for key, to in routes.items()]


def moved(dice: random.Random, routes: Routes) -> Routes:
    """The routes after one came or went, leads elsewhere, or all stand in another order."""
    after, key = dict(routes), dice.choice([key for key in ROWS if ROWS[key] != STAYS])
    if dice.random() < 0.3:
        return {one: after[one] for one in dice.sample(list(after), len(after))}
    if key in after and dice.random() < 0.5:
        del after[key]
    else:
        after[key] = dice.choice(SERVICES)
    return after


def among(these: Any, *those: Any) -> list[Key]:
    return [key for key in these if all(key in some for some in those)]


@dataclass
class Walk:
    """The routes in Git, and as Git had them when they were last applied."""

    world: World
    drift: DriftPolicy
    git: Routes = field(default_factory=lambda: {next(iter(ROWS)): "tea-svc"})
    base: Routes = field(default_factory=dict)

    @property
    def item(self) -> DesiredObject:
        return placed(self.world, *rows_of(self.git), drift=self.drift)

    def found(self) -> Routes:
        rules = routes_of(self.seen()["spec"].get("rules"))
        return {key: route.backend.removesuffix(":80") for key, route in rules.items()}

    def seen(self) -> Any:
        return live(self.world, "Ingress", "menu")

    def edit(self, routes: Routes) -> None:
        spec = {"rules": [rule(*row) for row in rows_of(routes)] or None}
        by_hand(self.world, {"spec": {**spec, "defaultBackend": ELSEWHERE}}, "Ingress", "menu")

    def expected(self, found: Routes) -> tuple[Routes, list[Key]]:
        """What each route leads to after an apply, and whose order they stand in."""
        held = self.drift is not REPORT
        result: Routes = {}
        for key in (*self.git, *found):
            values = (self.base.get(key), self.git.get(key), found.get(key))
            before, asked, there = values
            wins = asked != before and not (held and there != before)
            if to := asked if wins else there:
                result[key] = to
        both = among(self.base, self.git) != among(self.git, self.base)
        there_too = among(self.base, found) != among(found, self.base)
        wins = (both and not (held and there_too)) or not there_too
        return result, list(self.git if wins else found)

    def apply(self, dice: random.Random) -> None:
        desired, before = owned(self.world, self.item), self.seen()["metadata"]["labels"][DIGEST]
        try:
            site = crashing(self.world.site, dice.randint(1, 4), after=dice.random() < 0.5)
            assert self.world.apply(desired, site=site).ok
        except Crash:
            pass
        if self.seen()["metadata"]["labels"][DIGEST] != before:
            self.base = dict(self.git)


@pytest.mark.parametrize("drift", [REPORT, held_at("spec.rules")], ids=["report", "hold"])
@pytest.mark.parametrize("seed", [1, 6, 19])
def test_each_route_is_as_who_moved_it_last_has_left_it_wherever_a_pass_was_killed(
    world: World, drift: DriftPolicy, seed: int
) -> None:
    dice = random.Random(seed)
    walk = Walk(world, drift)
    assert world.apply(owned(world, walk.item)).ok
    walk.base = dict(walk.git)
    for _ in range(7):
        if dice.random() < 0.6:
            found = walk.found()
            walk.edit({} if dice.random() < 0.15 else moved(dice, found))
        found, former = walk.found(), walk.git
        if dice.random() < 0.8:
            walk.git = moved(dice, walk.git)
        result, order = walk.expected(found)
        if found and not result:
            walk.git = former  # the last route of an Ingress is never taken off
            result, order = walk.expected(found)
        expected_now = (walk.found(), result)
        walk.apply(dice)
        assert walk.found() in expected_now
        for path, who in makers(world, walk.item).items():
            assert not who.startswith("gitopsd"), path
        if list(walk.base.items()) == list(walk.git.items()):
            assert walk.found() == result
            assert among(walk.found(), order) == among(order, walk.found())
    walk.drift = DriftPolicy()
    assert world.apply(owned(world, walk.item), correct=True).ok
    assert list(walk.found().items()) == list(walk.git.items())
    assert world.plan(owned(world, walk.item)).empty
