"""Custom resources and Events that a running operator keeps in the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitopsd.daemon.settings import Schedule
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.faults import Fault
from tests.contract.git.serving import Server
from tests.scenarios.conftest import install, make_namespace
from tests.scenarios.operating import Replica, Shop, eventually, followed, open_shop, replica
from tests.scenarios.world import call, edit

pytestmark = pytest.mark.usefixtures("keys", "kinds")

MENU = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: menu, namespace: {namespace}}}
spec:
  loadBalancer: {{type: ALB}}
  routes:
  - name: menu
    host: menu.example.com
    backends: [{{pods: {{selector: {{app: menu}}, targetPort: 8080}}, port: 80}}]
"""
OURS = "/apis/gitopsd.io/v1alpha1"


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


@pytest.fixture
def one(sandbox: Sandbox, tmp_path: Path, shop: Shop) -> Iterator[Replica]:
    """An operator that has applied one Exposure behind which a pod is ready."""
    make_slice(sandbox, shop)
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as running:
        running.log.wait("pass.ended", done=1)
        give_address(sandbox, shop)
        yield running


def give_address(sandbox: Sandbox, shop: Shop) -> None:
    """As the cloud controller does when its load balancer is there; the sandbox's finds no node
    behind these endpoints, and gives none.
    """
    path = f"/api/v1/namespaces/{shop.namespace}/services/tea/status"
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}}
    call(sandbox, "PATCH", path, status, content="application/merge-patch+json")


def make_slice(sandbox: Sandbox, shop: Shop) -> None:
    body = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": "tea-1", "labels": {"kubernetes.io/service-name": "tea"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["172.16.0.9"], "conditions": {"ready": True}}],
        "ports": [{"port": 80}],
    }
    path = f"/apis/discovery.k8s.io/v1/namespaces/{shop.namespace}/endpointslices"
    call(sandbox, "POST", path, body)


def test_drift_is_looked_for_as_often_as_asked_while_an_address_is_on_its_way(
    tmp_path: Path, server: Server
) -> None:
    with Sandbox(tmp_path / "sandbox", controllers=False) as sandbox:  # nobody gives addresses
        install(sandbox)
        shop = open_shop(tmp_path, server, make_namespace(sandbox))
        shop.expose(80)
        every_second = Schedule(every_seconds=1)
        with replica(sandbox, tmp_path, [followed(shop, drift=every_second)]) as running:
            told = running.log.wait("pass.ended", done=1)["number"]

            def passes() -> int:
                lines = running.log.lines[told:]
                return sum("drift" in x["why"] for x in lines if x["event"] == "pass.begun")

            eventually(lambda: passes() >= 9)
            assert condition(sandbox, shop, "Reconciling")["status"] == "True"


def exposures(sandbox: Sandbox, shop: Shop) -> dict[str, Any]:
    items = call(sandbox, "GET", f"{OURS}/namespaces/{shop.namespace}/exposures")["items"]
    return {item["metadata"]["name"]: item for item in items}


def condition(sandbox: Sandbox, shop: Shop, kind: str, name: str = "tea") -> Any:
    item = exposures(sandbox, shop).get(name, {})
    found = item.get("status", {}).get("conditions", ())
    return next((one for one in found if one["type"] == kind), {})


def reasons(sandbox: Sandbox, shop: Shop) -> dict[str, set[str]]:
    """The reasons of Events, by the kind of object that they are about."""
    found: dict[str, set[str]] = {}
    for event in call(sandbox, "GET", f"/api/v1/namespaces/{shop.namespace}/events")["items"]:
        if event["source"].get("component") == "gitopsd":
            found.setdefault(event["involvedObject"]["kind"], set()).add(event["reason"])
    return found


def reports(sandbox: Sandbox, shop: Shop) -> set[str]:
    """The states of the drift reports of the shop's instance."""
    path = f"{OURS}/namespaces/gitopsd-system/driftreports"
    query = f"labelSelector=gitopsd.io%2Finstance%3D{shop.name}"
    items = call(sandbox, "GET", f"{path}?{query}")["items"]
    return {item["status"]["state"] for item in items}


def test_an_exposure_says_what_git_says_and_that_it_is_reachable(
    sandbox: Sandbox, shop: Shop, one: Replica
) -> None:
    eventually(lambda: condition(sandbox, shop, "Ready").get("status") == "True")
    found = exposures(sandbox, shop)["tea"]
    assert found["spec"]["ports"] == [{"port": 80}]
    assert found["spec"]["targets"] == ["edge"]
    status = found["status"]
    assert status["observedGeneration"] == found["metadata"]["generation"]
    assert status["target"] == "edge"
    assert status["drift"] == "none"
    assert status["address"] == "203.0.113.9"
    assert condition(sandbox, shop, "Stalled")["status"] == "False"
    assert condition(sandbox, shop, "Reconciling")["status"] == "False"
    eventually(lambda: "Applied" in reasons(sandbox, shop).get("Service", set()))


def test_nothing_is_written_where_nothing_but_the_time_has_moved(
    sandbox: Sandbox, shop: Shop, one: Replica
) -> None:
    eventually(lambda: condition(sandbox, shop, "Ready").get("status") == "True")
    one.another_pass()
    before = exposures(sandbox, shop)
    for _ in range(3):
        one.another_pass()
    assert exposures(sandbox, shop) == before


def test_what_somebody_edits_is_put_back_and_says_so(
    sandbox: Sandbox, shop: Shop, one: Replica
) -> None:
    eventually(lambda: condition(sandbox, shop, "Ready").get("status") == "True")
    path = f"{OURS}/namespaces/{shop.namespace}/exposures/tea?fieldManager=kubectl-edit"
    patch = {"spec": {"ports": [{"port": 9}], "more": 1}}
    call(sandbox, "PATCH", path, patch, content="application/merge-patch+json")
    one.another_pass()
    eventually(lambda: exposures(sandbox, shop)["tea"]["spec"]["ports"] == [{"port": 80}])
    assert "more" not in exposures(sandbox, shop)["tea"]["spec"]
    eventually(lambda: condition(sandbox, shop, "AsInGit").get("reason") == "PutBack")
    eventually(lambda: "PutBack" in reasons(sandbox, shop).get("Exposure", set()))
    service = call(sandbox, "GET", f"/api/v1/namespaces/{shop.namespace}/services/tea")
    assert service["spec"]["ports"][0]["port"] == 80


@pytest.mark.parametrize("trouble", [False, True], ids=["at-once", "after-trouble"])
def test_what_somebody_makes_by_hand_changes_nothing_and_is_marked(
    sandbox: Sandbox, shop: Shop, one: Replica, trouble: bool
) -> None:
    """Not at once, where the pass cannot look; but it is not left to the next tick either."""
    if trouble:
        sandbox.cluster.faults.add(Fault("error", ("list",), ("exposures",), times=5, status=500))
    body = {
        "apiVersion": "gitopsd.io/v1alpha1",
        "kind": "Exposure",
        "metadata": {"name": "mine"},
        "spec": {"loadBalancer": {"type": "CLB"}},
    }
    call(sandbox, "POST", f"{OURS}/namespaces/{shop.namespace}/exposures", body)
    one.another_pass()
    if trouble:
        one.log.wait("status.trouble")
    eventually(lambda: condition(sandbox, shop, "AsInGit", "mine").get("reason") == "NotInGit")
    assert condition(sandbox, shop, "Ready", "mine")["status"] == "False"
    services = call(sandbox, "GET", f"/api/v1/namespaces/{shop.namespace}/services")["items"]
    assert "mine" not in {item["metadata"]["name"] for item in services}


def test_drift_that_is_corrected_is_told_at_the_service(
    sandbox: Sandbox, shop: Shop, one: Replica
) -> None:
    change = {"spec": {"ports": [{"port": 81, "targetPort": 80, "protocol": "TCP"}]}}
    edit(sandbox, "Service", shop.namespace, "tea", change)
    one.another_pass()
    both = {"DriftDetected", "DriftCorrected"}
    eventually(lambda: both <= reasons(sandbox, shop).get("Service", set()))
    eventually(lambda: both <= reasons(sandbox, shop)["Exposure"])


def test_drift_that_is_corrected_stays_as_a_resolved_report(
    sandbox: Sandbox, shop: Shop, one: Replica
) -> None:
    change = {"spec": {"ports": [{"port": 81, "targetPort": 80, "protocol": "TCP"}]}}
    edit(sandbox, "Service", shop.namespace, "tea", change)
    one.another_pass()
    eventually(lambda: reports(sandbox, shop) == {"Resolved"})


def test_an_ingress_of_others_that_takes_a_route_is_told_until_it_is_gone(
    sandbox: Sandbox, shop: Shop, one: Replica
) -> None:
    shop.author.write("menu.yaml", MENU.format(namespace=shop.namespace))
    shop.push()
    one.operator.look()
    eventually(lambda: set(exposures(sandbox, shop)) == {"tea", "menu"})
    path = f"/apis/networking.k8s.io/v1/namespaces/{shop.namespace}/ingresses"
    ours = call(sandbox, "GET", f"{path}/menu")
    call(sandbox, "POST", path, {**ours, "metadata": {"name": "a-shadow"}})
    one.another_pass()
    eventually(lambda: "DriftDetected" in reasons(sandbox, shop).get("Ingress", set()))
    eventually(lambda: reports(sandbox, shop) == {"Open"})
    call(sandbox, "DELETE", f"{path}/a-shadow")
    one.another_pass()
    eventually(lambda: reports(sandbox, shop) == {"Resolved"})


def test_what_git_drops_goes(sandbox: Sandbox, shop: Shop, one: Replica) -> None:
    shop.expose(80, "milk")
    one.operator.look()
    eventually(lambda: set(exposures(sandbox, shop)) == {"tea", "milk"})
    (shop.author.folder / "milk.yaml").unlink()
    shop.push()
    one.operator.look()
    eventually(lambda: set(exposures(sandbox, shop)) == {"tea"})
