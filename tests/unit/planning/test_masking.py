"""A field that must stay as somebody made it is sent with its live value."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsd.model.verdict import Cause, Difference
from gitopsd.planning.masking import masked
from tests.unit.build import ingress, live, service

KEY = "service.beta.kubernetes.io/backend-type"


def kept(path: str, wanted: Any = "ours") -> Difference:
    return Difference(service().identity, path, wanted, "theirs", Cause.DRIFT, "Report")


def test_a_scalar_keeps_its_live_value() -> None:
    seen = live(service())
    seen.manifest["spec"]["externalTrafficPolicy"] = "Local"
    sent = masked(service().manifest, seen, [kept("spec.externalTrafficPolicy")])
    assert sent["spec"]["externalTrafficPolicy"] == "Local"
    assert service().manifest["spec"]["externalTrafficPolicy"] == "Cluster"


def test_what_another_manager_holds_now_is_left_out() -> None:
    seen = live(service(), edits={"spec.externalTrafficPolicy": "Local"})
    sent = masked(service().manifest, seen, [kept("spec.externalTrafficPolicy")])
    assert "externalTrafficPolicy" not in sent["spec"]


def test_an_annotation_that_somebody_removed_stays_removed() -> None:
    item = service(annotations={KEY: "eni"})
    seen = live(item, edits={f"metadata.annotations@{KEY}": None})
    sent = masked(item.manifest, seen, [kept(f"metadata.annotations[{KEY}]")])
    assert "annotations" not in sent["metadata"]


@pytest.mark.parametrize("path", ["spec.selector.track", "spec.selector"])
def test_a_selector_is_kept_whole(path: str) -> None:
    seen = live(service())
    seen.manifest["spec"]["selector"] = {"app": "tea", "track": "canary"}
    sent = masked(service().manifest, seen, [kept(path)])
    assert sent["spec"]["selector"] == {"app": "tea", "track": "canary"}


def test_the_rules_of_an_ingress_are_kept_whole() -> None:
    rules = [{"host": "other.example.com"}]
    seen = live(ingress(groups=[]))
    seen.manifest["spec"]["rules"] = rules
    sent = masked(ingress(groups=[]).manifest, seen, [kept("spec.rules[0].host")])
    assert sent["spec"]["rules"] == rules


def test_one_field_of_one_port_is_kept_and_the_others_are_ours() -> None:
    item = service(ports=[{"name": "a", "port": 80, "targetPort": 1}, {"name": "b", "port": 81}])
    seen = live(item)
    seen.manifest["spec"]["ports"][0]["targetPort"] = 9
    sent = masked(item.manifest, seen, [kept("spec.ports[80/TCP].targetPort")])
    assert [port.get("targetPort") for port in sent["spec"]["ports"]] == [9, None]
    assert [port["name"] for port in sent["spec"]["ports"]] == ["a", "b"]


def test_a_port_that_somebody_removed_stays_removed() -> None:
    item = service(ports=[{"name": "a", "port": 80}, {"name": "b", "port": 81}])
    seen = live(item)
    del seen.manifest["spec"]["ports"][0]
    sent = masked(item.manifest, seen, [kept("spec.ports[80/TCP]", {"port": 80})])
    assert [port["port"] for port in sent["spec"]["ports"]] == [81]


def test_an_addition_of_others_is_nothing_we_send() -> None:
    seen = live(service(), edits={"spec.externalIPs": ["192.0.2.1"]})
    sent = masked(service().manifest, seen, [kept("spec.externalIPs", None)])
    assert "externalIPs" not in sent["spec"]
