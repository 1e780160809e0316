"""A fetch that hangs can be ended from outside, with all that git has started for it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gitopsd.adapters.git import Ending, GitAccess, GitRepository
from gitopsd.ports import Unreachable
from tests.contract.git.authoring import Author
from tests.contract.git.serving import Server, serve
from tests.scenarios.operating import eventually


@pytest.fixture
def server(author: Author) -> Iterator[Server]:
    author.commit(a="1")
    with serve(author.folder.parent) as server:
        yield server
        server.manners.awake.set()


def opened(server: Server, cache: Path, ending: Ending, timeout: float = 300) -> GitRepository:
    url, access = f"{server.url}/config/.git", GitAccess(timeout=timeout)
    return GitRepository(url, "main", cache_dir=cache, access=access, ending=ending)


def gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_fetch_that_hangs_ends_with_all_its_processes(server: Server, cache: Path) -> None:
    ending = Ending()
    repository = opened(server, cache, ending)
    first = repository.fetch()
    server.manners.awake.clear()
    server.manners.asked.clear()
    with ThreadPoolExecutor() as pool:
        fetching = pool.submit(repository.fetch)
        eventually(lambda: bool(server.manners.asked))
        (process,) = ending._running
        assert repository.recall() == first  # it waits for nobody who fetches
        repository.leave()
        with pytest.raises(Unreachable, match="not waited for"):
            fetching.result(120)
    eventually(lambda: gone(process.pid))
    with pytest.raises(Unreachable):
        repository.fetch()
    assert list(repository.tree().files) == ["a.yaml"]


def test_waiting_for_another_process_ends_too(server: Server, cache: Path) -> None:
    repository = opened(server, cache, Ending())
    repository.fetch()
    (lock,) = cache.glob("*/lock")
    with lock.open() as held, ThreadPoolExecutor() as pool:
        fcntl.flock(held, fcntl.LOCK_EX)
        fetching = pool.submit(repository.fetch)
        repository.leave()
        with pytest.raises(Unreachable, match="not waited for"):
            fetching.result(120)


def test_a_command_that_takes_too_long_is_ended_with_all_its_processes(
    server: Server, cache: Path
) -> None:
    server.manners.awake.clear()
    with pytest.raises(Unreachable, match="did not answer in time"):
        opened(server, cache, Ending(), timeout=0.5).fetch()
