"""The sandbox serves the official Python client, typed and dynamic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException

from gitopsd.sandbox.embedded import Sandbox

NAMESPACE = "default"


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Any]:
    """A client as the kubeconfig makes it: HTTPS with the sandbox's own authority."""
    made = config.new_client_from_config(str(sandbox.kubeconfig))
    yield made
    made.close()


@pytest.fixture
def core(api: Any) -> Iterator[Any]:
    typed = client.CoreV1Api(api)
    yield typed
    typed.delete_collection_namespaced_service(NAMESPACE)
    typed.delete_collection_namespaced_config_map(NAMESPACE)


def service(name: str = "tea") -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": "web"}]},
    }


def applied(core: Any, body: dict[str, Any], **options: Any) -> Any:
    return core.patch_namespaced_service(
        body["metadata"]["name"],
        NAMESPACE,
        body,
        field_manager="gitopsd",
        _content_type="application/apply-patch+yaml",
        **options,
    )


def test_typed_objects_come_back_as_they_went(core: Any) -> None:
    made = core.create_namespaced_service(NAMESPACE, service())
    assert made.spec.ports[0].target_port == "web"
    assert made.spec.ports[0].node_port
    read = core.read_namespaced_service("tea", NAMESPACE)
    assert read.metadata.uid == made.metadata.uid
    read.metadata.labels["x"] = "y"
    replaced = core.replace_namespaced_service("tea", NAMESPACE, read)
    assert replaced.metadata.labels["x"] == "y"
    with pytest.raises(ApiException) as refusal:
        core.replace_namespaced_service("tea", NAMESPACE, read)
    assert refusal.value.status == 409


def test_typed_lists_are_paged_and_selected(core: Any) -> None:
    for name in ("a", "b", "c"):
        core.create_namespaced_service(NAMESPACE, service(name))
    first = core.list_namespaced_service(NAMESPACE, limit=2)
    rest = core.list_namespaced_service(NAMESPACE, limit=2, _continue=first.metadata._continue)
    names = [one.metadata.name for one in [*first.items, *rest.items]]
    assert [name for name in names if name != "kubernetes"] == ["a", "b", "c"]
    (only,) = core.list_service_for_all_namespaces(label_selector="app in (b)").items
    assert only.metadata.name == "b"


def test_every_kind_of_patch_can_be_sent(core: Any) -> None:
    core.create_namespaced_service(NAMESPACE, service())
    strategic = core.patch_namespaced_service(
        "tea",
        NAMESPACE,
        {"spec": {"ports": [{"port": 443, "name": "s"}, {"port": 80, "name": "p"}]}},
    )
    assert len(strategic.spec.ports) == 2
    operations = [{"op": "add", "path": "/metadata/labels/j", "value": "1"}]
    assert core.patch_namespaced_service("tea", NAMESPACE, operations).metadata.labels["j"] == "1"
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    reported = core.patch_namespaced_service_status("tea", NAMESPACE, status)
    assert reported.status.load_balancer.ingress[0].ip_mode == "VIP"


def test_server_side_apply_creates_and_then_changes_nothing(core: Any) -> None:
    first = applied(core, service(), force=True)
    assert applied(core, service(), force=True).metadata.resource_version == (
        first.metadata.resource_version
    )
    assert first.metadata.managed_fields[0].manager == "gitopsd"


def test_a_delete_names_the_state_it_expects(core: Any) -> None:
    made = core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "c"}})
    wrong = client.V1DeleteOptions(preconditions=client.V1Preconditions(resource_version="1"))
    with pytest.raises(ApiException) as refusal:
        core.delete_namespaced_config_map("c", NAMESPACE, body=wrong)
    assert refusal.value.status == 409
    right = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid=made.metadata.uid))
    assert core.delete_namespaced_config_map("c", NAMESPACE, body=right)["status"] == "Success"


def test_a_watch_sees_what_happens_after_a_list(core: Any) -> None:
    since = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
    core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "c"}})
    core.patch_namespaced_config_map("c", NAMESPACE, {"data": {"a": "b"}})
    core.delete_namespaced_config_map("c", NAMESPACE)
    events = watch.Watch().stream(
        core.list_namespaced_config_map, NAMESPACE, resource_version=since, timeout_seconds=1
    )
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]


def test_the_dynamic_client_finds_and_writes_custom_resources(api: Any) -> None:
    found = dynamic.DynamicClient(api).resources.get(
        api_version="alibabacloud.com/v1", kind="AlbConfig"
    )
    (alb,) = found.get().items
    assert alb.spec.config.name == "alb"
    body = {
        "apiVersion": "alibabacloud.com/v1",
        "kind": "AlbConfig",
        "metadata": {"name": "alb", "labels": {"seen": "yes"}},
    }
    changed = found.server_side_apply(body=body, name="alb", field_manager="test")
    assert changed.metadata.labels.seen == "yes"
    assert changed.metadata.generation == alb.metadata.generation


def test_a_lease_is_won_by_one(api: Any) -> None:
    leases = client.CoordinationV1Api(api)
    body = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "a", "leaseDurationSeconds": 15}}
    held = leases.create_namespaced_lease(NAMESPACE, body)
    held.spec.holder_identity = "b"
    taken = leases.replace_namespaced_lease("l", NAMESPACE, held)
    assert taken.spec.holder_identity == "b"
    with pytest.raises(ApiException) as refusal:
        leases.replace_namespaced_lease("l", NAMESPACE, held)
    assert refusal.value.reason == "Conflict"
    leases.delete_namespaced_lease("l", NAMESPACE)
