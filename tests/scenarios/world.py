"""A sandbox with one target, and passes over it with the real adapters, for scenario tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from gitopsd.adapters.alibaba import AlibabaCloud, Credentials, Pace
from gitopsd.adapters.kubernetes import KubernetesCluster, connect
from gitopsd.engine.execution import Execution, execute
from gitopsd.engine.judging import assess_target
from gitopsd.engine.observation import observe_target
from gitopsd.engine.planning import plan_target
from gitopsd.engine.waiting import Times
from gitopsd.model.desired import DesiredTarget
from gitopsd.model.observed import ObservedTarget
from gitopsd.model.outcome import Outcome
from gitopsd.model.ownership import Owner
from gitopsd.model.plan import Plan
from gitopsd.model.verdict import Assessment
from gitopsd.planning import PlanOptions
from gitopsd.ports import Site
from gitopsd.sandbox.embedded import Sandbox

TODAY = date(2026, 11, 22)
#: Looks are frequent, for the sandbox is quick; waits are long, for the machine may be busy.
TIMES = Times(gone=60.0, unused=60.0, answering=60.0, poll=0.02, probe=0.05)


@dataclass
class World:
    """One sandbox, one owner, and the two ends of a target as `wiring` would connect them."""

    sandbox: Sandbox
    owner: Owner
    site: Site
    times: Times = field(default_factory=lambda: TIMES)

    def observe(self, desired: DesiredTarget, *, health: bool = False) -> ObservedTarget:
        return observe_target(desired, self.site, self.owner, lambda _: None, health=health)

    def plan(self, desired: DesiredTarget, **options: Any) -> Plan:
        return plan_target(
            desired, self.observe(desired), self.owner, PlanOptions(TODAY, **options)
        )

    def assess(self, desired: DesiredTarget) -> Assessment:
        return assess_target(desired, self.observe(desired), self.owner, TODAY)

    def apply(
        self,
        desired: DesiredTarget,
        *,
        site: Site | None = None,
        stop: Callable[[], bool] = lambda: False,
        workers: int = 8,
        **options: Any,
    ) -> Outcome:
        """One whole pass: observe, plan, execute."""
        observed = self.observe(desired)
        plan = plan_target(desired, observed, self.owner, PlanOptions(TODAY, **options))
        return self.execute(plan, observed, site=site, stop=stop, workers=workers)

    def execute(
        self,
        plan: Plan,
        observed: ObservedTarget,
        *,
        site: Site | None = None,
        stop: Callable[[], bool] = lambda: False,
        workers: int = 8,
    ) -> Outcome:
        context = Execution(
            site or self.site,
            self.owner,
            "2026-11-22T08:00:00Z",
            stop=stop,
            times=self.times,
            workers=workers,
        )
        return execute(plan, observed, context)


#: The sandbox answers at once, so nothing is gained by asking gently.
PACE = Pace(rate=1000.0, burst=1000, poll=0.02, base=0.01, cap=0.05)


def connect_world(sandbox: Sandbox, owner: Owner, pace: Pace = PACE) -> World:
    """The real adapters, pointed at a sandbox."""
    cluster = KubernetesCluster(connect(str(sandbox.kubeconfig), None))
    cloud = AlibabaCloud(
        "cn-hangzhou",
        alb_endpoint=sandbox.alb,
        nlb_endpoint=sandbox.nlb,
        credentials=Credentials(
            access_key_id=sandbox.access_key_id, access_key_secret=sandbox.access_key_secret
        ),
        pace=pace,
    )
    return World(sandbox, owner, Site(cluster, cloud, cluster, cloud))


class Crash(BaseException):
    """The process was killed."""


class Crashing:
    """A writer that is killed at its n-th write, before or after the write takes effect."""

    WRITES = (
        "apply", "remove_fields", "delete", "release", "write_record", "create_group",
        "update_group", "delete_group", "add_servers", "update_servers", "remove_servers",
        "tag_group", "untag_group", "write_request",
    )  # fmt: skip

    def __init__(self, inner: Any, count: list[int], at: int, *, after: bool) -> None:
        self._inner, self._count, self._at, self._after = inner, count, at, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name not in self.WRITES:
            return method

        def write(*args: Any, **kwargs: Any) -> Any:
            self._count[0] += 1
            mine = self._count[0] == self._at
            if self._count[0] > self._at or (mine and not self._after):
                raise Crash
            result = method(*args, **kwargs)
            if mine:
                raise Crash
            return result

        return write


def crashing(site: Site, at: int, *, after: bool) -> Site:
    """The same site with both writers killed at their n-th write together."""
    count = [0]
    return replace(
        site,
        cluster_writer=Crashing(site.cluster_writer, count, at, after=after),
        cloud_writer=Crashing(site.cloud_writer, count, at, after=after),
    )


@contextmanager
def namespaces(sandbox: Sandbox, names: Sequence[str]) -> Iterator[None]:
    """Make namespaces in a sandbox for one test."""
    for name in names:
        make_object(sandbox, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield


class Refused(AssertionError):
    """The API does not do what a test asks of it."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def call(
    sandbox: Sandbox,
    method: str,
    path: str,
    body: Any = None,
    *,
    content: str = "application/json",
) -> Any:
    """One request to the sandbox's Kubernetes API, as somebody else would make it."""
    import orjson
    import urllib3

    response = urllib3.request(
        method,
        sandbox.kubernetes_url + path,
        body=None if body is None else orjson.dumps(body),
        headers={
            "Authorization": f"Bearer {sandbox.tokens['admin']}",
            "Content-Type": content,
        },
    )
    if response.status >= 400:
        raise Refused(f"{method} {path}: {response.status} {response.data!r}", response.status)
    return orjson.loads(response.data)


PATHS = {
    "Namespace": "/api/v1/namespaces",
    "Service": "/api/v1/namespaces/{namespace}/services",
    "Ingress": "/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses",
    "ConfigMap": "/api/v1/namespaces/{namespace}/configmaps",
}


def make_object(sandbox: Sandbox, manifest: dict[str, Any]) -> Any:
    """Create an object as somebody else."""
    path = PATHS[manifest["kind"]].format(**manifest["metadata"])
    return call(sandbox, "POST", path + "?fieldManager=somebody", manifest)


def edit(sandbox: Sandbox, kind: str, namespace: str, name: str, patch: Any) -> Any:
    """Change an object behind gitopsd's back, as `kubectl edit` would."""
    path = PATHS[kind].format(namespace=namespace) + f"/{name}?fieldManager=kubectl-edit"
    return call(sandbox, "PATCH", path, patch, content="application/merge-patch+json")


def remove(sandbox: Sandbox, kind: str, namespace: str, name: str) -> Any:
    """Delete an object behind gitopsd's back."""
    return call(sandbox, "DELETE", PATHS[kind].format(namespace=namespace) + f"/{name}")


def objects(sandbox: Sandbox, kind: str, namespace: str) -> dict[str, Any]:
    """All objects of a kind in a namespace, by name."""
    items = call(sandbox, "GET", PATHS[kind].format(namespace=namespace))["items"]
    return {item["metadata"]["name"]: item for item in items}
