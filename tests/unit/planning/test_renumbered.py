"""Backends given as pods have Services by number: what a commit does to a 0 set by hand there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from gitopsd.diff.actions import weights_in
from gitopsd.diff.fields import remember
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredObject, DriftPolicy
from gitopsd.model.digest import digest
from gitopsd.model.identity import INGRESS, Identity
from gitopsd.model.observed import ObservedObject, Record
from gitopsd.model.ownership import DIGEST
from gitopsd.model.plan import Guard, Operation, Plan
from gitopsd.planning import PlanOptions
from gitopsd.planning.guards import deletes
from gitopsd.profiles.annotations import ACTIONS
from gitopsd.profiles.kubernetes import USE_ANNOTATION
from gitopsd.profiles.names import backend_service
from tests.unit.build import CORRECT, OWNER, backend, found, ingress, live, service, wanted

TODAY = date(2026, 11, 22)
EXPOSURE, EVENLY = "menu", 50
#: A backend: the value of the label `app` of its pods, their port, and its weight.
Pods = tuple[str, int, int]
BLUE, GREEN, RED = ("blue", 8080, EVENLY), ("green", 8080, EVENLY), ("red", 8080, EVENLY)


def git(
    *backends: Pods, route: str = "forward", drift: DriftPolicy = CORRECT, path: str = "/"
) -> tuple[DesiredObject, ...]:
    """What the compiler makes of a route to pods; a single backend needs no action."""
    made, shares = [], []
    for number, (app, target, weight) in enumerate(backends, 1):
        name = backend_service(EXPOSURE, route, number)
        ports = ({"port": 80, "targetPort": target},)
        item = service(name, ports=ports, type="NodePort", selector={"app": app}, drift=drift)
        made.append(replace(item, exposure=Identity("Exposure", "shop", EXPOSURE)))
        shares.append({"ServiceName": name, "ServicePort": 80, "Weight": weight})
    to: dict[str, Any] = {"name": route, "port": {"name": USE_ANNOTATION}}
    annotations = {ACTIONS + route: action(shares)}
    if len(backends) == 1 and backends[0][-1]:
        to, annotations = {"name": shares[0]["ServiceName"], "port": {"number": 80}}, {}
    item = replace(
        ingress(EXPOSURE, services=[(s["ServiceName"], 80) for s in shares]), drift=drift
    )
    entry = {"path": path, "pathType": "Prefix", "backend": {"service": to}}
    rules = [{"host": "a.example.com", "http": {"paths": [entry]}}]
    metadata = {**item.manifest["metadata"], "annotations": annotations}
    spec = {**item.manifest["spec"], "rules": rules}
    return *made, replace(item, manifest={**item.manifest, "metadata": metadata, "spec": spec})


def action(shares: Iterable[dict[str, Any]]) -> str:
    return json.dumps([{"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": list(shares)}}])


@dataclass
class Cluster:
    """What passes and people have left, with what the record remembers of it."""

    there: dict[Identity, DesiredObject] = field(default_factory=dict)
    digests: dict[Identity, str] = field(default_factory=dict)
    memory: str = ""
    edits: dict[str, str] = field(default_factory=dict)
    remembers: bool = True
    services: dict[tuple[str, str], Any] = field(default_factory=dict)

    def drain(self, number: int, route: str = "forward") -> None:
        """Somebody sets the weight of a backend to 0."""
        (live_ingress,) = (item for item in self.there.values() if item.identity.kind == INGRESS)
        text = live_ingress.manifest["metadata"]["annotations"][ACTIONS + route]
        forward = json.loads(text)
        forward[0]["ForwardConfig"]["ServerGroups"][number - 1]["Weight"] = 0
        self.edits = {ACTIONS + route: json.dumps(forward)}

    def observed(self) -> dict[Identity, ObservedObject]:
        result = {}
        for identity, item in self.there.items():
            edits = self.edits if identity.kind == INGRESS else {}
            paths = {f"metadata.annotations@{key}": value for key, value in edits.items()}
            seen = live(item, edits=paths)
            seen.manifest["metadata"]["labels"][DIGEST] = self.digests[identity]
            result[identity] = seen
        return result

    def plan(self, items: Sequence[DesiredObject], **options: Any) -> Plan:
        fields = {i: self.memory for i in self.there if i.kind == INGRESS and self.remembers}
        record = Record(entries=dict(self.digests), fields=fields)
        seen = found(*self.observed().values(), services=self.services, record=record)
        return plan_target(wanted(*items), seen, OWNER, PlanOptions(TODAY, **options))

    def commit(self, items: Sequence[DesiredObject], **options: Any) -> Plan:
        """A pass: all that is not held is done."""
        plan = self.plan(items, **options)
        asked = {item.identity: item for item in items}
        for step in plan.active:
            if step.operation is Operation.DELETE:
                del self.there[step.identity], self.digests[step.identity]
                continue
            sent = step.payload["manifest"]
            sent = {**sent, "metadata": {"annotations": {}, **sent["metadata"]}}
            sent["metadata"]["labels"] = dict(sent["metadata"]["labels"])
            sent["metadata"]["labels"].pop(DIGEST, None)
            self.there[step.identity] = replace(asked[step.identity], manifest=sent)
            self.digests[step.identity] = digest(asked[step.identity].manifest)
            if step.identity.kind == INGRESS:
                self.memory = remember(asked[step.identity].manifest)
                taken = {keys[-1] for keys in step.payload.get("remove", ())}
                self.edits = {
                    key: value
                    for key, value in self.edits.items()
                    if key not in taken and key not in sent["metadata"]["annotations"]
                }
        return plan

    def shares(self) -> dict[str, int]:
        """Who gets what, by the label of the pods."""
        seen = self.observed()
        result: dict[str, int] = {}
        (entrance,) = (one.manifest for one in seen.values() if one.identity.kind == INGRESS)
        (entry,) = entrance["spec"]["rules"][0]["http"]["paths"]
        to = entry["backend"]["service"]
        weights = {f"{to['name']}:80": 100}
        if "number" not in to["port"]:
            weights = weights_in(entrance["metadata"]["annotations"][ACTIONS + to["name"]]) or {}
        for name, weight in weights.items():
            identity = Identity("Service", "shop", name.removesuffix(":80"))
            app = seen[identity].manifest["spec"]["selector"]["app"]
            result[app] = result.get(app, 0) + weight
        return result


def drained(number: int, *backends: Pods, drift: DriftPolicy = CORRECT) -> Cluster:
    cluster = Cluster()
    cluster.commit(git(*backends, drift=drift))
    cluster.drain(number)
    assert cluster.plan(git(*backends, drift=drift)).empty
    return cluster


#: What Git makes of blue and green, of which the numbered one is drained; what the hold says.
CASES: dict[str, tuple[int, dict[str, Any], str]] = {
    "neighbour dropped": (2, {"backends": (GREEN,)}, "would get requests as menu-forward-1"),
    "route renamed": (
        2,
        {"backends": (BLUE, GREEN), "route": "other"},
        "would get requests as menu-other-2",
    ),
    "one in front": (2, {"backends": (RED, BLUE, GREEN)}, "would be that of app=blue"),
    "swapped": (2, {"backends": (GREEN, BLUE)}, "would get requests as menu-forward-1"),
    "itself dropped": (1, {"backends": (GREEN,)}, "would be that of app=green"),
    "another port": (
        2,
        {"backends": (("green", 9090, 50),)},
        "would get requests as menu-forward-1",
    ),
}


@pytest.mark.parametrize("remembers", [True, False], ids=["", "no-memory"])
@pytest.mark.parametrize("mode", ["Correct", "Report", "Ignore"])
@pytest.mark.parametrize("case", CASES)
def test_drained_pods_get_nothing_and_keep_their_0_when_git_numbers_their_services_anew(
    case: str, mode: Any, *, remembers: bool
) -> None:
    number, kwargs, says = CASES[case]
    drift = DriftPolicy(mode)
    after = git(*kwargs["backends"], route=kwargs.get("route", "forward"), drift=drift)
    cluster = drained(number, BLUE, GREEN, drift=drift)
    cluster.remembers = remembers
    before = cluster.shares()
    app = ("blue", "green")[number - 1]
    assert before[app] == 0

    first = cluster.commit(after)
    assert cluster.shares() == before
    held = [step.hold for step in first.holds if step.hold and not deletes(step)]
    assert held
    for reason in held:
        assert reason.guard is Guard.CAPACITY
        assert f"app={app}" in reason.reason
        assert "kubectl-edit" in reason.reason
        assert says in reason.reason

    second = cluster.commit(after)  # what it has made meanwhile does no harm, and is there
    assert not second.active
    assert [step.key for step in second.holds] == [step.key for step in first.holds]
    assert cluster.plan(after).hash == second.hash
    assert cluster.shares() == before


@pytest.mark.parametrize("case", CASES)
def test_git_is_followed_with_correct_and_nothing_is_left_to_do(case: str) -> None:
    number, kwargs, _ = CASES[case]
    after = git(*kwargs["backends"], route=kwargs.get("route", "forward"))
    cluster = drained(number, BLUE, GREEN)
    cluster.commit(after)
    assert not cluster.commit(after, correct=True).holds
    assert all(cluster.shares().values())
    assert cluster.plan(after).empty


@pytest.mark.parametrize("case", CASES)
def test_git_goes_on_once_the_weight_is_raised_by_hand(case: str) -> None:
    number, kwargs, _ = CASES[case]
    after = git(*kwargs["backends"], route=kwargs.get("route", "forward"))
    cluster = drained(number, BLUE, GREEN)
    cluster.commit(after)
    cluster.edits = {key: value.replace(": 0}", ": 1}") for key, value in cluster.edits.items()}
    assert not cluster.commit(after).holds
    assert all(cluster.shares().values())
    assert cluster.plan(after).empty


@pytest.mark.parametrize("case", CASES)
def test_an_approval_of_the_plan_lets_git_number_anew(case: str) -> None:
    number, kwargs, _ = CASES[case]
    after = git(*kwargs["backends"], route=kwargs.get("route", "forward"))
    cluster = drained(number, BLUE, GREEN)
    done = cluster.commit(after, approve=cluster.plan(after).hash)
    assert all(deletes(step) for step in done.holds)
    assert not cluster.plan(after).active


def test_a_0_that_git_has_asked_for_holds_nothing() -> None:
    cluster = Cluster()
    cluster.commit(git(BLUE, ("green", 8080, 0)))
    for after in (git(("green", 8080, 0), BLUE), git(GREEN), git(BLUE, GREEN, route="other")):
        cluster.commit(after)
        assert cluster.plan(after).empty


@pytest.mark.parametrize(
    "after",
    [
        git(BLUE),
        git(BLUE, route="other"),
        git(BLUE, ("red", 8080, 20), route="other"),
        git(BLUE, route="other", path="/new"),
    ],
    ids=["dropped", "renamed", "another-instead", "moved"],
)
def test_nothing_is_held_where_git_drops_the_drained_pods(after: Sequence[DesiredObject]) -> None:
    cluster = drained(2, BLUE, GREEN)
    assert not cluster.commit(after).holds
    assert "green" not in cluster.shares()
    assert all(cluster.shares().values())
    assert cluster.plan(after).empty


def test_drained_pods_that_git_leaves_where_they_are_keep_their_0_beside_new_ones() -> None:
    cluster = drained(2, BLUE, GREEN)
    after = git(BLUE, GREEN, RED)
    assert not cluster.commit(after).holds
    assert cluster.shares() == {"blue": 50, "green": 0, "red": 50}
    moved = git(BLUE, ("green", 9090, 50), RED)
    assert not cluster.commit(moved).holds
    assert cluster.shares() == {"blue": 50, "green": 0, "red": 50}
    assert cluster.plan(moved).empty


def test_drained_pods_get_nothing_where_our_marks_were_taken_off_the_ingress() -> None:
    cluster, after = drained(2, BLUE, GREEN), git(GREEN)
    record = Record(entries=dict(cluster.digests), fields={after[-1].identity: cluster.memory})
    seen = cluster.observed()
    unmarked = seen.pop(after[-1].identity)
    unmarked.manifest["metadata"]["labels"] = {}
    plan = plan_target(
        wanted(*after),
        found(*seen.values(), foreign=[unmarked], services={}, record=record),
        OWNER,
        PlanOptions(TODAY, adopt=frozenset({after[-1].exposure})),
    )
    held = {step.identity: step.hold.guard for step in plan.holds if step.hold}
    assert held.items() >= dict.fromkeys((item.identity for item in after), Guard.CAPACITY).items()


def test_services_keep_their_pods_while_the_ingress_that_leads_to_them_is_held_for_any_reason() -> (
    None
):
    cluster = Cluster()
    cluster.commit(git(BLUE))
    *made, entrance = git(("canary", 8080, 5), ("blue", 8080, 95))
    others = ingress("any", services=[("gone-svc", 80)]).services
    after = (*made, replace(entrance, services=(*entrance.services, *others)))
    cluster.services = {("shop", "gone-svc"): None}
    for _ in range(2):
        plan = cluster.commit(after)
        held = {step.identity.name: step.hold.guard for step in plan.holds if step.hold}
        assert held == {"menu": Guard.BACKEND, "menu-forward-1": Guard.DEPENDENCY}
        assert cluster.shares() == {"blue": 100}
    cluster.services = {("shop", "gone-svc"): backend(80)}
    cluster.commit(after)
    assert cluster.shares() == {"canary": 5, "blue": 95}
    assert cluster.plan(after).empty


def test_a_service_behind_a_route_that_stays_as_it_is_need_not_wait_for_a_held_ingress() -> None:
    cluster = Cluster()
    cluster.commit(git(BLUE, GREEN))
    *made, entrance = git(BLUE, RED)
    others = ingress("any", services=[("gone-svc", 80)]).services
    cluster.services = {("shop", "gone-svc"): None}
    cluster.commit((*made, replace(entrance, services=(*entrance.services, *others))))
    assert cluster.shares() == {"blue": 50, "red": 50}
