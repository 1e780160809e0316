"""A route whose last destination somebody has drained, and what Git moves of it: passes in a row.

What a pass sends stands as it is sent; what others hold, and nobody takes off, stays beside it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from gitopsd.diff.actions import weights_in
from gitopsd.diff.fields import remember
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredObject
from gitopsd.model.digest import digest
from gitopsd.model.observed import ObservedObject, Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.plan import Guard, Plan
from gitopsd.planning import PlanOptions
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.profiles.kubernetes import USE_ANNOTATION
from tests.unit.build import OWNER, backend, found, group, ingress, live, live_group, wanted

TODAY = date(2026, 11, 22)
TEA, COFFEE, MILK = "tea-svc:80", "coffee-svc:80", "milk-svc:80"
GROUP = "sgp-1"
HOST, PATH, TYPE = "a.example.com", "/path", "Prefix"
Place = tuple[str, str, str]
HOME = (HOST, PATH, TYPE)
MOVES: dict[str, Place] = {
    "path": (HOST, "/new", TYPE),
    "path type": (HOST, PATH, "Exact"),
    "host": ("b.example.com", PATH, TYPE),
}
DRAINED = {TEA: 0, COFFEE: 20}


@dataclass(frozen=True)
class Route:
    """A route of the spec: one plain Service is a backend, anything else an action."""

    place: Place
    to: dict[str, int]
    name: str = "forward"

    @property
    def plain(self) -> bool:
        return len(self.to) == 1 and ":" in next(iter(self.to)) and all(self.to.values())


def action(weights: dict[str, int]) -> str:
    shares: list[dict[str, Any]] = []
    for name, weight in weights.items():
        service, _, port = name.partition(":")
        to = {"ServiceName": service, "ServicePort": int(port)} if port else {"ServerGroupID": name}
        shares.append({**to, "Weight": weight})
    return json.dumps([{"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": shares}}])


def git(*routes: Route) -> DesiredObject:
    item, rules, annotations = ingress(services=()), [], {}
    for route in routes:
        host, path, kind = route.place
        name, port = next(iter(route.to)).split(":")[0], {"number": 80}
        to: dict[str, Any] = {"name": name, "port": port}
        if not route.plain:
            annotations[ACTIONS + route.name] = action(route.to)
            to = {"name": route.name, "port": {"name": USE_ANNOTATION}}
        entry = {"path": path, "pathType": kind, "backend": {"service": to}}
        rules.append({"host": host, "http": {"paths": [entry]}})
    metadata = {**item.manifest["metadata"], "annotations": annotations}
    spec = {**item.manifest["spec"], "rules": rules}
    return replace(item, manifest={**item.manifest, "metadata": metadata, "spec": spec})


@dataclass
class Cluster:
    """One Ingress, as passes and people have left it, with what the record remembers of it."""

    applied: DesiredObject
    edits: dict[str, str] = field(default_factory=dict)
    there: DesiredObject | None = None

    def observed(self) -> ObservedObject:
        there = self.there or self.applied
        edits = {f"metadata.annotations@{key}": value for key, value in self.edits.items()}
        seen = live(there, edits=edits)
        seen.manifest["metadata"]["labels"][DIGEST] = digest(self.applied.manifest)
        return seen

    def plan(
        self, item: DesiredObject, *, correct: bool = False, approve: str | None = None
    ) -> Plan:
        memory = remember(self.applied.manifest)
        record = Record(
            entries={item.identity: digest(self.applied.manifest)}, fields={item.identity: memory}
        )
        seen = found(self.observed(), services={("shop", "tea-svc"): backend(80)}, record=record)
        options = PlanOptions(TODAY, correct=correct, approve=approve)
        return plan_target(wanted(item), seen, OWNER, options)

    def commit(
        self, item: DesiredObject, *, correct: bool = False, approve: str | None = None
    ) -> None:
        """A pass, and another one, which finds nothing to do."""
        (step,) = self.plan(item, correct=correct, approve=approve).steps
        assert step.hold is None
        sent = step.payload["manifest"]
        for *_, key in step.payload.get("remove", ()):
            self.edits.pop(key, None)
        gone = [key for key in self.edits if key in (sent["metadata"].get("annotations") or {})]
        for key in gone:
            del self.edits[key]
        sent = {**sent, "metadata": {"annotations": {}, **sent["metadata"]}}
        self.applied, self.there = item, replace(item, manifest=sent)
        assert self.plan(item).empty

    def shares(self) -> dict[Place, dict[str, int]]:
        """Who gets what, by route; a plain backend gets 100."""
        manifest = self.observed().manifest
        result: dict[Place, dict[str, int]] = {}
        for rule in manifest["spec"]["rules"]:
            (entry,) = rule["http"]["paths"]
            to = entry["backend"]["service"]
            if "number" in to["port"]:
                shares = {f"{to['name']}:{to['port']['number']}": 100}
            else:
                shares = weights_in(manifest["metadata"]["annotations"][ACTIONS + to["name"]]) or {}
            result[rule["host"], entry["path"], entry["pathType"]] = shares
        return result


def drained(*others: Route, home: Route | None = None) -> Cluster:
    """Somebody has drained the first destination of a route that stands beside `others`."""
    first = home or Route(HOME, {TEA: 80, COFFEE: 20})
    by_hand = dict(first.to) | {next(iter(first.to)): 0}
    return Cluster(git(first, *others), {ACTIONS + first.name: action(by_hand)})


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("order", [("both",), ("drop", "move"), ("move", "drop")], ids="-".join)
@pytest.mark.parametrize("one", [{TEA: 80}, {GROUP: 80}], ids=["service", "group"])
@pytest.mark.parametrize("renamed", [False, True], ids=["", "renamed"])
def test_a_drained_destination_gets_nothing_when_its_route_moves_and_its_neighbour_goes(
    move: str, order: tuple[str, ...], one: dict[str, int], *, renamed: bool
) -> None:
    cluster, place, to = drained(home=Route(HOME, {**one, COFFEE: 20})), HOME, {**one, COFFEE: 20}
    name = "forward"
    for commit in order:
        place = place if commit == "drop" else MOVES[move]
        to = to if commit == "move" else one
        name = "other" if renamed and commit != "drop" else name
        cluster.commit(git(Route(place, to, name)))
        assert cluster.shares() == {place: dict.fromkeys(one, 0) | {COFFEE: 20}}
    item = git(Route(place, to, name))
    cluster.commit(item, correct=True)
    assert cluster.shares() == {place: {TEA: 100} if TEA in one else one}
    assert not cluster.edits


@pytest.mark.parametrize("left", [{GROUP: 80}, {TEA: 80, MILK: 50}], ids=["group", "services"])
def test_what_was_kept_under_another_name_than_gits_is_kept_by_each_commit_after_it(
    left: dict[str, int],
) -> None:
    beside = Route(("c.example.com", PATH, TYPE), {MILK: 10, COFFEE: 10}, "second")
    zeros = dict.fromkeys(left, 0) | {COFFEE: 20}
    home = Route(HOME, {**left, COFFEE: 20})
    cluster = Cluster(git(home, beside), {ACTIONS + "forward": action(zeros)})
    cluster.commit(git(Route(HOME, left, "other"), beside))
    elsewhere = replace(beside, place=("c.example.com", "/else", TYPE))
    cluster.commit(git(Route(HOME, left, "other"), elsewhere))
    cluster.commit(git(Route(HOME, left, "third"), elsewhere))
    cluster.commit(git(Route(MOVES["host"], left, "third"), elsewhere))
    assert cluster.shares() == {MOVES["host"]: zeros, elsewhere.place: beside.to}
    raised = {name: share + 1 for name, share in left.items()}
    cluster.commit(git(Route(MOVES["host"], {**raised, COFFEE: 30}, "third"), elsewhere))
    assert cluster.shares()[MOVES["host"]] == {**raised, COFFEE: 30}


@pytest.mark.parametrize("neighbour", [MILK, COFFEE])
def test_a_drained_route_that_has_moved_keeps_the_0_when_it_gets_neighbours_again(
    neighbour: str,
) -> None:
    cluster = drained()
    cluster.commit(git(Route(MOVES["path"], {TEA: 80})))
    cluster.commit(git(Route(MOVES["host"], {TEA: 80, neighbour: 50}, "again")))
    assert cluster.shares() == {MOVES["host"]: {TEA: 0, neighbour: 50}}


def test_a_route_moved_with_its_neighbours_and_another_name_keeps_the_0() -> None:
    cluster = drained()
    cluster.commit(git(Route(MOVES["path"], {TEA: 80, COFFEE: 30}, "other")))
    assert cluster.shares() == {MOVES["path"]: {TEA: 0, COFFEE: 30}}


def test_a_moved_route_is_what_git_says_when_git_moves_the_share_of_the_destination_too() -> None:
    cluster = drained()
    cluster.commit(git(Route(MOVES["path"], {TEA: 70, COFFEE: 30}, "other")))
    assert cluster.shares() == {MOVES["path"]: {TEA: 70, COFFEE: 30}}


def test_a_0_that_git_has_asked_for_is_nobodys_drain_when_the_route_moves() -> None:
    cluster = Cluster(git(Route(HOME, {TEA: 0, COFFEE: 20})))
    cluster.commit(git(Route(MOVES["path"], {TEA: 80})))
    assert cluster.shares() == {MOVES["path"]: {TEA: 100}}


def test_a_new_route_beside_one_that_stays_drained_gets_what_git_says() -> None:
    stays, new = Route(HOME, {TEA: 80, COFFEE: 20}), Route(MOVES["path"], {TEA: 100}, "new")
    cluster = drained()
    cluster.commit(git(stays, new))
    assert cluster.shares() == {HOME: DRAINED, MOVES["path"]: {TEA: 100}}


def test_of_two_routes_that_move_each_stays_with_its_own_neighbour_in_any_order() -> None:
    here = [Route((host, PATH, TYPE), {TEA: 80, to: 20}, to[:4])
            for host, to in ((HOST, COFFEE), ("b.example.com", MILK))]  # fmt: skip
    there = [Route((route.place[0], "/new", TYPE), {TEA: 80}) for route in here]
    expected = {there[n].place: {TEA: 0, to: 20} for n, to in enumerate((COFFEE, MILK))}
    for before, after in zip(permutations(here), permutations(reversed(there)), strict=True):
        zeros = {ACTIONS + route.name: action({**route.to, TEA: 0}) for route in here}
        cluster = Cluster(git(*before), zeros)
        cluster.commit(git(*after))
        assert cluster.shares() == expected


@pytest.mark.parametrize(
    "routes",
    [
        (Route(HOME, {COFFEE: 20, MILK: 10}), Route(MOVES["path"], {TEA: 80})),
        (Route(HOME, {COFFEE: 20}), Route(MOVES["path"], {TEA: 80})),
        (Route(HOME, {TEA: 80}), Route(MOVES["path"], {COFFEE: 20, MILK: 10})),
        (Route(MOVES["host"], {TEA: 80}), Route(MOVES["path"], {COFFEE: 20, MILK: 10})),
    ],
    ids=["split", "split-alone", "name-taken", "name-taken-and-moved"],
)
@pytest.mark.parametrize("correct", [True, False], ids=["correct", "approved"])
def test_what_cannot_keep_the_0_is_held_and_told_with_who_drained_it(
    routes: tuple[Route, ...], *, correct: bool
) -> None:
    item = git(*routes)
    cluster = drained()
    plan = cluster.plan(item)
    (step,) = plan.steps
    assert step.hold is not None
    assert step.hold.guard is Guard.CAPACITY
    assert "tea-svc:80" in step.hold.reason
    assert "kubectl-edit" in step.hold.reason
    approval = None if correct else plan.hash
    cluster.commit(item, correct=correct, approve=approval)
    assert {TEA: 100} in cluster.shares().values()


def test_a_step_of_git_that_is_held_for_a_drain_goes_on_when_the_weight_is_raised() -> None:
    item = git(Route(HOME, {COFFEE: 20}), Route(MOVES["path"], {TEA: 80}))
    cluster = drained()
    cluster.edits = {ACTIONS + "forward": action({TEA: 1, COFFEE: 20})}
    cluster.commit(item)
    assert cluster.shares() == {HOME: {COFFEE: 100}, MOVES["path"]: {TEA: 100}}


def test_a_group_that_a_kept_action_sends_requests_to_is_not_deleted() -> None:
    dropped = group("warehouse")
    cluster = drained(home=Route(HOME, {TEA: 80, "sgp-one": 20}))
    item, before = git(Route(HOME, {TEA: 80})), cluster.applied
    record = Record(
        entries={before.identity: digest(before.manifest)},
        fields={before.identity: remember(before.manifest)},
    )
    services = {("shop", "tea-svc"): backend(80)}
    seen = found(cluster.observed(), live_group(dropped), services=services, record=record)
    plan = plan_target(wanted(item), seen, OWNER, PlanOptions(TODAY))
    (deletion,) = [step for step in plan.steps if step.kind == "ServerGroup"]
    assert deletion.hold is not None
    assert deletion.hold.guard is Guard.CAPACITY


def test_what_cannot_keep_the_0_is_not_taken_back_either() -> None:
    """An Ingress that has lost our marks, and is adopted again."""
    item, cluster = git(Route(HOME, {COFFEE: 20}), Route(MOVES["path"], {TEA: 80})), drained()
    stripped = cluster.observed()
    del stripped.manifest["metadata"]["labels"]["gitopsd.io/instance"]
    record = Record(
        entries={item.identity: digest(cluster.applied.manifest)},
        fields={item.identity: remember(cluster.applied.manifest)},
    )
    services = {("shop", "tea-svc"): backend(80), ("shop", "coffee-svc"): backend(80)}
    seen = found(foreign=[stripped], services=services, record=record)
    for correct in (False, True):
        options = PlanOptions(TODAY, adopt=frozenset({item.identity}), correct=correct)
        (step,) = plan_target(wanted(item), seen, OWNER, options).steps
        assert (step.hold is None) is correct
        assert correct or (step.hold and step.hold.guard is Guard.CAPACITY)
