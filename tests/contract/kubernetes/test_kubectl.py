"""The sandbox serves the real kubectl."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitopsd.sandbox.embedded import Sandbox

OLDEST = (1, 28)
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: tea, labels: {app: tea}}
spec:
  type: LoadBalancer
  selector: {app: tea}
  ports: [{name: http, port: 80, targetPort: 8080}]
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: tea}
spec:
  ingressClassName: alb
  rules:
  - host: a.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: tea, port: {number: 80}}}}
"""
Kubectl = Callable[..., subprocess.CompletedProcess[str]]


def unusable() -> str:
    """Why kubectl cannot be used here; "" when it can."""
    program = shutil.which("kubectl")
    if program is None:
        return "kubectl is not installed"
    told = subprocess.run(
        [program, "version", "--client", "-o", "json"], capture_output=True, text=True, check=False
    )
    found = re.search(r'"gitVersion": *"v(\d+)\.(\d+)', told.stdout)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        return f"kubectl is older than {OLDEST[0]}.{OLDEST[1]}"
    return ""


REASON = unusable()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox in which nobody but kubectl writes."""
    with Sandbox(tmp_path_factory.mktemp("kubectl"), controllers=False) as started:
        yield started


def command(sandbox: Sandbox, namespace: str, home: Path) -> Kubectl:
    sandbox.cluster.ensure("namespaces", {"metadata": {"name": namespace}})
    environment = {
        **os.environ,
        "KUBECONFIG": str(sandbox.kubeconfig),
        "HOME": str(home),
        "KUBECTL_EXTERNAL_DIFF": "diff -u",
    }

    def run(*arguments: str, stdin: str = "", code: int = 0) -> subprocess.CompletedProcess[str]:
        words = ["kubectl", "--namespace", namespace, *arguments]
        done = subprocess.run(
            words, input=stdin, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def kubectl(running: Sandbox, tmp_path: Path, request: pytest.FixtureRequest) -> Kubectl:
    """Runs kubectl in a namespace of the test's own."""
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[-40:].strip("-")
    return command(running, name, tmp_path)


def test_apply_creates_changes_and_leaves_alone(kubectl: Kubectl) -> None:
    assert "service/tea created" in kubectl("apply", "-f", "-", stdin=SERVICE).stdout
    assert "service/tea unchanged" in kubectl("apply", "-f", "-", stdin=SERVICE).stdout
    changed = SERVICE.replace("8080", "9090")
    assert "service/tea configured" in kubectl("apply", "-f", "-", stdin=changed).stdout
    target = kubectl("get", "svc", "tea", "-o", "jsonpath={.spec.ports[0].targetPort}").stdout
    assert target == "9090"


def test_server_side_apply_owns_conflicts_and_is_forced(kubectl: Kubectl) -> None:
    apply = ("apply", "--server-side", "-f", "-")
    kubectl(*apply, "--field-manager=one", stdin=SERVICE)
    changed = SERVICE.replace("8080", "9090")
    refused = kubectl(*apply, "--field-manager=two", stdin=changed, code=1)
    assert 'conflict with "one"' in refused.stderr
    kubectl(*apply, "--field-manager=two", "--force-conflicts", stdin=changed)
    shown = kubectl("get", "svc", "tea", "-o", "json", "--show-managed-fields").stdout
    managers = {one["manager"] for one in json.loads(shown)["metadata"]["managedFields"]}
    assert managers == {"one", "two"}


def test_a_client_side_object_is_taken_over_by_server_side_apply(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=SERVICE)
    kubectl("apply", "--server-side", "-f", "-", stdin=SERVICE.replace("8080", "9090"))
    kubectl("apply", "--server-side", "-f", "-", stdin=SERVICE)


@pytest.mark.parametrize("flags", [(), ("--server-side",)])
def test_diff_shows_what_an_apply_would_change(kubectl: Kubectl, flags: tuple[str, ...]) -> None:
    kubectl("apply", *flags, "-f", "-", stdin=SERVICE)
    assert kubectl("diff", *flags, "-f", "-", stdin=SERVICE).stdout == ""
    shown = kubectl("diff", *flags, "-f", "-", stdin=SERVICE.replace("8080", "9090"), code=1)
    assert "+    targetPort: 9090" in shown.stdout


def test_a_misspelt_field_is_refused_before_anything_happens(kubectl: Kubectl) -> None:
    wrong = SERVICE.replace("type: Load", "typo: Load")
    refused = kubectl("apply", "-f", "-", stdin=wrong, code=1)
    assert 'unknown field "spec.typo"' in refused.stderr
    kubectl("get", "svc", "tea", code=1)


def test_a_kind_that_is_not_served_is_named(kubectl: Kubectl) -> None:
    unserved = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
    said = kubectl("apply", "-f", "-", stdin=unserved, code=1)
    assert 'no matches for kind "Deployment" in version "apps/v1"' in said.stderr


def test_get_prints_tables_and_watches(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=SERVICE + "---\n" + INGRESS)
    shown = kubectl("get", "svc,ing").stdout
    assert re.search(r"service/tea +LoadBalancer +10\.\S+ +<pending> +80:\d+/TCP", shown)
    assert re.search(r"ingress\.networking\.k8s\.io/tea +alb +a\.example\.com", shown)
    assert "tea" in kubectl("get", "svc", "--watch", "--request-timeout=4s").stdout
    assert "alb-" in kubectl("get", "albconfig").stdout


def test_typed_commands_create_what_they_say(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "plain", "--from-literal=a=b")
    kubectl("create", "secret", "generic", "hidden", "--from-literal=p=q")
    kubectl("create", "service", "nodeport", "door", "--tcp=80:8080")
    rule = "b.example.com/path*=door:80,tls=cert"
    kubectl("create", "ingress", "wall", "--class=alb", f"--rule={rule}")
    assert kubectl("get", "cm", "plain", "-o", "jsonpath={.data.a}").stdout == "b"
    assert kubectl("get", "secret", "hidden", "-o", "jsonpath={.data.p}").stdout == "cQ=="
    port = kubectl("get", "svc", "door", "-o", "jsonpath={.spec.ports[0].targetPort}").stdout
    assert port == "8080"
    host = kubectl("get", "ing", "wall", "-o", "jsonpath={.spec.tls[0].hosts[0]}").stdout
    assert host == "b.example.com"


def test_patches_labels_and_replacements_arrive(kubectl: Kubectl) -> None:
    kubectl("create", "-f", "-", stdin=SERVICE)
    kubectl("label", "svc", "tea", "x=y")
    kubectl("annotate", "svc", "tea", "note=this")
    kubectl("patch", "svc", "tea", "-p", '{"spec":{"ports":[{"port":443,"name":"https"}]}}')
    operations = '[{"op":"remove","path":"/metadata/labels/x"}]'
    kubectl("patch", "svc", "tea", "--type=json", "-p", operations)
    kubectl("patch", "svc", "tea", "--type=merge", "-p", '{"spec":{"sessionAffinity":"ClientIP"}}')
    shown = json.loads(kubectl("get", "svc", "tea", "-o", "json").stdout)
    assert shown["metadata"]["labels"] == {"app": "tea"}
    assert {port["port"] for port in shown["spec"]["ports"]} == {80, 443}
    kubectl("replace", "-f", "-", stdin=SERVICE)
    assert kubectl("get", "svc", "-l", "app=tea", "-o", "name").stdout == "service/tea\n"


def test_deletions_are_tried_waited_for_and_final(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "gone", "--from-literal=a=b")
    kubectl("wait", "--for=jsonpath={.data.a}=b", "cm/gone", "--timeout=120s")
    kubectl("delete", "cm", "gone", "--dry-run=server")
    kubectl("get", "cm", "gone")
    kubectl("delete", "cm", "gone")
    kubectl("wait", "--for=delete", "cm/gone", "--timeout=120s")


def test_with_controllers_a_namespace_ends_with_what_is_in_it(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        kubectl = command(sandbox, "short-lived", tmp_path)
        kubectl("apply", "-f", "-", stdin=SERVICE)
        kubectl(
            "wait", "--for=jsonpath={.status.loadBalancer.ingress}", "svc/tea", "--timeout=120s"
        )
        kubectl("delete", "namespace", "short-lived", "--timeout=120s")
        kubectl("get", "namespace", "short-lived", code=1)


def test_kubectl_learns_what_is_served_and_what_it_may(kubectl: Kubectl) -> None:
    listed = kubectl("api-resources", "-o", "name").stdout.split()
    assert {"services", "ingresses.networking.k8s.io", "albconfigs.alibabacloud.com"} <= set(listed)
    assert "targetPort" in kubectl("explain", "service.spec.ports").stdout
    assert kubectl("auth", "can-i", "create", "services").stdout == "yes\n"
    context = "--context=gitopsd-sandbox-restricted"
    assert kubectl("auth", "can-i", "create", "services", context, code=1).stdout == "no\n"
    refused = kubectl("get", "svc", context, code=1)
    assert 'User "restricted" cannot list resource "services"' in refused.stderr
    assert "admin" in kubectl("auth", "whoami").stdout
    rights = kubectl("auth", "can-i", "--list").stdout
    assert re.search(
        r"^selfsubjectrulesreviews\.authorization\.k8s\.io .*\[create\]$", rights, re.M
    )
    assert re.search(r"^\*\.\* .*\[\*\]$", rights, re.M)
