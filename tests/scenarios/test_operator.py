"""The operator, with real repositories over http, a real cluster's API and the real adapters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gitopsd.daemon.agenda import Wish
from gitopsd.daemon.leases import PATIENT, Share
from gitopsd.daemon.settings import TightenedGuards
from gitopsd.sandbox.embedded import Sandbox
from gitopsd.sandbox.kubernetes.faults import Fault
from gitopsd.wiring.sites import Ways
from tests.contract.git.serving import Server
from tests.scenarios.operating import (
    FleetingWays,
    Replica,
    Shop,
    eventually,
    followed,
    holder_and_stand_by,
    open_shop,
    replica,
    with_repository,
)
from tests.scenarios.world import edit, objects

AWAY = 503


pytestmark = pytest.mark.usefixtures("keys")


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


def port(sandbox: Sandbox, shop: Shop, name: str = "tea") -> int:
    return int(objects(sandbox, "Service", shop.namespace)[name]["spec"]["ports"][0]["port"])


def test_a_push_is_planned_for_within_a_second_and_applied(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80, name="coffee")
    first = shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended", revision=first)
        second = shop.expose(8080)
        told = one.log.now
        one.operator.look(shop.name)
        begun = one.log.wait("pass.begun", told, revision=second)
        assert begun["why"] == "revision"
        read = one.log.wait("repository.read", told, revision=second)
        assert (read["files_read"], read["compiled"], read["documents"]) == (1, 1, 2)
        one.log.wait("pass.ended", told, revision=second, done=1)
        assert port(sandbox, shop) == 8080


def test_after_a_write_without_an_answer_writes_are_given_more_time(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    commit = shop.expose(80)
    slow = Fault("latency", ("patch",), ("services",), (shop.namespace,), times=0, seconds=3.5)
    sandbox.cluster.faults.add(slow)
    with replica(sandbox, tmp_path, [followed(shop)], ways=FleetingWays) as one:
        one.log.wait("pass.ended", revision=commit, failed=1)
        change = shop.expose(8080)
        told = one.log.now
        one.operator.look(shop.name)
        one.log.wait("pass.ended", told, revision=change, done=1)
        lease = sandbox.cluster.get("leases.coordination.k8s.io", "gitopsd-system", leased(shop))
        assert lease
        said = lease["metadata"]["annotations"]["gitopsd.io/write-seconds"]
        assert float(said) == PATIENT.request
        assert port(sandbox, shop) == 8080


def test_a_second_look_at_a_target_that_is_right_writes_nothing(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended", done=1)
        before = objects(sandbox, "ConfigMap", "gitopsd-system")[leased(shop)]
        assert one.another_pass()["steps"] == 0
        assert objects(sandbox, "ConfigMap", "gitopsd-system")[leased(shop)] == before


def test_drift_is_put_right_while_git_is_away_and_what_is_wrong_is_told(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        shop.server.manners.status = AWAY
        one.operator.look()
        one.log.wait("repository.trouble")
        assert "503" in one.operator.board.lines[shop.name]
        change = {"spec": {"ports": [{"port": 81, "targetPort": 80, "protocol": "TCP"}]}}
        edit(sandbox, "Service", shop.namespace, "tea", change)
        one.another_pass()
        assert port(sandbox, shop) == 80
        third = shop.expose(8080)  # before Git is back: it has to be what the next look finds
        shop.server.manners.status = None
        one.log.wait("pass.ended", revision=third)  # by itself: nobody asks for it
        eventually(lambda: one.operator.board.lines == {})


def test_a_fresh_start_without_git_goes_on_from_what_was_fetched_last(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    first = shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended", revision=first)
    shop.server.manners.status = AWAY
    with replica(sandbox, tmp_path, [followed(shop)]) as again:
        again.log.wait("pass.ended", revision=first)


def test_a_commit_that_mends_is_not_kept_waiting_by_a_step_that_is_stuck(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        stuck = Fault(
            "throttle", ("patch",), ("services",), (shop.namespace,), ("tea",), times=1, seconds=20
        )
        sandbox.cluster.faults.add(stuck)
        bad = shop.expose(8081)
        told = one.log.now
        one.operator.look()
        one.log.wait("pass.begun", told, revision=bad)
        eventually(lambda: not sandbox.cluster.faults.pending())  # its write is told to wait
        good = shop.expose(8082)
        one.operator.look()
        one.log.wait("pass.ended", told, revision=good)
        assert port(sandbox, shop) == 8082
        assert one.log.wait("pass.ended", told, revision=bad)["cut_short"]


def test_replicas_share_the_targets_and_the_one_that_stays_takes_over(
    sandbox: Sandbox, tmp_path: Path, server: Server, namespace: str
) -> None:
    shops = [open_shop(tmp_path, server, f"{namespace}-{letter}") for letter in "abcd"]
    for one in shops:
        one.namespace = namespace
        one.expose(80, name=f"tea-{one.name}")
    every = [followed(one) for one in shops]
    with (
        replica(sandbox, tmp_path, every, "ada", ways=FleetingWays) as ada,
        replica(sandbox, tmp_path, every, "bob", ways=FleetingWays) as bob,
    ):
        eventually(lambda: (load(ada), load(bob)) == (2, 2))
        told = bob.log.now
        ada.vanish()
        for one in shops:
            if not was_ours(bob.log.lines[:told], one.name):
                bob.log.wait("pass.ended", told, repository=one.name)
        eventually(lambda: load(bob) == 4)


def load(one: Replica) -> int:
    return sum(target.held for target in one.operator.targets.values())


def test_a_replica_that_comes_later_is_handed_its_share_between_passes(
    sandbox: Sandbox, tmp_path: Path, server: Server, namespace: str
) -> None:
    shops = [open_shop(tmp_path, server, f"{namespace}-{letter}") for letter in "abcd"]
    for one in shops:
        one.namespace = namespace
        one.expose(80, name=f"tea-{one.name}")
    every = [followed(one) for one in shops]
    with replica(sandbox, tmp_path, every, "ada") as ada:
        for one in shops:
            ada.log.wait("pass.ended", repository=one.name)
        with replica(sandbox, tmp_path, every, "bob") as bob:
            eventually(lambda: (load(ada), load(bob)) == (2, 2))
            eventually(lambda: len(given_up(ada)) == 2)  # it is told after it was done
            for name in given_up(ada):
                ended = bob.log.wait("pass.ended", repository=name)
                assert ended["steps"] == 0
            assert bob.operator.leave(60)
            eventually(lambda: load(ada) == 4)


def given_up(one: Replica) -> list[str]:
    """The repositories whose target was handed over."""
    return [x["repository"] for x in one.log.lines if x["event"] == "lease.given_up"]


def was_ours(lines: list[dict[str, object]], repository: str) -> bool:
    return any(x["event"] == "pass.ended" and x["repository"] == repository for x in lines)


def test_who_leaves_finishes_its_step_and_gives_the_lease_back(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)], "ada") as ada:
        ada.log.wait("pass.ended")
        assert ada.operator.leave(60)
    lease = sandbox.cluster.get("leases.coordination.k8s.io", "gitopsd-system", leased(shop))
    assert lease
    assert lease["spec"].get("holderIdentity", "") == ""


def leased(shop: Shop) -> str:
    return f"gitopsd-{shop.name}-edge"


def test_an_api_server_that_was_away_needs_nobody(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        gone = Fault("error", ("list",), ("services",), times=40, status=500)
        sandbox.cluster.faults.add(gone)
        told = one.log.now
        second = shop.expose(8080)
        one.operator.look()
        failed = one.log.wait("pass.ended", told, revision=second)
        assert "could not be read" in failed["trouble"]
        assert one.operator.board.lines
        sandbox.cluster.faults.clear()
        one.log.wait("pass.ended", failed["number"] + 1, revision=second, done=1)
        eventually(lambda: one.operator.board.lines == {})


def test_a_bad_fleet_stops_all_writing_until_it_is_mended(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        right = (shop.author.folder / "fleet.yaml").read_text()
        shop.author.write("fleet.yaml", right.replace("region", "regoin"))
        bad = shop.expose(9090)
        told = one.log.now
        one.operator.look()
        one.log.wait("repository.read", told, revision=bad)
        one.desk.wish(Wish.DRIFT)
        shop.author.write("fleet.yaml", right)
        good = shop.push()
        one.operator.look()
        one.log.wait("pass.ended", told, revision=good)
        assert port(sandbox, shop) == 9090
        assert not any(
            line["event"] == "pass.begun" and line["revision"] == bad for line in one.log.lines
        )


def test_targets_of_the_settings_that_the_fleet_lacks_are_told(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop, targets=["egde"])]) as one:
        told = one.log.wait("targets.unknown", repository=shop.name)
        assert told["what"] == "the settings name targets that fleet.yaml lacks: egde (it has edge)"
        assert one.operator.board.lines == {f"{shop.name} targets": told["what"]}
        one.operator.load(with_repository(one.loaded, followed(shop)))
        one.log.wait("pass.ended")
        eventually(lambda: one.operator.board.lines == {})


def test_settings_that_change_one_repository_leave_the_others_alone(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        before = one.operator.targets
        one.operator.load(one.loaded)
        assert one.operator.targets == before
        one.operator.load(with_repository(one.loaded, followed(shop, instance=shop.name)))
        eventually(lambda: one.operator.targets.keys() == before.keys())
        assert one.operator.targets != before  # made anew, in the same place
        eventually(lambda: one.desk.held)


def test_limits_of_the_settings_are_tighter_than_the_fleet_s(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    shop.expose(80, name="coffee")
    limits = TightenedGuards(max_deletes=0)
    with replica(sandbox, tmp_path, [followed(shop, limits=limits)]) as one:
        one.log.wait("pass.ended")
        (shop.author.folder / "coffee.yaml").unlink()
        gone = shop.push()
        one.operator.look()
        ended = one.log.wait("pass.ended", revision=gone)
        assert "maxDeletes allows 0" in ended["trouble"]
        assert "coffee" in objects(sandbox, "Service", shop.namespace)


def test_a_replica_that_takes_over_looks_at_the_repository_before_it_writes(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    """It stood by and heard of no push: what it knows is older than what was applied."""
    pair = holder_and_stand_by(sandbox, tmp_path, shop)
    with pair as (ada, bob, _):
        second = shop.expose(8080)
        ada.operator.look()
        ada.log.wait("pass.ended", revision=second, done=1)
        ada.operator.leave(60)
        ended = bob.log.wait("pass.ended", revision=second)
        assert ended["steps"] == 0
        assert not any(x.get("done") for x in bob.log.lines)
    assert port(sandbox, shop) == 8080


def test_a_replica_that_takes_over_without_git_undoes_nothing_newer(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    pair = holder_and_stand_by(sandbox, tmp_path, shop)
    with pair as (ada, bob, _):
        second = shop.expose(8080)
        ada.operator.look()
        ada.log.wait("pass.ended", revision=second)
        shop.server.manners.status = AWAY
        ada.operator.leave(60)
        ended = bob.log.wait("pass.ended")
        assert "the repository must be reached first" in ended["trouble"]
        assert port(sandbox, shop) == 8080
        shop.server.manners.status = None
        bob.log.wait("pass.ended", ended["number"] + 1, revision=second)
    assert port(sandbox, shop) == 8080


def test_a_replica_that_takes_over_while_git_hangs_begins_and_undoes_nothing_newer(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    awake = shop.server.manners.awake
    pair = holder_and_stand_by(sandbox, tmp_path, shop)
    with pair as (ada, bob, first):
        second = shop.expose(8080)
        ada.operator.look()
        ada.log.wait("pass.ended", revision=second)
        awake.clear()
        try:
            ada.operator.leave(60)
            ended = bob.log.wait("pass.ended", revision=first)
            assert "the repository must be reached first" in ended["trouble"]
            assert port(sandbox, shop) == 8080
        finally:
            awake.set()
        bob.log.wait("pass.ended", ended["number"] + 1, revision=second)
        assert not any(x.get("done") for x in bob.log.lines)
    assert port(sandbox, shop) == 8080


def test_an_apply_that_waits_is_let_in_and_the_operator_goes_on_afterwards(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)], "ada") as ada:
        told = ada.log.wait("pass.ended")["number"]
        desk = ada.desk
        assert desk.order
        assert isinstance(ada.loaded.outside, Ways)
        ways = replace(ada.loaded.outside, me="guest")
        guest = ways.tenure(desk.order.target, desk.order.owner, Share(alone=True))
        with guest.held(wait=True):
            assert guest.writable
            assert not desk.held
        ada.log.wait("lease.given_up", told, to="guest")
        ada.log.wait("pass.ended", told + 1)


def test_who_gives_a_target_up_tells_no_longer_what_was_wrong_with_it(
    sandbox: Sandbox, tmp_path: Path, shop: Shop
) -> None:
    shop.expose(80)
    name = f"{shop.name}/edge"
    with replica(sandbox, tmp_path, [followed(shop)], "ada") as ada:
        ada.log.wait("pass.ended")
        sandbox.cluster.faults.add(Fault("error", ("list",), ("services",), times=0, status=500))
        desk = ada.operator.targets[name]
        desk.wish(Wish.DRIFT)
        eventually(lambda: name in ada.operator.board.lines)
        assert desk.order
        assert isinstance(ada.loaded.outside, Ways)
        ways = replace(ada.loaded.outside, me="guest")
        guest = ways.tenure(desk.order.target, desk.order.owner, Share(alone=True))
        with guest.held(wait=True):
            eventually(lambda: ada.operator.board.lines == {})
        eventually(lambda: name in ada.operator.board.lines)


def deaf(one: Replica) -> None:
    """Nobody hears requests any more."""
    one.desk._listener.leave()


def timeless(one: Replica) -> None:
    """Nothing rings any more."""
    one.operator._timetable.stop()


@pytest.mark.parametrize("end", [deaf, timeless])
def test_an_operator_in_which_a_thread_has_ended_is_not_alive(
    sandbox: Sandbox, tmp_path: Path, shop: Shop, end: Callable[[Replica], None]
) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        assert one.operator.alive
        end(one)
        eventually(lambda: not one.operator.alive)
