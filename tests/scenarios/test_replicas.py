"""Replicas of one operator: what one tells another, and how it leaves."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gitopsd.adapters.kubernetes import KubernetesLease, Patience, connect
from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.leases import Share, Tenure
from gitopsd.daemon.operator import Operator
from gitopsd.model.ownership import Owner
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.faults import Fault
from gitopsd.spec.model import Target
from tests.contract.git.serving import Server, serve
from tests.scenarios.operating import (
    EXPOSURE,
    LEASE,
    PROMPT,
    FleetingWays,
    PatientWays,
    QuickWays,
    Shop,
    eventually,
    followed,
    holder_and_stand_by,
    open_shop,
    replica,
)
from tests.scenarios.world import objects

pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


def test_a_push_to_the_replica_that_stands_by_is_told_to_the_one_that_holds(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    pair = holder_and_stand_by(sandbox, tmp_path, shop)
    with pair as (bob, ada, _):
        second = shop.expose(8080)
        ada.operator.look()
        bob.log.wait("lease.news")
        bob.log.wait("repository.read", revision=second, why="news")
        bob.log.wait("pass.ended", revision=second, done=1)
        ada.log.wait("repository.read", revision=second, why="push")
        eventually(lambda: "gitopsd.io/pushed" not in annotations(sandbox, shop))
        assert not any(line["event"] == "lease.news" for line in ada.log.lines)


def test_a_replica_for_which_git_hangs_tells_the_one_that_holds_of_a_push_at_once(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    with serve(shop.server.root) as elsewhere:
        form = followed(shop, url=f"{elsewhere.url}/{shop.name}.git")
        pair = holder_and_stand_by(sandbox, tmp_path, shop, PatientWays, form)
        with pair as (bob, ada, _):
            elsewhere.manners.awake.clear()
            desk = ada.operator.repositories[shop.name]
            desk.wish(Wish.SYNC)
            eventually(lambda: desk.busy)
            second = shop.expose(8080)
            ada.operator.look()
            bob.log.wait("pass.ended", revision=second, done=1)
            assert desk.busy
            elsewhere.manners.awake.set()
            ada.log.wait("repository.read", revision=second)


def annotations(sandbox: Sandbox, shop: Shop) -> dict[str, str]:
    lease = sandbox.cluster.get(
        "leases.coordination.k8s.io", "gitopsd-system", f"gitopsd-{shop.name}-edge"
    )
    assert lease
    return dict(lease["metadata"].get("annotations") or {})


def test_a_lease_that_ran_out_is_told_as_held_no_longer(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)], ways=FleetingWays) as one:
        one.log.wait("pass.ended")
        target = next(iter(one.operator.targets.values()))
        eventually(lambda: target.held)
        name = f"gitopsd-{shop.name}-edge"
        away = Fault("error", (), ("leases",), ("gitopsd-system",), (name,), times=0)
        sandbox.cluster.faults.add(away)
        try:
            eventually(lambda: not target.held)
        finally:
            sandbox.cluster.faults.clear()
        eventually(lambda: target.held)


class Halting(Tenure):
    """Lets no write go before `go`; counts those that would."""

    def gate(self, asked: threading.Semaphore, go: threading.Event) -> Halting:
        self._asked, self._go = asked, go
        return self

    def check(self, seconds: float) -> None:
        self._asked.release()
        assert self._go.wait(120)
        super().check(seconds)


@dataclass(frozen=True, slots=True)
class HaltingWays(QuickWays):
    asked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    go: threading.Event = field(default_factory=threading.Event)

    def tenure(self, target: Target, owner: Owner, share: Share) -> Tenure:
        connection = connect(
            self.settings.cluster.kubeconfig, timeouts=PROMPT, patience=Patience(attempts=1)
        )
        store = KubernetesLease(connection, owner, namespace="gitopsd-system")
        return Halting(store, self.me, LEASE, share=share).gate(self.asked, self.go)


def test_who_is_told_to_leave_finishes_the_steps_under_way_and_begins_no_other(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    before = objects(sandbox, "Service", shop.namespace)
    for number in range(20):
        name = f"tea-{number}"
        text = EXPOSURE.format(name=name, namespace=shop.namespace, port=80)
        shop.author.write(f"{name}.yaml", text)
    shop.push()
    with replica(sandbox, tmp_path, [followed(shop)], ways=HaltingWays) as one:
        ways = one.loaded.outside
        assert isinstance(ways, HaltingWays)
        for _ in range(8):  # as many steps as are done side by side
            assert ways.asked.acquire(timeout=120)
        leaving = threading.Thread(target=one.operator.leave, args=(300,))
        leaving.start()
        eventually(lambda: told_to_finish(one.operator))
        ways.go.set()
        ended = one.log.wait("pass.ended")
        leaving.join(120)
        assert not leaving.is_alive()
    assert (ended["done"], ended["interrupted"]) == (8, 12)
    made = objects(sandbox, "Service", shop.namespace).keys() - before.keys()
    assert len(made) == 8


def told_to_finish(operator: Operator) -> bool:
    return all(target._tenure.over for target in operator.targets.values())
