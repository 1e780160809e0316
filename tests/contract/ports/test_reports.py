"""Every store of drift reports keeps the same promises."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitopsd import crds
from gitopsd.adapters.kubernetes.errors import NoSuchObject
from gitopsd.adapters.kubernetes.reports import ReportResources
from gitopsd.adapters.kubernetes.request import Request
from gitopsd.adapters.reports import ReportFolder
from gitopsd.model.digest import digest
from gitopsd.model.identity import Identity
from gitopsd.model.outlook import Action, Outlook
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Guard, Hold
from gitopsd.model.position import Position
from gitopsd.model.reason import Reason
from gitopsd.model.report import (
    DriftReport,
    Move,
    ReportState,
    Resolution,
    RouteImpact,
    Row,
    Share,
)
from gitopsd.model.verdict import Attribution, Cause, Difference
from gitopsd.ports import Misconfigured, Missing, ReportStore, WorldError

from .cluster_stage import RECORDS, ClusterSide

TEA = Identity("Exposure", "shop", "tea")
SERVICE = Identity("Service", "shop", "tea")
TIME = "2026-11-22T08:00:00Z"


@pytest.fixture
def owner(cluster: ClusterSide) -> Owner:
    return cluster.owner


@pytest.fixture(params=["folder", "cluster"])
def store(request: pytest.FixtureRequest, tmp_path: Path, cluster: ClusterSide) -> ReportStore:
    if request.param == "folder":
        return ReportFolder(tmp_path / "reports")
    install(cluster)
    return ReportResources(cluster.connection, namespace=RECORDS)


def install(cluster: ClusterSide) -> None:
    """Define the kind, as `gitopsd crds | kubectl apply -f -` does."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/driftreports.gitopsd.io"
    cluster.connection.send(
        Request(
            "PATCH",
            path,
            "the kind DriftReport",
            "patch",
            "customresourcedefinitions",
            query=(("fieldManager", "kubectl"), ("force", "true"), ("fieldValidation", "Strict")),
            body=yaml.safe_load(crds.manifest("driftreports")),
            content_type="application/apply-patch+yaml",
        )
    )
    until(lambda: served(cluster))


def served(cluster: ClusterSide) -> bool:
    """Whether the server answers for the kind; a real one takes a moment, either way."""
    try:
        ReportResources(cluster.connection, namespace=RECORDS).load(cluster.owner)
    except WorldError:
        return False
    return True


def until(state: Callable[[], bool]) -> None:
    """Wait for a state of the server that it reaches by itself."""
    end = time.monotonic() + 60
    while not state():
        assert time.monotonic() < end
        time.sleep(0.05)


def known(cluster: ClusterSide, path: str) -> bool:
    """Whether the definition of the kind is still there: deleting it takes its objects first."""
    request = Request("GET", path, "the kind DriftReport", "get", "customresourcedefinitions")
    try:
        cluster.connection.send(request)
    except NoSuchObject:
        return False
    return True


HOLD = Hold(Guard.ALIKE, "drifted alike", "--approve", Position("shop/tea.yaml", 3, 5))


def name(owner: Owner, number: int = 1) -> str:
    """A fingerprint: tests share a namespace, and owners never share a fingerprint."""
    return digest([owner.instance, number])[:16]


def report(owner: Owner, number: int = 1, **more: Any) -> DriftReport:
    base = DriftReport(
        name(owner, number),
        owner.instance,
        owner.target,
        TEA,
        SERVICE,
        Reason.FIELD,
        (
            Difference(
                SERVICE,
                "spec.type",
                "LoadBalancer",
                {"odd": ["value", 1, True]},
                Cause.DRIFT,
                "Report",
                Attribution("kubectl-edit", "Update", TIME),
                Position("shop/tea.yaml", 3, 5),
                note="why",
                outlook=Outlook(Action.HOLD, HOLD, "0" * 64),
            ),
            Difference(
                SERVICE,
                "metadata.annotations[x]",
                None,
                "",
                Cause.DRIFT,
                manual=True,
                outlook=Outlook(Action.WITHHOLD, withheld="suspended: x"),
            ),
        ),
        first_seen=TIME,
        opened_at=TIME,
        last_seen=TIME,
        moves=(Move(TIME, "kubectl-edit", "spec.type"),),
        fighters=("gitopsd", "kubectl-edit"),
        fought=("spec.type",),
        calm_since=TIME,
        impact=(RouteImpact("a.test/", 20.0, (Share("tea", 80.0, None),)),),
        paths=2,
        revision="0123abc",
    )
    return replace(base, **more)


def test_nothing_is_there_before_the_first_report(store: ReportStore, owner: Owner) -> None:
    assert store.load(owner).reports == ()


def test_a_report_is_found_again_as_it_was_saved(store: ReportStore, owner: Owner) -> None:
    store.save(report(owner))
    assert store.load(owner).reports == (report(owner),)


def test_a_report_about_many_is_found_again(store: ReportStore, owner: Owner) -> None:
    rows = (Row("f" * 16, TEA, SERVICE, Reason.DELETED, 1, ReportState.RESOLVED, Action.LEAVE),)
    many = report(owner, subject=None, resource=None, reason=Reason.MANY, evidence=(), rows=rows)
    store.save(many)
    assert store.load(owner).reports == (many,)


def test_saving_again_replaces_and_leaves_nothing_of_before(
    store: ReportStore, owner: Owner
) -> None:
    store.save(report(owner, escalated_at=TIME, fighters=("helm", "kubectl")))
    after = report(
        owner,
        evidence=(),
        impact=(),
        state=ReportState.RESOLVED,
        resolved_at=TIME,
        resolution=Resolution.GONE,
    )
    store.save(after)
    assert store.load(owner).reports == (after,)


def test_saving_the_same_twice_is_saving_once(store: ReportStore, owner: Owner) -> None:
    store.save(report(owner))
    store.save(report(owner))
    assert len(store.load(owner).reports) == 1


def test_a_forgotten_report_is_gone_and_may_be_forgotten_again(
    store: ReportStore, owner: Owner
) -> None:
    store.save(report(owner))
    store.forget(owner, report(owner).fingerprint)
    store.forget(owner, report(owner).fingerprint)
    assert store.load(owner).reports == ()


def test_reports_of_another_target_or_instance_are_not_seen(
    store: ReportStore, owner: Owner
) -> None:
    store.save(report(owner, 1))
    store.save(report(owner, 2, target="elsewhere"))
    store.save(report(owner, 3, instance="another"))
    assert store.load(owner).reports == (report(owner, 1),)
    elsewhere = store.load(Owner(owner.instance, "elsewhere"))
    assert [one.fingerprint for one in elsewhere.reports] == [name(owner, 2)]
    store.forget(Owner(owner.instance, "elsewhere"), name(owner, 2))
    store.forget(Owner("another", owner.target), name(owner, 3))


BREAKS: dict[str, Callable[[ReportStore, ClusterSide, str], None]] = {
    "folder": lambda store, cluster, name: _break_file(store, cluster.owner, name),
    "cluster": lambda store, cluster, name: _break_object(cluster, name),
}


def _break_file(store: Any, owner: Owner, broken: str) -> None:
    (store.folder / owner.instance / owner.target / f"{broken}.json").write_text('{"format": 1')


def _break_object(cluster: ClusterSide, broken: str) -> None:
    path = f"/apis/gitopsd.io/v1alpha1/namespaces/{RECORDS}/driftreports/{broken}"
    cluster.others("PATCH", path, {"spec": {"reason": "because"}})


def test_a_broken_report_is_told_and_stands_in_nobodys_way(
    store: ReportStore, owner: Owner, cluster: ClusterSide, request: pytest.FixtureRequest
) -> None:
    store.save(report(owner, 1))
    store.save(report(owner, 2))
    kind = "folder" if isinstance(store, ReportFolder) else "cluster"
    BREAKS[kind](store, cluster, name(owner))
    found = store.load(owner)
    assert found.reports == (report(owner, 2),)
    assert len(found.unreadable) == 1
    assert name(owner) in found.unreadable[0]
    store.save(report(owner, 1))
    assert store.load(owner).unreadable == ()


def test_a_cluster_without_the_kind_says_how_to_install_it(cluster: ClusterSide) -> None:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/driftreports.gitopsd.io"
    install(cluster)
    cluster.others("DELETE", path)
    until(lambda: not known(cluster, path) and not served(cluster))
    store = ReportResources(cluster.connection, namespace=RECORDS)
    with pytest.raises(Missing, match="gitopsd crds"):
        store.load(cluster.owner)
    with pytest.raises(Missing, match="gitopsd crds"):
        store.save(report(cluster.owner))


def test_a_report_without_its_labels_is_still_followed(cluster: ClusterSide) -> None:
    install(cluster)
    store, owner = ReportResources(cluster.connection, namespace=RECORDS), cluster.owner
    store.save(report(owner))
    path = f"/apis/gitopsd.io/v1alpha1/namespaces/{RECORDS}/driftreports/{name(owner)}"
    cluster.others("PATCH", path, {"metadata": {"labels": {"gitopsd.io/target": None}}})
    assert store.load(owner).reports == (report(owner),)
    assert store.load(Owner(owner.instance, "elsewhere")).reports == ()


def test_an_object_whose_status_was_never_written_is_no_report_yet(cluster: ClusterSide) -> None:
    install(cluster)
    store = ReportResources(cluster.connection, namespace=RECORDS)
    labels = {
        "app.kubernetes.io/managed-by": "gitopsd",
        "gitopsd.io/instance": cluster.owner.instance,
        "gitopsd.io/target": cluster.owner.target,
    }
    spec = {"instance": cluster.owner.instance, "target": cluster.owner.target, "reason": "many"}
    body = {
        "apiVersion": "gitopsd.io/v1alpha1",
        "kind": "DriftReport",
        "metadata": {"name": name(cluster.owner), "namespace": RECORDS, "labels": labels},
        "spec": spec,
    }
    cluster.others("POST", f"/apis/gitopsd.io/v1alpha1/namespaces/{RECORDS}/driftreports", body)
    assert store.load(cluster.owner).reports == ()
    assert store.load(cluster.owner).unreadable == ()
    store.save(report(cluster.owner))
    assert store.load(cluster.owner).reports == (report(cluster.owner),)


def test_a_file_cut_short_by_a_crash_is_no_report(tmp_path: Path) -> None:
    owner = Owner("acme", "edge")
    store = ReportFolder(tmp_path)
    store.save(report(owner))
    whole = tmp_path / "acme" / "edge" / f"{name(owner)}.json"
    whole.with_name(f".{whole.name}.7.tmp").write_text(whole.read_text()[:50])
    assert store.load(owner).reports == (report(owner),)
    assert store.load(owner).unreadable == ()


def test_a_copied_file_is_not_a_second_report(tmp_path: Path) -> None:
    owner = Owner("acme", "edge")
    store = ReportFolder(tmp_path)
    store.save(report(owner))
    whole = tmp_path / "acme" / "edge" / f"{name(owner)}.json"
    whole.with_name("copy.json").write_text(whole.read_text())
    found = store.load(owner)
    assert len(found.reports) == len(found.unreadable) == 1


def test_a_file_of_another_version_says_so(tmp_path: Path) -> None:
    owner = Owner("acme", "edge")
    store = ReportFolder(tmp_path)
    store.save(report(owner))
    whole = tmp_path / "acme" / "edge" / f"{name(owner)}.json"
    whole.write_text(json.dumps(json.loads(whole.read_text()) | {"format": 9}))
    assert "format 9" in store.load(owner).unreadable[0]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    store = ReportFolder(tmp_path / "reports")
    with pytest.raises(Misconfigured, match="reports"):
        store.save(report(Owner("acme", "edge")))
