from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from gitopsd.compiler import RULES
from gitopsd.compiler.rendering import render
from gitopsd.compiler.yaml_text import render_yaml
from gitopsd.model.desired import DesiredState
from gitopsd.model.ownership import Owner
from gitopsd.model.paths import join
from tests.unit.rules.repository import alb, fleet, group, layer4, route, state, target

PODS = {"pods": {"selector": {"app": "coffee"}}, "port": 80, "weight": 20}
DOCUMENTS = (
    layer4(name="web", preserveClientIP=True),
    layer4("NLB", name="hybrid", placement="Hybrid"),
    alb(route({"service": "tea-svc", "port": 80, "weight": 80}, PODS,
              {"serverGroup": "warehouse", "weight": 1})),
    group({"ip": "192.168.20.11", "port": 8080}, {"ip": "192.168.20.12", "port": 80, "weight": 1},
          healthCheck={"path": "/healthz", "codes": ["http_2xx"]}),
    group(name="nlb", product="NLB", protocol="TCP", scheduler="Wlc"),
    group({"instanceId": "i-1", "port": 80}, name="ecs", location="SameVPC"),
    layer4(name="broken", ports=[]),
)  # fmt: skip


def made() -> DesiredState:
    return state(*DOCUMENTS)


def leaves(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[str]:
    """Dotted paths of everything that is no mapping and no list of mappings."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*keys, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, item in enumerate(value):
            yield from leaves(item, (*keys, index))
    else:
        yield join(keys)


def test_the_contract_has_targets_and_problems() -> None:
    content = render(made())
    assert json.loads(json.dumps(content)) == content
    assert set(content) == {"targets", "problems"}
    (only,) = content["targets"]
    assert set(only) == {"name", "objects", "serverGroups"}
    assert [(o["kind"], o["metadata"]["name"]) for o in only["objects"]] == [
        ("Service", "hybrid"),
        ("Ingress", "tea"),
        ("Service", "tea-forward-1"),
        ("Service", "web"),
    ]
    assert [set(g) for g in only["serverGroups"]] == [
        {"namespace", "name", "product", "create", "servers"}
    ] * 3
    assert [p["id"] for p in content["problems"]] == ["GX0303"]


def test_servers_carry_the_mark_of_the_instance() -> None:
    for instance in (None, "blue"):
        content = render(state(*DOCUMENTS, instance=instance), instance=instance)
        marks = {
            server["Description"]
            for item in content["targets"][0]["serverGroups"]
            for server in item["servers"]
        }
        assert marks == {f"gitopsd/{instance or 'acme'}"}


def test_a_group_is_created_with_all_its_marks_but_the_digest() -> None:
    document = group(deletionPolicy="Retain")
    made_ = state(document, instance="blue")
    (item,) = render(made_, instance="blue")["targets"][0]["serverGroups"]
    (desired,) = made_.targets["edge"].groups.values()
    owner = Owner("blue", "edge")
    tags = {tag["Key"]: tag["Value"] for tag in item["create"]["Tag"]}
    assert tags == owner.tags(desired.identity, desired.shape, retain=True)
    assert tags["gitopsd.io/deletion-policy"] == "Retain"
    assert all(set(tag) == {"Key", "Value"} for tag in item["create"]["Tag"])


def test_an_id_that_is_not_known_stands_as_a_reference() -> None:
    (ingress,) = (o for o in render(made())["targets"][0]["objects"] if o["kind"] == "Ingress")
    (value,) = ingress["metadata"]["annotations"].values()
    (action,) = json.loads(value)
    assert action["ForwardConfig"]["ServerGroups"][2]["ServerGroupID"] == "<shop/warehouse>"


def test_every_field_of_every_object_is_explained() -> None:
    for item in render(made(), explain=True)["targets"][0]["objects"]:
        explained = item.pop("explain")
        assert set(leaves(item)) == set(explained)
        for told in explained.values():
            assert told["because"] == RULES[told["rule"]].because


def test_every_field_of_every_group_is_explained() -> None:
    for item in render(made(), explain=True)["targets"][0]["serverGroups"]:
        explained = item.pop("explain")
        for key in ("namespace", "name", "product"):
            item.pop(key)
        assert set(leaves(item)) == set(explained)


def test_an_explanation_names_the_line_that_asked() -> None:
    (web,) = (
        o
        for o in render(made(), explain=True)["targets"][0]["objects"]
        if o["metadata"]["name"] == "web"
    )
    told = web["explain"]["spec.externalTrafficPolicy"]
    assert told["rule"] == "GR0212"
    assert told["position"].startswith("0.yaml:")


def test_every_explanation_names_a_line() -> None:
    (target,) = render(made(), explain=True)["targets"]
    for item in (*target["objects"], *target["serverGroups"]):
        for path, told in item["explain"].items():
            assert re.fullmatch(r"\d\.yaml:\d+:\d+", told["position"]), path


def test_every_rule_is_a_sentence_with_a_source() -> None:
    for id_, rule in RULES.items():
        assert id_.startswith("GR0")
        assert rule.because
        assert not rule.because.endswith(".")
        assert rule.source.startswith(("design §", "facts §"))


def test_the_yaml_reads_back_as_what_was_compiled() -> None:
    content = render(made())["targets"][0]
    for explain in (False, True):
        documents = list(yaml.safe_load_all("\n".join(render_yaml(made(), explain=explain))))
        assert [d for d in documents if "serverGroup" not in d] == content["objects"]
        assert [d["serverGroup"] for d in documents if "serverGroup" in d] == (
            content["serverGroups"]
        )


def test_a_target_starts_with_a_comment_that_counts() -> None:
    both = fleet(target("a"), target("b", kubeContext="b", state="Retiring"))
    documents = (both, layer4(targets=["a", "b"]), layer4(name="x", ports=[], targets=["a"]))
    headings = [line for line in render_yaml(state(*documents)) if line.startswith("#")]
    assert headings == [
        "# target a: 1 object, 0 server groups, 1 document held",
        "# target b: 0 objects, 0 server groups, retiring, 1 document held",
    ]


def test_text_that_yaml_could_misread_is_quoted() -> None:
    selector = {"a": "true", "b": "010", "c": "null", "d": "1.5", "e": "y", "f": "x-1"}
    lines = list(render_yaml(state(layer4(pods={"selector": selector}))))
    (read,) = yaml.safe_load_all("\n".join(lines))
    assert read["spec"]["selector"] == selector
    assert "    f: x-1" in lines


def test_a_comment_follows_each_field_that_is_explained() -> None:
    lines = list(render_yaml(state(layer4()), explain=True))
    (policy,) = (line for line in lines if "externalTrafficPolicy" in line)
    assert policy.startswith("  externalTrafficPolicy: Cluster  # GR0211: ")
