from __future__ import annotations

import json
from typing import Any

import pytest

from gitopsd.model.identity import Identity
from tests.unit.rules.repository import alb, compiled, fleet, group, manifest, route, target

TEA = {"service": "tea-svc", "port": 80}
PODS = {"pods": {"selector": {"app": "coffee"}, "targetPort": 8080}, "port": 80}
GROUP = {"serverGroup": "warehouse"}
ACTION = "alb.ingress.kubernetes.io/actions.forward"


def ingress(*documents: dict[str, Any]) -> dict[str, Any]:
    return manifest(*documents, kind="Ingress", name="tea")


def tuples(*backends: dict[str, Any]) -> list[dict[str, Any]]:
    """The ServerGroups of the action that these backends of one route become."""
    made = ingress(alb(route(*backends)), group())
    (action,) = json.loads(made["metadata"]["annotations"][ACTION])
    assert action["type"] == "ForwardGroup"
    path = made["spec"]["rules"][0]["http"]["paths"][0]
    assert path["backend"] == {"service": {"name": "forward", "port": {"name": "use-annotation"}}}
    found: list[dict[str, Any]] = action["ForwardConfig"]["ServerGroups"]
    return found


def test_the_action_has_the_documents_spelling_and_stands_on_one_line() -> None:
    made = ingress(
        alb(route({**TEA, "weight": 80}, {"serverGroupId": "sgp-slygpbvm2cydo", "weight": 20}))
    )
    assert made["metadata"]["annotations"][ACTION] == (
        '[{"type":"ForwardGroup","ForwardConfig":{"ServerGroups":['
        '{"ServiceName":"tea-svc","Weight":80,"ServicePort":80},'
        '{"ServerGroupID":"sgp-slygpbvm2cydo","Weight":20}]}}]'
    )


@pytest.mark.parametrize("weight", [{}, {"weight": 1}, {"weight": 100}])
def test_one_service_alone_needs_no_action(weight: Any) -> None:
    made = ingress(alb(route({**TEA, **weight})))
    assert "annotations" not in made["metadata"]
    (path,) = made["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"] == {"service": {"name": "tea-svc", "port": {"number": 80}}}


def test_pods_alone_need_no_action_either() -> None:
    (path,) = ingress(alb(route(PODS)))["spec"]["rules"][0]["http"]["paths"]
    assert path["backend"] == {"service": {"name": "tea-forward-1", "port": {"number": 80}}}


@pytest.mark.parametrize(
    ("backends", "expected"),
    [
        ([GROUP], [{"ServerGroupID": "<shop/warehouse>", "Weight": 100}]),
        ([{**GROUP, "weight": 7}], [{"ServerGroupID": "<shop/warehouse>", "Weight": 7}]),
        ([{"serverGroupId": "sgp-a"}], [{"ServerGroupID": "sgp-a", "Weight": 100}]),
        (
            [{**TEA, "weight": 0}],
            [{"ServiceName": "tea-svc", "Weight": 0, "ServicePort": 80}],
        ),
        ([{**TEA, "serverGroupId": "sgp-a"}], [{"ServerGroupID": "sgp-a", "Weight": 100}]),
        (
            [{**TEA, "weight": 0}, {**PODS, "weight": 5}],
            [
                {"ServiceName": "tea-svc", "Weight": 0, "ServicePort": 80},
                {"ServiceName": "tea-forward-1", "Weight": 5, "ServicePort": 80},
            ],
        ),
    ],
)
def test_anything_else_is_an_action(backends: Any, expected: Any) -> None:
    assert tuples(*backends) == expected


def test_a_group_that_is_adopted_is_named_by_its_id() -> None:
    adopted = group(serverGroupId="sgp-known")
    made = compiled(alb(route(GROUP)), adopted).objects[Identity("Ingress", "shop", "tea")]
    assert '"ServerGroupID":"sgp-known"' in made.manifest["metadata"]["annotations"][ACTION]
    assert made.groups == (Identity("ServerGroup", "shop", "warehouse"),)


def test_services_for_pods_are_numbered_among_their_own() -> None:
    backends = ({**TEA, "weight": 1}, {**PODS, "weight": 1}, {**PODS, "weight": 1})
    made = compiled(alb(route(*backends)))
    assert sorted(i.name for i in made.objects if i.kind == "Service") == [
        "tea-forward-1",
        "tea-forward-2",
    ]


@pytest.mark.parametrize(
    ("plugin", "kind", "annotations"),
    [
        ("Terway", "ClusterIP", {"service.beta.kubernetes.io/backend-type": "eni"}),
        ("TerwayEdge", "ClusterIP", {"service.beta.kubernetes.io/backend-type": "eni"}),
        ("Flannel", "NodePort", None),
        ("FlannelVXLAN", "NodePort", None),
    ],
)
def test_the_service_for_pods_suits_the_network_plugin(
    plugin: str, kind: str, annotations: Any
) -> None:
    where = fleet(target(networkPlugin=plugin, nodes=None))
    service = manifest(where, alb(route(PODS)), name="tea-forward-1")
    assert service["metadata"].get("annotations") == annotations
    assert service["metadata"]["labels"]["gitopsd.io/exposure"] == "tea"
    assert service["spec"] == {
        "type": kind,
        "selector": {"app": "coffee"},
        "ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}],
    }


def test_routes_keep_their_order_hosts_and_paths() -> None:
    routes = [
        route(TEA, name="exact", path="/a", pathType="Exact"),
        route(TEA, name="glob", path="/b/*", pathType="ImplementationSpecific", host="*.x.com"),
        {"name": "rest", "backends": [TEA]},
    ]
    found = [
        (rule.get("host"), path["path"], path["pathType"])
        for rule in ingress(alb(*routes))["spec"]["rules"]
        for path in rule["http"]["paths"]
    ]
    assert found == [
        ("tea.example.com", "/a", "Exact"),
        ("*.x.com", "/b/*", "ImplementationSpecific"),
        (None, "/", "Prefix"),
    ]


def test_the_class_is_the_targets_first_unless_another_is_named() -> None:
    where = fleet(target(albs=[{"ingressClass": "a"}, {"ingressClass": "b"}]))
    other = alb(loadBalancer={"type": "ALB", "ingressClass": "b"})
    assert ingress(where, alb())["spec"]["ingressClassName"] == "a"
    assert ingress(where, other)["spec"]["ingressClassName"] == "b"


def test_services_of_others_are_referred_to_with_their_ports() -> None:
    routes = [
        route({**TEA, "weight": 1}, {**PODS, "weight": 1}),
        route(TEA, name="again", path="/again"),
        route({"service": "unused", "serverGroupId": "sgp-a"}, name="id", path="/id"),
    ]
    made = compiled(alb(*routes)).objects[Identity("Ingress", "shop", "tea")]
    assert {(s.namespace, s.name, s.port) for s in made.services} == {("shop", "tea-svc", 80)}
    assert all(s.position and s.position.line for s in made.services)
