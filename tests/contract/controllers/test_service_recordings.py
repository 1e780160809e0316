"""The Service stand-ins against what the public cloud controller made of the same manifests."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from gitopsd.sandbox.controllers.loops.hashing import SERVICE_HASH, is_seen, service_hash
from gitopsd.sandbox.controllers.objects import Objects
from gitopsd.sandbox.controllers.services import (
    Account,
    Balancer,
    Group,
    build,
    closing,
    is_wanted,
    taker,
)
from gitopsd.sandbox.controllers.services.outcome import Told
from gitopsd.sandbox.controllers.services.taking import FINALIZERS, holder
from gitopsd.sandbox.controllers.site import Site
from tests.contract.controllers.recordings import cases

FILE = "cloud-controller.json"
OUT_OF_SCOPE = {
    "live-server-group-type-flip": "the refusal comes from the cloud, which has no part in this",
}
_SITE = Site(
    cluster_id="c0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    vpc_id="vpc-cluster",
    cidrs=("192.168.0.0/16", "10.96.0.0/16"),
)
_LABEL_ID = "service.k8s.alibaba/loadbalancer-id"
# Calls to the cloud are not part of the model; security groups and pods are not in the sandbox.
_NOT_BUILT = {"cloud_calls", "cloud_call_names", "pod_conditions", "server_group_names", "requeue"}
_OTHERS = {"service.k8s.alibaba/security-group-id"}


class Pass:
    """One Service through its passes, with what the cluster and the cloud keep of it."""

    def __init__(self, case: dict[str, Any]) -> None:
        cloud = case.get("cloud", {})
        self.objects = Objects(copy.deepcopy(case["objects"]))
        self.site = replace(_SITE, bare=frozenset(cloud.get("eni_missing", ())))
        balancers = {
            each["Id"]: Balancer(
                each.get("DNSName", each.get("Address", "")),
                {tag["Key"]: tag["Value"] for tag in each.get("Tags", ())},
            )
            for each in (*cloud.get("nlbs", ()), *cloud.get("clbs", ()))
        }
        groups = {
            each["Id"]: Group(each["Name"], each.get("Type", ""))
            for each in (
                *cloud.get("nlb_server_groups", ()),
                *(group for clb in cloud.get("clbs", ()) for group in clb.get("VGroups", ())),
            )
        }
        self.account = Account(balancers, groups)
        self.after: dict[str, Any] = {}

    def change(self, step: dict[str, Any]) -> None:
        """Put changed objects in, keeping what the controller wrote on the Service."""
        for item in step.get("objects", ()):
            self.objects.put(item["kind"], copy.deepcopy(item))
        for kind in step.get("delete", ()):
            item = copy.deepcopy(dict(self.objects.all(kind)[0]))
            item["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
            self.objects.put(kind, item)
        service = self.objects.all("Service")[0]
        metadata = service["metadata"]
        metadata["finalizers"] = self.after.get("finalizers", [])
        metadata["labels"] = {**metadata.get("labels", {}), **self.after.get("labels", {})}
        service["status"] = self.after.get("status", {})

    def run(self) -> dict[str, Any]:
        """One pass, in the recording's words."""
        service = self.objects.all("Service")[0]
        held = holder(service)
        if held is not None and not is_wanted(service):
            return self._close(service, held)
        controller = taker(service)
        if controller is None:
            return {"kind": "not-taken"}
        changed = not is_seen(service, SERVICE_HASH, service_hash(service))
        outcome = build(service, self.objects, self.site, self.account, changed=changed)
        self.after["finalizers"] = [FINALIZERS[controller]]
        attributes = (outcome.model or {}).get("LoadBalancerAttribute", {})
        identity = attributes.get("LoadBalancerId", f"{controller.replace('clb', 'lb')}-created")
        if outcome.settled:
            labels = {SERVICE_HASH: service_hash(service), _LABEL_ID: identity}
            intranet = attributes.get("AddressType") == "intranet"
            address = self._address(service, controller, identity, intranet)
            self.after |= {"labels": labels, "status": {"loadBalancer": {"ingress": [address]}}}
            own = Balancer(attributes=attributes)
            self.account = replace(self.account, own=self.account.own or own)
        last = outcome.last(identity)
        found = {
            "kind": "error" if outcome.stage else "model",
            "controller": controller,
            "events": texts([*outcome.told, *([last] if last else [])]),
            "service_after": dict(self.after),
        }
        if outcome.stage:
            found |= {"stage": outcome.stage, "error": outcome.error}
        if outcome.model is not None:
            found["model"] = outcome.model
        return found

    def _close(self, service: Any, controller: str) -> dict[str, Any]:
        identity = self.after.get("labels", {}).get(_LABEL_ID, "")
        events = texts(closing(service, identity))
        self.after = {}
        return {"kind": "model", "controller": controller, "events": events}

    def _address(
        self, service: Any, controller: str, identity: str, intranet: bool
    ) -> dict[str, str]:
        hostname = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-hostname"
        named = service["metadata"].get("annotations", {}).get(hostname)
        if controller == "clb" and named:
            return {"hostname": named}
        known = self.account.balancers.get(identity)
        if controller == "nlb":
            default = f"{identity}.cn-hangzhou.nlb.aliyuncsslb.com"
            return {"hostname": known.address if known else default}
        default = "192.168.0.200" if intranet else "203.0.113.10"
        return {"ip": known.address if known else default}


def texts(told: Iterable[Told]) -> list[str]:
    """Events in the recording's words."""
    return [f"{each.type} {each.reason} {each.message}" for each in told]


def recorded(outcome: dict[str, Any]) -> dict[str, Any]:
    """A recorded outcome without what is not built."""
    found = {key: value for key, value in outcome.items() if key not in _NOT_BUILT}
    after = found.get("service_after")
    if after == "gone" or outcome["kind"] == "not-taken":
        found.pop("service_after", None)
    elif after and "labels" in after:
        labels = {key: value for key, value in after["labels"].items() if key not in _OTHERS}
        found["service_after"] = {**after, "labels": labels}
    return found


@pytest.mark.parametrize("name", [each for each in cases(FILE) if each not in OUT_OF_SCOPE])
def test_the_stand_in_makes_what_the_controller_made(name: str) -> None:
    case = cases(FILE)[name]
    run = Pass(case)
    assert run.run() == recorded(case["outcome"])
    for step in case.get("then", ()):
        run.change(step)
        service = run.objects.all("Service")[0]
        if step["outcome"]["kind"] == "not-taken":
            assert is_seen(service, SERVICE_HASH, service_hash(service))
        else:
            assert run.run() == recorded(step["outcome"])
