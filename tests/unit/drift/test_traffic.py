"""Which share of which route goes elsewhere, and what is not known is said to be unknown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitopsd.diff import compare_target
from gitopsd.drift.impact import NOBODY, impact_of, impacts_by_subject
from gitopsd.drift.traffic import traffic
from gitopsd.model.desired import DesiredTarget, MemberKey
from gitopsd.model.digest import digest
from gitopsd.model.health import HealthState, MemberHealth
from gitopsd.model.identity import Identity
from gitopsd.model.observed import Gap, ObservedObject, ObservedTarget, Record
from gitopsd.model.traffic import Place, Route, RouteState, Takes
from tests.unit.build import (
    OWNER,
    backend,
    found,
    group,
    ignoring,
    ingress,
    live,
    live_group,
    member,
    service,
    wanted,
)

TODAY = date(2026, 11, 22)
ACTION = "metadata.annotations@alb.ingress.kubernetes.io/actions.forward"
STOCK = group("warehouse", ("192.168.20.11", 8080, 100), ("192.168.20.12", 8080, 100))
MENU = ingress(groups=[STOCK.identity])
IDS = {STOCK.identity: "sgp-one"}
TEA = {"ServiceName": "tea-svc", "ServicePort": 80}
GROUP = {"ServerGroupID": "sgp-one"}
KEYS = [MemberKey(f"192.168.20.{n}", 8080, f"192.168.20.{n}") for n in (11, 12)]
PASSES, FAILS = MemberHealth(HealthState.NORMAL), MemberHealth(HealthState.UNHEALTHY)


def routes(desired: DesiredTarget, observed: ObservedTarget) -> tuple[Route, ...]:
    comparison = compare_target(desired, observed, OWNER, today=TODAY)
    return traffic(comparison, desired, observed, today=TODAY)


def action(*entries: Mapping[str, Any]) -> dict[str, str]:
    forward = {"type": "ForwardGroup", "ForwardConfig": {"ServerGroups": list(entries)}}
    return {ACTION: json.dumps([forward])}


def menu(edits: Mapping[str, Any] | None = None, members: Any = None, **more: Any) -> Route:
    item = live(MENU, IDS, edits=edits)
    observed = found(item, live_group(STOCK, members=members), **more)
    (route,) = routes(wanted(MENU, STOCK), observed)
    return route


def parts(route: Route) -> dict[str, tuple[float | None, float | None]]:
    return {share.backend: (share.wanted, share.live) for share in impact_of(route).shares}


def test_a_route_as_it_was_applied_has_moved_nothing() -> None:
    route = menu()
    assert (route.state, route.moved, route.name) == (RouteState.AS_WANTED, 0, "demo.example.com/")
    assert parts(route) == {"tea-svc:80": (80.0, 80.0), "warehouse": (20.0, 20.0)}
    assert impacts_by_subject([route]) == {}


def test_a_weight_moved_by_hand_moves_its_share_of_the_requests() -> None:
    route = menu(action({**TEA, "Weight": 60}, {**GROUP, "Weight": 40}))
    assert (route.state, route.moved) == (RouteState.MOVED, Fraction(1, 5))
    assert parts(route) == {"tea-svc:80": (80.0, 60.0), "warehouse": (20.0, 40.0)}


def test_weights_are_relative_so_the_same_ratio_moves_nothing() -> None:
    route = menu(action({**TEA, "Weight": 40}, {**GROUP, "Weight": 10}))
    assert (route.state, route.moved) == (RouteState.AS_WANTED, 0)


def test_the_keys_of_an_action_count_in_any_case() -> None:
    lower = (
        {"servicename": "tea-svc", "serviceport": 80, "weight": 1},
        {"servergroupid": "sgp-one"},
    )
    route = menu({ACTION: json.dumps([{"forwardconfig": {"servergroups": lower}}])})
    assert parts(route) == {"tea-svc:80": (80.0, 100.0), "warehouse": (20.0, 0.0)}


def test_a_group_of_others_in_the_action_takes_its_share_and_its_members_are_unknown() -> None:
    route = menu(action({**TEA, "Weight": 80}, {"ServerGroupID": "sgp-x", "Weight": 20}))
    other = route.backends[-1]
    assert (other.place, other.name, other.wanted) == (Place.FOREIGN, "sgp-x", None)
    assert (other.members, other.healthy, route.moved) == (None, None, Fraction(1, 5))


def test_a_server_with_another_weight_moves_requests_inside_its_group() -> None:
    route = menu(members=[member("192.168.20.11", 8080, 300), member("192.168.20.12", 8080, 100)])
    assert route.moved == Fraction(1, 20)
    assert parts(route) == {
        "tea-svc:80": (80.0, 80.0),
        "warehouse 192.168.20.11:8080": (10.0, 15.0),
        "warehouse 192.168.20.12:8080": (10.0, 5.0),
    }


def test_a_server_that_is_gone_leaves_its_share_to_the_others() -> None:
    route = menu(members=[member("192.168.20.11", 8080, 100)])
    assert (route.backends[-1].members, route.moved) == (1, Fraction(1, 10))


def test_without_any_server_the_share_of_a_group_reaches_nobody() -> None:
    route = menu(members=[])
    assert route.backends[-1].answers is False
    assert parts(route) == {"tea-svc:80": (80.0, 80.0), "warehouse": (20.0, 0.0), NOBODY: (0, 20.0)}


def test_a_server_that_fails_its_check_gets_nothing_while_another_passes() -> None:
    route = menu(health={"sgp-one": {KEYS[0]: PASSES, KEYS[1]: FAILS}})
    backend = route.backends[-1]
    assert (backend.members, backend.serving, backend.healthy) == (2, 2, 1)
    assert route.moved == Fraction(1, 10)
    none = menu(health={"sgp-one": dict.fromkeys(KEYS, FAILS)})
    assert (none.backends[-1].answers, none.moved) == (False, Fraction(1, 5))


@pytest.mark.parametrize(
    "state", [HealthState.INITIAL, HealthState.UNUSED, HealthState.UNAVAILABLE]
)
def test_health_that_no_check_has_decided_is_unknown(state: HealthState) -> None:
    route = menu(health={"sgp-one": dict.fromkeys(KEYS, MemberHealth(state))})
    assert (route.backends[-1].healthy, route.moved) == (None, 0)


def test_health_that_nobody_asked_for_is_unknown() -> None:
    assert menu().backends[-1].healthy is None


def test_a_backend_service_that_does_not_exist_answers_nothing() -> None:
    route = menu(services={("shop", "tea-svc"): None})
    assert (route.backends[0].answers, route.moved) == (False, Fraction(4, 5))


def test_an_ingress_that_is_gone_reaches_nobody() -> None:
    (route,) = routes(wanted(MENU, STOCK), found(live_group(STOCK)))
    assert (route.state, route.moved) == (RouteState.GONE, 1)


def test_a_route_that_nobody_asked_for_is_told_and_its_share_is_not_guessed() -> None:
    item = live(MENU, IDS)
    rules = [
        *item.manifest["spec"]["rules"],
        {**item.manifest["spec"]["rules"][0], "host": "x.org"},
    ]
    edited = live(MENU, IDS, edits={"spec.rules": rules})
    both = routes(wanted(MENU, STOCK), found(edited, live_group(STOCK)))
    assert [(r.host, r.state, r.moved) for r in both] == [
        ("demo.example.com", RouteState.AS_WANTED, 0),
        ("x.org", RouteState.ADDED, None),
    ]


def test_an_action_that_forwards_nothing_is_unknown() -> None:
    for text in ("not json", '[{"type":"Redirect"}]', "[1]", "7"):
        route = menu({ACTION: text})
        assert (route.state, route.moved) == (RouteState.UNKNOWN, None)


def test_what_could_not_be_observed_is_unknown_and_never_as_wanted() -> None:
    gaps = (Gap("ingresses", "503", frozenset({"Ingress"})),)
    (route,) = routes(wanted(MENU, STOCK), found(live_group(STOCK), gaps=gaps))
    assert (route.state, route.moved) == (RouteState.UNKNOWN, None)
    assert impact_of(route).shares[0].live is None


def test_what_only_git_moved_is_pending_and_no_impact() -> None:
    before = live(MENU, IDS)
    after = ingress(groups=[STOCK.identity], weight=30)
    (route,) = routes(wanted(after, STOCK), found(before, live_group(STOCK)))
    assert (route.pending, route.state) == (True, RouteState.MOVED)
    assert impacts_by_subject([route]) == {}


def test_a_port_goes_to_the_pods_of_its_selector() -> None:
    item = service()
    (same,) = routes(wanted(item), found(live(item)))
    assert (same.port, same.state, same.balancer.type) == ("80/TCP", RouteState.AS_WANTED, "CLB")
    (turned,) = routes(wanted(item), found(live(item, edits={"spec.selector": {"app": "x"}})))
    assert parts(turned) == {"app=tea → 8080": (100.0, 0.0), "app=x → 8080": (0.0, 100.0)}


def test_a_service_that_asks_for_no_balancer_any_more_reaches_nobody() -> None:
    item = service()
    (route,) = routes(wanted(item), found(live(item, edits={"spec.type": "ClusterIP"})))
    assert (route.state, route.moved) == (RouteState.GONE, 1)


def test_the_pods_behind_a_service_of_ours_are_looked_at() -> None:
    item = ingress(services=[("tea-svc", 80)])
    pods = service("tea-svc")
    edited = live(pods, edits={"spec.selector": {"app": "other"}})
    front, _ = routes(wanted(item, pods), found(live(item), edited))
    assert front.moved == 1
    assert [backend.live is None for backend in front.backends] == [True, False]


@pytest.mark.parametrize(("services", "share"), [(["tea-svc"], 1), (["tea-svc", "milk-svc"], 0.5)])
def test_a_service_of_ours_that_is_gone_keeps_its_share_and_gives_it_to_nobody(
    services: list[str], share: float
) -> None:
    """An empty group keeps its weight (facts §4.7)."""
    item, pods = ingress(services=[(name, 80) for name in services]), service("tea-svc")
    applied = Record(entries={thing.identity: digest(thing.manifest) for thing in (item, pods)})
    seen = found(live(item), services={("shop", "milk-svc"): backend(80)}, record=applied)
    front, _ = routes(wanted(item, pods), seen)
    assert front.moved == share
    assert {row.backend: row.live for row in impact_of(front).shares}[NOBODY] == 100 * share


LOCAL = {"spec.externalTrafficPolicy": "Local"}
THEFT = {"spec.selector": {"app": "thief"}, **LOCAL}


def test_what_forwards_to_nothing_that_is_wanted_has_moved_it_all_whatever_else_drifted() -> None:
    item = service()
    (route,) = routes(wanted(item), found(live(item, edits=THEFT)))
    assert (route.state, route.moved) == (RouteState.MOVED, 1)
    assert parts(route) == {"app=tea → 8080": (100.0, 0.0), "app=thief → 8080": (0.0, 100.0)}
    ((_, (impact,)),) = impacts_by_subject([route]).items()
    assert impact.moved == 100.0


def test_what_still_forwards_to_something_that_is_wanted_may_have_moved_any_share() -> None:
    strange = {"metadata.annotations@alb.ingress.kubernetes.io/new-thing": "on"}
    route = menu(action({**GROUP, "Weight": 40}) | strange)
    assert (route.state, route.moved) == (RouteState.UNKNOWN, None)
    item = service()
    (route,) = routes(wanted(item), found(live(item, edits=LOCAL)))
    assert (route.state, route.moved) == (RouteState.UNKNOWN, None)


@pytest.mark.parametrize("ignored", ["Service/spec.selector", "Service/spec"])
def test_what_is_left_alone_on_purpose_does_not_make_certain_what_drift_did(ignored: str) -> None:
    item = service(drift=ignoring(ignored))
    (route,) = routes(wanted(item), found(live(item, edits=THEFT)))
    assert (route.state, route.moved) == (RouteState.UNKNOWN, None)


EXPOSURE = MENU.exposure


def test_a_route_that_its_group_moved_is_no_effect_of_its_exposure() -> None:
    assert set(impacts_by_subject([menu(members=[])])) == {STOCK.identity}


def stranger(host: str = "demo.example.com", path: str = "/", **annotations: str) -> ObservedObject:
    rules = [{"host": host, "http": {"paths": [{"path": path, "pathType": "Prefix"}]}}]
    manifest: dict[str, Any] = {
        "metadata": {"annotations": {f"alb.ingress.kubernetes.io/{k}": v
                                     for k, v in annotations.items()}},
        "spec": {"ingressClassName": "alb", "rules": rules},
    }  # fmt: skip
    return ObservedObject(Identity("Ingress", "other", "aaa"), "uid", "1", manifest, b"[]")


def test_all_requests_of_a_route_that_somebody_else_is_asked_first_for_are_gone() -> None:
    route = menu(neighbours=(stranger(),))
    assert (route.state, route.moved) == (RouteState.MOVED, 1)
    assert [(s.by.name, s.takes) for s in route.shadows] == [("aaa", Takes.ALL)]
    assert parts(route)["Ingress/other/aaa"] == (0, 100.0)
    (told,) = impacts_by_subject([route])[EXPOSURE]
    assert told.moved == 100.0
    assert told.shadows == route.shadows


@pytest.mark.parametrize(
    ("other", "takes"),
    [
        (stranger(host="*.example.com"), Takes.ALL),
        (stranger(host=""), Takes.ALL),
        (stranger(path="/sub"), Takes.PART),
        (stranger(canary="true"), Takes.PERHAPS),
        (stranger(**{"conditions.tea": "[]"}), Takes.PERHAPS),
        (stranger(**{"listen-ports": '[{"HTTPS": 443}]'}), Takes.PERHAPS),
    ],
    ids=["wildcard", "any host", "part", "canary", "conditions", "other listeners"],
)
def test_what_somebody_else_gets_of_a_route_is_certain_or_possible(
    other: ObservedObject, takes: Takes
) -> None:
    route = menu(neighbours=(other,))
    assert [shadow.takes for shadow in route.shadows] == [takes]
    known = takes is Takes.ALL
    assert route.moved == (1 if known else None)
    assert (route.state is RouteState.SHADOWED) is not known
    assert route.to_json()["shadows"] == [{"by": "Ingress/other/aaa", "takes": str(takes)}]


def test_a_claim_that_is_asked_after_ours_takes_nothing() -> None:
    late = stranger(order="900")
    assert (menu(neighbours=(late,)).shadows, menu(neighbours=(late,)).moved) == ((), 0)


def test_a_service_on_our_listener_may_take_its_connections() -> None:
    label, wish = "service.k8s.alibaba/loadbalancer-id", "service.beta.kubernetes.io/alibaba-cloud-"
    item = service()
    thief = ObservedObject(
        Identity("Service", "other", "thief"), "uid", "1",
        {"metadata": {"annotations": {f"{wish}loadbalancer-id": "lb-1"}},
         "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}, b"[]",
    )  # fmt: skip
    seen = found(live(item, edits={f"metadata.labels@{label}": "lb-1"}), neighbours=(thief,))
    (route,) = routes(wanted(item), seen)
    assert (route.moved, route.state) == (None, RouteState.SHADOWED)
    assert [shadow.takes for shadow in route.shadows] == [Takes.PERHAPS]


weights = st.lists(st.integers(min_value=0, max_value=100), min_size=3, max_size=3)


@given(weights, weights)
def test_the_part_that_moved_is_what_some_gain_and_others_lose(
    routed: list[int], served: list[int]
) -> None:
    first, second, stranger = routed
    edits = action(
        {**TEA, "Weight": first},
        {**GROUP, "Weight": second},
        {"ServerGroupID": "sgp-x", "Weight": stranger},
    )
    members = [member(f"192.168.20.1{n}", 8080, weight) for n, weight in enumerate(served)]
    route = menu(edits, members)
    shares = impact_of(route).shares
    for side in ("wanted", "live"):
        assert abs(sum(getattr(share, side) for share in shares) - 100) < 0.5
    gained = sum(max((share.live or 0) - (share.wanted or 0), 0) for share in shares)
    assert route.moved is not None
    assert abs(gained - float(route.moved * 100)) < 0.5
    assert 0 <= route.moved <= 1
    assert (route.moved == 0) == (route.state is RouteState.AS_WANTED)
