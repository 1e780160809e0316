"""Whatever people write, the builders answer with a value, and damage stays where it belongs."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gitopsd.sandbox.controllers import alb, services
from gitopsd.sandbox.controllers.objects import Item, Objects
from gitopsd.sandbox.controllers.services.clb_options import BALANCER, LISTENER, LISTENER_MORE
from gitopsd.sandbox.controllers.services.nlb_options import GROUP, HEALTH_CHECK
from gitopsd.sandbox.controllers.site import Site

ALB = "alb.ingress.kubernetes.io/"
CCM = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "ForwardConfig", "ServerGroups", "Weight", "ServicePort", "RedirectConfig"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
ACTIONS = st.text(max_size=20) | JSON.map(json.dumps)
KEYS = st.sampled_from(
    [
        option.key
        for table in (BALANCER, LISTENER, LISTENER_MORE, *GROUP, HEALTH_CHECK)
        for option in table
        if option.key != "id"
    ]
    + ["zone-maps", "protocol-port", "forward-port", "server-group-type", "backend-label"]
)
VALUES = st.text(max_size=8) | st.sampled_from(
    ["on", "off", "true", "80", "-1", "a:b", "tcp:80", "80:443", "Ip", "99999999999999999999"]
)


def config(name: str) -> Item:
    return {
        "kind": "AlbConfig",
        "metadata": {"name": name},
        "spec": {"config": {}, "listeners": [{"port": 80, "protocol": "HTTP"}]},
    }


def ingress_class(name: str) -> Item:
    spec = {"controller": "ingress.k8s.alibabacloud/alb", "parameters": {"name": name}}
    return {"kind": "IngressClass", "metadata": {"name": name}, "spec": spec}


def ingress(name: str, class_name: str, annotations: dict[str, str]) -> Item:
    backend = {"service": {"name": "route", "port": {"name": "use-annotation"}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rules = [{"host": f"{name}.example.com", "http": {"paths": [path]}}]
    metadata = {"name": name, "namespace": "default", "annotations": annotations}
    spec = {"ingressClassName": class_name, "rules": rules}
    return {"kind": "Ingress", "metadata": metadata, "spec": spec}


@given(ACTIONS)
def test_no_action_annotation_reaches_another_alb(text: str) -> None:
    good = json.dumps([{"type": "FixedResponse", "FixedResponseConfig": {"HttpCode": "200"}}])
    objects = Objects(
        [
            *(config(name) for name in ("one", "two")),
            *(ingress_class(name) for name in ("one", "two")),
            ingress("odd", "one", {ALB + "actions.route": text}),
            ingress("good", "two", {ALB + "actions.route": good}),
        ]
    )
    one, two = alb.build(objects, Site()).configs
    assert one.kind in ("model", "error", "panic", "crash")
    assert (one.model is None) == (one.kind == "panic" or one.stage == "build")
    assert two.kind == "model"
    assert two.model is not None
    assert [rule.actions[0].type for rule in two.model.rules] == ["FixedResponse"]


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.booleans())
def test_any_annotations_of_a_service_end_in_an_outcome(options: dict[str, str], nlb: bool) -> None:
    annotations = {CCM + key: value for key, value in options.items()}
    spec: dict[str, Any] = {
        "type": "LoadBalancer",
        "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080, "protocol": "TCP"}],
    }
    if nlb:
        spec["loadBalancerClass"] = "alibabacloud.com/nlb"
        annotations.setdefault(CCM + "zone-maps", "a:b,c:d")
    metadata = {"name": "web", "namespace": "shop", "uid": "1", "annotations": annotations}
    service = {"kind": "Service", "metadata": metadata, "spec": spec}
    outcome = services.build(service, Objects([service]), Site())
    assert outcome.controller == ("nlb" if nlb else "clb")
    assert outcome.stage in ("", "local-model", "apply")
    assert (outcome.model is None) == (outcome.stage == "local-model")
    assert bool(outcome.error) == bool(outcome.stage)
    assert outcome.last("lb-1") is not None


@given(st.integers(0, 100), st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_the_shares_of_a_group_follow_the_pods_and_none_starves(
    total: int, pods: list[int]
) -> None:
    nodes = [
        {
            "kind": "Node",
            "metadata": {"name": f"n{index}"},
            "spec": {"providerID": f"cn.i-{index}"},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        }
        for index in range(len(pods))
    ]
    endpoints = [
        {
            "addresses": [f"10.0.{index}.{number}"],
            "conditions": {"ready": True},
            "nodeName": f"n{index}",
        }
        for index, count in enumerate(pods)
        for number in range(count)
    ]
    labels = {"kubernetes.io/service-name": "web"}
    part = {
        "kind": "EndpointSlice",
        "metadata": {"name": "web-1", "namespace": "shop", "labels": labels},
        "addressType": "IPv4",
        "endpoints": endpoints,
    }
    options = {"id": "nlb-1", "vgroup-port": "sgp-1:80", "weight": str(total)}
    service = {
        "kind": "Service",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "uid": "1",
            "annotations": {CCM + key: value for key, value in options.items()},
        },
        "spec": {
            "type": "LoadBalancer",
            "loadBalancerClass": "alibabacloud.com/nlb",
            "externalTrafficPolicy": "Local",
            "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}],
        },
    }
    account = services.Account(
        {"nlb-1": services.Balancer()}, {"sgp-1": services.Group("mine", "Instance")}
    )
    outcome = services.build(service, Objects([*nodes, part, service]), Site(), account)
    assert outcome.model is not None
    weights = [each["Weight"] for each in outcome.model["ServerGroups"][0]["Servers"]]
    everything = sum(pods)
    assert weights == [max(1, total * count // everything) if total else 0 for count in pods]
