from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tests.unit.rules.repository import alb, fleet, group, ids, layer4, problems, route, target

TEA = {"service": "tea-svc", "port": 80}
PODS = {"pods": {"selector": {"app": "tea"}}, "port": 80}
BY_NAME = {"serverGroup": "warehouse"}
BY_ID = {"serverGroupId": "sgp-slygpbvm2cydo"}


AS_IT_IS = {"pathType": "ImplementationSpecific"}


def weighed(*backends: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**backend, "weight": 50} for backend in backends]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        ({"name": "Forward"}, ["GX0402"]),
        ({"name": "a" * 55}, []),
        ({"name": "a" * 56}, ["GX0402"]),
        ({"name": "1st"}, ["GX0402"]),
        ({"host": "*.example.com"}, []),
        ({"host": None}, []),
        ({"host": "Tea.example.com"}, ["GX0404"]),
        ({"host": "tea.example.com:80"}, ["GX0404"]),
        ({"host": "https://tea.example.com"}, ["GX0404"]),
        ({"host": "tea.*.com"}, ["GX0404"]),
        ({"host": "192.168.0.1"}, ["GX0404"]),
        ({"host": ""}, ["GX0404"]),
        ({"path": "tea"}, ["GX0405"]),
        ({"path": "/a b"}, ["GX0405"]),
        ({"path": "/" + "a" * 128}, ["GX0405"]),
        ({"path": "/a//b"}, ["GX0405"]),
        ({"path": "/a/../b"}, ["GX0405"]),
        ({"path": "/a%2Fb"}, ["GX0405"]),
        ({"path": "/a/*"}, ["GX0406"]),
        ({"path": "/a?", "pathType": "Exact"}, ["GX0406"]),
        ({"path": "/a/*", "pathType": "ImplementationSpecific"}, []),
    ],
)
def test_a_mistake_in_a_route_is_found(fields: Any, expected: list[str]) -> None:
    assert ids(alb(route(TEA, **fields))) == expected


def test_an_alb_exposure_needs_routes() -> None:
    document = alb()
    document["spec"]["routes"] = []
    assert ids(document) == ["GX0401"]


def test_routes_have_names_of_their_own() -> None:
    assert ids(alb(route(TEA), route(TEA, path="/other"))) == ["GX0403"]


@pytest.mark.parametrize(
    ("albs", "balancer", "expected"),
    [
        ([], {"type": "ALB"}, ["GX0411"]),
        ([{"ingressClass": "a"}], {"type": "ALB", "ingressClass": "b"}, ["GX0411"]),
        ([{"ingressClass": "a"}], {"type": "ALB", "ingressClass": "a"}, []),
        ([{"ingressClass": "a"}], {"type": "ALB", "scheme": "Internet"}, []),
        ([{"ingressClass": "a"}], {"type": "ALB", "scheme": "Intranet"}, ["GX0412"]),
        (
            [{"ingressClass": "a"}, {"ingressClass": "b", "scheme": "Intranet"}],
            {"type": "ALB", "scheme": "Intranet", "ingressClass": "b"},
            [],
        ),
    ],
)
def test_an_exposure_goes_to_an_alb_that_its_target_has(
    albs: Any, balancer: Any, expected: list[str]
) -> None:
    assert ids(fleet(target(albs=albs)), alb(loadBalancer=balancer)) == expected


@pytest.mark.parametrize(
    ("backends", "expected"),
    [
        ([TEA], []),
        ([PODS], []),
        ([BY_NAME], []),
        ([BY_ID], []),
        ([{}], ["GX0501"]),
        ([{**TEA, **BY_NAME}], ["GX0501"]),
        ([{**PODS, "service": "tea-svc"}], ["GX0501"]),
        ([{**BY_ID, **BY_NAME}], ["GX0501"]),
        ([{**TEA, **BY_ID}], ["GX0502"]),
        ([{"service": "tea-svc"}], ["GX0503"]),
        ([{"pods": {"selector": {"app": "tea"}}}], ["GX0503"]),
        ([{**BY_NAME, "port": 80}], ["GX0504"]),
        ([{**TEA, "weight": 50}], []),
        ([TEA, PODS], ["GX0505", "GX0505"]),
        ([{**TEA, "weight": 50}, PODS], ["GX0505"]),
        (weighed(TEA, PODS, BY_NAME, BY_ID), []),
        ([{**TEA, "weight": 0}], ["GX0514"]),
        ([{**BY_NAME, "weight": 0}], ["GX0514"]),
        ([{**TEA, "weight": 0}, {**PODS, "weight": 0}], ["GX0506"]),
        ([{**TEA, "weight": 0}, {**PODS, "weight": 1}], []),
        (weighed(TEA, PODS, PODS, PODS, BY_ID), []),
        (weighed(TEA, PODS, PODS, PODS, PODS, PODS), ["GX0507"]),
        (weighed(TEA, TEA), ["GX0508"]),
        (weighed(TEA, {**TEA, "port": 81}), []),
        (weighed(BY_NAME, BY_NAME), ["GX0508"]),
        ([{"serverGroupId": "sgp-71aexb9y93ypo*****"}], ["GX0509"]),
        ([{"serverGroupId": "rsp-1"}], ["GX0509"]),
        ([{"service": "Tea", "port": 80}], ["GX0511"]),
        ([{"pods": {"selector": {"app": "a b"}}, "port": 80}], ["GX0512"]),
        ([{"pods": {"selector": {"app": "a"}, "targetPort": "80"}, "port": 80}], ["GX0512"]),
    ],
)
def test_a_mistake_in_backends_is_found(backends: Any, expected: list[str]) -> None:
    assert ids(alb(route(*backends)), group()) == expected


def test_a_masked_id_of_the_documents_is_refused_with_a_word_about_masking() -> None:
    (problem,) = problems(alb(route({"serverGroupId": "sgp-71aexb9y93ypo*****"})))
    assert "asterisks" in problem.why
    assert "ServerGroup" in problem.mend


def test_a_group_id_is_of_one_target() -> None:
    both = fleet(target("a"), target("b", kubeContext="b"))
    assert ids(both, alb(route(BY_ID), targets=["a"])) == []
    assert ids(both, alb(route(BY_ID), targets=["a", "b"])) == ["GX0510"]


def test_the_name_of_a_service_made_for_pods_has_an_end() -> None:
    assert ids(alb(route(PODS, name="a" * 30), name="b" * 30)) == []
    assert ids(alb(route(PODS, name="a" * 31), name="b" * 30)) == ["GX0511"]


def test_a_route_with_an_action_is_not_called_like_another_routes_service() -> None:
    action = route(*weighed(TEA, PODS), name="coffee-svc")
    plain = route({"service": "coffee-svc", "port": 80}, name="other", path="/other")
    assert ids(alb(action, plain)) == ["GX0513"]
    assert ids(alb({**action, "name": "coffee"}, plain)) == []


class TestReferences:
    def test_a_group_that_nobody_describes_is_missed(self) -> None:
        assert ids(alb(route(BY_NAME))) == ["GX0521"]

    def test_a_group_of_another_namespace_is_named(self) -> None:
        other = group()
        other["metadata"]["namespace"] = "depot"
        (problem,) = problems(alb(route(BY_NAME)), other)
        assert (problem.id, "depot" in problem.mend) == ("GX0521", True)

    def test_an_alb_does_not_send_to_a_group_of_an_nlb(self) -> None:
        assert ids(alb(route(BY_NAME)), group(product="NLB", protocol="TCP")) == ["GX0522"]

    def test_a_group_serves_each_target_of_the_exposure(self) -> None:
        both = fleet(target("a"), target("b", kubeContext="b"))
        exposure = alb(route(BY_NAME), targets=["a", "b"])
        (problem,) = problems(both, exposure, group(targets=["a"]))
        assert (problem.id, problem.target) == ("GX0531", "b")

    @pytest.mark.parametrize(
        ("edition", "spec", "expected"),
        [
            ("Basic", {"protocol": "HTTPS"}, ["GX0532"]),
            ("Basic", {"protocol": "gRPC"}, []),
            ("Basic", {"healthCheck": {"protocol": "HTTPS"}}, ["GX0532"]),
            ("Standard", {"protocol": "HTTPS"}, []),
        ],
    )
    def test_a_basic_alb_takes_fewer_protocols(
        self, edition: str, spec: Any, expected: list[str]
    ) -> None:
        basic = fleet(target(albs=[{"ingressClass": "alb", "edition": edition}]))
        assert ids(basic, alb(route(BY_NAME)), group(**spec)) == expected


class TestClashes:
    @pytest.mark.parametrize(
        ("first", "second", "expected"),
        [
            ({"path": "/a"}, {"path": "/b"}, []),
            ({"path": "/a"}, {"path": "/ab"}, []),
            ({"path": "/a"}, {"path": "/a"}, ["GX0801"]),
            ({"path": "/a/"}, {"path": "/a"}, ["GX0801"]),
            ({"path": "/a"}, {"path": "/a", "pathType": "Exact"}, ["GX0802"]),
            ({"path": "/a", "pathType": "Exact"}, {"path": "/a"}, []),
            ({"path": "/"}, {"path": "/a/b"}, ["GX0802"]),
            ({"path": "/a/b"}, {"path": "/"}, []),
            ({"host": None, "path": "/a"}, {"path": "/a/b"}, ["GX0802"]),
            ({"host": "*.example.com", "path": "/a"}, {"path": "/a"}, ["GX0802"]),
            ({"path": "/a"}, {"host": "*.example.com", "path": "/a"}, []),
            ({"host": "*.other.com", "path": "/a"}, {"path": "/a"}, []),
            ({"path": "/a"}, {"path": "/a/*", **AS_IT_IS}, ["GX0802"]),
            ({"path": "/a/*", **AS_IT_IS}, {"path": "/a"}, []),
            ({"path": "/a/b/*", **AS_IT_IS}, {"path": "/a/*", **AS_IT_IS}, []),
            ({"path": "/a/*", **AS_IT_IS}, {"path": "/a/b"}, ["GX0802"]),
            ({"path": "/a", **AS_IT_IS}, {"path": "/a", "pathType": "Exact"}, ["GX0801"]),
            ({"path": "/*", **AS_IT_IS}, {"path": "/"}, ["GX0801"]),
            ({"path": "/"}, {"path": "/*", **AS_IT_IS}, ["GX0801"]),
            ({"path": "/", **AS_IT_IS}, {"path": "/"}, []),
            ({"path": "/*", **AS_IT_IS}, {"path": "/a*", **AS_IT_IS}, ["GX0802"]),
        ],
    )
    def test_a_route_is_not_hidden_by_an_earlier_one(
        self, first: Any, second: Any, expected: list[str]
    ) -> None:
        document = alb(route(TEA, **first), route(TEA, name="second", **second))
        assert ids(document) == expected

    def test_two_exposures_do_not_claim_one_host_and_path(self) -> None:
        found = problems(alb(name="a"), alb(name="b"))
        assert [(p.id, p.subject.name if p.subject else "") for p in found] == [
            ("GX0811", "a"),
            ("GX0811", "b"),
        ]

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"path": "/a", "pathType": "Exact"}, {"path": "/a", **AS_IT_IS}),
            ({"path": "/"}, {"path": "/*", **AS_IT_IS}),
            ({"path": "/a/"}, {"path": "/a"}),
        ],
    )
    def test_paths_that_the_alb_is_given_alike_are_claimed_twice(
        self, first: Any, second: Any
    ) -> None:
        found = ids(alb(route(TEA, **first), name="a"), alb(route(TEA, **second), name="b"))
        assert found == ["GX0811", "GX0811"]

    def test_a_route_that_two_earlier_ones_take_together_is_told(self) -> None:
        routes = [
            route(TEA, path="/a", pathType="Exact"),
            route(TEA, name="below", path="/a/*", **AS_IT_IS),
            route(TEA, name="last", path="/a"),
        ]
        (problem,) = problems(alb(*routes))
        assert (problem.id, problem.what.split()[1]) == ("GX0802", "last")

    def test_exposures_on_different_albs_do_not_clash(self) -> None:
        two = fleet(target(albs=[{"ingressClass": "x"}, {"ingressClass": "y"}]))
        other = alb(name="b", loadBalancer={"type": "ALB", "ingressClass": "y"})
        assert ids(two, alb(name="a"), other) == []

    def test_exposures_at_different_targets_do_not_clash(self) -> None:
        both = fleet(target("a"), target("b", kubeContext="b"))
        assert ids(both, alb(name="x", targets=["a"]), alb(name="y", targets=["b"])) == []

    def test_a_route_hidden_by_another_exposure_is_told(self) -> None:
        whole = alb(route(TEA, path="/"), name="a")
        (problem,) = problems(whole, alb(name="b"))
        assert (problem.id, problem.subject.name if problem.subject else "") == ("GX0812", "b")
        assert ids(alb(route(TEA, path="/"), name="z"), alb(name="b")) == []

    def test_an_alb_has_a_quota_of_rules(self) -> None:
        routes = [route(TEA, name=f"r{n}", path=f"/{n}") for n in range(41)]
        basic = fleet(target(albs=[{"ingressClass": "alb", "edition": "Basic"}]))
        assert ids(basic, alb(*routes[:40])) == []
        (problem,) = problems(basic, alb(*routes))
        assert (problem.id, problem.is_error) == ("GX0813", False)
        assert ids(alb(*routes)) == []

    def test_a_service_is_made_by_one_exposure(self) -> None:
        made = alb(route(PODS), name="tea")
        assert ids(made, layer4(name="tea-forward-1")) == ["GX0814", "GX0814"]
        assert ids(made, layer4(name="tea-forward-2")) == []

    def test_two_routes_may_make_one_name_in_different_ways(self) -> None:
        first = alb(route(PODS, name="b-c"), name="a")
        second = alb(route(PODS, name="c", path="/other"), name="a-b")
        assert ids(first, second) == ["GX0814", "GX0814"]


class TestOneGroupByTwoNames:
    @pytest.mark.parametrize(
        ("backends", "expected"),
        [
            ((BY_NAME, {"serverGroupId": "sgp-a"}), ["GX0508"]),
            (({**TEA, "serverGroupId": "sgp-a"}, BY_NAME), ["GX0502", "GX0508"]),
            ((BY_NAME, {"serverGroupId": "sgp-b"}), []),
            ((BY_NAME, BY_NAME), ["GX0508"]),
        ],
    )
    def test_a_group_that_is_adopted_is_known_by_its_id(
        self, backends: Any, expected: list[str]
    ) -> None:
        found = ids(alb(route(*weighed(*backends))), group(serverGroupId="sgp-a"))
        assert found == expected

    def test_a_group_may_be_called_like_the_id_of_another(self) -> None:
        backends = weighed({"serverGroup": "sgp-a"}, {"serverGroupId": "sgp-a"})
        assert ids(alb(route(*backends)), group(name="sgp-a")) == []


class TestDriftOfGroups:
    END: ClassVar = {"until": "2027-01-31", "reason": "migration"}

    def test_an_exposure_excepts_paths_of_the_groups_it_names(self) -> None:
        entry = {"path": "ServerGroup/servers[192.168.20.11:8080].weight", **self.END}
        document = alb(route(BY_NAME), drift={"ignore": [entry]})
        assert ids(document, group()) == []

    @pytest.mark.parametrize("backend", [TEA, PODS, BY_ID])
    def test_an_exposure_that_names_no_group_has_no_paths_of_groups(self, backend: Any) -> None:
        entry = {"path": "ServerGroup/Scheduler", **self.END}
        assert ids(alb(route(backend), drift={"ignore": [entry]})) == ["GX0901"]


LONG = "x" * 5000


@pytest.mark.parametrize(
    "document",
    [
        alb(route(TEA, name=LONG)),
        alb(route(TEA, host=LONG)),
        alb(route(TEA, host="not a host " * 500)),
        alb(route(TEA, path=LONG)),
        alb(route(TEA, path="/" + LONG), route(TEA, path="/" + LONG)),
        alb(route({"service": LONG})),
        alb(route({"serverGroup": LONG})),
        alb(route({"serverGroupId": LONG})),
        alb(targets=[LONG]),
        alb(targets=["edge", *(f"other-{n}" for n in range(500))]),
        alb(loadBalancer={"type": "ALB", "ingressClass": LONG}),
        alb(drift={"ignore": [{"path": LONG}]}),
        layer4(pods={"selector": {LONG[:900]: LONG, "app": LONG}}),
        layer4(ports=[{"name": LONG, "port": 80, "targetPort": LONG}]),
        layer4(ports=[{"port": 80, "targetPort": "9" * 5000}]),
        group(protocol=LONG, scheduler=LONG, healthCheck={"path": LONG, "codes": [LONG]}),
        group({"ip": LONG, "port": 80}),
        group({"instanceId": LONG, "port": 80}),
        fleet(target(LONG), target(LONG)),
        fleet(target(vpc={"id": "v", "cidrs": [LONG]}, nodes={"cloudLabel": LONG})),
        fleet(
            target(nlb={"zones": {LONG[:900] + " ": LONG + " ", "b": "c"}}),
            target("b", kubeContext=LONG),
        ),
    ],
)
def test_a_message_is_short_however_long_the_value_is(document: Any) -> None:
    found = problems(document)
    assert found
    assert max(len(problem.what) for problem in found) <= 501
    assert max(len(problem.mend) for problem in found) <= 500


class TestTargets:
    both = staticmethod(lambda: fleet(target("a"), target("b", kubeContext="b")))

    def test_targets_may_be_left_out_when_there_is_one(self) -> None:
        assert ids(alb()) == []
        assert ids(self.both(), alb()) == ["GX0201"]

    def test_a_document_is_for_some_target(self) -> None:
        assert ids(alb(targets=[])) == ["GX0202"]

    def test_an_unknown_target_is_told_with_what_was_meant(self) -> None:
        (problem,) = problems(alb(targets=["egde"]))
        assert (problem.id, problem.mend) == ("GX0203", "Did you mean edge?")

    def test_a_target_is_named_once(self) -> None:
        assert ids(alb(targets=["edge", "edge"])) == ["GX0204"]

    def test_nothing_is_checked_for_a_target_that_is_emptied(self) -> None:
        retiring = target(state="Retiring", networkPlugin="Flannel", nlb=None)
        assert ids(fleet(retiring), layer4("NLB", placement="Edge")) == []


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("spec.rules[0].http.paths[0].backend", "spec.rules[demo.example.com/tea].backend"),
        ("spec.rules[3]", "of which this has 1"),
    ],
)
def test_an_exception_that_counts_routes_is_told_which_one_it_means(path: str, told: str) -> None:
    end = {"until": "2027-01-31", "reason": "migration"}
    one = alb(
        route(TEA, host="demo.example.com", path="/tea"),
        drift={"ignore": [{"path": f"Ingress/{path}", **end}]},
    )
    (problem,) = problems(one)
    assert problem.id == "GX0906"
    assert told in f"{problem}"
