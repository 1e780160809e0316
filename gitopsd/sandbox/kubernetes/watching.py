"""Watches: events after a revision, one JSON line each, until time is up or the client leaves."""

from __future__ import annotations

import asyncio
import math
import random
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from gitopsd.sandbox.kubernetes import errors, tables
from gitopsd.sandbox.kubernetes.cluster import Cluster
from gitopsd.sandbox.kubernetes.negotiation import Wanted
from gitopsd.sandbox.kubernetes.reading import item_bytes, metadata_bytes
from gitopsd.sandbox.kubernetes.resources import Resource
from gitopsd.sandbox.kubernetes.selectors import Selection
from gitopsd.sandbox.kubernetes.store import Event, HistoryGoneError, Record

_BOOKMARK_SECONDS: Final = 60.0
_LAST_BOOKMARK_SECONDS: Final = 2.0
_SHORTEST_DEFAULT: Final = 1800.0


class WatchHub:
    """Wakes the watches of one event loop when the store changes; writers may be any thread."""

    def __init__(self, cluster: Cluster) -> None:
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._guard = threading.Lock()
        self._scheduled = False
        self.closed = False
        with cluster.lock:
            self._unsubscribe = cluster.store.subscribe(self._told)

    def _told(self, _event: Event) -> None:
        with self._guard:
            if self._scheduled or self.closed:
                return
            self._scheduled = True
        self._loop.call_soon_threadsafe(self.wake)

    def wake(self) -> None:
        """Let every watch look again; called in the loop."""
        with self._guard:
            self._scheduled = False
        self._changed.set()
        self._changed = asyncio.Event()

    @property
    def changed(self) -> asyncio.Event:
        """The event that is set at the next change; take it before looking for changes."""
        return self._changed

    def close(self) -> None:
        """End all watches."""
        self.closed = True
        self._unsubscribe()
        self.wake()


@dataclass(frozen=True, slots=True)
class WatchQuery:
    """What is watched and how.

    `since` None means: begin with what exists. `initial_end` asks for the bookmark that marks the
    end of that beginning. For the first `silent` seconds nothing is told of later changes, as by a
    server that has fallen behind. Where the metadata of a list is wanted, nothing is told, as no
    event can be written so.
    """

    resource: Resource
    namespace: str
    selection: Selection
    since: int | None
    seconds: float
    bookmarks: bool
    initial_end: bool
    wanted: Wanted
    include: str = "Metadata"
    silent: float = 0.0


def default_seconds() -> float:
    """How long a watch lasts that does not say: half an hour to an hour."""
    return _SHORTEST_DEFAULT * (1 + random.random())  # noqa: S311 - spreads load, hides nothing


class Watch:
    """One watch; iterate `lines()`."""

    def __init__(self, cluster: Cluster, hub: WatchHub, query: WatchQuery) -> None:
        self._cluster = cluster
        self._hub = hub
        self._query = query
        self._columns_sent = False

    async def lines(self, gone: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Events as JSON lines; ends early when `gone` says the client left."""
        query, loop = self._query, asyncio.get_running_loop()
        deadline = loop.time() + query.seconds
        cursor = query.since
        if cursor is None:
            for line in self._beginning():
                yield line
            cursor = self._start
        bookmark_at = _next_bookmark(loop.time(), deadline) if query.bookmarks else math.inf
        await self._keep_silent(min(loop.time() + query.silent, deadline), gone)
        while not gone() and not self._hub.closed:
            changed = self._hub.changed
            try:
                events, cursor = self._events(cursor)
            except HistoryGoneError as error:
                yield self._expired(cursor, error.oldest)
                return
            for event in events:
                shown = self._line_of(event)
                if shown is not None:
                    yield shown
            now = loop.time()
            if now >= bookmark_at:
                yield self._bookmark(cursor, {})
                bookmark_at = _next_bookmark(now, deadline)
            if now >= deadline:
                return
            await _waited(changed, min(deadline, bookmark_at) - now)

    async def _keep_silent(self, until: float, gone: Callable[[], bool]) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < until and not gone() and not self._hub.closed:
            await _waited(self._hub.changed, until - loop.time())

    def _beginning(self) -> list[bytes]:
        query = self._query
        with self._cluster.lock:
            records = self._cluster.store.records(
                query.resource.collection, namespace=query.namespace
            )
            self._start = self._cluster.store.revision
        told = not query.wanted.many
        lines = [
            self._line("ADDED", record)
            for record in records
            if told and query.selection.matches(record)
        ]
        if query.initial_end:
            mark = {"annotations": {"k8s.io/initial-events-end": "true"}}
            lines.append(self._bookmark(self._start, mark))
        return lines

    def _events(self, cursor: int) -> tuple[list[Event], int]:
        """Events after a revision, and the revision up to which these are all."""
        store, collection = self._cluster.store, self._query.resource.collection
        with self._cluster.lock:
            return store.events_after(collection, cursor), max(cursor, store.revision)

    def _line_of(self, event: Event) -> bytes | None:
        query = self._query
        if query.namespace and event.record.namespace != query.namespace:
            return None
        if query.wanted.many:
            return None
        previous = event.previous
        was = previous is not None and query.selection.matches(previous)
        if event.change == "DELETED":
            return self._line("DELETED", event.record) if was else None
        now = query.selection.matches(event.record)
        if now:
            return self._line("MODIFIED" if was else "ADDED", event.record)
        if was and previous is not None:
            return self._line("DELETED", previous.at(event.revision))
        return None

    def _line(self, change: str, record: Record) -> bytes:
        query = self._query
        if query.wanted.form == "metadata":
            body = metadata_bytes(record, query.wanted.version)
        elif query.wanted.form == "table":
            body = self._row(record)
        else:
            body = item_bytes(query.resource, record)
        return b'{"type":"' + change.encode() + b'","object":' + body + b"}\n"

    def _row(self, record: Record) -> bytes:
        item = orjson.loads(item_bytes(self._query.resource, record))
        shown = tables.table(
            self._query.resource,
            [item],
            {"resourceVersion": str(record.revision)},
            self._cluster.clock().timestamp(),
            include=self._query.include,
            with_columns=not self._columns_sent,
            version=self._query.wanted.version,
        )
        self._columns_sent = True
        return orjson.dumps(shown)

    def _bookmark(self, revision: int, extra: dict[str, Any]) -> bytes:
        resource = self._query.resource
        body: dict[str, Any] = {"kind": resource.kind, "apiVersion": resource.api_version}
        wanted = self._query.wanted
        if wanted.form == "metadata" and not wanted.many:
            version = f"meta.k8s.io/{wanted.version}"
            body = {"kind": "PartialObjectMetadata", "apiVersion": version}
        metadata = {"resourceVersion": str(revision), "creationTimestamp": None, **extra}
        body.update(metadata=metadata)
        return orjson.dumps({"type": "BOOKMARK", "object": body}) + b"\n"

    @staticmethod
    def _expired(cursor: int, oldest: int) -> bytes:
        error = errors.expired(f"too old resource version: {cursor} ({oldest})")
        return orjson.dumps({"type": "ERROR", "object": error.status}) + b"\n"


def _next_bookmark(now: float, deadline: float) -> float:
    """When the next bookmark is due: in a minute, and once more just before the end."""
    last = deadline - _LAST_BOOKMARK_SECONDS
    return min(now + _BOOKMARK_SECONDS, last) if now < last else math.inf


async def _waited(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(max(seconds, 0)):
            await changed.wait()
    except TimeoutError:
        return
