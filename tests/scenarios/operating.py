"""Operators on a sandbox, with repositories that are served over http, for scenario tests."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import orjson

from gitopsd.adapters.kubernetes import KubernetesLease, Patience, connect
from gitopsd.config import CloudSettings, ClusterSettings, Settings, SourceSettings
from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.journal import Journal
from gitopsd.daemon.leases import LeaseTimes, Share, Tenure
from gitopsd.daemon.operator import Operator
from gitopsd.daemon.outside import Loaded
from gitopsd.daemon.settings import OperatorSettings, Repository, Schedule, SinkSettings
from gitopsd.daemon.target import TargetDesk
from gitopsd.model.ownership import Owner
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.spec.model import Target
from gitopsd.wiring.sinks import open_sink
from gitopsd.wiring.sites import Ways
from tests.contract.git.authoring import Author, git
from tests.contract.git.serving import Server

#: Longer than in earnest, so that a busy machine never loses a lease; hand-overs are as quick.
LEASE = LeaseTimes(duration=60.0, renew=0.3, retry=0.1, request=10.0)
#: About as in earnest, where a test waits for a lease to end.
FLEETING = LeaseTimes(duration=10.0, renew=0.3, retry=0.1, request=4.0)
#: Seconds to connect to the cluster about a lease, and to wait for its answer.
PROMPT = (2.0, 5.0)
#: Jobs that do not ring while a test lasts: what happens is what the test asks for.
NEVER = Schedule(every_seconds=3600)

FLEET = """\
apiVersion: gitopsd.io/v1alpha1
kind: Fleet
metadata: {{name: {name}}}
spec:
  targets:
  - name: edge
    region: cn-hangzhou
    vpc: {{id: vpc-1, cidrs: [172.16.0.0/16]}}
    networkPlugin: TerwayEdge
    albs: [{{ingressClass: alb, edition: Standard, scheme: Internet}}]
"""
EXPOSURE = """\
apiVersion: gitopsd.io/v1alpha1
kind: Exposure
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  loadBalancer: {{type: CLB, scheme: Internet}}
  pods: {{selector: {{app: {name}}}}}
  ports: [{{port: {port}}}]
"""


class Log:
    """What operators write into their journals, for tests to wait for."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self._changed = threading.Condition()

    def write(self, line: str) -> None:
        with self._changed:
            self.lines.append(orjson.loads(line))
            self._changed.notify_all()

    def wait(
        self, event: str, after: int = 0, seconds: float = 120, **fields: Any
    ) -> dict[str, Any]:
        """The first entry from number `after` on that says this; its number is in it."""

        def find() -> dict[str, Any] | None:
            for number, line in enumerate(self.lines[after:], after):
                if line["event"] == event and all(line.get(k) == v for k, v in fields.items()):
                    return line | {"number": number}
            return None

        with self._changed:
            assert self._changed.wait_for(lambda: find() is not None, seconds), (event, self.lines)
        found = find()
        assert found
        return found

    @property
    def now(self) -> int:
        return len(self.lines)


def eventually(holds: Callable[[], bool], seconds: float = 120) -> None:
    """Look again and again until something holds."""
    end, nobody = time.monotonic() + seconds, threading.Event()
    while not holds():
        assert time.monotonic() < end
        nobody.wait(0.02)


@dataclass(frozen=True, slots=True)
class QuickWays(Ways):
    """The real ways, with leases that are renewed and bid for more often."""

    times: ClassVar[LeaseTimes] = LEASE

    def tenure(self, target: Target, owner: Owner, share: Share) -> Tenure:
        connection = connect(
            self.settings.cluster.kubeconfig, timeouts=PROMPT, patience=Patience(attempts=1)
        )
        store = KubernetesLease(connection, owner, namespace="gitopsd-system")
        return Tenure(store, self.me, self.times, share=share)


class FleetingWays(QuickWays):
    """Leases that end within a test when nobody renews them."""

    times: ClassVar[LeaseTimes] = FLEETING


class PatientWays(QuickWays):
    """A holder does not look at its lease while a test lasts, unless it hears that it should."""

    times: ClassVar[LeaseTimes] = LeaseTimes(duration=900, renew=600, retry=0.1, request=10.0)


@dataclass
class Shop:
    """A config repository of one target, and the namespace that its Exposures stand in."""

    author: Author
    server: Server
    namespace: str
    name: str

    @property
    def url(self) -> str:
        return f"{self.server.url}/{self.name}.git"

    def expose(self, port: int = 80, name: str = "tea") -> str:
        """Push an Exposure; answers the commit."""
        text = EXPOSURE.format(name=name, namespace=self.namespace, port=port)
        self.author.write(f"{name}.yaml", text)
        return self.push()

    def push(self) -> str:
        commit = self.author.commit()
        git(self.author.folder, "push", "-q", "--force", "origin", "main")
        return commit


def open_shop(folder: Path, server: Server, namespace: str) -> Shop:
    """An empty repository with a Fleet called like the namespace."""
    git(server.root, "init", "-q", "--bare", "-b", "main", f"{namespace}.git")
    author = Author(folder / f"work-{namespace}")
    git(author.folder, "remote", "add", "origin", str(server.root / f"{namespace}.git"))
    author.write("fleet.yaml", FLEET.format(name=namespace))
    return Shop(author, server, namespace, namespace)


@dataclass
class Replica:
    """One operator in this process, and how it can be made to vanish."""

    operator: Operator
    loaded: Loaded
    me: str
    log: Log = field(default_factory=Log)

    @property
    def desk(self) -> TargetDesk:
        """The only target."""
        (found,) = self.operator.targets.values()
        return found

    def another_pass(self, wish: Wish = Wish.DRIFT) -> dict[str, Any]:
        """How a pass ended that began after this was asked for: it has seen all that was there. One
        that is under way may have looked before.
        """
        told = self.log.now
        self.desk.wish(wish)
        while True:
            begun = self.log.wait("pass.begun", told)
            ended = self.log.wait("pass.ended", told, **{"pass": begun["pass"]})
            if not ended.get("cut_short"):
                return ended
            told = ended["number"]

    def vanish(self) -> None:
        """Stop as a killed process does: nothing is finished, no lease is given back."""
        for desk in self.operator.targets.values():
            desk._tenure.resign = lambda: None  # type: ignore[method-assign]
            desk.hurry()
        self.operator.leave(5)


@contextmanager
def replica(
    sandbox: Sandbox,
    folder: Path,
    repositories: Sequence[Repository],
    me: str = "replica-0",
    sinks: Sequence[SinkSettings] = (),
    ways: type[QuickWays] = QuickWays,
    **more: Any,
) -> Iterator[Replica]:
    """An operator with the real adapters, until the block ends."""
    settings = Settings(
        source=SourceSettings(cache=folder / f"cache-{me}"),
        cluster=ClusterSettings(kubeconfig=str(sandbox.kubeconfig)),
        cloud=CloudSettings(sandbox.alb, sandbox.nlb, credentials_present=True),
    )
    log = Log()
    operator = Operator(Journal(log.write, "json"), **more)
    form = OperatorSettings(repositories=list(repositories), sinks=list(sinks))
    loaded = Loaded(form, ways(settings, me), open_sink)
    made = Replica(operator, loaded, me, log)
    operator.start()
    operator.load(loaded)
    try:
        yield made
    finally:
        operator.leave(60)


def followed(shop: Shop, **more: Any) -> Repository:
    """The settings of a repository that is looked at when somebody asks."""
    given: dict[str, Any] = {"sync": NEVER, "drift": NEVER, "branch": "main", **more}
    return Repository(**({"name": shop.name, "url": shop.url} | given))


def with_repository(loaded: Loaded, repository: Repository) -> Loaded:
    """The same settings about another repository."""
    settings = loaded.settings.model_copy(update={"repositories": [repository]})
    return replace(loaded, settings=settings)


@contextmanager
def holder_and_stand_by(
    sandbox: Sandbox,
    folder: Path,
    shop: Shop,
    ways: type[QuickWays] = QuickWays,
    stand_by: Repository | None = None,
) -> Iterator[tuple[Replica, Replica, str]]:
    """A replica that holds the target of a shop, one that stands by, and the revision there."""
    first, form = shop.expose(80), followed(shop)
    with replica(sandbox, folder, [form], "holder", ways=ways) as holder:
        holder.log.wait("pass.ended", revision=first)
        with replica(sandbox, folder, [stand_by or form], "stand-by", ways=ways) as other:
            other.log.wait("lease.held", ours=False)
            yield holder, other, first
