"""Fetches over ssh share one connection, for as long as it is the right one."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitopsd.adapters.git import Ending, GitAccess, GitRepository, sharing
from gitopsd.adapters.git.sharing import LIFE, SharedConnection
from gitopsd.ports import Unauthenticated
from tests.contract.git.authoring import Author
from tests.contract.git.sshd import SshServer, serve_ssh
from tests.scenarios.operating import eventually
from tests.unit.daemon.desk import Clock


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with serve_ssh(tmp_path_factory.mktemp("ssh") / "server") as running:
        yield running


@pytest.fixture
def repository(author: Author, cache: Path, ssh: SshServer) -> Iterator[GitRepository]:
    access = GitAccess(ssh_key=ssh.user_key, known_hosts=ssh.known_hosts)
    url = f"{ssh.url}{author.folder}"
    made = GitRepository(url, "main", cache_dir=cache, access=access, ending=Ending())
    yield made
    made.leave()
    eventually(lambda: ssh.open == 0)  # nothing stays behind


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files whose path leaves room for a socket's."""
    with tempfile.TemporaryDirectory(prefix="t") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def test_many_fetches_make_one_connection_and_a_lost_one_is_made_anew(
    author: Author, repository: GitRepository, ssh: SshServer
) -> None:
    before = ssh.connections
    for text in ("1", "2", "3"):
        commit = author.commit(a=text)
        assert repository.fetch() == commit
    assert ssh.connections == before + 1
    ssh.drop()
    commit = author.commit(a="4")
    assert repository.fetch() == commit
    assert ssh.connections == before + 2


def test_a_connection_on_which_nothing_comes_any_more_costs_no_push(
    author: Author, repository: GitRepository, ssh: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "SIGNS", ("ServerAliveInterval=1", "ServerAliveCountMax=1"))
    author.commit(a="1")
    repository.fetch()
    ssh.freeze()
    commit = author.commit(a="2")
    assert repository.fetch() == commit
    ssh.drop()


def test_a_folder_that_was_taken_away_costs_no_fetch(
    author: Author, short: Path, repository: GitRepository, ssh: SshServer
) -> None:
    author.commit(a="1")
    repository.fetch()
    (folder,) = short.glob("gx*")
    shutil.rmtree(folder)
    for text in ("2", "3"):
        commit = author.commit(a=text)
        assert repository.fetch() == commit
    assert [file for file in short.glob("gx*/*") if file.is_socket()]
    ssh.drop()


@pytest.mark.parametrize("name", ["a b", "a%h", "a" * 80])
def test_where_no_socket_can_be_each_fetch_has_a_connection_of_its_own(
    short: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (short / name).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(short / name))
    access = GitAccess()
    shared = SharedConnection(access)
    assert shared.command() == access.ssh_command()
    shared.end()


def test_a_key_that_was_replaced_is_used_at_the_next_fetch(
    author: Author, repository: GitRepository, ssh: SshServer
) -> None:
    author.commit(a="1")
    repository.fetch()
    right = ssh.user_key.read_bytes()
    ssh.make_user_key()
    new = ssh.user_key.read_bytes()
    ssh.user_key.write_bytes(right)
    repository.fetch()  # who was let in stays in for a while
    ssh.user_key.write_bytes(right + b"\n")
    with pytest.raises(Unauthenticated):
        repository.fetch()
    ssh.user_key.write_bytes(new)
    repository.fetch()


def test_a_connection_is_private_and_has_an_end(tmp_path: Path) -> None:
    clock, key = Clock(), tmp_path / "key"
    key.write_text("one")
    shared = SharedConnection(GitAccess(ssh_key=key), clock)
    first = shared.command()
    folder = Path(first.partition("ControlPath=")[2].split()[0]).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert shared.command() == first
    clock.now += LIFE
    second = shared.command()
    key.write_text("another")
    third = shared.command()
    shared.renew()
    assert len({first, second, third, shared.command()}) == 4
    shared.end()
    assert not folder.exists()
