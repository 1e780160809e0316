"""The stand-ins in a running sandbox, seen from outside as a user sees them."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gitopsd.sandbox.cloud import SEEDED_ALB
from gitopsd.sandbox.embedded import Sandbox

WAIT_SECONDS = 20.0


class Client:
    """A client of a sandbox's Kubernetes API that can wait for what controllers do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._changed = threading.Event()
        self._unsubscribe = sandbox.cluster.subscribe(self._told)

    def close(self) -> None:
        """Follow the cluster no longer."""
        self._unsubscribe()

    def _told(self, _: object) -> None:
        self._changed.set()

    def send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One exchange over HTTP; apply is PATCH."""
        headers = {"Authorization": f"Bearer {self._sandbox.tokens['admin']}"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            apply = method == "PATCH"
            kind = "apply-patch+yaml" if apply else "json"
            headers["Content-Type"] = f"application/{kind}"
        url = self._sandbox.kubernetes_url + path
        request = urllib.request.Request(url, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def apply(self, path: str, body: dict[str, Any]) -> None:
        """Server-side apply as gitopsd does it."""
        name = body["metadata"]["name"]
        self.send("PATCH", f"{path}/{name}?fieldManager=gitopsd&force=true", body)

    def until(self, check: Callable[[], Any]) -> Any:
        """The first truthy answer, asked again whenever something in the cluster changed."""
        while True:
            self._changed.clear()
            found = check()
            if found:
                return found
            assert self._changed.wait(WAIT_SECONDS), "it did not happen"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("controllers")) as running:
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Client]:
    made = Client(sandbox)
    yield made
    made.close()


SERVICES = "/api/v1/namespaces/default/services"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/default/ingresses"


def service(name: str, **spec: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"app": name}, "ports": ports, **spec},
    }


def ingress(name: str, actions: list[dict[str, Any]]) -> dict[str, Any]:
    backend = {"service": {"name": "route", "port": {"name": "use-annotation"}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": name,
            "namespace": "default",
            "annotations": {"alb.ingress.kubernetes.io/actions.route": json.dumps(actions)},
        },
        "spec": {
            "ingressClassName": "alb",
            "rules": [{"host": f"{name}.example.com", "http": {"paths": [path]}}],
        },
    }


def shown(sandbox: Sandbox, resource: str, name: str) -> Any:
    item = sandbox.cluster.get(resource, "default", name) or {}
    return item.get("status", {}).get("loadBalancer", {}).get("ingress")


def test_an_applied_service_gets_an_address_and_goes_when_it_is_deleted(
    sandbox: Sandbox, client: Client
) -> None:
    client.apply(SERVICES, service("plain", type="LoadBalancer"))
    client.until(lambda: shown(sandbox, "services", "plain"))
    live = client.send("GET", f"{SERVICES}/plain")
    assert live["metadata"]["finalizers"] == ["service.k8s.alibaba/resources"]
    assert live["status"]["loadBalancer"]["ingress"][0]["ip"]
    client.send("DELETE", f"{SERVICES}/plain")
    client.until(lambda: sandbox.cluster.get("services", "default", "plain") is None)


def test_what_the_controllers_write_is_no_conflict_for_the_next_apply(
    sandbox: Sandbox, client: Client
) -> None:
    wanted = service("again", type="LoadBalancer")
    client.apply(SERVICES, wanted)
    client.until(lambda: shown(sandbox, "services", "again"))
    before = client.send("GET", f"{SERVICES}/again")
    path = f"{SERVICES}/again?fieldManager=gitopsd"
    after = client.send("PATCH", path, wanted)
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    owners = {each["manager"]: each for each in after["metadata"]["managedFields"]}
    assert "f:status" not in owners["gitopsd"]["fieldsV1"]
    assert "cloud-controller-manager" in owners


def test_a_group_in_an_action_is_in_use_while_the_ingress_is_there(
    sandbox: Sandbox, client: Client
) -> None:
    group_id = sandbox.cloud.groups.create("alb", "theirs", VpcId="vpc-sandbox")

    def users() -> Any:
        return sandbox.cloud.groups.get(group_id)["RelatedLoadBalancerIds"]

    forward = {"ServerGroups": [{"ServerGroupID": group_id, "Weight": 100}]}
    client.apply(INGRESSES, ingress("shop", [{"type": "ForwardGroup", "ForwardConfig": forward}]))
    client.until(lambda: shown(sandbox, "ingresses.networking.k8s.io", "shop"))
    assert users() == [SEEDED_ALB]
    client.send("DELETE", f"{INGRESSES}/shop")
    client.until(lambda: not users())


def test_events_tell_why_an_ingress_is_refused(sandbox: Sandbox, client: Client) -> None:
    client.apply(INGRESSES, ingress("broken", [{"type": "Forward"}]))
    client.apply(INGRESSES, ingress("worse", [{"type": "Redirect", "RedirectConfig": {"Port": 1}}]))
    about = "?fieldSelector=involvedObject.name%3Dworse"
    path = f"/api/v1/namespaces/default/events{about}"
    for name in ("broken",):
        client.send("DELETE", f"{INGRESSES}/{name}")
    client.until(
        lambda: any(
            each["reason"] == "FailedBuildModel"
            for each in sandbox.cluster.list("events", fields="involvedObject.name=worse")
        )
    )
    events = client.send("GET", path)["items"]
    assert {"Sync", "FailedBuildModel"} <= {each["reason"] for each in events}
    client.send("DELETE", f"{INGRESSES}/worse")


def test_without_controllers_nothing_is_written(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Sandbox(tmp_path_factory.mktemp("alone"), controllers=False) as alone:
        client = Client(alone)
        client.apply(SERVICES, service("plain", type="LoadBalancer"))
        client.apply(SERVICES, service("other", type="LoadBalancer"))
        live = client.send("GET", f"{SERVICES}/plain")
        assert "finalizers" not in live["metadata"]
        assert live["status"] == {"loadBalancer": {}}
        assert alone.cloud.groups.all() == []
        client.close()
