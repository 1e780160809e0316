from __future__ import annotations

from typing import Any

import pytest

from tests.unit.rules.repository import CHENGDU, IDC, fleet, group, ids, problems, target

LOCAL = {"location": "SameVPC"}
ECS = {"instanceId": "i-bp1tea", "port": 80}
IP = {"ip": "192.168.20.11", "port": 80}
INSIDE = {"ip": "172.16.4.4", "port": 80}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, []),
        ({"protocol": "http"}, ["GX0601"]),
        ({"protocol": "gRPC"}, []),
        ({"product": "NLB", "protocol": "HTTP"}, ["GX0601"]),
        ({"product": "NLB", "protocol": "TCP_UDP"}, []),
        ({"scheduler": "Wrr"}, []),
        ({"scheduler": "wrr"}, ["GX0602"]),
        ({"scheduler": "Uch"}, ["GX0602"]),
        ({"product": "NLB", "protocol": "TCP", "scheduler": "sch"}, []),
        ({"product": "NLB", "protocol": "TCP", "scheduler": "qch"}, ["GX0602"]),
        ({"product": "NLB", "protocol": "UDP", "scheduler": "qch"}, []),
        ({"serverGroupId": "sgp-abc"}, []),
        ({"serverGroupId": "sgp-abc****"}, ["GX0610"]),
        ({"healthCheck": {"enabled": False}}, []),
        ({"healthCheck": {"enabled": False, "path": "/x"}}, ["GX0645"]),
        ({"healthCheck": {"path": "/healthz", "intervalSeconds": 5, "codes": ["http_2xx"]}}, []),
        ({"healthCheck": {"intervalSeconds": 51}}, ["GX0641"]),
        ({"healthCheck": {"timeoutSeconds": 0}}, ["GX0641"]),
        ({"healthCheck": {"healthyThreshold": 1}}, ["GX0641"]),
        ({"healthCheck": {"protocol": "UDP"}}, ["GX0642"]),
        ({"healthCheck": {"method": "PUT"}}, ["GX0642"]),
        ({"healthCheck": {"codes": ["200"]}}, ["GX0642"]),
        ({"healthCheck": {"codes": []}}, ["GX0642"]),
        ({"healthCheck": {"protocol": "gRPC", "codes": ["0"]}}, []),
        ({"healthCheck": {"path": "healthz"}}, ["GX0643"]),
        ({"healthCheck": {"path": "/" + "a" * 80}}, ["GX0643"]),
        ({"healthCheck": {"host": "not a host"}}, ["GX0643"]),
        ({"healthCheck": {"host": "$SERVER_IP"}}, []),
        ({"healthCheck": {"protocol": "TCP", "path": "/x"}}, ["GX0644"]),
        ({"product": "NLB", "protocol": "TCP", "healthCheck": {"path": "/x"}}, ["GX0644"]),
        (
            {
                "product": "NLB",
                "protocol": "TCP",
                "healthCheck": {"protocol": "HTTP", "path": "/x", "method": "GET"},
            },
            [],
        ),
        (
            {
                "product": "NLB",
                "protocol": "UDP",
                "healthCheck": {"protocol": "UDP", "intervalSeconds": 300},
            },
            [],
        ),
    ],
)
def test_a_mistake_in_a_group_is_found(spec: Any, expected: list[str]) -> None:
    assert ids(group(**spec)) == expected


def test_a_word_in_another_case_is_told_in_the_right_one() -> None:
    (problem,) = problems(group(scheduler="wrr"))
    assert problem.mend == "Did you mean Wrr?"


@pytest.mark.parametrize(
    ("servers", "spec", "expected"),
    [
        ([ECS], LOCAL, []),
        ([INSIDE], LOCAL, []),
        ([{"port": 80}], {}, ["GX0603"]),
        ([{**ECS, **INSIDE}], LOCAL, ["GX0603"]),
        ([ECS, INSIDE], LOCAL, ["GX0604"]),
        ([ECS], {}, ["GX0605"]),
        ([{"instanceId": "tea-1", "port": 80}], LOCAL, ["GX0606"]),
        ([IP, IP], {}, ["GX0607"]),
        ([IP, {**IP, "port": 81}], {}, []),
        ([{**IP, "weight": 0}], {}, ["GX0609"]),
        ([{"ip": "192.168.20", "port": 80}], {}, ["GX0701"]),
        ([{"ip": "fd00::1", "port": 80}], {}, ["GX0701"]),
        ([IP], LOCAL, ["GX0711"]),
        ([{"ip": "8.8.8.8", "port": 80}], {}, ["GX0712", "GX0713"]),
        ([INSIDE], {}, ["GX0713"]),
        ([{"ip": "10.8.0.1", "port": 80}], {}, ["GX0713"]),
        ([{"ip": "10.8.0.1", "port": 80}], {"location": "CrossRegion"}, []),
        ([IP], {"location": "CrossRegion"}, ["GX0713"]),
    ],
)
def test_a_mistake_in_servers_is_found(servers: Any, spec: Any, expected: list[str]) -> None:
    assert ids(group(*servers, **spec)) == expected


def test_an_empty_group_is_told() -> None:
    document = group()
    document["spec"]["servers"] = []
    assert ids(document) == ["GX0609"]


@pytest.mark.parametrize(
    ("product", "protocol", "most"), [("ALB", "HTTP", 1000), ("NLB", "TCP", 400)]
)
def test_a_group_has_a_limit_of_servers(product: str, protocol: str, most: int) -> None:
    servers = [{"ip": "192.168.20.11", "port": 1000 + n} for n in range(most + 1)]
    spec = {"product": product, "protocol": protocol}
    assert ids(group(*servers[:-1], **spec)) == []
    assert ids(group(*servers, **spec)) == ["GX0608"]


def test_the_location_that_an_address_is_in_is_told() -> None:
    (local,) = problems(group(IP, **LOCAL))
    assert local.mend == "It is in network idc: set location: OnPremises."
    (remote,) = problems(group(INSIDE))
    assert remote.mend == "It is in the target's own VPC: set location: SameVPC."
    (other,) = problems(group(IP, location="CrossRegion"))
    assert other.mend == "It is in network idc: set location: OnPremises."


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ({**IDC, "vbr": None}, ["GX0714"]),
        ({**IDC, "cen": None}, ["GX0714"]),
        ({**IDC, "transitRouter": None}, ["GX0715"]),
    ],
)
def test_a_data_centre_is_reached_over_cen_and_vbr(network: Any, expected: list[str]) -> None:
    assert ids(fleet(target(networks=[network])), group()) == expected


@pytest.mark.parametrize("field", ["cen", "transitRouter", "region"])
def test_another_regions_way_is_best_declared(field: str) -> None:
    networks = [{**CHENGDU, field: None}]
    document = group({"ip": "10.8.0.1", "port": 80}, location="CrossRegion")
    assert ids(fleet(target(networks=networks)), document) == ["GX0715"]


def test_a_group_needs_a_vpc() -> None:
    assert ids(fleet(target(vpc=None)), group()) == ["GX0621"]


def test_a_group_to_adopt_is_of_one_target_and_one_document() -> None:
    both = fleet(target("a"), target("b", kubeContext="b"))
    adopted = {"serverGroupId": "sgp-abc"}
    assert ids(both, group(targets=["a", "b"], **adopted)) == ["GX0611"]
    assert ids(group(**adopted), group(name="other", **adopted)) == ["GX0815", "GX0815"]


def test_a_problem_of_one_target_names_it() -> None:
    both = fleet(target("a"), target("b", kubeContext="b", networks=[]))
    (problem,) = problems(both, group(targets=["a", "b"]))
    assert (problem.id, problem.target) == ("GX0713", "b")


END = {"until": "2027-01-31", "reason": "migration"}


class TestDrift:
    @pytest.mark.parametrize(
        ("entry", "expected"),
        [
            ({"path": "ServerGroup/servers[192.168.20.11:8080].weight", **END}, []),
            ({"path": "ServerGroup", **END}, []),
            ({"path": "Service/spec.ports", **END}, ["GX0901"]),
            ({"path": "ServerGroup/", **END}, ["GX0901"]),
            ({"path": "ServerGroup/servers"}, ["GX0902"]),
            ({"path": "ServerGroup/servers", "until": "2027-01-31"}, ["GX0902"]),
        ],
    )
    def test_an_exception_has_a_path_an_end_and_a_reason(
        self, entry: Any, expected: list[str]
    ) -> None:
        assert ids(group(drift={"ignore": [entry]})) == expected
        assert ids(group(drift={"paths": [{**entry, "mode": "Report"}]})) == expected

    def test_a_path_that_is_corrected_needs_no_end(self) -> None:
        told = {"path": "ServerGroup/servers", "mode": "Correct"}
        assert ids(group(drift={"mode": "Report", "paths": [told]})) == []

    @pytest.mark.parametrize("given", [{"until": END["until"]}, {"reason": "migration"}, END])
    def test_an_end_or_a_reason_needs_a_mode(self, given: dict[str, str]) -> None:
        (problem,) = problems(fleet(), group(drift=given))
        assert problem.id == "GX0904"
        assert " and ".join(given) in problem.what
        assert ids(group(drift={"mode": "Correct", **given})) == []
        assert ids(group(drift={"mode": "Ignore", **END})) == []

    def test_a_path_has_one_mode(self) -> None:
        told = {"path": "ServerGroup/servers", "mode": "Correct"}
        twice = {"ignore": [{"path": "ServerGroup/servers", **END}], "paths": [told]}
        assert ids(group(drift=twice)) == ["GX0903"]
