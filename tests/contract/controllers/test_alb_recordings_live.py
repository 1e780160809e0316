"""The same recordings with the objects in the sandbox's cluster, read back from its cloud.

What the real controller would send is what the ALB API shows afterwards, and a warning in the
recording is an Event in the cluster.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gitopsd.sandbox.cloud import SEEDED_VPC
from tests.contract.controllers.fitting import refusals
from tests.contract.controllers.recordings import cases, recording
from tests.unit.sandbox.controllers.stage import CLASSES, CONFIGS, INGRESSES, Stage

FILE = "alb-controller.json"
TAKEN_AS_RECORDED = {
    "healthcheck-path-relative": {"IllegalParam.HealthCheckConfig.HealthCheckPath"},
}
"""What the recorded cloud took, which refuses nothing; the API itself would refuse it."""
_RESOURCES = {
    "Service": "services",
    "Ingress": INGRESSES,
    "IngressClass": CLASSES,
    "AlbConfig": CONFIGS,
    "Secret": "secrets",
    "Node": "nodes",
}
_ORDER = ("Node", "Secret", "Service", "IngressClass", "AlbConfig", "Ingress")


def play(stage: Stage, case: dict[str, Any]) -> None:
    """Put the objects of a case into the cluster, all before the controllers look."""
    for item in case["objects"]:
        reused = item.get("spec", {}).get("config", {}).get("id")
        if reused:
            stage.cloud.balancers.add("alb", reused, SEEDED_VPC, load_balancer_id=reused)
    for group_id in _named(case):
        _make_group(stage, group_id)
    items = copy.deepcopy([*recording(FILE)["common_objects"], *case["objects"]])
    for item in sorted(items, key=lambda each: _ORDER.index(each["kind"])):
        _put(stage, item)
        if item["kind"] == "Service":
            stage.pods(item["metadata"]["name"], {})
    stage.run(0.3)


def _put(stage: Stage, item: dict[str, Any]) -> None:
    resource, metadata = _RESOURCES[item["kind"]], item["metadata"]
    status = item.pop("status", None)
    namespace = metadata.get("namespace", "")
    if stage.cluster.get(resource, namespace, metadata["name"]) is None:
        stage.cluster.create(resource, item)
    else:
        patch = {"spec": item.get("spec", {})}
        stage.cluster.patch(resource, namespace, metadata["name"], patch)
    if status:
        patch = {"status": status}
        stage.cluster.patch(resource, namespace, metadata["name"], patch, subresource="status")


def _named(case: dict[str, Any]) -> Iterator[str]:
    """Ids of groups that rules of the recorded model forward or mirror to."""
    model = case["outcome"].get("model", {"rules": ()})
    for rule in model["rules"]:
        for action in rule["actions"]:
            for group in action.get("groups", ()):
                if not group["group"].startswith("sgp("):
                    yield group["group"]


def _make_group(stage: Stage, group_id: str) -> None:
    made = stage.group(group_id)
    with stage.cloud.entered() as worlds:
        groups = worlds["alb"].state.groups
        groups[group_id] = replace(groups.pop(made), group_id=group_id)


def shown(stage: Stage) -> list[dict[str, Any]]:
    """The rules in the cloud, groups by name, in the recording's order."""
    names = {each["ServerGroupId"]: each for each in stage.cloud.groups.all("alb")}
    found = []
    for balancer in stage.cloud.balancers.all("alb"):
        for listener in stage.cloud.balancers.listeners(balancer["LoadBalancerId"]):
            key = f"{listener['ListenerPort']}/{listener['ListenerProtocol']}"
            for rule in stage.cloud.balancers.rules(listener["ListenerId"]):
                found.append({"listener": key, **_rule(rule, names)})
    return sorted(found, key=lambda each: (each["listener"], each["priority"]))


def _rule(rule: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    actions = []
    for action in rule["RuleActions"]:
        tuples = action.get("ForwardGroupConfig", {}).get("ServerGroupTuples", ())
        groups = [(_group(names[each["ServerGroupId"]]), each["Weight"]) for each in tuples]
        actions.append((action["Type"], groups))
    conditions = []
    for condition in rule["RuleConditions"]:
        config = condition[f"{condition['Type']}Config"]
        conditions.append((condition["Type"], config.get("Key"), config.get("Values", [])))
    return {
        "priority": rule["Priority"],
        "direction": rule["Direction"],
        "conditions": conditions,
        "actions": actions,
    }


def _group(group: dict[str, Any]) -> str:
    tags = {each["Key"].rpartition("/")[2]: each["Value"] for each in group["Tags"]}
    if "service_name" not in tags:
        return str(group["ServerGroupName"])
    owner = f"{tags['service_ns']}/{tags['ingress_name']}"
    return f"sgp({owner} {tags['service_name']}:{tags['service_port']})"


def expected(outcome: dict[str, Any]) -> list[dict[str, Any]]:
    """The recorded rules of what was sent; nothing where applying was not reached."""
    if "albconfigs" in outcome:
        return [rule for each in outcome["albconfigs"] for rule in expected(each)]
    sent = outcome["kind"] == "model" or outcome.get("stage") == "ingress queue"
    rules = outcome.get("model", {}).get("rules", ()) if sent else ()
    found = [
        {
            "listener": rule["listener"],
            "priority": rule["priority"],
            "direction": rule["direction"],
            "conditions": [
                (each["type"], each.get("key"), each.get("values", []))
                for each in rule["conditions"]
            ],
            "actions": [
                (each["type"], [(one["group"], one["weight"]) for one in each.get("groups", ())])
                for each in rule["actions"]
            ],
        }
        for rule in rules
    ]
    return sorted(found, key=lambda each: (each["listener"], each["priority"]))


def warned(outcome: dict[str, Any]) -> set[tuple[str, str]]:
    """Reason and object of the recorded warnings."""
    found = set()
    for each in (outcome, *outcome.get("albconfigs", ())):
        for event in (*each.get("events", ()), *each.get("queue_events", ())):
            _, reason, _, kind, name = event.split(":")[0].split(" ")
            found.add((reason, f"{kind} {name}"))
    return found


def told(stage: Stage) -> set[tuple[str, str]]:
    """Reason and object of the warnings in the cluster."""
    found = set()
    for event in stage.cluster.list("events"):
        about = event["involvedObject"]
        name = about["name"]
        if about.get("namespace"):
            name = f"{about['namespace']}/{name}"
        if event["type"] == "Warning":
            found.add((event["reason"], f"{about['kind']} {name}"))
    return found


@pytest.mark.parametrize("name", cases(FILE))
def test_the_cloud_shows_what_the_controller_sent(stage: Stage, name: str) -> None:
    case = cases(FILE)[name]
    play(stage, case)
    assert shown(stage) == expected(case["outcome"])
    assert told(stage) == warned(case["outcome"])
    assert refusals(stage, "alb") == TAKEN_AS_RECORDED.get(name, set())
