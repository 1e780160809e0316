"""Both controllers in one place: they watch the store and work when something changed.

Nothing is polled. A change wakes the task, which works for a few milliseconds and then, if others
have something to do in the event loop, leaves it to them for twice the time it took.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gitopsd.sandbox.cloud import SEEDED_VPC, Cloud
from gitopsd.sandbox.controllers.loops import alb, services
from gitopsd.sandbox.controllers.loops.alb_cloud import AlbCloud
from gitopsd.sandbox.controllers.loops.hand import RESOURCES, Hand
from gitopsd.sandbox.controllers.loops.nlb_cloud import NlbCloud
from gitopsd.sandbox.controllers.loops.queueing import Key, WorkQueue
from gitopsd.sandbox.controllers.objects import Item, Objects
from gitopsd.sandbox.controllers.site import Site
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.store import Event

DELAY: Final = 0.02
CLUSTER_ID: Final = "c-sandbox"
_SLICE: Final = 0.005
# A request that has just arrived needs a few turns of the event loop to get to its handler.
_TURNS: Final = 5
_BUSY: Final = 0.0005
_CERTIFICATES: Final = {"cas-example-com": ("*.example.com", "example.com")}
_KINDS: Final = {resource: kind for kind, resource in RESOURCES.items()}
_log = logging.getLogger(__name__)


class Controllers:
    """The stand-ins for Alibaba's two controllers on one cluster and one cloud.

    Either call `start` and `stop` inside an event loop, or, without one, `watch` once and `settle`
    whenever everything that is due shall be done.

    Args:
        clock: seconds of any origin; decides when something is due.
        wall: the time of day, for events.
        delay: seconds that a change waits for others of the same object.
        cluster_id: the cluster's id, which names and tags of what is made carry.
    """

    def __init__(
        self,
        cluster: Cluster,
        cloud: Cloud,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        delay: float = DELAY,
        cluster_id: str = CLUSTER_ID,
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._objects = Objects()
        self._dirty: dict[tuple[str, str], None] = {}
        self._queue = WorkQueue(clock, delay)
        self._wake: Callable[[], None] = lambda: None
        self._unsubscribe: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None
        site = Site(cluster_id, cloud.region, SEEDED_VPC, certificates=_CERTIFICATES)

        def here() -> Site:
            vpc = cloud.settings.vpcs.get(SEEDED_VPC)
            return replace(site, cidrs=vpc, bare=frozenset(cloud.settings.bare))

        known, queue = self._objects, self._queue
        hand = Hand(cluster, alb.NAME, wall)
        self.alb = alb.AlbLoop(known, hand, AlbCloud(cloud, site), here, queue)
        hand = Hand(cluster, services.NAME, wall)
        self.services = services.ServiceLoop(known, hand, NlbCloud(cloud, site), here, queue)

    # -- life

    def start(self) -> None:
        """Work in the running event loop until `stop`."""
        self._task = asyncio.get_running_loop().create_task(self.run())

    def stop(self) -> None:
        """Stop working; safe to call twice."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.unwatch()

    async def run(self) -> None:
        """Work until cancelled."""
        loop = asyncio.get_running_loop()
        awake = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(awake.set)

        self._wake = wake
        self.watch()
        try:
            while True:
                started = time.perf_counter()
                self.step(_SLICE)
                await _give_way(time.perf_counter() - started)
                if self._dirty:
                    continue
                due = self._queue.next_due()
                if due is None or due > self._clock():
                    timeout = None if due is None else max(0.0, due - self._clock())
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(awake.wait(), timeout)
                awake.clear()
        finally:
            self.unwatch()

    def watch(self) -> None:
        """Begin to follow the cluster; what is there already counts as changed."""
        with self._cluster.lock:
            if self._unsubscribe is None:
                self._unsubscribe = self._cluster.store.subscribe(self._told)
            for resource in _KINDS:
                for record in self._cluster.store.records(resource):
                    self._dirty[(resource, record.key)] = None

    def unwatch(self) -> None:
        """Follow the cluster no longer."""
        with self._cluster.lock:
            if self._unsubscribe is not None:
                self._unsubscribe()
                self._unsubscribe = None

    def _told(self, event: Event) -> None:
        """Called under the cluster's lock in the thread that wrote: only take note."""
        if event.collection in _KINDS:
            self._dirty[(event.collection, event.record.key)] = None
            self._wake()

    # -- work

    def settle(self) -> None:
        """Do everything that is due, and what follows from it without waiting."""
        while self.step(float("inf")):
            pass

    def next_due(self) -> float | None:
        """When the next thing is due by the clock, or None."""
        return self._queue.next_due()

    def step(self, seconds: float) -> bool:
        """Work for about so many seconds; whether anything was done."""
        until = time.perf_counter() + seconds
        did = False
        while time.perf_counter() < until:
            if not (self._take_note() or self._do_next()):
                return did
            did = True
        return did

    def _take_note(self) -> bool:
        """Look at one object that changed."""
        with self._cluster.lock:
            if not self._dirty:
                return False
            resource, key = next(iter(self._dirty))
            del self._dirty[(resource, key)]
            kind = _KINDS[resource]
            namespace, _, name = key.rpartition("/")
            try:
                after = self._cluster.get(resource, namespace, name)
            except KeyError:  # the definition of the kind was deleted
                after = None
            before = self._objects.get(kind, key)
        if after is None:
            self._objects.remove(kind, key)
        else:
            # By far the largest part of many objects, and nothing that a controller looks at.
            after["metadata"].pop("managedFields", None)
            self._objects.put(kind, after)
        if before is not None or after is not None:
            self._guarded((kind, key), lambda: self._changed(kind, before, after))
        return True

    def _changed(self, kind: str, before: Item | None, after: Item | None) -> bool:
        self.services.changed(kind, before, after)
        self.alb.changed(kind, before, after)
        return True

    def _do_next(self) -> bool:
        key = self._queue.take()
        if key is None:
            return False
        if self._guarded(key, lambda: self._work(key)):
            self._queue.forget(key)
        else:
            self._queue.retry(key)
        return True

    def _work(self, key: Key) -> bool:
        return self.services.work(key) if self.services.handles(key) else self.alb.work(key)

    def _guarded(self, key: Key, action: Callable[[], bool]) -> bool:
        """Whether the action went well; a failure of one key must not stop the others."""
        try:
            return action()
        except Exception:  # noqa: BLE001 - told in the log; the key is tried again
            _log.exception("the controllers' stand-in failed at %s", key)
            return False


async def _give_way(took: float) -> None:
    """Let others run; when that turns out to be no formality, for twice as long as we took."""
    started = time.perf_counter()
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    if time.perf_counter() - started > _BUSY:
        await asyncio.sleep(2 * took)
