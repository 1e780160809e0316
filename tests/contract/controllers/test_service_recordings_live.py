"""The same recordings with the objects in the sandbox's cluster, read back from its NLB API."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gitopsd.sandbox.cloud import SEEDED_VPC
from tests.contract.controllers.fitting import refusals
from tests.contract.controllers.recordings import cases
from tests.unit.sandbox.controllers.stage import SLICES, Stage

FILE = "cloud-controller.json"
OUT_OF_SCOPE = {
    "pods-readiness-gate": "Pods are not among the kinds that the sandbox serves",
}
TAKEN_AS_RECORDED = {
    "names-long-nlb": {"IllegalParam.ServerGroupName"},
    "number-nlb-out-of-range": {"IllegalParam.ConnectionDrainTimeout"},
    "ports-nlb-no-nodeport": {"IllegalParam.RSPortConflictWithServerGroup"},
    "scheduler-nlb-qch": {"OperationDenied.QchOnlySupportUdp"},
}
"""What the recorded cloud took, which refuses nothing; the API itself would refuse it."""
_LABELS = ("service.beta.kubernetes.io/hash",)
_CLUSTER = "c0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def play(stage: Stage, case: dict[str, Any]) -> None:
    """Put the account and the objects of a case where they belong."""
    stage.cloud.settings.vpcs[SEEDED_VPC] = ("192.168.0.0/16", "10.96.0.0/16")
    stage.cloud.settings.bare |= {*case.get("cloud", {}).get("eni_missing", ())}
    for balancer in case.get("cloud", {}).get("nlbs", ()):
        _make_balancer(stage, balancer)
    for group in case.get("cloud", {}).get("nlb_server_groups", ()):
        _make_group(stage, group)
    names = {each["metadata"]["namespace"] for each in case["objects"] if each["kind"] != "Node"}
    for name in names:
        stage.cluster.create("namespaces", {"metadata": {"name": name}})
    items = copy.deepcopy(case["objects"])
    order = ("Node", "EndpointSlice", "Service")
    for item in sorted(items, key=lambda each: order.index(each["kind"])):
        put(stage, item)
    stage.run(0.2)


def put(stage: Stage, item: dict[str, Any]) -> None:
    """Create an object or bring it to what a manifest says, as `kubectl replace` does."""
    metadata, namespace = item["metadata"], item["metadata"].get("namespace", "")
    resource = {"Node": "nodes", "EndpointSlice": SLICES, "Service": "services"}[item["kind"]]
    metadata.pop("uid", None)
    status = item.pop("status", None)
    if resource == "services":
        item["spec"].pop("clusterIP", None)
    have = stage.cluster.get(resource, namespace, metadata["name"])
    if have is None:
        stage.cluster.create(resource, item)
    else:
        kept = have["metadata"]
        metadata |= {"finalizers": kept.get("finalizers", []), "uid": kept["uid"]}
        metadata["labels"] = {**kept.get("labels", {}), **metadata.get("labels", {})}
        if resource == "services":
            for field in ("clusterIP", "clusterIPs"):
                item["spec"][field] = have["spec"][field]
        stage.cluster.put(resource, item)
    if status:
        patch = {"status": status}
        stage.cluster.patch(resource, namespace, metadata["name"], patch, subresource="status")


def _make_balancer(stage: Stage, balancer: dict[str, Any]) -> None:
    identity = balancer["Id"]
    stage.cloud.balancers.add(
        "nlb",
        balancer["Name"],
        SEEDED_VPC,
        load_balancer_id=identity,
        tags={each["Key"]: each["Value"] for each in balancer.get("Tags", ())},
    )
    for listener in balancer.get("Listeners", ()):
        stage.cloud.balancers.add_listener(
            identity,
            listener["Port"],
            listener["Protocol"],
            group_ids=[listener["ServerGroupId"]],
            ListenerDescription=listener["Description"],
        )


def _make_group(stage: Stage, group: dict[str, Any]) -> None:
    made = stage.cloud.groups.create(
        "nlb", group["Name"], VpcId=SEEDED_VPC, ServerGroupType=group["Type"]
    )
    with stage.cloud.entered() as worlds:
        groups = worlds["nlb"].state.groups
        groups[group["Id"]] = groups.pop(made)
        groups[group["Id"]].group_id = group["Id"]
    for server in group.get("Servers", ()):
        fields = {key: server[key] for key in ("ServerIp", "Weight", "Description")}
        stage.cloud.groups.add_member(group["Id"], server["ServerId"], server["Port"], **fields)


def own_members(stage: Stage) -> dict[str, list[tuple[Any, ...]]]:
    """Members that the controller added, by the name of their group."""
    found = {}
    for group in stage.cloud.groups.all("nlb"):
        found[group["ServerGroupName"]] = sorted(
            (each["ServerType"], each["ServerId"], each["Port"], each["Weight"])
            for each in stage.cloud.groups.members(group["ServerGroupId"])
            if each["Description"].startswith("k8s.")
        )
    return found


def expected_members(case: dict[str, Any], outcome: dict[str, Any]) -> dict[str, Any]:
    """The same from the recorded model; a group of the user's has its own name."""
    theirs = {
        each["Id"]: each["Name"] for each in case.get("cloud", {}).get("nlb_server_groups", ())
    }
    found: dict[str, Any] = {name: [] for name in theirs.values()}
    for group in outcome.get("model", {}).get("ServerGroups", ()):
        name = theirs.get(group.get("ServerGroupId"), group["ServerGroupName"])
        if group.get("ServerGroupId") and found.get(name):
            continue  # one group bound to two ports: only the first is synced
        servers = {
            (each["ServerType"], each["ServerId"], each["Port"], each["Weight"])
            for each in group.get("Servers", ())
        }
        found[name] = sorted(servers)
    return found


def check(stage: Stage, case: dict[str, Any], outcome: dict[str, Any]) -> None:
    """Compare the Service and the NLB API with a recorded outcome."""
    item = case["objects"][0]
    name, namespace = item["metadata"]["name"], item["metadata"]["namespace"]
    service = stage.get("services", name, namespace)
    after = outcome.get("service_after", {})
    metadata = service["metadata"]
    assert metadata.get("finalizers", []) == after.get("finalizers", [])
    for label in _LABELS:
        assert metadata.get("labels", {}).get(label) == after.get("labels", {}).get(label)
    shown = service["status"].get("loadBalancer", {}).get("ingress", [])
    recorded = after.get("status", {}).get("loadBalancer", {}).get("ingress", [])
    fields = ("ip", "hostname")
    assert [[each in entry for each in fields] for entry in shown] == [
        [each in entry for each in fields] for entry in recorded
    ]
    if outcome.get("controller") != "nlb" or outcome.get("stage") in ("local-model", "apply"):
        return
    assert own_members(stage) == expected_members(case, outcome)
    _check_listeners(stage, case, outcome)


def _check_listeners(stage: Stage, case: dict[str, Any], outcome: dict[str, Any]) -> None:
    reused = outcome["model"].get("LoadBalancerAttribute", {}).get("IsUserManaged")
    options = case["objects"][0]["metadata"].get("annotations", {})
    override = any(key.endswith("force-override-listeners") for key in options)
    wanted = {
        (each.get("ListenerPort", 0), each["ListenerProtocol"])
        for each in outcome["model"]["Listeners"]
        if not reused or override
    }
    theirs = {
        (each["Port"], each["Protocol"])
        for nlb in case.get("cloud", {}).get("nlbs", ())
        for each in nlb.get("Listeners", ())
    }
    found = {
        (each["ListenerPort"], each["ListenerProtocol"])
        for nlb in stage.cloud.balancers.all("nlb")
        for each in stage.cloud.balancers.listeners(nlb["LoadBalancerId"])
    }
    assert found == wanted | theirs


@pytest.mark.parametrize("name", [each for each in cases(FILE) if each not in OUT_OF_SCOPE])
def test_the_cluster_and_the_cloud_show_what_was_recorded(
    stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = cases(FILE)[name]
    stage.controllers.unwatch()
    stage.restart(cluster_id=_CLUSTER)
    play(stage, case)
    check(stage, case, case["outcome"])
    events = {event.split(" ")[1] for event in case["outcome"].get("events", ())}
    assert refusals(stage, "nlb") == TAKEN_AS_RECORDED.get(name, set())
    found = {event.lstrip("*") for event in stage.events(case["objects"][0]["metadata"]["name"])}
    assert found == events
    for step in case.get("then", ()):
        for item in step.get("objects", ()):
            put(stage, copy.deepcopy(item))
        if step.get("delete"):
            stage.cluster.delete("services", "shop", "web")
        stage.run(0.2)
        if step["outcome"].get("service_after") == "gone":
            assert stage.cluster.get("services", "shop", "web") is None
        elif step["outcome"]["kind"] != "not-taken":
            check(stage, case, step["outcome"])
