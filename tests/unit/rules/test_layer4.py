from __future__ import annotations

from typing import Any

import pytest

from tests.unit.rules.repository import alb, fleet, ids, layer4, problems, route, target

TWO = [{"name": "a", "port": 80}, {"name": "b", "port": 443}]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"loadBalancer": {"type": "CLB"}}, ["GX0301"]),
        ({"pods": None}, ["GX0302"]),
        ({"ports": None}, ["GX0303"]),
        ({"ports": []}, ["GX0303"]),
        ({"routes": [route()]}, ["GX0304"]),
        ({"loadBalancer": {"type": "CLB", "scheme": "Internet", "ingressClass": "a"}}, ["GX0304"]),
        ({"ports": TWO}, []),
        ({"ports": [{"port": 80}, {"name": "b", "port": 443}]}, ["GX0305"]),
        ({"ports": [{"name": "a", "port": 80}, {"name": "a", "port": 443}]}, ["GX0306"]),
        ({"ports": [{"name": "a", "port": 80}, {"name": "b", "port": 80}]}, ["GX0306"]),
        (
            {"ports": [{"name": "a", "port": 53}, {"name": "b", "port": 53, "protocol": "UDP"}]},
            [],
        ),
        ({"ports": [{"name": "Http", "port": 80}]}, ["GX0307"]),
        ({"ports": [{"port": 80, "targetPort": "http"}]}, []),
        ({"ports": [{"port": 80, "targetPort": "8080"}]}, ["GX0307"]),
        ({"ports": [{"port": 80, "targetPort": "a-name-of-16-cha"}]}, ["GX0307"]),
        ({"pods": {"selector": {"app/": "web"}}}, ["GX0308"]),
        ({"pods": {"selector": {"app": "not legal"}}}, ["GX0308"]),
    ],
)
def test_a_mistake_in_a_layer_4_exposure_is_found(spec: Any, expected: list[str]) -> None:
    assert ids(layer4(**spec)) == expected


@pytest.mark.parametrize(
    "field",
    [
        {"pods": {"selector": {"app": "tea"}}},
        {"ports": [{"port": 80}]},
        {"preserveClientIP": True},
        {"sessionPersistence": {"timeoutSeconds": 60}},
        {"trafficPolicy": "Local"},
    ],
)
def test_an_alb_exposure_takes_no_field_of_layer_4(field: Any) -> None:
    (problem,) = problems(alb(**field))
    assert problem.id == "GX0309"
    assert next(iter(field)) in problem.what


def test_a_default_that_is_written_out_is_no_field_of_layer_4() -> None:
    assert ids(alb(preserveClientIP=False, sessionPersistence=False, trafficPolicy="Auto")) == []


PERSISTENT = {"sessionPersistence": {"timeoutSeconds": 900}}


@pytest.mark.parametrize(
    ("kind", "placement", "plugin", "expected"),
    [
        (kind, placement, plugin, expected)
        for kind, placement, row in [
            ("CLB", "Cloud", ([], [], [], [])),
            ("CLB", "Edge", ([], [], [], [])),
            ("CLB", "Hybrid", (["GX0323"], ["GX0323"], ["GX0323"], ["GX0323"])),
            ("NLB", "Cloud", ([], [], [], [])),
            ("NLB", "Edge", (["GX0321"], [], ["GX0321"], ["GX0321"])),
            ("NLB", "Hybrid", (["GX0321"], [], ["GX0321"], ["GX0321"])),
        ]
        for plugin, expected in zip(
            ("Terway", "TerwayEdge", "Flannel", "FlannelVXLAN"), row, strict=True
        )
    ],
)
def test_the_table_of_placements_holds_cell_by_cell(
    kind: str, placement: str, plugin: str, expected: list[str]
) -> None:
    document = layer4(kind, placement=placement)
    assert ids(fleet(target(networkPlugin=plugin)), document) == expected


@pytest.mark.parametrize(
    ("kind", "plugin", "spec", "expected"),
    [
        ("CLB", "Flannel", {"preserveClientIP": True}, []),
        ("CLB", "Flannel", PERSISTENT, []),
        ("CLB", "Flannel", {"trafficPolicy": "Local"}, []),
        ("CLB", "Flannel", {"preserveClientIP": True, "trafficPolicy": "Local"}, []),
        ("CLB", "Flannel", {"preserveClientIP": True, "trafficPolicy": "Cluster"}, ["GX0326"]),
        ("CLB", "Flannel", {**PERSISTENT, "trafficPolicy": "Cluster"}, ["GX0326"]),
        ("NLB", "Flannel", {"preserveClientIP": True, "trafficPolicy": "Cluster"}, ["GX0326"]),
        ("NLB", "Flannel", PERSISTENT, ["GX0325"]),
        ("NLB", "Terway", {"preserveClientIP": True, "trafficPolicy": "Cluster"}, []),
        ("NLB", "Terway", {"trafficPolicy": "Local"}, ["GX0327"]),
        ("NLB", "Terway", PERSISTENT, ["GX0325"]),
    ],
)
def test_the_table_of_needs_holds_cell_by_cell(
    kind: str, plugin: str, spec: Any, expected: list[str]
) -> None:
    assert ids(fleet(target(networkPlugin=plugin)), layer4(kind, **spec)) == expected


@pytest.mark.parametrize("placement", ["Edge", "Hybrid"])
@pytest.mark.parametrize(
    "spec", [{"preserveClientIP": True}, PERSISTENT, {"trafficPolicy": "Local"}]
)
def test_what_ecs_forwarding_cannot_give_is_refused_with_the_reason(
    placement: str, spec: Any
) -> None:
    found = [p for p in problems(layer4(placement=placement, **spec)) if p.is_error]
    assert [p.id for p in found] == ["GX0322"]
    assert "forwarded over the circuit" in found[0].why
    assert found[0].target == "edge"


@pytest.mark.parametrize("placement", ["Edge", "Hybrid"])
def test_no_load_balancer_is_recommended_that_cannot_meet_the_need_either(placement: str) -> None:
    def mends(kind: str, **spec: Any) -> list[str]:
        found = problems(layer4(kind, placement=placement, **spec))
        return [problem.mend for problem in found if problem.is_error]

    assert mends("CLB", **PERSISTENT) == ["Remove it."]
    assert mends("NLB", **PERSISTENT) == [f"Remove it: a CLB has none for {placement} pods either."]
    (mend,) = mends("CLB", preserveClientIP=True)
    assert "NLB" in mend
    assert mends("NLB", preserveClientIP=True) == []
    assert mends("CLB", trafficPolicy="Local") == ["Remove it."]


def test_a_clb_is_recommended_to_an_nlb_where_it_can_meet_the_need() -> None:
    (problem,) = problems(layer4("NLB", **PERSISTENT))
    assert problem.mend == "Remove it, or use a CLB."


def test_a_clb_is_no_way_out_for_pods_whose_need_it_cannot_meet() -> None:
    flannel = fleet(target(networkPlugin="Flannel"))
    (plain,) = problems(flannel, layer4("NLB", placement="Edge"))
    (needy,) = problems(flannel, layer4("NLB", placement="Edge", preserveClientIP=True))
    assert ("CLB" in plain.mend, "CLB" in needy.mend) == (True, False)


@pytest.mark.parametrize(
    ("kind", "placement"), [("CLB", "Edge"), ("NLB", "Edge"), ("NLB", "Hybrid")]
)
def test_pods_outside_the_cloud_need_a_declared_circuit(kind: str, placement: str) -> None:
    assert ids(fleet(target(networks=[])), layer4(kind, placement=placement)) == ["GX0324"]


@pytest.mark.parametrize("nlb", [None, {"zones": {}}, {"zones": {"cn-hangzhou-k": "vsw-k"}}])
def test_an_nlb_needs_two_zones(nlb: Any) -> None:
    assert ids(fleet(target(nlb=nlb)), layer4("NLB")) == ["GX0328"]


def test_a_clb_needs_no_zones() -> None:
    assert ids(fleet(target(nlb=None)), layer4("CLB")) == []


def test_a_name_that_makes_the_controllers_group_name_too_long_is_refused() -> None:
    assert ids(layer4("NLB", name="x" * 63)) == []
    long = layer4("NLB", name="x" * 63)
    long["metadata"]["namespace"] = "y" * 40
    assert ids(long) == ["GX0330"]
    long["spec"]["loadBalancer"]["type"] = "CLB"
    assert ids(long) == []
