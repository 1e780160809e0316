"""What goes away and comes back: nobody is needed, and `gitopsd status` says what is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitopsd.cli.root import run
from gitopsd.daemon import repository
from gitopsd.daemon.timetable import Timetable
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server
from tests.scenarios.conftest import make_namespace
from tests.scenarios.operating import Shop, eventually, followed, open_shop, replica
from tests.scenarios.world import objects

Status = Callable[[Sandbox, Shop], list[str]]


@pytest.fixture
def status(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Status:
    """What `gitopsd status` says is wrong with the one target of a shop."""

    def ask(sandbox: Sandbox, shop: Shop) -> list[str]:
        monkeypatch.setenv("GITOPSD_KUBECONFIG", str(sandbox.kubeconfig))
        monkeypatch.setenv("GITOPSD_ALB_ENDPOINT", sandbox.alb)
        monkeypatch.setenv("GITOPSD_NLB_ENDPOINT", sandbox.nlb)
        capsys.readouterr()
        run(["status", str(shop.author.folder), "-o", "json"])
        told = json.loads(capsys.readouterr().out)
        failures = [failure["detail"] for failure in told["failures"]]
        return failures + [line for target in told["targets"] for line in target["wrong"]]

    return ask


@pytest.fixture
def shop(tmp_path: Path, server: Server, namespace: str) -> Shop:
    return open_shop(tmp_path, server, namespace)


def port(sandbox: Sandbox, shop: Shop) -> int:
    return int(objects(sandbox, "Service", shop.namespace)["tea"]["spec"]["ports"][0]["port"])


@pytest.mark.usefixtures("keys")
def test_git_that_is_away(sandbox: Sandbox, tmp_path: Path, shop: Shop, status: Status) -> None:
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        eventually(lambda: status(sandbox, shop) == [])
        shop.server.manners.status = 503
        one.operator.look()
        eventually(lambda: any("broke off" in line for line in status(sandbox, shop)))
        shop.server.manners.status = None
        eventually(lambda: status(sandbox, shop) == [])


@pytest.mark.usefixtures("keys")
def test_git_that_hangs_while_replicas_start(
    sandbox: Sandbox,
    tmp_path: Path,
    shop: Shop,
    status: Status,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who has a clone goes on from it and leaves when told; who has none is not ready."""
    first = shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)], "again") as one:
        one.log.wait("pass.ended", revision=first)
    monkeypatch.setattr(repository, "SILENCE", 0.01)
    shop.server.manners.awake.clear()
    with (
        replica(sandbox, tmp_path, [followed(shop)], "again") as one,
        replica(sandbox, tmp_path, [followed(shop)], "new") as other,
    ):
        one.log.wait("pass.ended", revision=first)
        since = f"Git has not answered since 20.*; {first[:12]} goes on"
        eventually(lambda: any(re.search(since, line) for line in status(sandbox, shop)))
        assert re.search(since, one.log.wait("repository.trouble")["what"])
        eventually(lambda: one.operator.ready)
        eventually(lambda: other.operator.repositories[shop.name].looked)
        assert not other.operator.ready
        assert other.operator.unread == [shop.name]
        assert "nothing is known" in other.log.wait("repository.trouble")["what"]
        assert one.operator.leave(300)
        assert other.operator.leave(300)
    for told in (*one.log.lines, *other.log.lines):
        assert "git says" not in told.get("what", "")  # nobody has waited until git gave up
    shop.server.manners.awake.set()


def test_an_api_server_that_is_restarted(
    tmp_path: Path, server: Server, status: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve() -> Sandbox:
        again = Sandbox(tmp_path / "sandbox", persist=True)
        again.start()
        return again

    sandbox = serve()
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", sandbox.access_key_id)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", sandbox.access_key_secret)
    try:
        shop = open_shop(tmp_path, server, make_namespace(sandbox))
        shop.expose(80)
        with replica(sandbox, tmp_path, [followed(shop)]) as one:
            one.log.wait("pass.ended")
            sandbox.stop()
            assert status(sandbox, shop)
            change = shop.expose(8080)
            one.operator.look()
            eventually(lambda: any("lease" in subject for subject in one.operator.board.lines))
            sandbox = serve()
            one.log.wait("pass.ended", revision=change, done=1)
            assert port(sandbox, shop) == 8080
            eventually(lambda: status(sandbox, shop) == [])
            eventually(lambda: one.operator.board.lines == {})
    finally:
        sandbox.stop()


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own with room for a megabyte; skips the test where none can be had."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.usefixtures("keys")
def test_a_disk_that_is_full(sandbox: Sandbox, tmp_path: Path, shop: Shop, status: Status) -> None:
    first = shop.expose(80)
    with (
        small_disk(tmp_path / "cache-replica-0") as disk,
        replica(sandbox, tmp_path, [followed(shop)]) as one,
    ):
        one.log.wait("pass.ended", revision=first)
        fill(disk / "of somebody else")
        change = shop.expose(8080)
        one.operator.look()
        eventually(lambda: any("no room" in line for line in status(sandbox, shop)))
        (disk / "of somebody else").unlink()
        one.log.wait("pass.ended", revision=change)
        assert port(sandbox, shop) == 8080
        eventually(lambda: status(sandbox, shop) == [])


def fill(file: Path) -> None:
    """Write until nothing fits any more."""
    with file.open("wb", buffering=0) as stream:
        for size in (65536, 512, 1):
            try:
                while True:
                    stream.write(os.urandom(size))
            except OSError:
                continue


def test_cloud_credentials_that_have_expired(
    sandbox: Sandbox,
    tmp_path: Path,
    shop: Shop,
    status: Status,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = f"STS.{shop.name}"
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", key)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret")
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "of the morning")
    sandbox.cloud.add_key(key, "secret", security_token="of the morning")
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        eventually(lambda: status(sandbox, shop) == [])
        sandbox.cloud.add_key(key, "secret", security_token="of the evening")
        assert "could not be read" in one.another_pass()["trouble"]
        assert any("could not be read" in line for line in status(sandbox, shop))
        change = shop.expose(8080)
        one.operator.look()
        one.log.wait("pass.ended", revision=change, done=1)  # what needs no cloud goes on
        assert port(sandbox, shop) == 8080
        monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "of the evening")
        eventually(lambda: status(sandbox, shop) == [])
        eventually(lambda: one.operator.board.lines == {})


@pytest.mark.usefixtures("keys")
def test_a_clock_that_jumps(sandbox: Sandbox, tmp_path: Path, shop: Shop, status: Status) -> None:
    shop.expose(80)
    ahead = late = 0.0

    def time_of_day() -> float:
        return time.time() + ahead

    def clock() -> float:
        return time.monotonic() + late

    timetable = Timetable(time_of_day=time_of_day)
    with replica(sandbox, tmp_path, [followed(shop)], timetable=timetable, clock=clock) as one:
        one.log.wait("pass.ended")
        one.operator.watch()
        ahead = -7200
        one.operator.watch()
        eventually(lambda: any("jumped by -7,200 s" in line for line in status(sandbox, shop)))
        change = shop.expose(8080)
        one.operator.look()
        one.log.wait("pass.ended", revision=change, done=1)
        late = 61.0
        one.operator.watch()
        eventually(lambda: status(sandbox, shop) == [])
