"""The Kustomize base and the Helm chart say the same, and what a restricted cluster asks for."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitopsd import crds
from gitopsd.adapters.alibaba.actions import ACTIONS
from gitopsd.daemon.settings import read_settings
from gitopsd.daemon.settings.chart import text_of, with_settings
from tests.deploy.manifests import (
    BASE,
    CHART,
    DEPLOY,
    PER_NAMESPACE,
    ROOT,
    documents,
    kustomized,
    named,
)

#: What differs: labels that Helm sets, and the namespace, which Helm is told of by its caller.
_LABELS = {"helm.sh/chart", "app.kubernetes.io/version"}
#: The operations that looking alone makes; the others write, or follow what was written.
_READING = {"list", "list-servers", "listeners", "health"}


def rendered(
    values: dict[str, Any] | None = None, namespace: str = "gitopsd-system"
) -> list[dict[str, Any]]:
    """The chart's templates, by Helm's own engine."""
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk has no wheel here")
    with helm.Chart.load(str(CHART)) as chart:
        found = chart.render(values or {}, name="gitopsd", namespace=namespace)
    return [one for text in found.values() for one in documents(text)]


def plain(manifest: dict[str, Any]) -> dict[str, Any]:
    """A manifest without what only Helm says."""
    metadata = dict(manifest["metadata"])
    labels = metadata.get("labels", {})
    metadata["labels"] = {key: text for key, text in labels.items() if key not in _LABELS}
    data = {
        key: yaml.safe_load(text) if key == "gitopsd.yaml" else text
        for key, text in manifest.get("data", {}).items()
    }
    content = {"data": data} if data else {}
    return {**manifest, "metadata": metadata, **content}


def deployments() -> list[tuple[str, dict[str, Any]]]:
    both = [("kustomize", kustomized(BASE)), ("helm", rendered())]
    return [(of, one) for of, found in both for one in found if one["kind"] == "Deployment"]


def test_the_base_and_the_chart_make_the_same() -> None:
    base, chart = named(kustomized(BASE)), named(rendered())
    apart = {"Namespace", "CustomResourceDefinition"}  # Helm makes these by itself
    assert {key: plain(one) for key, one in base.items() if key[0] not in apart} == {
        key: plain(one) for key, one in chart.items()
    }


def test_every_pod_is_as_restricted_as_pod_security_asks() -> None:
    for _, deployment in deployments():
        pod = deployment["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert {"hostNetwork", "hostPID", "hostIPC"} & pod.keys() == set()
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert {next(iter(v.keys() - {"name"})) for v in pod["volumes"]} == {
            "configMap", "secret", "emptyDir",
        }  # fmt: skip


def test_two_replicas_run_and_one_always_stays() -> None:
    for found in (kustomized(BASE), rendered()):
        by_kind = {one["kind"]: one for one in found}
        assert by_kind["Deployment"]["spec"]["replicas"] == 2
        assert by_kind["PodDisruptionBudget"]["spec"]["minAvailable"] == 1


def test_a_single_replica_keeps_no_node_from_being_drained() -> None:
    assert "PodDisruptionBudget" not in {one["kind"] for one in rendered({"replicas": 1})}


def test_two_releases_in_one_cluster_do_not_meet() -> None:
    first, second = (
        {key for key in named(rendered({}, namespace)) if not key[1]}
        for namespace in ("gitopsd-system", "team-a")
    )
    assert first
    assert first & second == set()


def test_what_a_cluster_asks_of_every_pod_can_be_given() -> None:
    given = {
        "env": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "system-cluster-critical",
    }
    (pod,) = (
        one["spec"]["template"]["spec"] for one in rendered(given) if one["kind"] == "Deployment"
    )
    assert pod["containers"][0]["env"] == given["env"]
    assert pod["affinity"] == given["affinity"]
    assert pod["priorityClassName"] == given["priorityClassName"]


def test_the_operator_leaves_within_the_grace_period() -> None:
    for _, deployment in deployments():
        assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > 25


def test_the_settings_are_valid_and_its_files_are_mounted() -> None:
    text = (BASE / "gitopsd.yaml").read_bytes()
    settings, problems = read_settings(text, "gitopsd.yaml")
    assert list(problems) == []
    assert settings
    assert settings.listen.endswith(":8080")
    for _, deployment in deployments():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        mounted = {one["mountPath"] for one in container["volumeMounts"]}
        assert {"/etc/gitopsd", "/etc/gitopsd-credentials", settings.cache_dir, "/tmp"} == mounted


def test_the_operator_can_be_confined_to_namespaces() -> None:
    confined = named(kustomized(PER_NAMESPACE))
    chart = named(rendered({"rbac": {"namespaces": ["shop", "tea"]}}))
    one = named(rendered({"rbac": {"namespaces": ["shop"]}}))
    for found in (confined, chart, one):
        for role in ("gitopsd-reader", "gitopsd-writer"):
            assert ("ClusterRoleBinding", "", role) not in found
            assert ("RoleBinding", "shop", role) in found
    assert ("RoleBinding", "tea", "gitopsd-writer") in chart
    apart = {"Namespace", "CustomResourceDefinition"}
    assert {key: plain(item) for key, item in confined.items() if key[0] not in apart} == {
        key: plain(item) for key, item in one.items()
    }


def test_an_operator_that_is_confined_is_told_so_in_its_settings() -> None:
    confined = named(kustomized(PER_NAMESPACE))
    text = confined["ConfigMap", "gitopsd-system", "gitopsd"]["data"]["gitopsd.yaml"]
    settings, problems = read_settings(text.encode(), "gitopsd.yaml")
    assert not problems
    assert settings
    bound = {place for kind, place, _ in confined if kind == "RoleBinding"}
    assert set(settings.namespaces) == bound - {"gitopsd-system"}


#: Names, Git over ssh, https, Kubernetes.
ALWAYS = [53, 53, 22, 443, 6443]
SECRET = {"env": "X"}
MAIL = {"host": "mail", "sender": "a@example.com", "recipients": ["b@example.com"]}


def ways_out(found: list[dict[str, Any]]) -> list[int]:
    (policy,) = [one for one in found if one["kind"] == "NetworkPolicy"]
    ((rule),) = policy["spec"]["egress"]
    return [port["port"] for port in rule["ports"]]


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({}, []),
        ({"sinks": [{"name": "a", "email": MAIL}]}, [587]),
        ({"sinks": [{"name": "a", "email": {**MAIL, "port": 465, "tls": "implicit"}}]}, [465]),
        ({"sinks": [{"name": "a", "alertmanager": {"url": "http://am.mon:9093/x"}}]}, [9093]),
        ({"sinks": [{"name": "a", "alertmanager": {"url": "https://am.example.com"}}]}, []),
        ({"sinks": [{"name": "a", "webhook": {"url": "http://in.shop/hook?a=b:1"}}]}, [80]),
        ({"sinks": [{"name": "a", "dingtalk": {"webhook": SECRET}}]}, []),
        ({"tracing": {"endpoint": "http://collector:4318"}}, [4318]),
        ({"repositories": [{"name": "a", "url": "https://git.example.com:8443/a.git"}]}, [8443]),
        ({"repositories": [{"name": "a", "url": "ssh://git@git.example.com:2222/a"}]}, [2222]),
        ({"repositories": [{"name": "a", "url": "git@git.example.com:8080/a.git"}]}, []),
    ],
)
def test_the_chart_lets_out_to_what_the_settings_name_and_nowhere_else(
    settings: dict[str, Any], more: list[int]
) -> None:
    assert ways_out(rendered({"settings": settings})) == [*ALWAYS, *more]


def test_a_way_out_is_opened_once_and_more_by_hand() -> None:
    sinks = [{"name": name, "alertmanager": {"url": "http://am:9093"}} for name in "ab"]
    values = {"settings": {"sinks": sinks}, "networkPolicy": {"ports": [3128, 443]}}
    assert ways_out(rendered(values)) == [*ALWAYS, 3128, 9093]


@pytest.mark.parametrize(
    ("component", "port"), [("mail", 587), ("alertmanager", 9093), ("traces", 4318)]
)
def test_a_component_of_the_base_opens_one_way_out(
    component: str, port: int, tmp_path: Path
) -> None:
    below = Path(os.path.relpath(DEPLOY / "kustomize", tmp_path))
    overlay = {
        "resources": [str(below / "base")],
        "components": [str(below / "components" / component)],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    assert ways_out(kustomized(BASE)) == ALWAYS
    assert ways_out(kustomized(tmp_path)) == [*ALWAYS, port]


def test_every_kind_of_ours_is_installed_by_both() -> None:
    listed = yaml.safe_load((ROOT / "gitopsd/crds/kustomization.yaml").read_text())["resources"]
    assert sorted(listed) == sorted(f"{plural}.yaml" for plural in crds.KINDS)
    chart = {file.name: file.read_text() for file in (CHART / "crds").iterdir()}
    wanted = {f"{plural}.yaml": crds.manifest(plural) for plural in crds.KINDS}
    assert chart == wanted, "run make docs"


@pytest.mark.parametrize("name", ["alerts.yaml", "dashboard.json"])
def test_the_chart_carries_the_monitoring_of_the_base(name: str) -> None:
    ours, theirs = DEPLOY / "monitoring" / name, CHART / "files" / name
    assert theirs.read_text() == ours.read_text(), "run make docs"


def test_monitoring_is_there_for_who_asks() -> None:
    asked = {"serviceMonitor": True, "prometheusRule": True, "dashboard": True}
    found = {one["kind"]: one for one in rendered({"monitoring": asked})}
    rules = yaml.safe_load((DEPLOY / "monitoring/alerts.yaml").read_text())
    assert found["PrometheusRule"]["spec"] == rules
    assert found["ServiceMonitor"]["spec"]["endpoints"][0]["path"] == "/metrics"


def test_an_image_is_named_by_its_digest_where_there_is_one() -> None:
    digest = "sha256:" + "0" * 64
    found = rendered({"image": {"repository": "example.com/gitopsd", "digest": digest}})
    deployment = next(one for one in found if one["kind"] == "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"example.com/gitopsd@{digest}"


@pytest.mark.parametrize(
    "values",
    [
        {"replicas": 0},
        {"replica": 2},
        {"image": {"tag": "latest"}},
        {"rbac": {"namespaces": ["Not A Name"]}},
        {"settings": {"repositories": []}},
        {"settings": {"bogus": 1}},
        {"settings": {"graceSeconds": "x"}},
        {"settings": {"listen": "0.0.0.0:80"}},
        {"settings": {"namespaces": ["shop"]}},
        {"settings": {"recordNamespace": "elsewhere"}},
        {"settings": {"repositories": [{"name": "a", "url": "/x", "sync": {"everySeconds": 0}}]}},
        {"settings": {"repositories": [{"name": "a", "url": "htp://x/y"}]}},
        {"settings": {"repositories": [{"name": "a", "url": "/x", "targets": []}]}},
        {"settings": {"sinks": [{"name": "a", "webhook": {"url": "hooks.example.com"}}]}},
    ],
)
def test_values_that_make_no_sense_are_refused(values: dict[str, Any]) -> None:
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk has no wheel here")
    with pytest.raises(helm.HelmError):
        rendered(values)


def test_the_chart_knows_every_setting() -> None:
    file = CHART / "values.schema.json"
    text = file.read_text(encoding="utf-8")
    assert text_of(with_settings(json.loads(text))) == text, "run make docs"


@pytest.mark.parametrize("namespace", ["ops", "123"])
def test_records_are_kept_where_the_chart_is_installed(namespace: str) -> None:
    """The Role over records and leases is there, and nowhere else."""
    found = named(rendered({"rbac": {"namespaces": ["shop", "456"]}}, namespace))
    assert ("Role", namespace, "gitopsd") in found
    assert ("RoleBinding", "456", "gitopsd-writer") in found
    text = found["ConfigMap", namespace, "gitopsd"]["data"]["gitopsd.yaml"]
    settings, problems = read_settings(text.encode(), "gitopsd.yaml")
    assert list(problems) == []
    assert settings
    assert settings.record_namespace == namespace
    assert settings.namespaces == ["shop", "456"]


def test_names_that_look_like_numbers_stay_names_and_no_secret_is_mounted_for_none() -> None:
    found = named(rendered({"rrsa": {"roleName": "123"}, "credentialsSecret": "456"}))
    account = found["ServiceAccount", "gitopsd-system", "gitopsd"]
    assert list(account["metadata"]["annotations"].values()) == ["123"]
    assert _secrets(found) == ["456"]
    bare = named(rendered({"rrsa": {"roleName": ""}, "credentialsSecret": ""}))
    assert "annotations" not in bare["ServiceAccount", "gitopsd-system", "gitopsd"]["metadata"]
    assert _secrets(bare) == []
    pod = bare["Deployment", "gitopsd-system", "gitopsd"]["spec"]["template"]["spec"]
    mounts = pod["containers"][0]["volumeMounts"]
    assert {one["name"] for one in mounts} == {one["name"] for one in pod["volumes"]}


def _secrets(found: dict[tuple[str, str, str], dict[str, Any]]) -> list[str]:
    pod = found["Deployment", "gitopsd-system", "gitopsd"]["spec"]["template"]["spec"]
    return [one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one]


def test_helm_lint_finds_no_error() -> None:
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk has no wheel here")
    assert helm.lint(str(CHART))["errors"] == []


def allowed(policy: Path) -> set[str]:
    content = yaml.safe_load(policy.read_text(encoding="utf-8"))
    return {action for one in content["Statement"] for action in one["Action"]}


def test_the_ram_policies_allow_the_operations_that_are_called_and_no_others() -> None:
    actions = [
        (f"{product.lower()}:{action.name}", name in _READING, action.writes)
        for product, table in ACTIONS.items()
        for name, action in table.items()
    ]
    assert allowed(DEPLOY / "ram/write.json") == {name for name, _, _ in actions}
    assert allowed(DEPLOY / "ram/read-only.json") == {name for name, reads, _ in actions if reads}
    assert [name for name, reads, writes in actions if reads and writes] == []
