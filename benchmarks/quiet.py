"""`python -m benchmarks.quiet [EXPOSURES]`: what a pass writes where all is healthy (10,000).

It ends with 1 when such a pass writes anything. The sandbox is in this process, so the seconds are
those of both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import yaml

from gitopsd import crds
from gitopsd.config import CloudSettings, ClusterSettings, Settings, SourceSettings
from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.operator import Operator
from gitopsd.daemon.outside import Loaded
from gitopsd.daemon.settings import OperatorSettings, Repository, Schedule
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.wiring.sites import Ways

EXPOSURES = 10_000
_NAMESPACES = 20
_NEVER = Schedule(every_seconds=7 * 24 * 3600)
_FLEET = """\
apiVersion: gitopsd.io/v1alpha1
kind: Fleet
metadata: {name: quiet}
spec:
  targets:
  - {name: edge, region: cn-hangzhou, networkPlugin: TerwayEdge}
"""
_EXPOSURE = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  loadBalancer: {{type: CLB, scheme: Internet}}
  pods: {{selector: {{app: {name}}}}}
  ports: [{{port: {port}}}]
"""


class Requests:
    """A `Meter` that counts requests by what they ask; renewing leases is not a pass's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def called(self, product: str, operation: str, *_: object) -> None:
        """Count one request."""
        del product
        if not operation.endswith(" leases"):
            with self._lock:
                self.counts[operation] += 1

    def paced(self, product: str, seconds: float) -> None:
        """Nothing is counted of that."""

    def taken(self) -> dict[str, int]:
        """The counts since the last time."""
        with self._lock:
            found, self.counts = dict(self.counts), Counter()
        return found


def place(number: int) -> tuple[str, str]:
    """Namespace and name of an Exposure."""
    return f"team-{number % _NAMESPACES}", f"app-{number}"


def author(folder: Path, exposures: int) -> Path:
    """A repository with so many Exposures."""
    folder.mkdir()
    (folder / "fleet.yaml").write_text(_FLEET)
    for number in range(exposures):
        namespace, name = place(number)
        text = _EXPOSURE.format(name=name, namespace=namespace, port=80)
        (folder / f"{name}.yaml").write_text(text)
    git(folder, "init", "-q", "-b", "main")
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Commit everything."""
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "all")


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    subprocess.run(["git", "-C", str(folder), *words], check=True)


def prepare(sandbox: Sandbox, exposures: int) -> None:
    """The kinds, the namespaces, and pods that are ready behind every Service to come."""
    for plural in crds.KINDS:
        kind = "customresourcedefinitions.apiextensions.k8s.io"
        sandbox.cluster.create(kind, yaml.safe_load(crds.manifest(plural)))
    for number in range(_NAMESPACES):
        meta = {"name": f"team-{number}"}
        sandbox.cluster.create(
            "namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}
        )
    for number in range(exposures):
        namespace, name = place(number)
        labels = {"kubernetes.io/service-name": name}
        slice_ = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": f"{name}-1", "namespace": namespace, "labels": labels},
            "addressType": "IPv4",
            "endpoints": [{"addresses": ["172.16.0.9"], "conditions": {"ready": True}}],
            "ports": [{"port": 80}],
        }
        sandbox.cluster.create("endpointslices.discovery.k8s.io", slice_)


def give_addresses(sandbox: Sandbox, exposures: int) -> None:
    """As the cloud controller does when its load balancers are there."""
    status = {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}}
    for number in range(exposures):
        namespace, name = place(number)
        sandbox.cluster.patch("services", namespace, name, status, subresource="status")


def healthy(sandbox: Sandbox) -> int:
    """How many Exposures are said to be ready."""
    found = sandbox.cluster.list("exposures.gitopsd.io", None)
    conditions = (item.get("status", {}).get("conditions", ()) for item in found)
    return sum({"type": "Ready", "status": "True"}.items() <= one.items()
               for every in conditions for one in every)  # fmt: skip


class Watched:
    """An operator, and what each of its passes asks for."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.requests, self.log = Requests(), []
        self._changed = threading.Condition()
        settings = Settings(
            SourceSettings(cache=folder / "cache"),
            ClusterSettings(str(sandbox.kubeconfig)),
            CloudSettings(sandbox.alb, sandbox.nlb, credentials_present=True),
        )
        followed = Repository(name="quiet", url=str(folder / "config"), branch="main",
                              sync=_NEVER, drift=_NEVER)  # fmt: skip
        self.operator = Operator(Journal(self._told, "json"))
        self.operator.start()
        ways = Ways(settings, "quiet", meter=self.requests)
        self.operator.load(Loaded(OperatorSettings(repositories=[followed]), ways))

    log: list[dict[str, object]]

    def _told(self, line: str) -> None:
        with self._changed:
            self.log.append(json.loads(line))
            self._changed.notify_all()

    def next(self, event: str, after: int) -> dict[str, object]:
        """The first such entry from number `after` on."""

        def found() -> dict[str, object] | None:
            return next((one for one in self.log[after:] if one["event"] == event), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None)
            entry = found()
        return entry or {}

    def look(self, what: str) -> dict[str, int]:
        """One more pass; the writes that it took, which are printed."""
        desk = next(iter(self.operator.targets.values()))
        while desk.busy or desk.waiting:
            time.sleep(0.1)
        self.requests.taken()
        after, began = len(self.log), time.monotonic()
        desk.wish(Wish.DRIFT)
        ended = self.next("pass.ended", after)
        while desk.busy:
            time.sleep(0.1)
        asked = self.requests.taken()
        writes = {k: n for k, n in asked.items() if not k.lower().startswith(("list", "get"))}
        reads = sum(asked.values()) - sum(writes.values())
        seconds = time.monotonic() - began
        print(f"{what}: {seconds:.1f} s, {reads} reads, writes: {writes or 'none'}",
              ended.get("trouble", ""), flush=True)  # fmt: skip
        return writes


def main() -> int:
    """Apply, let all become healthy, and look what a pass writes then."""
    exposures = int(sys.argv[1]) if len(sys.argv) > 1 else EXPOSURES
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        config = author(base / "config", exposures)
        with Sandbox(base / "sandbox", controllers=False) as sandbox:
            os.environ["ALIBABA_CLOUD_ACCESS_KEY_ID"] = sandbox.access_key_id
            os.environ["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = sandbox.access_key_secret
            prepare(sandbox, exposures)
            began = time.monotonic()
            one = Watched(sandbox, base)
            one.next("pass.ended", 0)
            one.look("the second pass")
            print(f"applied after {time.monotonic() - began:.1f} s", flush=True)
            give_addresses(sandbox, exposures)
            one.look("all have become healthy")
            print(f"{healthy(sandbox):,} of {exposures:,} Exposures are ready", flush=True)
            quiet = one.look("all are healthy")
            namespace, name = place(0)
            changed = _EXPOSURE.format(name=name, namespace=namespace, port=81)
            (config / f"{name}.yaml").write_text(changed)
            commit(config)
            after, began = len(one.log), time.monotonic()
            one.operator.look()
            read = one.next("repository.read", after)
            one.next("pass.begun", after)
            seconds = time.monotonic() - began
            print(f"a push: a plan begins after {seconds:.2f} s, files read: {read['files_read']}, "
                  f"compiled: {read['compiled']} of {read['documents']:,}")  # fmt: skip
            one.operator.leave(60)
    return int(bool(quiet))


if __name__ == "__main__":
    sys.exit(main())
