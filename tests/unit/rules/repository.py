"""Small repositories for tests of checks and of compiling, written as their users write them."""

from __future__ import annotations

import json
from typing import Any

from gitopsd.compiler import compile_specs
from gitopsd.model.desired import DesiredState, DesiredTarget
from gitopsd.model.problem import Problem
from gitopsd.rules import check
from gitopsd.spec.document import SpecSet
from gitopsd.spec.reading import read_specs
from tests.unit.spec.sources import Memory

IDC = {
    "name": "idc",
    "location": "OnPremises",
    "cidrs": ["192.168.20.0/24"],
    "cen": "cen-1",
    "transitRouter": "tr-1",
    "vbr": "vbr-1",
    "expressConnect": "pc-1",
}
CHENGDU = {
    "name": "chengdu",
    "location": "CrossRegion",
    "region": "cn-chengdu",
    "cidrs": ["10.8.0.0/16"],
    "cen": "cen-1",
    "transitRouter": "tr-2",
}


def target(name: str = "edge", **changes: Any) -> dict[str, Any]:
    """A target that has everything; a change to None takes a field away."""
    whole = {
        "name": name,
        "region": "cn-hangzhou",
        "vpc": {"id": "vpc-1", "cidrs": ["172.16.0.0/16"]},
        "networkPlugin": "TerwayEdge",
        "nodes": {"cloudLabel": "type=ecs"},
        "albs": [{"ingressClass": "alb"}],
        "nlb": {"zones": {"cn-hangzhou-k": "vsw-k", "cn-hangzhou-j": "vsw-j"}},
        "networks": [IDC, CHENGDU],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def fleet(*targets: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return _document("Fleet", {"name": "acme"}, {"targets": list(targets) or [target()], **spec})


def _document(kind: str, metadata: dict[str, Any], spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "gitopsd.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": {key: value for key, value in spec.items() if value is not None},
    }


def layer4(
    kind: str = "CLB", name: str = "web", *, placement: str | None = None, **spec: Any
) -> dict[str, Any]:
    """A right CLB or NLB Exposure; a field of None is left out."""
    pods: dict[str, Any] = {"selector": {"app": name}}
    if placement:
        pods["placement"] = placement
    whole = {
        "loadBalancer": {"type": kind, "scheme": "Internet"},
        "pods": pods,
        "ports": [{"port": 80}],
        **spec,
    }
    return _document("Exposure", {"name": name, "namespace": "shop"}, whole)


def route(*backends: dict[str, Any], name: str = "forward", **fields: Any) -> dict[str, Any]:
    given = list(backends) or [{"service": "tea-svc", "port": 80}]
    return {"name": name, "host": "tea.example.com", "path": "/tea", "backends": given, **fields}


def alb(*routes: dict[str, Any], name: str = "tea", **spec: Any) -> dict[str, Any]:
    whole = {"loadBalancer": {"type": "ALB"}, "routes": list(routes) or [route()], **spec}
    return _document("Exposure", {"name": name, "namespace": "shop"}, whole)


def group(*servers: dict[str, Any], name: str = "warehouse", **spec: Any) -> dict[str, Any]:
    given = list(servers) or [{"ip": "192.168.20.11", "port": 8080}]
    whole = {
        "product": "ALB",
        "location": "OnPremises",
        "protocol": "HTTP",
        "servers": given,
        **spec,
    }
    return _document("ServerGroup", {"name": name, "namespace": "shop"}, whole)


def specs(*documents: dict[str, Any]) -> SpecSet:
    """The documents read back from files: `fleet.yaml` and `1.yaml`, `2.yaml`, …

    A default Fleet is added where none is given.
    """
    files = {"fleet.yaml": fleet()}
    for number, document in enumerate(documents):
        files["fleet.yaml" if document["kind"] == "Fleet" else f"{number}.yaml"] = document
    read = read_specs(Memory({name: json.dumps(item, indent=1) for name, item in files.items()}))
    assert [p for p in read.problems if p.is_error] == [], "the test's own documents are malformed"
    return read


def problems(*documents: dict[str, Any]) -> tuple[Problem, ...]:
    return check(specs(*documents))


def ids(*documents: dict[str, Any]) -> list[str]:
    return [problem.id for problem in problems(*documents)]


def state(*documents: dict[str, Any], **options: Any) -> DesiredState:
    """Checked and compiled."""
    read = specs(*documents)
    return compile_specs(read, check(read), **options)


def compiled(*documents: dict[str, Any], name: str = "edge") -> DesiredTarget:
    """What the documents become at a target; they must be without errors."""
    result = state(*documents)
    assert [p.what for p in result.problems if p.is_error] == []
    return result.targets[name]


def manifest(
    *documents: dict[str, Any], kind: str = "Service", name: str = "web", target: str = "edge"
) -> dict[str, Any]:
    for identity, item in compiled(*documents, name=target).objects.items():
        if (identity.kind, identity.name) == (kind, name):
            return item.manifest
    raise AssertionError(f"no {kind} {name}")
