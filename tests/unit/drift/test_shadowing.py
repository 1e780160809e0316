"""What others put in the way of our hosts, paths and ports is found; what is beside them is not."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from gitopsd.engine.judging import assess_target
from gitopsd.model.desired import DesiredObject
from gitopsd.model.identity import Identity
from gitopsd.model.observed import ObservedObject
from gitopsd.model.reason import Reason
from gitopsd.model.verdict import Difference, State
from tests.unit.build import OWNER, found, ignoring, ingress, live, service, wanted

TODAY = date(2026, 11, 22)
LB = "service.k8s.alibaba/loadbalancer-id"
LB_ID = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-id"


def rival(
    host: str = "demo.example.com",
    path: str = "/",
    *,
    name: str = "aaa",
    namespace: str = "other",
    ingress_class: str | None = "alb",
    path_type: str = "Prefix",
    **annotations: str,
) -> ObservedObject:
    """An Ingress that somebody else made with kubectl."""
    rule = {"host": host, "http": {"paths": [{"path": path, "pathType": path_type}]}}
    spec: dict[str, Any] = {"rules": [rule]}
    if ingress_class:
        spec["ingressClassName"] = ingress_class
    made = {
        "manager": "kubectl-create",
        "operation": "Update",
        "time": "2026-11-20T08:00:00Z",
        "fieldsV1": {"f:spec": {"f:rules": {}}},
    }
    told = {key.replace("_", "/", 1).replace("_", "."): v for key, v in annotations.items()}
    return ObservedObject(
        Identity("Ingress", namespace, name),
        "uid",
        "1",
        {"metadata": {"name": name, "annotations": told}, "spec": spec},
        orjson.dumps([made]),
    )


def on_host(host: str) -> DesiredObject:
    """Our Ingress with another host."""
    item = ingress()
    rule = dict(item.manifest["spec"]["rules"][0])
    rule.pop("host")
    rules = [{"host": host, **rule} if host else rule]
    manifest = {**item.manifest, "spec": {**item.manifest["spec"], "rules": rules}}
    return DesiredObject(item.identity, item.exposure, manifest)


def shadows(item: DesiredObject, *others: ObservedObject) -> tuple[Difference, ...]:
    seen = found(live(item), neighbours=others)
    [verdict] = assess_target(wanted(item), seen, OWNER, TODAY).verdicts
    return tuple(d for d in verdict.differences if d.reason is Reason.SHADOWED)


@pytest.mark.parametrize(
    "other",
    [
        rival(),
        rival(name="zzz", namespace="zzz"),
        rival(host="*.example.com"),
        rival(host=""),
        rival(path="/sub"),
        rival(path="/*", path_type="ImplementationSpecific", name="zzz", namespace="zzz"),
    ],
    ids=["same", "same and later", "wildcard", "any host", "part of the paths", "same pattern"],
)
def test_an_ingress_that_takes_requests_of_ours_is_told(other: ObservedObject) -> None:
    [difference] = shadows(ingress(), other)
    assert difference.found == str(other.identity)
    assert difference.path == "spec.rules[demo.example.com/]"
    assert difference.who is not None
    assert difference.who.manager == "kubectl-create"


@pytest.mark.parametrize(
    "other",
    [
        rival(ingress_class="nginx"),
        rival(ingress_class=None),
        rival(host="tea.example.com"),
        rival(host="*.example.com", namespace="zzz"),
        rival(path="/sub", namespace="zzz"),
    ],
    ids=["another class", "no class", "another host", "wildcard asked after", "part asked after"],
)
def test_an_ingress_that_takes_nothing_of_ours_is_not(other: ObservedObject) -> None:
    assert shadows(ingress(), other) == ()


def test_what_a_route_without_a_host_leaves_to_narrower_ones_is_not_taken_from_it() -> None:
    item = on_host("")
    assert shadows(item, rival()) == ()
    assert "claims any host/ too" in shadows(item, rival(host=""))[0].note


def test_an_ingress_is_told_once_for_a_route_with_all_that_it_claims_of_it() -> None:
    other = rival(path="/en")
    rules = other.manifest["spec"]["rules"]
    rules[0]["http"]["paths"].append({"path": "/de", "pathType": "Prefix"})
    [difference] = shadows(ingress(), other)
    assert "claims demo.example.com/en, demo.example.com/de too" in difference.note
    paths = rules[0]["http"]["paths"]
    paths += [{"path": f"/{number}", "pathType": "Exact"} for number in range(9)]
    assert "demo.example.com/0, … too" in shadows(ingress(), other)[0].note


def test_a_host_within_a_wildcard_is_told_by_its_own_name() -> None:
    [difference] = shadows(on_host("*.example.com"), rival(host="blog.example.com"))
    assert "claims blog.example.com/ too" in difference.note


def test_the_order_decides_who_is_asked_first() -> None:
    late = rival(path="/sub", **{"alb.ingress.kubernetes.io_order": "100"})
    assert shadows(ingress(), late) == ()
    early = rival(path="/sub", namespace="zzz", **{"alb.ingress.kubernetes.io_order": "1"})
    assert "it is asked first" in shadows(ingress(), early)[0].note


def test_a_canary_of_somebody_else_is_called_one() -> None:
    canary = rival(**{"alb.ingress.kubernetes.io_canary": "true"})
    assert "canary" in shadows(ingress(), canary)[0].note


def test_a_class_named_the_old_way_counts() -> None:
    old = rival(ingress_class=None, **{"kubernetes.io_ingress.class": "alb"})
    assert len(shadows(ingress(), old)) == 1


def claimant(port: int = 80, balancer: str = "lb-1", protocol: str = "TCP") -> ObservedObject:
    return ObservedObject(
        Identity("Service", "other", "thief"),
        "uid",
        "1",
        {
            "metadata": {"annotations": {LB_ID: balancer}},
            "spec": {"type": "LoadBalancer", "ports": [{"port": port, "protocol": protocol}]},
        },
    )


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (claimant(), 1),
        (claimant(port=81), 0),
        (claimant(balancer="lb-2"), 0),
        (claimant(protocol="UDP"), 0),
    ],
)
def test_a_service_that_asks_for_our_listener_is_told(other: ObservedObject, told: int) -> None:
    item = service()
    balanced = live(item, edits={f"metadata.labels@{LB}": "lb-1"})
    seen = found(balanced, neighbours=(other,))
    [verdict] = assess_target(wanted(item), seen, OWNER, TODAY).verdicts
    assert [d.reason for d in verdict.differences] == [Reason.SHADOWED] * told


def test_shadowing_makes_a_verdict_drifted_and_can_be_ignored() -> None:
    item = ingress()
    seen = found(live(item), neighbours=(rival(),))
    [verdict] = assess_target(wanted(item), seen, OWNER, TODAY).verdicts
    assert verdict.state is State.DRIFTED
    policy = ignoring("Ingress/spec.rules[demo.example.com/]")
    quiet = DesiredObject(item.identity, item.exposure, item.manifest, drift=policy)
    [verdict] = assess_target(wanted(quiet), seen, OWNER, TODAY).verdicts
    assert verdict.state is State.IN_SYNC


def test_an_object_of_ours_that_lost_its_labels_does_not_shadow_itself() -> None:
    item = ingress()
    stripped = live(item, edits={"metadata.labels@gitopsd.io/instance": None})
    seen = found(foreign=[stripped], neighbours=(stripped,))
    [verdict] = assess_target(wanted(item), seen, OWNER, TODAY).verdicts
    assert Reason.SHADOWED not in {d.reason for d in verdict.differences}


def test_who_did_not_look_around_says_so() -> None:
    item = ingress()
    assert Reason.SHADOWED in assess_target(wanted(item), found(live(item)), OWNER, TODAY).blind
    looked = found(live(item), neighbours=())
    assert Reason.SHADOWED not in assess_target(wanted(item), looked, OWNER, TODAY).blind
