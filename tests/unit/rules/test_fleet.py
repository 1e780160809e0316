from __future__ import annotations

from typing import Any

import pytest

from tests.unit.rules.repository import CHENGDU, IDC, fleet, ids, layer4, problems, target


def test_a_whole_fleet_has_no_problem() -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([target(), target(kubeContext="b")], ["GX0101"]),
        ([target("Edge")], ["GX0102"]),
        ([target("a"), target("b")], ["GX0103"]),
        ([target("a", kubeContext="x"), target("b", kubeContext="x")], ["GX0104"]),
        ([target("a", clusterUid="u"), target("b", kubeContext="x", clusterUid="u")], ["GX0104"]),
        ([target(vpc={"id": "vpc-1", "cidrs": ["172.16.0.1/16"]})], ["GX0105"]),
        ([target(vpc={"id": "vpc-1", "cidrs": ["nonsense"]})], ["GX0105"]),
        ([target(networks=[{**IDC, "cidrs": ["172.16.5.0/24"]}])], ["GX0106"]),
        ([target(networks=[IDC, {**CHENGDU, "cidrs": ["192.168.0.0/16"]}])], ["GX0106"]),
        ([target(vpc={"id": "v", "cidrs": ["172.16.0.0/16", "172.16.1.0/24"]})], ["GX0106"]),
        ([target(networks=[IDC, {**CHENGDU, "name": "idc"}])], ["GX0107"]),
        ([target(albs=[{"ingressClass": "alb"}, {"ingressClass": "alb"}])], ["GX0108"]),
        ([target(nlb={"zones": {"k": "vsw-k, j", "j": "vsw-j"}})], ["GX0109"]),
        ([target(nodes={"cloudLabel": "ecs"})], ["GX0110"]),
        ([target(nodes={"cloudLabel": "type=ecs,pool=a"})], []),
    ],
)
def test_a_mistake_in_the_fleet_is_found(targets: list[Any], expected: list[str]) -> None:
    assert ids(fleet(*targets)) == expected


@pytest.mark.parametrize(
    ("drift", "expected"),
    [
        ({"until": "2027-01-31"}, ["GX0905"]),
        ({"reason": "migration"}, ["GX0905"]),
        ({"mode": "Correct", "until": "2027-01-31"}, ["GX0905"]),
        ({"mode": "Correct", "reason": "as agreed"}, []),
        ({"mode": "Report", "until": "2027-01-31", "reason": "migration"}, []),
    ],
)
def test_an_end_of_the_fleets_mode_that_changes_nothing_is_told(
    drift: dict[str, str], expected: list[str]
) -> None:
    assert ids(fleet(drift=drift)) == expected


def test_the_name_of_a_fleet_is_no_longer_than_that_of_an_instance() -> None:
    document = fleet()
    document["metadata"]["name"] = "a" * 40
    assert ids(document) == []
    document["metadata"]["name"] = "a" * 41
    (problem,) = problems(document)
    assert (problem.id, problem.is_error) == ("GX0111", True)
    assert "40 characters" in problem.mend


def test_networks_of_different_targets_may_overlap() -> None:
    assert ids(fleet(target("a"), target("b", kubeContext="b"))) == []


def test_a_range_that_is_none_is_told_where_it_stands() -> None:
    (problem,) = problems(fleet(target(vpc={"id": "vpc-1", "cidrs": ["172.17.0.0/16", "x"]})))
    assert problem.position is not None
    assert (problem.position.file, problem.position.line > 1) == ("fleet.yaml", True)
    assert str(problem.subject) == "Fleet//acme"


def test_nodes_that_are_not_ecs_are_told_once_for_all_exposures() -> None:
    documents = [layer4(name=name) for name in ("a", "b", "c", "d")]
    (problem,) = problems(fleet(target(nodes=None)), *documents)
    assert (problem.id, problem.is_error, problem.target) == ("GX0329", False, "edge")
    assert "shop/a, shop/b, shop/c and 1 more" in problem.what


@pytest.mark.parametrize("plugin", ["Terway", "Flannel"])
def test_a_cluster_with_ecs_nodes_only_needs_no_label(plugin: str) -> None:
    assert ids(fleet(target(nodes=None, networkPlugin=plugin)), layer4()) == []
