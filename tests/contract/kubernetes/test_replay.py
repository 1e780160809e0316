"""Every exchange recorded from a real kube-apiserver, replayed and compared."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.kubernetes.replay import Replay, Server, scenarios

# Resources that the recording lists and the sandbox leaves out: nothing in gitopsd reads or
# writes them.
NOT_SERVED = (
    "bindings", "componentstatuses", "endpoints", "limitranges", "persistentvolumeclaims",
    "persistentvolumes", "pods", "podtemplates", "replicationcontrollers", "resourcequotas",
    "serviceaccounts", "nodes/proxy", "services/proxy",
    "ipaddresses", "networkpolicies", "servicecidrs",
    "localsubjectaccessreviews", "subjectaccessreviews", "tokenreviews",
)  # fmt: skip
SERVED_GROUPS = (
    "", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "networking.k8s.io",
    "apiextensions.k8s.io", "coordination.k8s.io", "discovery.k8s.io", "discovered.example.com",
)  # fmt: skip

# Recorded exchanges that the sandbox is known to answer otherwise, by scenario and step.
UNSUPPORTED: dict[tuple[str, int], str] = {
    ("nothing where a group could stand", 14): "an empty list is read as none, and shown as null",
}


# What tells one build of a server from another.
BUILD = ("gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "platform")


def _groups(body: dict[str, Any]) -> dict[str, Any]:
    """All groups at once, without what the sandbox leaves out and what other scenarios defined."""
    items = []
    for group in body["items"]:
        if group["metadata"].get("name", "") not in SERVED_GROUPS:
            continue
        versions = []
        for version in group["versions"]:
            kept = [one for one in version["resources"] if one["resource"] not in NOT_SERVED]
            for one in kept:
                parts = [
                    part
                    for part in one.get("subresources", ())
                    if f"{one['resource']}/{part['subresource']}" not in NOT_SERVED
                ]
                if parts:
                    one["subresources"] = parts
            versions.append({**version, "resources": kept})
        items.append({**group, "versions": versions})
    return {**body, "items": items}


def _comparable(body: Any, *, real: bool) -> Any:
    """A body without resources that the sandbox leaves out; of a real server, without its build."""
    if not isinstance(body, dict):
        return body
    if body.get("kind") == "APIGroupDiscoveryList":
        return _groups(body)
    if real and "gitVersion" in body:
        return {name: value for name, value in body.items() if name not in BUILD}
    if real or body.get("kind") != "APIResourceList":
        return body
    kept = [
        one
        for one in body["resources"]
        if one["name"].split("/")[0] not in NOT_SERVED and one["name"] not in NOT_SERVED
    ]
    return {**body, "resources": kept}


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario["name"])
def test_answers_are_those_of_a_real_api_server(scenario: dict[str, Any], server: Server) -> None:
    replay = Replay(server, told=bool(scenario.get("warnings")))
    found = []
    for index, step in enumerate(scenario["steps"]):
        request = step["request"]
        differences = replay.step(step, lambda body: _comparable(body, real=server.real))
        known = not server.real and UNSUPPORTED.get((scenario["name"], index))
        if known:
            assert differences, (
                f"step {index} is answered as recorded: it is no longer so that {known}"
            )
            continue
        for difference in differences:
            found.append(f"step {index} {request['method']} {request['path']}: {difference}")
    assert not found, "\n".join(found)
    # A real server's own controllers write at any time, between the writes of a replay, too.
    assert server.real or replay.pairing.revisions_in_order()
