"""Objects, one revision counter, and the history that watches and pages read.

An object is kept as the bytes that go over the wire, without `kind` and `apiVersion`, plus the few
facts that lists filter by. Records are immutable, so a list can be written out page by page while
others write. The store knows no kinds and checks nothing; it is not safe for threads by itself:
`Cluster` holds a lock around it.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

import orjson

Change = Literal["ADDED", "MODIFIED", "DELETED"]
Item = dict[str, Any]
_HISTORY: Final = 20_000


class HistoryGoneError(Exception):
    """The revision asked for is older than the history; `oldest` is the first still known."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"history before revision {oldest} is gone")
        self.oldest = oldest


@dataclass(frozen=True, slots=True)
class Record:
    """A stored object.

    `tail` is its JSON after the opening brace, without kind and apiVersion; `revision` is its
    resourceVersion (0 for a dry run that created nothing). `version` is the apiVersion it was
    written in, which need not be that of today's definition ("" where nobody said).
    """

    namespace: str
    name: str
    uid: str
    revision: int
    labels: Mapping[str, str]
    tail: bytes
    version: str = ""

    @property
    def key(self) -> str:
        """Where the object is within its collection; also the order of lists."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    def item(self) -> Item:
        """The object as JSON, a fresh copy without kind and apiVersion."""
        item: Item = orjson.loads(b"{" + self.tail)
        return item

    def at(self, revision: int) -> Record:
        """The same object under another revision."""
        return record_of(self.item(), revision, self.version)


def record_of(item: Mapping[str, Any], revision: int, version: str = "") -> Record:
    """The record of an object; `revision` 0 leaves out its resourceVersion.

    `version` is told of an object that does not name its apiVersion.
    """
    metadata = dict(item["metadata"])
    if revision:
        metadata["resourceVersion"] = str(revision)
    body = {name: value for name, value in item.items() if name not in ("kind", "apiVersion")}
    body["metadata"] = metadata
    return Record(
        namespace=metadata.get("namespace", ""),
        name=metadata.get("name", ""),
        uid=metadata.get("uid", ""),
        revision=revision,
        labels=metadata.get("labels") or {},
        tail=orjson.dumps(body)[1:],
        version=sys.intern(item.get("apiVersion") or version),
    )


class Event(NamedTuple):
    """One change: `record` is the state after it (of a deletion: the last), `previous` before."""

    revision: int
    change: Change
    collection: str
    record: Record
    previous: Record | None


Subscriber = Callable[[Event], None]


@dataclass(slots=True)
class _Collection:
    keys: list[str] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    history: list[Event] = field(default_factory=list)
    forgotten: int = 0


class Store:
    """Collections of records by name.

    `observer` is called at once with every event, before the write returns; subscribers are called
    in the order of the events even when one of them writes.
    """

    def __init__(self, *, history: int = _HISTORY, observer: Subscriber | None = None) -> None:
        self.revision = 1
        self._observer = observer
        self._untold: deque[Event] = deque()
        self._telling = False
        self._collections: dict[str, _Collection] = {}
        self._limit = history
        self._subscribers: list[Subscriber] = []

    def _collection(self, name: str) -> _Collection:
        return self._collections.setdefault(name, _Collection())

    def collections(self) -> list[str]:
        """Names of collections that hold or held something."""
        return list(self._collections)

    def get(self, collection: str, key: str) -> Record | None:
        """The record at a key, or None."""
        return self._collection(collection).records.get(key)

    def count(self, collection: str) -> int:
        """How many records a collection holds."""
        return len(self._collection(collection).keys)

    def put(self, collection: str, item: Mapping[str, Any]) -> Record:
        """Store an object under the next revision and tell the subscribers."""
        self.revision += 1
        record = record_of(item, self.revision)
        held = self._collection(collection)
        previous = held.records.get(record.key)
        if previous is None:
            insort(held.keys, record.key)
        held.records[record.key] = record
        self._tell(
            Event(self.revision, "MODIFIED" if previous else "ADDED", collection, record, previous)
        )
        return record

    def remove(self, collection: str, key: str) -> Record:
        """Take an object away under the next revision; answers its last state.

        Raises:
            KeyError: there is none.
        """
        held = self._collection(collection)
        previous = held.records.pop(key)
        del held.keys[bisect_left(held.keys, key)]
        self.revision += 1
        last = previous.at(self.revision)
        self._tell(Event(self.revision, "DELETED", collection, last, previous))
        return last

    def restore(self, collection: str, record: Record) -> None:
        """Put back a record read from disk, with its revision and without an event."""
        held = self._collection(collection)
        if record.key not in held.records:
            insort(held.keys, record.key)
        held.records[record.key] = record
        self.revision = max(self.revision, record.revision)

    def discard(self, collection: str, key: str) -> None:
        """Forget a record while reading from disk, without an event."""
        held = self._collection(collection)
        if held.records.pop(key, None) is not None:
            del held.keys[bisect_left(held.keys, key)]

    def forget_history(self) -> None:
        """Forget all events so far: older revisions can be neither watched nor paged."""
        for held in self._collections.values():
            held.history.clear()
            held.forgotten = self.revision

    def _tell(self, event: Event) -> None:
        held = self._collection(event.collection)
        held.history.append(event)
        if len(held.history) > 2 * self._limit:
            held.forgotten = held.history[-self._limit - 1].revision
            del held.history[: -self._limit]
        if self._observer is not None:
            self._observer(event)
        self._untold.append(event)
        if not self._telling:
            self._tell_subscribers()

    def _tell_subscribers(self) -> None:
        self._telling = True
        try:
            while self._untold:
                event = self._untold.popleft()
                for subscriber in list(self._subscribers):
                    subscriber(event)
        finally:
            self._telling = False

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every event, in order; answers a function that ends it."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def events_after(self, collection: str, revision: int) -> list[Event]:
        """Events of a collection after a revision.

        Raises:
            HistoryGoneError: some of them are forgotten.
        """
        held = self._collection(collection)
        if revision < held.forgotten:
            raise HistoryGoneError(held.forgotten)
        return held.history[
            bisect_right(held.history, revision, key=lambda event: event.revision) :
        ]

    def records(
        self, collection: str, *, namespace: str = "", start: str = "", at: int | None = None
    ) -> list[Record]:
        """Records in the order of their keys, from `start` on, as they were at revision `at`.

        Raises:
            HistoryGoneError: the state at that revision cannot be told any more.
        """
        held = self._collection(collection)
        prefix = namespace + "/" if namespace else ""
        low = bisect_left(held.keys, max(prefix, start))
        high = bisect_left(held.keys, namespace + "0") if namespace else len(held.keys)
        keys = held.keys[low:high]
        if at is None or at >= self.revision:
            return [held.records[key] for key in keys]
        before = self._undone(collection, at)
        if not before:
            return [held.records[key] for key in keys]
        known = set(keys) | {key for key in before if key.startswith(prefix) and key >= start}
        found = (before[key] if key in before else held.records[key] for key in sorted(known))
        return [record for record in found if record is not None]

    def _undone(self, collection: str, at: int) -> dict[str, Record | None]:
        """For every key changed after a revision, what it held at that revision."""
        before: dict[str, Record | None] = {}
        for event in reversed(self.events_after(collection, at)):
            before[event.record.key] = event.previous
        return before

    def everything(self) -> Iterator[tuple[str, Record]]:
        """All records with the names of their collections."""
        for name, held in self._collections.items():
            for key in held.keys:
                yield name, held.records[key]
