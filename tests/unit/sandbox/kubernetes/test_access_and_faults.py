"""Rights and faults are data matched against requests."""

from __future__ import annotations

import pytest

from gitopsd.sandbox.kubernetes.access import EVERYTHING, Access, Attributes, Rule
from gitopsd.sandbox.kubernetes.errors import ApiError
from gitopsd.sandbox.kubernetes.faults import Fault, FaultRequest, Faults

READ_SERVICES = Rule(("get", "list"), ("",), ("services",), namespaces=("shop",))


def test_a_rule_allows_what_it_names_and_nothing_else() -> None:
    for verb, group, resource, sub, namespace, allowed in (
        ("get", "", "services", "", "shop", True),
        ("get", "", "services", "", "other", False),
        ("get", "", "services", "", "", False),
        ("get", "", "services", "status", "shop", False),
        ("delete", "", "services", "", "shop", False),
        ("get", "apps", "services", "", "shop", False),
    ):
        asked = Attributes(verb, group, resource, sub, namespace, "tea")
        assert READ_SERVICES.allows(asked) is allowed
        assert EVERYTHING.allows(asked)


def test_names_limit_a_rule_to_objects() -> None:
    rule = Rule(("*",), ("*",), ("*",), names=("tea",))
    assert rule.allows(Attributes("get", "", "services", "", "n", "tea"))
    assert not rule.allows(Attributes("list", "", "services", "", "n"))


def test_a_refusal_says_who_what_and_where() -> None:
    access = Access()
    access.grant("t", "ann", [READ_SERVICES])
    user = access.authenticate("Bearer t")
    with pytest.raises(ApiError) as refusal:
        access.authorize(user, Attributes("delete", "x.io", "things", "status", "", "a"))
    assert refusal.value.message == (
        'things.x.io "a" is forbidden: User "ann" cannot delete resource "things/status" in API '
        'group "x.io" at the cluster scope'
    )


def test_no_token_is_anonymous_and_a_wrong_one_nobody() -> None:
    access = Access()
    assert access.authenticate("").name == "system:anonymous"
    with pytest.raises(ApiError) as refusal:
        access.authenticate("Bearer nope")
    assert refusal.value.code == 401


def request(verb: str = "get", resource: str = "services", name: str = "tea") -> FaultRequest:
    return FaultRequest(verb, resource, "shop", name, "admin")


def test_a_fault_strikes_so_many_matching_requests_after_so_many() -> None:
    faults = Faults()
    faults.add(Fault("error", verbs=("get",), times=2, after=1))
    struck = [bool(faults.hits(request())) for _ in range(5)]
    assert struck == [False, True, True, False, False]
    assert faults.pending() == []


def test_a_fault_passes_over_requests_it_does_not_name() -> None:
    faults = Faults()
    faults.add(Fault("error", resources=("secrets",), times=0))
    assert faults.hits(request()) == []
    assert len(faults.hits(request(resource="secrets"))) == 1
    assert len(faults.hits(request(resource="secrets"))) == 1
    faults.clear()
    assert faults.hits(request(resource="secrets")) == []


def test_a_conflict_strikes_writes_and_leaves_reads_alone() -> None:
    faults = Faults()
    faults.add(Fault("conflict"))
    assert not any(faults.hits(request(verb)) for verb in ("get", "list", "watch"))
    (struck,) = faults.hits(request("patch"))
    assert (struck.kind, struck.tally.seen) == ("conflict", 1)
