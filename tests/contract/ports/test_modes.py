"""Modes by the API server's own rules: an owned field that is left out of an apply would vanish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from gitopsd.adapters.alibaba import AlibabaCloud
from gitopsd.engine.execution import Execution, execute
from gitopsd.engine.observation import observe_target
from gitopsd.engine.planning import plan_target
from gitopsd.model.desired import DesiredObject, DesiredTarget, DriftPolicy, ModeSpan
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.plan import Plan
from gitopsd.planning import PlanOptions
from gitopsd.ports import Site
from tests.unit.build import ingress, service, wanted

from .cluster_stage import ClusterSide

TODAY = date(2026, 11, 22)
PORT = {"name": "http", "port": 80, "targetPort": 8080}
ACTION = "alb.ingress.kubernetes.io/actions.forward"
SCHEDULER = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-scheduler"


@dataclass
class Passes:
    """Passes over one target, and other people between them."""

    cluster: ClusterSide
    site: Site

    def desired(self, item: DesiredObject) -> DesiredTarget:
        """The item alone, with the labels and under the name of this test's owner."""
        metadata = item.manifest["metadata"]
        labels = self.cluster.owner.labels(item.exposure.name)
        manifest = {**item.manifest, "metadata": {**metadata, "labels": labels}}
        return replace(wanted(replace(item, manifest=manifest)), name=self.cluster.owner.target)

    def look(self, item: DesiredObject, **options: Any) -> tuple[Plan, ObservedTarget]:
        desired = self.desired(item)
        seen = observe_target(desired, self.site, self.cluster.owner, lambda _: None)
        return plan_target(desired, seen, self.cluster.owner, PlanOptions(TODAY, **options)), seen

    def commit(self, item: DesiredObject, **options: Any) -> None:
        """One pass, after which there is nothing left to do."""
        plan, seen = self.look(item, **options)
        outcome = execute(
            plan, seen, Execution(self.site, self.cluster.owner, "2026-11-22T08:00:00Z")
        )
        assert outcome.ok, outcome.to_json()
        again, _ = self.look(item)
        assert again.empty, again.to_json()

    def by_hand(self, patch: Any, kind: str = "Service", name: str = "tea") -> None:
        self.cluster.others("PATCH", self.cluster.path(kind, name), patch)

    def live(self, kind: str = "Service", name: str = "tea") -> Any:
        return self.cluster.read(kind, name).manifest


@pytest.fixture
def passes(cluster: ClusterSide, adapter: AlibabaCloud) -> Passes:
    return Passes(cluster, Site(cluster.adapter, adapter, cluster.adapter, adapter))


def tea(passes: Passes, policy: DriftPolicy, **spec: Any) -> DesiredObject:
    more = {"ports": [PORT], "annotations": {SCHEDULER: "wrr"}, **spec}
    return service("tea", passes.cluster.namespace, drift=policy, **more)


def test_report_ignore_and_correct_of_paths_through_a_commit(passes: Passes) -> None:
    policy = DriftPolicy(
        "Report",
        (
            ModeSpan("Service/spec.ports", "Correct", None, "contract"),
            ModeSpan(f"Service/metadata.annotations[{SCHEDULER}]", "Ignore", None, "try-out"),
        ),
    )
    passes.commit(tea(passes, policy))
    passes.by_hand({"spec": {"selector": {"app": "hand"}}})
    passes.by_hand({"spec": {"ports": [{**PORT, "targetPort": 1}]}})
    passes.by_hand({"metadata": {"annotations": {SCHEDULER: "rr"}}})
    passes.commit(tea(passes, policy))
    found = passes.live()
    assert found["spec"]["selector"] == {"app": "hand"}
    assert found["spec"]["ports"][0]["targetPort"] == 8080
    assert found["metadata"]["annotations"] == {SCHEDULER: "rr"}
    passes.commit(tea(passes, policy, externalTrafficPolicy="Local"))
    found = passes.live()
    assert found["spec"]["externalTrafficPolicy"] == "Local"
    assert found["spec"]["selector"] == {"app": "hand"}
    assert found["metadata"]["annotations"] == {SCHEDULER: "rr"}
    passes.commit(tea(passes, policy, selector={"app": "git"}))
    assert passes.live()["spec"]["selector"] == {"app": "git"}


def test_an_edit_under_our_own_name_stays_because_it_is_sent(passes: Passes) -> None:
    policy = DriftPolicy("Report")
    passes.commit(tea(passes, policy))
    edit = {"spec": {"selector": {"app": "hand"}}}
    passes.cluster.others("PATCH", passes.cluster.path(), edit, manager="gitopsd")
    passes.commit(tea(passes, policy, externalTrafficPolicy="Local"))
    assert passes.live()["spec"]["selector"] == {"app": "hand"}


def test_a_drained_action_stays_through_a_commit_about_something_else(passes: Passes) -> None:
    def menu(weight: int = 80, host: str = "demo.example.com") -> DesiredObject:
        item = ingress("menu", passes.cluster.namespace, services=[("tea-svc", 80), ("b-svc", 80)],
                       weight=weight)  # fmt: skip
        (rule,) = item.manifest["spec"]["rules"]
        spec = {**item.manifest["spec"], "rules": [{**rule, "host": host}]}
        return replace(item, manifest={**item.manifest, "spec": spec}, services=())

    def action() -> str:
        return str(passes.live("Ingress", "menu")["metadata"]["annotations"][ACTION])

    passes.commit(menu())
    drained = action().replace('"Weight":80', '"Weight":0', 1)
    passes.by_hand({"metadata": {"annotations": {ACTION: drained}}}, "Ingress", "menu")
    passes.commit(menu())
    passes.commit(menu(host="other.example.com"))
    assert action() == drained
    passes.commit(menu(60, "other.example.com"))
    assert '"Weight":60' in action()
    drained = action().replace('"Weight":60', '"Weight":0', 1)
    passes.by_hand({"metadata": {"annotations": {ACTION: drained}}}, "Ingress", "menu")
    passes.commit(menu(60, "other.example.com"), correct=True)
    assert '"Weight":0' not in action()
