"""Hundreds of passes in one process leave nothing behind: threads, descriptors, memory."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from gitopsd.daemon.agenda import Wish
from gitopsd.sandbox.embedded import Sandbox
from tests.contract.git.serving import Server
from tests.scenarios.operating import Replica, eventually, followed, open_shop, replica

#: The first passes fill caches and pools; those after them must find everything in place.
WARM, PASSES = 15, 60


pytestmark = pytest.mark.usefixtures("keys")


def passes(one: Replica, number: int) -> None:
    """So many looks at a target, one after another, and every tenth at the repository too."""
    desk = next(iter(one.operator.targets.values()))
    for index in range(number):
        one.log.lines.clear()
        if index % 10 == 0:
            one.operator.look()
        desk.wish(Wish.DRIFT)
        one.log.wait("pass.ended")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def objects() -> int:
    """What is alive."""
    gc.collect()
    return len(gc.get_objects())


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_nothing_piles_up_over_many_passes(
    sandbox: Sandbox, tmp_path: Path, server: Server, namespace: str
) -> None:
    shop = open_shop(tmp_path, server, namespace)
    shop.expose(80)
    with replica(sandbox, tmp_path, [followed(shop)]) as one:
        one.log.wait("pass.ended")
        passes(one, WARM)
        before = threading.active_count(), descriptors(), objects()
        written = sandbox.cluster.store.revision
        passes(one, PASSES)
        written = sandbox.cluster.store.revision - written
        # What is under way just now, a look or a request of the sandbox, has more for a moment.
        eventually(lambda: threading.active_count() <= before[0] + 2)
        eventually(lambda: descriptors() <= before[1] + 4)
        # The sandbox keeps what was written.
        eventually(lambda: objects() - before[2] < PASSES * 5 + written * 60)
